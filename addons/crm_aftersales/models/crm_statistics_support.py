from odoo import fields, models

from odoo.addons.crm_service_base.tools.statistics_table import column, percent, table


class CrmStatisticsReportType(models.Model):
    """Levels of support, major faults and inspection rounds in figures (C3.R11, R14, R15)."""

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    method = fields.Selection(
        selection_add=[
            ("support_levels", "Levels of support"),
            ("fault_summary", "Major faults"),
            ("inspection_rounds", "Inspection rounds"),
        ],
        ondelete={
            "support_levels": "set null",
            "fault_summary": "set null",
            "inspection_rounds": "set null",
        },
    )

    def _crm_statistics_support_levels(self, company, date_from, date_to):
        """What share of the cases each level solved, in how many working hours."""
        start, end = self._get_bounds(date_from, date_to)
        entries = self.env["crm.case.level"]
        domain = [
            ("company_id", "=", company.id),
            ("date_end", ">=", start),
            ("date_end", "<", end),
            ("outcome", "!=", "cancelled"),
        ]
        levels = dict(entries._fields["level"]._description_selection(self.env))
        groups = entries._read_group(domain, ["level", "outcome"], ["__count", "hours:sum"])
        rows = []
        for level, label in levels.items():
            counts = {out: (n, hours) for key, out, n, hours in groups if key == level}
            solved, moved = (counts.get(name, (0, 0)) for name in ("solved", "moved"))
            total = solved[0] + moved[0]
            hours = (solved[1] + moved[1]) / total if total else 0
            rows.append([label, total, solved[0], moved[0], percent(solved[0], total), hours])
        columns = [
            column("level", self.env._("Level")),
            column("cases", self.env._("Cases"), "integer"),
            column("solved", self.env._("Solved"), "integer"),
            column("moved", self.env._("Moved On"), "integer"),
            column("share", self.env._("Solved (%)"), "percent"),
            column("hours", self.env._("Mean Working Hours"), "float"),
        ]
        caption = self.env._("Levels of Support")
        return [table("levels", caption, columns, rows, is_summary=True)]

    def _crm_statistics_fault_summary(self, company, date_from, date_to):
        """The major faults of a period: how fast they were told, how long they lasted, what
        caused them, and whether the measures worked."""
        start, end = self._get_bounds(date_from, date_to)
        faults = self.env["crm.fault.report"].search(
            [
                ("company_id", "=", company.id),
                ("date_fault", ">=", start),
                ("date_fault", "<", end),
                ("state", "!=", "draft"),
            ],
            order="date_fault, id",
        )
        states = dict(faults._fields["state"]._description_selection(self.env))
        rows = [
            [
                fault.name,
                fault.subject,
                fault.partner_id.name or "",
                fault.cause_id.name or "",
                fault.minutes_to_tell,
                fault.hours,
                len(fault.measure_ids),
                len(fault.measure_ids.filtered(lambda m: m.effect == "effective")),
                states[fault.state],
            ]
            for fault in faults
        ]
        columns = [
            column("number", self.env._("Number")),
            column("subject", self.env._("What Failed"), width=3),
            column("customer", self.env._("Customer"), width=2),
            column("cause", self.env._("Cause")),
            column("told", self.env._("Minutes until Told"), "integer"),
            column("hours", self.env._("Duration (Hours)"), "float"),
            column("measures", self.env._("Measures"), "integer"),
            column("effective", self.env._("Of Those Effective"), "integer"),
            column("state", self.env._("Status")),
        ]
        return [
            self._get_fault_totals(faults),
            table("faults", self.env._("Major Faults"), columns, rows),
        ]

    def _get_fault_totals(self, faults):
        over = faults.filtered("date_end")
        sent = faults.filtered("date_sent")
        hours = sum(over.mapped("hours")) / len(over) if over else 0
        told = sum(faults.mapped("minutes_to_tell")) / len(faults) if faults else 0
        rows = [
            [self.env._("Major faults"), len(faults)],
            [self.env._("Minutes until told, mean"), round(told, 1)],
            [self.env._("Hours until over, mean"), round(hours, 1)],
            [self.env._("Analysis sent to the customer"), len(sent)],
        ]
        columns = [
            column("what", self.env._("Figure"), width=3),
            column("value", self.env._("Value"), "float"),
        ]
        return table("totals", self.env._("Totals"), columns, rows, is_summary=True)

    def _crm_statistics_inspection_rounds(self, company, date_from, date_to):
        """Rounds that lie in a period: what was inspected, in time, found and remedied."""
        rounds = self.env["crm.inspection.round"].search(
            [
                ("company_id", "=", company.id),
                ("date_from", "<=", date_to),
                ("date_to", ">=", date_from),
                ("state", "in", ("approved", "done")),
            ],
            order="date_from, id",
        )
        rows = []
        for inspection in rounds:
            lines = inspection.line_ids
            done = lines.filtered("date_done")
            in_time = done.filtered(lambda line: line.date_done.date() <= line.date_due)
            findings = inspection.finding_ids
            rows.append(
                [
                    inspection.display_name,
                    len(lines),
                    len(done),
                    percent(len(done), len(lines)),
                    percent(len(in_time), len(done)),
                    len(findings),
                    len(findings.filtered("date_done")),
                ]
            )
        columns = [
            column("round", self.env._("Inspection Round"), width=3),
            column("planned", self.env._("Planned"), "integer"),
            column("done", self.env._("Inspected"), "integer"),
            column("rate", self.env._("Completed (%)"), "percent"),
            column("in_time", self.env._("In Time"), "percent"),
            column("findings", self.env._("Findings"), "integer"),
            column("remedied", self.env._("Remedied"), "integer"),
        ]
        caption = self.env._("Inspection Rounds")
        return [table("rounds", caption, columns, rows, is_summary=True)]
