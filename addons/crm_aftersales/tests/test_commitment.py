from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestCommitment(DeskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.commitment = cls._make_commitment("Answer within two hours")

    def _promise(self, **values):
        return (
            self.env["crm.customer.promise"]
            .with_user(self.specialist)
            .create(
                {
                    "partner_id": self.customer.id,
                    "description": "We call back today",
                    "date_deadline": self.today,
                    **values,
                }
            )
        )

    @requirement("A4.R3", "C1.R4")
    def test_in_force_by_the_general_manager(self):
        commitment = self.commitment
        self.assertRegex(commitment.name, r"^FWCN/\d{4}/\d+$")
        self.assertFalse(commitment.is_current)
        commitment.action_approval_submit()
        for user in (self.specialist, self.supervisor, self.manager):
            with self.assertRefused((AccessError, UserError), ""):
                commitment.with_user(user).action_approval_approve()
        with self.assertRefused(AccessError, ""):
            commitment.write({"state": "in_force"})
        commitment.with_user(self.general_manager).action_approval_approve()
        self.assertEqual(commitment.state, "in_force")
        self.assertTrue(commitment.is_tellable)
        with self.assertRefused(UserError, ""):
            commitment.with_user(self.supervisor).statement = "Within a week"

    @requirement("C1.R4")
    def test_promise_out_of_a_commitment(self):
        self._enforce(self.commitment)
        promise = self._promise(commitment_id=self.commitment.id)
        self.assertFalse(promise.is_beyond_commitment)
        self.assertEqual(self.commitment.promise_count, 1)

    @requirement("C1.R4")
    def test_promise_beyond_is_flagged_and_told(self):
        promise = self._promise(is_beyond_commitment=False)
        self.assertTrue(promise.is_beyond_commitment)
        notice = self._get_notices(promise)
        self.assertEqual(notice.partner_ids, self.supervisor.partner_id)
        with self.assertRefused(AccessError, "computed"):
            promise.is_beyond_commitment = False
        found = promise.search([("is_beyond_commitment", "=", True)])
        self.assertIn(promise, found)

    @requirement("C1.R4")
    def test_only_what_may_be_told_today(self):
        implicit = self._enforce(self._make_commitment("We answer at once", audience="implicit"))
        internal = self._enforce(self._make_commitment("Stock answers", scope="internal"))
        future = self._enforce(
            self._make_commitment("Next year", date_from=self.today + timedelta(days=30))
        )
        draft = self.commitment
        tellable = self.env["crm.service.commitment"].search([("is_tellable", "=", True)])
        for commitment in (implicit, internal, future, draft):
            self.assertNotIn(commitment, tellable)
            with self.assertRefused(ValidationError, "no commitment"):
                self._promise(commitment_id=commitment.id)
        self.assertTrue(implicit.is_current)

    @requirement("A4.R3")
    def test_versions(self):
        old = self._enforce(self.commitment)
        action = old.action_new_version()
        new = old.browse(action["res_id"])
        self.assertEqual((new.version, new.previous_id, new.state), (2, old, "draft"))
        with self.assertRefused(UserError, "newer version"):
            old.action_new_version()
        self.assertEqual(old.state, "in_force", "until the next one is approved")
        self._enforce(new)
        self.assertEqual((old.state, new.state), ("retired", "in_force"))
        with self.assertRefused(AccessError, "retired by"):
            new.action_retire()
        with self.assertRefused(AccessError, "retired by"):
            new._withdraw("No more")
        dialog = self._open_dialog(
            new.with_user(self.general_manager).action_retire(), self.general_manager
        )
        dialog.note = "The supplier is gone"
        dialog.save().action_apply()
        self.assertFalse(new.is_current)
        self.assertEqual((new.retired_kind, old.retired_kind), ("withdrawn", "replaced"))
        self.assertEqual(new.retired_reason, "The supplier is gone")

    def test_conditions(self):
        with self.assertRefused(ValidationError, "conditions"):
            self._make_commitment("Under conditions", extent="specific", conditions=" ")

    @requirement("C1.R4")
    def test_promise_on_a_case(self):
        case = self._make_case()
        dialog = self._open_dialog(case.action_new_promise())
        dialog.description = "A new charger"
        dialog.date_deadline = self.today
        promise = dialog.save()
        self.assertEqual((promise.case_id, promise.partner_id), (case, self.customer))
        self.assertEqual(case.open_promise_ids, promise)
        with self.assertRefused(ValidationError, "another customer"):
            self._promise(case_id=case.id, partner_id=self.other_customer.id)
        with self.assertRefused(UserError, "Name the customer"):
            self._make_case(partner_id=False).action_new_promise()
