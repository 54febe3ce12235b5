from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from ..models import crm_gift_campaign
from .care_common import CareCommon


@requirement("C3.R13")
@tagged("post_install", "-at_install")
class TestGiftCampaign(CareCommon):
    def _make_campaign(self, is_approved=True, **values):
        campaign = (
            self.env["crm.gift.campaign"]
            .with_user(self.supervisor)
            .create(
                {
                    "subject": "December gifts",
                    "year": 2026,
                    "gift": "Calendar and tea",
                    "budget": 3000,
                    "gift_budget": 100,
                    **values,
                }
            )
        )
        if is_approved:
            campaign.action_approval_submit()
            campaign.with_user(self.manager).action_approval_approve()
            campaign.with_user(self.general_manager).action_approval_approve()
        return campaign

    def _prepare(self, day="2026-12-01"):
        with freeze_time(f"{day} 02:00:00"):
            self.env["crm.care.occasion"]._cron_prepare_care()

    def test_budget_is_approved_by_manager_and_general_manager(self):
        campaign = self._make_campaign(is_approved=False)
        with self.assertRefused(UserError, "not approved"):
            campaign.action_prepare_gifts()
        campaign.budget = 0
        with self.assertRefused(UserError, "what it may cost"):
            campaign.action_approval_submit()
        campaign.budget = 3000
        campaign.action_approval_submit()
        campaign.with_user(self.manager).action_approval_approve()
        self.assertEqual(campaign.state, "submitted")
        self._prepare()
        self.assertFalse(campaign.task_ids)
        campaign.with_user(self.general_manager).action_approval_approve()
        self.assertEqual(campaign.state, "approved")
        with self.assertRefused(UserError, "locked"):
            campaign.budget = 30000

    def test_every_customer_gets_a_line_once(self):
        campaign = self._make_campaign()
        self._prepare()
        self.assertEqual(campaign.task_ids.partner_id, self.customer | self.other_customer)
        self.assertEqual(set(campaign.task_ids.mapped("date")), {date(2026, 12, 31)})
        self.assertEqual(campaign.task_ids.user_id, self.specialist)
        new = self.env["res.partner"].create(self._prepare_customer_values("Newcomer"))
        self._prepare("2026-12-10")
        self._prepare("2026-12-11")
        self.assertEqual(len(campaign.task_ids), 3)
        self.assertIn(new, campaign.task_ids.partner_id)
        self.assertEqual(
            campaign.task_ids.filtered(lambda t: t.partner_id == new).user_id, self.supervisor
        )

    def test_every_customer_however_many(self):
        """In batches: by hand all at once, by the scheduled action also when it is killed."""
        self.patch(crm_gift_campaign, "BATCH", 1)
        campaign = self._make_campaign()
        campaign.action_prepare_gifts()
        self.assertEqual(campaign.task_ids.partner_id, self.customer | self.other_customer)
        later = self._make_campaign(year=2027)
        self._run_killed(lambda: self._prepare("2027-12-01"))
        self.assertEqual(len(later.task_ids), 1)
        self._prepare("2027-12-01")
        self.assertEqual(later.task_ids.partner_id, self.customer | self.other_customer)
        self._prepare("2027-12-02")
        self.assertEqual(len(later.task_ids), 2)
        last = self._make_campaign(year=2028)
        self._prepare("2028-12-01")
        self.assertEqual(len(last.task_ids), 2, "in one run where nothing stops it")

    def test_customers_of_another_company_are_theirs(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.other_customer.write({"user_id": False, "company_id": company.id})
        campaign = self._make_campaign()
        self._prepare()
        self.assertEqual(campaign.task_ids.partner_id, self.customer)

    def test_owner_of_another_company_is_not_responsible(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        abroad = self._new_user("test_abroad", "specialist")
        abroad.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        self.customer.user_id = abroad
        campaign = self._make_campaign()
        self._prepare()
        task = campaign.task_ids.filtered(lambda t: t.partner_id == self.customer)
        self.assertEqual(task.user_id, self.supervisor)

    @mute_logger("odoo.sql_db")
    def test_one_campaign_a_year(self):
        self._make_campaign()
        with self.assertRefused(Exception, "year_uniq"):
            self._make_campaign(is_approved=False)

    def test_not_before_november_and_not_after_its_end(self):
        campaign = self._make_campaign()
        self._prepare("2026-10-20")
        self._prepare("2027-01-05")
        self.assertFalse(campaign.task_ids)

    def test_demand_is_asked_and_who_is_missing_is_seen(self):
        campaign = self._make_campaign()
        campaign.action_prepare_gifts()
        first, second = campaign.task_ids.with_user(self.specialist)
        first.write({"gift_cost": 80, "gift_receiver": "Mr Wang"})
        with self.assertRefused(UserError, "next year's demand"):
            first.action_done()
        first.write({"demand": "20 chargers a month", "demand_amount": 48000})
        first.action_done()
        self.assertEqual((campaign.asked_count, campaign.missing_count), (1, 1))
        self.assertEqual(campaign.progress, 50)
        self.assertEqual((campaign.cost, campaign.demand_amount), (80, 48000))
        missing = self.env["crm.care.task"].search(campaign.action_open_missing()["domain"])
        self.assertEqual(missing, second)
        with self.assertRefused(UserError, "1 customers were not asked"):
            campaign.action_close()
        with self.assertRefused(AccessError, "."):
            campaign.with_user(self.specialist).action_close()
        with self.assertRefused(UserError, "why it is left out"):
            second.action_skip()
        second.skip_reason = "Closed for good"
        second.action_skip()
        self.assertEqual((campaign.asked_count, campaign.missing_count), (1, 0))
        self.assertEqual(campaign.progress, 50, "left out is not asked")
        campaign.action_close()
        self.assertEqual(campaign.state, "done")

    def test_report_lists_gifts_and_demand(self):
        campaign = self._make_campaign()
        campaign.action_prepare_gifts()
        task = campaign.task_ids.filtered(lambda t: t.partner_id == self.customer)
        task.write({"demand": "20 chargers", "demand_amount": 48000, "gift_cost": 80})
        task.with_user(self.specialist).action_done()
        report_type = self.env.ref("crm_visits.statistics_type_gift_demand")
        report = report_type._generate(self.company, date(2026, 1, 1), date(2026, 12, 31))
        gifts, asked = report.data["tables"]
        rows = {row[0]: row for row in gifts["rows"]}
        self.assertEqual(rows["Lanzhou Optics"][4], 80.0)
        self.assertEqual(rows["Lanzhou Optics"][7:9], ["20 chargers", 48000.0])
        self.assertIsNone(rows["Tianshui Tools"][7])
        owner = self.specialist.name
        self.assertEqual(asked["rows"], [[owner, 2, 1, 1, 1, 50.0, 48000.0]])
        other_year = report_type._compute_tables(
            self.company, date(2025, 1, 1), date(2025, 12, 31), self.env["res.users"]
        )
        self.assertFalse(other_year[0]["rows"])

    def test_november_prepares_a_draft_like_last_years(self):
        last = self._make_campaign(year=2025)
        self._prepare("2026-10-30")
        campaigns = self.env["crm.gift.campaign"]
        self.assertFalse(campaigns.search([("year", "=", 2026)]))
        self._prepare("2026-11-02")
        self._prepare("2026-11-03")
        new = campaigns.search([("year", "=", 2026)])
        self.assertEqual((new.state, new.gift), ("draft", last.gift))
        self.assertEqual((new.date_from, new.date_to), (date(2026, 12, 1), date(2026, 12, 31)))
        self.assertEqual(new.activity_ids.user_id, self.supervisor)
