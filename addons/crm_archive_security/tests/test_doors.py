import base64
import io
import subprocess
from datetime import timedelta

from reportlab.pdfgen import canvas

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import ROLES, requirement

from .common import SECRET, ArchiveCommon

MARK = "Pelican4711"
QUIET = ("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.rpc.controllers.xmlrpc")
CONTENT = ["body", "file", "file_name"]
SHOWN = ["content_body", "content_file", "content_file_name"]


@tagged("post_install", "-at_install")
class TestDoors(ArchiveCommon, HttpCase):
    """Every door × role × state of leave: what is secret comes out of one door only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        archive = cls._archive()
        pdf = cls._make_pdf(f"{MARK} {SECRET}")
        cls.item = cls._secret(
            archive,
            body=f"{MARK} {SECRET}",
            content_file=base64.b64encode(pdf).decode(),
            content_file_name=f"{MARK}.pdf",
        )
        cls.other = cls._secret(archive, body="Another secret")
        cls._established()
        cls.content = cls.env["crm.archive.content"].search([("item_id", "=", cls.item.id)])
        cls.system = new_test_user(cls.env, login="test_system", groups="base.group_system")
        cls.users = {role: getattr(cls, role) for role in ROLES}
        cls.users |= {
            "plain": cls.plain_user,
            "security_officer": cls.security_officer,
            "system": cls.system,
            "portal": cls.portal_user,
        }
        # each of these would tell; the body in base64 as well
        cls.secrets = [MARK, SECRET, cls.content.salt]
        cls.secrets.append(base64.b64encode(pdf).decode()[100:160])

    @classmethod
    def _make_pdf(cls, text):
        target = io.BytesIO()
        page = canvas.Canvas(target, pagesize=(842, 595))
        page.drawString(100, 400, text)
        page.save()
        return target.getvalue()

    def setUp(self):
        super().setUp()
        expires = fields.Datetime.now() + timedelta(hours=1)
        keys = self.env["res.users.apikeys"]
        self.keys = {
            role: keys.with_user(user).sudo()._generate(None, "test", expires)
            for role, user in self.users.items()
        }

    # ------------------------------------------------------------------ the doors

    def _get_calls(self):
        """RPC doors: tuples of model, method and arguments."""
        item, content, archive = self.item.id, self.content.id, self.item.archive_id.id
        spec = {name: {} for name in SHOWN}
        probe = [("body", "ilike", MARK)]
        items = "crm.archive.item"
        contents = "crm.archive.content"
        wanted = {name: {} for name in CONTENT}
        mail = [("body", "ilike", MARK)]
        return [
            (contents, "read", {"ids": [content], "fields": CONTENT}),
            (contents, "web_read", {"ids": [content], "specification": wanted}),
            (contents, "search", {"domain": probe}),
            (contents, "search_count", {"domain": probe}),
            (contents, "search_read", {"domain": [], "fields": CONTENT}),
            (contents, "web_search_read", {"domain": [], "specification": wanted}),
            (contents, "name_search", {"name": MARK}),
            (contents, "formatted_read_group", {"domain": [], "groupby": ["body"]}),
            (contents, "web_read_group", {"domain": [], "groupby": ["body"]}),
            (contents, "export_data", {"ids": [content], "fields_to_export": CONTENT}),
            (contents, "copy", {"ids": [content]}),
            (contents, "write", {"ids": [content], "vals": {"item_id": self.other.id}}),
            (contents, "create", {"vals_list": [{"item_id": self.other.id, "body": "x"}]}),
            (contents, "unlink", {"ids": [content]}),
            (
                contents,
                "onchange",
                {
                    "ids": [content],
                    "values": {},
                    "field_names": [],
                    "fields_spec": wanted,
                },
            ),
            (items, "read", {"ids": [item], "fields": SHOWN}),
            (items, "web_read", {"ids": [item], "specification": spec}),
            (items, "search_read", {"domain": [("id", "=", item)], "fields": SHOWN}),
            (items, "search", {"domain": [("content_body", "ilike", MARK)]}),
            (items, "formatted_read_group", {"domain": [], "groupby": ["content_body"]}),
            (items, "export_data", {"ids": [item], "fields_to_export": SHOWN}),
            (items, "copy_data", {"ids": [item]}),
            (
                items,
                "onchange",
                {"ids": [item], "values": {}, "field_names": [], "fields_spec": spec},
            ),
            (items, "read_content", {"ids": [item]}),
            (items, "read_content", {"ids": [item], "kind": "export"}),
            (
                "crm.archive",
                "web_read",
                {"ids": [archive], "specification": {"item_ids": {"fields": spec}}},
            ),
            (
                "crm.archive",
                "search_count",
                {"domain": [("item_ids.content_body", "ilike", MARK)]},
            ),
            (
                "crm.archive.acknowledge",
                "web_save",
                {
                    "ids": [],
                    "vals": {"item_id": item},
                    "specification": {"item_id": {"fields": spec}},
                },
            ),
            ("ir.attachment", "search_read", {"domain": [("res_model", "like", "crm.archive")]}),
            ("mail.message", "search_read", {"domain": mail, "fields": ["body"]}),
            (
                "mail.message",
                "search_read",
                {"domain": [("model", "like", "crm.archive")], "fields": ["body"]},
            ),
            ("crm.archive.access", "search_read", {"domain": []}),
            ("crm.service.contact", "search_read", {"domain": []}),
        ]

    def _get_pages(self):
        item, content = self.item.id, self.content.id
        return [
            f"/web/content/crm.archive.content/{content}/file",
            f"/web/content/crm.archive.content/{content}/file/{MARK}.pdf?download=1",
            f"/web/content/crm.archive.item/{item}/content_file",
            f"/web/content?model=crm.archive.content&id={content}&field=body",
            f"/web/image/crm.archive.content/{content}/file",
            f"/web/image/crm.archive.item/{item}/content_file",
            f"/report/html/web.external_layout/{item}",
        ]

    def _get_door_pages(self):
        return [f"/crm_archive/{self.item.id}/{kind}" for kind in DOORS]

    # ------------------------------------------------------------------ walking them

    def _call(self, role, model, method, body):
        headers = {"Authorization": f"bearer {self.keys[role]}"} if role in self.keys else {}
        with mute_logger(*QUIET):
            return self.url_open(f"/json/2/{model}/{method}", json=body, headers=headers)

    def _find_leaks(self, role, door_open=False):
        """:return: list of the doors that told something"""
        leaks = []
        for model, method, body in self._get_calls():
            if door_open and method == "read_content":
                continue
            answer = self._call(role, model, method, body)
            if self._tells(answer, body):
                leaks.append(f"{role}: {model}.{method} {answer.status_code} {answer.text[:200]}")
        user = self.users.get(role)
        self.authenticate(user and user.login, user and user.login)
        for page in self._get_pages() + ([] if door_open else self._get_door_pages()):
            with mute_logger(*QUIET):
                answer = self.url_open(page)
            if self._tells(answer):
                leaks.append(f"{role}: {page} {answer.status_code} {answer.text[:200]}")
        return leaks

    def _tells(self, answer, body=None):
        text = answer.text
        if answer.content[:4] == b"%PDF":
            return True
        if body and f'"{MARK}"' in str(body).replace("'", '"') and answer.status_code != 200:
            # an error may repeat what the caller wrote
            text = text.replace(MARK, "")
        if body and "ilike" in str(body) and answer.status_code == 200:
            # probing finds nothing: no id, no count
            return answer.json() not in ([], 0)
        return any(secret in text for secret in self.secrets)

    @requirement("A2.R18", "A2.R19", "A2.R22")
    def test_nobody_without_leave(self):
        tried = set()
        register = type(self.env["crm.archive.access"])
        # an attempt is entered on a cursor of its own, which a test's cursor takes back
        self.patch(register, "_log_refused", lambda self, *args: tried.add(self.env.user.login))
        leaks = [leak for role in [*self.users, "public"] for leak in self._find_leaks(role)]
        self.assertFalse(leaks, "\n".join(leaks))
        roles = {"specialist", "supervisor", "manager", "director", "general_manager", "auditor"}
        self.assertLessEqual({f"test_{role}" for role in roles}, tried)

    @requirement("A2.R22")
    def test_nobody_with_leave_that_does_not_hold(self):
        """Ended, revoked, somebody else's, for another item, not yet begun."""
        request = self._grant(self.item, self.author_of_requests())
        grant = request.grant_ids
        now = fields.Datetime.now().replace(microsecond=0)
        for user in self.users.values():
            for values in (
                {"date_start": now - timedelta(2), "date_end": now - timedelta(seconds=1)},
                {"date_revoked": now},
                {"item_id": self.other.id},
                {"date_start": now + timedelta(hours=1), "date_end": now + timedelta(hours=2)},
            ):
                grant.copy({"user_id": user.id, **values})
        roles = ("specialist", "manager", "plain", "general_manager", "system", "portal")
        leaks = [leak for role in roles for leak in self._find_leaks(role)]
        self.assertFalse(leaks, "\n".join(leaks))

    def author_of_requests(self):
        return self._new_user("test_requester", "specialist")

    @requirement("A2.R26")
    def test_with_leave_one_door_opens_and_no_other(self):
        for role in ("specialist", "plain"):
            user = self.users[role]
            request = self._grant(self.item, user)
            leaks = self._find_leaks(role, door_open=True)
            self.assertFalse(leaks, "\n".join(leaks))
            body = {"ids": self.item.ids}
            items = "crm.archive.item"
            answer = self._call(role, items, "read_content", body)
            self.assertEqual(answer.status_code, 422, "three don'ts first")
            self.assertEqual(self.url_open(f"/crm_archive/{self.item.id}/read").status_code, 403)
            self._call(role, items, "acknowledge_rules", body)
            self.assertIn(SECRET, self._call(role, items, "read_content", body).text)
            page = self.url_open(f"/crm_archive/{self.item.id}/read")
            self.assertIn(SECRET, page.text)
            self.assertIn(user.name, page.text)
            self.assertEqual(page.headers["Cache-Control"], "no-store, private")
            self.assertNotIn("/export", page.text)
            for kind in ("print", "export"):
                with mute_logger(*QUIET):
                    answer = self.url_open(f"/crm_archive/{self.item.id}/{kind}")
                self.assertEqual(answer.status_code, 403, kind)
            self.env.invalidate_all()
            request.with_user(self.security_officer).action_revoke()
            self.assertFalse(self._find_leaks(role), "revoked: shut on the next call")

    @requirement("A2.R23")
    def test_what_is_taken_carries_reader_time_and_request(self):
        request = self._grant(self.item, self.specialist, may_print=True, may_export=True)
        self.item.with_user(self.specialist).acknowledge_rules()
        self.authenticate("test_specialist", "test_specialist")
        for kind in ("view", "print", "export"):
            answer = self.url_open(f"/crm_archive/{self.item.id}/{kind}")
            self.assertEqual(answer.headers["Content-Type"], "application/pdf", answer.text[:300])
            text = subprocess.run(
                ["pdftotext", "-", "-"], input=answer.content, capture_output=True, check=True
            ).stdout.decode()
            self.assertIn(MARK, text)
            self.assertIn(f"{self.specialist.name} · {fields.Date.today().year}", text)
            self.assertIn(request.name, text)
        self.env.invalidate_all()
        kinds = self._register(("user_id", "=", self.specialist.id)).mapped("kind")
        self.assertEqual(kinds[-3:], ["read", "print", "export"])


DOORS = ("read", "view", "print", "export")
