import base64
import io
import json
import subprocess
import unicodedata
from datetime import date, timedelta

import openpyxl
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from ..tools.statistics_table import column, table
from .common import ServiceCommon, requirement

ROWS = [
    ['=HYPERLINK("http://x")', 12, 87.5, "2026-01-05"],
    ["+ Lanzhou", 8, 50.0, None],
    ["天水 @客户", 3, None, "2026-03-31"],
]


class StatisticsCommon(ServiceCommon):
    """A quarterly type whose figures the test supplies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.lang = "en_US"
        cls.marketing_head = cls._new_user("test_marketing", "auditor")
        cls.marketing_head.group_ids = [Command.set(cls.env.ref("base.group_user").ids)]
        cls.marketing_copy = cls.plain_user
        cls.plain_user.company_ids |= cls.company
        cls.marketing = cls.env["crm.service.department"].create(
            {
                "name": "Marketing",
                "company_id": cls.company.id,
                "head_id": cls.marketing_head.id,
                "copy_user_ids": [Command.set(cls.plain_user.ids)],
            }
        )
        cls.env["crm.statistics.report.type"].search([]).active = False
        cls.type = cls.env["crm.statistics.report.type"].create(
            {
                "name": "客户统计",
                "code": "test",
                "method": "evaluation",
                "schedule": "quarterly",
                "company_id": cls.company.id,
                "department_id": cls.department.id,
                "user_id": cls.specialist.id,
                "date_start": "2026-01-01",
                "tz": "Asia/Shanghai",
            }
        )

    def setUp(self):
        super().setUp()
        self.rows = ROWS
        self.calls = []
        self.patch(
            type(self.env["crm.statistics.report.type"]),
            "_crm_statistics_evaluation",
            self._figures,
        )

    def _figures(self, company, date_from, date_to):
        self.calls.append((company, date_from, date_to))
        columns = [
            column("name", "客户/Customer", width=3),
            column("n", "次数", "integer", total=True),
            column("rate", "满意率", "percent"),
            column("day", "日期", "date"),
        ]
        return [
            table("customers", "客户: 明细/一季度", columns, self.rows, is_summary=True),
            table("customers2", "客户: 明细/一季度", columns[:2], [row[:2] for row in self.rows]),
        ]

    def _make(self, date_from=date(2026, 1, 1), date_to=date(2026, 3, 31), user=None):
        report = self.type._generate(self.company, date_from, date_to)
        return report.with_user(user or self.specialist).sudo(False)

    def _sign(self, report):
        report.action_approval_submit()
        report.with_user(self.supervisor).action_approval_approve("Checked")
        report.with_user(self.manager).action_approval_approve("Agreed")
        return report

    def _issue(self, **values):
        if values:
            self.type.write(values)
        report = self._sign(self._make())
        report.with_user(self.supervisor).action_issue()
        return report

    def _correct(self, report, row=1, col=2, after="15"):
        correction = (
            self.env["crm.statistics.correction"]
            .with_user(self.supervisor)
            .create(
                {
                    "report_id": report.id,
                    "reason": "Counted twice",
                    "line_ids": [
                        Command.create(
                            {"row_number": row, "column_number": col, "value_after": after}
                        )
                    ],
                }
            )
        )
        correction.action_approval_submit()
        return correction


@tagged("post_install", "-at_install")
class TestStatisticsReport(StatisticsCommon):
    @requirement("A2.R9")
    def test_a_report_is_signed_by_supervisor_then_manager_then_issued(self):
        report = self._make()
        self.assertEqual(report.state, "draft")
        with self.assertRefused(UserError, "only after it was reviewed and signed"):
            report.with_user(self.supervisor).action_issue()
        report.action_approval_submit()
        with self.assertRefused(AccessError, ""):
            report.with_user(self.manager).action_approval_approve()
        report.with_user(self.supervisor).action_approval_approve()
        with self.assertRefused(UserError, "only after it was reviewed and signed"):
            report.with_user(self.supervisor).action_issue()
        with self.assertRefused(AccessError, ""):
            report.with_user(self.supervisor).action_approval_approve()
        report.with_user(self.manager).action_approval_approve()
        self.assertEqual(report.state, "approved")
        with self.assertRefused(AccessError, ""):
            report.with_user(self.specialist).action_issue()
        report.with_user(self.supervisor).action_issue()
        self.assertEqual(report.state, "issued")
        self.assertTrue(report.issue_number)
        self.assertEqual(report.issued_by_id, self.supervisor)
        self.assertFalse(report._approval_elevate()._approval_faults()[report.id])

    @requirement("A2.R9")
    def test_each_period_exists_once_and_is_frozen(self):
        report = self._make()
        self.rows = [["Somebody else", 1, 1.0, None]]
        self.assertEqual(self._make(), report)
        self.assertEqual(report._get_tables()[0]["rows"], ROWS)
        report.action_refresh()
        self.assertEqual(report._get_tables()[0]["rows"], self.rows)
        report.action_approval_submit()
        with self.assertRefused(UserError, "locked"):
            report.action_refresh()
        with mute_logger("odoo.sql_db"), self.assertRefused(Exception, "period_uniq|already"):
            report.sudo().copy(
                {name: report[name] for name in ("date_from", "date_to")}
                | {"type_id": self.type.id}
            )

    @requirement("A2.R9")
    def test_nobody_writes_figures_or_evidence_by_hand(self):
        report = self._make()
        for user in (self.specialist, self.supervisor, self.manager):
            for values in (
                {"data": {"tables": []}},
                {"data_corrected": {"tables": []}},
                {"date_to": "2026-12-31"},
                {"state": "issued"},
                {"issue_number": "X"},
                {"revision": 3},
                {"name": "X"},
            ):
                with self.subTest(values), self.assertRefused(AccessError, ""):
                    report.with_user(user).write(values)
        report.write({"analysis": "Fine"})
        self._sign(report)
        with self.assertRefused(UserError, "locked"):
            report.write({"analysis": "Changed"})
        with self.assertRefused(AccessError, ""):
            self.env["crm.statistics.report"].with_user(self.manager).create(
                {"type_id": self.type.id, "date_from": "2026-01-01", "date_to": "2026-01-31"}
            )
        with self.assertRefused(UserError, "cannot be deleted"):
            report.with_user(self.manager).unlink()

    @requirement("A2.R9")
    def test_figures_changed_in_the_database_are_found(self):
        report = self._make()
        report.action_approval_submit()
        data = json.dumps({"tables": []})
        report.flush_recordset()
        self.env.cr.execute(
            "UPDATE crm_statistics_report SET data = %s WHERE id = %s", (data, report.id)
        )
        self.env.invalidate_all()
        with self.assertRefused(UserError, ""):
            report.with_user(self.supervisor).action_approval_approve()

    @requirement("A2.R9")
    def test_issue_numbers_have_no_gap_and_distribution_is_recorded(self):
        first = self._issue(
            department_ids=[Command.set(self.marketing.ids)],
            user_ids=[Command.set(self.director.ids)],
            is_task_created=True,
        )
        second = self._sign(self._make(date(2026, 4, 1), date(2026, 6, 30)))
        second.with_user(self.supervisor).action_issue()
        self.assertEqual(int(second.issue_number[-4:]), int(first.issue_number[-4:]) + 1)
        rows = first.sudo().distribution_ids
        self.assertEqual(rows.user_id, self.marketing_head | self.plain_user | self.director)
        self.assertEqual(set(rows.mapped("how")), {"message"})
        self.assertEqual(rows.sent_by_id, self.supervisor)
        self.assertTrue(all(rows.mapped("date")))
        message = first.sudo().message_ids[0]
        self.assertIn(first.issue_number, message.body)
        self.assertEqual(message.notified_partner_ids, rows.partner_id)
        task = first.sudo().activity_ids.filtered(lambda a: a.user_id == self.marketing_head)
        self.assertEqual(len(task), 1)
        with self.assertRefused(AccessError, ""):
            rows[0].with_user(self.manager).write({"purpose": "x"})
        with self.assertRefused(UserError, "kept"):
            rows[0].unlink()

    @requirement("A2.R9")
    def test_mails_to_recipients_go_through_the_queue(self):
        self.director.notification_type = "email"
        report = self._issue(user_ids=[Command.set(self.director.ids)])
        mail = self.env["mail.mail"].search(
            [("mail_message_id", "in", report.sudo().message_ids.ids)]
        )
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, self.director.partner_id)

    @requirement("A2.R9")
    def test_other_departments_see_only_what_was_handed_to_them(self):
        report = self._make()
        mine = self.env["crm.statistics.report"].with_user(self.marketing_head)
        self.assertFalse(mine.search([]))
        with self.assertRaises(AccessError):
            report.with_user(self.marketing_head).read(["name"])
        self._sign(report)
        self.type.department_ids = self.marketing
        report.with_user(self.supervisor).action_issue()
        self.assertEqual(mine.search([]), report)
        with self.assertRaises(UserError):
            report.with_user(self.marketing_head).write({"analysis": "x"})
        self.assertFalse(report.with_user(self.marketing_head).has_access("write"))
        with self.assertRaises(AccessError):
            report.with_user(self.portal_user).read(["name"])

    @requirement("A2.R9")
    def test_a_standing_request_needs_both_managers_then_serves_itself(self):
        request = (
            self.env["crm.statistics.request"]
            .with_user(self.marketing_head)
            .create(
                {
                    "type_id": self.type.id,
                    "department_id": self.marketing.id,
                    "purpose": "Planning of campaigns",
                    "date_from": "2026-01-01",
                }
            )
        )
        self.assertFalse(self._issue().sudo().distribution_ids)
        request.action_approval_submit()
        for user in (self.supervisor, self.general_manager):
            with self.assertRefused(AccessError, ""):
                request.with_user(user).action_approval_approve()
        request.with_user(self.manager).action_approval_approve()
        self.assertEqual(request.state, "submitted")
        with self.assertRefused(AccessError, ""):
            request.with_user(self.manager).action_approval_approve()
        request.with_user(self.general_manager).action_approval_approve()
        self.assertEqual(request.state, "active")
        report = self._sign(self._make(date(2026, 4, 1), date(2026, 6, 30)))
        report.with_user(self.supervisor).action_issue()
        rows = report.sudo().distribution_ids
        self.assertEqual(rows.user_id, self.marketing_head | self.plain_user)
        self.assertEqual(rows.request_id, request.sudo())
        with self.assertRefused(AccessError, ""):
            request.with_user(self.specialist).action_end()
        request.action_end()
        self.assertEqual(request.ended_by_id, self.marketing_head)
        last = self._sign(self._make(date(2026, 7, 1), date(2026, 9, 30)))
        last.with_user(self.supervisor).action_issue()
        self.assertFalse(last.sudo().distribution_ids)

    def _make_request(self, **values):
        request = (
            self.env["crm.statistics.request"]
            .with_user(self.marketing_head)
            .create(
                {
                    "type_id": self.type.id,
                    "department_id": self.marketing.id,
                    "purpose": "Planning of campaigns",
                    "date_from": "2026-01-01",
                    **values,
                }
            )
        )
        request.action_approval_submit()
        request.with_user(self.manager).action_approval_approve()
        request.with_user(self.general_manager).action_approval_approve()
        return request

    @requirement("A2.R9")
    def test_a_standing_request_serves_the_periods_it_is_for(self):
        self._make_request(date_from="2026-04-01", date_to="2026-06-30")
        periods = [
            (date(2026, 1, 1), date(2026, 3, 31)),
            (date(2026, 4, 1), date(2026, 6, 30)),
            (date(2026, 7, 1), date(2026, 9, 30)),
        ]
        for period, is_served in zip(periods, (False, True, False), strict=True):
            report = self._sign(self._make(*period))
            report.with_user(self.supervisor).action_issue()
            self.assertEqual(bool(report.sudo().distribution_ids), is_served, period)

    @requirement("A2.R9")
    def test_only_who_asked_and_supervisors_end_a_request(self):
        request = self._make_request()
        for user in (self.general_manager, self.auditor, self.director):
            with self.assertRefused(AccessError, "Only who asked"):
                request.with_user(user).action_end()
        request.with_user(self.supervisor).action_end()
        self.assertEqual(request.state, "ended")
        with self.assertRefused(UserError, "not active"):
            request.action_end()

    @requirement("A2.R9")
    def test_nobody_gets_a_revision_twice_nor_another_companys_report(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self.env["crm.service.department"].create(
            {"name": "Theirs", "company_id": company.id, "head_id": self.auditor.id}
        )
        report = self._issue(
            department_ids=[Command.set((self.marketing | foreign).ids)],
            user_ids=[Command.set(self.marketing_head.ids)],
        )
        rows = report.sudo().distribution_ids
        self.assertEqual(rows.user_id, self.marketing_head | self.plain_user)
        self.type.user_ids |= self.director
        report.sudo()._distribute()
        fresh = report.sudo().distribution_ids - rows
        self.assertEqual(fresh.user_id, self.director)
        report.sudo()._distribute()
        self.assertEqual(len(report.sudo().distribution_ids), 3)

    @requirement("A2.R9")
    def test_a_correction_needs_the_general_manager_and_shows_before_and_after(self):
        report = self._issue(user_ids=[Command.set(self.director.ids)])
        correction = self._correct(report)
        self.assertEqual(correction.line_ids.value_before, "12")
        with self.assertRefused(AccessError, ""):
            correction.with_user(self.manager).action_approval_approve()
        self.assertEqual(report._get_tables()[0]["rows"][0][1], 12)
        with self.assertRefused(AccessError, ""):
            correction.line_ids.write({"value_before": "11"})
        with self.assertRefused(UserError, "locked"):
            correction.line_ids.write({"value_after": "16"})
        correction.with_user(self.general_manager).action_approval_approve()
        self.assertEqual(report._get_tables()[0]["rows"][0][1], 15)
        self.assertEqual(report.data["tables"][0]["rows"][0][1], 12)
        self.assertEqual(report.revision, 1)
        self.assertEqual(correction.revision, 1)
        self.assertFalse(report._approval_elevate()._approval_faults()[report.id])
        rows = report.sudo().distribution_ids
        self.assertEqual(rows.mapped("revision"), [1, 0])
        figure = self.env["crm.statistics.figure"].search(
            [
                ("report_id", "=", report.id),
                ("column_caption", "=", "次数"),
                ("is_summary", "=", True),
            ]
        )
        self.assertEqual(sorted(figure.mapped("value")), [3.0, 8.0, 15.0])

    @requirement("A2.R9")
    def test_figures_of_another_period_are_not_compared(self):
        """Each period stands for itself: else an average would mix it with the one before."""
        columns = [
            column("name", "指标"),
            column("value", "本期", "float"),
            column("before", "上期", "float", is_compared=False),
        ]
        tables = [table("t", "指标", columns, [("回访", 3.0, 2.0)], is_summary=True)]
        self.patch(type(self.type), "_crm_statistics_evaluation", lambda *args: tables)
        report = self._issue()
        figures = self.env["crm.statistics.figure"].search([("report_id", "=", report.id)])
        self.assertEqual(figures.filtered("is_summary").mapped("value"), [3.0])
        self.assertEqual(len(figures), 3, "a correction can name any of them")

    @requirement("A2.R9")
    def test_two_corrections_of_one_figure_do_not_overwrite_each_other(self):
        report = self._issue()
        first, second = self._correct(report, after="15"), self._correct(report, after="16")
        first.with_user(self.general_manager).action_approval_approve()
        with self.assertRefused(UserError, "changed by another correction"):
            second.with_user(self.general_manager).action_approval_approve()
        second.with_user(self.general_manager).action_approval_return("Look again")
        second.action_approval_submit()
        self.assertEqual(second.line_ids.value_before, "15")
        second.with_user(self.general_manager).action_approval_approve()
        self.assertEqual(report.revision, 2)
        self.assertEqual(report._get_tables()[0]["rows"][0][1], 16)

    @requirement("A2.R9")
    def test_a_correction_names_a_figure_that_exists_in_its_type(self):
        report = self._issue()
        for values, pattern in (
            ({"row": 9}, "no such figure"),
            ({"col": 0}, "no such figure"),
            ({"after": "many"}, "does not fit column"),
            ({"col": 4, "after": "yesterday"}, "does not fit column"),
        ):
            with self.subTest(values), self.assertRefused(ValidationError, pattern):
                self._correct(report, **values)
        with self.assertRefused(UserError, "only from issued"):
            self._make(date(2026, 4, 1), date(2026, 6, 30)).action_correct()

    @requirement("A2.R9")
    def test_a_correction_is_of_an_issued_report_and_changes_something(self):
        corrections = self.env["crm.statistics.correction"].with_user(self.supervisor)
        draft = self._sign(self._make(date(2026, 4, 1), date(2026, 6, 30)))
        with self.assertRefused(UserError, "only from issued"):
            self._correct(draft)
        empty = corrections.create({"report_id": self._issue().id, "reason": "Nothing"})
        with self.assertRefused(UserError, "changes nothing"):
            empty.action_approval_submit()

    @requirement("A2.R9")
    def test_a_figure_is_chosen_and_named_in_words(self):
        report = self._issue()
        figures = self.env["crm.statistics.figure"].with_user(self.supervisor)
        here = [("report_id", "=", report.id)]
        found = figures.name_search("满意率 lanzhou", here)
        self.assertEqual(
            [name for _id, name in found], ["客户: 明细/一季度 › 2. + Lanzhou › 满意率 = 50%"]
        )
        self.assertEqual(len(figures.name_search("天水", here, limit=None)), 6)
        form = Form(
            self.env["crm.statistics.correction"]
            .with_user(self.supervisor)
            .with_context(default_report_id=report.id)
        )
        form.reason = "Counted twice"
        with form.line_ids.new() as line:
            line.figure_id = figures.browse(found[0][0])
            self.assertEqual(line.value_before, "50%")
            line.value_after = "55"
        correction = form.save()
        self.assertEqual(correction.line_ids.label, "客户: 明细/一季度 › 2. + Lanzhou › 满意率")
        self.assertEqual(correction.line_ids.value_before, "50%")
        for values in ({"label": "Another"}, {"value_before": "1"}):
            with self.assertRefused(AccessError, "taken from the report"):
                correction.line_ids.write(values)
        correction.action_approval_submit()
        correction.with_user(self.general_manager).action_approval_approve()
        self.assertEqual(report._get_tables()[0]["rows"][1][2], 55.0)
        self.assertIn("2. + Lanzhou › 满意率", self._print(report).replace("\n", " "))

    @requirement("A2.R9")
    def test_a_correction_takes_figures_of_its_own_report_only(self):
        report = self._issue()
        other = self._sign(self._make(date(2026, 4, 1), date(2026, 6, 30)))
        other.with_user(self.supervisor).action_issue()
        figures = self.env["crm.statistics.figure"]
        foreign = figures.search([("report_id", "=", other.id)], limit=1)
        own = figures.search([("report_id", "=", report.id)], limit=1)
        corrections = self.env["crm.statistics.correction"].with_user(self.supervisor)
        values = {"report_id": report.id, "reason": "Counted twice"}
        line = {"value_after": "x", "label": "Another", "value_before": "9"}
        with self.assertRefused(ValidationError, "of the report that is corrected"):
            corrections.create(
                {**values, "line_ids": [Command.create({**line, "figure_id": foreign.id})]}
            )
        correction = corrections.create(
            {**values, "line_ids": [Command.create({**line, "figure_id": own.id})]}
        )
        self.assertEqual(correction.line_ids.value_before, ROWS[0][0])
        self.assertIn("1. =HYPERLINK", correction.line_ids.label)
        with self.assertRefused(ValidationError, "of the report that is corrected"):
            correction.line_ids.figure_id = foreign

    @requirement("A2.R9")
    def test_figures_of_other_persons_stay_theirs(self):
        report = self._issue()
        report.sudo().subject_id = self.specialist
        self.env.flush_all()
        figures = self.env["crm.statistics.figure"]
        colleague = self._new_user("test_colleague", "specialist")
        domain = [("report_id", "=", report.id)]
        self.assertTrue(figures.with_user(self.specialist).search(domain))
        self.assertTrue(figures.with_user(self.supervisor).search(domain))
        self.assertFalse(figures.with_user(colleague).search(domain))
        correction = self._correct(report)
        self.env.invalidate_all()
        with self.assertRefused(AccessError, ""):
            correction.with_user(colleague).read(["content_html"])

    @requirement("A1.R10", "A2.R9")
    def test_issued_reports_are_filed_after_the_delay_and_only_once(self):
        report, draft = self._issue(), self._make(date(2026, 4, 1), date(2026, 6, 30))
        correction = self._correct(report)
        correction.with_user(self.general_manager).action_approval_approve()
        self.env.flush_all()
        self._run_filing()
        self.assertFalse(report.date_filed)
        with freeze_time(fields.Datetime.now() + timedelta(days=31)):
            self._run_filing()
        filed = report.date_filed
        self.assertTrue(filed)
        self.assertTrue(correction.date_filed)
        with freeze_time(fields.Datetime.now() + timedelta(days=62)):
            self._run_filing()
        self.assertEqual(report.date_filed, filed)
        self.assertFalse(draft.date_filed)

    @requirement("A1.R10")
    def test_the_delay_of_filing_is_a_parameter(self):
        report = self._issue()
        self.env.flush_all()
        self.env["ir.config_parameter"].set_param("crm_service_base.filing_delay_days", "90")
        with freeze_time(fields.Datetime.now() + timedelta(days=80)):
            self._run_filing()
        self.assertFalse(report.date_filed)
        with freeze_time(fields.Datetime.now() + timedelta(days=91)):
            self._run_filing()
        self.assertTrue(report.date_filed)

    def _run_filing(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_service_base.ir_cron_statistics_file").method_direct_trigger()

    @requirement("A2.R17")
    def test_nothing_is_handed_out_before_it_is_issued(self):
        report = self._sign(self._make())
        with self.assertRefused(UserError, "only from issued reports"):
            report.with_user(self.supervisor).action_hand_out()
        wizard = (
            self.env["crm.statistics.hand.out"]
            .with_user(self.supervisor)
            .create(
                {
                    "report_id": report.id,
                    "partner_ids": [Command.set(self.customer.ids)],
                    "how": "paper",
                }
            )
        )
        with self.assertRefused(UserError, "only from issued reports"):
            wizard.action_confirm()
        values = {"report_id": report.id, "partner_id": self.customer.id, "how": "paper"}
        with self.assertRefused(UserError, "only from issued reports"):
            self.env["crm.statistics.distribution"].sudo().create(values)
        report.with_user(self.supervisor).action_issue()
        with self.assertRefused(UserError, "outside the company"):
            wizard.action_confirm()
        wizard.purpose = "Contract of 2026"
        wizard.action_confirm()
        row = report.sudo().distribution_ids
        self.assertEqual(row.partner_id, self.customer)
        self.assertTrue(row.is_external)
        self.assertEqual(row.sent_by_id, self.supervisor)
        with self.assertRefused(AccessError, ""):
            self.env["crm.statistics.distribution"].with_user(self.manager).create(values)

    @requirement("A2.R17")
    def test_only_supervisors_hand_out_and_only_to_addresses(self):
        report = self._issue(user_ids=[Command.set(self.director.ids)])
        values = {
            "report_id": report.id,
            "partner_ids": [Command.set(self.customer.ids)],
            "how": "email",
            "purpose": "Contract",
        }
        wizard = self.env["crm.statistics.hand.out"]
        for user in (self.director, self.specialist):
            with self.assertRefused(AccessError, ""):
                wizard.with_user(user).create(values).action_confirm()
        self.customer.email = False
        with self.assertRefused(UserError, "no e-mail address"):
            wizard.with_user(self.supervisor).create(values).action_confirm()
        self.assertEqual(report.sudo().distribution_ids.partner_id, self.director.partner_id)

    @requirement("A2.R17")
    def test_an_email_to_outside_carries_the_issued_form(self):
        report = self._issue()
        self.customer.email = "buyer@example.com"
        wizard = self.env["crm.statistics.hand.out"].with_user(self.supervisor)
        wizard = wizard.with_context(force_report_rendering=True).create(
            {
                "report_id": report.id,
                "partner_ids": [Command.set(self.customer.ids)],
                "how": "email",
                "purpose": "Contract",
            }
        )
        wizard.action_confirm()
        message = report.sudo().message_ids[0]
        self.assertEqual(message.notified_partner_ids, self.customer)
        self.assertEqual(
            message.attachment_ids.name, f"{report.issue_number.replace('/', '-')}.pdf"
        )
        self.assertIn(
            report.issue_number, _read_pdf(base64.b64decode(message.attachment_ids.datas))
        )

    @requirement("A2.R17", "A2.R9")
    def test_paper_and_spreadsheet_of_a_draft_say_so(self):
        report = self._make()
        text = self._print(report)
        self.assertIn("DRAFT", text)
        self.assertIn("may not be given to anybody outside", text)
        sheet = self._load(report)
        self.assertIn("DRAFT", sheet.worksheets[0]["A1"].value)
        self.assertIn("DRAFT", report._get_file_name())
        self._sign(report)
        self.assertIn("DRAFT", self._print(report))
        report.with_user(self.supervisor).action_issue()
        text = self._print(report)
        self.assertNotIn("DRAFT", text)
        self.assertIn(report.issue_number, text)
        for name in (self.specialist.name, self.supervisor.name, self.manager.name, "Agreed"):
            self.assertIn(name, text)
        self.assertNotIn("DRAFT", report._get_file_name())
        self.assertNotIn("DRAFT", self._load(report).worksheets[0]["A1"].value)

    @requirement("A2.R9")
    def test_paper_shows_figures_totals_and_corrections(self):
        report = self._issue()
        self._correct(report).with_user(self.general_manager).action_approval_approve()
        text = self._print(report)
        self.assertIn("统计", "".join(text.split()))
        for word in ("天水", "87.5%", "26", "15 *", "Counted twice", "12"):
            self.assertIn(word, text)
        self.assertIn("General", text)  # its name may be broken over two lines

    @requirement("A2.R9")
    def test_no_cell_of_the_spreadsheet_starts_a_formula(self):
        report = self._make()
        book = self._load(report)
        self.assertEqual(book.sheetnames, ["客户  明细 一季度", "客户  明细 一季度 2"])
        sheet = book.worksheets[0]
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        self.assertFalse([cell for cell in cells if cell.data_type == "f"])
        self.assertFalse([cell for cell in cells if cell.hyperlink])
        texts = {cell.value: cell for cell in cells}
        self.assertEqual(texts[ROWS[0][0]].data_type, "s")
        self.assertEqual(texts["+ Lanzhou"].data_type, "s")
        numbers = [cell.value for cell in cells if cell.column == 2 and cell.data_type == "n"]
        self.assertEqual(numbers, [12, 8, 3, 23])
        self.assertEqual(texts[0.875].number_format, "0.0%")

    @requirement("A2.R9")
    def test_followers_are_no_recipients(self):
        self.type.user_ids = self.director
        report = self._make()
        report.sudo().message_subscribe(self.customer.ids)
        self._sign(report)
        report.with_user(self.supervisor).action_issue()
        message = report.sudo().message_ids[0]
        self.assertEqual(message.notified_partner_ids, self.director.partner_id)

    def _print(self, report):
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        pdf, _kind = reports._render_qweb_pdf(
            "crm_service_base.crm_statistics_report_report", report.ids
        )
        return _read_pdf(pdf)

    def _load(self, report):
        return openpyxl.load_workbook(io.BytesIO(report._make_xlsx()))


@tagged("post_install", "-at_install")
class TestStatisticsSchedule(StatisticsCommon):
    def setUp(self):
        super().setUp()
        self.types = self.env["crm.statistics.report.type"]
        self.type.date_start = "2025-12-01"
        self.commits = 0
        self.patch(type(self.env["ir.cron"]), "_commit_progress", self._commit)

    def _commit(self, *_args, **_kwargs):
        self.commits += 1

    def _reports(self):
        return self.env["crm.statistics.report"].search([("type_id", "=", self.type.id)])

    def _kill_at(self, day):
        """The process ends while it counts the period that begins on a day."""

        def figures(_type, company, date_from, date_to):
            if date_from == day:
                raise KeyboardInterrupt
            return self._figures(company, date_from, date_to)

        self.patch(type(self.types), "_crm_statistics_evaluation", figures)

    @requirement("A2.R9")
    @freeze_time("2026-10-02 01:00:00")
    def test_due_periods_are_made_once_each(self):
        self.types._cron_generate()
        self.assertEqual(
            sorted(self._reports().mapped("date_to")),
            [date(2025, 12, 31), date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30)],
        )
        self.assertEqual(self.commits, 4)
        self.types._cron_generate()
        self.assertEqual(len(self._reports()), 4)
        self.assertEqual(len(self.calls), 4)
        self.assertEqual(self._reports().activity_ids.user_id, self.specialist)

    @requirement("A2.R9")
    @freeze_time("2026-10-02 01:00:00")
    def test_killed_in_the_middle_and_run_again_does_nothing_twice(self):
        self._kill_at(date(2026, 4, 1))
        try:  # not assertRaises: that would roll back what was committed
            self.types._cron_generate()
        except KeyboardInterrupt:
            self.env.invalidate_all()
        kept = self._reports()
        self.assertEqual((len(kept), self.commits), (2, 2))
        self.patch(type(self.types), "_crm_statistics_evaluation", self._figures)
        self.types._cron_generate()
        self.assertEqual(len(self._reports()), 4)
        self.assertTrue(kept <= self._reports())
        self.assertEqual(len(self.calls), 4)
        numbers = self._reports().mapped("name")
        self.assertEqual(len(set(numbers)), 4)

    @requirement("A2.R9")
    @freeze_time("2026-10-02 01:00:00")
    def test_killed_within_a_report_leaves_nothing_of_it(self):
        def figures(_type, company, date_from, date_to):
            if date_from == date(2026, 4, 1):
                raise ValueError("broken")
            return self._figures(company, date_from, date_to)

        self.patch(type(self.types), "_crm_statistics_evaluation", figures)
        with mute_logger("odoo.addons.crm_service_base.models.crm_statistics_report_type"):
            self.types._cron_generate()
        self.assertEqual(len(self._reports()), 3)
        self.patch(type(self.types), "_crm_statistics_evaluation", self._figures)
        self.types._cron_generate()
        self.assertEqual(len(self._reports()), 4)

    @requirement("A2.R9")
    def test_a_report_waits_for_its_day_in_its_time_zone(self):
        self.type.write({"schedule": "monthly", "days_after": 1, "date_start": "2026-02-01"})
        with freeze_time("2026-02-28 15:59:00"):
            self.types._cron_generate()
            self.assertFalse(self._reports())
        with freeze_time("2026-02-28 16:01:00"):  # the first of March in Shanghai
            self.types._cron_generate()
        self.assertEqual(self._reports().date_to, date(2026, 2, 28))
        start, end = self.type._get_bounds(date(2026, 2, 1), date(2026, 2, 28))
        self.assertEqual(fields.Datetime.to_string(start), "2026-01-31 16:00:00")
        self.assertEqual(fields.Datetime.to_string(end), "2026-02-28 16:00:00")

    @requirement("A2.R9")
    @freeze_time("2026-05-15 01:00:00")
    def test_by_hand_only_supervisors_and_only_periods_that_began(self):
        wizard = self.env["crm.statistics.report.generate"]
        values = {"type_id": self.type.id, "company_id": self.company.id, "date": "2026-02-14"}
        with self.assertRefused(AccessError, "supervisor"):
            wizard.with_user(self.specialist).create(values).action_generate()
        with self.assertRefused(AccessError, ""):
            wizard.with_user(self.plain_user).create(values)
        action = wizard.with_user(self.supervisor).create(values).action_generate()
        report = self._reports()
        self.assertEqual(action["res_id"], report.id)
        self.assertEqual((report.date_from, report.date_to), (date(2026, 1, 1), date(2026, 3, 31)))
        again = wizard.with_user(self.manager).create(values).action_generate()
        self.assertEqual(again["res_id"], report.id)
        with self.assertRefused(UserError, "has not begun"):
            wizard.with_user(self.supervisor).create(
                values | {"date": "2026-07-01"}
            ).action_generate()
        self._reports().with_user(self.specialist).action_approval_submit()
        self.assertEqual(report.approval_user_ids, self.supervisor, "also who had it made signs")
        running = wizard.with_user(self.supervisor).create(values | {"date": "2026-05-01"})
        report = self.env["crm.statistics.report"].browse(running.action_generate()["res_id"])
        with self.assertRefused(UserError, "not over"):
            report.with_user(self.specialist).action_approval_submit()


@tagged("post_install", "-at_install")
class TestServiceEvaluation(ServiceCommon):
    @requirement("D8.R1")
    @freeze_time("2026-04-05 02:00:00")
    def test_the_quarterly_evaluation_needs_a_plan_that_is_followed_up(self):
        report_type = self.env.ref("crm_service_base.statistics_type_evaluation")
        self.assertEqual(report_type.schedule, "quarterly")
        report_type.department_id = self.department
        report = report_type._generate(self.company, date(2026, 1, 1), date(2026, 3, 31))
        report.user_id = self.specialist
        report = report.with_user(self.specialist).sudo(False)
        rows = {row[0]: row for row in report._get_tables()[0]["rows"]}
        self.assertIn("Customers contacted", rows)
        self.assertIn("Churn", [row[1] for row in rows.values()])
        with self.assertRefused(UserError, "improvement plan"):
            report.action_approval_submit()
        report.write(
            {
                "analysis": "Fewer customers were called",
                "improvement_plan": "Call everybody once a month",
                "improvement_user_id": self.supervisor.id,
                "improvement_date": "2026-06-30",
            }
        )
        report.action_approval_submit()
        report.with_user(self.supervisor).action_approval_approve()
        report.with_user(self.manager).action_approval_approve()
        report.with_user(self.manager).action_issue()
        activity = report.sudo().activity_ids
        self.assertEqual(activity.user_id, self.supervisor)
        self.assertEqual(activity.date_deadline, date(2026, 6, 30))
        self.assertIn("once a month", activity.note)

    @requirement("D8.R1")
    def test_contacts_of_the_quarter_and_customers_fallen_silent(self):
        report_type = self.env.ref("crm_service_base.statistics_type_evaluation")
        report_type.tz = "Asia/Shanghai"
        self.customer.company_id = self.other_customer.company_id = self.company
        for customer, day in (
            (self.customer, "2025-11-01 02:00:00"),
            (self.other_customer, "2025-12-31 15:00:00"),
            (self.other_customer, "2025-12-31 16:30:00"),  # already January in Shanghai
        ):
            self.env["mail.message"].create(
                {
                    "model": "res.partner",
                    "res_id": customer.id,
                    "date": day,
                    "message_type": "comment",
                    "subtype_id": self.env.ref("mail.mt_comment").id,
                    "author_id": self.specialist.partner_id.id,
                    "body": "Hello",
                }
            )
        tables = report_type._compute_tables(
            self.company, date(2026, 1, 1), date(2026, 3, 31), self.env["res.users"]
        )
        rows = {row[0]: row for row in tables[0]["rows"]}
        old = self._count("2025-09-30 16:00:00", "2025-12-31 16:00:00")
        new = self._count("2025-12-31 16:00:00", "2026-03-31 16:00:00")
        self.assertTrue({self.customer.id, self.other_customer.id} <= old)
        contacted = rows["Customers contacted"]
        self.assertEqual((contacted[2], contacted[4]), (len(new), len(old)))
        self.assertEqual(contacted[5], len(new) - len(old))
        silent = rows["Customers of the period before without any contact"]
        self.assertEqual(silent[2], round(100.0 * len(old - new) / len(old), 1))

    def _count(self, start, end):
        contacts = self.env["crm.service.contact"].search(
            [("date", ">=", start), ("date", "<", end)]
        )
        mine = contacts.filtered(lambda c: c.company_id.id in (False, self.company.id))
        return set(mine.commercial_partner_id.ids)


@tagged("post_install", "-at_install")
class TestStatisticsDownload(StatisticsCommon, HttpCase):
    @requirement("A2.R9")
    def test_the_spreadsheet_is_for_who_may_read_the_report(self):
        report = self._make()
        url = report.action_download()["url"]
        for user, status in (
            (self.specialist, 200),
            (self.auditor, 200),
            (self.plain_user, 404),
            (self.portal_user, 404),
        ):
            self.authenticate(user.login, user.login)
            response = self.url_open(url)
            self.assertEqual(response.status_code, status, user.login)
        self.authenticate(self.specialist.login, self.specialist.login)
        response = self.url_open(url)
        self.assertIn("DRAFT", response.headers["Content-Disposition"])
        book = openpyxl.load_workbook(io.BytesIO(response.content))
        self.assertEqual(len(book.worksheets), 2)
        self.authenticate(None, None)
        self.assertNotEqual(self.url_open(url, allow_redirects=False).status_code, 200)


def _read_pdf(content):
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True
    )
    return unicodedata.normalize("NFKC", done.stdout.decode())
