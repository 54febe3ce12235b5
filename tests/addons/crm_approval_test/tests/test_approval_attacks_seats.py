from datetime import timedelta
from xmlrpc.client import Fault

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ApprovalHttpCommon

MODEL = "crm.approval.test"
STEP = "crm.approval.step"
ABSENCE = "crm.approval.absence"
DECIDE = "crm.approval.decide"
REVIEW = "crm.approval.review"


@tagged("post_install", "-at_install")
class TestApprovalAttacksSeats(ApprovalHttpCommon):
    """Getting hold of a seat that is not one's own, or out of one that is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deputy = cls._new_user("test_deputy", "supervisor")
        cls.expert = cls._new_user("test_expert", "supervisor")

    def _absence_values(self, user, deputy, start=0, days=3):
        now = fields.Datetime.now()
        return {
            "user_id": user.id,
            "deputy_id": deputy.id,
            "date_from": fields.Datetime.to_string(now + timedelta(days=start)),
            "date_to": fields.Datetime.to_string(now + timedelta(days=start + days)),
            "reason": "x",
        }

    def _absent(self, user, deputy, **kwargs):
        values = self._absence_values(user, deputy, **kwargs)
        return self.env[ABSENCE].create(values)

    def _move_attacks(self, target=None):
        """Everything an approver may do, for somebody who is none."""
        document = self.document
        step = target or document.approval_request_id.step_ids[0]
        moves = (
            ("action_approval_approve", {}),
            ("action_approval_return", {"comment": "x"}),
            ("action_approval_add", {"user_ids": self.expert.ids, "comment": "x"}),
            (
                "action_approval_add",
                {"user_ids": self.expert.ids, "position": "before", "comment": "x"},
            ),
            ("action_approval_forward", {"user_id": self.expert.id, "comment": "x"}),
            ("action_approval_send_back", {"step_id": step.id, "comment": "x"}),
        )
        return [(name, MODEL, name, document.ids, params) for name, params in moves]

    # deputies

    def test_deputy_out_of_period(self):
        self._submit()
        self._absent(self.supervisor, self.deputy, start=-9, days=3)
        self._absent(self.supervisor, self.deputy, start=1)
        self._assert_repelled(self.deputy, self._move_attacks())

    def test_deputy_of_somebody_else(self):
        self._submit()
        self._absent(self.director, self.deputy)
        self._absent(self.expert, self.stranger)
        for user in (self.deputy, self.stranger):
            self._assert_repelled(user, self._move_attacks())

    def test_deputy_of_the_requester_and_author(self):
        """Whose document it is, is no reason to decide; nor does it make the author a deputy."""
        self._submit()
        self._absent(self.specialist, self.deputy)
        self._absent(self.supervisor, self.specialist)
        for user in (self.deputy, self.specialist):
            self._assert_repelled(user, self._move_attacks())

    def test_deputy_hands_on_no_foreign_seat(self):
        self._submit()
        self._absent(self.supervisor, self.deputy)
        attacks = [a for a in self._move_attacks() if a[0] == "action_approval_forward"]
        self._assert_repelled(self.deputy, attacks)

    def test_becoming_somebodys_deputy(self):
        self._submit()
        own = self._absent(self.stranger, self.expert, start=5)
        theirs = self._absent(self.supervisor, self.expert, start=5)
        values = self._absence_values(self.supervisor, self.stranger)
        without = {name: value for name, value in values.items() if name != "user_id"}
        attacks = [
            ("create", ABSENCE, "create", (), {"vals_list": [values]}),
            (
                "default",
                ABSENCE,
                "create",
                (),
                {"vals_list": [without], "context": {"default_user_id": self.supervisor.id}},
            ),
            ("web_save", ABSENCE, "web_save", (), {"vals": values, "specification": {}}),
            ("move", ABSENCE, "write", own.ids, {"vals": {"user_id": self.supervisor.id}}),
            ("deputy", ABSENCE, "write", theirs.ids, {"vals": {"deputy_id": self.stranger.id}}),
            ("sooner", ABSENCE, "write", theirs.ids, {"vals": {"date_to": "2999-01-01"}}),
            ("end", ABSENCE, "action_end", theirs.ids, {}),
            ("delete", ABSENCE, "unlink", theirs.ids, {}),
            ("copy", ABSENCE, "copy", theirs.ids, {"default": {"deputy_id": self.stranger.id}}),
            ("told", ABSENCE, "write", own.ids, {"vals": {"is_begun": True}}),
        ]
        for user in (self.stranger, self.plain_user):
            self._assert_repelled(user, attacks)
        self._assert_repelled(self.portal_user, attacks)
        # a deputy reads the row but changes nothing in it
        self._assert_repelled(
            self.expert, [a for a in attacks if a[3] == theirs.ids or a[0] == "create"]
        )
        # a manager gives no seat to himself
        values = self._absence_values(self.director, self.manager)
        row = ("manager", ABSENCE, "create", (), {"vals_list": [values]})
        self._assert_repelled(self.manager, [row])

    def test_becoming_a_deputy_by_import(self):
        """``load`` answers 200 with messages."""
        before = self._rows()
        status, answer = self._call(
            self.stranger,
            ABSENCE,
            "load",
            fields=["user_id/.id", "deputy_id/.id", "date_from", "date_to", "reason"],
            data=[
                [
                    str(self.supervisor.id),
                    str(self.stranger.id),
                    "2026-01-01 00:00:00",
                    "2999-01-01 00:00:00",
                    "x",
                ]
            ],
        )
        self.assertTrue(status >= 400 or answer["messages"], answer)
        self.assertEqual(self._rows(), before)

    def test_own_default_makes_no_deputy(self):
        """The person's own default for whom they record an absence."""
        self._call(
            self.stranger,
            "ir.default",
            "set",
            model_name=ABSENCE,
            field_name="user_id",
            value=self.supervisor.id,
            user_id=True,
        )
        values = self._absence_values(self.supervisor, self.stranger)
        values.pop("user_id")
        row = ("create", ABSENCE, "create", (), {"vals_list": [values]})
        self._assert_repelled(self.stranger, [row])

    def test_history_of_an_absence(self):
        running = self._absent(self.supervisor, self.deputy)
        attacks = [
            (str(vals), ABSENCE, "write", running.ids, {"vals": vals})
            for vals in (
                {"deputy_id": self.expert.id},
                {"user_id": self.expert.id},
                {"date_from": "2020-01-01 00:00:00"},
                {"date_to": "2020-01-01 00:00:00"},
                {"is_over": True},
                {"reason": "y"},
            )
        ]
        attacks.append(("delete", ABSENCE, "unlink", running.ids, {}))
        for user in (self.supervisor, self.manager):
            self._assert_repelled(user, attacks)

    def test_forged_on_behalf(self):
        """For whom is what the server finds, whatever comes along."""
        self._submit()
        before = self._rows()
        for params in ({"on_behalf_id": self.supervisor.id}, {"seat": self.supervisor.id}):
            status, answer = self._call(
                self.stranger, MODEL, "action_approval_approve", self.document.ids, **params
            )
            self.assertGreaterEqual(status, 400, answer)
            self.assertEqual(self._rows(), before)
        context = {
            "default_on_behalf_id": self.director.id,
            "default_on_behalf_name": "x",
            "default_added_user_ids": [Command.link(self.stranger.id)],
            "default_round_start": 99,
        }
        status, answer = self._call(
            self.supervisor,
            MODEL,
            "action_approval_approve",
            self.document.ids,
            context=context,
        )
        self.assertEqual(status, 200, answer)
        entry = self.document.approval_decision_ids.sorted("sequence")[-1]
        self.assertFalse(entry.on_behalf_id or entry.on_behalf_name)
        self.assertFalse(self.document._approval_elevate()._approval_faults()[self.document.id])

    # adding, handing on, sending back

    def test_moves_by_who_is_not_asked(self):
        self._submit()
        self.document.with_user(self.supervisor).action_approval_approve()
        users = (
            self.specialist,
            self.stranger,
            self.supervisor,
            self.manager,
            self.general_manager,
            self.plain_user,
            self.portal_user,
            self.user_admin,
            self.auditor,
        )
        for user in users:
            self._assert_repelled(user, self._move_attacks())

    def test_adding_weakens_nothing(self):
        """No mode is flipped, nobody dropped, nobody added who may not decide."""
        self.route.step_ids[0].write(
            {
                "approver_kind": "users",
                "user_ids": [Command.set((self.supervisor + self.expert).ids)],
                "mode": "all",
            }
        )
        self._submit()
        add, forward = "action_approval_add", "action_approval_forward"
        wrong = [
            (add, {"user_ids": self.deputy.ids, "position": "one"}),
            (add, {"user_ids": self.deputy.ids, "position": False}),
            (add, {"user_ids": [self.specialist.id], "position": "beside"}),
            (add, {"user_ids": [self.portal_user.id], "position": "before"}),
            (add, {"user_ids": [self.expert.id], "position": "beside"}),
            (add, {"user_ids": [[6, 0, [self.deputy.id]]], "position": "beside"}),
            (add, {"user_ids": "x", "position": "beside"}),
            (add, {"user_ids": [999999999], "position": "beside"}),
            (forward, {"user_id": self.expert.id}),
            (forward, {"user_id": self.specialist.id}),
            (forward, {"user_id": [self.deputy.id, self.expert.id]}),
            (forward, {"user_id": "x"}),
        ]
        attacks = [
            (f"{name} {params}", MODEL, name, self.document.ids, {**params, "comment": "x"})
            for name, params in wrong
        ]
        self._assert_repelled(self.supervisor, attacks)
        self._call(
            self.supervisor,
            MODEL,
            add,
            self.document.ids,
            user_ids=self.deputy.ids,
            comment="x",
            context={"default_mode": "one", "default_user_ids": []},
        )
        step = self.document.approval_step_id
        self.assertEqual(step.mode, "all")
        self.assertEqual(step.user_ids, self.supervisor + self.expert + self.deputy)

    def test_sending_back_elsewhere(self):
        self._submit()
        other = self._submit(self._new_document())
        other.with_user(self.supervisor).action_approval_approve()
        self.document.with_user(self.supervisor).action_approval_approve()
        first, second = self.document.approval_request_id.step_ids
        attacks = [
            (
                str(step_id),
                MODEL,
                "action_approval_send_back",
                self.document.ids,
                {"step_id": step_id, "comment": "x"},
            )
            for step_id in (other.approval_request_id.step_ids[0].id, second.id, "x", [first.id])
        ]
        self._assert_repelled(self.director, attacks)

    def test_dialogs_with_foreign_ids(self):
        """The dialogs can be filled with anything; the document decides."""
        self._submit()
        self.document.with_user(self.supervisor).action_approval_approve()
        first = self.document.approval_request_id.step_ids[0]
        common = {"res_model": MODEL, "document_ids": self.document.ids, "comment": "x"}
        kinds = (
            {"kind": "approve"},
            {"kind": "return"},
            {"kind": "forward", "user_ids": [Command.set(self.expert.ids)]},
            {"kind": "add", "user_ids": [Command.set(self.expert.ids)]},
            {"kind": "send_back", "step_id": first.id},
            {"is_reassignment": True, "user_ids": [Command.set(self.stranger.ids)]},
        )
        for user in (self.stranger, self.supervisor, self.general_manager):
            for values in kinds:
                status, answer = self._call(
                    user, DECIDE, "create", vals_list=[{**common, **values}]
                )
                if status == 200:
                    row = (str(values), DECIDE, "action_confirm", answer, {})
                    self._assert_repelled(user, [row])

    # many at once

    def test_bulk_on_what_is_not_the_own(self):
        self._submit()
        step = self.document.approval_step_id
        attack = ("review", STEP, "action_review", step.ids, {})
        for user in (
            self.stranger,
            self.manager,
            self.director,
            self.plain_user,
            self.portal_user,
        ):
            self._assert_repelled(user, [attack])
        before = self._rows()
        for user in (self.plain_user, self.general_manager):
            status, answer = self._call(user, REVIEW, "create", vals_list=[{"step_ids": step.ids}])
            self.assertEqual(status, 200, answer)
            status, [seen] = self._call(
                user, REVIEW, "read", answer, fields=["summary", "notice", "document_name"]
            )
            self.assertFalse(seen["summary"] or seen["notice"] or seen["document_name"], seen)
            self._call(user, REVIEW, "action_approve", answer)
            self._call(user, REVIEW, "write", answer, vals={"position": 0})
            self._call(user, REVIEW, "action_return", answer)
            self.assertEqual(self._rows(), before)
        mine = self.env[REVIEW].with_user(self.supervisor).create({"step_ids": step.ids})
        attacks = [
            (method, REVIEW, method, mine.ids, {})
            for method in ("action_approve", "action_skip", "action_open_document")
        ]
        self._assert_repelled(self.stranger, attacks)

    def test_inbox_tells_outsiders_nothing(self):
        self._submit()
        for user in (self.plain_user, self.stranger, self.auditor):
            status, answer = self._call(user, STEP, "get_inbox")
            self.assertEqual(status, 200, answer)
            self.assertNotIn(MODEL, [group["type"] for group in answer["groups"]])
        status, answer = self._call(self.portal_user, STEP, "get_inbox")
        self.assertTrue(status >= 400 or not answer["count"], answer)

    # time limits

    def test_time_limits_by_hand(self):
        self._submit()
        step = self.document.approval_step_id
        attacks = [
            (str(vals), STEP, "write", step.ids, {"vals": vals})
            for vals in (
                {"date_escalate": "2020-01-01 00:00:00"},
                {"date_remind": False},
                {"hours_escalate": 0.1},
                {"is_escalated": True},
                {"added_user_ids": [Command.link(self.stranger.id)]},
                {"round_start": 0},
                {"state": "approved"},
                {"is_mine": True},
            )
        ]
        limits = {"hours_escalate": 0.01}
        route_step = self.route.step_ids[0]
        attacks.append(
            ("route", "crm.approval.route.step", "write", route_step.ids, {"vals": limits})
        )
        quiet = {"vals": {"crm_quiet_start": 0, "crm_quiet_end": 0}}
        attacks.append(("quiet hours", "res.company", "write", self.company.ids, quiet))
        for user in (self.specialist, self.supervisor, self.stranger):
            self._assert_repelled(user, attacks)
        self._assert_repelled(self.manager, attacks[:-2])

    def test_inner_methods_are_private(self):
        self._submit()
        request, step = self.document.approval_request_id, self.document.approval_step_id
        calls = [
            (request, "_add_approvers"),
            (request, "_forward"),
            (request, "_send_back"),
            (request, "_replace_gone"),
            (request, "_replace_users"),
            (request, "_cron_replace"),
            (request, "_get_evidence"),
            (step, "_escalate"),
            (step, "_follow_up"),
            (step, "_cron_follow_up"),
            (step, "_set_seats"),
            (step, "_reassign_seats"),
            (self.document, "_approval_move"),
            (self.document, "_approval_get_summary"),
            (self.env[ABSENCE], "_apply"),
            (self.env[ABSENCE], "_cron_apply"),
            (self.env[REVIEW], "_open_review"),
        ]
        for records, method in calls:
            with self.subTest(method=method):
                status, _answer = self._call(self.manager, records._name, method, records.ids)
                self.assertEqual(status, 403)

    def test_other_doors(self):
        """XML-RPC."""
        self._submit()
        before = self._rows()
        key = self._api_key(self.stranger)
        for model, method, args in (
            (MODEL, "action_approval_forward", [self.document.ids, self.stranger.id, "x"]),
            (MODEL, "action_approval_add", [self.document.ids, self.stranger.ids, "beside", "x"]),
            (ABSENCE, "create", [[self._absence_values(self.supervisor, self.stranger)]]),
            (STEP, "write", [self.document.approval_step_id.ids, {"round_start": 9}]),
        ):
            with self.subTest(method=method), mute_logger("odoo.http"):
                with self.assertRaises(Fault):
                    self.xmlrpc_object.execute_kw(
                        self.cr.dbname, self.stranger.id, key, model, method, args
                    )
                self.env.invalidate_all()
                self.assertEqual(self._rows(), before)
