from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import CaseCommon


@tagged("post_install", "-at_install")
@requirement("C3.R14")
class TestServiceResearch(CaseCommon):
    """Led by senior staff, approved, its action plan followed up by activities."""

    @classmethod
    def _make_research(cls, **values):
        return (
            cls.env["crm.service.research"]
            .with_user(cls.supervisor)
            .create(
                {
                    "subject": "How fast are we?",
                    "leader_id": cls.manager.id,
                    "participant_ids": [Command.set(cls.specialist.ids)],
                    "partner_ids": [Command.set(cls.customer.ids)],
                    "findings": "The hotline is busy on Mondays",
                    "measure_ids": [
                        Command.create(
                            {
                                "opinion": "Busy on Mondays",
                                "name": "A second line on Mondays",
                                "user_id": cls.specialist.id,
                                "date_due": cls.today + timedelta(days=14),
                            }
                        )
                    ],
                    **values,
                }
            )
        )

    def test_led_by_senior_staff(self):
        for leader in (self.specialist, self.env["res.users"]):
            with self.assertRefused(UserError, "member of the management"):
                self._make_research(leader_id=leader.id).action_approval_submit()
        head = self._make_research(leader_id=self.supervisor.id)
        self.assertTrue(head._is_senior(self.supervisor), "heads a department")
        for name in ("participant_ids", "partner_ids", "measure_ids"):
            with self.assertRefused(UserError, "Fill in"):
                self._make_research(**{name: [Command.clear()]}).action_approval_submit()

    def test_the_action_plan_is_followed_up(self):
        research = self._make_research()
        measure = research.measure_ids
        with self.assertRefused(UserError, "once the document is approved"):
            measure.action_done()
        research.action_approval_submit()
        with self.assertRefused(AccessError, ""):
            research.with_user(self.manager).action_approval_approve()
        research.with_user(self.general_manager).action_approval_approve()
        todo = research.sudo().activity_ids.filtered(lambda a: a.summary == measure.name)
        self.assertEqual((todo.user_id, todo.date_deadline), (self.specialist, measure.date_due))
        with self.assertRefused(UserError, "locked"):
            measure.write({"date_due": self.today})
        self.assertEqual(research.measure_open_count, 1)
        measure.with_user(self.specialist).action_done()
        self.assertEqual(research.state, "done")
        self.assertFalse(research.sudo()._approval_faults()[research.id])
        with self.assertRefused(UserError, "is not deleted"):
            research.sudo().unlink()
        self.assertFalse(research.sudo().activity_ids.filtered(lambda a: a.summary == measure.name))

    def test_what_is_late_is_found(self):
        research = self._make_research()
        research.measure_ids.date_due = self.today - timedelta(days=1)
        found = self.env["crm.research.measure"].search([("is_overdue", "=", True)])
        self.assertIn(research.measure_ids, found)

    def test_who_reads_it(self):
        research = self._make_research(participant_ids=[Command.set(self.plain_user.ids)])
        self.assertTrue(research.with_user(self.plain_user).has_access("read"))
        self.assertFalse(research.with_user(self.plain_user).has_access("write"))
        self.assertFalse(research.with_user(self.portal_user).has_access("read"))
