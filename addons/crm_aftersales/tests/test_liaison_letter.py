from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .letter_common import LetterCommon


@tagged("post_install", "-at_install")
@requirement("E2.F025")
class TestLiaisonLetter(LetterCommon):
    @requirement("C2.R14")
    def test_from_a_case_to_the_answer(self):
        """The department signs, answers, the sender checks; the case and its owner know."""
        case = self._make_complaint(description="Hot after an hour")
        action = case.action_new_letter()
        letters = self.env["crm.liaison.letter"].with_user(self.specialist)
        letter = letters.with_context(**action["context"]).create(
            {"date_due": self.now + timedelta(hours=8)}
        )
        self.assertRegex(letter.name, r"^LX/\d{4}/\d+$")
        self.assertEqual(letter.department_to_id, self.technical)
        self.assertEqual(letter.department_id, self.department)
        self.assertEqual((letter.case_id, letter.description), (case, "Hot after an hour"))
        letter.action_send()
        self.assertEqual(letter.state, "sent")
        todo = letter.sudo().activity_ids
        self.assertEqual(todo.user_id, self.engineer)

        mine = letter.with_user(self.fitter)
        mine.action_receive()
        self.assertEqual((letter.state, letter.received_by_id), ("received", self.fitter))
        self._answer(letter)
        self.assertEqual(letter.state, "answered")
        self.assertEqual((letter.answer, letter.measures), ("Batch 7", "Batch is recalled"))
        self.assertFalse(letter.is_late)
        self.assertEqual(letter.sudo().activity_ids.user_id, self.specialist)

        self._note(letter.action_check(), self.specialist, note="Recalled, customer content")
        self.assertEqual((letter.state, letter.checked_by_id), ("done", self.specialist))
        self.assertEqual(letter.conclusion, "Recalled, customer content")
        self.assertFalse(letter.sudo().activity_ids)
        self.assertEqual(case.letter_count, 1)
        log = " ".join(case.sudo().message_ids.mapped("body"))
        for word in ("sent to Technical", "Technical department answered", "Carried out"):
            self.assertIn(word, log)

    def test_letters_without_a_case(self):
        letter = self._answer(self._send())
        self.assertEqual(letter.received_by_id, self.fitter, "answering is signing for it")

    def test_what_is_missing(self):
        for values, sentence in (
            ({"department_to_id": False}, "Choose the department"),
            ({"department_to_id": self.department.id}, "another department"),
            ({"description": " "}, "in detail"),
            ({"date_due": False}, "term that lies ahead"),
            ({"date_due": self.now - timedelta(hours=1)}, "term that lies ahead"),
        ):
            letter = self._make_letter(**values)
            with self.assertRefused(UserError, sentence):
                letter.action_send()
        self.stores.head_id = False
        with self.assertRefused(UserError, "neither a head nor members"):
            self._make_letter(department_to_id=self.stores.id).action_send()
        letter = self._send()
        with self.assertRefused(UserError, "answer and the measures"):
            letter.with_user(self.fitter)._answer("Yes", " ")

    @requirement("C3.R16")
    def test_emergency_first_and_the_letter_afterwards(self):
        letter = self._make_letter(date_due=False, is_retroactive=True)
        with self.assertRefused(UserError, "what was done first, when, and why"):
            letter.action_send()
        letter.write(
            {
                "date_emergency": self.now + timedelta(hours=1),
                "emergency_action": "Switched the cabinet off",
                "emergency_reason": "It smoked",
            }
        )
        with self.assertRefused(UserError, "lies in the past"):
            letter.action_send()
        letter.date_emergency = self.now - timedelta(hours=1)
        letter.action_send()
        letter.with_user(self.engineer)._answer("Confirmed", None)
        self.assertEqual(letter.state, "answered")
        with self.assertRefused(UserError, "stays as it is"):
            letter.emergency_reason = "None"

    def test_sent_back(self):
        letter = self._answer(self._send())
        self._note(letter.action_return(), self.specialist, note="Which batch?")
        self.assertEqual((letter.state, letter.return_count), ("received", 1))
        self.assertFalse(letter.answer)
        self.assertIn("Batch 7", " ".join(letter.message_ids.mapped("body")))
        self.assertEqual(letter.sudo().activity_ids.user_id, self.engineer)

    def test_withdrawn(self):
        letter = self._send()
        self._note(letter.action_withdraw(), self.specialist, note="Solved itself")
        self.assertEqual(letter.state, "cancelled")
        self.assertFalse(letter.sudo().activity_ids)
        with self.assertRefused(UserError, "Withdrawn"):
            letter.with_user(self.fitter).action_receive()

    def test_one_does_not_check_what_one_answered(self):
        self.technical.member_ids = [Command.link(self.supervisor.id)]
        letter = self._send(user=self.specialist)
        letter.with_user(self.supervisor)._answer("Yes", "Done")
        with self.assertRefused(AccessError, "another checks"):
            letter.with_user(self.supervisor)._check_done("Fine")
        letter._check_done("Fine")

    def test_the_term_moves_but_lateness_stays(self):
        letter = self._send(date_due=self.now + timedelta(hours=1))
        letter.date_due = self.now + timedelta(days=9)
        self.assertEqual(
            letter.sudo().activity_ids.date_deadline,
            fields.Date.to_date(letter._get_due_day()),
        )
        with freeze_time(self.now + timedelta(hours=2)):
            self._answer(letter)
        self.assertTrue(letter.is_late)
        with self.assertRefused(UserError, "only its term"):
            letter.date_due = self.now + timedelta(days=20)

    @mute_logger("odoo.addons.crm_service_base.models.ir_cron")
    def test_a_letter_that_cannot_be_told_holds_up_no_other(self):
        self.env["crm.liaison.letter"].search([]).unlink()
        first = self._send(date_due=self.now + timedelta(hours=1))
        second = self._send(date_due=self.now + timedelta(hours=2))
        self._fail_for(first, "message_notify")
        with freeze_time(self.now + timedelta(hours=3)):
            self.env["crm.liaison.letter"]._cron_report_overdue()
        self.assertFalse(first.date_overdue_told)
        self.assertTrue(second.date_overdue_told)

    def test_overdue_is_told_once(self):
        self.env["crm.liaison.letter"].search([]).unlink()
        letter = self._send(date_due=self.now + timedelta(hours=1))
        early = self._send(date_due=self.now + timedelta(days=5))
        cron = self.env["crm.liaison.letter"]
        cron._cron_report_overdue()
        self.assertFalse(letter.date_overdue_told)
        with freeze_time(self.now + timedelta(hours=2)):
            self.assertTrue(letter.is_overdue)
            self.assertEqual(cron.search([("is_overdue", "=", True)]), letter)
            cron._cron_report_overdue()
            self.assertTrue(letter.date_overdue_told)
            self.assertFalse(early.date_overdue_told)
            cron._cron_report_overdue()
            told = self._notices(letter)
            self.assertEqual(len(told), 1)
            self.assertEqual(
                told.notified_partner_ids, (self.engineer | self.specialist).partner_id
            )
            letter.date_due = self.now + timedelta(hours=3)
        with freeze_time(self.now + timedelta(hours=4)):
            cron._cron_report_overdue()
            self.assertEqual(len(self._notices(letter)), 2, "a moved term is watched anew")
        self._answer(letter)
        self.assertFalse(letter.is_overdue)

    def _notices(self, letter):
        return self._get_notices(letter).filtered(lambda message: "Overdue" in message.subject)

    def test_copies_are_told_and_read(self):
        letter = self._send(copy_department_ids=[Command.set(self.stores.ids)])
        self.assertEqual(letter.with_user(self.reader).subject, letter.subject)
        self.assertIn(self.reader.partner_id, self._get_notices(letter).notified_partner_ids)
        with self.assertRefused(AccessError, "Technical department"):
            letter.with_user(self.reader).action_receive()

    # ------------------------------------------------------------------ who may what

    def test_plain_users_read_and_answer_and_nothing_else(self):
        case = self._make_complaint()
        draft = self._make_letter(case_id=case.id)
        sent = self._send(case_id=case.id)
        other = self._send(department_to_id=self.stores.id)
        letters = self.env["crm.liaison.letter"]
        self.assertEqual(letters.with_user(self.fitter).search([]), sent)
        self.assertFalse(letters.with_user(self.stranger).search([]))
        mine = sent.with_user(self.fitter)
        self.assertEqual(mine.case_reference, case.display_name)
        for letter in (draft, other):
            with self.assertRefused(AccessError, ""):
                letter.with_user(self.fitter).read(["subject"])
            with self.assertRefused(AccessError, ""):
                letter.with_user(self.fitter).action_receive()
        with self.assertRefused(AccessError, ""):
            case.with_user(self.fitter).read(["subject"])
        for values in (
            {"answer": "x"},
            {"state": "done"},
            {"subject": "x"},
            {"date_due": self.now},
            {"received_by_id": self.engineer.id},
        ):
            with self.assertRefused(AccessError, ""):
                mine.write(values)
        with self.assertRefused(AccessError, ""):
            self._make_letter(user=self.fitter)
        for refused in (mine._check_done, mine._return, mine._withdraw):
            with self.assertRefused(AccessError, ""):
                refused("x")
        with self.assertRefused(AccessError, ""):
            mine.unlink()

    def test_the_form_opens_for_plain_users(self):
        """What their form asks for, they may read."""
        sent = self._send(case_id=self._make_complaint().id).with_user(self.fitter)
        views = sent.get_views([(False, "form"), (False, "list"), (False, "kanban")])
        names = views["models"][sent._name]["fields"]
        self.assertIn("case_reference", names)
        arch = views["views"]["form"]["arch"]
        self.assertNotIn('name="case_id"', arch)
        self.assertNotIn('name="visit_id"', arch)
        specification = {"subject": {}, "case_reference": {}, "department_to_id": {}}
        self.assertTrue(sent.web_read(specification))
        sent.message_post(body="Which batch?")

    def test_the_sender_does_not_sign_for_the_department(self):
        letter = self._send()
        for user in (self.specialist, self.supervisor, self.manager):
            with self.assertRefused(AccessError, "sign for the letter"):
                letter.with_user(user).action_receive()
            with self.assertRefused(AccessError, "sign for the letter"):
                letter.with_user(user)._answer("x", "x")

    def test_colleagues_letters(self):
        colleague = self._new_user("test_colleague", "specialist")
        letter = self._make_letter(user=colleague)
        with self.assertRefused(AccessError, ""):
            letter.with_user(self.specialist).action_send()
        with self.assertRefused(AccessError, ""):
            self._make_letter(user_id=colleague.id)
        letter.with_user(self.supervisor).action_send()

    def test_forged_values(self):
        letter = self._make_letter(
            state="done", answer="x", received_by_id=self.fitter.id, date_sent=self.now
        )
        self.assertEqual(letter.state, "draft")
        self.assertFalse(letter.answer or letter.received_by_id or letter.date_sent)
        for user in (self.specialist, self.manager):
            for values in ({"state": "sent"}, {"answer": "x"}, {"date_overdue_told": self.now}):
                with self.assertRefused(AccessError, "buttons"):
                    letter.with_user(user).write(values)
        with self.assertRefused(AccessError, "computed"):
            letter.is_late = True
        letter.action_send()
        with self.assertRefused(UserError, "stays as it is"):
            letter.subject = "Something else"
        with self.assertRefused(UserError, "stays as it is"):
            letter.with_user(self.manager).department_to_id = self.stores
        with self.assertRefused(UserError, "not deleted"):
            letter.unlink()

    def test_dialogs_check_again(self):
        """The dialog is a door as well: whoever may not, may not through it."""
        letter = self._send()
        action = letter.with_user(self.fitter).action_answer()
        note = self.env[action["res_model"]].with_user(self.specialist)
        dialog = note.create(
            {"letter_ids": letter.ids, "kind": "answer", "note": "x", "measures": "x"}
        )
        with self.assertRefused(AccessError, ""):
            dialog.action_apply()
        with self.assertRefused(AccessError, ""):
            dialog.with_user(self.fitter).action_apply()

    def test_filed(self):
        letter = self._answer(self._send())
        letter._check_done("Fine")
        letter.with_user(self.supervisor).action_file()
        self.assertTrue(letter.date_filed)
        old = self._answer(self._send())
        old._check_done("Fine")
        with freeze_time(self.now + timedelta(days=40)):
            self.env["crm.liaison.letter"]._cron_file_documents()
        self.assertTrue(old.date_filed)


@tagged("post_install", "-at_install")
@requirement("E2.R10")
class TestBadCallback(LetterCommon):
    def _make_bad_callback(self, **values):
        visits = self.env["crm.visit"].with_user(self.specialist)
        method = self.env.ref("crm_visits.visit_method_callback_complaint")
        visit = visits.create(
            {
                "method_id": method.id,
                "partner_id": self.customer.id,
                "date_callback_from": self.now - timedelta(hours=3),
                "date_start": self.now - timedelta(hours=1),
                "purpose": "Callback",
                "satisfaction_complaint": "poor",
                "callback_attitude": "good",
                "callback_quality": "poor",
                "satisfaction_service": "poor",
                "callback_shortcoming": "It is hot again",
                "result": "To be looked at",
                **values,
            }
        )
        visit.action_finish()
        return visit

    def test_a_bad_callback_becomes_a_letter(self):
        visit = self._make_bad_callback()
        visit.action_approval_submit()
        letter = self.env["crm.liaison.letter"].search([("visit_id", "=", visit.id)])
        self.assertEqual((letter.state, letter.user_id), ("draft", self.specialist))
        self.assertEqual(letter.partner_id, self.customer)
        self.assertIn("It is hot again", letter.description)
        self.assertEqual(letter.activity_ids.user_id, self.specialist)
        letter.with_user(self.specialist).write(
            {"department_to_id": self.technical.id, "date_due": self.now + timedelta(days=1)}
        )
        letter.with_user(self.specialist).action_send()
        self.assertEqual(visit.action_new_letter()["domain"], [("visit_id", "=", visit.id)])

    def test_a_good_one_does_not(self):
        visit = self._make_bad_callback(
            satisfaction_complaint="good", callback_quality="good", satisfaction_service="good"
        )
        visit.action_approval_submit()
        self.assertFalse(visit.letter_ids)

    def test_the_case_names_the_department(self):
        case = self._make_complaint()
        visit = self._make_bad_callback()
        visit.sudo().case_id = case
        visit.action_approval_submit()
        letter = visit.sudo().letter_ids
        self.assertEqual((letter.case_id, letter.department_to_id), (case, self.technical))
        self.assertIn("It is hot again", letter.description)
