from unittest.mock import patch

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .common import QUARTER_END, GradingCommon


@tagged("post_install", "-at_install")
class TestGradingCron(GradingCommon):
    """Every quarter that is over is graded once in each company."""

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_grading.ir_cron_grade").method_direct_trigger()

    def _grade(self):
        with freeze_time("2026-04-02"):
            self._run_cron()
        return self.env["crm.grading.run"].search(
            [("company_id", "=", self.company.id), ("is_scheduled", "=", True)]
        )

    @requirement("A3.F1")
    def test_once_a_quarter(self):
        self.assertFalse(self._grade(), "no standard is in force")
        self._order(lines=[(None, 10, 100)])
        standard = self._approved()
        run = self._grade()
        self.assertEqual((run.date_to, run.standard_id, run.state), (QUARTER_END, standard, "done"))
        self.assertEqual(self._grade(), run, "not again")
        with freeze_time("2026-06-30"):
            self._run_cron()
        self.assertEqual(self._grade(), run)

    @requirement("A3.F1")
    def test_graded_by_hand_is_not_graded_again(self):
        self._order(lines=[(None, 10, 100)])
        standard = self._approved()
        self._run(standard, is_trial=True)
        self._run(standard, partner_ids=[Command.set(self.customer.ids)])
        by_hand = self._run(standard)
        self.assertFalse(self._grade())
        by_hand.sudo().state = "draft"
        self.assertTrue(self._grade(), "trials and single customers do not count")

    @requirement("A3.F1")
    def test_killed_in_the_middle(self):
        """Whatever the step: nothing is left, and the next run grades all."""
        self._order(lines=[(None, 10, 100)])
        self._approved()
        model = self.registry["crm.grading.run"]
        for step in ("_measure", "_keep_scores", "_keep_lines", "_write_back", "_finish"):
            before = self.env["crm.grading.score"].search_count([])
            with (
                self.assertRaises(KeyboardInterrupt),
                self.env.cr.savepoint(),
                freeze_time("2026-04-02"),
                patch.object(model, step, side_effect=KeyboardInterrupt),
            ):
                self.env["crm.grading.run"]._cron_grade()
            self.env.invalidate_all()
            self.assertEqual(self.env["crm.grading.score"].search_count([]), before, step)
            self.assertFalse(self.customer.crm_grade_computed_id, step)
        run = self._grade()
        self.assertEqual((len(run), run.state), (1, "done"))
        self.assertTrue(self.customer.crm_grade_computed_id)

    @requirement("A3.F1")
    @mute_logger("odoo.addons.crm_grading.models.crm_grading_run")
    def test_one_company_that_fails_does_not_stop_the_others(self):
        self.env["res.company"].create({"name": "Aardvark", "sequence": -1})
        standard = self._standard(company_id=False)
        standard.action_approval_submit()
        standard.with_user(self.manager).action_approval_approve()
        measure = type(self.env["crm.grading.run"])._measure

        def fail(run):
            if run.company_id != self.company:
                raise ValueError
            return measure(run)

        self.patch(self.registry["crm.grading.run"], "_measure", fail)
        self.assertEqual(self._grade().state, "done")
        self.assertFalse(
            self.env["crm.grading.run"].search(
                [("is_scheduled", "=", True), ("company_id", "!=", self.company.id)]
            )
        )

    @requirement("A3.F1")
    def test_every_company_by_its_own_standard(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._approved()
        self._grade()
        runs = self.env["crm.grading.run"].search([("is_scheduled", "=", True)])
        self.assertNotIn(other, runs.company_id)
        shared = self._standard(company_id=False)
        shared.action_approval_submit()
        shared.with_user(self.manager).action_approval_approve()
        self._grade()
        runs = self.env["crm.grading.run"].search(
            [("is_scheduled", "=", True), ("company_id", "=", other.id)]
        )
        self.assertEqual(runs.standard_id, shared)
        self.assertNotEqual(self._grade().standard_id, shared)
