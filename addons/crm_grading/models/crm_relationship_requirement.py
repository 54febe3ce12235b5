from odoo import api, fields, models

KINDS = [("strategy", "Customer Strategy"), ("service", "Service Requirement")]


class CrmRelationshipRequirement(models.Model):
    """What the customer strategy and the service rules ask of a relationship (E1.F2)."""

    _name = "crm.relationship.requirement"
    _description = "Relationship Requirement"
    _order = "kind desc, sequence, id"

    name = fields.Char("Requirement", required=True, translate=True)
    kind = fields.Selection(KINDS, required=True, default="service")
    sequence = fields.Integer(default=10)
    weight = fields.Float(default=1, help="How much it counts in the score of an evaluation.")
    fact = fields.Selection(
        "_selection_fact",
        "Measured By",
        help="The figure that is compared with the target when information is collected. "
        "Without one, people judge.",
    )
    target = fields.Float()
    is_maximum = fields.Boolean("At Most", help="The figure may not exceed the target.")
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to serve every company."
    )
    active = fields.Boolean(default=True)

    _weight_positive = models.Constraint("CHECK (weight > 0)", "A weight must be above zero.")

    @api.model
    def _selection_fact(self):
        return list(self.env["res.partner"]._get_relationship_fact_labels().items())

    def _judge(self, value):
        """What a figure says about the requirement; a proposal for people.

        :param value: the figure, ``None`` where nobody knows it
        :return: ``met``, ``partly`` (at least half of the target, or at most double), ``not_met``
            or False
        """
        self.ensure_one()
        if value is None:
            return False
        if self.is_maximum:
            limits = ((self.target, "met"), (2 * self.target, "partly"))
            return next((result for limit, result in limits if value <= limit), "not_met")
        limits = ((self.target, "met"), (self.target / 2, "partly"))
        return next((result for limit, result in limits if value >= limit), "not_met")
