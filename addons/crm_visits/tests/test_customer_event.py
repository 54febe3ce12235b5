import subprocess
from datetime import timedelta
from urllib.parse import urlencode

import lxml.html

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .care_common import CareCommon


@requirement("D7.R1")
@tagged("post_install", "-at_install")
class TestCustomerEvent(CareCommon):
    def _begin(self, event):
        """The day has come."""
        event.flush_recordset()
        self.env.cr.execute(
            "UPDATE crm_customer_event SET date_start = %s, date_end = %s WHERE id = %s",
            [self.now - timedelta(hours=2), self.now - timedelta(hours=1), event.id],
        )
        self.env.invalidate_all()

    def test_no_invitation_before_approval(self):
        event = self._make_event(is_approved=False)
        event.action_fill_guests()
        self.assertEqual(event.guest_ids.partner_id, self.customer | self.other_customer)
        with self.assertRefused(UserError, "not approved"):
            event.action_invite()
        event.action_approval_submit()
        with self.assertRefused(UserError, "locked"):
            event.budget = 50000
        with self.assertRefused(AccessError, "."):
            event.with_user(self.supervisor).action_approval_approve()
        event.with_user(self.manager).action_approval_approve()
        event.action_invite()
        self.assertEqual(set(event.guest_ids.mapped("state")), {"invited"})

    def test_incomplete_events_are_not_submitted(self):
        event = self._make_event(is_approved=False, agenda=False)
        with self.assertRefused(UserError, "place and agenda"):
            event.action_approval_submit()
        past = self._make_event(is_approved=False, days=-3)
        with self.assertRefused(UserError, "in the past"):
            past.action_approval_submit()

    def test_nobody_is_invited_to_what_is_over(self):
        event = self._make_event()
        event.action_fill_guests()
        self._begin(event)
        with self.assertRefused(UserError, "or over"):
            event.action_invite()

    def test_who_hosts_does_not_approve(self):
        event = self._make_event(is_approved=False, host_id=self.manager.id)
        event.action_approval_submit()
        self.assertNotIn(self.manager, event.approval_user_ids)

    def test_nobody_answers_before_the_event_is_approved(self):
        event = self._make_event(is_approved=False)
        event.action_fill_guests()
        for call in ("action_accept", "action_decline", "action_invite_by_phone"):
            with self.assertRefused(UserError, "once .* is approved"):
                getattr(event.guest_ids, call)()

    def test_invitation_and_answer_have_their_time(self):
        event = self._make_event()
        event.action_fill_guests()
        by_mail, by_phone = event.guest_ids
        event.action_invite()
        self.assertTrue(by_mail.date_invited)
        self.assertFalse(by_mail.date_answered)
        by_phone.action_decline()
        self.assertEqual(by_phone.state, "declined")
        self.assertTrue(by_phone.date_answered)
        with self.assertRefused(UserError, "invited already"):
            by_mail.action_invite_by_phone()

    def test_invitations_from_the_filter_once(self):
        event = self._make_event(partner_ids=False, customer_class="key")
        event.action_fill_guests()
        event.action_fill_guests()
        self.assertEqual(event.guest_ids.partner_id, self.customer)
        event.action_invite()
        mail = self.env["mail.mail"].search([("model", "=", "crm.customer.event.guest")])
        self.assertEqual(mail.recipient_ids, self.customer)
        guest = event.guest_ids.sudo()
        self.assertIn(f"/my/invitations/{guest.id}?access_token=", mail.body_html)
        with self.assertRefused(UserError, "nobody left"):
            event.action_invite()

    def test_opted_out_customers_are_not_written_to(self):
        self.customer.crm_no_greetings = True
        event = self._make_event()
        event.action_fill_guests()
        event.action_invite()
        guest = event.guest_ids.filtered(lambda g: g.partner_id == self.customer)
        self.assertEqual(guest.state, "new")
        guest.action_invite_by_phone()
        self.assertEqual(guest.state, "invited")

    def test_attendance_stands_in_the_customers_list(self):
        event = self._make_event()
        event.action_fill_guests()
        guest = event.guest_ids.filtered(lambda g: g.partner_id == self.customer)
        self.assertFalse(guest.is_attendable)
        with self.assertRefused(UserError, "on the day"):
            guest.action_attend()
        guest.action_accept()
        guest.person_count = 3
        self._begin(event)
        guest.action_attend()
        self.assertEqual((event.accepted_count, event.attended_count), (3, 3))
        self.env.flush_all()
        contact = self.env["crm.service.contact"].search([("kind", "=", "event")])
        self.assertEqual(contact.commercial_partner_id, self.customer)
        self.assertEqual(contact.user_id, self.specialist)
        event.with_user(self.supervisor).action_cancel()
        self.env.flush_all()
        self.assertFalse(contact.search([("kind", "=", "event")]), "called off")
        self.env.cr.execute("UPDATE crm_customer_event SET state = 'approved'")
        self.env.invalidate_all()
        guest.action_attend()
        self.assertFalse(guest.is_attended or guest.attended_by_id or guest.date_attended)
        self.env.flush_all()
        self.assertFalse(contact.search([("kind", "=", "event")]), "accepted, but did not come")

    def test_held_closed_and_followed_up(self):
        event = self._make_event()
        event.action_fill_guests()
        with self.assertRefused(UserError, "did not begin"):
            event.action_hold()
        self._begin(event)
        event.action_hold()
        with self.assertRefused(UserError, "result"):
            event.action_close()
        action = event.guest_ids.with_user(self.supervisor).action_follow_up()
        event.guest_ids.action_follow_up()
        tasks = self.env["crm.care.task"].search(action["domain"])
        self.assertEqual(tasks.partner_id, self.customer | self.other_customer)
        self.assertEqual(len(tasks), 2)
        self.assertEqual(set(tasks.mapped("channel")), {"phone"})
        self.assertEqual(tasks.user_id, self.specialist, "the owner of the customers")
        with self.assertRefused(UserError, "present state"):
            event.with_user(self.supervisor).action_cancel()
        with self.assertRefused(UserError, "None of these"):
            event.with_user(self.supervisor).action_file()
        event.write({"cost": 4200, "result": "Two orders"})
        event.action_close()
        self.assertEqual(event.state, "closed")
        with self.assertRefused(UserError, "closed"):
            event.cost = 1
        with self.assertRefused(UserError, "closed"):
            event.guest_ids[0].action_attend()
        with self.assertRefused(UserError, "closed"):
            event.guest_ids[0].note = "x"
        event.with_user(self.supervisor).action_file()
        self.assertTrue(event.date_filed)

    def test_answers_are_the_servers(self):
        event = self._make_event()
        guests = self.env["crm.customer.event.guest"].with_user(self.specialist)
        guest = guests.create(
            {
                "event_id": event.id,
                "partner_id": self.customer.id,
                "state": "accepted",
                "is_attended": True,
            }
        )
        self.assertEqual((guest.state, guest.is_attended), ("new", False))
        for values in ({"state": "accepted"}, {"is_attended": True}, {"date_answered": self.now}):
            with self.assertRefused(AccessError, "by the buttons"):
                guest.write(values)
        with self.assertRefused(AccessError, "."), mute_logger("odoo.models"):
            guest.read(["access_token"])
        with self.assertRefused(UserError, "stays who it is"):
            guest.partner_id = self.other_customer
        guest.action_accept()
        with self.assertRefused(UserError, "stays on the list"):
            guest.unlink()

    def test_colleagues_do_not_touch_events_of_others(self):
        event = self._make_event()
        event.action_fill_guests()
        colleague = self._new_user("test_colleague", "specialist")
        self.assertEqual(event.with_user(colleague).subject, "Autumn launch")
        with mute_logger("odoo.addons.base.models.ir_rule"):
            for record, call in (
                (event, "action_invite"),
                (event, "action_cancel"),
                (event.guest_ids, "action_accept"),
                (event.guest_ids, "action_attend"),
                (event.guest_ids, "action_follow_up"),
            ):
                with self.assertRefused(AccessError, "."):
                    getattr(record.with_user(colleague), call)()

    def test_only_a_supervisor_calls_off_what_was_approved(self):
        event = self._make_event()
        with self.assertRefused(AccessError, "supervisor"):
            event.action_cancel()
        event.with_user(self.supervisor).action_cancel()
        self.assertEqual(event.state, "cancelled")

    def test_attendance_sheet(self):
        event = self._make_event()
        event.action_fill_guests()
        declined = self.env["res.partner"].create(self._prepare_customer_values("Dingxi Mills"))
        event.guest_ids.create({"event_id": event.id, "partner_id": declined.id}).action_decline()
        event.guest_ids[0].write({"person_count": 17, "note": "Vegetarian"})
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "crm_visits.crm_customer_event_report", event.ids
        )
        for text in (
            "Attendance Sheet",
            "Autumn launch",
            self.specialist.name,
            event._format_time(),
            "Lanzhou Hotel",
            "Lanzhou Optics",
            "0931 1234567",
            "17",
            "Signature",
            "Vegetarian",
        ):
            self.assertIn(text, html.decode())
        self.assertNotIn(b"Dingxi Mills", html, "does not come")
        rows = lxml.html.fromstring(html.decode()).xpath(
            "//table[contains(@class, 'crm_form_lines')]/tbody/tr"
        )
        self.assertEqual(len(rows), 2 + 5, "room for who comes without being on the list")
        pdf, kind = (
            self.env["ir.actions.report"]
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf("crm_visits.crm_customer_event_report", event.ids)
        )
        if kind == "pdf":
            command = ["pdftotext", "-layout", "-", "-"]
            text = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
            self.assertIn(b"Tianshui Tools", text)

    def test_monthly_report(self):
        event = self._make_event()
        event.action_fill_guests()
        event.guest_ids[0].action_accept()
        news = self._make_news()
        self.env["crm.customer.news.telling"].create(
            {"news_id": news.id, "partner_id": self.customer.id}
        )
        task = self.env["crm.care.task"].create(
            {"name": "Birthday", "partner_id": self.customer.id, "gift_cost": 50, "channel": "gift"}
        )
        task.action_done()
        report_type = self.env.ref("crm_visits.statistics_type_care")
        care, told, events = report_type._compute_tables(
            self.company, self.today, self.today + timedelta(days=20), self.env["res.users"]
        )
        self.assertEqual(care["rows"], [["Birthday", 1, 1, 0, 100.0, 50.0]])
        self.assertEqual(told["rows"], [["New charger", 1, 1, 2, 50]])
        self.assertEqual(events["rows"][0][2:5], [2, 1, 0])
        event.guest_ids[1].action_accept()
        event.guest_ids[1].person_count = 4
        self._begin(event)
        event.guest_ids[1].action_attend()
        event.cost = 4200
        *_others, events = report_type._compute_tables(
            self.company,
            self.today - timedelta(days=1),
            report_type._get_today(),
            self.env["res.users"],
        )
        self.assertEqual(events["rows"][0][2:], [2, 5, 4, 5000, 4200])
        _care, told, _events = report_type._compute_tables(
            self.company,
            self.today + timedelta(days=2),
            self.today + timedelta(days=20),
            self.env["res.users"],
        )
        self.assertFalse(told["rows"], "nothing was told in that period")


@requirement("D7.R1")
@tagged("post_install", "-at_install")
class TestEventPortal(CareCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wang = cls._make_portal_user("wang", cls.customer)
        cls.stranger = cls._make_portal_user("stranger", cls.other_customer)
        cls.event = cls._make_event(seats=10, note="Watch the budget")
        cls.event.action_fill_guests()
        cls.event.action_invite()
        cls.guest, cls.other = cls.event.sudo().guest_ids.sorted(
            lambda guest: guest.partner_id != cls.customer
        )

    def _login(self, user=None):
        self.authenticate(user.login if user else None, user.login if user else None)

    def _token(self, guest):
        token = guest._portal_ensure_token()
        self.env.flush_all()
        return token

    def _open(self, guest, user=None, **query):
        self._login(user)
        url = f"/my/invitations/{guest.id}" + (f"?{urlencode(query)}" if query else "")
        return self.url_open(url)

    def _answer(self, guest, answer, user=None, **data):
        self._login(user)
        values = {"csrf_token": http.Request.csrf_token(self), **data}
        with mute_logger("odoo.http"):
            page = self.url_open(f"/my/invitations/{guest.id}/{answer}", data=values)
        self.env.invalidate_all()
        return page

    def test_the_guest_accepts_by_the_link(self):
        token = self._token(self.guest)
        page = self._open(self.guest, access_token=token)
        self.assertIn("Autumn launch", page.text)
        self.assertNotIn("Watch the budget", page.text)
        self.assertNotIn("5,000", page.text)
        self._answer(self.guest, "accept", access_token=token, persons="3", comment="By train")
        self.assertEqual((self.guest.state, self.guest.person_count), ("accepted", 3))
        self.assertEqual(self.guest.comment, "By train")
        self._answer(self.guest, "decline", access_token=token)
        self.assertEqual(self.guest.state, "declined")

    def test_the_guest_logs_in(self):
        self._login(self.wang)
        page = self.url_open("/my/invitations")
        self.assertIn(f"/my/invitations/{self.guest.id}", page.text)
        self.assertNotIn(f"/my/invitations/{self.other.id}", page.text)
        self._answer(self.guest, "accept", self.wang, persons="2")
        self.assertEqual(self.guest.state, "accepted")

    def test_strangers_stay_outside(self):
        token = self._token(self.other)
        for user, query in (
            (None, {}),
            (None, {"access_token": token}),
            (None, {"access_token": "x"}),
            (self.stranger, {}),
            (self.stranger, {"access_token": token}),
        ):
            with self.subTest(user=user.login if user else None, query=query):
                self.assertNotIn("Autumn launch", self._open(self.guest, user, **query).text)
                self._answer(self.guest, "accept", user, persons="1", **query)
                self.assertEqual(self.guest.state, "invited")

    def test_staff_do_not_answer_for_the_guest(self):
        page = self._answer(self.guest, "accept", self.specialist, persons="1")
        self.assertIn("logged in as staff", page.text)
        self.assertEqual(self.guest.state, "invited")

    def test_nonsense_is_answered_with_a_sentence(self):
        token = self._token(self.guest)
        for persons in ("0", "-1", "many", "1000", "²"):
            page = self._answer(self.guest, "accept", access_token=token, persons=persons)
            self.assertIn("number of persons", page.text, persons)
        self.other._answer("accepted", person_count=8)
        page = self._answer(self.guest, "accept", access_token=token, persons="3")
        self.assertIn("only 2 seats left", page.text)
        self.assertEqual(self.guest.state, "invited")

    def test_who_has_a_seat_keeps_it(self):
        """The own persons of an answer that is changed do not take seats twice."""
        token = self._token(self.guest)
        self._answer(self.guest, "accept", access_token=token, persons="8")
        self._answer(self.guest, "accept", access_token=token, persons="9")
        self.assertEqual(self.guest.person_count, 9)

    def test_not_before_the_invitation(self):
        """On the list of guests, or the event still a draft: the customer finds nothing."""
        waiting = self._make_event(subject="Spring salon")
        waiting.action_fill_guests()
        draft = self._make_event(subject="Summer salon")
        draft.action_fill_guests()
        draft.guest_ids.action_invite_by_phone()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_customer_event SET state = 'draft' WHERE id = %s", draft.ids
        )
        self.env.invalidate_all()
        self._login(self.wang)
        page = self.url_open("/my/invitations")
        self.assertIn("Autumn launch", page.text)
        self.assertNotIn("Spring salon", page.text)
        self.assertNotIn("Summer salon", page.text)

    def _move_event(self, days):
        """The event began so many days ago."""
        self.env.flush_all()
        start = self.now - timedelta(days=days)
        self.env.cr.execute(
            "UPDATE crm_customer_event SET date_start = %s, date_end = %s WHERE id = %s",
            [start, start + timedelta(hours=1), self.event.id],
        )
        self.env.invalidate_all()

    def test_after_the_event(self):
        token = self._token(self.guest)
        self._move_event(20)
        self.assertIn("Autumn launch", self._open(self.guest, access_token=token).text)
        page = self._answer(self.guest, "accept", access_token=token, persons="1")
        self.assertIn("too late", page.text)
        self._move_event(40)
        self.assertNotIn("Autumn launch", self._open(self.guest, access_token=token).text)

    def test_too_late(self):
        token = self._token(self.guest)
        self.env.cr.execute(
            "UPDATE crm_customer_event SET date_answer = %s WHERE id = %s",
            [self.today - timedelta(days=1), self.event.id],
        )
        self.env.invalidate_all()
        page = self._answer(self.guest, "accept", access_token=token, persons="1")
        self.assertIn("too late", page.text)
        self.assertEqual(self.guest.state, "invited")

    def test_called_off(self):
        self.event.with_user(self.supervisor).action_cancel()
        page = self._open(self.guest, access_token=self._token(self.guest))
        self.assertIn("called off", page.text)
        token = self._token(self.guest)
        page = self._answer(self.guest, "accept", access_token=token, persons="1")
        self.assertEqual(self.guest.state, "invited")
        self.assertNotIn('name="accept"', page.text)

    def test_portal_users_have_no_rights(self):
        guests = self.env["crm.customer.event.guest"].with_user(self.wang)
        with self.assertRefused(AccessError, "."), mute_logger("odoo.addons.base.models.ir_model"):
            guests.search([])
        with self.assertRefused(AccessError, "."), mute_logger("odoo.addons.base.models.ir_model"):
            self.guest.with_user(self.wang).action_accept()

    def test_nobody_fetches_the_link_of_a_guest(self):
        token = self._token(self.guest)
        for user in (self.wang, self.stranger, self.plain_user, self.specialist, self.manager):
            self._login(user)
            call = {"model": "crm.customer.event.guest", "method": "get_portal_url"}
            params = {**call, "args": [self.guest.ids], "kwargs": {}}
            with mute_logger("odoo.http"):
                answer = self.url_open("/web/dataset/call_kw", json={"params": params}).json()
            self.assertNotIn(token, str(answer), user.login)
