from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.sql import column_exists, create_column


class CrmCustomerPromise(models.Model):
    """A promise is chosen from the commitments in force, or it is flagged (C1.R4)."""

    _name = "crm.customer.promise"
    _inherit = ["crm.customer.promise"]

    case_id = fields.Many2one(
        "crm.service.case",
        "Made on Case",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    commitment_id = fields.Many2one(
        "crm.service.commitment",
        "Out of Commitment",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        domain="[('is_tellable', '=', True), ('company_id', '=', company_id)]",
        help="What was promised is chosen from what the company has committed itself to. Without "
        "one the promise goes beyond it, and the head of the department is told.",
    )
    is_beyond_commitment = fields.Boolean(
        "Beyond Commitments", compute="_compute_is_beyond_commitment", store=True
    )

    def _auto_init(self):
        # what was promised before there were commitments is no fault of anybody
        if not column_exists(self.env.cr, self._table, "is_beyond_commitment"):
            create_column(self.env.cr, self._table, "is_beyond_commitment", "boolean")
        return super()._auto_init()

    @api.depends("visit_id", "case_id")
    def _compute_partner_id(self):
        super()._compute_partner_id()
        for promise in self.filtered(lambda promise: not promise.partner_id):
            promise.partner_id = promise.case_id.partner_id

    @api.depends("commitment_id")
    def _compute_is_beyond_commitment(self):
        for promise in self:
            promise.is_beyond_commitment = not promise.commitment_id

    @api.constrains("case_id", "partner_id")
    def _check_case(self):
        for promise in self.filtered("case_id"):
            case = promise.case_id.sudo()
            if case.commercial_partner_id != promise.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "Promise %(promise)s is to another customer than case %(case)s.",
                        promise=promise.name,
                        case=case.name,
                    )
                )

    @api.constrains("commitment_id", "date_promised", "company_id")
    def _check_commitment(self):
        for promise in self.filtered("commitment_id"):
            commitment = promise.commitment_id.sudo()
            begins, ends = commitment.date_from, commitment.date_retired or commitment.date_to
            day = promise.date_promised
            is_approved = commitment.state in ("in_force", "retired")
            is_told = commitment.audience == "explicit" and commitment.scope == "external"
            in_time = (not begins or begins <= day) and (not ends or day <= ends)
            if not (is_approved and is_told and in_time):
                raise ValidationError(
                    self.env._(
                        "“%s” is no commitment that may be promised to customers on this day. "
                        "Choose another, or leave it empty.",
                        commitment.title,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create(vals_list)
        promises.filtered("is_beyond_commitment")._tell_beyond()
        return promises

    def write(self, vals):
        before = self.filtered("is_beyond_commitment") if "commitment_id" in vals else self
        result = super().write(vals)
        if "commitment_id" in vals:
            (self.filtered("is_beyond_commitment") - before)._tell_beyond()
        return result

    def _tell_beyond(self):
        """Tell the head of the department of promises beyond the commitments in force."""
        for promise in self.sudo():
            promise._notify_promise(
                promise._get_escalation_users() - self.env.user,
                self.env._("Promised beyond our commitments: %s", promise.partner_id.display_name),
            )

    def action_open_case(self):
        """The case on which this was promised."""
        self.ensure_one()
        return self.case_id._get_records_action()
