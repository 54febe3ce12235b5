from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .documents_common import DocumentsCommon


@tagged("post_install", "-at_install")
class TestNda(DocumentsCommon):
    """保密协议: scope, term, liability; expiry warned; no grant without (B6.R3)."""

    def _is_held(self, record):
        return bool(self.env["crm.nda"]._get_holders(record, self.company))

    @requirement("B6.R3")
    def test_holds_from_first_to_last_day(self):
        agreement = self._make_nda(self.specialist, sign=False, date_to=self.today)
        self.assertFalse(self._is_held(self.specialist), "a draft binds nobody")
        agreement.action_sign()
        self.assertTrue(self._is_held(self.specialist), "on the last day it holds")
        self.assertFalse(self._is_held(self.manager), "it binds who signed it")
        agreement.sudo().write({"date_from": self._at(-9), "date_to": self._at(-1)})
        self.assertFalse(self._is_held(self.specialist), "without any scheduled action")
        self.assertTrue(agreement.is_expired)
        agreement.sudo().write({"date_from": self._at(1), "date_to": False})
        self.assertFalse(self._is_held(self.specialist), "not before its first day")

    @requirement("B6.R3")
    def test_who_lacks_one_is_named(self):
        self._make_nda(self.specialist)
        agreements = self.env["crm.nda"]
        agreements._check_agreement(self.specialist, self.company)
        with self.assertRefused(UserError, "Test Manager"):
            agreements._check_agreement(self.specialist | self.manager, self.company)
        other = self.env["res.company"].create({"name": "Second"})
        with self.assertRefused(UserError, "Test Specialist"):
            agreements._check_agreement(self.specialist, other)

    @requirement("B6.R3")
    def test_people_of_a_company_are_bound_by_its_agreement(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id, "type": "contact"}
        )
        self.assertFalse(self._is_held(contact))
        self._make_nda(self.customer)
        self.assertTrue(self._is_held(contact))
        self.assertFalse(self._is_held(self.other_customer))

    @requirement("B6.R3")
    def test_signed_needs_the_paper_and_stays(self):
        agreement = self._make_nda(self.specialist, sign=False, document=False)
        with self.assertRefused(UserError, "Attach the signed document"):
            agreement.action_sign()
        agreement = self._make_nda(self.manager)
        with self.assertRefused(UserError, "cannot be done now"):
            agreement.scope = "Nothing"
        with self.assertRefused(AccessError, "buttons"):
            agreement.state = "draft"
        with self.assertRefused(AccessError, "not allowed|access"):
            agreement.unlink()
        with self.assertRefused(UserError, "in words"):
            agreement.action_terminate()
        agreement.termination_reason = "Left the company"
        agreement.action_terminate()
        self.assertFalse(self._is_held(self.manager))
        self.assertEqual(agreement.terminated_by_id, self.supervisor)

    @requirement("B6.R3")
    def test_nobody_signs_off_his_own(self):
        agreement = self._make_nda(self.supervisor, user=self.supervisor, sign=False)
        with self.assertRefused(AccessError, "a colleague files it"):
            agreement.action_sign()
        agreement.with_user(self.manager).action_sign()
        agreement.termination_reason = "I do not like it"
        with self.assertRefused(AccessError, "a colleague files it"):
            agreement.action_terminate()

    @requirement("B6.R3")
    def test_who_reads_what(self):
        staff = self._make_nda(self.plain_user)
        customer = self._make_nda(self.customer)
        self.assertTrue(staff.with_user(self.plain_user).has_access("read"))
        self.assertFalse(customer.with_user(self.plain_user).has_access("read"))
        self.assertFalse(staff.with_user(self.specialist).has_access("read"))
        self.assertTrue(customer.with_user(self.specialist).has_access("read"))

    @requirement("B6.R3")
    def test_expiry_is_warned_once(self):
        soon = self._make_nda(self.specialist, date_to=self._at(30))
        later = self._make_nda(self.manager, date_to=self._at(31))
        self.assertTrue(soon.is_expiring)
        for _run in range(2):
            self.env["crm.nda"]._cron_warn_expiry()
        self.assertEqual(soon.activity_ids.user_id, self.supervisor)
        self.assertEqual(len(self._read_mails(soon, self.specialist)), 1)
        self.assertEqual(len(soon.activity_ids), 1)
        self.assertFalse(later.activity_ids)

    @requirement("B6.R3")
    def test_one_that_fails_holds_up_no_other(self):
        first = self._make_nda(self.specialist, date_to=self._at(1))
        second = self._make_nda(self.manager, date_to=self._at(2))
        with self.assertLogs("odoo.addons.crm_service_base.models.ir_cron", "ERROR"):
            self._fail_for(first, "activity_schedule")
            self.env["crm.nda"]._cron_warn_expiry()
        self.assertFalse(first.date_warned)
        self.assertTrue(second.date_warned)

    @requirement("B6.R3", "A2.R19")
    def test_no_leave_to_read_without_agreement(self):
        """Neither at submission nor where it ended before the last approval."""
        item = self._item(self._established())
        request = self._request(item, self.specialist)
        request.sudo().item_ids = item
        with self.assertRefused(UserError, "No confidentiality agreement holds for Test Spec"):
            request.action_approval_submit()
        agreement = self._make_nda(self.specialist)
        request.action_approval_submit()
        agreement.sudo().date_to = self._at(-1)
        agreement.sudo().date_from = self._at(-2)
        with self.assertRefused(UserError, "No confidentiality agreement"):
            self._decide(request)
        agreement.sudo().date_to = False
        self._decide(request)
        self.assertTrue(request.sudo().grant_ids)

    def _decide(self, request):
        while request.sudo().state == "submitted":
            approver = request.sudo().approval_user_ids[:1]
            request.with_user(approver).action_approval_approve()

    @requirement("B6.R3", "A2.R20")
    def test_outsiders_need_one_too(self):
        item = self._item(self._established())
        self._make_nda(self.specialist)
        outsider = {
            "reader_kind": "outsider",
            "reader_name": "Auditor Wang",
            "reader_organisation": "Audit House",
            "reader_identity": "Passport",
        }
        request = self._request(item, self.specialist, **outsider)
        request.sudo().item_ids = item
        with self.assertRefused(UserError, "Auditor Wang"):
            request.action_approval_submit()
        self._make_nda(self.other_customer)
        request.reader_partner_id = self.other_customer
        request.action_approval_submit()
        self.assertEqual(request.state, "submitted")
