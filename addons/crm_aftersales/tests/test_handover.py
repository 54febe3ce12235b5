from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
@requirement("C3.R2")
class TestHandover(DeskCommon):
    def test_offered_and_accepted(self):
        case = self._make_case()
        handover = self._offer(case, self.colleague)
        self.assertEqual((handover.state, handover.to_user_id), ("offered", self.colleague))
        self.assertEqual(case.user_id, self.specialist, "it stays until somebody accepts")
        self.assertEqual(case.activity_ids.user_id, self.colleague)
        mine = case.with_user(self.colleague)
        self.assertTrue(mine.is_handover_mine)
        found = mine.search([("is_handover_mine", "=", True)])
        self.assertEqual(found, case)
        mine.action_accept_handover()
        self.assertEqual(case.user_id, self.colleague)
        self.assertEqual(case.first_responder_id, self.specialist)
        self.assertEqual(case.handover_count, 1)
        self.assertEqual(case.handover_ids, handover, "the offer is the record")
        self.assertEqual(handover.state, "accepted")
        self.assertFalse(case.activity_ids)

    def test_nobody_writes_the_owner(self):
        case = self._make_case()
        for user in (self.specialist, self.colleague):
            with self.assertRefused(AccessError, "Hand Over|access"):
                case.with_user(user).user_id = self.colleague
        self.team.member_ids = [Command.link(self.colleague.id)]
        with self.assertRefused(AccessError, "Hand Over"):
            case.with_user(self.colleague).user_id = self.colleague
        case.with_user(self.specialist).write({"user_id": self.specialist.id, "urgency": "1"})
        with self.assertRefused(AccessError, "own what you register"):
            self._make_case(user_id=self.colleague.id)
        self.assertFalse(self._make_case(user_id=False).user_id)

    def test_supervisor_assigns_with_a_record(self):
        case = self._make_case()
        case.with_user(self.supervisor).user_id = self.colleague
        row = case.handover_ids
        self.assertEqual((row.kind, row.state), ("assign", "accepted"))
        self.assertEqual((row.from_user_id, row.to_user_id), (self.specialist, self.colleague))
        self.assertEqual(row.created_by_id, self.supervisor)
        new = self._make_case(self.supervisor, user_id=self.colleague.id)
        self.assertEqual(
            (new.handover_ids.kind, new.handover_ids.to_user_id), ("assign", self.colleague)
        )

    def test_take_over_is_recorded(self):
        case = self._make_case(user_id=False)
        case.action_assign_to_me()
        self.assertEqual((case.handover_ids.kind, case.user_id), ("take", self.specialist))

    def test_rows_are_nobodys_to_write(self):
        handover = self._offer(self._make_case(), self.colleague)
        for user in (self.specialist, self.manager):
            row = handover.with_user(user)
            with self.assertRefused(AccessError, "allowed|access"):
                row.write({"state": "accepted"})
            with self.assertRefused(AccessError, "allowed|access"):
                row.unlink()
            with self.assertRefused(AccessError, "allowed|access"):
                row.create({"case_id": handover.case_id.id, "date_offered": self.now})
        with self.assertRefused(AccessError, "somebody else"):
            handover.with_user(self.third).action_accept()
        with self.assertRefused(AccessError, "who made it"):
            handover.with_user(self.third).action_cancel()

    def test_only_the_owner_offers(self):
        self.team.member_ids = [Command.link(self.colleague.id)]
        case = self._make_case()
        with self.assertRefused(AccessError, "who owns it"):
            case.with_user(self.colleague)._hand_over(self.third, self.team.browse(), "x")
        self._offer(case, self.colleague)
        with self.assertRefused(UserError, "Withdraw that first"):
            case._hand_over(self.third, self.team.browse(), "x")
        case.action_cancel_handover()
        self.assertEqual(case.handover_ids.state, "cancelled")

    def test_only_to_who_can_work_on_it(self):
        case = self._make_case()
        nobody = self.env["res.users"]
        with self.assertRefused(UserError, "cannot work"):
            case._hand_over(self.plain_user, self.team.browse(), "x")
        with self.assertRefused(UserError, "Choose a colleague"):
            case._hand_over(nobody, self.team.browse(), "x")
        with self.assertRefused(UserError, "what is to be done"):
            case._hand_over(self.colleague, self.team.browse(), " ")

    def test_to_a_team(self):
        other = self.team.copy({"name": "Repair", "member_ids": [Command.set(self.third.ids)]})
        case = self._make_case()
        handover = self._offer(case, team=other)
        handover.with_user(self.third).action_accept()
        self.assertEqual((case.user_id, case.team_id), (self.third, other))

    def test_the_deputy_when_the_colleague_is_absent(self):
        self.env["crm.approval.absence"].create(
            {
                "user_id": self.colleague.id,
                "deputy_id": self.third.id,
                "date_from": self.now - timedelta(hours=1),
                "date_to": self.now + timedelta(days=3),
                "reason": "Leave",
            }
        )
        case = self._make_case()
        handover = self._offer(case, self.colleague)
        self.assertEqual(handover.deputy_id, self.third)
        self.assertEqual(case.activity_ids.user_id, self.third)
        handover.with_user(self.third).action_accept()
        self.assertEqual(case.user_id, self.third)

    def test_declined_with_a_reason(self):
        case = self._make_case()
        handover = self._offer(case, self.colleague)
        dialog = self._open_dialog(
            handover.with_user(self.colleague).action_decline(), self.colleague
        )
        dialog.reason = "I am at the fair"
        dialog.save().action_decline()
        self.assertEqual((handover.state, handover.answer), ("declined", "I am at the fair"))
        self.assertEqual(case.user_id, self.specialist)
        notice = self._get_notices(case, self.specialist)
        self.assertEqual(notice.partner_ids, self.specialist.partner_id)

    def test_not_accepted_in_time(self):
        case = self._make_case()
        handover = self._offer(case, self.colleague)
        handovers = self.env["crm.case.handover"]
        handovers._cron_expire()
        self.assertEqual(handover.state, "offered")
        self.assertEqual(handover.date_limit, handover.date_offered + timedelta(hours=4))
        with freeze_time(handover.date_limit + timedelta(minutes=1)):
            handovers._cron_expire()
            handovers._cron_expire()
        self.assertEqual((handover.state, case.user_id), ("expired", self.specialist))
        notices = self._get_notices(case, self.specialist)
        self.assertEqual(len(notices), 1, "told once")
        with self.assertRefused(UserError, "is answered"):
            handover.with_user(self.colleague).action_accept()

    def test_expiry_survives_a_kill(self):
        """Killed after the first batch: the next run does the rest, nothing twice."""
        cases = [self._make_case(subject=f"Case {n}") for n in range(3)]
        offers = self.env["crm.case.handover"].union(
            *(self._offer(case, self.colleague) for case in cases)
        )
        cron = self.env.registry["ir.cron"]
        with freeze_time(offers[0].date_limit + timedelta(hours=1)):
            with patch.object(cron, "_commit_progress", lambda *args, **kw: 0):
                offers.browse()._cron_expire(batch=1)
            self.assertEqual(sorted(offers.mapped("state")), ["expired", "offered", "offered"])
            offers.browse()._cron_expire(batch=1)
        self.assertEqual(set(offers.mapped("state")), {"expired"})
        for case in cases:
            notices = self._get_notices(case, self.specialist)
            self.assertEqual(len(notices), 1)

    def test_a_solved_case_is_not_taken_over(self):
        case = self._make_case()
        handover = self._offer(case, self.colleague)
        self._solve(case)
        with self.assertRefused(UserError, "cannot be taken over"):
            handover.with_user(self.colleague).action_accept()

    def test_ping_pong_is_told_to_the_supervisor(self):
        case = self._make_case()
        self._pass(case, self.specialist, self.colleague)
        self._pass(case, self.colleague, self.specialist)
        self.assertFalse(case.is_passed_around)
        self._pass(case, self.specialist, self.colleague)
        self.assertTrue(case.is_passed_around)
        kind = self.env.ref("crm_aftersales.mail_activity_type_passing")
        told = case.activity_ids.filtered(lambda a: a.activity_type_id == kind)
        self.assertEqual(told.user_id, self.supervisor)
        self._pass(case, self.colleague, self.specialist)
        self.assertEqual(
            len(case.activity_ids.filtered(lambda a: a.activity_type_id == kind)), 1, "told once"
        )

    def test_declining_again_and_again_is_told(self):
        case = self._make_case()
        for user in (self.colleague, self.third, self.colleague, self.third):
            self._offer(case, user).with_user(user)._decline("Not mine")
        self.assertTrue(case.is_passed_around)

    def test_statistics_of_responders(self):
        self._solve(self._make_case())
        handed = self._make_case(subject="Invoice")
        self._offer(handed, self.colleague).with_user(self.colleague)._decline("Not mine")
        self._pass(handed, self.specialist, self.third)
        self._solve(handed.with_user(self.third))
        again = self._make_case(subject="Delivery late")
        self._make_case(subject="Delivery is late", partner_id=self.customer.id)._link_repeat(again)
        self._solve(again)
        kind = self.env.ref("crm_aftersales.statistics_type_responder")
        today = kind._get_today()
        (table,) = kind._crm_statistics_case_responder(self.company, today, today)
        rows = {row[0]: row[1:] for row in table["rows"]}
        mine = rows[self.specialist.name]
        self.assertEqual(mine[:2], [3, 1])
        self.assertAlmostEqual(mine[2], 100 / 3, 0)
        self.assertEqual(mine[3:6], [1, 0, 1])
        self.assertEqual(rows[self.colleague.name][6], 1, "declined")
        self.assertGreaterEqual(fields.Datetime.now(), self.now)
