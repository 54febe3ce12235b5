from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .documents_common import DocumentsCommon


@tagged("post_install", "-at_install")
class TestRelease(DocumentsCommon):
    """Copies (A2.R23), giving outside (A2.R24), named carriers."""

    @requirement("A2.R23")
    def test_no_copy_without_approval(self):
        release = self._make_release(copy_count=2, carrier_id=self.specialist.id)
        with self.assertRefused(UserError, "not approved"):
            release.action_hand_out()
        self._approve(release, self.supervisor)
        with self.assertRefused(UserError, "locked|submitted"):
            release.copy_count = 20
        with self.assertRefused(AccessError, "buttons|Only"):
            release.state = "done"
        release.action_hand_out()
        self.assertEqual(release.state, "done")
        self.assertEqual(release._get_copy_numbers(), [f"{release.name}-01", f"{release.name}-02"])
        with self.assertRefused(UserError, "came back or were destroyed"):
            release.action_back()
        release.write({"return_kind": "destroyed", "witness_id": self.specialist.id})
        with self.assertRefused(UserError, "somebody else"):
            release.action_back()
        release.witness_id = self.supervisor
        release.action_back()
        self.assertEqual(release.state, "back")

    @requirement("A2.R23")
    def test_classified_goes_to_the_general_manager(self):
        archive = self._established()
        item = self._item(archive, secrecy="top_secret", custodian_id=self.supervisor.id)
        release = self._make_release(item_ids=item.ids)
        self.assertTrue(release.is_classified)
        release.action_approval_submit()
        with self.assertRefused(AccessError, ""):
            release.with_user(self.supervisor).action_approval_approve()
        release.with_user(self.general_manager).action_approval_approve()
        self.assertEqual(release.state, "approved")

    @requirement("A2.R24", "B6.R3")
    def test_outside_needs_general_manager_agreement_and_carrier(self):
        values = {"kind": "outside", "carrier_id": self.specialist.id}
        release = self._make_release(**values)
        with self.assertRefused(UserError, "who outside"):
            release.action_approval_submit()
        release.write({"recipient_id": self.other_customer.id, "measures": "Sealed envelope"})
        with self.assertRefused(UserError, "No confidentiality agreement"):
            release.action_approval_submit()
        agreement = self._make_nda(self.other_customer)
        release.action_approval_submit()
        with self.assertRefused(AccessError, ""):
            release.with_user(self.manager).action_approval_approve()
        release.with_user(self.general_manager).action_approval_approve()
        with self.assertRefused(UserError, "not named"):
            release.action_hand_out()
        carrier = self._make_carrier(self.specialist, date_to=self._at(-1))
        with self.assertRefused(UserError, "not named"):
            release.action_hand_out()
        carrier.date_to = False
        agreement.sudo().date_to = self._at(-1)
        with self.assertRefused(UserError, "No confidentiality agreement"):
            release.action_hand_out()
        agreement.sudo().date_to = False
        release.action_hand_out()
        self.assertEqual(release.state, "done")

    @requirement("A2.R23")
    def test_items_of_other_archives_are_refused(self):
        item = self._item(self._archive(self.other_customer))
        release = self._make_release(item_ids=item.ids)
        with self.assertRefused(UserError, "another archive"):
            release.action_approval_submit()

    @requirement("A2.R23", "A2.R20")
    def test_only_named_persons_carry_and_only_copies(self):
        transfers = self.env["crm.archive.transfer"].with_user(self.specialist)
        values = {"content": "Contract", "counterpart": "Notary", "measures": "Locked case"}
        transfer = transfers.create({"kind": "carry", **values})
        with self.assertRefused(UserError, "not named"):
            transfer.action_start()
        self._make_carrier(self.specialist, is_carrying=True)
        with self.assertRefused(UserError, "never leave"):
            transfer.action_start()
        release = self._make_release()
        transfer.release_id = release
        with self.assertRefused(UserError, "never leave"):
            transfer.action_start()
        self._approve(release, self.supervisor)
        transfer.action_start()
        with self.assertRefused(UserError, "cannot be done now"):
            transfer.content = "Something else"
        with self.assertRefused(UserError, "who took"):
            transfer.action_arrive()
        transfer.received_by = "Mr Zhao"
        transfer.action_arrive()
        self.assertEqual(transfer.state, "arrived")

    @requirement("A2.R23")
    def test_what_comes_in_is_received_by_a_named_person(self):
        transfers = self.env["crm.archive.transfer"].with_user(self.specialist)
        values = {"content": "Contract", "counterpart": "Customer", "measures": "Sealed"}
        transfer = transfers.create({"kind": "receive", **values})
        carrier = self._make_carrier(self.specialist, is_receiving=False)
        with self.assertRefused(UserError, "May Receive"):
            transfer.action_start()
        carrier.is_receiving = True
        transfer.action_start()
        self.assertEqual(transfer.state, "under_way")
