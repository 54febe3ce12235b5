from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import GradingCommon


@tagged("post_install", "-at_install")
class TestGradingStandard(GradingCommon):
    """Drafted by the supervisor, approved by the service manager, locked, versioned."""

    @requirement("A3.F1", "E1.R3")
    def test_supervisor_drafts_and_manager_approves(self):
        standard = self._standard()
        self.assertEqual(standard.state, "draft")
        self.assertFalse(standard.is_in_force)
        standard.action_approval_submit()
        with self.assertRefused(AccessError, ""):
            standard.action_approval_approve()
        standard.with_user(self.manager).action_approval_approve()
        self.assertEqual((standard.state, standard.approved_by_id), ("approved", self.manager))
        self.assertTrue(standard.is_in_force)

    @requirement("E1.R3")
    def test_specialist_does_not_draft(self):
        with self.assertRefused(AccessError, ""):
            self._standard(user=self.specialist)
        standard = self._standard()
        with self.assertRefused(AccessError, ""):
            standard.with_user(self.specialist).action_approval_submit()
        with self.assertRefused(AccessError, ""):
            standard.with_user(self.specialist).action_trial()

    @requirement("E1.R3")
    def test_manager_does_not_approve_his_own(self):
        standard = self._standard(user=self.manager)
        with self.assertRefused(UserError, "Nobody could approve"):
            self.env["res.users"].search([]).filtered(
                lambda user: (
                    user.has_group("crm_service_base.group_manager") and user != self.manager
                )
            ).active = False
            standard.action_approval_submit()

    @requirement("A3.F1")
    def test_approved_content_is_locked(self):
        standard = self._approved().with_user(self.supervisor)
        for record, vals in (
            (standard, {"margin": 9}),
            (standard.criterion_ids[0], {"weight": 1}),
            (standard.criterion_ids[0].band_ids[0], {"points": 1}),
            (standard.level_ids[0], {"score_from": 1}),
        ):
            with self.assertRefused(UserError, "locked"):
                record.write(vals)
        with self.assertRefused(UserError, "locked"):
            self.env["crm.grading.cap"].with_user(self.supervisor).create(
                {
                    "standard_id": standard.id,
                    "name": "x",
                    "threshold": 1,
                    "grade_id": self.grade_c.id,
                }
            )
        with self.assertRefused(AccessError, "buttons"):
            standard.write({"state": "draft"})
        with self.assertRefused(AccessError, "buttons"):
            standard.write({"version": 9})

    @requirement("A3.F1")
    def test_points_add_up_to_100_at_submission(self):
        standard = self._standard()
        standard.criterion_ids[0].weight = 39
        self.assertEqual(standard.weight_total, 99)
        with self.assertRefused(UserError, "100 points; these give 99"):
            standard.action_approval_submit()

    @requirement("A3.F1")
    def test_what_nobody_could_compute_is_refused(self):
        cases = [
            ({"date_from": False}, "from which day"),
            ({"level_ids": [Command.clear()]}, "starts at 0 points"),
            (
                {
                    "cap_ids": [
                        Command.create(
                            {
                                "name": "Grave",
                                "source": "fact",
                                "threshold": 1,
                                "grade_id": self.grade_c.id,
                            }
                        )
                    ]
                },
                "Grave.*choose the Fact",
            ),
        ]
        for vals, sentence in cases:
            standard = self._standard()
            standard.write(vals)
            with self.assertRefused(UserError, sentence):
                standard.action_approval_submit()
        standard = self._standard()
        standard.criterion_ids[0].band_ids.filtered(lambda b: b.points == 40).unlink()
        with self.assertRefused(UserError, "best band must give exactly the 40 points"):
            standard.action_approval_submit()
        standard.criterion_ids[0].write({"scale": "linear"})
        with self.assertRefused(UserError, "same figure"):
            standard.action_approval_submit()
        standard = self._standard(
            levels=((self.grade_a, 40), (self.grade_b, 50), (self.grade_c, 0))
        )
        with self.assertRefused(UserError, "more points than the grade below"):
            standard.action_approval_submit()

    @requirement("A3.F1")
    def test_versions_follow_each_other(self):
        first = self._approved()
        draft = first.with_user(self.supervisor)
        action = draft.action_new_version()
        second = self.env["crm.grading.standard"].browse(action["res_id"])
        self.assertEqual((second.state, second.version), ("draft", first.version + 1))
        self.assertEqual(len(second.criterion_ids.band_ids), 3)
        self.assertFalse(second.date_from)
        second.date_from = "2026-07-01"
        second.with_user(self.supervisor).action_approval_submit()
        second.with_user(self.manager).action_approval_approve()
        find = self.env["crm.grading.standard"]._get_in_force
        self.assertEqual(find(self.company, "2026-06-30"), first)
        self.assertEqual(find(self.company, "2026-07-01"), second)

    @requirement("A3.F1")
    def test_the_companys_own_standard_comes_before_the_shared_one(self):
        shared = self._approved(company_id=False, date_from="2026-02-01")
        find = self.env["crm.grading.standard"]._get_in_force
        self.assertEqual(find(self.company, "2026-06-30"), shared)
        own = self._approved()
        self.assertEqual(find(self.company, "2026-06-30"), own)

    @requirement("A3.F1")
    def test_the_shipped_standard_is_the_procedures(self):
        standard = self.env.ref("crm_grading.standard_procedure")
        self.assertEqual(
            [(item.source, item.weight) for item in standard.criterion_ids],
            [
                ("profit", 30),
                ("order_amount", 30),
                ("years", 10),
                ("days_late", 20),
                ("judgement", 10),
            ],
        )
        months = {item.source: item.months for item in standard.criterion_ids}
        self.assertEqual(
            [months[source] for source in ("profit", "order_amount", "days_late")], [3, 3, 12]
        )
        standard.date_from = "2026-01-01"
        standard.with_user(self.supervisor).action_approval_submit()
        standard.with_user(self.manager).action_approval_approve()
        self.assertEqual(standard.state, "approved")

    def test_forms_open(self):
        with Form(self.env["crm.grading.standard"].with_user(self.supervisor)) as form:
            form.name = "By hand"
            with form.criterion_ids.new() as item:
                item.name = "Orders"
                item.weight = 100
        Form(self.env["crm.grading.run"].with_user(self.supervisor))
        Form(self.env["crm.grading.judgement"].with_user(self.supervisor))
