from datetime import UTC, datetime, time

from odoo import api, fields, models
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    # ------------------------------------------------------------------ what others ask

    @api.model
    def _get_relationship_evaluation(self, partners, date):
        """The last approved evaluation of each customer; the grade declaration asks for it.

        :param partners: ``res.partner`` of one company's view (``self.env.company``)
        :param date date: evaluations of periods that ended by then count
        :return: ``{partner id: dict}`` of partners that have one, with ``evaluation`` (record),
            ``date`` (last day of its period), ``score`` (0 to 100), ``result`` (``strong``,
            ``normal``, ``weak`` or ``risk``) and ``grade`` (``crm.customer.grade``, may be empty)
        """
        found = self.env["crm.relationship.evaluation"].search(
            [
                ("commercial_partner_id", "in", partners.commercial_partner_id.ids),
                ("company_id", "=", self.env.company.id),
                ("state", "=", "approved"),
                ("date_to", "<=", date),
            ],
            order="date_to, id",
        )
        latest = {evaluation.commercial_partner_id: evaluation for evaluation in found}
        return {
            partner.id: {
                "evaluation": evaluation,
                "date": evaluation.date_to,
                "score": evaluation.score,
                "result": evaluation.result,
                "grade": evaluation.proposed_grade_id,
            }
            for partner in partners
            if (evaluation := latest.get(partner.commercial_partner_id))
        }

    # ------------------------------------------------------------------ facts

    @api.model
    def _get_relationship_fact_labels(self):
        """Facts that requirements and reports know, in their order of display.

        An addon that adds a fact to ``_get_crm_service_facts`` names it here with ``super()``;
        facts without a name are not shown.

        :return: dict of fact to label in the user's language
        """
        return {
            **self._get_relationship_own_facts(),
            "visits": self.env._("Visits"),
            "visit_satisfaction": self.env._("Satisfaction at visits (1 to 5)"),
            "complaints": self.env._("Complaints"),
        }

    @api.model
    def _get_relationship_own_facts(self):
        return {
            "orders": self.env._("Orders"),
            "order_amount": self.env._("Order amount"),
            "order_growth": self.env._("Growth of the order amount (%)"),
            "contacts": self.env._("Contacts"),
        }

    def _get_relationship_facts(self, date_from, date_to):
        """What a period says of these customers: the facts of all addons, orders and contacts.

        Confirmed orders of ``self.env.company`` are counted whoever may read them: their number
        and sum belong to the evaluation.

        :param date date_from: first day, in the user's time zone
        :param date date_to: last day
        :return: ``{partner id: {fact: value}}``; amounts in the company's currency;
            ``date_last_order`` beside them
        """
        facts = self._get_crm_service_facts(date_from, date_to)
        for partner_id, values in self._read_relationship_orders(date_from, date_to).items():
            facts[partner_id] |= values
        for partner_id, count in self._count_relationship_contacts(date_from, date_to).items():
            facts[partner_id]["contacts"] = count
        for values in facts.values():
            values.setdefault("orders", 0)
            values.setdefault("order_amount", 0.0)
            values.setdefault("contacts", 0)
        return facts

    @api.model
    def _get_relationship_times(self, date_from, date_to):
        """Days in the user's time zone as times.

        :return: start of the first day and end of the last, naive UTC
        """
        days = (date_from, fields.Date.add(date_to, days=1))
        return [
            self.env.tz.localize(datetime.combine(day, time())).astimezone(UTC).replace(tzinfo=None)
            for day in days
        ]

    def _read_relationship_orders(self, date_from, date_to):
        if not self:
            return {}
        self.env["sale.order"].flush_model()
        start, end = self._get_relationship_times(date_from, date_to)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.commercial_partner_id, count(*),
                       sum(o.amount_total / coalesce(nullif(o.currency_rate, 0), 1)),
                       max(o.date_order)
                  FROM sale_order o
                  JOIN res_partner p ON p.id = o.partner_id
                 WHERE p.commercial_partner_id IN %s AND o.company_id = %s AND o.state = 'sale'
                   AND o.date_order >= %s AND o.date_order < %s
                 GROUP BY p.commercial_partner_id
                """,
                tuple(self.ids),
                self.env.company.id,
                start,
                end,
            )
        )
        return {
            partner_id: {
                "orders": count,
                "order_amount": float(amount),
                "date_last_order": fields.Datetime.context_timestamp(self, last).date(),
            }
            for partner_id, count, amount, last in rows
        }

    def _count_relationship_contacts(self, date_from, date_to):
        start, end = self._get_relationship_times(date_from, date_to)
        groups = self.env["crm.service.contact"]._read_group(
            [
                ("commercial_partner_id", "in", self.ids),
                ("company_id", "in", (False, self.env.company.id)),
                ("date", ">=", start),
                ("date", "<", end),
            ],
            ["commercial_partner_id"],
            ["__count"],
        )
        return {partner.id: count for partner, count in groups}

    # ------------------------------------------------------------------ actions

    def action_crm_relationship_evaluate(self):
        """An evaluation of the last quarter for each of these customers, with its information.

        :return: action that shows them
        """
        evaluations = self.env["crm.relationship.evaluation"].create(
            [{"partner_id": partner.id} for partner in self.commercial_partner_id]
        )
        evaluations.action_collect()
        return evaluations._get_records_action(name=self.env._("Relationship Evaluations"))

    def action_open_crm_evaluations(self):
        """The customer's evaluations."""
        return self._open_crm_relationship("crm_relationship_evaluation_action")

    def action_open_crm_measures(self):
        """What is and was done for the customer's relationship."""
        return self._open_crm_relationship("crm_relationship_measure_action")

    def _open_crm_relationship(self, name):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(f"crm_grading.{name}")
        commercial = self.commercial_partner_id
        action["domain"] = [("commercial_partner_id", "=", commercial.id)]
        action["context"] = {"default_partner_id": commercial.id}
        action["display_name"] = self.env._(
            "%(action)s of %(customer)s", action=action["name"], customer=commercial.display_name
        )
        return action
