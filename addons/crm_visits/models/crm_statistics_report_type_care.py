from odoo import fields, models

from odoo.addons.crm_service_base.tools.statistics_table import column, percent, table


class CrmStatisticsReportType(models.Model):
    """Figures of care: December's gifts and next year's demand, care and news of a month."""

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    method = fields.Selection(
        selection_add=[
            ("gift_demand", "December gifts and next year's demand"),
            ("care", "Care, news and events"),
        ],
        ondelete={"gift_demand": "set null", "care": "set null"},
    )

    # ------------------------------------------------------------------
    # Gifts and demand (C3.R13)
    # ------------------------------------------------------------------

    def _crm_statistics_gift_demand(self, company, date_from, date_to):
        """Every customer of the year's campaigns, and how many of them were asked."""
        tasks = self.env["crm.care.task"].search(
            [
                ("company_id", "=", company.id),
                ("campaign_id", "!=", False),
                ("campaign_id.date_to", ">=", date_from),
                ("campaign_id.date_to", "<=", date_to),
            ],
            order="user_id, partner_id",
        )
        return [self._get_gift_table(tasks), self._get_asked_table(tasks)]

    def _get_gift_table(self, tasks):
        columns = [
            column("customer", self.env._("Customer"), width=2.2),
            column("owner", self.env._("Responsible")),
            column("gift", self.env._("Gift"), width=1.5),
            column("quantity", self.env._("Quantity"), "number"),
            column("cost", self.env._("Cost"), "float", total=True),
            column("delivered", self.env._("Delivered On"), "date", width=1.2),
            column("receiver", self.env._("Received By")),
            column("demand", self.env._("Next Year's Demand"), "text", width=2.5),
            column("amount", self.env._("Expected Amount"), "float", total=True),
            column("products", self.env._("Products Wanted"), "text", width=1.5),
            column("state", self.env._("Status")),
        ]
        states = dict(tasks._fields["state"]._description_selection(self.env))
        rows = [
            [
                task.partner_id.display_name,
                task.user_id.name,
                task.gift or task.gift_product_id.name,
                task.gift_quantity,
                task.gift_cost,
                task.date_gift,
                task.gift_receiver,
                task.demand,
                task.demand_amount,
                "\n".join(task.demand_product_ids.mapped("name")),
                task.skip_reason if task.state == "skipped" else states[task.state],
            ]
            for task in tasks
        ]
        return table("gifts", self.env._("Gifts and Demand"), columns, rows)

    def _get_asked_table(self, tasks):
        columns = [
            column("owner", self.env._("Responsible"), width=2),
            column("customers", self.env._("Customers"), "integer", total=True),
            column("delivered", self.env._("Gifts Delivered"), "integer", total=True),
            column("asked", self.env._("Asked Already"), "integer", total=True),
            column("missing", self.env._("Not Asked Yet"), "integer", total=True),
            column("rate", self.env._("Coverage Rate"), "percent"),
            column("amount", self.env._("Expected Amount"), "float", total=True),
        ]
        rows = [
            [
                user.name or self.env._("Nobody"),
                len(own),
                len(own.filtered("date_gift")),
                len(asked := own.filtered(lambda task: task.state == "done")),
                len(own.filtered(lambda task: task.state == "due")),
                percent(len(asked), len(own)),
                sum(own.mapped("demand_amount")),
            ]
            for user, own in tasks.grouped("user_id").items()
        ]
        return table("asked", self.env._("Who Was Asked"), columns, rows, is_summary=True)

    # ------------------------------------------------------------------
    # Care, news, events (B3.R2, C1.R5, D7.R1)
    # ------------------------------------------------------------------

    def _crm_statistics_care(self, company, date_from, date_to):
        """What was done for customers beside visits, in a period."""
        return [
            self._get_care_table(company, date_from, date_to),
            self._get_news_table(company, date_from, date_to),
            self._get_event_table(company, date_from, date_to),
        ]

    def _get_care_table(self, company, date_from, date_to):
        groups = self.env["crm.care.task"]._read_group(
            [
                ("company_id", "=", company.id),
                ("date", ">=", date_from),
                ("date", "<=", date_to),
            ],
            ["name", "state"],
            ["__count", "gift_cost:sum"],
        )
        matters = {}
        for name, state, count, cost in groups:
            counts = matters.setdefault(name, {"cost": 0})
            counts[state] = counts.get(state, 0) + count
            counts["cost"] += cost or 0
        columns = [
            column("matter", self.env._("Matter"), width=3),
            column("all", self.env._("Prepared"), "integer", total=True),
            column("done", self.env._("Done"), "integer", total=True),
            column("skipped", self.env._("Left Out"), "integer", total=True),
            column("rate", self.env._("Rate Done"), "percent"),
            column("cost", self.env._("Cost of Gifts"), "float", total=True),
        ]
        rows = []
        for name, counts in matters.items():
            total = sum(counts.get(state, 0) for state in ("due", "done", "skipped"))
            done = counts.get("done", 0)
            row = [name, total, done, counts.get("skipped", 0), percent(done, total)]
            rows.append([*row, counts["cost"]])
        return table("care", self.env._("Care"), columns, rows, is_summary=True)

    def _get_news_table(self, company, date_from, date_to):
        start, end = self._get_bounds(date_from, date_to)
        groups = self.env["crm.customer.news.telling"]._read_group(
            [("company_id", "=", company.id), ("date", ">=", start), ("date", "<", end)],
            ["news_id"],
            ["commercial_partner_id:count_distinct"],
        )
        columns = [
            column("news", self.env._("News"), width=3),
            column("told", self.env._("Told in the Period"), "integer", total=True),
            column("ever", self.env._("Told at All"), "integer"),
            column("target", self.env._("Customers Meant"), "integer"),
            column("rate", self.env._("Coverage Rate"), "percent"),
        ]
        rows = [
            [news.subject, told, news.told_count, news.target_count, news.coverage]
            for news, told in groups
        ]
        return table("news", self.env._("News and Offers"), columns, rows, is_summary=True)

    def _get_event_table(self, company, date_from, date_to):
        start, end = self._get_bounds(date_from, date_to)
        events = self.env["crm.customer.event"].search(
            [
                ("company_id", "=", company.id),
                ("state", "in", ("approved", "held", "closed")),
                ("date_start", ">=", start),
                ("date_start", "<", end),
            ],
            order="date_start, id",
        )
        columns = [
            column("event", self.env._("Customer Event"), width=3),
            column("date", self.env._("Date"), "datetime", width=1.2),
            column("invited", self.env._("Invited"), "integer", total=True),
            column("accepted", self.env._("Persons Expected"), "integer", total=True),
            column("attended", self.env._("Persons Attended"), "integer", total=True),
            column("budget", self.env._("Budget"), "float", total=True),
            column("cost", self.env._("Cost"), "float", total=True),
        ]
        rows = [
            [
                event.subject,
                self._get_local_time(event.date_start),
                event.guest_count,
                event.accepted_count,
                event.attended_count,
                event.budget,
                event.cost,
            ]
            for event in events
        ]
        return table("events", self.env._("Customer Events"), columns, rows)
