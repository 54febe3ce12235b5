from odoo import api, fields, models


class CrmSecurityTrainingAttendance(models.Model):
    """Who was invited to a training, came and passed."""

    _name = "crm.security.training.attendance"
    _description = "Attendance at a Training"
    _inherit = ["crm.access.mixin"]
    _order = "training_id, id"
    _rec_name = "user_id"
    _check_company_auto = True

    training_id = fields.Many2one(
        "crm.security.training", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="training_id.company_id", store=True)
    user_id = fields.Many2one(
        "res.users",
        "Person",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    is_present = fields.Boolean("Attended")
    score = fields.Float(help="Of the test, of 100.")
    is_passed = fields.Boolean("Passed")
    note = fields.Char("Remarks")

    _user_uniq = models.UniqueIndex("(training_id, user_id)", "This person is on the list already.")
    _passed_present = models.Constraint(
        "CHECK(NOT COALESCE(is_passed, FALSE) OR is_present)", "Only who attended can pass."
    )

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._check_planned()
        return rows

    def write(self, vals):
        if not self.env.su:
            self._check_planned()
        result = super().write(vals)
        if not self.env.su and "training_id" in vals:
            self.training_id.check_access("write")
            self._check_planned()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        self._check_planned()

    def _check_planned(self):
        self.sudo().training_id._check_state(("planned",))
