from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_service_base.tools.periods import period_of

from .quality_common import QualityCommon
from .test_feedback import TYPED


@requirement("A4.R8")
class TestServiceReview(QualityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.period = period_of("quarterly", cls.today)

    def _review(self, user=None, **values):
        return (
            self.env["crm.service.review"]
            .with_user(user or self.supervisor)
            .create(
                {
                    "subject_id": self.worker.id,
                    "date_from": self.period[0],
                    "date_to": self.period[1],
                    **values,
                }
            )
        )

    def _deadline(self, case, hours, **values):
        """A deadline of now, kept by so many hours, or missed."""
        return self.env["crm.deadline.clock"].create(
            {
                "case_id": case.id,
                "company_id": self.company.id,
                "target": "solve",
                "state": "met",
                "date_start": self._hours_ago(50),
                "date_deadline": self.now,
                "date_met": fields.Datetime.subtract(self.now, hours=hours),
                **values,
            }
        )

    def _serve(self):
        """Two more solved cases, a callback, feedback and a survey about the worker."""
        late = self._solved()
        self.env["crm.deadline.clock"].search([("case_id.user_id", "=", self.worker.id)]).unlink()
        for case, hours in ((self.case, 1), (late, -1)):
            self._deadline(case, hours)
        self._called_back(late, self.now)
        self._solved(self.specialist)
        for values in (TYPED, {**TYPED, "overall": "poor", "is_rude": True}):
            feedback = self._feedback()
            feedback.write(values)
            feedback.action_answer()
        self._answer(self._survey(), [5, 5, 5, 2, 5, 5])

    def test_figures_are_measured(self):
        self._serve()
        review = self._review()
        expected = {
            "case_count": 2,
            "deadline_count": 2,
            "deadline_kept_count": 1,
            "deadline_rate": 50,
            "callback_count": 1,
            "callback_satisfied_count": 1,
            "satisfied_rate": 100,
            "feedback_count": 2,
            "feedback_score": 2,
            "feedback_good_count": 1,
            "feedback_serious_count": 1,
            "survey_count": 6,
            "survey_score": 4.5,
            "complaint_count": 1,
        }
        self.assertEqual({name: review[name] for name in expected}, expected)
        complaint = self.env["crm.service.case"].search(
            [("complained_user_id", "=", self.worker.id)]
        )
        complaint._judge("invalid", "Somebody else")
        review.action_measure()
        self.assertEqual(review.complaint_count, 0)
        past = self._review(
            date_from=self.period[0] - timedelta(days=30),
            date_to=self.period[0] - timedelta(days=1),
        )
        self.assertEqual((past.case_count, past.survey_count), (0, 0))
        after = self._review(
            date_from=self.period[1] + timedelta(days=1),
            date_to=self.period[1] + timedelta(days=30),
        )
        self.assertEqual((after.case_count, after.survey_count, after.feedback_count), (0, 0, 0))
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        facts = review._get_quality_facts(self.worker, elsewhere, *self.period)
        self.assertFalse(any(facts[self.worker.id].values()), "another company's work")

    def test_figures_are_never_typed(self):
        review = self._review(case_count=99, feedback_score=4, deadline_rate=7)
        self.assertEqual((review.case_count, review.feedback_score), (1, 0))
        self.assertNotEqual(review.deadline_rate, 7)
        with self.assertRefused(AccessError, ""):
            review.case_count = 99
        with self.assertRefused(AccessError, ""):
            review.with_user(self.manager).date_acknowledged = self.now

    def _compare(self):
        """:return: ``(part, whole)`` of deadlines and callbacks, in reviews as in appraisals"""
        self.env.flush_all()
        review = self._review(active=False)
        report_type = self.env["crm.appraisal"]._get_evaluation_type(self.company)
        facts = report_type._get_staff_facts(self.company, *self.period)[self.worker.id]
        measured = {
            "clock": (review.deadline_kept_count, review.deadline_count),
            "callback": (review.callback_satisfied_count, review.callback_count),
        }
        self.assertEqual({name: facts.get(name, (0, 0)) for name in measured}, measured)
        return measured

    @requirement("D8.R2")
    def test_figures_are_those_of_appraisals(self):
        """Over old records, cancelled and invalid cases, deadlines of all kinds, callbacks again
        and again."""
        clocks = self.env["crm.deadline.clock"]
        clocks.search([("case_id.company_id", "=", self.company.id)]).unlink()
        self.assertEqual(self._compare(), {"clock": (0, 0), "callback": (0, 0)})
        self._deadline(self.case, 2)
        self._deadline(self.case, -3, target="acknowledge")
        running = {"state": "running", "date_met": False}
        self._deadline(self.case, 0, **running, target="report")
        self._deadline(
            self.case,
            0,
            **running,
            target="progress",
            date_deadline=fields.Datetime.add(self.now, hours=2),
        )
        replaced = {"state": "stopped", "reason": "replaced", "date_met": False}
        self._deadline(self.case, 0, **replaced, date_stopped=self._hours_ago(-1))
        self._called_back(self.case, self._hours_ago(2), is_bad=True)
        self._called_back(self.case, self._hours_ago(1))
        counted = self._compare()
        # the one that runs falls due now: missed as soon as a moment passed
        self.assertEqual(counted["clock"][0], 1)
        self.assertEqual(counted["callback"], (1, 2), "the bad one is not wiped out")
        for values in ({"is_history": True}, {"active": False}):
            case = self._solved()
            clocks.search([("case_id", "=", case.id)]).unlink()
            case.sudo().write(values)
            self._deadline(case, -1)
            self._called_back(case, self.now, is_bad=True)
        self.assertEqual(self._compare(), counted)
        cancelled = self._solved()
        clocks.search([("case_id", "=", cancelled.id)]).unlink()
        cancelled.sudo().state = "cancelled"
        self._called_back(cancelled, self.now)
        self.assertEqual(self._compare(), counted)
        foreign = self._solved(self.specialist)
        self._deadline(foreign, -1)
        self._called_back(foreign, self.now, is_bad=True)
        unsent = self._called_back(self.case, self.now)
        unsent.sudo().state = "done"
        self.assertEqual(self._compare(), counted)
        self._deadline(cancelled, 1)
        kept, due = counted["clock"]
        self.assertEqual(self._compare()["clock"], (kept + 1, due + 1), "kept before it ended")

    def test_facts_for_appraisals(self):
        self._serve()
        users = self.worker + self.specialist
        facts = self.env["crm.service.review"]._get_quality_facts(users, self.company, *self.period)
        self.assertEqual(facts[self.worker.id]["case_count"], 2)
        self.assertEqual(facts[self.specialist.id]["case_count"], 1)
        self.assertEqual(facts[self.specialist.id]["complaint_count"], 0)

    def test_its_way(self):
        review = self._review()
        own = review.with_user(self.worker)
        self.assertFalse(own.search([("id", "=", review.id)]))
        with self.assertRefused(UserError, "verdict"):
            review.action_show()
        review.write({"verdict": "good", "strengths": "Quick", "plan": "Visit the factory"})
        review.action_show()
        self.assertEqual(own.search([("id", "=", review.id)]), own)
        self.assertEqual(own.activity_ids.user_id, self.worker)
        with self.assertRefused(UserError, "take it back"):
            review.strengths = "Slow"
        with self.assertRefused(UserError, "not been read"):
            review.action_approval_submit()
        for values in ({"verdict": "excellent"}, {"active": False}, {"user_id": self.worker.id}):
            with self.assertRefused(AccessError, ""):
                own.write(values)
        with self.assertRefused(AccessError, "Only the person"):
            review.staff_comment = "I agree"
        own.staff_comment = "The cases were hard"
        own.action_acknowledge()
        with self.assertRefused(UserError, "not with you"):
            own.staff_comment = "Something else"
        with self.assertRefused(AccessError, "own review"):
            own.action_approval_submit()
        review.action_approval_submit()
        self.assertEqual(review.state, "submitted")
        review.with_user(self.manager).action_approval_approve()
        self.assertEqual((review.state, own.state), ("approved", "approved"))
        with self.assertRefused(UserError, "locked"):
            review.with_user(self.manager).plan = "x"

    def test_each_step_has_its_time(self):
        review = self._review()
        own = review.with_user(self.worker)
        with self.assertRefused(UserError, "cannot be submitted"):
            review.action_approval_submit()
        with self.assertRefused(UserError, "“Draft”: that cannot be done now"):
            review.action_take_back()
        review.verdict = "good"
        with self.assertRefused(UserError, "say why"):
            review.action_show()
        review.shortcomings = "Late"
        self._solved()
        review.action_show()
        self.assertEqual(review.case_count, 2, "what is shown is measured that day")
        for step in ("action_show", "action_measure"):
            with self.assertRefused(UserError, "“With the Person”: that cannot be done now"):
                getattr(review, step)()
        with self.assertRefused(AccessError, "Only the person reviewed does this"):
            review.action_acknowledge()
        own.action_acknowledge()
        self.assertEqual(review.activity_ids.user_id, self.supervisor, "to submit it")
        review.action_take_back()
        self.assertFalse(review.activity_ids, "nobody is asked to read or submit it")
        review.with_user(self.manager).shortcomings = "Late"
        review.action_show()
        own.action_acknowledge()
        review.action_approval_submit()
        with self.assertRefused(UserError, "that cannot be done now"):
            own.action_acknowledge()

    def test_put_away_while_it_is_shown(self):
        review = self._review()
        review.write({"verdict": "good", "strengths": "Quick"})
        review.action_show()
        review.active = False
        self.assertFalse(review.active)

    def test_nobody_else_writes_it(self):
        review = self._review()
        stranger = self._new_user("test_stranger_head", "supervisor")
        stranger.group_ids += self.env.ref("crm_service_base.group_director")
        with self.assertRefused(AccessError, ""):
            review.with_user(stranger).plan = "x"
        with self.assertRefused(AccessError, "head of their department"):
            review.with_user(stranger)._check_review_write({"plan": "x"})

    def test_measured_anew_for_another_period(self):
        review = self._review()
        self.assertEqual(review.case_count, 1)
        review.write({"date_from": self.period[0] - timedelta(days=9), "date_to": self.period[0]})
        expected = int(self.case.date_solved.date() <= self.period[0])
        self.assertEqual(review.case_count, expected)

    def test_what_is_not_counted(self):
        """Old records, cancelled complaints, clocks that ran without a deadline."""
        self._solved().sudo().is_history = True
        self._make_complaint(
            self.specialist, complained_user_id=self.worker.id
        ).sudo().state = "cancelled"
        self._make_case(self.specialist, complained_user_id=self.worker.id)
        self.env["crm.deadline.clock"].create(
            {
                "case_id": self.case.id,
                "company_id": self.company.id,
                "target": "solve",
                "state": "met",
                "date_start": self._hours_ago(5),
                "date_met": self.now,
            }
        )
        review = self._review()
        self.assertEqual((review.case_count, review.complaint_count), (1, 0))
        timed = self.case.clock_ids.filtered(lambda c: c.date_deadline and c.state == "met")
        self.assertEqual(review.deadline_count, len(timed), "those with a deadline")
        self.assertLess(len(timed), len(self.case.clock_ids))
        action = review.action_open_records()
        found = self.env["crm.service.case"].search(action["domain"])
        self.assertIn(self.case, found)
        self.assertEqual(found.user_id, self.worker)

    def test_without_an_answer(self):
        review = self._review()
        review.write({"verdict": "good", "strengths": "Quick"})
        review.action_show()
        with freeze_time(fields.Datetime.now() + timedelta(days=6)):
            review.action_approval_submit()
        self.assertEqual(review.state, "submitted")

    def test_taken_back(self):
        review = self._review()
        review.write({"verdict": "good", "strengths": "Quick"})
        review.action_show()
        own = review.with_user(self.worker)
        own.staff_comment = "Yes"
        own.action_acknowledge()
        review.action_take_back()
        review.verdict = "fair"
        review.action_show()
        self.assertFalse(review.date_acknowledged or review.staff_comment)

    def test_who_reviews_whom(self):
        with self.assertRefused(AccessError, ""):
            self._review(subject_id=self.supervisor.id)
        with self.assertRefused(AccessError, "own review"):
            self._review(user_id=self.worker.id)
        with self.assertRefused(AccessError, ""):
            self._review(user=self.specialist)
        stranger = self._new_user("test_other_head", "supervisor")
        with self.assertRefused(AccessError, "head of their department"):
            self._review(user=stranger)
        review = self._review()
        for user in (self.specialist, stranger, self.worker, self.plain_user):
            self.assertFalse(
                self.env["crm.service.review"].with_user(user).search([("id", "=", review.id)])
            )
        self.assertTrue(review.with_user(self.manager).has_access("write"))
        with self.assertRefused(AccessError, "own review"):
            review.subject_id = self.supervisor

    def test_drafts_come_by_themselves(self):
        self.env["res.company"].search([]).crm_review_interval = False
        self.company.crm_review_interval = "quarterly"
        gone = self._new_user("test_gone", "specialist")
        self.department.member_ids = [Command.set((self.worker + gone + self.plain_user).ids)]
        reviews = self.env["crm.service.review"]
        for days in ((date(2026, 1, 1), date(2026, 1, 31)), (date(2026, 3, 1), date(2026, 3, 31))):
            monthly = {"date_from": days[0], "date_to": days[1], "interval": "monthly"}
            self._review(**monthly)  # of another period
        with freeze_time("2026-02-03 03:00:00"):
            self._solved()
            self._solved(self.supervisor)
            self._solved(gone)
            self._solved().sudo().user_id = self.plain_user
        gone.active = False
        idle = self._new_user("test_idle", "specialist")
        self.department.member_ids += idle
        with freeze_time("2026-04-03 03:00:00"):
            reviews._cron_draft()
            reviews._cron_draft()
        found = reviews.search(
            [("department_id", "=", self.department.id), ("interval", "=", "quarterly")]
        )
        self.assertEqual(found.subject_id, self.worker)
        self.assertEqual((found.user_id, found.case_count), (self.supervisor, 1))
        self.assertEqual((found.date_from, found.date_to), (date(2026, 1, 1), date(2026, 3, 31)))
        parent = self.env["crm.service.department"].create(
            {"name": "Headquarters", "head_id": self.manager.id, "company_id": self.company.id}
        )
        self.department.parent_id = parent
        with freeze_time("2026-04-04 03:00:00"):
            reviews._cron_draft()
        found = reviews.search([("subject_id", "=", self.supervisor.id)])
        self.assertEqual(found.user_id, self.manager)

    def test_a_person_does_not_remove_the_own_complaint(self):
        complaint = self._make_complaint(self.worker, complained_user_id=self.worker.id)
        with self.assertRefused(AccessError, "whom a complaint"):
            complaint.complained_user_id = False
        complaint.with_user(self.supervisor).complained_user_id = self.specialist

    def test_means_leave_out_who_was_not_rated(self):
        """Two answered, one waits; one person had no deadline in the month."""
        for overall in ("excellent", "fair", None):
            feedback = self._feedback()
            if overall:
                feedback.sudo().write({"overall": overall})
        domain = [("service_user_id", "=", feedback.service_user_id.id)]
        (mean,) = self.env["crm.service.feedback"]._read_group(domain, [], ["score:avg"])[0]
        self.assertEqual(mean, 3.0)
        reviews = self.env["crm.service.review"].sudo()
        for timed, in_time in ((4, 3), (0, 0)):
            subject = self.specialist if reviews else self.worker
            reviews |= self._review(subject_id=subject.id).sudo()
            reviews[-1].write({"deadline_count": timed, "deadline_kept_count": in_time})
        (mean,) = reviews._read_group([("id", "in", reviews.ids)], [], ["deadline_rate:avg"])[0]
        self.assertEqual(mean, 75.0)
