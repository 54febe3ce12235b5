from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .letter_common import LetterCommon


@tagged("post_install", "-at_install")
@requirement("D6.R4")
class TestCaseDiscussion(LetterCommon):
    @classmethod
    def _make_discussion(cls, **values):
        cases = cls._make_complaint() | cls._make_complaint(partner_id=cls.other_customer.id)
        action = cases.action_new_discussion()
        discussions = cls.env["crm.case.discussion"].with_user(cls.specialist)
        return discussions.with_context(**action["context"]).create(
            {
                "date": cls.now - timedelta(hours=2),
                "participant_ids": [Command.set((cls.specialist | cls.engineer).ids)],
                "cause": "One batch",
                "minutes": "Engineer measured ten",
                "solution": "Recall the batch",
                "answer": "You get a new one",
                "measure_ids": [
                    Command.create(
                        {
                            "name": "Recall",
                            "user_id": cls.fitter.id,
                            "date_due": cls.today + timedelta(days=3),
                        }
                    )
                ],
                **values,
            }
        )

    def test_minutes_measures_answer(self):
        discussion = self._make_discussion()
        self.assertRegex(discussion.name, r"^TL/\d{4}/\d+$")
        self.assertEqual(len(discussion.case_ids), 2)
        self.assertEqual(discussion.category_id, self.category)
        discussion.action_hold()
        self.assertEqual(discussion.state, "held")
        self.assertEqual(discussion.sudo().activity_ids.user_id, self.fitter)
        for case in discussion.case_ids.sudo():
            self.assertIn("Recall the batch", " ".join(case.message_ids.mapped("body")))
            self.assertEqual(case.activity_ids.user_id, self.specialist)
            self.assertIn("You get a new one", case.activity_ids.note)
            self.assertEqual(case.discussion_count, 1)
        measure = discussion.measure_ids
        measure.with_user(self.fitter).action_done()
        self.assertEqual((measure.done_by_id, discussion.state), (self.fitter, "done"))
        self.assertFalse(discussion.sudo().activity_ids)
        discussion.with_user(self.supervisor).action_file()
        self.assertTrue(discussion.date_filed)

    def test_what_is_missing(self):
        for values, sentence in (
            ({"cause": False}, "Cause Found"),
            ({"answer": " "}, "Answer to Customers"),
            ({"date": self.now + timedelta(days=1)}, "after the discussion"),
            ({"participant_ids": [Command.set(self.specialist.ids)]}, "participants"),
            ({"case_ids": [Command.clear()]}, "cases"),
        ):
            with self.assertRefused(UserError, sentence):
                self._make_discussion(**values).action_hold()

    def test_final_minutes_stay(self):
        discussion = self._make_discussion()
        with self.assertRefused(AccessError, "button"):
            discussion.state = "held"
        discussion.action_hold()
        with self.assertRefused(UserError, "stays as it is"):
            discussion.minutes = "x"
        with self.assertRefused(UserError, "stays as it is"):
            discussion.measure_ids.name = "x"
        with self.assertRefused(UserError, "stays as it is"):
            discussion.measure_ids.unlink()
        with self.assertRefused(UserError, "stays as it is"):
            discussion.measure_ids.create(
                {
                    "discussion_id": discussion.id,
                    "name": "x",
                    "user_id": self.fitter.id,
                    "date_due": self.today,
                }
            )
        with self.assertRefused(UserError, "not deleted"):
            discussion.unlink()
        with self.assertRefused(AccessError, "Done"):
            discussion.measure_ids.is_done = True

    def test_who_reads_and_who_does(self):
        discussion = self._make_discussion()
        self.assertTrue(discussion.with_user(self.engineer).read(["minutes"]))
        self.assertTrue(discussion.with_user(self.fitter).case_references)
        with self.assertRefused(AccessError, ""):
            discussion.with_user(self.stranger).read(["minutes"])
        with self.assertRefused(AccessError, ""):
            discussion.with_user(self.engineer).write({"minutes": "x"})
        with self.assertRefused(UserError, "stays as it is"):
            discussion.measure_ids.with_user(self.fitter).action_done()
        discussion.action_hold()
        with self.assertRefused(AccessError, ""):
            discussion.measure_ids.with_user(self.engineer).action_done()

    def test_invited(self):
        discussion = self._make_discussion(place="Room 3")
        discussion.action_invite()
        message = self._get_notices(discussion)
        self.assertEqual(message.notified_partner_ids, self.engineer.partner_id)
        self.assertIn("Room 3", message.body)
