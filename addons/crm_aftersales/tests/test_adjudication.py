from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .letter_common import LetterCommon


@tagged("post_install", "-at_install")
@requirement("C3.R10")
class TestAdjudication(LetterCommon):
    @classmethod
    def _make_adjudication(cls, user=None, **values):
        return (
            cls.env["crm.adjudication"]
            .with_user(user or cls.specialist)
            .create(
                {
                    "subject": "Who pays for the new charger",
                    "description": "Technical says stores kept them too warm.",
                    "department_ids": [Command.set((cls.technical | cls.stores).ids)],
                    "date_due": cls.now + timedelta(days=2),
                    **values,
                }
            )
        )

    @classmethod
    def _request(cls, **values):
        document = cls._make_adjudication(**values)
        document.action_request()
        return document

    def _both_sides(self, document):
        for user, text in ((self.fitter, "Not ours"), (self.reader, "Not ours either")):
            mine = document.with_user(user)
            self._note(mine.action_opinion(), user, note=text)
        return document

    def test_the_office_decides_between_departments(self):
        case = self._make_complaint()
        letter = self._send(case_id=case.id, department_id=self.stores.id)
        action = letter.action_new_adjudication()
        documents = self.env["crm.adjudication"].with_user(self.specialist)
        document = documents.with_context(**action["context"]).create(
            {"description": "Both say no", "date_due": self.now + timedelta(days=1)}
        )
        self.assertRegex(document.name, r"^CJ/\d{4}/\d+$")
        self.assertEqual(document.department_ids, self.technical | self.stores)
        document.action_request()
        self.assertEqual(document.state, "requested")
        asked = document.sudo().activity_ids
        self.assertLessEqual(self.engineer | self.reader, asked.user_id)
        self.assertIn(self.director, asked.user_id)
        with self.assertRefused(UserError, "has not given its opinion"):
            document.with_user(self.director)._decide("Stores pays", self.now + timedelta(days=5))
        self._both_sides(document)
        said = {line.department_id: (line.user_id, line.opinion) for line in document.opinion_ids}
        self.assertEqual(said[self.technical], (self.fitter, "Not ours"))
        self.assertEqual(said[self.stores], (self.reader, "Not ours either"))
        decider = document.with_user(self.director)
        self._note(
            decider.action_decide(),
            self.director,
            note="Stores pays",
            date_execute_due=self.now + timedelta(days=5),
        )
        self.assertEqual((document.state, document.decided_by_id), ("decided", self.director))
        self.assertEqual(document.sudo().activity_ids.user_id, self.engineer | self.reader)
        with self.assertRefused(UserError, "cannot be done now"):
            document.with_user(self.fitter)._give_opinion("I think again")
        self._note(decider.action_done(), self.director, note="Paid on Monday")
        self.assertEqual((document.state, document.execution), ("done", "Paid on Monday"))
        self.assertFalse(document.sudo().activity_ids)
        for origin in (case, letter):
            log = " ".join(origin.sudo().message_ids.mapped("body"))
            self.assertIn("Stores pays", log)

    def test_the_office_is_a_setting_and_frozen(self):
        office = self.env["crm.service.department"].create(
            {"name": "Office", "company_id": self.company.id, "head_id": self.stranger.id}
        )
        self.company.crm_adjudication_department_id = office
        document = self._both_sides(self._request())
        self.company.crm_adjudication_department_id = False
        self.assertEqual(document.office_id, office)
        with self.assertRefused(AccessError, "The office decides"):
            document.with_user(self.director)._decide("x", self.now + timedelta(days=5))
        document.with_user(self.stranger)._decide("Half each", self.now + timedelta(days=5))
        self.assertEqual(document.decided_by_id, self.stranger)

    def test_nobody_decides_in_his_own_matter(self):
        self.stores.member_ids = [Command.link(self.director.id)]
        document = self._both_sides(self._request())
        with self.assertRefused(AccessError, "The office decides"):
            document.with_user(self.director)._decide("Technical", self.now + timedelta(days=5))
        for user in (self.specialist, self.manager, self.fitter, self.auditor):
            with self.assertRefused(AccessError, ""):
                document.with_user(user)._decide("x", self.now + timedelta(days=5))
        document.with_user(self.general_manager)._decide("Stores", self.now + timedelta(days=5))

    def test_in_a_small_office_the_general_manager_decides(self):
        self.company.crm_adjudication_department_id = self.stores
        document = self._both_sides(self._request())
        self.assertEqual(document._get_deciders(), self.general_manager)
        adjudicate = self.env.ref("crm_aftersales.mail_activity_type_adjudicate")
        asked = document.sudo().activity_ids.filtered(lambda a: a.activity_type_id == adjudicate)
        self.assertEqual(asked.user_id, self.general_manager)
        with self.assertRefused(AccessError, "The office decides"):
            document.with_user(self.director)._decide("x", self.now + timedelta(days=5))
        document.with_user(self.general_manager)._decide("Stores", self.now + timedelta(days=5))
        self.assertEqual(document.state, "decided")
        self.technical.member_ids = [Command.link(self.general_manager.id)]
        with self.assertRefused(UserError, "Nobody can decide"):
            self._request()

    def test_silence_does_not_stop_the_office(self):
        document = self._request()
        document.with_user(self.fitter)._give_opinion("Not ours")
        with freeze_time(self.now + timedelta(days=3)):
            document.with_user(self.director)._decide("Stores", self.now + timedelta(days=5))
        self.assertEqual(document.state, "decided")

    def test_overdue_is_told_once_for_each_step(self):
        document = self._both_sides(self._request())
        cron = self.env["crm.adjudication"]
        cron._cron_report_overdue()
        self.assertFalse(document.date_overdue_told)
        with freeze_time(self.now + timedelta(days=3)):
            self.assertTrue(document.is_overdue)
            self.assertIn(document, cron.search([("is_overdue", "=", True)]))
            cron._cron_report_overdue()
            cron._cron_report_overdue()
            self.assertEqual(self._count_notices(document), 1)
            document.with_user(self.director)._decide("Stores", self.now + timedelta(days=5))
            self.assertFalse(document.is_overdue)
        with freeze_time(self.now + timedelta(days=6)):
            cron._cron_report_overdue()
            cron._cron_report_overdue()
            self.assertEqual(self._count_notices(document), 2)

    def _count_notices(self, document):
        notices = self._get_notices(document)
        return len(notices.filtered(lambda message: "Overdue" in message.subject))

    def test_what_is_missing(self):
        for values, sentence in (
            ({"department_ids": [Command.set(self.stores.ids)]}, "two at least"),
            ({"description": ""}, "do not agree on"),
            ({"date_due": self.now - timedelta(hours=1)}, "lies ahead"),
        ):
            with self.assertRefused(UserError, sentence):
                self._request(**values)
        document = self._both_sides(self._request())
        with self.assertRefused(UserError, "until when"):
            document.with_user(self.director)._decide("Stores", self.now - timedelta(days=1))
        with self.assertRefused(UserError, "in words"):
            document.with_user(self.director)._decide(" ", self.now + timedelta(days=5))

    def test_only_the_departments_speak(self):
        document = self._request()
        for user in (self.specialist, self.director, self.manager):
            with self.assertRefused(AccessError, "departments that disagree"):
                document.with_user(user)._give_opinion("x")
        with self.assertRefused(AccessError, ""):
            document.with_user(self.stranger).read(["subject"])
        with self.assertRefused(AccessError, ""):
            document.with_user(self.fitter).write({"decision": "x"})
        line = document.sudo().opinion_ids[0]
        for user in (self.fitter, self.specialist, self.manager):
            with self.assertRefused(AccessError, ""):
                line.with_user(user).write({"opinion": "x"})

    def test_forged_values(self):
        document = self._make_adjudication(
            state="decided", decision="x", decided_by_id=self.director.id, office_id=self.stores.id
        )
        self.assertEqual(document.state, "draft")
        self.assertFalse(document.decision or document.decided_by_id or document.office_id)
        for values in ({"state": "done"}, {"decision": "x"}, {"opinion_ids": [(5,)]}):
            with self.assertRefused(AccessError, "buttons"):
                document.with_user(self.manager).write(values)
        document.action_request()
        with self.assertRefused(UserError, "stays as it is"):
            document.with_user(self.manager).department_ids = [Command.clear()]
        with self.assertRefused(UserError, "not deleted"):
            document.unlink()
        self._note(document.action_withdraw(), self.specialist, note="Agreed by themselves")
        self.assertEqual(document.state, "cancelled")
        self.assertFalse(document.sudo().activity_ids)
