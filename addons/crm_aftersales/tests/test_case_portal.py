import io
import json
from datetime import timedelta
from urllib.parse import urlencode

from PIL import Image, MpoImagePlugin

from odoo import http
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_visits.tests.common import draw_signature

from ..tools import upload
from .channel_common import ChannelCommon, draw_photo

SECRET = "Their boss is difficult"


class CasePortalCommon(ChannelCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wang = cls._make_portal_user("wang", cls.customer)
        cls.colleague = cls._make_portal_user("colleague", cls.customer)
        cls.stranger = cls._make_portal_user("stranger", cls.other_customer)
        for user in (cls.wang, cls.colleague, cls.stranger):
            user.partner_id.email = f"{user.login}@portal.example.com"
        cls.case = cls._make_case(
            partner_id=cls.wang.partner_id.id, description="It burnt my fingers", channel="phone"
        )
        cls.case.message_post(body=SECRET, message_type="comment", subtype_xmlid="mail.mt_note")

    def _url(self, case, suffix="", **query):
        return f"/my/cases/{case.id}{suffix}" + (f"?{urlencode(query)}" if query else "")

    def _token(self, case):
        token = case.sudo()._portal_ensure_token()
        self.env.flush_all()
        return token

    def _login(self, user=None):
        self.authenticate(user.login if user else None, user.login if user else None)

    def _open(self, case, user=None, **query):
        self.env.flush_all()
        self._login(user)
        return self.url_open(self._url(case, **query))

    def _submit(self, url, user=None, files=(), **data):
        self.env.flush_all()
        self._login(user)
        values = {"csrf_token": http.Request.csrf_token(self), **data}
        sent = [("photos", (name, io.BytesIO(content))) for name, content in files]
        with mute_logger("odoo.http"):
            answer = self.url_open(url, data=values, files=sent or None)
        self.env.invalidate_all()
        return answer

    def _post(self, case, suffix, user=None, files=(), **data):
        return self._submit(self._url(case, suffix), user, files, **data)

    def _sign(self, case, user=None, **query):
        self.env.flush_all()
        self._login(user)
        query.setdefault("digest", case._get_signature_digest())
        params = {"name": "Wang Wei", "signature": draw_signature()}
        with mute_logger("odoo.http"):
            answer = self.url_open(self._url(case, "/sign", **query), json={"params": params})
        self.env.invalidate_all()
        return answer.json().get("result", {})

    def _rpc(self, user, model, method, *args, **kwargs):
        self._login(user)
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            answer = self.url_open("/web/dataset/call_kw", json={"params": params}).json()
        self.env.invalidate_all()
        return answer

    def _answer(self, body="We send a new one", partner=None, **values):
        partner = partner or self.wang.partner_id
        return self.case.message_post(
            body=body,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=partner.ids,
            **values,
        )


@tagged("post_install", "-at_install")
class TestCasePortal(CasePortalCommon):
    # ------------------------------------------------------------------ seeing

    @requirement("D6.R1")
    def test_the_customer_follows_own_cases(self):
        self._login(self.wang)
        counters = self.url_open(
            "/my/counters", json={"params": {"counters": ["crm_case_count"]}}
        ).json()
        self.assertEqual(counters["result"]["crm_case_count"], 1)
        self.assertIn("/my/cases", self.url_open("/my").text)
        self.assertIn(self.case.name, self.url_open("/my/cases").text)
        self._answer()
        page = self._open(self.case, self.wang)
        self.assertEqual(page.status_code, 200)
        self.assertEqual(page.headers["Referrer-Policy"], "same-origin")
        for text in ("It burnt my fingers", "We send a new one", "In progress", self.case.name):
            self.assertIn(text, page.text)
        self.assertNotIn(SECRET, page.text)
        self.assertIn(self.case.name, self._open(self.case, self.colleague).text)

    def test_times_are_those_of_the_company_where_nobody_has_a_zone(self):
        self.case.sudo().write({"user_id": False, "date_opened": "2026-03-01 13:21:00"})
        self.case.company_id.sudo().resource_calendar_id.tz = "Asia/Shanghai"
        (self.wang | self.env.ref("base.user_root")).sudo().tz = False
        self.assertIn("2026-03-01 21:21", self._open(self.case, self.wang).text)

    def test_only_what_is_for_the_customer(self):
        self.case.sudo().write({"solution": "Perhaps a new one"})
        self._answer("To the supplier: how much?", self.stranger_partner)
        self.case.message_post(
            body="The supplier says: 5 yuan",
            author_id=self.stranger_partner.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        self.env["crm.customer.preference"].create(
            {"partner_id": self.customer.id, "topic": "taboo", "description": "Hates rain"}
        )
        text = self._open(self.case, self.wang).text
        for secret in ("how much", "5 yuan", "Perhaps a new one", "Hates rain"):
            self.assertNotIn(secret, text)
        self._solve(self.case)
        self.assertIn("Charger replaced", self._open(self.case, self.wang).text)

    def test_states_in_the_customers_words(self):
        def state():
            return self.case.sudo()._prepare_portal_summary()["state_label"]

        self.assertEqual(state(), "In progress")
        self.case.sudo().user_id = False
        self.assertEqual(state(), "Received")
        self.case.stage_id = self.stage_customer
        self.assertEqual(state(), "Waiting for your answer")
        self._solve(self.case)
        self.assertEqual(state(), "Solved: please confirm")
        self.case.action_close()
        self.assertEqual(state(), "Closed")

    def test_filter_search_and_pages(self):
        cases = [
            self._make_case(partner_id=self.wang.partner_id.id, subject=f"Matter {n:03}")
            for n in range(85)
        ]
        self._solve(cases[0])
        self.env.flush_all()
        self._login(self.wang)
        first, second = (self.url_open(f"/my/cases/page/{n}").text for n in (1, 2))
        self.assertIn(cases[-1].name, first)
        self.assertNotIn(cases[1].name, first)
        self.assertIn(cases[1].name, second)
        self.assertNotIn(cases[0].name, first + second)
        self.assertIn(cases[0].name, self.url_open("/my/cases?filterby=solved").text)
        self.assertIn(cases[0].name, self.url_open("/my/cases?search=matter+000").text)
        self.assertIn(cases[7].name, self.url_open(f"/my/cases?search={cases[7].name}").text)
        nothing = self.url_open("/my/cases?search=%25%00nothing'").text
        self.assertIn("Nothing was found", nothing)
        self.assertIn("nothing here", self.url_open("/my/cases?filterby=closed").text)
        for odd in ("?filterby=x", "/page/999", "?search=_"):
            self.assertEqual(self.url_open(f"/my/cases{odd}").status_code, 200)
        self._login(self.stranger)
        self.assertNotIn("Matter", self.url_open("/my/cases?filterby=all").text)
        found = self.url_open("/my/cases?search=Matter+0").text
        self.assertFalse([case.name for case in cases if case.name in found])

    def test_no_clock_no_promise(self):
        solved = self._solve(self._make_case(partner_id=self.wang.partner_id.id))
        self.assertNotIn("We answer by", self._open(solved, self.wang).text)

    def test_the_clock(self):
        """The customer sees by when we answer, not what colleagues owe each other."""
        if "clock_ids" not in self.case._fields:
            self.skipTest("without clocks")
        self.wang.tz = "Asia/Shanghai"
        self.case.sudo().clock_ids.unlink()
        values = {
            "case_id": self.case.id,
            "company_id": self.company.id,
            "date_start": self.now,
        }
        self.env["crm.deadline.clock"].sudo().create(
            [
                {**values, "target": "department", "date_deadline": "2035-06-15 01:30:00"},
                {**values, "target": "solve", "date_deadline": "2035-06-16 01:30:00"},
            ]
        )
        text = self._open(self.case, self.wang).text
        self.assertIn("We answer by", text)
        self.assertIn("2035-06-16 09:30", text)
        self.assertNotIn("2035-06-15", text)

    # ------------------------------------------------------------------ filing

    @requirement("D6.R1", "B3.R3")
    def test_file_with_photos(self):
        self._login(self.wang)
        self.assertIn('name="photos"', self.url_open("/my/cases/new").text)
        answer = self._submit(
            "/my/cases/new",
            self.wang,
            [("../热.exe", draw_photo()), ("note.jpg", b"%PDF-1.4 note")],
            kind="complaint",
            subject="The charger burns",
            description="It burns <b>always</b>",
        )
        self.assertIn("we take care of it", answer.text.lower())
        case = self.env["crm.service.case"].search([("subject", "=", "The charger burns")])
        self.assertEqual(len(case), 1)
        self.assertEqual((case.kind, case.channel), ("complaint", "portal"))
        self.assertEqual((case.partner_id, case.team_id), (self.wang.partner_id, self.team))
        self.assertFalse(case.user_id)
        self.assertFalse(case.first_responder_id)
        message = case.message_ids.filtered("attachment_ids")
        self.assertEqual(message.author_id, self.wang.partner_id)
        self.assertIn("&lt;b&gt;always", message.body)
        files = message.attachment_ids.sorted("id")
        self.assertEqual(set(files.mapped("name")), {"热.jpg", "note.pdf"})
        self.assertEqual(set(files.mapped("mimetype")), {"image/jpeg", "application/pdf"})
        for file in files:
            page = self.url_open(self._url(case, f"/file/{file.id}"))
            self.assertEqual(page.content, file.raw)
            self.assertEqual(page.headers["X-Content-Type-Options"], "nosniff")
        (mail, recipients), *_others = self._queue(case)
        self.assertEqual(recipients, {"wang@portal.example.com"})
        self.assertIn(case.name, mail.subject)

    def test_what_cannot_be_filed(self):
        good = {"kind": "inquiry", "subject": "A thing", "description": "Happened"}
        count = self.env["crm.service.case"].search_count([])
        for values, files, sentence in (
            ({"subject": " "}, (), "what it is about"),
            ({"description": ""}, (), "what it is about"),
            ({"kind": "bribe"}, (), "what kind"),
            ({}, [("x.jpg", b"<script>")], "photos"),
            ({}, [("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")], "photos"),
            ({}, [("x.jpg", draw_photo()[:40])], "photos"),
            ({}, [("x.jpg", b"\xff" * (upload.MAX_BYTES + 1))], "too large"),
            ({}, [(f"{n}.jpg", draw_photo()) for n in range(upload.MAX_FILES + 1)], "at most"),
        ):
            answer = self._submit("/my/cases/new", self.wang, files, **good | values)
            self.assertIn(sentence, answer.text, (values, sentence))
        self.assertEqual(self.env["crm.service.case"].search_count([]), count)
        self.assertIn("A thing", answer.text, "what was written stays in the form")
        attachments = self.env["ir.attachment"].search_count([("name", "=like", "x.%")])
        self.assertFalse(attachments)

    def test_photos_of_phones_with_two_lenses_are_taken(self):
        stream = io.BytesIO()
        small, depth = Image.new("RGB", (8, 8), "red"), Image.new("RGB", (8, 8))
        small.save(stream, MpoImagePlugin.MpoImageFile.format, save_all=True, append_images=[depth])
        self.assertEqual(upload.check_file("a.jpg", stream.getvalue()), ("a.jpg", "image/jpeg"))

    def test_a_picture_that_blows_up_is_refused(self):
        stream = io.BytesIO()
        Image.new("1", (8000, 8000)).save(stream, "PNG")
        self.assertLess(len(stream.getvalue()), 100_000)
        good = {"kind": "inquiry", "subject": "A thing", "description": "Happened"}
        answer = self._submit("/my/cases/new", self.wang, [("x.png", stream.getvalue())], **good)
        self.assertIn("50 megapixels", answer.text)

    def test_a_novel_is_cut(self):
        novel = "很烫。" * 100_000
        answer = self._submit(
            "/my/cases/new", self.wang, kind="inquiry", subject=novel, description=novel
        )
        self.assertEqual(answer.status_code, 200)
        case = self.env["crm.service.case"].search([("subject", "=like", "很烫。%")])
        self.assertEqual((len(case.subject), len(case.description)), (120, 5000))
        self._post(case, "/write", self.wang, text=novel)
        self.assertLess(len(case.message_ids[0].body), 10_000)

    def test_twice_tapped_is_once_filed(self):
        for _tap in range(2):
            self._submit(
                "/my/cases/new", self.wang, kind="inquiry", subject="Two taps", description="One"
            )
        cases = self.env["crm.service.case"].search([("subject", "=", "Two taps")])
        self.assertEqual(len(cases), 1)

    def test_only_customers_file(self):
        for user in (self.specialist, self.plain_user):
            self._submit("/my/cases/new", user, kind="inquiry", subject="Staff", description="x")
        self._submit("/my/cases/new", None, kind="inquiry", subject="Staff", description="x")
        self.assertFalse(self.env["crm.service.case"].search([("subject", "=", "Staff")]))
        with mute_logger("odoo.http"):
            self._login(self.wang)
            answer = self.url_open("/my/cases/new", data={"subject": "x", "description": "y"})
        self.assertEqual(answer.status_code, 400, "needs the form's own key")

    def test_what_the_form_does_not_say(self):
        """Fields beside those of the form are not taken."""
        self._submit(
            "/my/cases/new",
            self.wang,
            kind="inquiry",
            subject="More",
            description="x",
            partner_id=self.stranger.partner_id.id,
            state="closed",
            user_id=self.manager.id,
            urgency="2",
            previous=self.case.id,
        )
        case = self.env["crm.service.case"].search([("subject", "=", "More")])
        self.assertEqual((case.partner_id, case.state), (self.wang.partner_id, "open"))
        self.assertFalse(case.user_id)
        self.assertEqual(case.urgency, "0")
        self.assertFalse(case.previous_id, "only a closed case of one's own is followed")

    def test_a_closed_case_is_followed_by_a_new_one(self):
        self._solve(self.case)
        self.case.action_close()
        answer = self._post(self.case, "/write", self.wang, text="Again")
        self.assertIn("open a new one", answer.text)
        page = self._open(self.case, self.wang).text
        self.assertIn(f"/my/cases/new?previous={self.case.id}", page)
        values = {"kind": "inquiry", "subject": "Again", "description": "Hot again"}
        self._submit("/my/cases/new", self.stranger, previous=self.case.id, **values)
        self._submit("/my/cases/new", self.wang, previous=self.case.id, **values)
        cases = self.env["crm.service.case"].search([("subject", "=", "Again")])
        by_owner = {case.partner_id: case.previous_id for case in cases}
        self.assertEqual(by_owner[self.wang.partner_id], self.case)
        self.assertFalse(by_owner[self.stranger.partner_id])

    # ------------------------------------------------------------------ writing

    @requirement("D6.R1")
    def test_the_customer_answers(self):
        events = self._record_events()
        self.case.stage_id = self.stage_customer
        # a colleague of the customer hears of it by mail: that is no answer of ours
        self.case.message_subscribe(self.colleague.partner_id.ids)
        answer = self._post(
            self.case, "/write", self.wang, [("p.png", draw_photo("PNG"))], text="Still <i>hot</i>"
        )
        self.assertIn("Your message was sent", answer.text)
        self.assertIn("Still &lt;i&gt;hot", answer.text)
        message = self.case.message_ids.filtered("attachment_ids")
        self.assertEqual(message.author_id, self.wang.partner_id)
        self.assertEqual(self.case.stage_id, self.stage_progress)
        self.assertIn((self.case.id, "written"), events)
        self.assertIn(self.colleague.partner_id, message.notified_partner_ids)
        self.assertNotIn((self.case.id, "answered"), events)
        self.assertIn(self.specialist.partner_id, message.notified_partner_ids)
        for text in ("", "   ", "\x00"):
            self.assertIn(
                "write something", self._post(self.case, "/write", self.wang, text=text).text
            )

    def test_not_solved(self):
        self._solve(self.case)
        self.assertIn("what is still wrong", self._post(self.case, "/reopen", self.wang).text)
        self._post(self.case, "/reopen", self.wang, text="It burns again")
        self.assertEqual((self.case.state, self.case.reopen_count), ("open", 1))
        self.assertIn("It burns again", "".join(self.case.message_ids.mapped("body")))
        self.assertFalse(self.case.activity_ids, "nobody is asked to reopen what is open")
        answer = self._post(self.case, "/reopen", self.wang, text="Once more")
        self.assertIn("not in a state", answer.text)
        self._solve(self.case)
        self.case.action_close()
        self._post(self.case, "/reopen", self.wang, text="Once more")
        self.assertEqual(self.case.state, "closed")

    @requirement("E2.R10")
    def test_rate(self):
        self._post(self.case, "/rate", self.wang, rate="5")
        self.assertFalse(self.case.rating_ids)
        self._solve(self.case)
        for wrong in ("", "0", "6", "12", "x", "5.0", "½"):
            self.assertIn("one to five", self._post(self.case, "/rate", self.wang, rate=wrong).text)
        answer = self._post(self.case, "/rate", self.wang, rate="2", comment="Slow")
        self.assertIn("Thank you for your opinion", answer.text)
        rating = self.case.sudo().rating_ids
        self.assertEqual((rating.rating, rating.feedback), (2, "Slow"))
        self.assertEqual(rating.partner_id, self.wang.partner_id)
        self.assertIn(self.supervisor, self.case.activity_ids.user_id)
        self._post(self.case, "/rate", self.wang, rate="5")
        self.assertEqual(self.case.rating_last_value, 2)

    def test_sign_that_it_is_solved(self):
        self.assertIn("error", self._sign(self.case, self.wang))
        self._solve(self.case)
        self.assertIn("error", self._sign(self.case, self.wang, digest="0" * 64))
        self.assertTrue(self._sign(self.case, self.wang)["force_refresh"])
        signature = self.case.signature_ids
        self.assertEqual(
            (signature.channel, signature.name, signature.user_id),
            ("portal", "Wang Wei", self.wang),
        )
        self.assertEqual(self.case.signature_state, "valid")
        self.assertIn("Wang Wei", self._open(self.case, self.wang).text)
        self.case.solution = "Something else"
        self.assertIn("changed after it was signed", self._open(self.case, self.wang).text)
        self.case.action_close()

    def test_appeal(self):
        complaint = self._make_complaint(partner_id=self.wang.partner_id.id)
        complaint.sudo().write({"state": "solved", "date_solved": self.now})
        page = self._open(complaint, self.wang).text
        can_appeal = hasattr(complaint, "_appeal")
        self.assertEqual(f"/my/cases/{complaint.id}/appeal" in page, can_appeal)
        self.assertNotIn(f"/my/cases/{self.case.id}/appeal", self._open(self.case, self.wang).text)
        answer = self._post(self.case, "/appeal", self.wang, text="Unjust")
        self.assertIn("No appeal is possible", answer.text)
        self.assertIn("Please write why", self._post(complaint, "/appeal", self.wang).text)

    # ------------------------------------------------------------------ links

    def test_what_a_link_may_do(self):
        """Read, write, sign and rate this one case; no list, no new case, no other case."""
        self._solve(self.case)
        token = self._token(self.case)
        other = self._make_case(partner_id=self.wang.partner_id.id, subject="Another matter")
        page = self._open(self.case, access_token=token)
        self.assertIn("It burnt my fingers", page.text)
        self.assertNotIn("Another matter", page.text)
        self._post(self.case, "/write", text="By the link", access_token=token)
        self.assertIn("By the link", "".join(self.case.message_ids.mapped("body")))
        self._post(self.case, "/rate", rate="4", access_token=token)
        self.assertEqual(self.case.rating_last_value, 4)
        self.assertIn(token, self._sign(self.case, access_token=token)["redirect_url"])
        self.assertEqual(self.case.signature_ids.channel, "link")
        for url in ("/my/cases", "/my/cases/new", self._url(other)):
            text = self.url_open(f"{url}?access_token={token}").text
            self.assertNotIn(self.case.name, text)
            self.assertNotIn("Another matter", text)

    def test_a_link_ends(self):
        token = self._token(self.case)
        self.assertIn(self.case.name, self._open(self.case, access_token=token).text)
        self._solve(self.case)
        self.case.action_close()
        self.assertIn(self.case.name, self._open(self.case, access_token=token).text)
        self.case.sudo().date_closed -= timedelta(days=91)
        self.assertNotIn(self.case.name, self._open(self.case, access_token=token).text)
        self.assertIn(self.case.name, self._open(self.case, self.wang).text)

    def test_a_link_is_one_customers(self):
        token = self._token(self.case)
        self.case.partner_id = self.other_customer
        self.assertNotIn(self.case.name, self._open(self.case, access_token=token).text)
        self.assertNotIn(self.case.name, self._open(self.case, self.wang).text)
        case = self._make_case(partner_id=False, email="zhao@new.example.com")
        token = self._token(case)
        partner = self.env["res.partner"].create({"name": "Zhao", "email": "zhao@new.example.com"})
        case.partner_id = partner
        self.assertIn(case.name, self._open(case, access_token=token).text, "the same person")
        case.email = "other@new.example.com"
        self.assertNotIn(case.name, self._open(case, access_token=token).text)

    def test_the_link_is_read_by_nobody(self):
        token = self._token(self.case)
        for user in (self.specialist, self.manager, self.auditor):
            answer = self._rpc(user, "crm.service.case", "read", self.case.ids, ["access_token"])
            self.assertIn("error", answer)
            domain = [("access_token", "like", token[0])]
            self.assertIn("error", self._rpc(user, "crm.service.case", "search_count", domain))
        self._answer()
        self.assertNotIn(token, "".join(self.case.message_ids.mapped("body")))
        for user in (self.wang, self.stranger, self.plain_user):
            answer = self._rpc(user, "crm.service.case", "get_portal_url", self.case.ids)
            self.assertNotIn("result", answer, user.login)
        answer = self._rpc(self.specialist, "crm.service.case", "get_portal_url", self.case.ids)
        self.assertEqual(answer["result"], f"/my/cases/{self.case.id}")

    def test_colleagues_look_and_do_nothing(self):
        self._solve(self.case)
        page = self._open(self.case, self.specialist)
        self.assertIn("This is what the customer sees", page.text)
        token = self._token(self.case)
        for suffix, data in (
            ("/write", {"text": "Forged"}),
            ("/rate", {"rate": "5"}),
            ("/reopen", {"text": "Forged"}),
        ):
            self._post(self.case, suffix, self.specialist, access_token=token, **data)
        self.assertIn("error", self._sign(self.case, self.specialist, access_token=token))
        self.assertEqual(self.case.state, "solved")
        self.assertFalse(self.case.rating_ids)
        self.assertFalse(self.case.signature_ids)
        self.assertNotIn("Forged", "".join(self.case.message_ids.mapped("body")))
        self.assertNotIn(self.case.name, self._open(self.case, self.plain_user).text)


@tagged("post_install", "-at_install")
@requirement("D6.R1")
class TestCasePortalAttacks(CasePortalCommon):
    """Another customer's case is not read, closed, rated, signed or guessed at by any address."""

    def setUp(self):
        super().setUp()
        photo = ("photo.jpg", draw_photo())
        self.case.with_user(self.specialist)._check_portal_files([photo])
        self.case.sudo()._post_portal_message(
            {"partner_id": self.wang.partner_id.id}, "See the photo", [photo]
        )
        self._answer("Private answer")
        self._solve(self.case)
        self.photo = self.case.message_ids.attachment_ids
        self.other = self._make_case(partner_id=self.stranger.partner_id.id)
        self.keys = (
            {},
            {"access_token": self._token(self.other)},
            {"access_token": ""},
            {"access_token": "False"},
            {"access_token": "None"},
            {"access_token": "客户"},
            {"access_token": self._token(self.case)[:-1]},
        )
        self.outsiders = (None, self.stranger, self.portal_user)

    def test_reading(self):
        fresh = self._make_case(partner_id=self.wang.partner_id.id, subject="No link yet")
        for user in self.outsiders:
            for key in self.keys:
                for query in (key, {**key, "report_type": "pdf"}, {**key, "message": "rated"}):
                    page = self._open(self.case, user, **query)
                    for secret in (
                        self.case.name,
                        "It burnt",
                        "Private answer",
                        "Charger replaced",
                    ):
                        self.assertNotIn(secret, page.text)
                self.assertNotIn("No link yet", self._open(fresh, user, **key).text)
                url = self._url(self.case, f"/file/{self.photo.id}", **key)
                self.assertNotEqual(self.url_open(url).content, self.photo.raw)

    def test_what_is_not_there_looks_the_same(self):
        """Numbers cannot be tried out: what is not there and what is another's look alike."""
        self._login(self.stranger)
        missing = self.url_open("/my/cases/999999999", allow_redirects=False)
        refused = self.url_open(self._url(self.case), allow_redirects=False)
        self.assertEqual(missing.status_code, refused.status_code)
        self.assertEqual(missing.headers["Location"], refused.headers["Location"])
        for odd in ("0", "-1", "99999999999999999999", "1%00", "abc"):
            with mute_logger("odoo.http", "odoo.sql_db"):
                self.assertNotIn(self.case.name, self.url_open(f"/my/cases/{odd}").text)

    def test_doing(self):
        before = (self.case.state, len(self.case.message_ids), self.case.stage_id)
        for user in self.outsiders:
            for key in self.keys:
                for suffix, data in (
                    ("/write", {"text": "Forged"}),
                    ("/rate", {"rate": "1"}),
                    ("/reopen", {"text": "Forged"}),
                    ("/appeal", {"text": "Forged"}),
                ):
                    self._post(self.case, suffix, user, **key, **data)
                self.assertIn("error", self._sign(self.case, user, **key))
        self.assertEqual((self.case.state, len(self.case.message_ids), self.case.stage_id), before)
        self.assertFalse(self.case.rating_ids)
        self.assertFalse(self.case.signature_ids)

    def test_files(self):
        """A photo of one case is not fetched through another, nor by the routes of core."""
        hidden = self.case.message_post(
            body="x", subtype_xmlid="mail.mt_note", attachments=[("costs.pdf", b"%PDF-1.4 costs")]
        ).attachment_ids
        self._login(self.stranger)
        for file in (self.photo, hidden):
            for url in (
                self._url(self.other, f"/file/{file.id}"),
                f"/web/content/{file.id}",
                f"/web/content/{file.id}?access_token=x",
                f"/web/image/{file.id}",
            ):
                with mute_logger("odoo.http"):
                    self.assertNotEqual(self.url_open(url).content, file.raw, url)
        self._login(self.wang)
        url = self._url(self.case, f"/file/{hidden.id}")
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(url).status_code, 404, "not even the customer's own")
        self.assertEqual(
            self.url_open(self._url(self.case, f"/file/{self.photo.id}")).content, self.photo.raw
        )

    @mute_logger("odoo.http")
    def test_the_chatter_is_closed(self):
        token = self._token(self.case)
        partner = self.wang.partner_id
        signed = self.case.sudo()._sign_token(partner.id)
        for user in (*self.outsiders, self.wang, self.colleague):
            for key in ({}, {"token": token}, {"hash": signed, "pid": partner.id}):
                self._login(user)
                thread = {"thread_model": "crm.service.case", "thread_id": self.case.id, **key}
                for url in ("/mail/thread/messages", "/mail/chatter_fetch", "/portal/chatter_init"):
                    answer = self.url_open(url, json={"params": thread}).text
                    self.assertNotIn(SECRET, answer)
                    if user != self.wang:  # what was sent to Wang is Wang's
                        self.assertNotIn("Private answer", answer)
                for data in ({"body": "Forged"}, {"body": "Forged", "rating_value": 5}):
                    params = {**thread, "post_data": data}
                    self.url_open("/mail/message/post", json={"params": params})
                message = self.case.message_ids[0].id
                for url, params in (
                    (
                        "/mail/message/update_content",
                        {"message_id": message, "update_data": {"body": "Forged"}, **key},
                    ),
                    (
                        "/mail/message/reaction",
                        {"message_id": message, "content": "x", "action": "add", **key},
                    ),
                    ("/mail/thread/recipients", thread),
                ):
                    self.url_open(url, json={"params": params})
        self.env.invalidate_all()
        self.assertNotIn("Forged", "".join(self.case.message_ids.mapped("body")))
        self.assertFalse(self.case.rating_ids)

    @mute_logger("odoo.http")
    def test_redirects_give_nothing_away(self):
        for user in self.outsiders:
            self._login(user)
            for query in ("", "&access_token=x", f"&access_token={self._token(self.other)}"):
                url = f"/mail/view?model=crm.service.case&res_id={self.case.id}{query}"
                answer = self.url_open(url)
                self.assertNotIn(self.case.name, answer.text)
                self.assertNotIn("It burnt", answer.text)

    def test_no_rights_on_the_models(self):
        preference = self.env["crm.customer.preference"].create(
            {"partner_id": self.customer.id, "description": "Hates rain"}
        )
        for user in (self.stranger, self.wang):
            for model, ids in (
                ("crm.service.case", self.case.ids),
                ("crm.service.team", self.team.ids),
                ("crm.customer.preference", preference.ids),
                ("rating.rating", [1]),
            ):
                for method, args in (
                    ("read", [ids, ["id"]]),
                    ("write", [ids, {"name": "x"}]),
                    ("unlink", [ids]),
                    ("search_read", [[]]),
                    ("create", [[{}]]),
                    ("web_search_read", [[], {"id": {}}]),
                    ("formatted_read_group", [[], ["id"], ["__count"]]),
                ):
                    answer = self._rpc(user, model, method, *args)
                    self.assertIn("error", answer, (user.login, model, method))
            for method in (
                "action_solve",
                "action_close",
                "action_open_portal",
                "action_open_case_ratings",
                "action_sign_customer",
                "message_post",
                "message_notify",
                "rating_apply",
                "message_get_suggested_recipients",
            ):
                answer = self._rpc(user, "crm.service.case", method, self.case.ids)
                self.assertIn("error", answer, (user.login, method))
        for method in ("_portal_write", "_portal_rate", "_rate", "_portal_ensure_token", "_reopen"):
            for user in (self.wang, self.specialist, self.manager):
                self.assertIn("error", self._rpc(user, "crm.service.case", method, self.case.ids))

    def test_a_user_of_nobody(self):
        """A login without a customer of its own finds no case that has none either."""
        case = self._make_case(partner_id=False, phone="13900000000")
        self.assertNotIn(case.name, self._open(case, self.portal_user).text)
        self._login(self.portal_user)
        self.assertNotIn(case.name, self.url_open("/my/cases?filterby=all").text)
        token = self._token(case)
        self.assertNotIn(case.name, self._open(case, access_token=token).text, "nobody's link")

    def test_old_records_and_cancelled_ones_stay_inside(self):
        old = self._make_case(self.supervisor, partner_id=self.wang.partner_id.id, is_history=True)
        gone = self._make_case(partner_id=self.wang.partner_id.id)
        gone.sudo().state = "cancelled"
        archived = self._make_case(partner_id=self.wang.partner_id.id)
        archived.sudo().active = False
        for case in (old, gone, archived):
            self.assertNotIn(case.name, self._open(case, self.wang).text)
        self._login(self.wang)
        text = self.url_open("/my/cases?filterby=all").text
        for case in (old, gone, archived):
            self.assertNotIn(case.name, text)

    def test_messages_are_data(self):
        """What customers write is shown, never run."""
        self.case.sudo()._reopen("x")
        attack = "<img src=x onerror=alert(1)>{{ 1+1 }}<t t-esc='1'/>"
        self._post(self.case, "/write", self.wang, text=attack)
        text = self._open(self.case, self.wang).text
        self.assertNotIn("<img src=x", text)
        self.assertIn("{{ 1+1 }}", text)
        with self.assertRefused(UserError, "."):
            self.case.sudo()._portal_write(self.wang, {"not": "text"}, [])

    def test_json_is_no_form(self):
        for params in ({"name": ["x"], "signature": {"a": 1}}, {"name": None}):
            self._login(self.wang)
            with mute_logger("odoo.http"):
                answer = self.url_open(
                    self._url(self.case, "/sign", digest="x"), json={"params": params}
                )
            self.assertIn("error", json.loads(answer.text).get("result", {"error": 1}))


@tagged("post_install", "-at_install")
class TestCasePortalTour(CasePortalCommon):
    browser_size = "390x844"
    touch_enabled = True

    @requirement("D6.R1", "B3.R3", "E2.R10")
    def test_from_photo_to_rating_on_a_phone_in_chinese(self):
        self.wang.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        self.env.flush_all()
        self.start_tour("/my", "crm_aftersales_portal_file", login="wang")
        self.env.invalidate_all()
        case = self.env["crm.service.case"].search([("subject", "=", "充电器发烫")])
        self.assertEqual((case.kind, case.channel), ("request", "portal"))
        self.assertEqual(case.message_ids.attachment_ids.mapped("mimetype"), ["image/png"])
        case = case.with_user(self.specialist)
        case.action_assign_to_me()
        case.message_post(
            body="请问充电器的型号是多少？",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.wang.partner_id.ids,
        )
        case.stage_id = self.stage_customer
        self.env.flush_all()
        self.start_tour("/my/cases", "crm_aftersales_portal_answer", login="wang")
        self.env.invalidate_all()
        self.assertEqual(case.stage_id, self.stage_progress)
        self._solve(case, solution="已更换充电器")
        self.env.flush_all()
        self.start_tour("/my/cases?filterby=solved", "crm_aftersales_portal_rate", login="wang")
        self.env.invalidate_all()
        self.assertEqual((case.rating_last_value, case.rating_last_feedback), (5, "很快就解决了"))
