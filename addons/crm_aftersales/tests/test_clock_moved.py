from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestMovedClocks(CaseCommon):
    def _get_clock(self, case, target):
        states = ("running", "paused")
        return case.sudo().clock_ids.filtered(lambda c: c.target == target and c.state in states)

    def test_clocks_of_merged_cases_run_from_the_first(self):
        """Merging cases loses no clock: the one that stays runs from the earliest receipt."""
        first = self._make_complaint(date_opened=self._hours_ago(20))
        second = self._make_complaint()
        late = self._get_clock(second, "acknowledge").date_deadline
        first._merge_into(second)
        clock = self._get_clock(second, "acknowledge")
        self.assertEqual(clock.date_start, second.date_opened)
        self.assertEqual(late - clock.date_deadline, timedelta(hours=20))
        self.assertFalse(first.sudo().clock_ids.filtered(lambda c: c.state == "running"))
        replaced = second.sudo().clock_ids.filtered(lambda c: c.reason == "replaced")
        self.assertIn("acknowledge", replaced.mapped("target"))

    def test_callback_clock_is_the_visits(self):
        case = self._make_complaint()
        self._solve(case)
        clock = self._get_clock(case, "callback")
        self.assertEqual(clock.date_deadline, case.callback_id.date_callback_due)
        later = fields.Datetime.add(case.callback_id.date_callback_from, hours=3)
        case.callback_id.with_user(self.supervisor).date_callback_from = later
        self.assertEqual(clock.date_deadline, case.callback_id.date_callback_due)
        self.assertEqual(clock.date_deadline, fields.Datetime.add(later, hours=24))
