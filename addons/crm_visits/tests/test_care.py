from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_service_base.tests.import_case import ImportCase

from ..models import crm_care_occasion, crm_care_task
from .care_common import CareCommon


@requirement("B3.R2", "D7.R1")
@tagged("post_install", "-at_install")
class TestCare(CareCommon, ImportCase):
    def _prepare(self, day):
        """Run the scheduled action on a day; give what stands in the list afterwards."""
        with freeze_time(f"{day} 02:00:00"):
            self.env["crm.care.occasion"]._cron_prepare_care()
        return self.env["crm.care.task"].search([("occasion_id", "!=", False)], order="id")

    def _send(self, day):
        with freeze_time(f"{day} 02:00:00"):
            self.env["crm.care.task"]._cron_send_greetings()

    def _mails(self):
        return self.env["mail.mail"].search([("model", "=", "crm.care.task")], order="id")

    # ------------------------------------------------------------------ who and when

    def test_lunar_holiday_brings_care_days_ahead_and_once(self):
        occasion = self._make_occasion()
        self.assertFalse(self._prepare("2026-09-14"), "too early: 2026-09-25 is the day")
        tasks = self._prepare("2026-09-15")
        self.assertEqual(tasks.partner_id, self.customer | self.other_customer)
        self.assertEqual(set(tasks.mapped("date")), {date(2026, 9, 25)})
        self.assertEqual(tasks.user_id, self.specialist)
        self.assertEqual(self._prepare("2026-09-20"), tasks)
        again = self._prepare("2027-09-10")
        self.assertEqual(set((again - tasks).mapped("date")), {date(2027, 9, 15)})
        self.assertEqual(occasion.task_count, 4)

    def test_text_is_filled_in_and_nothing_else_is_read(self):
        self._make_occasion(subject="{name}: {user.password}", greeting="{company}, {date}")
        task = self._prepare("2026-09-20").filtered(lambda t: t.partner_id == self.customer)
        self.assertEqual(task.subject, "Lanzhou Optics: {user.password}")
        self.assertEqual(task.greeting, "Lanzhou Optics, 2026-09-25")

    def test_filter_of_customers(self):
        self._make_occasion(customer_class="key")
        self.assertEqual(self._prepare("2026-09-20").partner_id, self.customer)

    def test_named_customers_come_on_top(self):
        self._make_occasion(customer_class="key", partner_ids=self.other_customer.ids)
        tasks = self._prepare("2026-09-20")
        self.assertEqual(tasks.partner_id, self.customer | self.other_customer)

    def test_customer_of_another_company_is_not_meant(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.other_customer.write({"user_id": False})
        self.other_customer.company_id = other
        self._make_occasion(company_id=self.company.id)
        self.assertEqual(self._prepare("2026-09-20").partner_id, self.customer)

    def test_only_people_of_the_customers_meant(self):
        self._make_occasion(kind="birthday", customer_class="key")
        stranger = self.person.copy({"parent_id": self.other_customer.id})
        (self.person | stranger).crm_birthday = "1980-09-25"
        self.assertEqual(self._prepare("2026-09-20").partner_id, self.person)

    def test_what_comes_once_does_not_come_again(self):
        occasion = self._make_occasion(year=2026)
        self.assertEqual(len(self._prepare("2026-09-20")), 2)
        self._prepare("2027-09-10")
        self.assertEqual(occasion.task_count, 2)

    def test_words_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        occasion = self._make_occasion()
        occasion.with_context(lang="zh_CN").write(
            {"name": "中秋", "greeting": "祝您{occasion}快乐"}
        )
        self.customer.lang = "zh_CN"
        greetings = {task.partner_id: task.greeting for task in self._prepare("2026-09-20")}
        self.assertEqual(greetings[self.customer], "祝您中秋快乐")
        self.assertIn("Dear Tianshui Tools", greetings[self.other_customer])

    def test_who_left_or_works_elsewhere_is_not_responsible(self):
        left = self._new_user("test_left", "specialist")
        abroad = self._new_user("test_abroad", "specialist")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        abroad.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        self.customer.user_id, self.other_customer.user_id = left, abroad
        left.active = False
        self._make_occasion(company_id=self.company.id, user_id=self.supervisor.id)
        users = {task.partner_id: task.user_id for task in self._prepare("2026-09-20")}
        self.assertEqual(users[self.customer], self.supervisor)
        self.assertFalse(users[self.other_customer])

    def test_solar_birthday_of_a_person(self):
        self._make_occasion(kind="birthday", days_ahead=5)
        self.person.crm_birthday = "1980-02-29"
        self.assertFalse(self._prepare("2026-02-20"))
        task = self._prepare("2026-02-25")
        self.assertEqual(task.partner_id, self.person)
        self.assertEqual(task.date, date(2026, 2, 28))

    def test_lunar_birthday_of_a_person(self):
        self._make_occasion(kind="birthday", days_ahead=5)
        # 1980-09-23 was the 15th of the 8th month
        self.person.write({"crm_birthday": "1980-09-23", "crm_birthday_calendar": "lunar"})
        self.assertEqual(self.person.crm_birthday_lunar, "八月十五")
        self.assertFalse(self._prepare("2026-09-19"))
        self.assertEqual(self._prepare("2026-09-21").date, date(2026, 9, 25))

    def test_lunar_birthday_of_two_years_may_lie_in_one(self):
        """Twice in 2024, 2024-01-01 and 2024-12-20: both are kept, each once."""
        self._make_occasion(kind="birthday", days_ahead=3)
        self.person.write({"crm_birthday": "1985-01-10", "crm_birthday_calendar": "lunar"})
        self.assertEqual(self.person.crm_birthday_lunar, "冬月二十")
        self._prepare("2024-01-01")
        tasks = self._prepare("2024-12-19")
        self.assertEqual(tasks.mapped("date"), [date(2024, 1, 1), date(2024, 12, 20)])

    def test_anniversaries(self):
        self.customer.write({"crm_agreement_date": "2020-06-01", "crm_founding_date": "2001-06-03"})
        self._make_occasion(kind="cooperation", days_ahead=3, subject="{years} years")
        self._make_occasion(kind="founding", days_ahead=3, subject="{years} years old")
        tasks = self._prepare("2026-06-01")
        self.assertEqual(set(tasks.mapped("subject")), {"6 years", "25 years old"})
        self.assertEqual(
            self.env["crm.care.occasion"]._get_yearly_dates(
                date(2026, 6, 1), False, date(2026, 5, 1), date(2026, 7, 1)
            ),
            [],
        )

    def test_responsible_is_who_visited_last(self):
        self._make_call(user_id=self.supervisor.id, date_start=self.now)
        occasion = self._make_occasion(responsible="visitor")
        self.assertEqual(occasion._get_responsible(self.customer), self.supervisor)
        self.assertEqual(occasion._get_responsible(self.other_customer), self.specialist)
        occasion.write({"responsible": "fixed", "user_id": self.manager.id})
        self.assertEqual(occasion._get_responsible(self.customer), self.manager)

    def test_dates_that_do_not_exist(self):
        for values in ({"month": 13}, {"calendar": "solar", "month": 2, "day": 30}, {"day": 31}):
            with self.assertRefused(ValidationError, "there is no day"):
                self._make_occasion(**values)

    def test_shipped_festivals_have_their_dates(self):
        days = {
            "spring_festival": date(2027, 2, 6),
            "lantern": date(2027, 2, 20),
            "qingming": date(2027, 4, 5),
            "labour_day": date(2027, 5, 1),
            "dragon_boat": date(2027, 6, 9),
            "mid_autumn": date(2027, 9, 15),
            "national_day": date(2027, 10, 1),
            "new_year": date(2027, 1, 1),
        }
        for name, day in days.items():
            occasion = self.env.ref(f"crm_visits.care_occasion_{name}")
            with freeze_time("2026-12-30"):
                self.assertEqual(occasion.date_next, day, name)

    # ------------------------------------------------------------------ killed and run again

    def test_killed_in_the_middle_and_run_again(self):
        self._make_occasion()
        self.patch(crm_care_occasion, "BATCH", 1)
        self._run_killed(lambda: self._prepare("2026-09-20"))
        kept = self.env["crm.care.task"].search([])
        self.assertEqual(len(kept), 1)
        tasks = self._prepare("2026-09-20")
        self.assertEqual(tasks.partner_id, self.customer | self.other_customer)
        self.assertEqual(len(tasks), 2)
        self.assertIn(kept, tasks)

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_care_twice(self):
        occasion = self._make_occasion()
        values = occasion._prepare_task_values(self.customer, 2026, date(2026, 9, 25), 0)
        self.env["crm.care.task"].create(values)
        with self.assertRefused(Exception, "crm_care_task__?occasion_uniq"):
            self.env["crm.care.task"].create(values)

    # ------------------------------------------------------------------ greetings

    def test_greeting_goes_out_only_when_it_was_released(self):
        self._make_occasion()
        tasks = self._prepare("2026-09-20").with_user(self.specialist)
        mine, waiting = tasks
        mine.greeting = "Dear Mr Wang, happy Mid-Autumn!"
        mine.action_release()
        self._send("2026-09-24")
        self.assertFalse(self._mails(), "a day early")
        self._send("2026-09-25")
        mail = self._mails()
        self.assertIn("Dear Mr Wang, happy Mid-Autumn!", mail.body_html)
        self.assertEqual(mail.recipient_ids, mine.partner_id)
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual((mine.state, waiting.state), ("done", "due"))
        self._send("2026-09-25")
        self.assertEqual(self._mails(), mail)

    def test_changed_text_is_released_again(self):
        self._make_occasion()
        task = self._prepare("2026-09-20")[0].with_user(self.specialist)
        for name, value in (
            ("greeting", "Something else"),
            ("subject", "Another"),
            ("news_id", self._make_news(kind="offer").id),
            ("channel", "phone"),
        ):
            task.action_release()
            task[name] = value
            self.assertFalse(task.is_released, name)

    def test_late_greetings_are_left_to_their_owner(self):
        self._make_occasion(is_released=True)
        tasks = self._prepare("2026-09-25")
        self._send("2026-10-05")
        self.assertEqual(set(tasks.mapped("state")), {"due"})

    def test_sending_killed_and_run_again(self):
        self._make_occasion(is_released=True)
        self._prepare("2026-09-25")
        self.patch(crm_care_task, "BATCH", 1)
        self._run_killed(lambda: self._send("2026-09-25"), commits=2)
        self.assertEqual(len(self._mails()), 1)
        self._send("2026-09-25")
        recipients = self._mails().mapped("recipient_ids.id")
        self.assertEqual(sorted(recipients), sorted((self.customer | self.other_customer).ids))

    def test_greeting_that_stays_is_tried_once_a_run(self):
        self._make_occasion(is_released=True)
        tasks = self._prepare("2026-09-25")
        self.patch(crm_care_task, "BATCH", 1)
        tried = []

        def stay(task):
            tried.append(task.id)
            self.assertLessEqual(len(tried), len(tasks), "again and again")

        self.patch(type(tasks), "_send_or_hand_over", stay)
        self._send("2026-09-25")
        self.assertEqual(tried, tasks.ids)

    @mute_logger("odoo.addons.crm_service_base.models.ir_cron")
    def test_greeting_that_fails_holds_up_no_other(self):
        self._make_occasion(is_released=True)
        tasks = self._prepare("2026-09-25")
        self.assertGreater(len(tasks), 1)
        self._fail_for(tasks[0], "_send")
        self._send("2026-09-25")
        self.assertEqual(self._mails().recipient_ids, tasks[1:].partner_id)
        self.assertEqual(set(tasks[1:].mapped("state")), {"done"})
        self.assertEqual((tasks[0].state, tasks[0].is_released), ("due", True), "the next run")

    def test_opted_out_before(self):
        self.customer.crm_no_greetings = True
        self.person.crm_birthday = "1980-09-25"
        self._make_occasion()
        self._make_occasion(kind="birthday")
        tasks = self._prepare("2026-09-25")
        self.assertEqual(tasks.partner_id, self.other_customer)

    def test_opted_out_meanwhile(self):
        self._make_occasion(is_released=True)
        task = self._prepare("2026-09-20").filtered(lambda t: t.partner_id == self.customer)
        self.customer.crm_no_greetings = True
        self._send("2026-09-25")
        self.assertEqual(task.state, "skipped")
        self.assertTrue(task.skip_reason)
        self.assertNotIn(self.customer, self._mails().recipient_ids)
        with self.assertRefused(UserError, "closed already"):
            task.with_user(self.specialist).action_send()

    def test_blacklisted_address_is_not_written_to(self):
        self.env["mail.blacklist"]._add("wang@lanzhou.example.com")
        self._make_occasion(is_released=True)
        task = self._prepare("2026-09-20").filtered(lambda t: t.partner_id == self.customer)
        with self.assertRefused(UserError, "wants no greetings"):
            task.with_user(self.specialist).action_send()
        self._send("2026-09-25")
        self.assertEqual((task.state, task.channel), ("due", "phone"))
        self.assertNotIn(self.customer, self._mails().recipient_ids)

    @requirement("C1.R5")
    def test_offer_goes_along_and_is_kept(self):
        offer = self._make_news(kind="offer", subject="Five per cent off")
        self._make_occasion(is_released=True, news_id=offer.id)
        self._prepare("2026-09-20")
        self._send("2026-09-25")
        self.assertIn("Five per cent off", self._mails()[0].body_html)
        self.assertEqual(offer.telling_ids.partner_id, self.customer | self.other_customer)
        self.assertEqual(set(offer.telling_ids.mapped("channel")), {"email"})

    def test_offer_of_another_company_stays_there(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        offer = self._make_news(kind="offer")
        self.other_customer.write({"user_id": False, "company_id": company.id})
        self._make_occasion(news_id=offer.id)
        offers = {task.partner_id: task.news_id for task in self._prepare("2026-09-20")}
        self.assertEqual(offers[self.customer], offer)
        self.assertFalse(offers[self.other_customer])

    def test_offer_that_is_over_stays_behind(self):
        offer = self._make_news(kind="offer", subject="Five per cent off")
        self._make_occasion(is_released=True, news_id=offer.id)
        self._prepare("2026-09-20")
        offer.with_user(self.supervisor).action_close()
        self._send("2026-09-25")
        self.assertNotIn("Five per cent off", self._mails()[0].body_html)
        self.assertFalse(offer.telling_ids)

    def test_call_tells_the_offer_once(self):
        offer = self._make_news(kind="offer")
        task = self._make_task(channel="phone", news_id=offer.id, result="Pleased")
        task.action_done()
        self.assertEqual(offer.telling_ids.visit_id, task.visit_id)
        call = self._make_call(date_start=self.now, told_news_ids=offer.ids)
        other = self._make_task(channel="visit", news_id=offer.id, visit_id=call.id)
        other.action_done()
        self.assertEqual(len(offer.telling_ids), 2)

    # ------------------------------------------------------------------ calls, visits, gifts

    def _make_task(self, **values):
        values = {"name": "Birthday", "partner_id": self.person.id, **values}
        return self.env["crm.care.task"].with_user(self.specialist).create(values)

    @requirement("C1.R2")
    def test_call_stands_in_the_register(self):
        task = self._make_task(channel="phone")
        with self.assertRefused(UserError, "write down what came of it"):
            task.action_done()
        task.result = "Very pleased"
        task.action_done()
        self.assertEqual(task.visit_id.state, "done")
        self.assertEqual(task.visit_id.channel, "phone")
        self.env.flush_all()
        contacts = self.env["crm.service.contact"].search(
            [("commercial_partner_id", "=", self.customer.id)]
        )
        self.assertEqual(contacts.mapped("kind"), ["call"], "once, as a call")

    def test_gift_stands_in_the_customers_list(self):
        task = self._make_task(channel="gift", gift="Tea", gift_cost=200)
        task.action_done()
        self.assertEqual(task.date_gift, date.today())
        self.env.flush_all()
        contact = self.env["crm.service.contact"].search([("kind", "=", "care")])
        self.assertEqual(contact.commercial_partner_id, self.customer)
        self.assertEqual(contact.summary, "Tea")
        self.assertEqual(contact.action_open_document()["res_id"], task.id)

    def test_care_in_a_visit_needs_the_visit(self):
        task = self._make_task(channel="visit")
        with self.assertRefused(UserError, "choose the visit"):
            task.action_done()
        task.visit_id = self._make_call(partner_id=self.other_customer.id, date_start=self.now)
        with self.assertRefused(UserError, "another customer"):
            task.action_done()
        task.visit_id = self._make_call(date_start=self.now)
        task.action_done()
        self.assertEqual(task.state, "done")

    def test_left_out_with_a_reason(self):
        task = self._make_task()
        with self.assertRefused(UserError, "why it is left out"):
            task.action_skip()
        task.skip_reason = "In mourning"
        task.action_skip()
        self.assertEqual(task.state, "skipped")
        with self.assertRefused(AccessError, "Only a supervisor"):
            task.action_reopen()
        task.with_user(self.supervisor).action_reopen()
        self.assertEqual(task.state, "due")

    # ------------------------------------------------------------------ doors

    def test_states_are_the_servers(self):
        occasion = self._make_occasion()
        forged = {"state": "done", "occasion_id": occasion.id, "is_released": True, "year": 2026}
        task = self._make_task(**forged)
        self.assertEqual(task.state, "due")
        self.assertFalse(task.occasion_id or task.is_released)
        for name, value in forged.items():
            with self.assertRefused(AccessError, "written by the buttons"):
                task.write({name: value})
        task.result = "Pleased"
        task.action_done()
        with self.assertRefused(UserError, "is closed"):
            task.result = "Not pleased"
        with self.assertRefused(UserError, "Leave .* out"):
            task.unlink()

    def test_specialist_changes_only_own_care(self):
        task = self._make_task(user_id=self.specialist.id)
        colleague = self._new_user("test_colleague", "specialist")
        self.assertEqual(task.with_user(colleague).name, "Birthday")
        for call in ("action_done", "action_skip", "action_release"):
            muted = mute_logger("odoo.addons.base.models.ir_rule")
            with self.assertRefused(AccessError, "."), muted:
                getattr(task.with_user(colleague), call)()

    def test_specialist_does_not_change_occasions(self):
        occasion = self._make_occasion().with_user(self.specialist)
        with self.assertRefused(AccessError, "."):
            occasion.greeting = "Buy now"

    def test_partner_button(self):
        task = self._make_task()
        action = self.customer.with_user(self.specialist).action_open_crm_care()
        self.assertEqual(self.env["crm.care.task"].search(action["domain"]), task)

    def test_import_template_of_customers(self):
        partner, messages = self.import_template("res.partner", self.specialist, "en_US")
        self.assertFalse(messages)
        self.assertEqual(partner.crm_birthday_calendar, "lunar")
        self.assertEqual(partner.crm_founding_date, date(2006, 6, 1))
        self.assertFalse(partner.crm_no_greetings)
