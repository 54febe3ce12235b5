from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmVisitCoverage(models.Model):
    """Who is due, overdue and never seen: one row a customer, one more a project.

    Computed from the visits when it is read; nothing is stored, so nothing is out of date.
    """

    _name = "crm.visit.coverage"
    _description = "Visit Coverage"
    _auto = False
    _order = "date_due, id"
    _rec_name = "partner_id"
    _depends = {
        "crm.visit": [
            "active",
            "commercial_partner_id",
            "company_id",
            "date_scheduled",
            "date_start",
            "method_id",
            "order_id",
            "state",
        ],
        "crm.visit.cadence": [
            "active",
            "age_from",
            "age_to",
            "applies_to",
            "company_id",
            "counted_method_ids",
            "customer_class",
            "customer_type_ids",
            "grade_ids",
            "interval_number",
            "interval_unit",
            "region_ids",
            "sequence",
        ],
        "crm.visit.plan": ["active", "state"],
        "crm.visit.plan.line": [
            "commercial_partner_id",
            "company_id",
            "date_planned",
            "method_id",
            "order_id",
        ],
        "res.partner": [
            "active",
            "commercial_partner_id",
            "company_id",
            "crm_agreement_date",
            "crm_customer_class",
            "crm_customer_type_id",
            "crm_grade_id",
            "crm_region_id",
            "user_id",
        ],
        "sale.order": ["company_id", "crm_is_project", "date_order", "partner_id", "state"],
    }

    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    order_id = fields.Many2one("sale.order", "Project", readonly=True)
    cadence_id = fields.Many2one("crm.visit.cadence", readonly=True)
    user_id = fields.Many2one("res.users", "Owner", readonly=True)
    grade_id = fields.Many2one("crm.customer.grade", readonly=True)
    customer_type_id = fields.Many2one("crm.customer.type", readonly=True)
    region_id = fields.Many2one("crm.service.region", readonly=True)
    customer_class = fields.Selection(
        [("key", "Key Customer"), ("ordinary", "Ordinary Customer")], readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    date_last = fields.Date("Last Contact", readonly=True)
    date_due = fields.Date("Due On", readonly=True)
    date_planned = fields.Date("Next Appointment", readonly=True)
    days_overdue = fields.Integer(readonly=True, aggregator="max")
    state = fields.Selection(
        [
            ("never", "Never Seen"),
            ("overdue", "Overdue"),
            ("due", "Due Within a Week"),
            ("planned", "Planned"),
            ("ok", "On Schedule"),
        ],
        "Status",
        readonly=True,
        group_expand=in_order,
    )

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        return SQL(
            """
            SELECT c.*,
                   greatest(%(today)s - c.date_due, 0) AS days_overdue,
                   CASE WHEN c.date_planned IS NOT NULL THEN 'planned'
                        WHEN c.date_last IS NULL THEN 'never'
                        WHEN c.date_due < %(today)s THEN 'overdue'
                        WHEN c.date_due <= %(today)s + 7 THEN 'due'
                        ELSE 'ok' END AS state
              FROM (%(dated)s) c
            """,
            today=today,
            dated=self._dated_query(today),
        )

    def _dated_query(self, today):
        """Subjects with their rule, last contact, next appointment and due date."""
        timezone = self.env.tz.zone
        return SQL(
            """
            SELECT s.id, s.partner_id, s.order_id, s.user_id, s.grade_id, s.customer_type_id,
                   s.region_id, s.customer_class, s.company_id, r.id AS cadence_id,
                   (seen.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS date_last,
                   (next.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS date_planned,
                   CASE WHEN seen.date IS NULL THEN %(today)s
                        ELSE ((seen.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)
                              + r.interval_number * ('1 ' || r.interval_unit)::interval)::date
                   END AS date_due
              FROM (%(subjects)s) s
              JOIN LATERAL (%(rule)s) r ON TRUE
         LEFT JOIN LATERAL (%(seen)s) seen ON TRUE
         LEFT JOIN LATERAL (%(next)s) next ON TRUE
            """,
            tz=timezone,
            today=today,
            subjects=self._subject_query(today),
            rule=self._rule_query(),
            seen=self._seen_query(),
            next=self._next_query(today),
        )

    def _subject_query(self, today):
        """Customers with a type in each company they are visible to, and every project."""
        return SQL(
            """
            SELECT (p.id::bigint * 4096 + c.id) * 2 AS id, p.id AS partner_id,
                   NULL::integer AS order_id, 'customer' AS applies_to,
                   %(months_agreement)s AS age, %(facts)s
              FROM res_partner p
              JOIN res_company c ON p.company_id IS NULL OR p.company_id = c.id
             WHERE p.crm_customer_type_id IS NOT NULL AND p.active
               AND p.commercial_partner_id = p.id AND c.active
         UNION ALL
            SELECT (o.id::bigint * 4096 + c.id) * 2 + 1, p.id, o.id, 'project',
                   %(months_order)s, %(facts)s
              FROM sale_order o
              JOIN res_company c ON c.id = o.company_id
              JOIN res_partner contact ON contact.id = o.partner_id
              JOIN res_partner p ON p.id = contact.commercial_partner_id
             WHERE o.crm_is_project AND o.state = 'sale' AND p.active
            """,
            months_agreement=self._months_sql(SQL("p.crm_agreement_date"), today),
            months_order=self._months_sql(
                SQL("(o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", self.env.tz.zone),
                today,
            ),
            facts=SQL(
                """
                p.user_id, (p.crm_grade_id ->> c.id::text)::integer AS grade_id,
                p.crm_customer_type_id AS customer_type_id, p.crm_region_id AS region_id,
                coalesce(p.crm_customer_class, 'ordinary') AS customer_class,
                c.id AS company_id
                """
            ),
        )

    @api.model
    def _months_sql(self, column, today):
        return SQL(
            "(extract(year FROM age(%(today)s, %(column)s)) * 12"
            " + extract(month FROM age(%(today)s, %(column)s)))::integer",
            today=today,
            column=column,
        )

    @api.model
    def _rule_query(self):
        """The rule of a subject ``s``: the first that fits, for key customers the strictest."""
        return SQL(
            """
            SELECT r.* FROM crm_visit_cadence r
             WHERE r.active AND (r.company_id IS NULL OR r.company_id = s.company_id)
               AND (r.applies_to = s.applies_to
                    OR r.applies_to = 'project' AND s.age IS NOT NULL
                       AND NOT EXISTS (SELECT FROM sale_order o
                                         JOIN res_partner op ON op.id = o.partner_id
                                        WHERE op.commercial_partner_id = s.partner_id
                                          AND o.company_id = s.company_id
                                          AND o.crm_is_project AND o.state = 'sale'))
               AND (r.applies_to = 'customer'
                    OR s.age >= coalesce(r.age_from, 0)
                       AND (coalesce(r.age_to, 0) = 0 OR s.age < r.age_to))
               AND (r.customer_class IS NULL OR r.customer_class = s.customer_class)
               AND %(grades)s AND %(types)s AND %(regions)s
             ORDER BY CASE WHEN s.customer_class = 'key'
                           THEN r.interval_number * ('1 ' || r.interval_unit)::interval END,
                      r.sequence, r.id
             LIMIT 1
            """,
            grades=self._in_rule_sql("grade_ids", SQL("s.grade_id")),
            types=self._in_rule_sql("customer_type_ids", SQL("s.customer_type_id")),
            regions=self._region_sql(),
        )

    @api.model
    def _in_rule_sql(self, name, column):
        """The rule's list is empty or holds the subject's value."""
        field = self.env["crm.visit.cadence"]._fields[name]
        return SQL(
            "(NOT EXISTS (SELECT FROM %(rel)s x WHERE x.%(rule)s = r.id)"
            " OR EXISTS (SELECT FROM %(rel)s x"
            "  WHERE x.%(rule)s = r.id AND x.%(value)s = %(column)s))",
            rel=SQL.identifier(field.relation),
            rule=SQL.identifier(field.column1),
            value=SQL.identifier(field.column2),
            column=column,
        )

    @api.model
    def _region_sql(self):
        field = self.env["crm.visit.cadence"]._fields["region_ids"]
        return SQL(
            "(NOT EXISTS (SELECT FROM %(rel)s x WHERE x.%(rule)s = r.id)"
            " OR EXISTS (SELECT FROM %(rel)s x"
            "  JOIN crm_service_region above ON above.id = x.%(value)s"
            "  JOIN crm_service_region own ON own.id = s.region_id"
            "   AND own.parent_path LIKE above.parent_path || '%%'"
            "  WHERE x.%(rule)s = r.id))",
            rel=SQL.identifier(field.relation),
            rule=SQL.identifier(field.column1),
            value=SQL.identifier(field.column2),
        )

    @api.model
    def _seen_query(self):
        """The last contact that counts for the rule; a project counts its own visits."""
        return SQL(
            """
            SELECT v.date_start AS date FROM crm_visit v
             WHERE v.commercial_partner_id = s.partner_id AND v.date_start IS NOT NULL
               AND v.company_id = s.company_id AND v.state IN %(done)s AND v.active
               AND (s.order_id IS NULL OR v.order_id = s.order_id) AND %(methods)s
             ORDER BY v.date_start DESC LIMIT 1
            """,
            done=self.env["crm.visit"]._get_done_states(),
            methods=self._in_rule_sql("counted_method_ids", SQL("v.method_id")),
        )

    @api.model
    def _next_query(self, today):
        """The next appointment that counts for the rule, or the date in a plan that is not
        approved yet; what was missed is no appointment any more."""
        return SQL(
            """
            SELECT min(upcoming.date) AS date FROM (
                SELECT v.date_scheduled AS date FROM crm_visit v
                 WHERE v.commercial_partner_id = s.partner_id AND v.company_id = s.company_id
                   AND v.state IN ('planned', 'in_progress') AND v.active
                   AND (s.order_id IS NULL OR v.order_id = s.order_id) AND %(visit_methods)s
             UNION ALL
                SELECT l.date_planned FROM crm_visit_plan_line l
                  JOIN crm_visit_plan plan ON plan.id = l.plan_id
                 WHERE l.commercial_partner_id = s.partner_id AND l.company_id = s.company_id
                   AND plan.state IN ('draft', 'submitted') AND plan.active
                   AND (s.order_id IS NULL OR l.order_id = s.order_id) AND %(line_methods)s
            ) upcoming
             WHERE upcoming.date >= %(today)s::timestamp AT TIME ZONE %(tz)s AT TIME ZONE 'UTC'
            """,
            visit_methods=self._in_rule_sql("counted_method_ids", SQL("v.method_id")),
            line_methods=self._in_rule_sql("counted_method_ids", SQL("l.method_id")),
            today=today,
            tz=self.env.tz.zone,
        )

    def action_plan(self):
        """Plan the chosen customers: opens the generator with them."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan Visits"),
            "res_model": "crm.visit.plan.generate",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_partner_ids": self.partner_id.ids,
                "default_user_ids": (self.user_id or self.env.user).ids,
            },
        }

    def action_open_partner(self):
        """The customer behind the row."""
        self.ensure_one()
        return self.partner_id.get_formview_action()
