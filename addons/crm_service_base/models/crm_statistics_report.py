from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.state_order import in_order
from ..tools.statistics_table import NUMBERS, show, totals
from ..tools.statistics_xlsx import workbook

FROZEN = frozenset(("data", "type_id", "date_from", "date_to", "subject_id", "company_id"))
SERVER = frozenset(("date_issued", "issued_by_id", "issue_number", "revision", "data_corrected"))
SHOWN_ROWS = 200
CELL_WIDTH = 4  # rem, of a column of width 1; on a phone the table scrolls


class CrmStatisticsReport(models.Model):
    """The register of statistical reports (A2.R9): one of a type, company and period.

    Figures are frozen when the report is made and never change afterwards: a correction is a
    document of its own that lies over them. Signed by the steps of its approval route, then
    issued with a number, then handed out with a record; figures leave the company only from
    issued reports (A2.R17).
    """

    _name = "crm.statistics.report"
    _description = "Statistical Report"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_to desc, id desc"
    _check_company_auto = True

    type_id = fields.Many2one(
        "crm.statistics.report.type", required=True, index=True, ondelete="restrict", copy=False
    )
    schedule = fields.Selection(related="type_id.schedule")
    subject_id = fields.Many2one(
        "res.users", "Person", index="btree_not_null", ondelete="restrict", copy=False
    )
    date_from = fields.Date("From", required=True, copy=False)
    date_to = fields.Date("To", required=True, index=True, copy=False)
    user_id = fields.Many2one(string="Prepared By")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "In Review"),
            ("approved", "Signed"),
            ("issued", "Issued"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    data = fields.Json("Figures", copy=False, exportable=False)
    data_corrected = fields.Json("Figures as Corrected", copy=False, exportable=False)
    content_html = fields.Html("Content", compute="_compute_content_html", sanitize=False)
    analysis = fields.Text()
    improvement_plan = fields.Text()
    improvement_user_id = fields.Many2one(
        "res.users", "Plan Followed Up By", ondelete="restrict", domain="[('share', '=', False)]"
    )
    improvement_date = fields.Date("Follow-up On")
    is_plan_required = fields.Boolean(related="type_id.is_plan_required")

    issue_number = fields.Char(readonly=True, copy=False, index="btree_not_null")
    date_issued = fields.Datetime("Issued On", readonly=True, copy=False)
    issued_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    revision = fields.Integer(readonly=True, copy=False, help="Number of corrections since issue.")
    distribution_ids = fields.One2many(
        "crm.statistics.distribution", "report_id", "Handed Out", readonly=True
    )
    correction_ids = fields.One2many(
        "crm.statistics.correction", "report_id", "Corrections", readonly=True
    )
    distribution_count = fields.Integer(compute="_compute_counts")
    correction_count = fields.Integer(compute="_compute_counts")

    _period_uniq = models.UniqueIndex(
        "(type_id, company_id, date_from, date_to, COALESCE(subject_id, 0))",
        "There is a report of this type and period already.",
    )
    _issue_number_uniq = models.UniqueIndex(
        "(company_id, issue_number) WHERE issue_number IS NOT NULL",
        "This issue number is taken by another report.",
    )
    _period_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "A period cannot end before it begins."
    )

    @api.depends("distribution_ids", "correction_ids")
    def _compute_counts(self):
        for report in self:
            report.distribution_count = len(report.distribution_ids)
            report.correction_count = len(report.correction_ids)

    @api.depends("data", "revision")
    def _compute_content_html(self):
        for report in self:
            report.content_html = Markup().join(
                report._render_table(number, item)
                for number, item in enumerate(report._get_tables(), 1)
            )

    @api.depends("name", "type_id", "date_from", "date_to", "subject_id")
    def _compute_display_name(self):
        for report in self:
            person = report.subject_id.sudo().name
            parts = [report.name, report.type_id.name, person, report._get_period_text()]
            report.display_name = " ".join(filter(None, parts))

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def _get_tables(self):
        """The figures that hold today: as frozen, with the corrections that were approved.

        :return: list of tables; ``corrected`` of a table is a list of ``(row, column)`` indexes
        """
        tables = (self.data or {}).get("tables", [])
        for item in tables:
            item["corrected"] = []
        for correction in self._get_corrections():
            correction.line_ids._apply(tables)
        return tables

    def _get_corrections(self):
        """:return: the corrections that hold, with ``sudo``, the oldest first"""
        applied = self.sudo().correction_ids.filtered("revision")
        return applied.sorted("revision")

    @api.model
    def _find_cell(self, tables, table_number, row_number, column_number):
        """A figure by its numbers from 1 on.

        :return: ``(table, row, column)``, or None where the numbers fit nothing
        """
        if min(table_number, row_number, column_number) < 1 or table_number > len(tables):
            return None
        item = tables[table_number - 1]
        if row_number > len(item["rows"]) or column_number > len(item["columns"]):
            return None
        return item, item["rows"][row_number - 1], item["columns"][column_number - 1]

    @api.model
    def _get_figure_label(self, tables, *numbers):
        """A figure in words: table, row and column; False where there is none."""
        cell = self._find_cell(tables, *numbers)
        if not cell:
            return False
        item, row, col = cell
        first = show(row[0], item["columns"][0]["type"])
        place = f"{numbers[1]}. {first}" if first else str(numbers[1])
        return " › ".join([item["caption"], place, col["caption"]])

    @api.model
    def _get_figure_text(self, tables, *numbers):
        """What a figure is as text, False where there is none."""
        cell = self._find_cell(tables, *numbers)
        return cell and show(cell[1][numbers[2] - 1], cell[2]["type"]) or False

    def _get_period_text(self):
        self.ensure_one()
        if self.date_from == self.date_to:
            return str(self.date_from)
        return f"{self.date_from} – {self.date_to}"

    def _render_table(self, number, item):
        """One table as HTML, its rows and columns numbered so that a correction can name them."""
        width = sum(col["width"] for col in item["columns"]) or 1
        head = Markup().join(
            Markup(
                "<th class='%s' style='width: %s%%'>%s <small class='text-muted'>%s</small></th>"
            )
            % (self._get_cell_class(col), round(95 * col["width"] / width), col["caption"], index)
            for index, col in enumerate(item["columns"], 1)
        )
        rows = [
            Markup("<tr><td class='text-muted'>%s</td>%s</tr>")
            % (index, self._render_cells(item, row, index - 1))
            for index, row in enumerate(item["rows"][:SHOWN_ROWS], 1)
        ]
        if not rows:
            rows.append(
                Markup("<tr><td></td><td colspan='%s' class='text-muted'>%s</td></tr>")
                % (len(item["columns"]), self.env._("None"))
            )
        if sums := totals(item):
            title = self.env._("Total")
            rows.append(
                Markup("<tr class='fw-bold'><td>%s</td>%s</tr>")
                % (title, self._render_cells(item, sums, None))
            )
        caption = Markup("<h4>%s. %s</h4>") % (number, item["caption"])
        if len(item["rows"]) > SHOWN_ROWS:
            text = self.env._(
                "The first %(shown)s of %(count)s rows; print or download shows all.",
                shown=SHOWN_ROWS,
                count=len(item["rows"]),
            )
            caption += Markup("<p class='text-muted'>%s</p>") % text
        if note := item.get("note"):
            caption += Markup("<p class='text-muted'>%s</p>") % note
        return caption + Markup(
            "<div class='table-responsive'>"
            "<table class='table table-sm table-bordered' style='min-width: %srem'>"
            "<thead><tr><th style='width: 5%%'></th>%s</tr></thead><tbody>%s</tbody></table></div>"
        ) % (round(CELL_WIDTH * width), head, Markup().join(rows))

    def _render_cells(self, item, row, row_index):
        return Markup().join(
            Markup("<td class='%s'>%s%s</td>")
            % (
                self._get_cell_class(col),
                show(value, col["type"]),
                " *" if (row_index, index) in item["corrected"] else "",
            )
            for index, (value, col) in enumerate(zip(row, item["columns"], strict=True))
        )

    @api.model
    def _get_cell_class(self, col):
        return "text-end" if col["type"] in NUMBERS else ""

    # ------------------------------------------------------------------
    # Making
    # ------------------------------------------------------------------

    @api.model
    def _find(self, report_type, company, date_from, date_to, user):
        return self.with_context(active_test=False).search(
            [
                ("type_id", "=", report_type.id),
                ("company_id", "=", company.id),
                ("date_from", "=", date_from),
                ("date_to", "=", date_to),
                ("subject_id", "=", user.id),
            ],
            limit=1,
        )

    @api.model
    def _get_known(self, report_type, company):
        """:return: set of ``(date_from, date_to, person)`` there are reports of"""
        groups = self.with_context(active_test=False)._read_group(
            [("type_id", "=", report_type.id), ("company_id", "=", company.id)],
            ["date_from:day", "date_to:day", "subject_id"],
        )
        return set(groups)

    def _schedule_preparation(self):
        """Tell who prepares the report that it waits for a check."""
        for report in self.filtered("user_id"):
            report.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=report.user_id.id,
                summary=self.env._("Check and submit the report"),
            )

    def action_refresh(self):
        """Compute the figures of a draft anew.

        :raise UserError: the report is no draft
        """
        self.check_access("write")
        for report in self:
            if report.state != "draft":
                raise report._make_locked_error()
            tables = report.type_id._compute_tables(
                report.company_id, report.date_from, report.date_to, report.subject_id
            )
            report.sudo().data = {"tables": tables}

    # ------------------------------------------------------------------
    # Approval
    # ------------------------------------------------------------------

    @api.model
    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | SERVER

    def _check_approval_write(self, names):
        frozen = FROZEN.intersection(names)
        if frozen:
            raise AccessError(
                self.env._("The figures of a report and what they are about are the system's.")
            )
        return super()._check_approval_write(names)

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for report in self:
            if report.date_to > report.type_id._get_today():
                raise UserError(
                    self.env._(
                        "The period of %s is not over: submit the report afterwards.", report.name
                    )
                )
            if report.is_plan_required and not (report.analysis and report.improvement_plan):
                raise UserError(
                    self.env._(
                        "Report %s needs an analysis and an improvement plan before it is "
                        "submitted.",
                        report.name,
                    )
                )

    def _approval_document_author(self):
        """Who prepares it; whoever had the system count the figures did not write them."""
        return self.user_id | self.subject_id

    def _approval_on_submitted(self):
        super()._approval_on_submitted()
        self.activity_unlink(["mail.mail_activity_data_todo"])

    def _approval_on_approved(self):
        super()._approval_on_approved()
        for report in self:
            if report.type_id.is_issued_on_approval:
                report._issue()

    def _can_file(self):
        return super()._can_file() and self.state == "issued"

    @api.model
    def _cron_file_documents(self):
        """File reports, requests and corrections that were finished long ago (A1.R10)."""
        limit = self._get_filing_limit()
        self._file_finished(("issued",), limit)
        self.env["crm.statistics.request"]._file_finished(("ended",), limit)
        self.env["crm.statistics.correction"]._file_finished(("approved",), limit)

    # ------------------------------------------------------------------
    # Issue and distribution
    # ------------------------------------------------------------------

    def action_issue(self):
        """Issue signed reports: number them and hand them out.

        :raise AccessError: the user is no supervisor of customer service
        :raise UserError: not all signatures are there
        """
        self.check_access("write")
        self._check_supervisor()
        self._approval_enter()._issue()

    def _check_supervisor(self):
        if not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(
                self.env._("Only supervisors of customer service issue and hand out reports.")
            )

    def _issue(self):
        for report in self:
            if report.state != "approved":
                raise UserError(
                    self.env._(
                        "%s is issued only after it was reviewed and signed.", report.display_name
                    )
                )
            numbers = self.env["ir.sequence"]._next_batch(
                "crm.statistics.report.issue", 1, report.company_id
            )
            report.write(
                {
                    "state": "issued",
                    "issue_number": numbers[0],
                    "date_issued": fields.Datetime.now(),
                    "issued_by_id": self.env.uid,
                }
            )
        self._distribute()
        self._schedule_follow_up()

    def _schedule_follow_up(self):
        for report in self.filtered("improvement_plan"):
            user = report.improvement_user_id or report.user_id
            if user:
                report.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=report.improvement_date,
                    user_id=user.id,
                    summary=self.env._("Follow up the improvement plan"),
                    note=report.improvement_plan,
                )

    def _get_recipients(self):
        """Who gets the report by itself.

        :return: list of ``(res.users, crm.service.department, crm.statistics.request)``, each
            person once, the more particular reason first
        """
        self.ensure_one()
        found = {}
        for request in self._get_requests():
            for user in request._get_receivers():
                found.setdefault(user, (user, request.department_id, request))
        nobody = self.env["crm.statistics.request"]
        for department in self._get_recipient_departments():
            for user in department._get_recipients():
                found.setdefault(user, (user, department, nobody))
        for user in self.type_id.user_ids:
            found.setdefault(user, (user, self.env["crm.service.department"], nobody))
        return [row for user, row in found.items() if user.active and not user.share]

    def _get_recipient_departments(self):
        departments = self.type_id.department_ids
        if self.type_id.is_head_informed:
            departments |= self.department_id
        return departments.filtered(lambda d: d.company_id == self.company_id)

    def _get_requests(self):
        """Standing requests that this report serves."""
        return self.env["crm.statistics.request"].search(
            [
                ("type_id", "=", self.type_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "=", "active"),
                ("date_from", "<=", self.date_to),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", self.date_to),
            ]
        )

    def _distribute(self):
        """Hand the issued reports to everybody who is to get them; nobody gets a revision twice."""
        for report in self:
            served = report.distribution_ids.filtered_domain([("revision", "=", report.revision)])
            rows = [row for row in report._get_recipients() if row[0] not in served.user_id]
            if rows:
                report._hand_out(rows)

    def _hand_out(self, rows):
        self.ensure_one()
        self.env["crm.statistics.distribution"].create(
            [
                {
                    "report_id": self.id,
                    "revision": self.revision,
                    "user_id": user.id,
                    "partner_id": user.partner_id.id,
                    "department_id": department.id,
                    "request_id": request.id,
                    "how": "message",
                }
                for user, department, request in rows
            ]
        )
        partners = self.env["res.partner"].union(*(row[0].partner_id for row in rows))
        self._post_issue(partners)
        if self.type_id.is_task_created and not self.revision:
            self._schedule_tasks()

    def _post_issue(self, partners):
        """Tell recipients; mails leave through the queue."""
        if self.revision:
            body = self.env._(
                "%(report)s was corrected: revision %(revision)s replaces what you have.",
                report=self.display_name,
                revision=self.revision,
            )
        else:
            body = self.env._(
                "%(report)s was issued under number %(number)s.",
                report=self.display_name,
                number=self.issue_number,
            )
        return self.message_post(
            body=body,
            message_type="notification",
            subtype_xmlid="mail.mt_comment",
            partner_ids=partners.ids,
            notify_skip_followers=True,
            force_send=False,
        )

    def _schedule_tasks(self):
        for department in self._get_recipient_departments().filtered("head_id"):
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=department.head_id.id,
                summary=self.env._("Act on the report: %s", department.name),
            )

    def action_hand_out(self):
        """Open the dialog that hands an issued report to somebody else.

        :raise UserError: the report is not issued
        """
        self.ensure_one()
        self._check_issued()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand Out"),
            "res_model": "crm.statistics.hand.out",
            "view_mode": "form",
            "target": "new",
            "context": {"default_report_id": self.id},
        }

    def _check_issued(self):
        """Figures leave the department only from issued reports (A2.R17)."""
        for report in self:
            if report.state != "issued":
                raise UserError(
                    self.env._(
                        "%s is not issued: figures are handed out only from issued reports.",
                        report.display_name,
                    )
                )

    def action_correct(self):
        """Open a new correction of an issued report."""
        self.ensure_one()
        self._check_issued()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.statistics.correction",
            "view_mode": "form",
            "context": {"default_report_id": self.id, "default_company_id": self.company_id.id},
        }

    # ------------------------------------------------------------------
    # Paper and file
    # ------------------------------------------------------------------

    def action_print(self):
        """Print by the form of the type."""
        self.check_access("read")
        form = self.type_id.print_report_id if len(self.type_id) == 1 else False
        form = form or self.env.ref("crm_service_base.crm_statistics_report_report")
        return form.report_action(self)

    def action_download(self):
        """Download the figures as a spreadsheet."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/crm_service/statistics/{self.id}/xlsx",
            "target": "download",
        }

    def _get_print_values(self):
        """What the printed form shows, in one place for templates.

        :return: dict with ``tables`` (each with ``lines`` of shown texts and ``sums``),
            ``corrections``, ``departments``, ``is_issued``, ``rows`` (their number)
        """
        self.ensure_one()
        tables = self._get_tables()
        for item in tables:
            kinds = [col["type"] for col in item["columns"]]
            item["lines"] = [
                [
                    show(value, kind) + (" *" if (number, index) in item["corrected"] else "")
                    for index, (value, kind) in enumerate(zip(row, kinds, strict=True))
                ]
                for number, row in enumerate(item["rows"])
            ]
            sums = totals(item)
            item["sums"] = sums and [show(v, kind) for v, kind in zip(sums, kinds, strict=True)]
            width = sum(col["width"] for col in item["columns"])
            item["widths"] = [100.0 * col["width"] / width for col in item["columns"]]
        return {
            "tables": tables,
            "corrections": self._get_corrections(),
            "departments": self.sudo()._get_recipient_departments(),
            "is_issued": self.state == "issued",
            "rows": sum(len(item["rows"]) for item in tables),
        }

    def _get_file_name(self):
        number = (self.issue_number or self.name or "").replace("/", "-")
        mark = "" if self.state == "issued" else f" {self._get_draft_mark()}"
        return f"{self.type_id.name} {self._get_period_text()} {number}{mark}"

    def _get_draft_mark(self):
        return self.env._("DRAFT")

    def _get_draft_notice(self):
        return self.env._("Not issued: these figures may not be given to anybody outside.")

    def _make_xlsx(self):
        """The report as a spreadsheet (bytes); one that is not issued says so on each sheet."""
        self.ensure_one()
        head = [
            (self.env._("Number"), self.issue_number or self.name),
            (self.env._("Period"), self._get_period_text()),
        ]
        if self.revision:
            head.append((self.env._("Revision"), str(self.revision)))
        title = self.type_id.name
        if self.state != "issued":
            title = f"{self._get_draft_mark()} {title}"
            head.insert(0, (self._get_draft_mark(), self._get_draft_notice()))
        words = {"total": self.env._("Total"), "corrected": self.env._("Corrected")}
        return workbook(title, head, self._get_tables(), words)
