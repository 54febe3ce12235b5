from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from ..models import crm_customer_news
from .care_common import CareCommon


@requirement("C1.R5", "B3.R2")
@tagged("post_install", "-at_install")
class TestCustomerNews(CareCommon):
    def _send(self, news):
        news.action_send()
        self.env["crm.customer.news"]._cron_send_news()

    def _mails(self):
        domain = [("model", "=", "crm.customer.news.telling")]
        return self.env["mail.mail"].search(domain, order="id")

    def test_only_approved_news_are_told(self):
        news = self._make_news(is_approved=False)
        telling = {"news_id": news.id, "partner_id": self.customer.id}
        with self.assertRefused(UserError, "may not be told"):
            news.action_send()
        with self.assertRefused(UserError, "may not be told"):
            self.env["crm.customer.news.telling"].with_user(self.specialist).create(telling)
        news.action_approval_submit()
        with self.assertRefused(AccessError, "."):
            news.action_approval_approve()
        news.with_user(self.supervisor).action_approval_approve()
        with self.assertRefused(UserError, "locked"):
            news.body = "<p>Half price</p>"
        self._send(news)
        self.assertEqual(news.state, "sent")

    def test_letters_and_coverage(self):
        news = self._make_news()
        self.assertEqual((news.target_count, news.missing_count, news.coverage), (2, 2, 0))
        self._send(news)
        self.assertEqual(self._mails().recipient_ids, self.customer | self.other_customer)
        self.assertIn("Charges twice as fast", self._mails()[0].body_html)
        self.assertEqual(set(news.telling_ids.mapped("channel")), {"email"})
        self.assertEqual((news.told_count, news.missing_count, news.coverage), (2, 0, 100))
        self._send(news)
        self.assertEqual(len(self._mails()), 2, "nobody is written to twice")

    def test_products_services_offers_and_industry_news(self):
        """Every kind is told by letter, and who was told is kept with it."""
        for kind in ("product", "service", "offer", "industry"):
            news = self._make_news(kind=kind, subject=f"About {kind}")
            self._send(news)
            self.assertEqual(news.telling_ids.partner_id, self.customer | self.other_customer)
            self.assertEqual(set(news.telling_ids.mapped("kind")), {kind})
        self.assertEqual(len(self._mails()), 8)

    def test_what_is_submitted_has_a_text(self):
        news = self._make_news(is_approved=False, body=False)
        with self.assertRefused(UserError, "no text"):
            news.action_approval_submit()

    def test_who_wants_none_or_has_no_address_is_seen_as_missing(self):
        self.customer.crm_no_greetings = True
        self.other_customer.email = False
        news = self._make_news()
        self._send(news)
        self.assertFalse(self._mails())
        action = news.action_open_missing()
        missing = self.env["res.partner"].search(action["domain"])
        self.assertEqual(missing, self.customer | self.other_customer)

    def test_blacklisted_address(self):
        self.env["mail.blacklist"]._add("wang@lanzhou.example.com")
        news = self._make_news()
        self._send(news)
        self.assertEqual(self._mails().recipient_ids, self.other_customer)

    def test_target_customers(self):
        news = self._make_news(customer_class="key")
        self._send(news)
        self.assertEqual(news.telling_ids.partner_id, self.customer)

    def test_sending_killed_and_run_again(self):
        news = self._make_news()
        news.action_send()
        self.patch(crm_customer_news, "BATCH", 1)
        self._run_killed(self.env["crm.customer.news"]._cron_send_news, commits=2)
        self.assertEqual((len(self._mails()), news.state), (1, "approved"))
        self.env["crm.customer.news"]._cron_send_news()
        self.assertEqual(len(self._mails()), 2)
        self.assertEqual(news.state, "sent")
        self.assertFalse(news.is_sending)

    @mute_logger("odoo.addons.crm_service_base.models.ir_cron")
    def test_a_customer_who_cannot_be_told_holds_up_no_other(self):
        news = self._make_news()
        self._fail_for_partner(self.customer)
        self._send(news)
        self.assertEqual(self._mails().recipient_ids, self.other_customer)
        self.assertEqual(news.telling_ids.partner_id, self.other_customer)
        self.assertEqual(news.state, "sent")

    def _fail_for_partner(self, partner):
        tellings = type(self.env["crm.customer.news.telling"])
        create = tellings.create

        def fail(records, vals_list):
            if partner.id in [vals["partner_id"] for vals in vals_list]:
                raise ValueError("This one cannot be told")
            return create(records, vals_list)

        self.patch(tellings, "create", fail)

    def test_attachments_go_along_as_approved(self):
        news = self._make_news(is_approved=False)
        attachment = self.env["ir.attachment"].create(
            {"name": "price.txt", "raw": b"9.90", "res_model": news._name, "res_id": news.id}
        )
        self._approve(news)
        self.env["ir.attachment"].create(
            {"name": "later.txt", "raw": b"1", "res_model": news._name, "res_id": news.id}
        )
        self._send(news)
        self.assertEqual(self._mails()[0].attachment_ids.mapped("name"), attachment.mapped("name"))

    def test_offers_that_are_over(self):
        news = self._make_news(kind="offer", date_valid=self.today + timedelta(days=2))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_customer_news SET date_valid = %s", [self.today - timedelta(days=1)]
        )
        self.env.invalidate_all()
        with self.assertRefused(UserError, "or over"):
            news.action_send()
        late = self._make_news(is_approved=False, date_valid=self.today - timedelta(days=1))
        with self.assertRefused(UserError, "the offer is over"):
            late.action_approval_submit()

    # ------------------------------------------------------------------ told in person

    def test_told_in_a_call(self):
        news = self._make_news()
        call = self._make_call(date_start=self.now - timedelta(hours=1))
        with Form(call) as form:
            form.told_news_ids.add(news)
        telling = news.telling_ids
        self.assertEqual(telling.visit_id, call)
        self.assertEqual(telling.channel, "phone")
        self.assertEqual(telling.user_id, self.specialist)
        self.assertEqual(telling.date, call.date_start)
        self.assertEqual(news.missing_count, 1)
        call.told_news_ids = [Command.clear()]
        self.assertFalse(news.telling_ids, "not yet submitted: a slip is mended")

    def test_submitted_records_keep_what_was_told(self):
        news = self._make_news()
        call = self._carry_out(self._make_call(told_news_ids=news.ids))
        call.action_approval_submit()
        with self.assertRefused(UserError, "locked"):
            call.told_news_ids = [Command.clear()]
        with self.assertRefused(AccessError, "."):
            call.write({"telling_ids": [Command.clear()]})

    def test_only_approved_news_are_told_in_a_call(self):
        draft = self._make_news(is_approved=False)
        call = self._make_call(date_start=self.now)
        with self.assertRefused(UserError, "may not be told"):
            call.told_news_ids = draft

    def test_nothing_is_told_in_a_visit_to_come(self):
        news = self._make_news()
        with self.assertRefused(UserError, "did not take place yet"):
            self._make_visit().told_news_ids = news

    def test_tellings_stay(self):
        news = self._make_news()
        tellings = self.env["crm.customer.news.telling"].with_user(self.specialist)
        telling = tellings.create(
            {
                "news_id": news.id,
                "partner_id": self.person.id,
                "user_id": self.manager.id,
                "is_mailed": True,
            }
        )
        self.assertEqual(telling.user_id, self.specialist)
        self.assertFalse(telling.is_mailed)
        telling.write({"reaction": "interested", "note": "Wants two"})
        for values in ({"partner_id": self.customer.id}, {"date": self.now}, {"channel": "qq"}):
            with self.assertRefused(AccessError, "stays as it is"):
                telling.write(values)
        with self.assertRefused(AccessError, "."):
            telling.with_user(self.supervisor).unlink()
        with self.assertRefused(UserError, "in the future"):
            tellings.create(
                {
                    "news_id": news.id,
                    "partner_id": self.customer.id,
                    "date": self.now + timedelta(days=1),
                }
            )

    def test_telling_stands_in_the_customers_list(self):
        news = self._make_news()
        self._send(news)
        self.env.flush_all()
        contact = self.env["crm.service.contact"].search(
            [("kind", "=", "news"), ("commercial_partner_id", "=", self.customer.id)]
        )
        self.assertEqual(contact.summary, "New charger")

    # ------------------------------------------------------------------ regularly

    def _remind(self):
        self.env["crm.customer.news"]._cron_remind_news()
        activity_type = self.env.ref("crm_visits.mail_activity_type_news")
        return self.env["mail.activity"].search([("activity_type_id", "=", activity_type.id)])

    def test_reminder_for_customers_told_nothing(self):
        self.assertFalse(self._remind(), "there is nothing to tell")
        news = self._make_news()
        reminders = self._remind()
        customers = self.customer | self.other_customer
        self.assertEqual(set(reminders.mapped("res_id")), set(customers.ids))
        self.assertEqual(reminders.user_id, self.specialist)
        self.assertEqual(self._remind(), reminders, "once each")
        telling = self.env["crm.customer.news.telling"].create(
            {"news_id": news.id, "partner_id": self.person.id}
        )
        self.assertEqual(self._remind().mapped("res_id"), self.other_customer.ids)
        telling.date = self.now - timedelta(days=120)
        self.assertIn(self.customer.id, self._remind().mapped("res_id"))

    def test_reminder_after_the_months_of_the_company(self):
        news = self._make_news()
        self.env["crm.customer.news.telling"].create(
            [
                {
                    "news_id": news.id,
                    "partner_id": customer.id,
                    "date": self.now - timedelta(days=40),
                }
                for customer in self.customer | self.other_customer
            ]
        )
        self.assertFalse(self._remind(), "told in the last three months")
        self.env["ir.config_parameter"].set_param("crm_visits.news_months", 1)
        self.assertEqual(len(self._remind()), 2)

    def test_reminder_for_customers_with_an_owner_who_is_here(self):
        self._make_news()
        self.person.write(
            {
                "crm_customer_type_id": self.customer.crm_customer_type_id.id,
                "user_id": self.specialist.id,
            }
        )
        left = self._new_user("test_left", "specialist")
        self.other_customer.user_id = left
        left.active = False
        self.assertEqual(self._remind().mapped("res_id"), self.customer.ids)

    def test_reminding_killed_and_run_again(self):
        self._make_news()
        self.patch(crm_customer_news, "BATCH", 1)
        self._run_killed(self._remind)
        self.assertEqual(len(self._remind()), 2)

    def test_no_reminder_for_who_wants_no_news(self):
        self._make_news()
        self.customer.crm_no_greetings = True
        self.assertEqual(self._remind().mapped("res_id"), self.other_customer.ids)

    def test_filter_told_nothing_for_long(self):
        news = self._make_news()
        self.env["crm.customer.news.telling"].create(
            {"news_id": news.id, "partner_id": self.person.id}
        )
        domain = [("crm_telling_ids", "not any", [("date", ">=", "today -3m")])]
        partners = (self.customer | self.other_customer).with_user(self.specialist)
        self.assertEqual(partners.filtered_domain(domain), self.other_customer)
        with self.assertRefused(AccessError, "."), mute_logger("odoo.models"):
            self.customer.with_user(self.plain_user).read(["crm_telling_ids"])

    def test_close(self):
        news = self._make_news()
        with self.assertRefused(AccessError, "supervisor"):
            news.action_close()
        draft = self._make_news(is_approved=False).with_user(self.supervisor)
        with self.assertRefused(UserError, "Only approved"):
            draft.action_close()
        with self.assertRefused(UserError, "None of these"):
            news.with_user(self.supervisor).action_file()
        news.with_user(self.supervisor).action_close()
        with self.assertRefused(UserError, "may not be told"):
            news.action_send()
        news.with_user(self.supervisor).action_file()
        self.assertTrue(news.date_filed)
