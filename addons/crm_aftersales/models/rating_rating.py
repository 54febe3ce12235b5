from odoo import api, models
from odoo.exceptions import AccessError


class RatingRating(models.Model):
    """The opinion of a customer is the customer's: colleagues neither write nor change it.

    Core lets every employee write ratings, and hands out the token that changes one.
    """

    _name = "rating.rating"
    _inherit = ["rating.rating"]

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
