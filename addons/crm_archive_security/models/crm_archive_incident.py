from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmArchiveIncident(models.Model):
    """泄密事件: a leak or a suspected one, from the first word to the lesson learned (A2.R27).

    Anybody in the company reports; the general manager is told at once and closes. In between it
    is contained within the time limit, the persons concerned are told, and cause, remedy and
    lesson are written down.
    """

    _name = "crm.archive.incident"
    _description = "Security Incident"
    _inherit = ["crm.service.moved.mixin"]
    _order = "date_reported desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "subject"]

    _stamps = (
        "date_contained",
        "date_handled",
        "date_closed",
        "closed_by_id",
        "date_told",
    )
    _editable_states = ("reported", "contained")

    subject = fields.Char("What Happened", required=True)
    description = fields.Text("Details", help="Who, when, how it came to light. No secrets here.")
    kind = fields.Selection(
        [
            ("leak", "Leak"),
            ("suspected", "Suspected Leak"),
            ("loss", "Loss of Documents or Devices"),
            ("access", "Access without Permission"),
            ("other", "Other"),
        ],
        required=True,
        default="suspected",
        index=True,
    )
    severity = fields.Selection(
        [("minor", "Minor"), ("serious", "Serious"), ("grave", "Grave")], default="serious"
    )
    state = fields.Selection(
        [
            ("reported", "Reported"),
            ("contained", "Contained"),
            ("handled", "Handled"),
            ("closed", "Closed"),
        ],
        required=True,
        default="reported",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    reporter_id = fields.Many2one(
        "res.users", "Reported By", readonly=True, copy=False, index=True, ondelete="restrict"
    )
    date_reported = fields.Datetime("Reported On", readonly=True, copy=False)
    date_found = fields.Datetime("Noticed On", required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(string="Handled By", default=False)
    archive_ids = fields.Many2many(
        "crm.archive",
        "crm_archive_incident_archive_rel",
        "incident_id",
        "archive_id",
        "Archives Concerned",
        check_company=True,
    )
    containment = fields.Text(
        "Immediate Measures", help="What was done at once so that it goes no further."
    )
    date_deadline = fields.Datetime(
        "Contain Until", compute="_compute_date_deadline", store=True, precompute=True
    )
    date_contained = fields.Datetime("Contained On", readonly=True, copy=False)
    date_exposed_from = fields.Datetime("Exposed From")
    date_exposed_to = fields.Datetime("Exposed Until")
    scope = fields.Text(help="What went to whom; the register of readings is a start.")
    person_ids = fields.One2many("crm.archive.incident.person", "incident_id", "Persons to Be Told")
    is_authority_needed = fields.Boolean("To Be Reported to the Authority")
    date_authority = fields.Date("Authority Told On")
    cause = fields.Text()
    remedy = fields.Text("Remedy and Consequences")
    lesson = fields.Text("Lesson Learned")
    outcome = fields.Selection([("confirmed", "Confirmed"), ("unfounded", "Unfounded")], copy=False)
    date_handled = fields.Datetime("Handled On", readonly=True, copy=False)
    date_closed = fields.Datetime("Closed On", readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    date_told = fields.Datetime("Delay Reported On", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Not Contained in Time", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _exposure_in_order = models.Constraint(
        "CHECK(date_exposed_to >= date_exposed_from)", "The exposure cannot end before it began."
    )

    @api.depends("date_reported", "company_id")
    def _compute_date_deadline(self):
        for incident in self:
            hours = timedelta(hours=incident.company_id.crm_incident_hours)
            start = incident.date_reported or fields.Datetime.now()
            incident.date_deadline = start + hours

    @api.depends("state", "date_deadline")
    def _compute_is_overdue(self):
        overdue = self.filtered_domain(self._get_overdue_domain())
        for incident in self:
            incident.is_overdue = incident in overdue

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_overdue_domain()
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    @api.model
    def _get_overdue_domain(self):
        now = fields.Datetime.now()
        return Domain("state", "=", "reported") & Domain("date_deadline", "<", now)

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for incident in self:
            incident.display_name = " · ".join(filter(None, [incident.name, incident.subject]))

    # ------------------------------------------------------------------ report

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {
            "reporter_id": self.env.uid,
            "date_reported": fields.Datetime.now(),
        }

    @api.model_create_multi
    def create(self, vals_list):
        incidents = super().create(vals_list)
        incidents.sudo()._tell_at_once()
        return incidents

    def _tell_at_once(self):
        """The general manager knows of it with the report, and service management (A2.R27)."""
        for incident in self:
            general = incident._get_office("crm_service_base.group_general_manager")
            managers = incident._get_office("crm_service_base.group_manager")
            for user in general or managers:
                # the notice below says it, once
                incident.with_context(mail_activity_quick_update=True).activity_schedule(
                    "mail.mail_activity_data_warning",
                    user_id=user.id,
                    summary=self.env._("Leak reported: decide what is done now"),
                )
            incident._tell(
                (general | managers) - incident.reporter_id,
                self.env._("Security incident: %s", incident.display_name),
                incident.description or incident.subject,
            )

    def _get_office(self, group):
        """:return: ``res.users`` of a group in the company of the incident"""
        self.ensure_one()
        users = self.env.ref(group).sudo().all_user_ids
        return users.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reported(self):
        raise UserError(
            self.env._("Incidents are kept: handle and close it, unfounded ones as well.")
        )

    def _can_file(self):
        return super()._can_file() and self.state == "closed"

    # ------------------------------------------------------------------ buttons

    def action_contain(self):
        """It goes no further: say what was done at once.

        :raise UserError: contained already, or no measures
        """
        self._begin(("reported",))
        for incident in self:
            if not (incident.containment or "").strip():
                raise UserError(
                    self.env._("Write which immediate measures were taken for %s.", incident.name)
                )
        self.sudo().write({"state": "contained", "date_contained": fields.Datetime.now()})

    def action_take_scope(self):
        """Take from the register who read the archives while they were exposed.

        :raise UserError: handled already, or it does not say which archives and since when
        """
        self._begin(self._editable_states)
        for incident in self.sudo():
            if not incident.archive_ids or not incident.date_exposed_from:
                raise UserError(
                    self.env._("Enter the archives concerned and from when they were exposed.")
                )
            lines = [incident._get_entry_text(entry) for entry in incident._get_entries()]
            text = "\n".join(lines) or self.env._("The register shows no reading in this time.")
            incident.scope = "\n".join(filter(None, [incident.scope, text]))

    def _get_entries(self):
        """:return: ``crm.archive.access`` of the archives concerned in the time of exposure"""
        domain = Domain("archive_id", "in", self.archive_ids.ids)
        domain &= Domain("date", ">=", self.date_exposed_from)
        if self.date_exposed_to:
            domain &= Domain("date", "<=", self.date_exposed_to)
        return self.env["crm.archive.access"].search(domain, order="date, id")

    def _get_entry_text(self, entry):
        kind = dict(entry._fields["kind"]._description_selection(self.env))[entry.kind]
        refused = self.env._("refused") if entry.is_refused else False
        moment = format_datetime(self.env, entry.date, dt_format="short")
        parts = [moment, entry.user_name, entry.archive_name, entry.item_name, kind, refused]
        return " · ".join(filter(None, parts))

    def action_handle(self):
        """Everything is done that can be done: hand it to the general manager.

        :raise UserError: something is missing; the sentence names it
        """
        self._begin(("contained",))
        for incident in self:
            incident._check_handled()
        self.sudo().write({"state": "handled", "date_handled": fields.Datetime.now()})

    def _check_handled(self):
        if not self.outcome:
            raise UserError(self.env._("Say whether %s was confirmed or unfounded.", self.name))
        needed = ["cause", "remedy", "lesson"] if self.outcome == "confirmed" else ["cause"]
        for name in needed:
            if not (self[name] or "").strip():
                raise UserError(
                    self.env._(
                        "Fill in “%(field)s” of %(incident)s.",
                        field=self._fields[name]._description_string(self.env),
                        incident=self.name,
                    )
                )
        if untold := self.person_ids.filtered(lambda person: not person.date_told):
            raise UserError(
                self.env._("%s has not been told yet.", untold[0].partner_id.display_name)
            )
        if self.is_authority_needed and not self.date_authority:
            raise UserError(self.env._("Enter when the authority was told of %s.", self.name))

    def action_close(self):
        """The general manager closes what was handled.

        :raise AccessError: another office
        """
        self._check_general_manager()
        self._lock()
        self._check_state(("handled",))
        self.sudo().write(
            {
                "state": "closed",
                "date_closed": fields.Datetime.now(),
                "closed_by_id": self.env.uid,
            }
        )
        self.sudo().activity_ids.unlink()

    def action_return(self):
        """The general manager wants more to be done."""
        self._check_general_manager()
        self._lock()
        self._check_state(("handled",))
        self.sudo().write({"state": "contained", "date_handled": False})

    def _check_general_manager(self):
        self.check_access("read")
        if not self.env.user.has_group("crm_service_base.group_general_manager"):
            raise AccessError(self.env._("Only the general manager closes security incidents."))
        if any(incident.user_id == self.env.user for incident in self.sudo()):
            raise AccessError(self.env._("Whoever handled an incident does not close it."))

    def _begin(self, states):
        self.check_access("write")
        self._lock()
        self._check_state(states)

    # ------------------------------------------------------------------ scheduled

    @api.model
    def _cron_report_overdue(self):
        """Tell general manager and handler once of what is not contained in time."""
        domain = self._get_overdue_domain() & Domain("date_told", "=", False)
        late = self.search(domain, order="date_deadline, id")
        self.env["ir.cron"]._crm_each(late, lambda rows: rows._report_overdue())

    def _report_overdue(self):
        for incident in self:
            incident.date_told = fields.Datetime.now()
            users = incident._get_office("crm_service_base.group_general_manager")
            users |= incident.user_id | incident._get_office("crm_service_base.group_manager")
            subject = self.env._("Not contained in time: %s", incident.display_name)
            incident._tell(users, subject, incident.description or incident.subject)
