from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmVisitCadence(models.Model):
    """How often which customers are seen (B3.R1, C3.R9).

    The first rule that fits counts; for key customers the strictest of those that fit, so that
    neither a grade nor an old cooperation makes anybody see them less often.
    """

    _name = "crm.visit.cadence"
    _description = "Visit Cadence"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for every company.")
    applies_to = fields.Selection(
        [("customer", "Customers"), ("project", "Projects")],
        required=True,
        default="customer",
        help="Projects are confirmed orders marked as such, and customers with a cooperation date.",
    )
    customer_class = fields.Selection(
        [("key", "Key Customer"), ("ordinary", "Ordinary Customer")],
        help="Customers without a class count as ordinary.",
    )
    grade_ids = fields.Many2many("crm.customer.grade", string="Grades")
    customer_type_ids = fields.Many2many("crm.customer.type", string="Customer Types")
    region_ids = fields.Many2many(
        "crm.service.region", string="Regions", help="With the regions that lie in them."
    )
    age_from = fields.Integer("Project Age From", help="In months, this one included.")
    age_to = fields.Integer("Project Age To", help="In months, this one excluded; 0 for no end.")
    interval_number = fields.Integer("Every", required=True, default=1)
    interval_unit = fields.Selection(
        [("day", "Days"), ("week", "Weeks"), ("month", "Months")], required=True, default="month"
    )
    method_id = fields.Many2one(
        "crm.visit.method",
        "Planned Method",
        help="Visits planned by this rule use it; empty for the plan's own.",
        ondelete="restrict",
    )
    counted_method_ids = fields.Many2many(
        "crm.visit.method",
        "crm_visit_cadence_counted_method_rel",
        "cadence_id",
        "method_id",
        "Methods That Count",
        help="Empty: every visit, call or reception counts as contact.",
    )

    _interval_positive = models.Constraint(
        "CHECK(interval_number > 0)", "The interval must be at least one."
    )

    @api.constrains("age_from", "age_to")
    def _check_age(self):
        for cadence in self:
            if cadence.age_from < 0 or (cadence.age_to and cadence.age_to <= cadence.age_from):
                raise ValidationError(
                    self.env._(
                        "Cadence “%s”: the project age must end after it begins.", cadence.name
                    )
                )

    @api.depends("name", "interval_number", "interval_unit")
    @api.depends_context("lang")
    def _compute_display_name(self):
        units = dict(self._fields["interval_unit"]._description_selection(self.env))
        for cadence in self:
            unit = units.get(cadence.interval_unit, "")
            cadence.display_name = self.env._(
                "%(name)s (%(number)s %(unit)s)",
                name=cadence.name,
                number=cadence.interval_number,
                unit=unit,
            )

    def _get_interval(self):
        """The rule's interval.

        :return: keyword arguments for ``relativedelta`` / ``fields.Date.add``
        """
        self.ensure_one()
        return {f"{self.interval_unit}s": self.interval_number}
