from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmCaseCategory(models.Model):
    """What a case is about, and which department answers for it."""

    _name = "crm.case.category"
    _description = "Case Category"
    _parent_store = True
    _order = "sequence, id"
    _rec_name = "complete_name"
    _rec_names_search = ["name", "parent_id.name"]

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(compute="_compute_complete_name", recursive=True)
    parent_id = fields.Many2one("crm.case.category", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("crm.case.category", "parent_id")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    department_id = fields.Many2one(
        "crm.service.department",
        "Responsible Department",
        company_dependent=True,
        domain="[('company_id', '=', current_company_id)]",
        help="Gets the complaint form first.",
    )

    @api.depends("name", "parent_id.complete_name")
    @api.depends_context("lang")
    def _compute_complete_name(self):
        for category in self:
            names = [category.parent_id.complete_name, category.name]
            category.complete_name = " / ".join(filter(None, names))

    @api.depends("complete_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        super()._compute_display_name()

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A category cannot be part of itself."))
