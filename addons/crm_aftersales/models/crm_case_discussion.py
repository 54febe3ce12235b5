from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmCaseDiscussion(models.Model):
    """Internal discussion of a grave problem that customers told us, with minutes (D6.R4).

    The minutes are final with ``action_hold``: measures become to-dos with a term, the owners of
    the cases are asked to give their customers the answer. It ends when all measures are done.
    """

    _name = "crm.case.discussion"
    _description = "Internal Discussion"
    _inherit = ["crm.service.paper.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    _stamps = ("date_done",)
    _editable_states = ("planned",)

    user_id = fields.Many2one(string="Chair", required=True)
    case_ids = fields.Many2many(
        "crm.service.case",
        "crm_case_discussion_case_rel",
        "discussion_id",
        "case_id",
        "Cases",
        ondelete="restrict",
        check_company=True,
    )
    case_references = fields.Text(
        "About Cases", compute="_compute_case_references", compute_sudo=True
    )
    product_id = fields.Many2one(
        "product.product", index="btree_not_null", ondelete="restrict", check_company=True
    )
    category_id = fields.Many2one("crm.case.category", index="btree_not_null", ondelete="restrict")
    date = fields.Datetime("Held On", required=True, default=fields.Datetime.now, index=True)
    place = fields.Char()
    participant_ids = fields.Many2many(
        "res.users",
        "crm_case_discussion_participant_rel",
        "discussion_id",
        "user_id",
        "Participants",
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    guests = fields.Char(help="People from outside: supplier, laboratory …")
    cause = fields.Text("Cause Found")
    minutes = fields.Text(help="Who said what, as it went.")
    solution = fields.Text()
    answer = fields.Text("Answer to Customers", help="What the customers are told.")
    measure_ids = fields.One2many(
        "crm.case.discussion.measure", "discussion_id", "Measures", copy=True
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("held", "Held"),
            ("done", "Measures Done"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="planned",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_done = fields.Datetime("Finished On", readonly=True, copy=False)

    @api.depends("case_ids")
    def _compute_case_references(self):
        for discussion in self:
            names = discussion.case_ids.mapped("display_name")
            discussion.case_references = "\n".join(filter(None, names))

    # ------------------------------------------------------------------ the way of a discussion

    def action_invite(self):
        """Tell the participants when and where."""
        self.check_access("write")
        self._check_state(("planned",))
        for discussion in self:
            discussion._notify_participants(
                self.env._("Invitation: %s", discussion.display_name), discussion._get_invitation()
            )

    def _get_invitation(self):
        lines = [format_datetime(self.env, self.date), self.place, self.case_references]
        return "\n".join(filter(None, lines))

    def _notify_participants(self, subject, body):
        self.message_subscribe(self.participant_ids.partner_id.ids)
        self._tell(self.participant_ids - self.env.user, subject, body)

    def action_hold(self):
        """Make the minutes final: measures are to do, the customers are to be answered.

        :raise UserError: something is missing
        """
        self.check_access("write")
        self._check_state(("planned",))
        for discussion in self:
            discussion._check_minutes()
        for discussion in self.sudo():
            discussion.state = "held"
            discussion.measure_ids._schedule()
            discussion._tell_cases()
            discussion._notify_participants(
                self.env._("Minutes: %s", discussion.display_name), discussion.minutes
            )
            discussion._finish_if_done()

    def _check_minutes(self):
        """:raise UserError: a sentence that names what is missing"""
        if self.date > fields.Datetime.now():
            raise UserError(self.env._("Minutes are written after the discussion."))
        if not self.case_ids:
            raise UserError(self.env._("Name the cases that were discussed."))
        if len(self.participant_ids) < 2:
            raise UserError(self.env._("Name the participants."))
        for name in ("cause", "minutes", "solution", "answer"):
            if not (self[name] or "").strip():
                caption = self._fields[name]._description_string(self.env)
                raise UserError(self.env._("Fill in “%s” first.", caption))

    def _tell_cases(self):
        """The cases know the solution, their owners what to answer."""
        for case in self.case_ids:
            case._message_log(
                body=self.env._(
                    "Discussed in %(name)s: %(solution)s",
                    name=self.display_name,
                    solution=self.solution,
                )
            )
            if case.user_id.active and case.state in ("open", "solved"):
                case.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=case.user_id.id,
                    summary=self.env._("Give the customer the answer"),
                    note=self.answer,
                )

    def _finish_if_done(self):
        """Discussions whose measures are all done are finished."""
        for discussion in self.sudo().filtered(lambda discussion: discussion.state == "held"):
            if all(measure.is_done for measure in discussion.measure_ids):
                discussion.write({"state": "done", "date_done": fields.Datetime.now()})

    def action_cancel(self):
        """The discussion does not take place."""
        self.check_access("write")
        self._check_state(("planned",))
        self.sudo().state = "cancelled"

    def action_open_cases(self):
        """The cases that were discussed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_case_action"
        )
        action["domain"] = [("id", "in", self.case_ids.ids)]
        action["context"] = {}
        return action
