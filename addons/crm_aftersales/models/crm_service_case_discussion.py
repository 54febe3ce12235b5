from odoo import fields, models


class CrmServiceCase(models.Model):
    """Grave problems are discussed, several cases at once (D6.R4)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    discussion_count = fields.Integer(compute="_compute_discussion_count")

    def _compute_discussion_count(self):
        groups = self.env["crm.case.discussion"]._read_group(
            [("case_ids", "in", self.ids)], ["case_ids"], ["__count"]
        )
        counts = dict(groups)
        for case in self:
            case.discussion_count = counts.get(case._origin, 0)

    def action_open_discussions(self):
        """The discussions of the case."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_case_discussion_action"
        )
        action["domain"] = [("case_ids", "in", self.ids)]
        return action

    def action_new_discussion(self):
        """Discuss these cases: a new discussion, filled in as far as they agree."""
        self.check_access("read")
        product = self.product_id if len(self.product_id) == 1 else self.product_id.browse()
        category = self.category_id if len(self.category_id) == 1 else self.category_id.browse()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Internal Discussion"),
            "res_model": "crm.case.discussion",
            "view_mode": "form",
            "context": {
                "default_subject": self[:1].subject,
                "default_case_ids": self.ids,
                "default_product_id": product.id,
                "default_category_id": category.id,
                "default_company_id": self[:1].company_id.id,
            },
        }
