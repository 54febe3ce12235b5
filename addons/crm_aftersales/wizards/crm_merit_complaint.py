from odoo import fields, models
from odoo.exceptions import UserError


class CrmMeritComplaint(models.TransientModel):
    """A salesperson or colleague complains about how customers were served (C1.R12)."""

    _name = "crm.merit.complaint"
    _description = "Complaint about a Colleague"
    _inherit = ["crm.access.mixin"]

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    person_id = fields.Many2one(
        "res.users",
        "Respondent",
        required=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id), ('id', '!=', uid)]",
    )
    date = fields.Date("Happened On", required=True, default=fields.Date.context_today)
    grounds = fields.Text("What Happened", required=True)

    def action_apply(self):
        """Hand it to the head of the person's department as a proposal.

        :raise UserError: about oneself, about nobody of the company, or nothing said
        """
        self.ensure_one()
        person, company = self.person_id.sudo(), self.company_id
        if person == self.env.user:
            raise UserError(self.env._("Nobody complains about himself."))
        if company not in self.env.companies:
            raise UserError(self.env._("Choose one of the companies you work in."))
        if person.share or not person.active or company not in person.company_ids:
            raise UserError(self.env._("Choose a colleague of this company."))
        if not self.grounds.strip():
            raise UserError(self.env._("Say in words what happened."))
        if self.date > fields.Date.context_today(self):
            raise UserError(self.env._("What is not yet past is no merit and no fault."))
        severity = self.env["crm.merit.severity"].sudo()._find_for_complaint(company, "minor")
        entry = self.env["crm.merit.entry"]._propose(
            person,
            company,
            kind="deduction" if severity else "criticism",
            severity_id=severity.id,
            source=self._get_source(),
            complainant_id=self.env.uid,
            is_proposal=True,
            date=self.date,
            grounds=self.grounds,
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Your complaint went to whom it concerns under number %s; you will hear what "
                    "became of it.",
                    entry.name,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _get_source(self):
        is_sales = self.env.user.has_group("sales_team.group_sale_salesman")
        return "sales" if is_sales else "colleague"
