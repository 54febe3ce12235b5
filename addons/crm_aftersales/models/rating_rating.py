from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class RatingRating(models.Model):
    """The opinion of a customer is the customer's: colleagues neither write nor change it.

    Core lets every employee write ratings, and hands out the token that changes one.
    """

    _name = "rating.rating"
    _inherit = ["rating.rating"]

    crm_is_readable = fields.Boolean(
        "May Be Read",
        compute="_compute_crm_is_readable",
        search="_search_crm_is_readable",
        help="Not about a case that the user may not read.",
    )

    @api.depends("res_model", "res_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_crm_is_readable(self):
        cases = self.env["crm.service.case"].sudo(False)
        about = self.filtered(lambda rating: rating.res_model == cases._name)
        found = cases.browse({rating.res_id for rating in about}).exists()
        readable = set(found._filtered_access("read").ids)
        for rating in self:
            rating.crm_is_readable = rating not in about or rating.res_id in readable

    def _search_crm_is_readable(self, operator, value):
        if operator != "in":
            return NotImplemented
        cases = self.env["crm.service.case"].sudo(False).with_context(active_test=False)
        found = Domain("res_model", "!=", cases._name)
        if cases.has_access("read"):
            found |= Domain("res_id", "in", cases._search([]))
        return Domain.OR(found if wanted else ~found for wanted in value)

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        ratings._check_case_rating()
        return ratings

    def write(self, vals):
        self._check_case_rating()
        result = super().write(vals)
        self._check_case_rating()
        return result

    def _check_case_rating(self):
        if not self.env.su and any(r.res_model == "crm.service.case" for r in self.sudo()):
            raise AccessError(self.env._("Only the customer rates a case."))
