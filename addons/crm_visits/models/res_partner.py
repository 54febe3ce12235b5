from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    crm_visit_count = fields.Integer("Visit Count", compute="_compute_crm_service_counts")

    @api.model
    def _get_crm_service_counters(self):
        took_place = [("date_start", "!=", False), ("state", "!=", "cancelled")]
        return {
            **super()._get_crm_service_counters(),
            "crm_visit_count": ("crm.visit", took_place),
        }

    def _get_crm_visit_place(self):
        """Where the customer is visited, on one line.

        :return: str, empty where no address is known, or no customer chosen yet
        """
        if not self:
            return ""
        self.ensure_one()
        parts = (self.state_id.name, self.city, self.street, self.street2)
        if self.env.lang and self.env.lang.startswith("zh"):
            return "".join(filter(None, parts))
        return ", ".join(filter(None, reversed(parts)))

    def _get_crm_service_facts(self, date_from, date_to):
        """Adds ``visits``: contacts that took place in the period, and ``visit_satisfaction``:
        their mean service satisfaction, 1 (very poor) to 5 (good), where somebody answered."""
        facts = super()._get_crm_service_facts(date_from, date_to)
        groups = self.env["crm.visit"]._read_group(
            [
                ("commercial_partner_id", "in", self.ids),
                ("state", "in", self.env["crm.visit"]._get_done_states()),
                ("date_start", ">=", date_from),
                ("date_start", "<", fields.Date.add(date_to, days=1)),
            ],
            ["commercial_partner_id", "satisfaction_service"],
            ["__count"],
        )
        points = {"good": 5, "fair": 4, "average": 3, "poor": 2, "very_poor": 1}
        totals = {}
        for partner, answer, count in groups:
            total = totals.setdefault(partner.id, [0, 0, 0])
            total[0] += count
            if answer:
                total[1] += count
                total[2] += count * points[answer]
        for partner_id, (visits, answered, sum_points) in totals.items():
            facts[partner_id]["visits"] = visits
            if answered:
                facts[partner_id]["visit_satisfaction"] = sum_points / answered
        return facts

    def action_open_crm_visits(self):
        """The customer's visits and calls."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_visits.crm_visit_action")
        commercial = self.commercial_partner_id
        action["display_name"] = self.env._("Visits of %s", commercial.display_name)
        action["domain"] = [("commercial_partner_id", "=", commercial.id)]
        action["context"] = {"default_partner_id": self.id}
        return action
