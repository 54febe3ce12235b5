from datetime import timedelta

from odoo.addons.crm_service_base.tests.common import requirement

from .quality_common import QualityCommon
from .test_feedback import TYPED


@requirement("C3.R14")
class TestMeans(QualityCommon):
    """A mean of nothing is empty: nobody reads that customers gave no points."""

    def _means(self, model, groupby, field, domain=()):
        """What pivots and grouped lists show."""
        self.env.flush_all()
        groups = self.env[model].formatted_read_group(
            [("company_id", "=", self.company.id), *domain], [groupby], [f"{field}:avg"]
        )
        return {
            (value[0] if isinstance(value := group[groupby], tuple) else value): group[
                f"{field}:avg"
            ]
            for group in groups
        }

    @requirement("A3.F5")
    def test_feedback_that_is_not_answered(self):
        answered, _open = self._feedback(), self._feedback()
        answered.write(TYPED)
        answered.action_answer()
        other = self._solved(self.specialist)
        self._feedback(case_id=other.id)
        means = self._means("crm.service.feedback", "service_user_id", "score")
        self.assertEqual(means[self.worker.id], answered.score, "the open one is no zero")
        self.assertGreater(answered.score, 0)
        self.assertIn(means[self.specialist.id], (None, False), "nobody answered")
        self.assertIsNot(means[self.specialist.id], 0)

    @requirement("A3.F6")
    def test_surveys_that_are_not_answered(self):
        self._answer(self._survey(), [5, 5, 5, 2, 5, 5])
        self._survey()
        other = self.env.ref("crm_aftersales.survey_topic_after_sales").copy({"name": "Other"})
        self._survey(topic_id=other.id)
        means = self._means("crm.service.survey", "topic_id", "score")
        self.assertEqual(means[self.topic.id], 4.5)
        self.assertIsNone(means[other.id] or None)
        self.assertIsNot(means[other.id], 0.0)

    @requirement("A4.R8")
    def test_reviews_of_whom_nothing_is_known(self):
        reviews = self.env["crm.service.review"].with_user(self.supervisor)
        first = self.today.replace(day=1) - timedelta(days=900)
        for days in (0, 40):
            reviews.create(
                {
                    "subject_id": self.worker.id,
                    "date_from": first + timedelta(days=days),
                    "date_to": first + timedelta(days=days + 20),
                }
            )
        for name in ("deadline_rate", "satisfied_rate", "feedback_score", "survey_score"):
            means = self._means("crm.service.review", "subject_id", name)
            self.assertIn(means[self.worker.id], (None, False), name)
        known = self.env["crm.service.review"].search([], limit=1)
        known.sudo().write({"deadline_count": 2, "deadline_kept_count": 0})
        means = self._means("crm.service.review", "subject_id", "deadline_rate")
        self.assertIs(type(means[self.worker.id]), float, "none kept of two is zero, not nothing")
        self.assertEqual(means[self.worker.id], 0)

    @requirement("C2.R15")
    def test_orders_that_nobody_arrived_for(self):
        orders = self.env["crm.service.order"].create(
            [{"partner_id": self.customer.id, "kind": "trial"} for _i in range(3)]
        )
        done = orders[0].sudo()
        done.date_arrived = done.date_accepted + timedelta(hours=6)
        means = self._means("crm.service.order", "kind", "hours_to_wait")
        self.assertEqual(means["trial"], 6)
        means = self._means("crm.service.order", "kind", "hours_to_repair")
        self.assertIn(means["trial"], (None, False))
