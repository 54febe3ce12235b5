from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

ACTIVITY = "crm_grading.mail_activity_type_information"


class CrmRelationshipInformation(models.Model):
    """One piece of information of an evaluation, collected from the data, by hand, or asked of a
    colleague, for instance of sales, who sees and fills in nothing but this (E1.R3)."""

    _name = "crm.relationship.information"
    _description = "Information on a Customer"
    _inherit = ["crm.approval.line.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "evaluation_id, sequence, date desc, id"
    _rec_name = "partner_id"
    _approval_parent_field = "evaluation_id"

    evaluation_id = fields.Many2one(
        "crm.relationship.evaluation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="evaluation_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="evaluation_id.partner_id", store=True, index=True, ondelete="restrict"
    )
    date_from = fields.Date(related="evaluation_id.date_from")
    date_to = fields.Date(related="evaluation_id.date_to")
    kind = fields.Selection(
        [
            ("transaction", "Transactions"),
            ("visit", "Visits"),
            ("reception", "Receptions"),
            ("complaint", "Complaints"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
    )
    sequence = fields.Integer(compute="_compute_sequence", store=True, precompute=True)
    origin = fields.Selection(
        [("system", "From the Data"), ("person", "By Hand"), ("request", "Asked For")],
        default="person",
        required=True,
        readonly=True,
    )
    date = fields.Date()
    source = fields.Char()
    summary = fields.Text()
    res_model = fields.Char("Document Model", readonly=True)
    res_id = fields.Many2oneReference("Document", model_field="res_model", readonly=True)
    question = fields.Text(readonly=True)
    request_user_id = fields.Many2one(
        "res.users", "Asked", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    date_due = fields.Date("Wanted By", readonly=True)
    date_supplied = fields.Datetime("Supplied On", readonly=True)
    is_missing = fields.Boolean(
        "Not Yet Supplied", compute="_compute_is_missing", search="_search_is_missing"
    )

    @api.depends("kind")
    def _compute_sequence(self):
        """In the order of the paper form."""
        order = [kind for kind, _label in self._fields["kind"].selection]
        for line in self:
            line.sequence = order.index(line.kind) if line.kind else 0

    @api.depends("request_user_id", "date_supplied")
    def _compute_is_missing(self):
        for line in self:
            line.is_missing = line.request_user_id and not line.date_supplied

    def _search_is_missing(self, operator, value):
        if operator != "in":
            return NotImplemented
        missing = Domain("request_user_id", "!=", False)
        missing &= Domain("date_supplied", "=", False)
        return Domain.OR(missing if wanted else ~missing for wanted in value)

    # ------------------------------------------------------------------ locks

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {
            "origin",
            "res_model",
            "res_id",
            "question",
            "request_user_id",
            "date_due",
            "date_supplied",
        }

    def _check_approval_write(self, names):
        super()._check_approval_write(names)
        names = set(names) - self._approval_free_fields()
        if names - {"summary"} and not self.env.user.has_group("crm_service_base.group_specialist"):
            raise AccessError(self.env._("You were asked for the information only: fill in that."))

    def write(self, vals):
        """What people changed is theirs: collecting again leaves it alone."""
        result = super().write(vals)
        if not self.env.su and not {"summary", "source", "kind", "date"}.isdisjoint(vals):
            found = self.sudo().filtered(lambda line: line.origin == "system")
            found.write({"origin": "person"})
        return result

    # ------------------------------------------------------------------ requests

    def _request(self):
        """Raise the reminder of those who were asked; under ``sudo``."""
        for line in self:
            line.activity_schedule(
                ACTIVITY,
                date_deadline=line.date_due,
                summary=self.env._("Information on %s", line.partner_id.display_name),
                note=line.question,
                user_id=line.request_user_id.id,
            )

    def action_supply(self):
        """Hand in the information that was asked for; for whom was asked, and for specialists
        who got the answer by word of mouth.

        :raise UserError: nothing was filled in, or nothing was asked
        """
        self.check_access("write")
        self._check_approval_parent()
        for line in self:
            if not line.request_user_id:
                raise UserError(self.env._("Nobody was asked for this information."))
            if not (line.summary or "").strip():
                raise UserError(
                    self.env._(
                        "Fill in what you know about %s first.",
                        line.sudo().partner_id.display_name,
                    )
                )
        supplied = self.sudo()
        supplied.write(
            {"date_supplied": fields.Datetime.now(), "date": fields.Date.context_today(self)}
        )
        for line in supplied:
            line.activity_feedback([ACTIVITY], feedback=line.summary)
            line.evaluation_id.message_notify(
                partner_ids=line.evaluation_id.user_id.partner_id.ids,
                subject=self.env._("Information on %s", line.partner_id.display_name),
                body=line.summary,
            )

    def action_open_document(self):
        """Open the document the line was drawn from.

        :raise UserError: the line has none, or it is gone
        """
        self.ensure_one()
        self.check_access("read")
        document = self.res_model and self.env[self.res_model].browse(self.res_id).exists()
        if not document:
            raise UserError(self.env._("There is no document behind this line."))
        return document.get_formview_action()
