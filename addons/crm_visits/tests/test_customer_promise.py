from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import VisitCommon


@tagged("post_install", "-at_install")
class TestCustomerPromise(VisitCommon):
    """What a customer was promised is kept, told or broken, never forgotten or rewritten."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._new_user("test_colleague", "specialist")
        cls.department.member_ids |= cls.colleague

    def setUp(self):
        super().setUp()
        self.left = 60.0
        commit = "_commit_progress"
        self.patch(type(self.env["ir.cron"]), commit, lambda *_args, **_values: self.left)

    @classmethod
    def _make_promise(cls, user=None, **values):
        return (
            cls.env["crm.customer.promise"]
            .with_user(user or cls.specialist)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "description": "A new charger, free of charge",
                    "date_deadline": cls.today + timedelta(days=5),
                    **values,
                }
            )
        )

    def _make_overdue(self, **values):
        return self._make_promise(
            date_promised=self.today - timedelta(days=9),
            date_deadline=self.today - timedelta(days=2),
            **values,
        )

    def _close(self, promise, outcome="kept", **values):
        dialog = self.env["crm.customer.promise.close"].with_user(self.specialist)
        dialog.create(
            {
                "promise_ids": [Command.set(promise.ids)],
                "outcome": outcome,
                "result": "Sent by SF Express",
                **values,
            }
        ).action_apply()

    def test_made_on_the_form_of_a_visit(self):
        visit = self._make_call()
        with Form(visit) as form, form.promise_ids.new() as line:
            line.description = "Call back on Friday"
            line.date_deadline = self.today + timedelta(days=3)
        promise = visit.promise_ids
        self.assertEqual(promise.partner_id, self.customer)
        self.assertEqual((promise.user_id, promise.promised_by_id), (self.specialist,) * 2)
        self.assertTrue(promise.name)
        activity = promise.activity_ids
        self.assertEqual(activity.date_deadline, promise.date_deadline)
        self.assertEqual(activity.user_id, self.specialist)

    def test_made_and_closed_after_the_record_is_locked(self):
        visit = self._carry_out(self._make_call())
        self._approve(visit)
        visit.write(
            {
                "promise_ids": [
                    Command.create({"description": "Late thought", "date_deadline": self.today})
                ]
            }
        )
        self.assertEqual(visit.state, "reviewed")
        self._close(visit.promise_ids)
        self.assertEqual(visit.promise_ids.state, "kept")
        self.assertFalse(visit.sudo()._approval_faults()[visit.id])

    def test_comes_up_at_the_next_visit(self):
        promise, overdue = self._make_promise(), self._make_overdue()
        self._make_promise(partner_id=self.other_customer.id)
        self._close(self._make_promise())
        visit = self._make_call()
        self.assertEqual(visit.open_promise_ids, promise | overdue)
        self.assertEqual((visit.open_promise_count, visit.overdue_promise_count), (2, 1))
        self.assertEqual(visit.partner_id.crm_promise_count, 2)
        contact = self.env["res.partner"].create({"name": "Wu", "parent_id": self.customer.id})
        self.assertEqual(contact.with_user(self.specialist).crm_promise_count, 2)

    def test_not_of_another_company(self):
        company = self.env["res.company"].create({"name": "Other"})
        self.env["crm.customer.promise"].create(
            {
                "partner_id": self.customer.id,
                "company_id": company.id,
                "user_id": self.env.uid,
                "description": "Of others",
                "date_deadline": self.today,
            }
        )
        self.assertFalse(self._make_call().open_promise_count)
        self.assertFalse(self.customer.with_user(self.specialist).crm_promise_count)

    def test_finishing_shows_what_is_overdue(self):
        visit = self._make_call()
        overdue = self._make_overdue()
        visit.action_start()
        action = visit.action_finish()
        self.assertEqual(visit.state, "done")
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), overdue)

    def test_finishing_shows_nothing_where_nothing_is_overdue(self):
        self._make_promise()
        visit = self._make_call()
        visit.action_start()
        self.assertFalse(visit.action_finish())

    def test_closed_with_a_result_only(self):
        promise = self._make_promise()
        with self.assertRefused(UserError, "what became"):
            promise._close("kept", "  ", False)
        self._close(promise, is_told=True)
        self.assertEqual((promise.state, promise.result), ("kept", "Sent by SF Express"))
        self.assertEqual((promise.closed_by_id, promise.told_by_id), (self.specialist,) * 2)
        self.assertTrue(promise.is_in_time)
        self.assertFalse(promise.activity_ids)
        with self.assertRefused(UserError, "closed already"):
            self._close(promise, "broken")

    def test_a_moved_promise_is_not_kept_in_time(self):
        promise = self._make_overdue()
        self.assertFalse(promise.is_moved)
        promise.date_deadline = self.today + timedelta(days=9)
        self.assertTrue(promise.is_moved)
        self.assertFalse(promise.is_overdue)
        moved = self.env["crm.customer.promise"].search([("is_moved", "=", True)])
        self.assertEqual(moved, promise)
        self.assertEqual(promise.activity_ids.date_deadline, promise.date_deadline)
        self._close(promise)
        self.assertFalse(promise.is_in_time)

    def test_overdue_is_found(self):
        promise, overdue = self._make_promise(), self._make_overdue()
        mine = [("id", "in", (promise | overdue).ids)]
        model = self.env["crm.customer.promise"]
        self.assertEqual(model.search([*mine, ("is_overdue", "=", True)]), overdue)
        self.assertEqual(model.search([*mine, ("is_overdue", "=", False)]), promise)

    def test_only_owner_and_supervisor_change_it(self):
        promise = self._make_promise()
        with self.assertRefused(AccessError, ""):
            promise.with_user(self.colleague).description = "Nothing"
        with self.assertRefused(AccessError, ""):
            promise.with_user(self.colleague)._close("broken", "x", False)
        handed_over = self._make_promise(user_id=self.colleague.id)
        with self.assertRefused(AccessError, ""):
            handed_over.date_deadline = self.today + timedelta(days=50)
        promise.with_user(self.supervisor).description = "A new charger and a cable"

    def test_colleagues_cannot_type_into_it(self):
        promise = self._make_promise()
        form = Form(promise.with_user(self.colleague))
        for name in ("description", "date_deadline", "user_id"):
            with self.assertRaisesRegex(AssertionError, "readonly"):
                form[name] = False
        with Form(promise) as form:
            form.contact = "Mr Wang"
        self._close(promise)
        self.assertFalse(promise.with_user(self.supervisor).is_editable)

    def test_only_who_may_write_is_offered_to_note_that_the_customer_was_told(self):
        promise = self._make_promise()
        self.assertFalse(promise.is_tellable, "the promise is still open")
        self._close(promise)
        promise.invalidate_recordset()
        self.assertTrue(promise.is_tellable)
        self.assertFalse(promise.with_user(self.colleague).is_tellable)
        promise.action_tell()
        promise.invalidate_recordset()
        self.assertFalse(promise.is_tellable, "told already")

    def test_a_change_is_in_the_log(self):
        promise = self._make_promise().with_context(tracking_disable=False)
        self.env.cr.flush()
        promise.description = "Nothing at all"
        self.env.flush_all()
        self.env.cr.flush()
        values = self._messages(promise).tracking_value_ids
        self.assertIn("A new charger, free of charge", values.mapped("old_value_text"))

    def test_state_moves_with_the_buttons_only(self):
        promise = self._make_promise(state="kept", result="x", is_in_time=True)
        self.assertEqual((promise.state, promise.result), ("open", False))
        for values in ({"state": "kept"}, {"date_deadline_first": self.today}, {"result": "x"}):
            with self.assertRefused(AccessError, "closed with its buttons"):
                promise.write(values)

    def test_a_closed_promise_stays(self):
        promise = self._make_promise()
        self._close(promise, "broken")
        with self.assertRefused(UserError, "stays as it was"):
            promise.description = "Nothing"
        for user in (self.specialist, self.manager):
            with self.assertRefused(UserError, "not deleted"):
                promise.with_user(user).unlink()

    def test_told_later(self):
        promise = self._make_promise()
        with self.assertRefused(UserError, "is open"):
            promise.action_tell()
        self._close(promise, "broken")
        promise.action_tell()
        self.assertEqual(promise.told_by_id, self.specialist)
        with self.assertRefused(UserError, "was told"):
            promise.action_tell()

    def test_supervisor_opens_again(self):
        promise = self._make_promise()
        self._close(promise)
        with self.assertRefused(AccessError, "supervisor"):
            promise.action_reopen()
        promise.with_user(self.supervisor).action_reopen()
        self.assertEqual((promise.state, promise.result), ("open", False))
        self.assertTrue(promise.date_deadline_first)
        self.assertEqual(len(promise.activity_ids), 1)

    def test_visit_of_another_customer_is_refused(self):
        visit = self._make_call(partner_id=self.other_customer.id)
        with self.assertRefused(ValidationError, "another customer"):
            self._make_promise(visit_id=visit.id)

    def _messages(self, promise):
        return self.env["mail.message"].search(
            [("model", "=", promise._name), ("res_id", "in", promise.ids)]
        )

    def _notices(self, promise, user):
        """Reminders and reports of the scheduled action; other addons may send more."""
        return self._messages(promise).filtered(
            lambda m: (
                user.partner_id in m.partner_ids
                and (m.subject or "").startswith(("Due today", "Overdue"))
            )
        )

    def test_cron_reminds_once_on_the_day(self):
        promise = self._make_promise()
        cron = self.env["crm.customer.promise"]
        cron._cron_follow_up()
        self.assertFalse(self._notices(promise, self.specialist))
        with freeze_time(self.now + timedelta(days=5)):
            cron._cron_follow_up()
            cron._cron_follow_up()
        self.assertEqual(len(self._notices(promise, self.specialist)), 1)
        self.assertFalse(self._notices(promise, self.supervisor))

    def test_cron_speaks_the_language_of_the_company(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["crm_visits"], ["zh_CN"])
        self.company.partner_id.lang = "zh_CN"
        promise = self._make_overdue()
        self.env["crm.customer.promise"].with_context(lang=None)._cron_follow_up()
        subjects = self._messages(promise).mapped("subject")
        self.assertTrue([text for text in subjects if text and text.startswith("逾期")], subjects)

    def test_cron_tells_the_head_once(self):
        promise = self._make_overdue()
        for _run in range(2):
            self.env["crm.customer.promise"]._cron_follow_up()
        self.assertEqual(len(self._notices(promise, self.supervisor)), 1)
        promise.date_deadline = self.today - timedelta(days=1)
        self.env["crm.customer.promise"]._cron_follow_up()
        self.assertEqual(len(self._notices(promise, self.supervisor)), 2)

    def test_nobody_takes_it_from_the_head(self):
        promise = self._make_overdue()
        without = self._make_overdue(department_id=False)
        promise.department_id = False
        self.assertEqual((promise | without).department_id, self.department)
        self.env["crm.customer.promise"]._cron_follow_up()
        for late in (promise, without):
            self.assertEqual(len(self._notices(late, self.supervisor)), 1)

    def test_cron_goes_on_where_it_was_stopped(self):
        promises = self._make_overdue() | self._make_overdue()
        self.left = 0.0
        self.env["crm.customer.promise"]._cron_follow_up()
        self.assertEqual(promises.mapped(lambda p: bool(p.date_escalated)), [True, False])
        self.env["crm.customer.promise"]._cron_follow_up()
        for promise in promises:
            self.assertEqual(len(self._notices(promise, self.supervisor)), 1)

    def test_the_head_is_reported_to_the_head_above(self):
        above = self.env["crm.service.department"].create(
            {"name": "Above", "company_id": self.company.id, "head_id": self.manager.id}
        )
        self.department.parent_id = above
        promise = self._make_overdue(user_id=self.supervisor.id)
        self.env["crm.customer.promise"]._cron_follow_up()
        self.assertTrue(self._notices(promise, self.manager))

    def test_day_of_the_owner_counts(self):
        self.specialist.tz = "Asia/Shanghai"
        promise = self._make_promise(date_deadline="2036-05-10", date_promised="2036-05-01")
        with freeze_time("2036-05-09 20:00:00"):
            self.env["crm.customer.promise"]._cron_follow_up()
        self.assertEqual(promise.date_reminded, fields.Date.to_date("2036-05-10"))

    def test_quarter_counts_what_was_kept_in_time(self):
        report_type = self.env.ref("crm_service_base.statistics_type_evaluation")
        company = self.env["res.company"].create({"name": "Counted"})
        promises = self.env["crm.customer.promise"].create(
            [
                {
                    "company_id": company.id,
                    "partner_id": self.customer.id,
                    "description": str(number),
                    "date_promised": "2026-01-05",
                    "date_deadline": f"2026-0{month}-10",
                }
                for number, month in enumerate((2, 2, 3, 3, 5))
            ]
        )
        with freeze_time("2026-02-01 03:00:00"):
            promises[0]._close("kept", "x", True)
            promises[3]._close("withdrawn", "x", True)
        with freeze_time("2026-02-20 03:00:00"):
            promises[1]._close("kept", "x", True)
        period = (fields.Date.to_date("2026-01-01"), fields.Date.to_date("2026-03-31"))
        rows = report_type._get_crm_service_evaluation_rows(company, *period)
        values = {row["key"]: row["value"] for row in rows}
        self.assertEqual((values["promise_due"], values["promise_rate"]), (3, 33.3))
