import base64
import re
import xmlrpc.client

from odoo import http
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .commitment_common import CommitmentCommon

SECRETS = ("SECRET", "Stores in an hour", "Next year", "Draft words", "Rival Ltd")
MODELS = (
    "crm.service.commitment",
    "crm.commitment.item",
    "crm.commitment.ground",
    "crm.compensation.rule",
    "crm.commitment.fulfilment",
    "crm.commitment.metric",
    "crm.commitment.report",
    "crm.commitment.review",
    "crm.commitment.proposal",
    "crm.commitment.training",
    "crm.commitment.breach",
    "crm.compensation",
    "crm.commitment.note",
)


@tagged("post_install", "-at_install")
class TestCommitmentPublic(CommitmentCommon, HttpCase):
    """What stands outside, and each door to what does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wang = cls._make_portal_user("wang", cls.customer)
        cls.stranger = cls._make_portal_user("stranger", cls.other_customer)
        cls.internal = cls._enforce(cls._make_commitment("Stores in an hour", scope="internal"))
        cls.draft = cls._make_commitment("Draft words")
        cls.commitment.sudo().ground_ids.text = "Rival Ltd says four hours"
        cls.company.write(
            {
                "crm_is_commitment_public": True,
                "crm_hotline": "400 123 4567",
                "crm_service_hours": "Mo-Sa 8:30-18:00",
            }
        )
        item = cls.commitment.item_ids[0]
        rows = cls.env["crm.commitment.fulfilment"]
        rows.create(rows._prepare_values(item, cls.today.replace(day=1), 93.5, 31))
        cls.file = cls.env["ir.attachment"].create(
            {
                "name": "SECRET.txt",
                "raw": b"SECRET",
                "res_model": "crm.service.commitment",
                "res_id": cls.plan.id,
            }
        )
        cls.plan.message_post(body="SECRET talk", subtype_xmlid="mail.mt_comment")

    def _get(self, url, user=None):
        self.env.flush_all()
        self.authenticate(user and user.login, user and user.login)
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            return self.url_open(url)

    def _rpc(self, user, model, method, *args, **kwargs):
        self.env.flush_all()
        self.authenticate(user and user.login, user and user.login)
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            answer = self.url_open("/web/dataset/call_kw", json={"params": params})
        return answer.json()

    def assertNothingSecret(self, text, door):
        for secret in SECRETS:
            self.assertNotIn(secret, text, door)

    # ------------------------------------------------------------------ what stands outside

    @requirement("A4.R6", "A4.R8", "A4.R10", "A4.R12")
    def test_the_public_page(self):
        answer = self._get("/service-commitments")
        self.assertEqual(answer.status_code, 200)
        page = answer.text
        for shown in ("Answer within two hours", "≥ 90%", "93.5%", "400 123 4567", "Mo-Sa"):
            self.assertIn(shown, page)
        self.assertIn(f"/my/cases/new?kind=complaint&amp;commitment={self.commitment.id}", page)
        self.assertNothingSecret(page, "public page")
        self.commitment.with_user(self.manager)._withdraw("No more")
        self.assertNotIn("Answer within two hours", self._get("/service-commitments").text)

    @requirement("A4.R6")
    def test_the_page_of_a_company(self):
        other = self.env["res.company"].create({"name": "Second Company"})
        address = f"/service-commitments/{other.id}"
        self.assertEqual(self._get(address).status_code, 404, "it does not publish")
        other.crm_is_commitment_public = True
        page = self._get(address).text
        self.assertIn("Second Company", page)
        self.assertNotIn("Answer within two hours", page)
        self.company.crm_is_commitment_public = False
        self.assertEqual(self._get(f"/service-commitments/{self.company.id}").status_code, 404)
        other.crm_is_commitment_public = False
        self.assertEqual(self._get("/service-commitments").status_code, 404)

    @requirement("A4.R11")
    def test_conditions_are_told(self):
        self._enforce(
            self._make_commitment("Two years", extent="specific", conditions="Not when wet")
        )
        self.assertIn("Not when wet", self._get("/service-commitments").text)

    @requirement("A4.R6")
    def test_in_the_portal_and_told_when_not_kept(self):
        page = self._get("/my/commitments", self.wang).text
        self.assertIn("93.5%", page)
        self.assertNothingSecret(page, "portal")
        self.assertIn("/my/commitments", self._get("/my", self.wang).text)
        form = self._get(
            f"/my/cases/new?kind=complaint&commitment={self.commitment.id}", self.wang
        ).text
        self.assertIn("Answer within two hours", form)
        for hidden in (self.plan, self.internal, self.draft):
            form = self._get(f"/my/cases/new?commitment={hidden.id}", self.wang).text
            self.assertNothingSecret(form, "form of a case")
            self.assertNotIn('name="commitment"', form)

    def _file(self, user, **values):
        self.env.flush_all()
        self.authenticate(user.login, user.login)
        data = {
            "csrf_token": http.Request.csrf_token(self),
            "kind": "complaint",
            "subject": "Nobody called",
            "description": "I waited a day",
            **values,
        }
        with mute_logger("odoo.http"):
            self.url_open("/my/cases/new", data=data)
        self.env.invalidate_all()
        return self.env["crm.service.case"].search([], order="id desc", limit=1)

    @requirement("A4.R8", "A4.R13")
    def test_the_customer_says_it_was_not_kept(self):
        case = self._file(self.wang, commitment=self.commitment.id)
        breach = case.breach_ids
        self.assertEqual((breach.source, breach.commitment_id), ("customer", self.commitment))
        self.assertEqual((breach.satisfaction, breach.cause), ("dissatisfied", "open"))
        for value in (self.plan.id, self.internal.id, "x", "-1", "9" * 30, self.draft.id):
            case = self._file(self.wang, commitment=value, subject=f"Matter {value}")
            self.assertEqual(case.subject, f"Matter {value}")
            self.assertFalse(case.breach_ids)
        self.assertFalse(self.commitment._find_told("9" * 5000, self.company))

    @requirement("A4.R13", "A4.R10")
    def test_only_the_decision_meant_for_him(self):
        case = self._make_case(partner_id=self.wang.partner_id.id)
        breach = self._breach(case, cause_note="SECRET cause")
        compensation = self._propose(
            breach, reason="SECRET reason", customer_text="Hundred back", amount=100
        )
        url = f"/my/cases/{case.id}"
        self.assertNotIn("Hundred back", self._get(url, self.wang).text, "not decided yet")
        self._approve_compensation(compensation)
        compensation.with_user(self.supervisor).action_carry_out()
        self.assertNotIn("Hundred back", self._get(url, self.wang).text, "not posted yet")
        compensation.move_id.sudo().action_post()
        page = self._get(url, self.wang).text
        self.assertIn("Hundred back", page)
        self.assertIn("Answer within two hours", page)
        self.assertNothingSecret(page, "page of the case")
        self.assertNotIn("Hundred back", self._get(url, self.stranger).text)
        other = self._breach(case, commitment_id=self.internal.id)
        compensation = self._propose(other, customer_text="And a cable", amount=10)
        self._approve_compensation(compensation)
        compensation.with_user(self.supervisor).action_carry_out()
        compensation.move_id.sudo().action_post()
        page = self._get(url, self.wang).text
        self.assertIn("And a cable", page)
        self.assertNothingSecret(page, "a decision about an internal commitment")

    # ------------------------------------------------------------------ doors

    @requirement("A4.R10", "A4.R12")
    def test_no_model_by_rpc(self):
        for user in (self.wang, None):
            for model in MODELS:
                for method, args, kwargs in (
                    ("search_read", [[]], {}),
                    ("search", [[]], {}),
                    ("search_count", [[]], {}),
                    ("name_search", [], {"name": "S"}),
                    ("web_search_read", [[]], {"specification": {"display_name": {}}}),
                    ("read", [[self.plan.id]], {}),
                    ("web_read", [[self.plan.id]], {"specification": {"display_name": {}}}),
                    ("formatted_read_group", [[]], {"groupby": ["display_name"]}),
                    ("export_data", [[self.plan.id], ["display_name"]], {}),
                    ("copy", [[self.plan.id]], {}),
                    ("name_create", ["x"], {}),
                    ("create", [[{}]], {}),
                ):
                    answer = self._rpc(user, model, method, *args, **kwargs)
                    if method == "name_create" and not answer.get("result", True):
                        continue  # it has no name to create
                    self.assertIn("error", answer, (user, model, method))
                    self.assertNothingSecret(
                        str(answer["error"].get("data", {}).get("message")), (model, method)
                    )

    @requirement("A4.R10")
    def test_no_public_method_by_rpc(self):
        names = {
            "crm.service.commitment": self.plan,
            "crm.commitment.item": self.commitment.item_ids,
            "crm.compensation": self._propose(self._breach()),
            "crm.commitment.breach": self._breach(),
        }
        for model, records in names.items():
            for method in dir(type(records)):
                if not method.startswith("action_") or method in ("action_archive",):
                    continue
                answer = self._rpc(self.wang, model, method, records.ids)
                self.assertIn("error", answer, (model, method))
                self.assertNothingSecret(
                    str(answer["error"].get("data", {}).get("message")), (model, method)
                )

    @requirement("A4.R10")
    def test_no_door_for_other_models(self):
        """Through documents that a customer does reach."""
        case = self._make_case(partner_id=self.wang.partner_id.id)
        self._breach(case, commitment_id=self.internal.id)
        for user in (self.wang, None):
            for model in ("crm.service.case", "mail.message", "mail.notification"):
                answer = self._rpc(user, model, "search_read", [])
                self.assertNothingSecret(str(answer), model)
            for model, domain in (
                ("res.partner", [["user_ids.id", "!=", 0]]),
                ("account.move", [["crm_compensation_id.reason", "ilike", "S"]]),
                ("sale.order", [["crm_compensation_id.reason", "ilike", "S"]]),
                ("ir.attachment", [["res_model", "=", "crm.service.commitment"]]),
            ):
                answer = self._rpc(user, model, "search_read", domain)
                self.assertNothingSecret(str(answer.get("result", "")), model)

    @requirement("A4.R10")
    def test_no_record_by_xml_rpc(self):
        keys = self.env["res.users.apikeys"].with_user(self.wang).sudo()
        key = keys._generate(None, "test", self.now.replace(year=self.now.year + 1))
        self.env.flush_all()
        for model in MODELS:
            arguments = (self.env.cr.dbname, self.wang.id, key, model, "search_read", [[]])
            body = xmlrpc.client.dumps(arguments, "execute_kw")
            with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
                answer = self.url_open(
                    "/xmlrpc/2/object", data=body, headers={"Content-Type": "text/xml"}
                )
            self.assertIn("<fault>", answer.text, model)
            self.assertNothingSecret(answer.text, model)

    @requirement("A4.R10")
    def test_no_json_2(self):
        expires = self.now.replace(year=self.now.year + 1)
        keys = self.env["res.users.apikeys"].with_user(self.wang).sudo()
        key = keys._generate(None, "test", expires)
        self.env.flush_all()
        for model in MODELS:
            with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
                answer = self.url_open(
                    f"/json/2/{model}/search_read",
                    json={"domain": []},
                    headers={"Authorization": f"bearer {key}"},
                )
            self.assertNotEqual(answer.status_code, 200, model)
            self.assertNothingSecret(answer.text, model)

    @requirement("A4.R10")
    def test_no_file(self):
        proof = self.env["crm.commitment.training"].create(
            {"name": "x", "proof": base64.b64encode(b"SECRET proof")}
        )
        for user in (self.wang, None):
            for url in (
                f"/web/content/{self.file.id}",
                f"/web/content/{self.file.id}?access_token=x",
                f"/web/image/{self.file.id}",
                f"/web/content/crm.commitment.training/{proof.id}/proof",
                f"/web/content?model=crm.commitment.ground&id={self.plan.ground_ids.id}&field=file",
                f"/my/cases/1/file/{self.file.id}",
            ):
                self.assertNothingSecret(self._get(url, user).text, url)
        files = self.file.with_user(self.specialist)
        for opened in (
            lambda: files.generate_access_token(),
            lambda: files.write({"public": True}),
            lambda: files.write({"access_token": "x"}),
        ):
            with self.assertRefused(AccessError, "for colleagues"):
                opened()
        loose = (
            self.env["ir.attachment"]
            .with_user(self.specialist)
            .create({"name": "x", "raw": b"SECRET", "access_token": "token"})
        )
        with self.assertRefused(AccessError, "for colleagues"):
            loose.write({"res_model": "crm.service.commitment", "res_id": self.draft.id})

    @requirement("A4.R10")
    def test_no_chatter(self):
        params = {"thread_model": "crm.service.commitment", "thread_id": self.plan.id}
        followers = {"request_list": ["followers"]}
        for user in (self.wang, None):
            self.env.flush_all()
            self.authenticate(user and user.login, user and user.login)
            for url, more in (
                ("/mail/thread/messages", {}),
                ("/mail/thread/messages", {"fetch_params": {"search_term": "SECRET"}}),
                ("/mail/data", {"fetch_params": [["mail.thread", {**params, **followers}]]}),
            ):
                body = {"params": {**params, **more} if "data" not in url else more}
                with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
                    answer = self.url_open(url, json=body)
                self.assertNothingSecret(answer.text, url)

    @requirement("A4.R10")
    def test_no_customer_follows_or_gets_mail(self):
        self.customer.email = "customer@example.com"
        for document in (self.plan, self._breach(), self._propose(self._breach())):
            document = document.with_user(self.specialist)
            document.message_subscribe((self.customer | self.wang.partner_id).ids)
            self.assertFalse(document.sudo().message_partner_ids & self.customer)
            self.assertFalse(document.sudo().message_partner_ids & self.wang.partner_id)
            message = document.message_post(
                body="SECRET",
                partner_ids=(self.customer | self.wang.partner_id).ids,
                subtype_xmlid="mail.mt_comment",
            )
            notified = message.sudo().notification_ids.res_partner_id
            self.assertFalse(notified & (self.customer | self.wang.partner_id))
            with self.assertRefused(AccessError, "colleagues"):
                document.message_post(body="SECRET", outgoing_email_to="customer@example.com")
        mails = self.env["mail.mail"].search([("body_html", "ilike", "SECRET")])
        for mail in mails:
            self.assertNotIn("customer@example.com", mail.email_to or "")
            self.assertFalse(mail.recipient_ids & (self.customer | self.wang.partner_id))

    @requirement("A4.R10")
    def test_no_report(self):
        for name in ("crm_service_commitment_form", "crm_service_commitment_form_internal"):
            for user in (self.wang, None):
                for kind in ("html", "pdf"):
                    url = f"/report/{kind}/crm_aftersales.{name}/{self.plan.id}"
                    self.assertNothingSecret(self._get(url, user).text, url)

    @requirement("A4.R10", "A4.R12")
    def test_printed_for_customers(self):
        report = self.env["ir.actions.report"].with_user(self.specialist)
        name = "crm_aftersales.crm_service_commitment_form"
        all_ = (self.commitment | self.plan | self.internal | self.draft).ids
        html = report._render_qweb_html(name, all_)[0].decode()
        self.assertIn("Answer within two hours", html)
        self.assertNothingSecret(html, "printed for customers")
        full = report._render_qweb_html(f"{name}_internal", all_)[0].decode()
        self.assertIn("SECRET PLAN", full)
        self.assertRegex(re.sub(r"\s+", " ", full), "Rival Ltd")

    @requirement("A4.R10")
    def test_sales_reads_no_plan(self):
        sales = self.env["res.users"].create(
            {
                "name": "Sales",
                "login": "test_public_sales",
                "group_ids": [
                    Command.set(
                        (
                            self.env.ref("base.group_user")
                            | self.env.ref("sales_team.group_sale_salesman")
                        ).ids
                    )
                ],
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        self.assertFalse(self.plan.with_user(sales).has_access("read"))
        for model in ("crm.compensation.rule", "crm.commitment.ground", "crm.compensation"):
            self.assertFalse(self.env[model].with_user(sales).has_access("read"), model)
        items = self.env["crm.commitment.item"].with_user(sales).search([])
        self.assertIn(self.commitment.item_ids[0], items)
        self.assertFalse(items & self.internal.item_ids)
        with self.assertRefused(AccessError, ""):
            self.commitment.with_user(sales).read(["ground_ids"])
        form = Form(self.commitment.with_user(sales))
        self.assertEqual(form.title, "Answer within two hours")
        self.assertNotIn("rule_ids", form._view["fields"])
        self.assertNotIn("checklist", form._view["fields"])
