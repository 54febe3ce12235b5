from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class CrmCustomerGrade(models.Model):
    """How often customers of a grade are seen is a cadence rule, shown and set in the table."""

    _inherit = "crm.customer.grade"

    cadence_ids = fields.One2many(
        "crm.visit.cadence",
        "policy_grade_id",
        "Cadence Rule",
        readonly=True,
        context={"active_test": False},
    )
    visit_interval_number = fields.Integer(
        "Visited Every",
        compute="_compute_visit_interval",
        inverse="_inverse_visit_interval",
        help="0: by the other cadence rules.",
    )
    visit_interval_unit = fields.Selection(
        selection="_selection_visit_interval_unit",
        compute="_compute_visit_interval",
        inverse="_inverse_visit_interval",
    )

    @api.depends("cadence_ids.active", "cadence_ids.interval_number", "cadence_ids.interval_unit")
    def _compute_visit_interval(self):
        for grade in self:
            cadence = grade.cadence_ids
            grade.visit_interval_number = cadence.active and cadence.interval_number
            grade.visit_interval_unit = cadence.interval_unit or "month"

    def _inverse_visit_interval(self):
        for grade in self:
            number, unit = grade.visit_interval_number, grade.visit_interval_unit
            if number < 0:
                raise UserError(self.env._("The visit interval of a grade cannot be negative."))
            grade.sudo()._set_cadence(number, unit or "month")

    def _set_cadence(self, number, unit):
        """Make, change or archive the rule; called with ``sudo`` on one grade."""
        cadence = self.cadence_ids
        if not number:
            cadence.active = False
        elif cadence:
            cadence.write({"active": True, "interval_number": number, "interval_unit": unit})
        else:
            cadence.create(self._prepare_cadence_values(number, unit))

    def _prepare_cadence_values(self, number, unit):
        """The rule of a grade; it comes before those that do not ask for the grade.

        :return: dict
        """
        return {
            "name": self.env._("Grade %s", self.name),
            "sequence": 5,
            "policy_grade_id": self.id,
            "grade_ids": [Command.set(self.ids)],
            "interval_number": number,
            "interval_unit": unit,
        }

    @api.model
    def _selection_visit_interval_unit(self):
        field = self.env["crm.visit.cadence"]._fields["interval_unit"]
        return field._description_selection(self.env)
