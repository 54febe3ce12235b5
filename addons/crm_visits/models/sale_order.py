from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    crm_visit_id = fields.Many2one(
        "crm.visit", "Visit", readonly=True, index="btree_not_null", ondelete="set null", copy=False
    )
    crm_is_project = fields.Boolean(
        "Project", help="Delivered as a project: visited by its age (C3.R9)."
    )
    crm_visit_ids = fields.One2many("crm.visit", "order_id", "Project Visits")
    crm_visit_count = fields.Integer("Visit Count", compute="_compute_crm_visit_count")

    _crm_project_idx = models.Index("(partner_id) WHERE crm_is_project")

    def _compute_crm_visit_count(self):
        counts = dict(
            self.env["crm.visit"]._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.crm_visit_count = counts.get(order, 0)

    def action_open_crm_visits(self):
        """The project's visit file."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_visits.crm_visit_action")
        action["display_name"] = self.env._("Visit File of %s", self.name)
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {
            "default_partner_id": self.partner_id.id,
            "default_order_id": self.id,
        }
        return action
