from contextlib import closing
from datetime import timedelta

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, HttpCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .care_common import CareCommon


@tagged("post_install", "-at_install")
class TestVisitsAttacks(CareCommon):
    """Who tries what; each attack has beside it the honest way, which works."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._new_user("test_stranger", "specialist")
        cls.foreign_company = cls.env["res.company"].create({"name": "Foreign Ltd."})
        cls.foreign_partner = cls.env["res.partner"].create(
            {
                "name": "Foreign Secret",
                "is_company": True,
                "email": "secret@foreign.example.com",
                "company_id": cls.foreign_company.id,
            }
        )

    def _make_promise(self, **values):
        return (
            self.env["crm.customer.promise"]
            .with_user(self.specialist)
            .create(
                {
                    "partner_id": self.customer.id,
                    "description": "Send the new manual",
                    "date_deadline": fields.Date.today() + timedelta(days=5),
                    **values,
                }
            )
        )

    def _make_care(self, **values):
        return (
            self.env["crm.care.task"]
            .with_user(self.specialist)
            .create(
                {
                    "name": "Call",
                    "partner_id": self.customer.id,
                    "channel": "email",
                    "subject": "Hello",
                    "greeting": "All the best",
                    **values,
                }
            )
        )

    # ------------------------------------------------------------------ computed by the server

    def test_a_specialist_writes_what_the_server_computes(self):
        promise, task = self._make_promise(), self._make_care()
        call = self._make_call(date_callback_from=self.now - timedelta(days=30))
        event = self._make_event()
        event.action_fill_guests()
        telling = (
            self.env["crm.customer.news.telling"]
            .with_user(self.specialist)
            .create({"news_id": self._make_news().id, "partner_id": self.customer.id})
        )
        for record, values in (
            (promise, {"commercial_partner_id": self.other_customer.id}),
            (task, {"commercial_partner_id": self.other_customer.id}),
            (call, {"callback_timing": "in_time"}),
            (call, {"is_callback_bad": False}),
            (call, {"commercial_partner_id": self.other_customer.id}),
            (event.guest_ids[:1], {"commercial_partner_id": self.other_customer.id}),
            (event.guest_ids[:1], {"company_id": self.foreign_company.id}),
            (telling, {"company_id": self.foreign_company.id}),
        ):
            with (
                self.subTest(record=record, values=values),
                self.assertRefused((AccessError, UserError), "."),
            ):
                record.write(values)
        promise.contact = "Mr Wang"
        self.assertEqual(promise.contact, "Mr Wang")

    def test_a_specialist_creates_with_what_the_server_computes(self):
        other = self.other_customer
        self.assertEqual(
            self._make_promise(commercial_partner_id=other.id).commercial_partner_id, self.customer
        )
        self.assertEqual(
            self._make_care(commercial_partner_id=other.id).commercial_partner_id, self.customer
        )
        call = self._make_call(commercial_partner_id=other.id, callback_timing="in_time")
        self.assertEqual(call.commercial_partner_id, self.customer)
        self.assertNotEqual(call.callback_timing, "in_time")
        context = {"default_commercial_partner_id": other.id}
        promise = (
            self.env["crm.customer.promise"]
            .with_user(self.specialist)
            .with_context(**context)
            .create(
                {
                    "partner_id": self.customer.id,
                    "description": "x",
                    "date_deadline": fields.Date.today(),
                }
            )
        )
        self.assertEqual(promise.commercial_partner_id, self.customer)

    def test_a_specialist_moves_care_through_the_customer_form(self):
        task = self._make_care()
        with self.assertRefused((AccessError, UserError), "."):
            self.other_customer.with_user(self.specialist).write(
                {"crm_care_task_ids": [Command.link(task.id)]}
            )
        self.assertEqual(task.commercial_partner_id, self.customer)

    # ------------------------------------------------------------------ other companies

    def test_a_specialist_pushes_documents_into_another_company(self):
        for record in (
            self._make_promise(),
            self._make_care(),
            self._make_call(),
            self._make_news(is_approved=False),
            self._make_event(is_approved=False),
        ):
            with (
                self.subTest(model=record._name),
                self.assertRefused((AccessError, UserError), "."),
            ):
                record.write({"company_id": self.foreign_company.id})

    def test_a_specialist_invites_customers_of_another_company(self):
        event = self._make_event()
        with self.assertRefused((AccessError, UserError), "."):
            self.env["crm.customer.event.guest"].with_user(self.specialist).create(
                {"event_id": event.id, "partner_id": self.foreign_partner.id}
            )
        with self.assertRefused((AccessError, UserError), "."):
            self.env["crm.customer.news.telling"].with_user(self.specialist).create(
                {"news_id": self._make_news().id, "partner_id": self.foreign_partner.id}
            )
        with self.assertRefused((AccessError, UserError), "."):
            event = self._make_event(
                is_approved=False, partner_ids=[Command.set(self.foreign_partner.ids)]
            )

    # ------------------------------------------------------------------ in somebody else's name

    def test_a_specialist_writes_greetings_in_the_name_of_the_manager(self):
        task = self._make_care(user_id=self.manager.id)
        with self.assertRefused((AccessError, UserError), "."):
            task.action_send()
        with self.assertRefused((AccessError, UserError), "."):
            task.action_release()
        own = self._make_care()
        own.action_send()
        self.assertEqual(own.state, "done")
        self.assertIn("Greeting sent", own.result)
        task.with_user(self.supervisor).action_release()
        self.assertTrue(task.is_released)

    # ------------------------------------------------------------------ links of guests

    def test_a_colleague_reads_the_link_of_a_guest_in_the_letter(self):
        event = self._make_event()
        event.action_fill_guests()
        event.action_invite()
        guest = event.guest_ids[:1]
        token = guest.sudo().access_token
        self.assertTrue(token)
        letter = [("model", "=", guest._name), ("res_id", "=", guest.id)]
        message = self.env["mail.message"].search(letter)
        self.assertIn(token, str(message.body))
        for user in (self.stranger, self.supervisor, self.plain_user):
            with self.subTest(user=user.login):
                self.assertFalse(message.with_user(user).search(letter))
                with self.assertRefused(AccessError, "."):
                    message.with_user(user).read(["body"])
                with self.assertRefused(AccessError, "."):
                    self.env["mail.mail"].with_user(user).search(letter).read(["body_html"])

    def test_a_colleague_has_the_link_of_a_guest_made_by_the_sharing_dialog(self):
        event = self._make_event()
        event.action_fill_guests()
        event.action_invite()
        guest = event.guest_ids[:1]
        with self.assertRefused(AccessError, "."):
            share = (
                self.env["portal.share"]
                .with_user(self.stranger)
                .create({"res_model": guest._name, "res_id": guest.id})
            )
            share.read(["share_link"])

    def test_an_owner_rewrites_a_promise_that_is_closed(self):
        promise = self._make_promise()
        promise._close("broken", "Forgotten", False)
        for values in ({"user_id": self.stranger.id}, {"department_id": False}, {"contact": "x"}):
            with self.subTest(values=values), self.assertRefused(UserError, "closed"):
                promise.write(values)
        promise.action_tell()
        self.assertTrue(promise.date_told)

    # ------------------------------------------------------------------ dialogs of others

    def test_a_colleague_turns_my_dialog_into_another(self):
        promise = self._make_promise()
        dialog = (
            self.env["crm.customer.promise.close"]
            .with_user(self.specialist)
            .create({"promise_ids": promise.ids, "outcome": "kept", "result": "Secret"})
        )
        other = dialog.with_user(self.stranger)
        with self.assertRefused(AccessError, "."):
            other.read(["result"])
        with self.assertRefused(AccessError, "."):
            other.write({"outcome": "broken"})
        dialog.action_apply()
        self.assertEqual(promise.state, "kept")

    def test_a_colleague_of_another_company_opens_a_dialog_about_my_visit(self):
        visit = self._make_visit()
        foreigner = self._new_user("test_foreigner", "manager")
        company = self.foreign_company
        foreigner.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        values = {"visit_ids": visit.ids, "reason": "Forged"}
        cancels = self.env["crm.visit.cancel"]
        with self.assertRefused(AccessError, "."):
            cancels.with_user(foreigner).create(values)
        with self.assertRefused(AccessError, "."):
            cancels.with_user(foreigner).onchange(values, ["visit_ids"], {"visit_ids": {}})
        cancels.with_user(self.specialist).create(values).action_apply()
        self.assertEqual(visit.state, "cancelled")

    # ------------------------------------------------------------------ printed forms

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_an_employee_prints_what_he_may_not_read(self):
        event = self._make_event()
        event.action_fill_guests()
        visit = self._carry_out(self._make_visit())
        records = {r._name: r for r in (event, visit, visit.plan_line_id.plan_id)}
        reports = self.env["ir.actions.report"].search(
            [("crm_is_form", "=", True), ("model", "in", list(records))]
        )
        self.assertTrue(reports)
        for report in reports:
            record = records[report.model]
            render = self.env["ir.actions.report"].with_user(self.plain_user)._render_qweb_html
            with self.subTest(report=report.report_name):
                self.assertIn(
                    b"data-oe-id",
                    self.env["ir.actions.report"]
                    .with_user(self.specialist)
                    ._render_qweb_html(report.report_name, record.ids)[0],
                )
                self.env.invalidate_all()
                with self.assertRefused(AccessError, "."):
                    render(report.report_name, record.ids)

    # ------------------------------------------------------------------ presence

    def test_a_colleague_probes_positions_through_the_visit(self):
        method = self.env["crm.visit.method"].create(
            {"name": "Drop by", "code": "drop", "is_plan_required": False}
        )
        visit = self._make_call(method_id=method.id)
        visit.action_start()
        presence = visit.presence_ids
        self.assertTrue(presence)
        presence.action_record_position(
            {"status": "taken", "latitude": 36.06, "longitude": 103.8, "accuracy": 5}
        )
        for user, found in ((self.specialist, visit), (self.stranger, visit.browse())):
            visits = self.env["crm.visit"].with_user(user)
            domain = [("id", "=", visit.id), ("presence_ids.latitude", ">", 36)]
            self.assertEqual(visits.search(domain).ids, found.ids)
        rows = (
            self.env["crm.visit.presence"]
            .with_user(self.stranger)
            .formatted_read_group([], ["visit_id"], ["latitude:max"])
        )
        self.assertFalse(rows)
        with self.assertRefused((AccessError, UserError), "."):
            presence.with_user(self.stranger).export_data(["latitude"])
        with self.assertRefused(AccessError, "."):
            presence.with_user(self.stranger).action_record_position({"status": "denied"})
        with self.assertRefused(AccessError, "."):
            presence.write({"reason": "Traffic"})


@requirement("D7.R1")
@tagged("post_install", "-at_install")
class TestInvitationAttacks(HttpCase, CareCommon):
    def setUp(self):
        super().setUp()
        self.event = self._make_event(seats=3)
        self.event.action_fill_guests()
        self.event.action_invite()
        self.guest = self.event.guest_ids.sudo()[:1]
        self.link = f"/my/invitations/{self.guest.id}"

    def _post(self, answer, **values):
        values.setdefault("access_token", self.guest.access_token)
        page = self.url_open(f"{self.link}?access_token={self.guest.access_token}")
        token = (
            page.text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
        )
        return self.url_open(f"{self.link}/{answer}", data={"csrf_token": token, **values})

    def test_a_guest_sends_numbers_nobody_can_read(self):
        self.authenticate(None, None)
        for persons in ("9" * 5000, "-1", "0", "1e3", "٣" * 4400, "\x00"):
            response = self._post("accept", persons=persons)
            self.assertEqual(response.status_code, 200, persons[:10])
            self.assertEqual(self.guest.state, "invited")
        self._post("accept", persons="2")
        self.assertEqual(self.guest.state, "accepted")

    def test_a_guest_sends_words_the_database_refuses(self):
        self.authenticate(None, None)
        response = self._post("accept", persons="1", comment="we\x00come" + "x" * 100000)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.guest.state, "accepted")
        self.assertLessEqual(len(self.guest.comment), 500)

    def test_a_page_of_somebody_else_answers_without_the_forms_token(self):
        self.authenticate(None, None)
        response = self.url_open(
            f"{self.link}/accept", data={"access_token": self.guest.access_token, "persons": "1"}
        )
        self.assertEqual(response.status_code, 400)
        self.assertEqual(self.guest.state, "invited")

    def test_words_of_the_guest_stay_words(self):
        self.authenticate(None, None)
        self._post("accept", persons="1", comment="<script>alert(1)</script>")
        page = self.url_open(f"{self.link}?access_token={self.guest.access_token}")
        self.assertNotIn("<script>alert(1)", page.text)
        self.assertIn("&lt;script&gt;alert(1)", page.text)


@tagged("post_install", "-at_install")
class TestInvitationRace(BaseCase):
    """Two guests answer at once, in two real transactions; what they commit is removed again."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self._clean()  # also what a run left that was killed
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            partners = env["res.partner"].create([{"name": f"Race {n}"} for n in (1, 2)])
            now = fields.Datetime.now()
            event = env["crm.customer.event"].create(
                {
                    "subject": "Race",
                    "state": "approved",
                    "date_start": now + timedelta(days=3),
                    "date_end": now + timedelta(days=4),
                    "seats": 3,
                    "guest_ids": [
                        Command.create({"partner_id": partner.id, "state": "invited"})
                        for partner in partners
                    ],
                }
            )
            self.guest_ids = event.guest_ids.ids

    def _clean(self):
        with self.registry.cursor() as cr:
            for query in (
                """
                DELETE FROM crm_customer_event_guest g USING crm_customer_event e
                 WHERE e.id = g.event_id AND e.subject = 'Race'
                """,
                "DELETE FROM crm_customer_event WHERE subject = 'Race'",
                "DELETE FROM res_partner WHERE name IN ('Race 1', 'Race 2')",
            ):
                cr.execute(query)

    def _answer(self, cr, guest_id):
        env = api.Environment(cr, SUPERUSER_ID, {})
        guest = env["crm.customer.event.guest"].browse(guest_id)
        guest._portal_answer(env.ref("base.public_user"), True, "2")
        env.flush_all()

    @mute_logger("odoo.sql_db")
    def test_two_guests_take_the_last_seats_at_once(self):
        one, two = self.guest_ids
        with closing(self.registry.cursor()) as slow:
            slow.execute("SELECT 1 FROM crm_customer_event_guest LIMIT 1")  # its snapshot
            with self.registry.cursor() as cr:
                self._answer(cr, one)
            with self.assertRaises(SerializationFailure):
                # what the framework answers with a retry on a fresh snapshot
                self._answer(slow, two)
        with self.registry.cursor() as cr, self.assertRaisesRegex(UserError, "only 1 seats"):
            self._answer(cr, two)
