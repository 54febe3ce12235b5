from odoo import api, fields, models
from odoo.exceptions import AccessError


class CrmServiceCase(models.Model):
    """The special team of a complex case, and the progress that is told (D5.R3)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    is_complex = fields.Boolean(
        "Complex",
        tracking=True,
        help="A special team works on it, and the customer is told at intervals how far it is.",
    )
    special_leader_id = fields.Many2one(
        "res.users",
        "Team Leader",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    special_member_ids = fields.Many2many(
        "res.users",
        "crm_service_case_special_rel",
        "case_id",
        "user_id",
        "Special Team",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not (self.env.su or self._is_supervisor()):
            team = {"special_leader_id", "special_member_ids"}
            vals_list = [
                {name: value for name, value in vals.items() if name not in team}
                for vals in vals_list
            ]
        return super().create(vals_list)

    def _check_case_write(self, vals):
        super()._check_case_write(vals)
        if not {"special_leader_id", "special_member_ids"}.isdisjoint(vals):
            if not self._is_supervisor():
                raise AccessError(self.env._("A supervisor sets up the special team of a case."))

    def action_tell_progress(self):
        """Note that the customer was told how far it is (D5.R3)."""
        return self._open_talk("progress", self.env._("Progress Told"))
