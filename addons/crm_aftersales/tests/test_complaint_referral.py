from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .common import CaseCommon


class ReferralCommon(CaseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.worker = new_test_user(cls.env, "test_worker", "base.group_user", lang="en_US")
        cls.foreman = new_test_user(cls.env, "test_foreman", "base.group_user", lang="en_US")
        cls.workshop = cls.env["crm.service.department"].create(
            {
                "name": "Workshop",
                "company_id": cls.company.id,
                "head_id": cls.foreman.id,
                "member_ids": [Command.set(cls.worker.ids)],
                "parent_id": cls.department.id,
            }
        )
        cls.category.with_company(cls.company).department_id = cls.workshop

    @classmethod
    def _refer(cls, case, **values):
        return (
            cls.env["crm.case.referral"]
            .with_user(case.env.user)
            .create({"case_id": case.id, "department_id": cls.workshop.id, **values})
        )

    @classmethod
    def _answer(cls, referral, user=None):
        referral = referral.with_user(user or cls.worker)
        referral.write(
            {
                "analysis": "A bad cell",
                "measures": "Cell replaced",
                "responsible_id": cls.worker.id,
                "date_promised": cls.today,
            }
        )
        referral.action_answer()
        return referral

    def _note(self, action, user, note="Seen on site"):
        model = self.env[action["res_model"]].with_user(user)
        dialog = Form(model.with_context(**action["context"]))
        dialog.note = note
        dialog.save().action_apply()


@tagged("post_install", "-at_install")
@requirement("E2.R4")
class TestReferral(ReferralCommon):
    """The complaint form goes to the department, comes back signed, and is verified."""

    def test_the_whole_way(self):
        case = self._make_complaint(description="It burns", remedy="replace", remedy_note="Now")
        events = []
        self.patch(
            type(case),
            "_record_event",
            lambda records, event, date=None, message=None: events.append(event),
        )
        action = case.action_refer()
        self.assertEqual(action["context"]["default_department_id"], self.workshop.id)
        dialog = Form(
            self.env["crm.case.referral"]
            .with_user(self.specialist)
            .with_context(**action["context"]),
            view="crm_aftersales.crm_case_referral_view_form_send",
        )
        referral = dialog.save()
        self.assertIn("It burns", referral.content)
        self.assertIn("Replacement · Now", referral.content)
        self.assertEqual((referral.state, referral.user_id), ("sent", self.specialist))
        self.assertEqual(referral.sudo().activity_ids.user_id, self.foreman)
        referral.with_user(self.worker).action_receive()
        self.assertEqual(referral.received_by_id, self.worker)
        with self.assertRefused(UserError, "analysis and measures"):
            referral.with_user(self.worker).action_answer()
        self._answer(referral)
        self.assertEqual((referral.state, referral.answered_by_id), ("answered", self.worker))
        self.assertEqual(events, ["referred", "department_answered"])
        self.assertFalse(referral.sudo().activity_ids)
        self.assertTrue(case.sudo().activity_ids.filtered(lambda a: a.user_id == self.specialist))
        self._note(referral.with_user(self.worker).action_done(), self.worker, "Done on Monday")
        self.assertEqual((referral.state, referral.result), ("done", "Done on Monday"))
        self._note(referral.action_verify(), self.specialist)
        self.assertEqual((referral.state, referral.verified_by_id), ("verified", self.specialist))
        self.assertEqual(referral.verification, "Seen on site")

    def test_measures_are_carried_out_by_the_department(self):
        referral = self._refer(self._make_complaint()).with_user(self.worker)
        values = {"analysis": "a", "measures": "b", "date_promised": self.today}
        referral.write({**values, "responsible_id": self.specialist.id})
        with self.assertRefused(UserError, "somebody of the department"):
            referral.action_answer()

    def test_not_solved_while_a_department_has_it(self):
        case = self._make_complaint()
        referral = self._refer(case)
        with self.assertRefused(UserError, "Workshop"):
            self._solve(case)
        self._answer(referral)
        with self.assertRefused(UserError, "Workshop"):
            self._solve(case)
        referral._verify("Seen")
        self._solve(case)
        with self.assertRefused(UserError, "cannot be referred"):
            self._refer(case)

    def test_sent_back_and_answered_anew(self):
        referral = self._answer(self._refer(self._make_complaint()))
        with self.assertRefused(UserError, "sentence"):
            referral.with_user(self.specialist)._return(" ")
        referral.with_user(self.specialist)._return("Who pays?")
        self.assertEqual((referral.state, referral.return_count), ("sent", 1))
        self.assertFalse(referral.answered_by_id)
        log = referral.sudo().message_ids.mapped("body")
        self.assertTrue(any("Cell replaced" in body for body in log), "the first answer is kept")
        self._answer(referral, self.foreman)
        self.assertEqual(referral.answered_by_id, self.foreman)

    def test_withdrawn(self):
        case = self._make_complaint()
        referral = self._refer(case)
        referral._cancel("Wrong department")
        self.assertEqual(referral.state, "cancelled")
        self.assertFalse(referral.sudo().activity_ids)
        self._solve(case)

    def test_overdue_is_found(self):
        referral = self._refer(self._make_complaint(), date_due=self.today - timedelta(days=1))
        self.assertTrue(referral.is_overdue)
        found = referral.with_user(self.worker).search([("is_overdue", "=", True)])
        self.assertEqual(found, referral)
        self._answer(referral)._done("Done")
        self.assertNotIn(referral, referral.search([("is_overdue", "=", True)]))

    @requirement("E2.R6")
    def test_upgraded_with_full_content_and_followed(self):
        case = self._make_complaint(is_third_party=True)
        with self.assertRefused(UserError, "full content"):
            case.action_upgrade()
        with self.assertRefused(UserError, "full content"):
            self._refer(case, kind="upgrade")
        case.write({"description": "Noise every night", "remedy": "other", "remedy_note": "Quiet"})
        referral = self._refer(case, kind="upgrade")
        for text in ("Noise every night", "Quiet"):
            self.assertIn(text, referral.content)
        self.assertEqual(case.date_upgraded, referral.date_sent)
        follow = case.sudo().activity_ids.filtered(lambda a: a.user_id == self.specialist)
        self.assertEqual(follow.date_deadline, referral.date_due)
        told = [("model", "=", referral._name), ("res_id", "=", referral.id)]
        notified = self.env["mail.message"].search(told).notified_partner_ids
        self.assertIn(self.foreman.partner_id, notified)
        self.assertIn(self.supervisor.partner_id, notified, "the head above")
        with self.assertRefused(UserError, "Workshop"):
            self._solve(case)


@tagged("post_install", "-at_install")
@requirement("E2.R4")
class TestReferralRights(ReferralCommon, HttpCase):
    """Plain users answer for their department, and can do nothing else."""

    def test_the_department_reads_the_form_and_not_the_case(self):
        case = self._make_complaint(description="It burns")
        referral = self._refer(case).with_user(self.worker)
        self.env.invalidate_all()
        self.assertEqual(referral.case_subject, case.subject)
        self.assertEqual(referral.customer_name, self.customer.name)
        self.assertIn("It burns", referral.content)
        with self.assertRefused(AccessError, "Service Case"):
            case.with_user(self.worker).read(["subject"])
        with self.assertRefused(AccessError, "Service Case"):
            self.env["crm.service.case"].with_user(self.worker).search([])
        with Form(referral) as form:
            form.analysis = "Seen"
        self.assertEqual(referral.analysis, "Seen")
        action = self.env.ref("crm_aftersales.crm_case_referral_action_department")
        views = referral.get_views([(False, "list"), (False, "form"), (False, "search")])
        self.assertNotIn("action_open_case", views["views"]["form"]["arch"])
        menus = self.env["ir.ui.menu"].with_user(self.worker)._visible_menu_ids()
        self.assertIn(self.env.ref("crm_aftersales.crm_case_referral_menu_department").id, menus)
        self.assertNotIn(self.env.ref("crm_aftersales.crm_case_referral_menu").id, menus)
        self.assertEqual(action.res_model, "crm.case.referral")

    def test_others_do_not_even_see_it(self):
        referral = self._refer(self._make_complaint())
        for user in (self.plain_user, self.portal_user):
            with self.assertRefused(AccessError, "Complaint Referred|allowed"):
                referral.with_user(user).read(["content"])
        self.assertFalse(referral.with_user(self.plain_user).search([]))

    def test_nobody_answers_for_another_department(self):
        case = self._make_complaint()
        referral = self._refer(case)
        other = self._new_user("test_other_supervisor", "supervisor")
        for user in (self.specialist, self.supervisor, other, self.manager):
            with self.assertRefused(AccessError, "Workshop"):
                referral.with_user(user).write({"measures": "They did nothing wrong"})
            with self.assertRefused(AccessError, "Workshop"):
                referral.with_user(user).action_receive()
            with self.assertRefused(AccessError, "Workshop"):
                referral.with_user(user).action_answer()
        self._answer(referral)
        for user in (self.specialist, other):
            with self.assertRefused(AccessError, "Workshop"):
                referral.with_user(user)._done("Done")

    def test_the_department_does_not_verify_move_or_rewrite(self):
        case = self._make_complaint()
        other_case = self._make_complaint()
        referral = self._answer(self._refer(case))
        with self.assertRefused(AccessError, "who handles the case"):
            referral._verify("All is well")
        with self.assertRefused(AccessError, "who handles the case"):
            referral._return("Again")
        with self.assertRefused(UserError, "stays as it is"):
            referral.measures = "We did more"
        for values in (
            {"case_id": other_case.id},
            {"department_id": self.department.id},
            {"state": "verified"},
            {"answered_by_id": self.foreman.id},
            {"date_answered": "2026-01-01 00:00:00"},
            {"verified_by_id": self.foreman.id},
            {"company_id": self.company.id},
        ):
            with self.assertRefused(AccessError, "buttons|computed"):
                referral.write(values)
        with self.assertRefused(AccessError, "handles the case|answered"):
            referral.with_user(self.worker).write({"content": "Nothing happened"})
        with self.assertRefused(AccessError, "allowed"):
            self._refer(case.with_user(self.worker))

    def test_who_works_in_both_does_not_verify_the_own_answer(self):
        self.workshop.member_ids = [Command.link(self.specialist.id)]
        referral = self._answer(self._refer(self._make_complaint()), self.specialist)
        with self.assertRefused(AccessError, "another verifies"):
            referral._verify("All is well")
        referral.with_user(self.supervisor)._verify("Seen")

    def test_forged_at_creation(self):
        referral = self._refer(
            self._make_complaint(),
            state="verified",
            user_id=self.manager.id,
            date_sent="2020-01-01 00:00:00",
            analysis="Nothing",
            answered_by_id=self.foreman.id,
            date_answered="2020-01-01 00:00:00",
            verified_by_id=self.manager.id,
        )
        self.assertEqual((referral.state, referral.user_id), ("sent", self.specialist))
        self.assertFalse(referral.answered_by_id or referral.verified_by_id or referral.analysis)
        self.assertGreaterEqual(referral.date_sent, self.now)

    def test_specialists_of_other_teams_do_not_refer(self):
        stranger = self._new_user("test_stranger", "specialist")
        case = self._make_complaint()
        with self.assertRefused(AccessError, "access"):
            self._refer(case.with_user(stranger))
        referral = self._refer(case)
        with self.assertRefused(AccessError, "access|handles"):
            referral.with_user(stranger).content = "x"
        with self.assertRefused(AccessError, "handles"):
            referral.with_user(stranger)._cancel("x")

    def test_over_rpc(self):
        """The doors of the web client, with a password as people have."""
        case = self._make_complaint()
        referral = self._refer(case)
        self.authenticate("test_worker", "test_worker")

        def call(model, method, *args):
            params = {"model": model, "method": method, "args": args, "kwargs": {}}
            url = f"/web/dataset/call_kw/{model}/{method}"
            with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
                return self.make_jsonrpc_request(url, params)

        with self.assertRaisesRegex(JsonRpcException, "AccessError"):
            call("crm.service.case", "read", case.ids, ["subject"])
        with self.assertRaisesRegex(JsonRpcException, "AccessError"):
            call("crm.case.referral", "write", referral.ids, {"state": "verified"})
        for method in ("_verify", "_done", "_answer"):
            with self.assertRaisesRegex(JsonRpcException, "AccessError"):
                call("crm.case.referral", method, referral.ids, "x")
        spec = {name: {} for name in ("case_subject", "content", "state", "measures")}
        [shown] = call("crm.case.referral", "web_read", referral.ids, spec)
        self.assertEqual(shown["case_subject"], case.subject)
        self.env.invalidate_all()
        self.assertEqual(referral.state, "sent")
