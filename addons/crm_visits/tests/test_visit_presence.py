from contextlib import closing
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError
from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, HttpCase, get_db_name, tagged
from odoo.tests.common import ChromeBrowser
from odoo.tools import mute_logger

from .common import VisitCommon

HERE = {"status": "taken", "latitude": 36.0611, "longitude": 103.8343, "accuracy": 20.0}
FAR = {**HERE, "latitude": 36.1611}


class PresenceCommon(VisitCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._new_user("test_colleague", "specialist")
        cls.department.member_ids |= cls.colleague
        cls.customer.write({"partner_latitude": 36.06, "partner_longitude": 103.83})
        cls.method = cls.env["crm.visit.method"].create(
            {"name": "Drop by", "code": "drop", "is_plan_required": False}
        )

    @classmethod
    def _make_face(cls, user=None, **values):
        user = user or cls.specialist
        return (
            cls.env["crm.visit"]
            .with_user(user)
            .create({"partner_id": cls.customer.id, "method_id": cls.method.id, **values})
        )


@tagged("post_install", "-at_install")
class TestVisitPresence(PresenceCommon):
    """Start and finish are explicit, one visit at a time, and honest about where they were."""

    def _start(self, visit=None):
        """:return: the visit and its row of presence, as the visitor sees it"""
        visit = visit or self._make_face()
        action = visit.action_start()
        return visit, visit.presence_ids.browse(action["params"]["presence_id"])

    # one at a time

    def test_second_start_says_which_is_open(self):
        first, second = self._make_call(), self._make_call(partner_id=self.other_customer.id)
        first.action_start()
        with self.assertRefused(UserError, f"still in visit .*{first.name}.*Finish"):
            second.action_start()
        self.assertEqual(second.state, "planned")
        first.action_finish()
        second.action_start()
        self.assertEqual(second.state, "in_progress")

    def test_two_starts_at_the_same_moment(self):
        """The second does not see the first, whose transaction is not over; the index does."""
        self._make_call().action_start()
        second = self._make_call()
        with (
            patch.object(type(second), "_check_nobody_busy", lambda _visit: None),
            mute_logger("odoo.sql_db"),
            self.assertRefused(IntegrityError, "in_progress_uniq"),
        ):
            second.action_start()
            self.env.flush_all()

    def test_companion_is_in_one_visit_only(self):
        self._make_call(visitor_ids=(self.specialist | self.colleague).ids).action_start()
        with self.assertRefused(UserError, f"{self.colleague.name} is still in visit"):
            self._make_call(user_id=self.colleague.id, visitor_ids=[]).with_user(
                self.colleague
            ).action_start()

    def test_who_comes_or_calls_is_taken_any_time(self):
        self._make_call().action_start()
        for method in (self.method_reception, self.method_incoming_call):
            visit = self._make_call(method_id=method.id)
            visit.action_start()
            self.assertEqual(visit.state, "in_progress")

    def test_two_at_once_are_refused(self):
        with self.assertRefused(UserError, "still in visit"):
            (self._make_call() | self._make_call()).action_start()

    def test_others_start_meanwhile(self):
        self._make_call().action_start()
        other = self._make_face(self.colleague)
        other.action_start()
        self.assertEqual(other.state, "in_progress")

    # where

    def test_start_and_finish_are_kept_with_the_servers_time(self):
        visit, start = self._start()
        self.assertEqual(
            (start.kind, start.status, start.user_id.id), ("start", "pending", visit.env.uid)
        )
        self.assertEqual(start.date, visit.date_checkin)
        visit.action_finish()
        self.assertEqual(set(visit.presence_ids.mapped("kind")), {"start", "finish"})

    def test_at_the_customer(self):
        _visit, presence = self._start()
        self.assertFalse(presence.action_record_position({**HERE, "timestamp": 1767225600000}))
        self.assertEqual((presence.status, presence.range_state), ("taken", "within"))
        self.assertTrue(380 < presence.distance < 420, presence.distance)
        self.assertEqual(presence.date_device, fields.Datetime.to_datetime("2026-01-01"))

    def test_elsewhere_asks_why_and_blocks_nothing(self):
        visit, presence = self._start()
        action = presence.action_record_position(FAR)
        self.assertEqual((presence.range_state, visit.state), ("outside", "in_progress"))
        wizard = self.env[action["res_model"]].with_user(self.specialist)
        wizard = wizard.with_context(**action["context"]).create({"reason": "At the site"})
        wizard.action_apply()
        self.assertEqual(presence.reason, "At the site")
        with self.assertRefused(UserError, "nothing to explain"):
            wizard.action_apply()

    def test_range_of_company_and_method(self):
        self.company.crm_position_range = 300
        _visit, presence = self._start()
        self.assertTrue(presence.action_record_position(HERE))
        presence.visit_id.action_finish()
        self.method.position_range = 5000
        _visit, presence = self._start()
        self.assertFalse(presence.action_record_position(HERE))

    def test_inaccuracy_counts_for_the_visitor(self):
        _visit, presence = self._start()
        self.assertFalse(presence.action_record_position({**FAR, "accuracy": 20_000}))

    def test_no_address_known(self):
        self.customer.write({"partner_latitude": 0, "partner_longitude": 0})
        _visit, presence = self._start()
        self.assertFalse(presence.action_record_position(HERE))
        self.assertEqual(presence.range_state, "unknown")

    def test_no_position_is_fine(self):
        for answer, status in (
            ({"status": "denied"}, "denied"),
            ({"status": "unavailable"}, "unavailable"),
            ({"status": "declined"}, "declined"),
            ({"status": "taken", "latitude": "here"}, "unavailable"),
            ({"status": "taken", "latitude": 91.0, "longitude": 3.0}, "unavailable"),
            ({"status": "within"}, "unavailable"),
            (None, "unavailable"),
            ({**HERE, "accuracy": float("inf"), "timestamp": 1e300}, "taken"),
        ):
            visit, presence = self._start()
            self.assertFalse(presence.action_record_position(answer))
            self.assertEqual(presence.status, status)
            visit.action_finish()
            self.assertEqual(visit.state, "done")

    def test_not_asked_where_it_makes_no_sense(self):
        call = self._make_call()
        self.assertFalse(call.action_start())
        call.action_finish()
        self.assertFalse(call.presence_ids)
        visit = self._make_face()
        self.assertFalse(visit.with_user(self.supervisor).action_start())
        self.assertFalse(visit.presence_ids)

    # append-only

    def test_answered_once_and_soon(self):
        _visit, presence = self._start()
        presence.action_record_position(FAR)
        with self.assertRefused(UserError, "no longer"):
            presence.action_record_position(HERE)
        presence.visit_id.action_finish()
        late = presence.visit_id.presence_ids[0]
        with freeze_time(self.now + timedelta(hours=2)), self.assertRefused(UserError, "no longer"):
            late.action_record_position(HERE)

    def test_nobody_writes(self):
        _visit, presence = self._start()
        for user in (
            self.specialist,
            self.supervisor,
            self.manager,
            self.env.ref("base.user_admin"),
        ):
            row = presence.with_user(user)
            with self.assertRefused(AccessError, ""):
                row.write({"range_state": "within"})
            with self.assertRefused(AccessError, ""):
                row.unlink()
            with self.assertRefused(AccessError, ""):
                row.create(
                    {
                        "visit_id": presence.visit_id.id,
                        "user_id": user.id,
                        "company_id": self.company.id,
                        "kind": "start",
                        "date": self.now,
                    }
                )
        with self.assertRefused(AccessError, "own buttons"):
            presence.visit_id.write({"presence_ids": [(5, 0, 0)]})

    def test_only_the_visitor_answers(self):
        _visit, presence = self._start()
        for user in (self.supervisor, self.manager, self.colleague):
            with self.assertRefused(AccessError, ""):
                presence.with_user(user).action_record_position(HERE)
        presence.action_record_position(FAR)
        with self.assertRefused(AccessError, "Only the visitor"):
            presence.with_user(self.supervisor)._explain("x")

    # who sees it

    def test_readers(self):
        visit, presence = self._start()
        presence.action_record_position(FAR)
        for user in (self.specialist, self.supervisor, self.manager, self.auditor):
            self.assertTrue(presence.with_user(user).read(["latitude"]), user.login)
        head = self._new_user("test_other_head", "supervisor")
        model = self.env["crm.visit.presence"]
        for user in (self.colleague, head, self.director, self.plain_user, self.portal_user):
            with self.assertRefused(AccessError, ""):
                presence.with_user(user).read(["latitude"])
        for user in (self.colleague, head):
            self.assertFalse(model.with_user(user).search([]))
            self.assertFalse(visit.with_user(user).presence_ids)
            domain = [("presence_ids.latitude", ">", 1)]
            self.assertNotIn(visit, visit.with_user(user).search(domain))

    def test_no_back_door_through_the_dialog(self):
        _visit, presence = self._start()
        presence.action_record_position(FAR)
        dialog = self.env["crm.visit.presence.explain"].with_user(self.colleague)
        self.env.invalidate_all()
        with self.assertRefused(AccessError, ""):
            dialog.create({"presence_id": presence.id, "reason": "x"}).read(["distance"])

    def test_not_in_log_hash_form_or_portal(self):
        visit, presence = self._start()
        before = visit.sudo()._get_signature_digest(), visit.sudo()._approval_snapshots()
        presence.action_record_position(HERE)
        self.assertEqual(
            before, (visit.sudo()._get_signature_digest(), visit.sudo()._approval_snapshots())
        )
        told = str(visit._prepare_portal_values()) + str(visit.sudo().message_ids.mapped("body"))
        self.assertNotIn("36.06", told)
        paper = self.env["ir.actions.report"]._render_qweb_html(
            "crm_visits.crm_visit_form", visit.ids
        )
        self.assertNotIn("36.06", paper[0].decode())

    # the notice

    def test_notice_before_the_first_position(self):
        visit = self._make_face()
        notice = visit.action_start()["params"]["notice"]
        self.assertIn("180 days", notice)
        visit.presence_ids.action_acknowledge_notice()
        self.assertFalse(visit.action_finish()["params"]["notice"])
        self.assertTrue(self.specialist.crm_date_position_notice)
        self.company.crm_position_days = 365
        self.assertIn("365 days", self._make_face().action_start()["params"]["notice"])
        with self.assertRefused(AccessError, ""):
            visit.presence_ids.with_user(self.plain_user).action_acknowledge_notice()

    # forgotten

    def test_positions_are_forgotten(self):
        visit, old = self._start()
        old.action_record_position(FAR)
        old._explain("At the site")
        visit.action_finish()
        _visit, new = self._start()
        new.action_record_position(HERE)
        old.sudo().date = self.now - timedelta(days=181)
        new.sudo().date = self.now - timedelta(days=179)
        commits = []
        cron = type(self.env["ir.cron"])
        self.patch(
            cron, "_commit_progress", lambda _self, count=0, **_v: commits.append(count) or 60
        )
        for _run in range(2):
            self.env["crm.visit.presence"]._cron_forget_positions()
        self.assertEqual(commits, [1])
        self.env.cr.execute(
            "SELECT latitude, longitude, accuracy, distance, date_device"
            "  FROM crm_visit_presence WHERE id = %s",
            [old.id],
        )
        self.assertEqual(self.env.cr.fetchone(), (None,) * 5)
        self.assertEqual(
            (old.status, old.range_state, old.reason), ("taken", "outside", "At the site")
        )
        self.assertTrue(old.date_forgotten)
        self.assertTrue(new.latitude)


@tagged("post_install", "-at_install")
class TestVisitStartRace(BaseCase):
    """Two who take the same colleague along start at once, in two real transactions."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self._clean()  # also what a run left that was killed
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            customer = env["res.partner"].create({"name": "race_customer"})
            method = env["crm.visit.method"].create(
                {"name": "Race", "code": "race", "is_plan_required": False}
            )
            one, two, shared = env["res.users"].create(
                [{"name": f"race_{n}", "login": f"race_{n}"} for n in ("one", "two", "shared")]
            )
            visits = env["crm.visit"].create(
                [
                    {
                        "partner_id": customer.id,
                        "method_id": method.id,
                        "user_id": owner.id,
                        "visitor_ids": [Command.set([owner.id, shared.id])],
                    }
                    for owner in (one, two)
                ]
            )
            self.visit_ids = visits.ids

    def _clean(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            visits = env["crm.visit"].search([("method_id.code", "=", "race")])
            if visits:
                cr.execute("DELETE FROM crm_visit WHERE id IN %s", (tuple(visits.ids),))
            cr.execute("DELETE FROM crm_visit_method WHERE code = 'race'")
            env.invalidate_all()
            env["res.users"].search([("login", "=like", "race_%")]).unlink()
            env["res.partner"].search([("name", "=like", "race_%")]).unlink()

    def _start(self, cr, visit_id):
        api.Environment(cr, SUPERUSER_ID, {})["crm.visit"].browse(visit_id).action_start()

    @mute_logger("odoo.sql_db")
    def test_companion_of_two_at_once(self):
        one, two = self.visit_ids
        with closing(self.registry.cursor()) as slow:
            slow.execute("SELECT 1 FROM crm_visit LIMIT 1")  # its snapshot
            with self.registry.cursor() as cr:
                self._start(cr, one)
            with self.assertRaises(SerializationFailure):
                # what the framework answers with a retry on a fresh snapshot
                self._start(slow, two)
        with (
            self.registry.cursor() as cr,
            self.assertRaisesRegex(UserError, "race_shared is still"),
        ):
            self._start(cr, two)


@tagged("post_install", "-at_install")
class TestVisitPresenceTour(PresenceCommon, HttpCase):
    """In a browser that tells a position, asks for it after the notice, and one that does not."""

    def _tour(self, name, position):
        navigate = ChromeBrowser.navigate_to

        def navigate_to(browser, url, **options):
            request = browser._websocket_request
            if position:
                request("Browser.grantPermissions", params={"permissions": ["geolocation"]})
                request("Emulation.setGeolocationOverride", params=position)
            return navigate(browser, url, **options)

        self.customer.name = "兰州光学"
        self.specialist.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        visit = self._make_face()
        url = f"/odoo/action-crm_visits.crm_visit_action/{visit.id}"
        with patch.object(ChromeBrowser, "navigate_to", navigate_to):
            self.start_tour(url, name, login=self.specialist.login)
        self.env.invalidate_all()
        return visit

    def test_position_is_taken_after_the_notice(self):
        position = {"latitude": 36.1611, "longitude": 103.8343, "accuracy": 30}
        visit = self._tour("crm_visits_position", position)
        self.assertEqual(visit.state, "in_progress")
        presence = visit.presence_ids
        self.assertEqual((presence.status, presence.range_state), ("taken", "outside"))
        self.assertEqual(presence.reason, "在工地见面")
        self.assertAlmostEqual(presence.latitude, 36.1611, 4)
        self.assertTrue(self.specialist.crm_date_position_notice)

    def test_visit_without_position(self):
        visit = self._tour("crm_visits_position_declined", None)
        self.assertEqual(visit.state, "done")
        self.assertEqual(visit.presence_ids.mapped("status"), ["declined", "declined"])
        self.assertFalse(self.specialist.crm_date_position_notice)
