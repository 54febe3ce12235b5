from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestSuggestion(DeskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = new_test_user(
            cls.env,
            login="test_salesman",
            groups="base.group_user,sales_team.group_sale_salesman",
            lang="en_US",
            company_id=cls.company.id,
        )
        cls.case = cls._make_case(kind="suggestion", subject="A manual in Chinese")

    def _decide(self, decision="adopted", user=None, **values):
        user = user or self.supervisor
        dialog = self._open_dialog(self.case.with_user(user).action_decide_suggestion(), user)
        dialog.decision = decision
        dialog.reason = "The next edition has it"
        for name, value in values.items():
            dialog[name] = value
        dialog.save().action_apply()

    @requirement("B3.R4", "C2.R12")
    def test_adopted_passed_on_and_answered(self):
        case = self.case
        case.solution = "Decided"
        with self.assertRefused(UserError, "Adopt or decline"):
            case.action_solve()
        self._decide(department_id=self.department, is_valuable=True, value=12000)
        self.assertEqual((case.suggestion_state, case.suggestion_value), ("adopted", 12000))
        self.assertEqual(case.suggestion_department_id, self.department)
        case.action_solve()
        with self.assertRefused(UserError, "Tell the customer"):
            case.action_close()
        case._reopen("To answer")
        dialog = self._open_dialog(case.action_reply())
        dialog.template_id = self.env["crm.case.reply.template"]
        dialog.how, dialog.body = "phone", "The next edition has it. Thank you!"
        dialog.save().action_send()
        self.assertTrue(case.suggestion_date_told)
        case.action_solve()
        case.action_close()
        self.assertEqual(case.state, "closed")

    @requirement("B3.R4")
    def test_told_before_it_was_decided_does_not_count(self):
        self.case._record_event("answered")
        self._decide("declined")
        self.assertFalse(self.case.suggestion_date_told)
        self.case._record_event(
            "answered", fields.Datetime.subtract(fields.Datetime.now(), hours=1)
        )
        self.assertFalse(self.case.suggestion_date_told)

    @requirement("B3.R4")
    def test_who_decides(self):
        with self.assertRefused(AccessError, "supervisor or the head"):
            self.case._decide_suggestion("adopted", "x")
        with self.assertRefused(UserError, "reason"):
            self.case.with_user(self.supervisor)._decide_suggestion("declined", " ")
        with self.assertRefused(AccessError, "buttons"):
            self.case.write({"suggestion_state": "adopted"})
        with self.assertRefused(UserError, "no open suggestion"):
            self._make_case().with_user(self.supervisor)._decide_suggestion("adopted", "x")
        self.department.head_id = self.colleague
        self.case.with_user(self.colleague)._decide_suggestion("adopted", "x")
        self.assertEqual(self.case.suggestion_by_id, self.colleague)

    @requirement("C2.R12")
    def test_department_is_told(self):
        self.department.head_id = self.colleague
        self._decide(department_id=self.department)
        notice = self._get_notices(self.case)
        self.assertIn(self.colleague.partner_id, notice.partner_ids)
        kind = self.env.ref("crm_aftersales.mail_activity_type_suggestion")
        todo = self.case.activity_ids.filtered(lambda a: a.activity_type_id == kind)
        self.assertEqual(todo.user_id, self.specialist)

    @requirement("C2.R12")
    def test_summary_for_the_departments(self):
        self._decide(department_id=self.department, is_valuable=True, value=12000)
        self._make_case(kind="suggestion", subject="Other")
        kind = self.env.ref("crm_aftersales.statistics_type_suggestion")
        today = kind._get_today()
        counts, valuable = kind._crm_statistics_case_suggestion(self.company, today, today)
        rows = {row[0]: row[1:] for row in counts["rows"]}
        self.assertEqual(rows[self.department.name], [1, 1, 0, 0, 0, 12000.0])
        self.assertEqual(rows["Not Passed On"][:4], [1, 0, 0, 1])
        self.assertEqual([row[1] for row in valuable["rows"]], [self.case.name])

    @requirement("C1.R8")
    def test_market_information_reaches_sales(self):
        self.customer.user_id = self.salesman
        dialog = self._open_dialog(self.case.action_new_market_note())
        dialog.note = "Wants 200 batteries in May"
        note = dialog.save()
        self.assertEqual(note.salesperson_id, self.salesman)
        self.assertEqual(note.activity_ids.user_id, self.salesman)
        self.assertEqual(self.case.market_note_count, 1)
        seen = note.with_user(self.salesman)
        self.assertIn(seen, seen.search([]))
        with self.assertRefused(AccessError, "access|rights"):
            seen.read(["case_id"])
        with self.assertRefused(AccessError, "by sales"):
            note.action_take_up()
        with self.assertRefused(AccessError, "Sales answers"):
            seen.write({"note": "Wants nothing"})
        seen.write({"answer": "Offer sent"})
        seen.action_take_up()
        self.assertEqual(note.read_by_id, self.salesman)
        self.assertFalse(note.activity_ids)
        with self.assertRefused(AccessError, "button"):
            note.write({"date_read": False})

    @requirement("C1.R8")
    def test_market_information_without_a_salesperson(self):
        self.env["crm.team"].search([]).active = False
        self.env["crm.team"].create({"name": "East", "user_id": self.salesman.id})
        self.customer.user_id = False
        note = (
            self.env["crm.market.note"]
            .with_user(self.specialist)
            .create({"partner_id": self.customer.id, "note": "Cheaper elsewhere", "topic": "price"})
        )
        self.assertEqual(note.salesperson_id, self.salesman)
