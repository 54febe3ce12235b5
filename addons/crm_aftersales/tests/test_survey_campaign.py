from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command

from odoo.addons.crm_service_base.tests.common import requirement

from .quality_common import QualityCommon


@requirement("C3.R14")
class TestSurveyCampaign(QualityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.env["res.partner"].create(
            [
                cls._prepare_customer_values(f"Shop {i}", email=f"shop{i}@example.com")
                for i in range(6)
            ]
        )
        cls.surveys = cls.env["crm.service.survey"]

    def _campaign(self, user=None, **values):
        return (
            self.env["crm.service.survey.campaign"]
            .with_user(user or self.supervisor)
            .create(
                {
                    "title": "After-sales of the spring",
                    "topic_id": self.topic.id,
                    "rule": "all",
                    "partner_ids": [Command.set(self.customers.ids)],
                    **values,
                }
            )
        )

    def _mails(self):
        return self.env["mail.mail"].search([("email_to", "ilike", "@example.com")])

    def test_asked_by_mail_and_counted(self):
        campaign = self._campaign()
        self.assertEqual(campaign.target_count, 6)
        campaign.action_start()
        self.assertEqual((campaign.state, campaign.survey_count), ("running", 6))
        self.assertFalse(self._mails())
        self.env["crm.service.survey.campaign"]._cron_ask()
        self.assertEqual(len(self._mails()), 6)
        self.env["crm.service.survey.campaign"]._cron_ask()
        self.assertEqual(len(self._mails()), 6)
        links = {survey.access_token for survey in campaign.sudo().survey_ids}
        self.assertEqual(len(links), 6)
        self._answer(campaign.survey_ids[0], [5] * 6)
        self._answer(campaign.survey_ids[1], [5, 5, 1, 5, 5, 5])
        self.assertEqual((campaign.asked_count, campaign.answered_count), (6, 2))
        self.assertAlmostEqual(campaign.response_rate, 100 / 3, 1)
        self.assertEqual(campaign.dissatisfied_count, 1)
        self._survey()
        surveys = self.surveys.with_user(self.supervisor)
        opened = surveys.search(campaign.action_open_surveys()["domain"])
        self.assertEqual(opened, campaign.survey_ids)
        sad = surveys.search(campaign.action_open_dissatisfied()["domain"])
        self.assertEqual(sad, campaign.survey_ids[1])
        lines = self.env["crm.service.survey.line"].with_user(self.supervisor)
        answered = lines.search(campaign.action_open_statistics()["domain"])
        self.assertEqual(len(answered), 12)
        self.assertAlmostEqual(campaign.score, 56 / 12, 2)

    def test_a_killed_run_goes_on(self):
        """What the run committed stays, what it was at is undone, the next run does the rest."""
        campaign = self._campaign()
        campaign.action_start()
        self._commit()
        sent = []
        send = self.registry["crm.service.survey"]._send_link

        def die(survey, **kwargs):
            send(survey, **kwargs)
            sent.append(survey.id)
            if len(sent) == 3:
                raise KeyboardInterrupt

        cron = self.env["crm.service.survey.campaign"]._cron_ask
        model = self.registry["crm.service.survey"]
        # assertRaises would undo what was committed
        with patch.object(model, "_send_link", die), suppress(KeyboardInterrupt):
            cron()
        self.assertEqual(len(sent), 3)
        self.env.cr.execute("ROLLBACK TO SAVEPOINT committed")
        self.env.transaction.clear()
        self.assertEqual(campaign.survey_ids.mapped("state").count("asked"), 2)
        self.assertEqual(len(self._mails()), 2)
        cron()
        self.assertEqual(set(campaign.survey_ids.mapped("state")), {"asked"})
        self.assertEqual(len(self._mails()), 6)

    def test_sample_and_lot(self):
        campaign = self._campaign(sample_size=3, per_day=2)
        campaign.action_start()
        self.assertEqual(len(campaign.survey_ids), 3)
        days = sorted(campaign.survey_ids.mapped("date_planned"))
        self.assertEqual(days, [self.today, self.today, self.today + timedelta(days=1)])
        campaign.action_draw_more()
        self.assertEqual(len(campaign.survey_ids), 3)
        self.env["crm.service.survey.campaign"]._cron_ask()
        self.assertEqual(campaign.survey_ids.mapped("state").count("asked"), 2)

    def test_fatigue(self):
        first = self._campaign(partner_ids=[Command.set(self.customers[:4].ids)])
        first.action_start()
        second = self._campaign()
        self.assertEqual(second.target_count, 2)
        self.env["crm.service.survey.campaign"]._cron_ask()
        self.assertEqual(self._campaign().target_count, 2)
        with freeze_time(fields.Datetime.now() + timedelta(days=91)):
            self.assertEqual(self._campaign().target_count, 6)
        self.assertEqual(self._campaign(fatigue_days=0).target_count, 6)
        third = self._campaign(partner_ids=[Command.set(self.customers[:4].ids)])
        with self.assertRefused(UserError, "finds nobody"):
            third.action_start()

    def test_rules(self):
        served = self._campaign(rule="served", partner_ids=False, channel="phone")
        self.assertEqual(served._get_targets(), self.customer)
        served.action_start()
        survey = served.survey_ids
        self.assertEqual((survey.case_id, survey.service_user_id), (self.case, self.worker))
        installed = self._campaign(rule="installed", partner_ids=False)
        self.assertFalse(installed._get_targets())
        self.env["crm.device"].create(
            {
                "name": "SN-1",
                "product_id": self.env["product.product"].create({"name": "GPS"}).id,
                "partner_id": self.customers[0].id,
                "date_installed": self.today - timedelta(days=89),
            }
        )
        self.assertEqual(installed._get_targets(), self.customers[0])
        installed.days = 30
        self.assertFalse(installed._get_targets())
        order = self.env["sale.order"].create({"partner_id": self.customers[1].id})
        ordered = self._campaign(rule="ordered", partner_ids=False)
        self.assertFalse(ordered._get_targets())
        order.action_confirm()
        self.assertEqual(ordered._get_targets(), self.customers[1])
        key = self._campaign(customer_class="key", partner_ids=False)
        self.customers[2].crm_customer_class = "key"
        self.assertIn(self.customers[2], key._get_targets())
        self.assertNotIn(self.customers[3], key._get_targets())

    def test_asked_about_each_topic(self):
        for name in ("installation", "operation", "implementation", "after_sales", "training"):
            topic = self.env.ref(f"crm_aftersales.survey_topic_{name}")
            count = len(topic._get_rows())
            self.assertGreater(count, 3, name)
            survey = self._answer(self._survey(topic_id=topic.id), [4] * count)
            self.assertEqual((len(survey.line_ids), survey.score), (count, 4), name)

    def test_a_questionnaire_has_items_with_five_grades(self):
        topics = self.env["crm.service.survey.topic"]
        questionnaire = self.env["survey.survey"].create({"title": "Empty"})
        for survey_type in ("survey", "crm_service"):
            questionnaire.survey_type = survey_type
            with self.assertRefused(ValidationError, "five grades"):
                topics.create({"name": "New", "survey_id": questionnaire.id})
        other = self.topic.survey_id.copy({"survey_type": "survey"})
        with self.assertRefused(ValidationError, "five grades"):
            topics.create({"name": "New", "survey_id": other.id})
        with self.assertRefused(AccessError, "officers of Surveys"):
            self.topic.with_user(self.specialist).action_open_questionnaire()
        self.specialist.group_ids += self.env.ref("survey.group_survey_user")
        action = self.topic.with_user(self.specialist).action_open_questionnaire()
        self.assertEqual(action["res_id"], self.topic.survey_id.id)

    def test_rules_of_the_last_days_and_of_the_company(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        product = self.env["product.product"].create({"name": "GPS"})
        device = self.env["crm.device"].create(
            {
                "name": "SN-1",
                "product_id": product.id,
                "partner_id": self.customers[0].id,
                "date_installed": self.today,
            }
        )
        order = self.env["sale.order"].create({"partner_id": self.customers[0].id})
        order.action_confirm()
        served = self._campaign(rule="served", partner_ids=False)
        ordered = self._campaign(rule="ordered", partner_ids=False)
        installed = self._campaign(rule="installed", partner_ids=False)
        self.assertEqual(served._get_targets(), self.customer)
        self.assertEqual(ordered._get_targets(), self.customers[0])
        self.case.sudo().date_solved -= timedelta(days=served.days + 1)
        order.date_order -= timedelta(days=ordered.days + 1)
        self.assertFalse(served._get_targets() | ordered._get_targets())
        self.assertEqual(installed._get_targets(), self.customers[0])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_device SET company_id = %s WHERE id = %s", (elsewhere.id, device.id)
        )
        self.env.invalidate_all()
        self.assertFalse(installed._get_targets())

    def test_nobody_asks_about_his_own_work(self):
        for customer in self.customers[:4]:
            self._solved(partner_id=customer.id)
        campaign = self._campaign(
            rule="served",
            channel="phone",
            caller_ids=[Command.set((self.specialist | self.worker).ids)],
        )
        campaign.action_start()
        self.assertEqual(len(campaign.survey_ids), 4)
        self.assertEqual(campaign.survey_ids.service_user_id, self.worker)
        self.assertEqual(campaign.survey_ids.user_id, self.specialist)

    def test_calls_are_shared(self):
        callers = self.specialist + self.worker
        campaign = self._campaign(channel="phone", caller_ids=[Command.set(callers.ids)])
        campaign.action_start()
        self.assertEqual(campaign.survey_ids.user_id, callers)
        shares = campaign.survey_ids.grouped("user_id")
        self.assertEqual([len(own) for own in shares.values()], [3, 3])
        self.assertEqual(campaign.activity_ids.user_id, callers)
        self.env["crm.service.survey.campaign"]._cron_ask()
        self.assertEqual(set(campaign.survey_ids.mapped("state")), {"draft"})

    def test_without_address(self):
        self.customers[:2].email = False
        campaign = self._campaign()
        campaign.action_start()
        self.assertEqual((campaign.survey_count, campaign.unreachable_count), (4, 2))

    def test_reminders(self):
        campaign = self._campaign(reminder_days=5, reminder_limit=1)
        campaign.action_start()
        cron = self.env["crm.service.survey.campaign"]._cron_ask
        cron()
        answered = campaign.survey_ids[0]
        self._answer(answered, [5] * 6)
        start = fields.Datetime.now()
        with freeze_time(start + timedelta(days=4)):
            cron()
        self.assertEqual(len(self._mails()), 6)
        for days in (6, 6, 12):
            with freeze_time(start + timedelta(days=days)):
                cron()
        self.assertEqual(len(self._mails()), 11)
        self.assertFalse(answered.reminder_count)
        self.assertEqual(set((campaign.survey_ids - answered).mapped("reminder_count")), {1})

    def test_close_and_cancel(self):
        campaign = self._campaign(per_day=3)
        campaign.action_start()
        self.env["crm.service.survey.campaign"]._cron_ask()
        campaign.action_close()
        states = sorted(campaign.survey_ids.mapped("state"))
        self.assertEqual(states, ["asked"] * 3 + ["cancelled"] * 3)
        with self.assertRefused(UserError, "cannot be done"):
            campaign.action_cancel()
        other = self._campaign(fatigue_days=0)
        other.action_start()
        other.action_cancel()
        self.assertEqual(set(other.survey_ids.mapped("state")), {"cancelled"})

    def test_guards(self):
        campaign = self._campaign()
        for values in ({"state": "running"}, {"survey_ids": False}, {"unreachable_count": 3}):
            with self.assertRefused(AccessError, "buttons"):
                campaign.write(values)
        campaign.action_start()
        with self.assertRefused(UserError, "any more"):
            campaign.topic_id = self.env.ref("crm_aftersales.survey_topic_training")
        with self.assertRefused(UserError, "not deleted"):
            campaign.unlink()
        with self.assertRefused(UserError, "drew this customer"):
            campaign.survey_ids[:1].unlink()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user("test_elsewhere", "specialist")
        stranger.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        with self.assertRefused(ValidationError, "does not work in this company"):
            self._campaign(caller_ids=[Command.set(stranger.ids)])
        with self.assertRefused(AccessError, ""):
            self._campaign(user=self.specialist)
        with self.assertRefused(AccessError, ""):
            campaign.with_user(self.specialist).action_close()
