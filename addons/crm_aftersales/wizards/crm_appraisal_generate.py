from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_service_base.tools.periods import period_before, period_of


class CrmAppraisalGenerate(models.TransientModel):
    """Appraisals of a period for whole departments at once."""

    _name = "crm.appraisal.generate"
    _description = "Make Appraisals"
    _inherit = ["crm.access.mixin"]

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    department_ids = fields.Many2many(
        "crm.service.department",
        "crm_appraisal_generate_department_rel",
        "dialog_id",
        "department_id",
        "Departments",
        required=True,
        domain="[('company_id', '=', company_id)]",
    )
    date_from = fields.Date("From", required=True, default=lambda self: self._default_period()[0])
    date_to = fields.Date("To", required=True, default=lambda self: self._default_period()[1])
    is_staff = fields.Boolean("Members of Staff", default=True)
    is_department = fields.Boolean("Departments Themselves", default=True)

    @api.model
    def _default_period(self):
        """The quarter before this one."""
        today = fields.Date.context_today(self)
        return period_before("quarterly", *period_of("quarterly", today))

    def action_generate(self):
        """Make those that are missing; what there is stays. Nobody makes his own.

        :raise AccessError: not the user's departments
        :raise UserError: nothing is missing
        """
        self.ensure_one()
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Choose one of the companies you work in."))
        values = self._prepare_missing()
        if not values:
            raise UserError(self.env._("All of them have been appraised for this period."))
        appraisals = self.env["crm.appraisal"].create(values)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_appraisal_action"
        )
        action["domain"] = [("id", "in", appraisals.ids)]
        return action

    def _prepare_missing(self):
        """:return: list of values of appraisals there are none of yet"""
        departments = self.department_ids.sudo().filtered(
            lambda department: department.company_id == self.company_id
        )
        known = (
            self.env["crm.appraisal"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("date_from", "=", self.date_from),
                    ("date_to", "=", self.date_to),
                ]
            )
        )
        basics = {
            "company_id": self.company_id.id,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "user_id": self.env.uid,
        }
        values = []
        if self.is_department:
            done = known.filtered(lambda row: row.scope == "department").department_id
            values += [
                {**basics, "scope": "department", "department_id": department.id}
                for department in departments - done
                if department.head_id != self.env.user
            ]
        if self.is_staff:
            done = known.filtered(lambda row: row.scope == "staff").person_id
            staff = departments._get_staff() - done - self.env.user
            values += [{**basics, "scope": "staff", "person_id": user.id} for user in staff]
        return values
