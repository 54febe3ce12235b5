import json
import re
import subprocess
from datetime import timedelta
from urllib.parse import urlencode

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .common import VisitCommon, draw_signature

SECRETS = ("Send the new manual", "Watch their credit", "For us only", "Keep 20 batteries less")


class PortalCommon(VisitCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "wang@lanzhou.example.com"
        cls.wang = cls._make_portal_user("wang", cls.customer)
        cls.stranger = cls._make_portal_user("stranger", cls.other_customer)
        cls.planned = cls._make_visit(cls.method_face)
        cls.done = cls._carry_out(
            cls._make_call(key_points="Watch their credit", note="For us only")
        )

    def _url(self, visit, suffix="", **query):
        return f"/my/visits/{visit.id}{suffix}" + (f"?{urlencode(query)}" if query else "")

    def _token(self, visit):
        token = visit._portal_ensure_token()
        self.env.flush_all()
        return token

    def _login(self, user=None):
        self.authenticate(user.login if user else None, user.login if user else None)

    def _open(self, visit, user=None, **query):
        self._login(user)
        return self.url_open(self._url(visit, **query))

    def _post(self, visit, suffix, user=None, **data):
        self._login(user)
        values = {"csrf_token": http.Request.csrf_token(self), **data}
        with mute_logger("odoo.http"):
            answer = self.url_open(self._url(visit, suffix), data=values)
        self.env.invalidate_all()
        return answer

    def _sign(self, visit, user=None, name="Wang Wei", image=None, digest=None, **query):
        self._login(user)
        digest = digest or visit._get_signature_digest()
        url = self._url(visit, "/sign", digest=digest, **query)
        params = {"name": name, "signature": draw_signature() if image is None else image}
        with mute_logger("odoo.http"):
            answer = self.url_open(url, json={"jsonrpc": "2.0", "params": params})
        self.env.invalidate_all()
        return answer.json().get("result", {})

    def _rpc(self, user, model, method, *args, **kwargs):
        """Call a method as the web client does; the session's user needs no key for it."""
        self._login(user)
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            answer = self.url_open("/web/dataset/call_kw", json={"params": params}).json()
        self.env.invalidate_all()
        return answer


@tagged("post_install", "-at_install")
class TestVisitPortal(PortalCommon):
    # ------------------------------------------------------------------ seeing

    def test_the_customer_finds_own_visits_and_nothing_internal(self):
        self._login(self.wang)
        counters = self.url_open(
            "/my/counters", json={"params": {"counters": ["crm_visit_count"]}}
        ).json()
        self.assertEqual(counters["result"]["crm_visit_count"], 2)
        upcoming = self.url_open("/my/visits").text
        self.assertIn(self.planned.name, upcoming)
        self.assertNotIn(self.done.name, upcoming)
        self.assertIn(self.done.name, self.url_open("/my/visits?filterby=past").text)
        page = self._open(self.done, self.wang)
        self.assertEqual(page.status_code, 200)
        self.assertIn("Delivery is quick, the manual is not clear", page.text)
        self.assertEqual(page.headers["Referrer-Policy"], "same-origin")
        for secret in SECRETS:
            self.assertNotIn(secret, page.text)
        self._login(self.stranger)
        for filterby in ("upcoming", "past"):
            text = self.url_open(f"/my/visits?filterby={filterby}").text
            self.assertNotIn(self.planned.name, text)
            self.assertNotIn(self.done.name, text)

    def test_paging(self):
        calls = [self._make_call(date_scheduled=self.now + timedelta(days=n)) for n in range(85)]
        self._login(self.wang)
        first, second = (self.url_open(f"/my/visits/page/{n}").text for n in (1, 2))
        self.assertIn(calls[0].name, first)
        self.assertNotIn(calls[-1].name, first)
        self.assertIn(calls[-1].name, second)

    @mute_logger("odoo.http")
    def test_strangers_do_not_get_in(self):
        token, other = self._token(self.done), self._token(self.planned)
        self.assertIn(self.done.name, self._open(self.done, access_token=token).text)
        for user in (None, self.stranger, self.portal_user, self.plain_user):
            for query in (
                {},
                {"access_token": other},
                {"access_token": ""},
                {"access_token": "False"},
                {"access_token": "客户"},
                {"access_token": token[:-1]},
                {"access_token": other, "report_type": "pdf"},
            ):
                page = self._open(self.done, user, **query)
                self.assertNotIn(self.done.name, page.text)
                self.assertNotIn("Delivery is quick", page.text)
        fresh = self._make_call()
        self.assertNotIn(fresh.name, self._open(fresh, access_token="").text)
        self.assertNotIn(fresh.name, self._open(fresh, access_token="None").text)

    def test_a_link_ends(self):
        token = self._token(self.done)
        self.env["ir.config_parameter"].set_param("crm_visits.portal_link_days", "0")
        self.assertNotIn(self.done.name, self._open(self.done, access_token=token).text)
        self.assertIn(self.done.name, self._open(self.done, self.wang).text)
        self.env["ir.config_parameter"].set_param("crm_visits.portal_link_days", "90")
        self.assertIn(self.done.name, self._open(self.done, access_token=token).text)
        self.done.write({"partner_id": self.other_customer.id})
        self.assertNotIn(self.done.name, self._open(self.done, access_token=token).text)
        self.assertNotIn(self.done.name, self._open(self.done, self.wang).text)

    def test_customers_have_no_rights_on_the_models(self):
        self._sign_on_phone(self.done)
        answer = self.env["crm.visit.answer"].create(
            {"visit_id": self._make_call().id, "question": "Why?"}
        )
        action = self.done.action_sign_customer()
        dialog = self.env["crm.signature.sign"].with_context(**action["context"]).create({})
        for model, ids in (
            ("crm.visit", self.done.ids),
            ("crm.visit.answer", answer.ids),
            ("crm.visit.plan", self.planned.plan_id.ids),
            ("crm.signature", self.done.signature_ids.ids),
            ("crm.signature.sign", dialog.ids),
        ):
            for method, args in (
                ("read", [ids, ["id"]]),
                ("write", [ids, {"name": "x"}]),
                ("unlink", [ids]),
                ("search_read", [[]]),
                ("create", [[{}]]),
            ):
                with self.subTest(model=model, method=method):
                    self.assertIn("error", self._rpc(self.wang, model, method, *args))
        for method in (
            "action_sign_customer",
            "action_open_signatures",
            "action_ask_confirmation",
            "action_thank_customer",
        ):
            self.assertIn("error", self._rpc(self.wang, "crm.visit", method, self.done.ids))
        for method in (
            "_portal_confirm",
            "_portal_sign",
            "_sign",
            "_sign_by_user",
            "_prepare_portal_values",
            "_portal_ensure_token",
        ):
            for user in (self.wang, self.specialist, self.manager):
                self.assertIn("error", self._rpc(user, "crm.visit", method, self.done.ids))

    def test_the_link_is_for_the_customer_alone(self):
        token = self._token(self.done)
        for user in (self.specialist, self.manager, self.auditor):
            answer = self._rpc(user, "crm.visit", "read", self.done.ids, ["access_token"])
            self.assertIn("error", answer)
            domain = [("access_token", "like", token[0])]
            self.assertIn("error", self._rpc(user, "crm.visit", "search_count", domain))
            text = json.dumps(
                self._rpc(user, "crm.visit", "export_data", self.done.ids, ["name", "access_token"])
            )
            self.assertNotIn(token, text)

    @mute_logger("odoo.http")
    def test_the_chatter_is_closed(self):
        self.done.message_post(body="Their boss is difficult", subtype_xmlid="mail.mt_comment")
        token = self._token(self.done)
        signed = self.done.sudo()._sign_token(self.customer.id)
        for user in (None, self.wang):
            for key in (
                {"token": token},
                {"hash": signed, "pid": self.customer.id},
                {"access_token": token},
            ):
                self._login(user)
                for url in ("/mail/thread/messages", "/mail/chatter_fetch"):
                    params = {"thread_model": "crm.visit", "thread_id": self.done.id, **key}
                    answer = self.url_open(url, json={"params": params}).text
                    self.assertNotIn("difficult", answer)
                params = {
                    "thread_model": "crm.visit",
                    "thread_id": self.done.id,
                    "post_data": {"body": "Forged remark"},
                    **key,
                }
                self.url_open("/mail/message/post", json={"params": params})
        self.env.invalidate_all()
        self.assertNotIn("Forged remark", "".join(self.done.message_ids.mapped("body")))

    # ------------------------------------------------------------------ confirming

    @requirement("A1.R4")
    def test_the_customer_confirms_time_and_place(self):
        self.specialist.tz = "Asia/Shanghai"
        self.planned.sudo().date_scheduled = "2035-06-15 01:30:00"
        page = self._open(self.planned, self.wang)
        self.assertRegex(page.text, r"2035-06-15 \S+ 09:30")
        self.assertIn("Their office", page.text)
        self.assertIn("Quarterly visit", page.text)
        self.assertIn(self.specialist.name, page.text)
        key = re.search(r'name="appointment" value="(\w+)"', page.text)[1]
        answer = self._post(self.planned, "/confirm", self.wang, appointment=key)
        self.assertIn("look forward", answer.text)
        self.assertEqual(
            (self.planned.confirmation_state, self.planned.notified_contact),
            ("confirmed", self.wang.name),
        )
        self.assertTrue(self.planned.date_notified)
        self.assertFalse(self.planned.is_notice_late)
        notice = self.env.ref("crm_visits.mail_activity_type_notice")
        self.assertNotIn(notice, self.planned.activity_ids.activity_type_id)

    @requirement("A1.R4")
    def test_the_customer_asks_for_another_time(self):
        key = self.planned._get_appointment_key()
        self._post(self.planned, "/decline", self.wang, appointment=key, wish="  ")
        self.assertEqual(self.planned.confirmation_state, "none")
        wish = "Tuesday <b>after</b> four"
        answer = self._post(self.planned, "/decline", self.wang, appointment=key, wish=wish)
        self.assertIn("get in touch", answer.text)
        self.assertEqual(self.planned.confirmation_state, "declined")
        task = self.planned.activity_ids.filtered(lambda a: "another time" in (a.summary or ""))
        self.assertEqual(task.user_id, self.specialist)
        self.assertIn("&lt;b&gt;after", self.planned.message_ids[0].body)
        answer = self._post(self.planned, "/decline", self.wang, appointment=key, wish="Again")
        self.assertIn("already", answer.text)
        self.planned._reschedule(self.now + timedelta(days=20), False, "customer", "Asked for it")
        self.assertEqual(self.planned.confirmation_state, "none")
        answer = self._post(self.planned, "/confirm", self.wang, appointment=key)
        self.assertIn("changed meanwhile", answer.text)
        self.assertEqual(self.planned.confirmation_state, "none")

    def test_nobody_confirms_for_another(self):
        key = self.planned._get_appointment_key()
        token, other = self._token(self.planned), self._token(self.done)
        for user, query in (
            (None, {}),
            (None, {"access_token": other}),
            (self.stranger, {}),
            (self.stranger, {"access_token": other}),
            (self.plain_user, {"access_token": token}),
            (self.specialist, {}),
            (self.specialist, {"access_token": token}),
        ):
            for suffix in ("/confirm", "/decline"):
                self._post(self.planned, suffix, user, appointment=key, wish="x", **query)
                self.assertEqual(self.planned.confirmation_state, "none")
        with mute_logger("odoo.http"):
            self._login(self.wang)
            answer = self.url_open(self._url(self.planned, "/confirm"), data={"appointment": key})
        self.assertEqual(answer.status_code, 400, "needs the form's own key")
        self._post(self.done, "/confirm", self.wang, appointment=self.done._get_appointment_key())
        self.assertEqual(self.done.confirmation_state, "none")
        self._post(self.planned, "/confirm", None, appointment=key, access_token=token)
        self.assertEqual(self.planned.confirmation_state, "confirmed")

    # ------------------------------------------------------------------ signing

    @requirement("A1.F2")
    def test_the_customer_signs_in_the_portal(self):
        self.assertTrue(self._sign(self.done, self.wang)["force_refresh"])
        signature = self.done.signature_ids
        self.assertEqual(
            (signature.channel, signature.name, signature.user_id, signature.partner_id),
            ("portal", "Wang Wei", self.wang, self.wang.partner_id),
        )
        self.assertEqual(signature.ip_address, "127.0.0.1")
        self.assertEqual(self.done.signature_state, "valid")
        self.assertIn("Wang Wei", self._open(self.done, self.wang).text)
        self.assertIn("signed this already", self._sign(self.done, self.wang)["error"])
        with self.assertRefused(UserError, "signed this already"):
            self._sign_on_phone(self.done)
        self.assertEqual(self.done.signature_ids, signature)
        self.done.write({"opinion": "Better"})
        self.assertIn("changed after it was signed", self._open(self.done, self.wang).text)
        self.assertTrue(self._sign(self.done, self.wang)["force_refresh"])
        self.assertEqual(self.done.signature_state, "valid")

    @requirement("A1.F2")
    def test_the_customer_signs_by_the_link(self):
        token = self._token(self.done)
        answer = self._sign(self.done, access_token=token)
        self.assertIn(token, answer["redirect_url"])
        signature = self.done.signature_ids
        self.assertEqual(
            (signature.channel, signature.user_id.id, signature.partner_id),
            ("link", False, self.customer),
        )
        self.done.write({"opinion": "Better"})
        self._sign(self.done, self.stranger, access_token=token)
        again = self.done.signature_ids[0]
        self.assertEqual((again.channel, again.user_id), ("link", self.stranger))

    def test_nobody_signs_for_another(self):
        token, other = self._token(self.done), self._token(self.planned)
        for user, query in (
            (None, {}),
            (None, {"access_token": other}),
            (None, {"access_token": "客户"}),
            (self.stranger, {}),
            (self.stranger, {"access_token": other}),
            (self.specialist, {"access_token": token}),
            (self.manager, {}),
        ):
            self.assertIn("error", self._sign(self.done, user, **query))
        self.assertIn("cannot be signed", self._sign(self.planned, self.wang)["error"])
        self.assertIn("changed while", self._sign(self.done, self.wang, digest="x")["error"])
        for values in ({"name": " "}, {"name": ["x"]}, {"image": ""}, {"image": [1]}):
            self.assertIn("error", self._sign(self.done, self.wang, **values))
        blank = draw_signature(is_empty=True)
        self.assertIn("missing", self._sign(self.done, self.wang, image=blank)["error"])
        self.env["crm.signature"].invalidate_model()
        self.assertFalse((self.done | self.planned).signature_ids)

    # ------------------------------------------------------------------ rating

    def test_the_customer_rates_in_the_papers_words(self):
        page = self._open(self.done, self.wang).text
        for key in ("good", "fair", "average", "poor", "very_poor"):
            self.assertIn(f'id="service_{key}"', page)
        values = {"service": "poor", "product": "good", "comment": "Nobody calls back"}
        self._post(self.done, "/rate", self.wang, **values | {"service": "best"})
        self.assertFalse(self.done.date_customer_rated)
        for user in (None, self.stranger, self.specialist):
            self._post(self.done, "/rate", user, **values)
            self.assertFalse(self.done.date_customer_rated)
        self._post(self.planned, "/rate", self.wang, **values)
        self.assertFalse(self.planned.date_customer_rated)
        answer = self._post(self.done, "/rate", self.wang, **values)
        self.assertIn("Nobody calls back", answer.text)
        self.assertEqual(
            (self.done.customer_satisfaction_service, self.done.customer_satisfaction_product),
            ("poor", "good"),
        )
        self.assertEqual(self.done.satisfaction_service, "good", "the visitor's own note stays")
        self.assertIn("not satisfied", self.done.activity_ids.mapped("summary")[-1])
        self._post(self.done, "/rate", self.wang, **values | {"service": "good"})
        self.assertEqual(self.done.customer_satisfaction_service, "poor")

    def test_rating_a_reviewed_record_leaves_it_as_approved(self):
        self._approve(self.done)
        self._post(self.done, "/rate", self.wang, service="good", product="good")
        self._sign(self.done, self.wang)
        self.assertTrue(self.done.date_customer_rated)
        self.assertEqual(self.done.signature_state, "valid")
        self.assertEqual(self.done.sudo()._approval_faults(), {self.done.id: False})

    # ------------------------------------------------------------------ mail

    @requirement("A1.R4")
    def test_the_customer_is_asked_by_mail(self):
        self.planned.action_ask_confirmation()
        mail = self.env["mail.mail"].search([("model", "=", "crm.visit")], limit=1)
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("Their office", mail.body_html)
        self.assertTrue(mail.auto_delete)
        link = re.search(r'href="[^"]*?(/my/visits/[^"]+)"', mail.body_html)[1]
        self._login()
        self.assertIn(self.planned.name, self.url_open(link.replace("&amp;", "&")).text)
        self.assertEqual(
            (self.planned.confirmation_state, self.planned.notified_by_id),
            ("asked", self.specialist),
        )
        self.customer.email = False
        with self.assertRefused(UserError, "e-mail address of Lanzhou Optics"):
            self.planned.action_ask_confirmation()
        with self.assertRaises(AccessError):
            self.planned.with_user(self.auditor).action_ask_confirmation()

    @requirement("A1.R4")
    def test_the_notice_goes_out_by_mail_where_the_method_says_so(self):
        self.planned.sudo()._reschedule(self.now + timedelta(days=3.5), False, "own", "x")
        self._run_cron()
        self.assertEqual(self.planned.confirmation_state, "none")
        self.method_face.is_notice_mailed = True
        self._run_cron()
        self._run_cron()
        self.assertEqual(self.planned.confirmation_state, "asked")
        self.assertFalse(self.planned.is_notice_late)
        mails = self.env["mail.mail"].search([("recipient_ids", "in", self.customer.ids)])
        self.assertEqual(mails.mapped("res_id"), self.planned.ids)

    @mute_logger("odoo.addons.crm_service_base.models.ir_cron")
    def test_a_visit_that_cannot_be_asked_about_holds_up_no_other(self):
        self.method_face.is_notice_mailed = True
        first = self._make_visit(self.method_face)
        first.sudo()._reschedule(self.now + timedelta(days=3.4), False, "own", "x")
        self.planned.sudo()._reschedule(self.now + timedelta(days=3.5), False, "own", "x")
        self._fail_for(first, "_mail_customer")
        self._run_cron()
        self.assertEqual(first.confirmation_state, "none")
        self.assertEqual(self.planned.confirmation_state, "asked")

    def test_nobody_outside_fetches_the_link_of_another(self):
        """The public method of core that makes a link asks who calls it."""
        self._token(self.planned)
        for user in (self.wang, self.stranger, self.plain_user):
            answer = self._rpc(user, "crm.visit", "get_portal_url", [self.planned.id])
            self.assertNotIn("result", answer, user.login)

    def test_no_colleague_fetches_the_link_and_acts_as_the_customer(self):
        token = self._token(self.done)
        values = {"res_model": "crm.visit", "res_id": self.done.id}
        partners = self.env.ref("base.group_partner_manager")
        for user in (self.specialist, self.manager):
            user.group_ids |= partners
            answer = self._rpc(user, "crm.visit", "get_portal_url", self.done.ids)
            self.assertEqual(answer["result"], f"/my/visits/{self.done.id}")
            with self.assertRefused(AccessError, "mailbox of the customer"):
                self.env["portal.share"].with_user(user).create(values).read(["share_link"])
            self.assertNotIn(token, str(answer))

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_visits.ir_cron_ask_confirmation").method_direct_trigger()

    def test_thanks_ask_for_signature_and_rating(self):
        with self.assertRaises(UserError):
            self.planned.action_thank_customer()
        self.done.action_thank_customer()
        mail = self.env["mail.mail"].search([("model", "=", "crm.visit")], limit=1)
        self.assertIn(f"/my/visits/{self.done.id}?access_token=", mail.body_html)
        for secret in SECRETS:
            self.assertNotIn(secret, mail.body_html)

    # ------------------------------------------------------------------ paper

    def _read_pdf(self, answer):
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        if not answer.content.startswith(b"%PDF"):
            return answer.text  # a server under test answers with the page instead
        return self._read_pdf_text(answer.content)

    def _read_pdf_text(self, pdf):
        command = ["pdftotext", "-layout", "-", "-"]
        return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()

    @requirement("A1.F2")
    def test_the_customer_prints_an_own_copy(self):
        page = self._open(self.done, self.wang, report_type="pdf")
        self.assertIn("text/html", page.headers["Content-Type"], "not yet signed or reviewed")
        self._sign(self.done, self.wang)
        text = self._read_pdf(self._open(self.done, self.wang, report_type="pdf"))
        self.assertIn("Delivery is quick, the manual is not clear", text)
        self.assertIn("Wang Wei", text)
        self.assertIn(self.done.name, text)
        for secret in SECRETS:
            self.assertNotIn(secret, text)
        token = self._token(self.done)
        copy = self._open(self.done, access_token=token, report_type="pdf")
        self.assertIn("Wang Wei", self._read_pdf(copy))

    @requirement("A1.F2", "E1.R9")
    def test_the_boxes_of_the_form_are_filled(self):
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)

        def render():
            form = "crm_visits.crm_visit_report_record"
            return self._read_pdf_text(reports._render_qweb_pdf(form, self.done.ids)[0])

        empty = render()
        self.assertNotIn("Wang Wei", empty)
        self._sign(self.done, self.wang)
        self._approve(self.done)
        text = render()
        boxes = text[text.index("Visitor's Signature") :]
        for name in (self.specialist.name, "Wang Wei", self.supervisor.name):
            self.assertIn(name, boxes)
        self.assertIn("Form Code", text)
        self.assertNotIn("changed after this signature", text)
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_visit SET opinion = 'x' WHERE id = %s", [self.done.id])
        self.env.invalidate_all()
        self.assertIn("changed after this signature", render())


@tagged("post_install", "-at_install")
class TestVisitPortalTour(PortalCommon):
    browser_size = "390x844"
    touch_enabled = True

    @requirement("A1.F2")
    def test_the_customer_signs_on_the_visitors_phone(self):
        self.specialist.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        self.env.flush_all()
        url = f"/odoo/crm.visit/{self.done.id}"
        self.start_tour(url, "crm_visits_sign_on_phone", login=self.specialist.login)
        self.env.invalidate_all()
        signature = self.done.signature_ids
        self.assertEqual((signature.name, signature.channel), ("王伟", "backend"))
        self.assertEqual(self.done.signature_state, "valid")

    @requirement("A1.F2", "A1.R4")
    def test_confirm_sign_and_rate_on_a_phone_in_chinese(self):
        self.wang.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        self.env.flush_all()
        self.start_tour(f"/my/visits/{self.planned.id}", "crm_visits_portal_confirm", login="wang")
        self.start_tour("/my/visits?filterby=past", "crm_visits_portal_sign", login="wang")
        self.env.invalidate_all()
        self.assertEqual(self.planned.confirmation_state, "confirmed")
        signature = self.done.signature_ids
        self.assertEqual((signature.name, signature.channel), ("王伟", "portal"))
        self.assertEqual(self.done.signature_state, "valid")
        self.assertEqual(
            (self.done.customer_satisfaction_service, self.done.customer_comment),
            ("good", "服务很好"),
        )
