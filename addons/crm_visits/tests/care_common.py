from datetime import timedelta

from odoo.fields import Command

from .common import VisitCommon


class CareCommon(VisitCommon):
    """Customers with an owner, an address and a person; only what a test makes is cared for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.care.occasion"].search([]).active = False
        customers = cls.customer | cls.other_customer
        customers.write({"user_id": cls.specialist.id})
        cls.customer.write({"email": "wang@lanzhou.example.com", "crm_customer_class": "key"})
        cls.other_customer.email = "li@tianshui.example.com"
        cls.person = cls.env["res.partner"].create(
            {
                "name": "Mrs Zhang",
                "parent_id": cls.customer.id,
                "email": "zhang@lanzhou.example.com",
            }
        )
        # other customers of the database are nobody's here
        others = cls.env["res.partner"].search([("crm_customer_type_id", "!=", False)])
        (others - customers - cls.person).write({"active": False})

    def setUp(self):
        super().setUp()
        self.commits = 0
        self.kill_at = None
        self.patch(type(self.env["ir.cron"]), "_commit_progress", self._commit)

    def _commit(self, *_args, **_kwargs):
        self.env.flush_all()
        self.commits += 1
        if self.commits == self.kill_at:
            raise KeyboardInterrupt
        return 60

    def _run_killed(self, method, commits=1):
        """Run a scheduled action whose process ends right after so many commits."""
        self.kill_at = self.commits + commits
        try:  # not assertRaises: that would roll back what was committed
            method()
        except KeyboardInterrupt:
            self.env.invalidate_all()
            return
        self.fail("nothing was committed on the way")

    @classmethod
    def _make_occasion(cls, **values):
        return cls.env["crm.care.occasion"].create(
            {
                "name": "Mid-Autumn",
                "kind": "holiday",
                "calendar": "lunar",
                "month": 8,
                "day": 15,
                "days_ahead": 10,
                "channel": "email",
                "subject": "Greetings, {name}",
                "greeting": "Dear {name} of {company}: {occasion}. {sender}",
                **values,
            }
        )

    @classmethod
    def _make_news(cls, is_approved=True, **values):
        news = (
            cls.env["crm.customer.news"]
            .with_user(cls.specialist)
            .create({"subject": "New charger", "body": "<p>Charges twice as fast</p>", **values})
        )
        if is_approved:
            cls._approve(news)
        return news

    @classmethod
    def _make_event(cls, is_approved=True, days=10, **values):
        event = (
            cls.env["crm.customer.event"]
            .with_user(cls.specialist)
            .create(
                {
                    "subject": "Autumn launch",
                    "kind": "launch",
                    "date_start": cls.now + timedelta(days=days),
                    "date_end": cls.now + timedelta(days=days, hours=3),
                    "place": "Lanzhou Hotel",
                    "agenda": "09:00 Welcome",
                    "budget": 5000,
                    "partner_ids": [Command.set((cls.customer | cls.other_customer).ids)],
                    **values,
                }
            )
        )
        if is_approved:
            cls._approve(event, cls.manager)
        return event
