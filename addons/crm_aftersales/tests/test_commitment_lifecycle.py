import base64
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .commitment_common import CommitmentCommon


@tagged("post_install", "-at_install")
class TestCommitmentLifecycle(CommitmentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = new_test_user(
            cls.env,
            login="test_commitment_sales",
            groups="base.group_user,sales_team.group_sale_salesman",
            lang="en_US",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    # ------------------------------------------------------------------ the points of the rule

    @requirement("A4.R4", "A4.R5")
    def test_every_point_of_the_rule_is_needed(self):
        activity, result = self._prepare_commitment_values()["item_ids"]
        for missing, pattern in (
            ({"item_ids": False}, "Concrete"),
            ({"item_ids": [activity]}, "what comes of it"),
            ({"item_ids": [result]}, "what comes of it"),
            ({"benefit": "  "}, "turned to the customer|what he gains"),
            ({"is_about_matter": False}, "not for a person"),
            ({"is_simple": False}, "Simple"),
            ({"ground_ids": False}, "grounds"),
        ):
            draft = self._make_commitment("Draft", **missing)
            with self.assertRefused(UserError, pattern):
                draft.action_approval_submit()
            self.assertEqual(draft.state, "draft")
        points = self._make_commitment("Draft", item_ids=False)._get_checklist()
        self.assertEqual(sum(not is_met for _text, is_met in points), 3, "nothing is measured")
        with self.assertRefused(UserError, "watches over"):
            self._make_commitment("Draft", monitor_id=False).action_approval_submit()
        self._make_commitment("Draft").action_approval_submit()

    @requirement("A4.R4")
    def test_target_against_what_is_measured(self):
        """Half of last month's cases were solved within a day: 50 % is measured by the server."""
        for hours in (2, 60):
            opened = self._months_ago(1)
            case = self._make_case(self.supervisor, date_opened=opened)
            case.sudo().write({"date_solved": opened + timedelta(hours=hours), "state": "solved"})
        metric = self.env.ref("crm_aftersales.metric_solve_share")
        activity = self._prepare_commitment_values()["item_ids"][0]

        def draft(target, note=False):
            values = {"metric_id": metric.id, "limit": 24, "target": target, "note": note}
            return self._make_commitment(
                "Solved in a day", item_ids=[activity, Command.create(values)]
            )

        for target in (40, 50):
            low = draft(target)
            with self.assertRefused(UserError, "measured today is 50%"):
                low.action_approval_submit()
        with self.assertRefused(UserError, "measured today is 50%"):
            draft(99).action_approval_submit()
        far = draft(99, "The new hotline doubles our staff")
        far.action_approval_submit()
        self.assertEqual(far.item_ids[1].ambition, "far")
        good = draft(60)
        good.action_approval_submit()
        item = good.item_ids[1]
        self.assertEqual((item.baseline, item.baseline_count, item.ambition), (50, 2, "above"))
        with self.assertRefused(AccessError, "Only the buttons"):
            draft(60).item_ids[1].write({"baseline": 10})
        planned = draft(60)
        planned.action_measure()
        self.assertEqual(planned.item_ids[1].baseline, 50)
        with self.assertRefused(UserError, "locked"):
            good.action_measure()
        forged = (
            self.env["crm.commitment.item"]
            .with_user(self.specialist)
            .create(
                {
                    "commitment_id": draft(60).id,
                    "metric_id": metric.id,
                    "limit": 24,
                    "target": 10,
                    "ambition": "above",
                    "baseline": 1,
                }
            )
        )
        self.assertFalse(forged.ambition)

    @requirement("A4.R4")
    def test_lower_is_better(self):
        item = self.env["crm.commitment.item"].new(
            {"metric_id": self.env.ref("crm_aftersales.metric_solve_hours").id, "target": 8}
        )
        self.assertEqual(item._get_ambition(10), "above")
        self.assertEqual(item._get_ambition(8), "below")
        self.assertEqual(item._get_ambition(40), "far")
        self.assertEqual(item._get_ambition(None), "unknown")
        item.target = 0
        self.assertEqual(item._get_ambition(0), "above", "better than none there is not")
        share = self.env["crm.commitment.item"].new(
            {"metric_id": self.env.ref("crm_aftersales.metric_satisfied_share").id, "target": 100}
        )
        self.assertEqual(share._get_ambition(100), "above")
        share.target = 80
        self.assertEqual(share._get_ambition(100), "below")

    @requirement("A4.R4")
    def test_items_make_sense(self):
        clock = self.env.ref("crm_aftersales.metric_clock_share").id
        limited = self.env.ref("crm_aftersales.metric_solve_share").id
        draft = self._make_commitment("Draft")
        items = self.env["crm.commitment.item"].with_user(self.specialist)
        for values, pattern in (
            ({"metric_id": clock, "target": 90}, "deadline"),
            ({"metric_id": limited, "target": 90}, "hours"),
            ({"metric_id": limited, "target": 190, "limit": 5}, "100 %"),
        ):
            with self.assertRefused(ValidationError, pattern):
                items.create({"commitment_id": draft.id, **values})
        hours = self.env.ref("crm_aftersales.metric_solve_hours").id
        self.assertTrue(
            items.create({"commitment_id": draft.id, "metric_id": hours, "target": 190})
        )
        with self.assertRefused(UserError, "Archive it"):
            draft.item_ids.metric_id.sudo().unlink()

    @requirement("A4.R4")
    def test_a_target_without_a_measure_needs_a_reason(self):
        metric = self.env.ref("crm_aftersales.metric_solve_share")
        activity = self._prepare_commitment_values()["item_ids"][0]
        values = {"metric_id": metric.id, "limit": 24, "target": 60}
        draft = self._make_commitment("Draft", item_ids=[activity, Command.create(values)])
        with self.assertRefused(UserError, "Nothing was measured yet"):
            draft.action_approval_submit()

    @requirement("A4.R5")
    def test_a_ground_is_said_in_words(self):
        ground = Command.create({"kind": "law", "text": "  "})
        with self.assertRefused(ValidationError, "ground in words"):
            self._make_commitment("Draft", ground_ids=[ground])

    @requirement("A4.R6")
    def test_customers_are_told_something(self):
        silent = self._make_commitment("Draft", statement=" ")
        with self.assertRefused(UserError, "what customers are told"):
            silent.action_approval_submit()
        self._make_commitment("Draft", statement=" ", scope="internal").action_approval_submit()

    @requirement("A4.R3", "A4.R5")
    def test_what_is_in_force_is_locked_with_its_lines(self):
        for line in (
            self.commitment.item_ids[0],
            self.commitment.ground_ids[0],
            self.plan.rule_ids[0],
        ):
            with self.assertRefused(UserError, "locked"):
                line.with_user(self.supervisor).unlink()
        with self.assertRefused(UserError, "locked"):
            self.commitment.item_ids[0].target = 10
        with self.assertRefused(UserError, "locked"):
            self.plan.rule_ids[0].amount = 100000
        with self.assertRefused(UserError, "locked"):
            self.env["crm.commitment.ground"].with_user(self.supervisor).create(
                {"commitment_id": self.commitment.id, "kind": "law", "text": "x"}
            )

    # ------------------------------------------------------------------ versions

    @requirement("A4.R3")
    def test_next_version_begins_on_its_day(self):
        old = self.commitment
        new = old.browse(old.action_new_version()["res_id"])
        self.assertEqual(len(new.item_ids), 2)
        self.assertFalse(new.item_ids & old.item_ids)
        for commitment in (old, new):
            with self.assertRefused(UserError, "newer version, or it is a draft"):
                commitment.action_new_version()
        begins = self.today + timedelta(days=10)
        new.date_from = begins
        self._enforce(new)
        self.assertEqual(old.state, "in_force", "until the day before")
        self.assertEqual(old.date_retired, begins - timedelta(days=1))
        self.assertTrue(old.is_current)
        self.assertFalse(new.is_current)
        self.assertIn(old, old.search([("is_current", "=", True)]))
        day = fields.Date.context_today
        with patch.object(fields.Date, "context_today", lambda *a, **k: begins):
            self.env.invalidate_all()
            self.assertNotIn(old, old.search([("is_current", "=", True)]))
            self.assertTrue(new.is_current)
            old.sudo()._retire_ended()
        self.assertNotEqual(day(old), begins)
        self.assertEqual((old.state, old.retired_kind), ("retired", "replaced"))
        self.assertEqual(old.item_ids.mapped("target"), [90, 90], "as it was approved")

    @requirement("A4.R3")
    def test_withdrawn_before_it_began(self):
        new = self.commitment.browse(self.commitment.action_new_version()["res_id"])
        new.date_from = self.today + timedelta(days=10)
        self._enforce(new)
        with self.assertRefused(UserError, "in words"):
            new.with_user(self.manager)._withdraw(" ")
        with self.assertRefused(UserError, "is not in force"):
            self._make_commitment("Draft").with_user(self.manager)._withdraw("x")
        new.with_user(self.manager)._withdraw("Too early")
        self.assertFalse(self.commitment.date_retired)
        self.assertEqual((self.commitment.state, new.state), ("in_force", "retired"))

    @requirement("A4.R3")
    def test_withdrawn_once_it_held(self):
        """What it replaced does not come back."""
        old = self.commitment
        new = old.browse(old.action_new_version()["res_id"])
        begins = self.today + timedelta(days=10)
        new.date_from = begins
        self._enforce(new)
        with patch.object(fields.Date, "context_today", lambda *a, **k: begins):
            self.env.invalidate_all()
            new.with_user(self.manager)._withdraw("Too dear")
            self.assertEqual(old.date_retired, begins - timedelta(days=1))
            self.assertFalse(old.is_current)

    @requirement("A4.R3")
    def test_expired_by_itself(self):
        ending = self._enforce(
            self._make_commitment(
                "Summer", date_from=self.today - timedelta(days=9), date_to=self.today
            )
        )
        draft = self._make_commitment("Never approved", date_to=self.today)
        tomorrow = self.today + timedelta(days=1)
        with patch.object(fields.Date, "context_today", lambda *a, **k: tomorrow):
            ending.sudo()._cron_plan_reviews()
        self.assertEqual((ending.state, ending.retired_kind), ("retired", "expired"))
        self.assertEqual(ending.date_retired, self.today)
        self.assertFalse(ending.retired_by_id, "by itself")
        self.assertEqual(draft.state, "draft")

    @requirement("A4.R3")
    def test_what_holds_today(self):
        commitments = self.env["crm.service.commitment"].with_context(active_test=False)
        own = [("id", "=", self.commitment.id), ("is_current", "=", True)]
        yesterday = self.today - timedelta(days=1)
        self.commitment.sudo().date_from = False
        self.assertTrue(commitments.search(own), "without a first day it holds")
        kept = {"active": True, "date_to": False, "date_retired": False, "date_from": yesterday}
        for values in (
            {"active": False},
            {"date_to": yesterday},
            {"date_retired": yesterday},
            {"date_from": self.today + timedelta(days=1)},
        ):
            self.commitment.sudo().write({**kept, **values})
            self.assertFalse(commitments.search(own), values)
        self.commitment.sudo().write({**kept, "date_to": self.today, "date_retired": self.today})
        self.assertTrue(commitments.search(own), "to the end of the day")

    # ------------------------------------------------------------------ conditions

    @requirement("A4.R11")
    def test_conditions_in_words_and_in_figures(self):
        category = self.env.ref("crm_aftersales.case_category_product")
        other = self.env["crm.case.category"].search([("id", "!=", category.id)], limit=1)
        specific = self._make_commitment(
            "Specific",
            extent="specific",
            conditions="Not when wet",
            condition_case_category_ids=[Command.set(category.ids)],
        )
        self.assertIn(category.name, specific.condition_text)
        self.assertIn("Not when wet", specific.condition_text)
        fits = self._make_case(category_id=category.id)
        differs = self._make_case(category_id=other.id)
        domain = specific._get_condition_domain()
        self.assertEqual((fits | differs).filtered_domain(domain), fits)
        grade = self.env["crm.customer.grade"].create({"name": "Gold", "code": "TG"})
        self.customer.with_company(self.company).crm_grade_id = grade
        graded = self._make_commitment(
            "Gold", extent="specific", condition_grade_ids=[Command.set(grade.ids)]
        )
        mine = self._make_case(category_id=other.id)
        stranger = self._make_case(partner_id=self.other_customer.id)
        found = mine.search(
            graded._get_condition_domain() & fields.Domain("id", "in", (mine + stranger).ids)
        )
        self.assertEqual(found, mine)
        graded.extent = "full"
        self.assertTrue(graded._get_condition_domain().is_true(), "the choice is not asked")
        full = self._make_commitment("Full")
        self.assertFalse(full.condition_text)
        self.assertTrue(full._get_condition_domain().is_true())

    @requirement("A4.R11")
    def test_condition_on_products(self):
        goods, others = self.env["product.category"].create([{"name": "Cells"}, {"name": "Wires"}])
        cell, wire = self.env["product.product"].create(
            [{"name": "Cell", "categ_id": goods.id}, {"name": "Wire", "categ_id": others.id}]
        )
        specific = self._make_commitment(
            "Cells", extent="specific", condition_product_category_ids=[Command.set(goods.ids)]
        )
        fits, differs = (self._make_case(product_id=product.id) for product in (cell, wire))
        domain = specific._get_condition_domain()
        self.assertEqual((fits | differs).filtered_domain(domain), fits)
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "order_line": [Command.create({"product_id": product.id})],
                }
                for product in (cell, wire)
            ]
        )
        self.assertEqual(orders.filtered_domain(specific._get_order_domain()), orders[0])
        specific.extent = "full"
        self.assertTrue(specific._get_condition_domain().is_true())
        self.assertTrue(specific._get_order_domain().is_true())

    # ------------------------------------------------------------------ proposals

    @requirement("A4.R3", "A4.R8")
    def test_sales_proposes_and_is_answered(self):
        proposals = self.env["crm.commitment.proposal"].with_user(self.salesman)
        proposal = proposals.create(
            {
                "title": "Answer within one hour",
                "kind": "change",
                "commitment_id": self.commitment.id,
                "text": "One hour",
                "state": "adopted",
                "answer": "Yes",
            }
        )
        self.assertEqual((proposal.state, proposal.answer), ("draft", False))
        self.assertRegex(proposal.name, r"^CNTY/\d{4}/\d+$")
        proposal.action_propose()
        self.assertIn(self.supervisor.partner_id, self._get_notices(proposal).partner_ids)
        for user in (self.salesman, self.specialist):
            with self.assertRefused(AccessError, ""):
                proposal.with_user(user)._adopt("Yes")
        with self.assertRefused(AccessError, "buttons"):
            proposal.state = "adopted"
        with self.assertRefused(UserError, "stays"):
            proposal.text = "Half an hour"
        with self.assertRefused(UserError, "Answer in words"):
            proposal.with_user(self.supervisor)._decline(" ")
        action = proposal.with_user(self.supervisor)._adopt("Good idea")
        draft = self.commitment.browse(action["res_id"])
        self.assertEqual((draft.previous_id, draft.state), (self.commitment, "draft"))
        self.assertEqual((proposal.state, proposal.answer), ("adopted", "Good idea"))
        told = self._get_notices(proposal).filtered(
            lambda m: self.salesman.partner_id in m.partner_ids
        )
        self.assertIn("Good idea", told.body)
        other = proposals.with_user(self.specialist).create({"title": "Mine", "text": "x"})
        self.assertNotIn(other, proposals.search([]))

    @requirement("A4.R3")
    def test_declined_with_a_reason(self):
        proposal = (
            self.env["crm.commitment.proposal"]
            .with_user(self.specialist)
            .create({"title": "New", "text": "Free batteries", "reason": "They ask"})
        )
        proposal.action_propose()
        proposal.with_user(self.supervisor)._decline("Too dear")
        self.assertEqual((proposal.state, proposal.answered_by_id), ("declined", self.supervisor))
        with self.assertRefused(UserError, "does not stand"):
            proposal.with_user(self.supervisor)._adopt("After all")
        with self.assertRefused(UserError, "not deleted"):
            proposal.with_user(self.supervisor).unlink()

    @requirement("A4.R3")
    def test_nobody_answers_what_he_proposed(self):
        proposals = self.env["crm.commitment.proposal"]
        for user, is_refused in ((self.supervisor, True), (self.manager, False)):
            proposal = proposals.with_user(user).create({"title": "Mine", "text": "One hour"})
            proposal.action_propose()
            if is_refused:
                with self.assertRefused(AccessError, "Somebody else answers"):
                    proposal._decline("No")
            else:
                proposal._decline("No, after all")
                self.assertEqual(proposal.state, "declined", "the manager has nobody above")

    @requirement("A4.R3")
    def test_a_proposal_says_what_and_about_what(self):
        proposals = self.env["crm.commitment.proposal"].with_user(self.specialist)
        for values, pattern in (
            ({"text": "  "}, "Write what you propose"),
            ({"text": "x", "kind": "change"}, "Choose the commitment"),
        ):
            with self.assertRefused(UserError, pattern):
                proposals.create({"title": "Mine", **values}).action_propose()

    @requirement("A4.R3")
    def test_who_watches_and_who_heads_hear_of_a_proposal(self):
        self.commitment.sudo().monitor_id = self.third
        proposal = (
            self.env["crm.commitment.proposal"]
            .with_user(self.salesman)
            .create(
                {
                    "title": "Sooner",
                    "text": "One hour",
                    "kind": "change",
                    "commitment_id": self.commitment.id,
                }
            )
        )
        proposal.action_propose()
        told = self._get_notices(proposal).partner_ids
        self.assertEqual(told, (self.third | self.supervisor).partner_id)

    @requirement("A4.R3")
    def test_a_new_one_is_drafted_out_of_a_proposal(self):
        proposal = (
            self.env["crm.commitment.proposal"]
            .with_user(self.salesman)
            .create({"title": "Free cables", "text": "A cable for each", "reason": "They ask"})
        )
        proposal.action_propose()
        for button in ("action_adopt", "action_decline"):
            with self.assertRefused(AccessError, "heads of customer service"):
                getattr(proposal, button)()
        action = proposal.with_user(self.supervisor).action_adopt()
        dialog = self._open_dialog(action, self.supervisor)
        dialog.note = "We try"
        draft = self.commitment.browse(dialog.save().action_apply()["res_id"])
        self.assertEqual((draft.title, draft.statement), ("Free cables", "A cable for each"))
        self.assertEqual((draft.state, draft.company_id), ("draft", proposal.company_id))
        self.assertEqual((draft.ground_ids.kind, draft.ground_ids.text), ("demand", "They ask"))
        self.assertEqual((proposal.state, proposal.draft_id), ("adopted", draft))

    @requirement("A4.R3")
    def test_declined_in_the_dialog(self):
        proposal = (
            self.env["crm.commitment.proposal"]
            .with_user(self.specialist)
            .create({"title": "New", "text": "Free batteries"})
        )
        proposal.action_propose()
        action = proposal.with_user(self.supervisor).action_decline()
        dialog = self._open_dialog(action, self.supervisor)
        dialog.note = "Too dear"
        dialog.save().action_apply()
        self.assertEqual((proposal.state, proposal.answer), ("declined", "Too dear"))

    @requirement("A4.R3")
    def test_the_next_version_in_hand_takes_up_a_change(self):
        """Two people propose to change the same commitment: one draft."""
        drafts = []
        for user in (self.specialist, self.third):
            proposal = (
                self.env["crm.commitment.proposal"]
                .with_user(user)
                .create(
                    {
                        "title": "Sooner",
                        "text": "One hour",
                        "kind": "change",
                        "commitment_id": self.commitment.id,
                    }
                )
            )
            proposal.action_propose()
            action = proposal.with_user(self.supervisor)._adopt("Yes")
            drafts.append(proposal.draft_id.id)
            self.assertEqual(action["res_id"], proposal.draft_id.id)
        self.assertEqual(drafts[0], drafts[1])
        self.assertEqual(self.commitment.next_ids.ids, drafts[:1])

    @requirement("A4.R8")
    def test_proposed_from_a_case(self):
        case = self._breach().case_id.with_user(self.specialist)
        action = case.action_propose_commitment()
        proposal = (
            self.env["crm.commitment.proposal"]
            .with_user(self.specialist)
            .with_context(**action["context"])
            .create({"text": "Longer"})
        )
        self.assertEqual((proposal.case_id, proposal.commitment_id), (case, self.commitment))
        self.assertEqual(self.commitment.proposal_count, 1)

    # ------------------------------------------------------------------ training

    @requirement("A4.R6")
    def test_who_is_not_trained_yet(self):
        self.assertIn(self.specialist, self.commitment.untrained_user_ids)
        training = (
            self.env["crm.commitment.training"]
            .with_user(self.supervisor)
            .create(
                {
                    "name": "What we stand for",
                    "commitment_ids": [Command.set(self.commitment.ids)],
                    "attendee_ids": [Command.set(self.specialist.ids)],
                    "state": "held",
                }
            )
        )
        self.assertEqual(training.state, "draft")
        with self.assertRefused(AccessError, "with its button"):
            training.state = "held"
        with self.assertRefused(UserError, "proof"):
            training.action_confirm()
        training.proof = base64.b64encode(b"signed")
        held = training.date
        for values, pattern in (
            ({"date": fields.Datetime.add(self.now, days=1)}, "after it was held"),
            ({"date": held, "attendee_ids": [Command.clear()]}, "who attended"),
            ({"commitment_ids": [Command.clear()]}, "who attended"),
        ):
            training.write(values)
            with self.assertRefused(UserError, pattern):
                training.action_confirm()
            training.attendee_ids = self.specialist
        training.commitment_ids = self.commitment
        training.action_confirm()
        self.assertEqual(training.confirmed_by_id, self.supervisor)
        with self.assertRefused(UserError, "confirmed before"):
            training.action_confirm()
        self.env.invalidate_all()
        self.assertNotIn(self.specialist, self.commitment.untrained_user_ids)
        self.assertIn(self.supervisor, self.commitment.untrained_user_ids)
        self.assertEqual(self.commitment.training_ids, training)
        with self.assertRefused(UserError, "stays"):
            training.attendee_ids = [Command.link(self.supervisor.id)]
        with self.assertRefused(UserError, "record"):
            training.unlink()
        with self.assertRefused(AccessError, ""):
            training.with_user(self.specialist).action_confirm()
        new = self.commitment.browse(self.commitment.action_new_version()["res_id"])
        self._enforce(new)
        self.assertIn(self.specialist, new.untrained_user_ids, "the new version is new to him")

    # ------------------------------------------------------------------ evaluated again

    @requirement("A4.R4", "A4.R7")
    def test_evaluated_at_intervals(self):
        due = fields.Date.add(self.commitment.date_from, months=6)
        self.assertEqual(self.commitment.date_review, due)
        other = self.commitment.sudo().activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.manager.id
        )
        with patch.object(fields.Date, "context_today", lambda *a, **k: due):
            self.env.invalidate_all()
            for _twice in range(2):
                self.commitment.sudo()._cron_plan_reviews()
        other.unlink()
        self.assertEqual(self.commitment.activity_ids.user_id, self.supervisor)
        self.assertEqual(len(self.commitment.activity_ids), 1)
        with self.assertRefused(AccessError, "watches over"):
            self.commitment.with_user(self.specialist)._review("keep", "Fine")
        watched = self.commitment.with_user(self.supervisor)
        with self.assertRefused(UserError, "in words"):
            watched._review("keep", "")
        action = watched._review("raise", "We can do better")
        new = watched.browse(action["res_id"])
        self.assertEqual(new.previous_id, self.commitment)
        review = self.commitment.review_ids
        self.assertEqual((review.outcome, review.user_id), ("raise", self.supervisor))
        self.assertFalse(self.commitment.activity_ids)
        with self.assertRefused(AccessError, "retired by"):
            watched._review("withdraw", "No more")
        self.commitment.with_user(self.manager)._review("withdraw", "No more")
        self.assertEqual(self.commitment.state, "retired")
        for change in (lambda: review.sudo().write({"assessment": "x"}), review.sudo().unlink):
            with self.assertRefused(UserError, "stays as it was written"):
                change()
        with self.assertRefused(AccessError, "Press “Evaluate”"):
            self.env["crm.commitment.review"].with_user(self.manager).create({})
        with self.assertRefused(UserError, "not in force"):
            watched.action_review()
        for step in (watched.action_review, lambda: watched._review("keep", "x")):
            with self.assertRefused(UserError, "not in force"):
                step()

    @requirement("A4.R4")
    def test_evaluated_in_the_dialog(self):
        with self.assertRefused(AccessError, "watches over"):
            self.commitment.with_user(self.specialist).action_review()
        self.commitment.sudo().write({"monitor_id": self.third.id, "date_review": self.today})
        action = self.commitment.with_user(self.third).action_review()
        dialog = self._open_dialog(action, self.third)
        dialog.note = "Kept well"
        dialog.save().action_apply()
        review = self.commitment.review_ids
        self.assertEqual((review.outcome, review.assessment), ("keep", "Kept well"))
        self.assertEqual(review.date_due, self.today)
        again = fields.Date.add(review.date, months=6)
        self.assertEqual(self.commitment.date_review, again, "not before")
        self.assertEqual(self.commitment.state, "in_force")

    @requirement("A4.R7")
    def test_what_belongs_to_it_is_opened(self):
        """With its earlier versions, and nothing of other commitments."""
        new = self.commitment.browse(self.commitment.action_new_version()["res_id"])
        self._enforce(new)
        other = self._enforce(self._make_commitment("Other"))
        reports = self.env["crm.commitment.report"].with_user(self.specialist)
        proposals = self.env["crm.commitment.proposal"].with_user(self.specialist)
        own = []
        for commitment in (self.commitment, new, other):
            values = {"commitment_id": commitment.id, "text": "x"}
            own.append((reports.create(values), proposals.create({**values, "title": "x"})))
        for index, name in enumerate(("reports", "proposals")):
            domain = getattr(new, f"action_open_{name}")()["domain"]
            found = own[0][index] | own[1][index] | own[2][index]
            self.assertEqual(found.filtered_domain(domain), own[0][index] | own[1][index])
        item = new.item_ids[0]
        months = self.env["crm.commitment.fulfilment"].sudo()
        rows = months.create(
            [
                months._prepare_values(line, self.today.replace(day=1), 95, 3)
                for line in new.item_ids
            ]
        )
        self.assertEqual(rows.filtered_domain(item.action_open_fulfilment()["domain"]), rows[0])
        self.assertEqual(rows.filtered_domain(new.action_open_fulfilment()["domain"]), rows)
        self.assertFalse(rows.filtered_domain(other.action_open_fulfilment()["domain"]))

    @requirement("A4.R7")
    def test_staff_report_to_whoever_watches(self):
        report = (
            self.env["crm.commitment.report"]
            .with_user(self.specialist)
            .create(
                {
                    "commitment_id": self.commitment.id,
                    "text": "Kept but for Monday",
                    "user_id": self.third.id,
                    "date_read": self.now,
                }
            )
        )
        self.assertEqual((report.user_id, report.date_read), (self.specialist, False))
        told = self._get_notices(self.commitment)
        self.assertEqual(told.partner_ids, self.supervisor.partner_id)
        with self.assertRefused(AccessError, "watches over"):
            report.with_user(self.third).action_read()
        with self.assertRefused(AccessError, ""):
            report.with_user(self.third).text = "x"
        with self.assertRefused(ValidationError, "not on what will be"):
            report.month = self.today + timedelta(days=40)
        with self.assertRefused(UserError, "noted by the system"):
            report.date_read = self.now
        report.with_user(self.supervisor).action_read()
        first = report.date_read
        with freeze_time(first + timedelta(hours=1)):
            report.with_user(self.manager).action_read()
        self.assertEqual((report.date_read, report.read_by_id), (first, self.supervisor))
        with self.assertRefused(UserError, "was read"):
            report.text = "x"
        with self.assertRefused(UserError, "was read"):
            report.sudo().unlink()
        self.assertEqual(self.commitment.report_count, 1)
