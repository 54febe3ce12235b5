import re

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_visits.tests.common import draw_signature

from .order_common import OrderCommon
from .test_case_portal import CasePortalCommon

SECRET_NOTE = "Bring the old invoice, they never pay"


@tagged("post_install", "-at_install")
class TestServiceOrderPortal(CasePortalCommon, OrderCommon):
    """What customers see of their orders: own company only, nothing of colleagues."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        planned = fields.Datetime.add(cls.now, days=1)
        cls.order = cls._approve(
            cls._make_order(
                note=SECRET_NOTE,
                date_planned=planned,
                date_planned_end=fields.Datetime.add(planned, hours=2),
            )
        )

    def _page(self, user=None, order=None, **query):
        order = order or self.order
        self.env.flush_all()
        self._login(user)
        query = "&".join(f"{key}={value}" for key, value in query.items())
        return self.url_open(f"/my/service_orders/{order.id}?{query}")

    def _list(self, user, path="/my/service_orders"):
        self.env.flush_all()
        self._login(user)
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        return response.text

    def _finish(self):
        """The work is done, paid on site and signed."""
        self._go(self.order, "arrived")
        order = self.order.with_user(self.technician)
        order.write({"handling": "Antenna replaced"})
        signed = {"role": "customer", "name": "Wang Wei", "channel": "backend"}
        order._sign_by_user({**signed, "image": draw_signature()}, order._get_signature_digest())
        receipt = self.env["crm.field.receipt"].with_user(self.technician)
        receipt = receipt.create(
            {
                "partner_id": self.customer.id,
                "order_id": self.order.id,
                "description": "Antenna",
                "amount": 120,
            }
        )
        receipt.action_collect()
        order.action_finish()
        self.env.invalidate_all()
        return receipt

    @requirement("C2.F2")
    def test_owner_and_colleague_see_it(self):
        self._login(self.wang)
        counters = self.url_open(
            "/my/counters", json={"params": {"counters": ["crm_order_count"]}}
        ).json()
        self.assertEqual(counters["result"]["crm_order_count"], 1)
        self.assertIn("/my/service_orders", self.url_open("/my").text)
        plan = self.order._format_portal_date(self.order.date_planned, "yyyy-MM-dd")
        for user in (self.wang, self.colleague):
            self.assertIn(self.order.name, self._list(user))
            page = self._page(user)
            self.assertEqual(page.headers["Referrer-Policy"], "same-origin")
            told = ("Repair", "甘A12345", plan, self.technician.name, "Planned", "Donggang 12")
            for text in (self.order.name, *told):
                self.assertIn(text, page.text)
            self.assertNotIn("report_type=pdf", page.text, "nothing is done yet")
            for secret in (SECRET_NOTE, self.supervisor.name):
                self.assertNotIn(secret, page.text)
        self.assertNotIn(self.order.name, self._list(self.wang, "/my/service_orders?filterby=done"))

    @requirement("C2.F2")
    def test_nobody_else_sees_it(self):
        self.assertNotIn(self.order.name, self._list(self.stranger))
        for user in (self.stranger, None):
            for query in ({}, {"access_token": "x"}, {"report_type": "pdf"}):
                page = self._page(user, **query)
                self.assertNotIn(self.order.name, page.text)
                self.assertNotIn("甘A12345", page.text)
        self._login()
        self.assertIn("/web/login", self.url_open("/my/service_orders").url)
        for user in (self.wang, self.stranger):
            for method, args in (("read", [self.order.ids]), ("search_read", [[]])):
                answer = self._rpc(user, "crm.service.order", method, *args)
                self.assertIn("error", answer)
            answer = self._rpc(user, "crm.service.order", "get_portal_url", self.order.ids)
            self.assertIn("error", answer)

    def test_drafts_and_cancelled_are_not_shown(self):
        draft = self._make_order()
        self.assertNotIn(draft.name, self._list(self.wang))
        self.assertNotIn(draft.name, self._page(self.wang, draft).text)
        self.order._cancel("Solved on the phone")
        self.assertNotIn(self.order.name, self._list(self.wang))
        self.assertNotIn(self.order.name, self._page(self.wang).text)
        self.order.sudo().write({"state": "approved", "active": False})
        self.assertNotIn(self.order.name, self._page(self.wang).text)

    @requirement("C2.F2")
    def test_receipt_signature_and_form_of_what_is_done(self):
        receipt = self._finish()
        foreign = self._make_order(partner_id=self.other_customer.id, device_id=False)
        page = self._page(self.colleague).text
        signed = self.order._get_current_signature("customer")
        for text in ("Antenna replaced", receipt.name, "120", "Signed by", "Wang Wei"):
            self.assertIn(text, page)
        self.assertIn(self.order._format_portal_date(signed.date), page)
        self.assertNotIn(foreign.name, page)
        self.assertIn(self.order.name, self._list(self.wang, "/my/service_orders?filterby=done"))
        pdf = self._page(self.wang, report_type="pdf")
        self.assertEqual(pdf.headers["Content-Type"], "application/pdf")
        # a server under test answers with the page instead
        for text in (self.order.name, "Antenna replaced", "Wang Wei"):
            self.assertIn(text, pdf.text)
        self.assertNotIn(SECRET_NOTE, pdf.text)
        self.assertEqual(pdf.headers["Cache-Control"], "no-store")
        for user in (self.stranger, None):
            refused = self._page(user, report_type="pdf")
            self.assertNotEqual(refused.headers.get("Content-Type"), "application/pdf")

    @requirement("C2.F1")
    def test_installation_form_without_what_colleagues_write(self):
        order = self._make_order(kind="installation", device_id=False, note=SECRET_NOTE)
        order = self._approve(order)
        self._go(order, "arrived")
        work = order.with_user(self.technician)
        work.handling = "Fitted"
        work.action_finish()
        self.env.invalidate_all()
        pdf = self._page(self.wang, order, report_type="pdf")
        self.assertEqual(pdf.headers["Content-Type"], "application/pdf")
        self.assertIn("Fitted", pdf.text)
        self.assertNotIn(SECRET_NOTE, pdf.text)
        form = order._get_portal_report()
        paper = self.env["ir.actions.report"]._render_qweb_html(form, order.ids)[0].decode()
        self.assertIn(SECRET_NOTE, paper, "colleagues have it on theirs")

    def test_staff_see_what_the_customer_sees(self):
        page = self._page(self.specialist).text
        self.assertIn("This is what the customer sees", page)
        self.assertEqual(
            self.order.action_open_portal()["url"], f"/my/service_orders/{self.order.id}"
        )
        with self.assertRefused(AccessError, ""):
            self.order.with_user(self.wang).action_open_portal()


@tagged("post_install", "-at_install")
@requirement("C3.R15")
class TestRemoteAccessPortal(CasePortalCommon):
    """The customer takes the authorization of remote access back itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.access = cls.env["crm.case.authorization"].with_user(cls.specialist)
        cls.access = cls.access.create(
            {
                "case_id": cls.case.id,
                "contact": "Wang Wei",
                "scope": "Office computer, the settings of the platform",
                "date_until": fields.Datetime.add(cls.now, days=1),
            }
        )

    def _revoke(self, user=None, **data):
        data.setdefault("access", str(self.access.id))
        return self._post(self.case, "/revoke", user, **data)

    def test_the_customer_takes_it_back(self):
        page = self._open(self.case, self.wang).text
        self.assertIn("the settings of the platform", page)
        self.assertIn("Take It Back Now", page)
        answer = self._revoke(self.wang)
        self.assertIn("Nobody connects to your system now", answer.text)
        self.assertNotIn("Take It Back Now", answer.text)
        self.assertEqual(self.access.revoked_by_id, self.wang)
        self.assertEqual(self.access.revoked_by_name, self.wang.name)
        self.assertTrue(self.access.date_revoked)
        self.assertEqual(self.case.remote_state, "over")
        on_case = [("model", "=", "crm.service.case"), ("res_id", "=", self.case.id)]
        told = self.env["mail.message"].search(on_case).notified_partner_ids
        self.assertIn(self.specialist.partner_id, told, "whoever is connected stops")
        self.assertRegex(
            " ".join(self.case.sudo().message_ids.mapped("body")),
            re.escape(self.wang.name) + ".*revoked",
        )
        first = self.access.date_revoked
        again = self._revoke(self.colleague)
        self.assertIn("revoked already", again.text)
        self.assertEqual((self.access.date_revoked, self.access.revoked_by_id), (first, self.wang))

    def test_by_the_link_of_a_letter(self):
        self._revoke(access_token=self._token(self.case))
        self.assertFalse(self.access.revoked_by_id)
        self.assertEqual(self.access.revoked_by_name, self.case.partner_id.name)
        self.assertFalse(self.access.is_valid)

    def test_nobody_else_takes_it_back(self):
        self._revoke(self.stranger)
        self._revoke()
        self._revoke(access_token="x")
        answer = self._revoke(self.specialist)
        self.assertIn("logged in as staff", answer.text)
        self.assertTrue(self.access.is_valid)
        other = self._make_case(partner_id=self.other_customer.id)
        foreign = self.access.sudo().copy(
            {"case_id": other.id, "date": self.now, "date_until": self.access.date_until}
        )
        for value in (str(foreign.id), "x", "", "0"):
            self.assertIn("no such authorization", self._revoke(self.wang, access=value).text)
        self.assertTrue(foreign.is_valid)

    def test_what_ended_by_itself(self):
        self.access.sudo().write({"date": self._hours_ago(9), "date_until": self._hours_ago(1)})
        self.assertIn("ended by itself", self._revoke(self.wang).text)
        self.assertFalse(self.access.date_revoked)
        self.assertNotIn("Take It Back Now", self._open(self.case, self.wang).text)

    def test_who_took_it_back_is_not_typed(self):
        with self.assertRefused(AccessError, ""):
            self.access.revoked_by_name = "Somebody"
        forged = self.env["crm.case.authorization"].with_user(self.specialist)
        forged = forged.create(
            {
                "case_id": self.case.id,
                "contact": "x",
                "scope": "x",
                "date_until": self.access.date_until,
                "revoked_by_name": "Somebody",
            }
        )
        self.assertFalse(forged.revoked_by_name)
        self.access.action_revoke()
        self.assertEqual(self.access.revoked_by_name, self.specialist.name)
        with self.assertRefused(UserError, "revoked already"):
            self.access.action_revoke()
