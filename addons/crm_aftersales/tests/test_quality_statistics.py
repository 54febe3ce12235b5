from collections import Counter
from datetime import timedelta

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_service_base.tools.periods import period_of

from .quality_common import QualityCommon
from .test_feedback import TYPED


@requirement("C3.R14")
class TestQualityStatistics(QualityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.training = cls.env.ref("crm_aftersales.survey_topic_training")
        cls.given = [
            (cls.topic, "phone", [5, 4, 3, 2, 1, 5]),
            (cls.topic, "portal", [5, 5, 4, 4, 4, 3]),
            (cls.training, "phone", [1, 2, 3, 3, 5]),
        ]
        for topic, channel, grades in cls.given:
            survey = cls._survey(topic_id=topic.id, channel=channel)
            if channel == "portal":
                survey.action_ask()
            cls._answer(survey, grades, cls.specialist if channel == "phone" else None)
        waiting = cls._survey(channel="portal")
        waiting.action_ask()
        stale = cls._survey()
        cls._answer(stale, [1] * 6, cls.specialist)
        stale.sudo().date_answered -= timedelta(days=400)
        cls.type = cls.env.ref("crm_aftersales.statistics_type_service_survey")
        cls.type.date_start = "2020-01-01"
        cls.period = period_of("quarterly", cls.today)

    def _tables(self, report_type=None):
        report = (report_type or self.type)._generate(self.company, *self.period)
        return {item["key"]: item for item in report.data["tables"]}

    def test_equal_to_plain_counting(self):
        tables = self._tables()
        for key, name in (("by_topic_id", lambda t, c: t.name), ("by_channel", lambda t, c: c)):
            expected = {}
            for topic, channel, grades in self.given:
                expected.setdefault(name(topic, channel), []).extend(grades)
            labels = dict(self.env["crm.service.survey"]._selection_channel())
            rows = {row[0]: row[1:] for row in tables[key]["rows"]}
            self.assertEqual(len(rows), len(expected))
            for group, grades in expected.items():
                counts = Counter(grades)
                shares = [round(100 * counts[grade] / len(grades), 1) for grade in range(5, 0, -1)]
                self.assertEqual(
                    rows[labels.get(group, group)],
                    [len(grades), *shares, round(sum(grades) / len(grades), 2)],
                )

    def test_items_and_persons(self):
        tables = self._tables()
        items = {row[0]: row for row in tables["by_item"]["rows"]}
        self.assertEqual(len(items), 11)
        self.assertEqual(items["Ease of reaching us"][1:3], [2, 100.0])
        self.assertEqual(items["Ease of reaching us"][-1], 5)
        self.assertEqual(items["Content"][-1], 1)
        (person,) = tables["by_service_user_id"]["rows"]
        everything = [grade for _topic, _channel, grades in self.given for grade in grades]
        self.assertEqual(person[0], self.worker.name)
        self.assertEqual(person[-1], round(sum(everything) / len(everything), 2))
        (service,) = tables["by_category_id"]["rows"]
        self.assertEqual(service[0], self.category.name)

    def test_totals_and_follow_up(self):
        tables = self._tables()
        values = [row[2] for row in tables["totals"]["rows"]]
        # the one of last year was asked now and answered then, as far as the dates say
        self.assertEqual(values[:5], [5, 4, 80.0, 3, 2])
        self.assertAlmostEqual(values[5], round(59 / 17, 2), 2)
        numbers = [row[0] for row in tables["dissatisfied"]["rows"]]
        self.assertEqual(len(numbers), 2)
        self.assertTrue(all(row[6] for row in tables["dissatisfied"]["rows"]))

    def test_frozen(self):
        before = self._tables()
        self._answer(self._survey(), [1] * 6, self.specialist)
        self.assertEqual(self._tables(), before)

    def test_other_companies_do_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        tables = {
            item["key"]: item for item in self.type._generate(other, *self.period).data["tables"]
        }
        self.assertFalse(tables["by_topic_id"]["rows"])
        self.assertEqual(tables["totals"]["rows"][0][2], 0)

    @requirement("A3.F5")
    def test_feedback_by_person(self):
        for overall, rude in (("excellent", False), ("good", False), ("poor", True)):
            feedback = self._feedback()
            feedback.write({**TYPED, "overall": overall, "is_rude": rude})
            feedback.action_answer()
        report_type = self.env.ref("crm_aftersales.statistics_type_service_feedback")
        (row,) = self._tables(report_type)["feedback"]["rows"]
        self.assertEqual(
            row,
            [self.worker.name, 3, 1, 1, 0, 1, 66.7, 2.67, 100.0, 0, 1, 0, 1],
        )

    def test_pivot(self):
        lines = self.env["crm.service.survey.line"].with_user(self.supervisor)
        groups = lines.formatted_read_group(
            [("topic_id", "=", self.training.id)], ["grade"], ["__count", "score:avg"]
        )
        counts = {group["grade"]: group["__count"] for group in groups}
        self.assertEqual(counts, {"1": 1, "2": 1, "3": 2, "5": 1})

    def test_another_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._new_user("test_foreign", "manager")
        stranger.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        for model in (
            "crm.service.survey",
            "crm.service.survey.line",
            "crm.service.feedback",
            "crm.service.survey.campaign",
            "crm.service.review",
        ):
            self.assertFalse(self.env[model].with_user(stranger).search([]), model)
