from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_datetime


class CrmVisit(models.Model):
    """Start and finish: one visit at a time, and where it was, if the phone tells."""

    _name = "crm.visit"
    _inherit = ["crm.visit"]

    presence_ids = fields.One2many(
        "crm.visit.presence",
        "visit_id",
        readonly=True,
        groups="crm_service_base.group_specialist,crm_service_base.group_auditor",
    )

    _in_progress_uniq = models.UniqueIndex(
        "(user_id) WHERE state = 'in_progress' AND direction = 'outbound'",
        "This person is in another visit already: finish or cancel that one first.",
    )

    def _approval_free_fields(self):
        return super()._approval_free_fields() | {"presence_ids"}

    def _get_server_fields(self):
        return super()._get_server_fields() | {"presence_ids"}

    def action_start(self):
        """Also refuses a second visit at the same time, and asks the phone where it is.

        :raise UserError: somebody who goes is still in another visit
        """
        self.check_access("write")
        for visit in self:
            visit._check_nobody_busy()
            super(CrmVisit, visit).action_start()
        return self._take_position("start", False)

    def action_finish(self):
        """Also asks the phone where it is."""
        started = self.filtered(lambda visit: visit.state == "in_progress")
        return started._take_position("finish", super().action_finish())

    # ------------------------------------------------------------------ one at a time

    def _check_nobody_busy(self):
        """Nobody is in two visits at once; who comes or calls is taken whenever they do."""
        self.ensure_one()
        if self.direction == "inbound":
            return
        people = self.user_id | self.visitor_ids
        people._take_turns()
        busy = self.sudo().search(self._get_busy_domain(people), order="date_checkin", limit=1)
        if busy:
            raise UserError(self._get_busy_message(busy, people))

    def _get_busy_domain(self, people):
        """Visits of these people that are under way.

        :param people: ``res.users`` who go on this visit
        """
        return (
            Domain("state", "=", "in_progress")
            & Domain("direction", "=", "outbound")
            & Domain("id", "!=", self.id)
            & (Domain("user_id", "in", people.ids) | Domain("visitor_ids", "in", people.ids))
        )

    def _get_busy_message(self, busy, people):
        person = (busy.user_id | busy.visitor_ids) & people
        since = busy.date_checkin or busy.date_start
        return self.env._(
            "%(person)s is still in visit %(visit)s, since %(time)s. Open that visit and press "
            "Finish, or cancel it, before you start this one.",
            person=person[:1].name,
            visit=busy.display_name,
            time=format_datetime(self.env, since, dt_format="MM-dd HH:mm"),
        )

    # ------------------------------------------------------------------ where

    def _take_position(self, kind, action):
        """Note who pressed the button, and let the phone say where.

        Works without any answer: the visit has started or finished already.

        :param str kind: ``start`` or ``finish``
        :param action: what is shown next, may be False
        :return: action
        """
        presences = self._create_presences(kind)
        if len(presences) != 1:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "crm_visits_take_position",
            "params": {
                "presence_id": presences.id,
                "notice": presences._get_notice(),
                "next": action or False,
            },
        }

    def _create_presences(self, kind):
        visits = self.filtered(lambda visit: visit._is_position_asked())
        return (
            self.env["crm.visit.presence"]
            .sudo()
            .create([visit._prepare_presence_values(kind) for visit in visits])
            .sudo(False)
        )

    def _is_position_asked(self):
        """Whether the method asks where the visit takes place, and the user is who goes."""
        people = self.user_id | self.visitor_ids
        return self.method_id.is_position_asked and self.env.user in people

    def _prepare_presence_values(self, kind):
        return {
            "visit_id": self.id,
            "user_id": self.env.uid,
            "department_id": self.department_id.id,
            "company_id": self.company_id.id,
            "kind": kind,
            "date": fields.Datetime.now(),
        }
