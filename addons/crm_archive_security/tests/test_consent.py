from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .documents_common import DocumentsCommon


@tagged("post_install", "-at_install")
class TestConsent(DocumentsCommon):
    """Private data with consent only, which can be withdrawn (B2.R1, D4.R1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.care = cls.env.ref("crm_archive_security.consent_purpose_care")
        cls.service = cls.env.ref("crm_archive_security.consent_purpose_service")
        cls.person = cls.env["res.partner"].create({"name": "Ms Li", "crm_qq": "10001"})

    def _consent(self, purpose=None, give=True, **values):
        consent = (
            self.env["crm.consent"]
            .with_user(self.specialist)
            .create(
                {
                    "partner_id": self.person.id,
                    "purpose_ids": (purpose or self.care).ids,
                    "proof": "Questionnaire 12",
                    "date_given": self._at(-1),
                    **values,
                }
            )
        )
        if give:
            consent.action_give()
        return consent

    def _is_held_without(self, partner=None):
        partner = partner or self.person
        partner = partner.with_user(self.specialist).with_context(**self.env.context)
        partner.invalidate_recordset()
        found = partner.search([("crm_is_without_consent", "=", True), ("id", "=", partner.id)])
        self.assertEqual(bool(found), partner.crm_is_without_consent)
        return partner.crm_is_without_consent

    @requirement("B2.R1", "D4.R1")
    def test_what_is_held_without_consent_is_shown(self):
        self.assertTrue(self._is_held_without())
        self._consent(self.service)
        self.assertTrue(self._is_held_without(), "another purpose does not cover it")
        consent = self._consent(give=False)
        self.assertTrue(self._is_held_without(), "a draft is no consent")
        consent.action_give()
        self.assertFalse(self._is_held_without())
        consent.sudo().date_to = self._at(-1)
        self.assertTrue(self._is_held_without(), "over since yesterday")
        self.person.crm_qq = False
        self.assertFalse(self._is_held_without(), "nothing private is kept")

    @requirement("B2.R1")
    def test_withdrawn_at_any_time(self):
        consent = self._consent()
        with self.assertRefused(UserError, "in words"):
            consent.action_withdraw()
        consent.withdrawal = "By phone"
        consent.action_withdraw()
        self.assertEqual(consent.withdrawn_by_id, self.specialist)
        self.assertTrue(self._is_held_without())
        self.assertEqual(consent.activity_ids.user_id, self.specialist)
        with self.assertRefused(AccessError, "buttons"):
            consent.state = "given"
        with self.assertRefused(UserError, "cannot be done now"):
            consent.action_give()

    @requirement("B2.R1")
    def test_no_consent_without_proof(self):
        consent = self._consent(give=False, proof=False)
        with self.assertRefused(UserError, "proves"):
            consent.action_give()
        consent.proof = "Recording 7"
        consent.action_give()
        with self.assertRefused(UserError, "cannot be done now"):
            consent.proof = "Another"
        with self.assertRefused(AccessError, ""):
            consent.unlink()

    def _request(self, **values):
        requests = self.env["crm.person.request"].with_user(self.specialist)
        values = {"partner_id": self.person.id, "description": "What do you keep?", **values}
        return requests.create(values)

    @requirement("D4.R1", "B2.R1")
    def test_persons_get_an_answer_in_time(self):
        request = self._request(date_received=self.today)
        self.assertEqual(request.date_deadline, self._at(15))
        with self.assertRefused(UserError, "identity"):
            request.action_verify()
        with self.assertRefused(UserError, "cannot be done now"):
            request.action_answer()
        request.identity = "Called back on the number known"
        request.action_verify()
        with self.assertRefused(UserError, "was answered"):
            request.action_answer()
        request.answer = "Name and QQ number"
        request.action_answer()
        self.assertEqual(request.state, "answered")
        with self.assertRefused(UserError, "cannot be done now"):
            request.answer = "Nothing"

    @requirement("D4.R1")
    def test_the_clock_runs(self):
        late = self._request(date_received=self._at(-16))
        last_day = self._request(date_received=self._at(-15))
        self.assertEqual((late.is_overdue, last_day.is_overdue), (True, False))
        for _run in range(2):
            self.env["crm.person.request"]._cron_report_overdue()
        self.assertEqual(len(self._read_mails(late, self.supervisor)), 1)
        self.assertFalse(self._read_mails(last_day, self.supervisor))
        late.answer = "Not the person"
        late.action_refuse()
        self.assertFalse(late.is_overdue)
