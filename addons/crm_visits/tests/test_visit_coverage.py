import random
from datetime import date, datetime, timedelta

import pytz
from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .common import VisitCommon

TODAY = date(2026, 5, 20)  # a Wednesday
TIMEZONE = pytz.timezone("Asia/Shanghai")


def at_noon(day):
    """Noon in Shanghai, as UTC without a zone."""
    return datetime(day.year, day.month, day.day, 4)


@tagged("post_install", "-at_install")
class CoverageCommon(VisitCommon):
    """A Wednesday in May, rules of the test's own, customers made by the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(at_noon(TODAY)))
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US", "tz": TIMEZONE.zone})
        cls.today, cls.now = TODAY, at_noon(TODAY)
        cls.env["crm.visit.cadence"].search([]).active = False
        cls.grade_a, cls.grade_b = (
            cls.env.ref(f"crm_service_base.customer_grade_{code}") for code in "ab"
        )
        cls.type_dealer, cls.type_retail = (
            cls.env.ref(f"crm_service_base.customer_type_{code}") for code in ("dealer", "retail")
        )
        cls.region_north = cls.env["crm.service.region"].create({"name": "North"})
        cls.region_gansu, cls.region_south = cls.env["crm.service.region"].create(
            [{"name": "Gansu", "parent_id": cls.region_north.id}, {"name": "South"}]
        )
        cls.other_company = cls.env["res.company"].create({"name": "Other Company"})

    @classmethod
    def _make_rule(cls, name="Rule", **values):
        return cls.env["crm.visit.cadence"].create({"name": name, **values})

    def _make_customer(self, **values):
        return self.env["res.partner"].create(self._prepare_customer_values("Customer", **values))

    @classmethod
    def _make_seen(cls, partner, day, method=None, **values):
        """A visit that took place at noon of a day."""
        visit = cls.env["crm.visit"].create(
            {
                "partner_id": partner.id,
                "method_id": (method or cls.method_phone).id,
                "is_history": True,
                "date_start": at_noon(day),
                "date_end": at_noon(day),
                **values,
            }
        )
        visit.action_accept_history()
        return visit

    def _make_appointment(self, partner, day, method=None, **values):
        return self.env["crm.visit"].create(
            {
                "partner_id": partner.id,
                "method_id": (method or self.method_callback).id,
                "date_scheduled": at_noon(day),
                **values,
            }
        )

    def _make_project(self, partner, months, **values):
        """A confirmed order marked as a project, so many months old."""
        order = self.env["sale.order"].create(
            {"partner_id": partner.id, "crm_is_project": True, **values}
        )
        order.action_confirm()
        order.date_order = at_noon(TODAY - relativedelta(months=months))
        return order

    def _rows(self, partner, company=None):
        self.env.flush_all()
        self.env["crm.visit.coverage"].invalidate_model()
        return self.env["crm.visit.coverage"].search(
            [
                ("partner_id", "in", partner.ids),
                ("company_id", "=", (company or self.company).id),
            ],
            order="id",
        )

    def _row(self, partner, company=None):
        """The customer's own row, not those of projects."""
        return self._rows(partner, company).filtered(lambda row: not row.order_id)


class TestVisitCadence(CoverageCommon):
    """Which rule counts for whom."""

    @requirement("C3.R9", "B3.R1")
    def test_first_rule_that_fits(self):
        second = self._make_rule("All", sequence=2)
        first = self._make_rule("Key", sequence=1, customer_class="key")
        key, plain = (self._make_customer(crm_customer_class=kind) for kind in ("key", False))
        self.assertEqual(self._row(key).cadence_id, first)
        self.assertEqual(self._row(plain).cadence_id, second)
        second.sequence = 0
        self.assertEqual(self._row(key).cadence_id, second)

    @requirement("C3.R9")
    def test_shipped_rules(self):
        """Projects and customers by agreement: monthly in the first year, then every 3 months;
        key customers monthly, the others quarterly."""
        self.env["crm.visit.cadence"].with_context(active_test=False).search([]).active = True
        key, plain = (self._make_customer(crm_customer_class=kind) for kind in ("key", "ordinary"))
        months = {
            partner: (row.cadence_id.interval_number, row.cadence_id.interval_unit)
            for partner in (key, plain)
            for row in self._row(partner)
        }
        self.assertEqual(months, {key: (1, "month"), plain: (3, "month")})
        young, old = self._make_project(plain, 11), self._make_project(plain, 12)
        by_order = {row.order_id: row.cadence_id.interval_number for row in self._rows(plain)}
        self.assertEqual(by_order[young], 1)
        self.assertEqual(by_order[old], 3)

    @requirement("B3.R1", "C3.R9", "D7.R1")
    def test_key_customers_stay_monthly_however_old_the_cooperation(self):
        """The shipped order: key customers, then the age of the cooperation, then the others."""
        self.env["crm.visit.cadence"].with_context(active_test=False).search([]).active = True
        for months, expected in ((3, {"key": 1, "ordinary": 1}), (40, {"key": 1, "ordinary": 3})):
            for kind, interval in expected.items():
                partner = self._make_customer(
                    crm_customer_class=kind,
                    crm_agreement_date=TODAY - relativedelta(months=months),
                )
                rule = self._row(partner).cadence_id
                self.assertEqual(rule.interval_number, interval, (kind, months))
                self.assertEqual(rule.interval_unit, "month")

    @requirement("B3.R1")
    def test_key_customers_follow_the_strictest_rule(self):
        """A grade or a region can make key customers be seen more often, never less."""
        monthly = self._make_rule("Key", sequence=20, customer_class="key")
        grade = self._make_rule(
            "Grade",
            sequence=5,
            grade_ids=[Command.set(self.grade_a.ids)],
            interval_number=6,
        )
        key, plain = (
            self._make_customer(crm_customer_class=kind, crm_grade_id=self.grade_a.id)
            for kind in ("key", "ordinary")
        )
        for number, unit, expected in (
            (6, "month", monthly),
            (5, "week", monthly),
            (31, "day", monthly),
            (1, "month", grade),
            (4, "week", grade),
        ):
            grade.write({"interval_number": number, "interval_unit": unit})
            self.assertEqual(self._row(key).cadence_id, expected, (number, unit))
            self.assertEqual(self._row(plain).cadence_id, grade, "the first that fits")

    @requirement("B3.R1")
    def test_grade(self):
        rule = self._make_rule(grade_ids=[Command.set(self.grade_a.ids)])
        good, other, without = (
            self._make_customer(crm_grade_id=grade.id if grade else False)
            for grade in (self.grade_a, self.grade_b, None)
        )
        self.assertEqual(self._row(good).cadence_id, rule)
        self.assertEqual(self._row(good).grade_id, self.grade_a)
        self.assertFalse(self._row(other) + self._row(without))
        other.crm_grade_id = self.grade_a
        self.assertEqual(self._row(other).cadence_id, rule)

    @requirement("B3.R1")
    def test_customer_type_and_class(self):
        rule = self._make_rule(
            customer_type_ids=[Command.set(self.type_retail.ids)], customer_class="ordinary"
        )
        retail = self._make_customer(crm_customer_type_id=self.type_retail.id)
        dealer = self._make_customer(crm_customer_type_id=self.type_dealer.id)
        key = self._make_customer(
            crm_customer_type_id=self.type_retail.id, crm_customer_class="key"
        )
        self.assertEqual(self._row(retail).cadence_id, rule)
        self.assertFalse(self._row(dealer) + self._row(key))

    @requirement("B3.R1")
    def test_region_with_those_in_it(self):
        rule = self._make_rule(region_ids=[Command.set(self.region_north.ids)])
        in_it, below, elsewhere, nowhere = (
            self._make_customer(crm_region_id=region.id if region else False)
            for region in (self.region_north, self.region_gansu, self.region_south, None)
        )
        self.assertEqual((self._row(in_it) + self._row(below)).cadence_id, rule)
        self.assertFalse(self._row(elsewhere) + self._row(nowhere))

    @requirement("C3.R9")
    def test_project_age(self):
        young = self._make_rule("Young", applies_to="project", age_to=12, sequence=1)
        old = self._make_rule("Old", applies_to="project", age_from=12, sequence=2)
        partner = self._make_customer()
        orders = [self._make_project(partner, months) for months in (0, 11, 12, 40)]
        found = {row.order_id: row.cadence_id for row in self._rows(partner)}
        self.assertEqual(found, dict(zip(orders, (young, young, old, old), strict=True)))

    @requirement("C3.R9")
    def test_project_is_confirmed_and_marked(self):
        self._make_rule(applies_to="project")
        partner = self._make_customer()
        self._make_project(partner, 1, crm_is_project=False)
        self.env["sale.order"].create({"partner_id": partner.id, "crm_is_project": True})
        cancelled = self._make_project(partner, 1)
        cancelled._action_cancel()
        contact = self._make_customer(parent_id=partner.id, is_company=False)
        project = self._make_project(contact, 1)
        rows = self._rows(partner | contact)
        self.assertEqual(rows.order_id, project)
        self.assertEqual(rows.partner_id, partner, "the company, whoever ordered")

    @requirement("C3.R9")
    def test_agreement_date_where_no_order_is_a_project(self):
        young = self._make_rule("Young", applies_to="project", age_to=12, sequence=1)
        old = self._make_rule("Old", applies_to="project", age_from=12, sequence=2)
        rest = self._make_rule("Rest", sequence=3)
        expected = {
            None: rest,
            TODAY - relativedelta(months=12, days=-1): young,
            TODAY - relativedelta(months=12): old,
            TODAY + timedelta(days=40): rest,
        }
        for agreement, rule in expected.items():
            partner = self._make_customer(crm_agreement_date=agreement)
            self.assertEqual(self._row(partner).cadence_id, rule, agreement)
        self._make_project(partner, 1)
        partner.crm_agreement_date = TODAY - relativedelta(months=30)
        self.assertEqual(self._row(partner).cadence_id, rest, "the project is visited by its age")
        self.assertEqual(self._rows(partner).filtered("order_id").cadence_id, young)

    @requirement("C3.R9")
    def test_project_of_another_company_leaves_the_agreement(self):
        rule = self._make_rule(applies_to="project")
        partner = self._make_customer(crm_agreement_date=TODAY - relativedelta(months=2))
        self._make_project(partner, 1, company_id=self.other_company.id)
        self.assertEqual(self._row(partner).cadence_id, rule)
        self.assertFalse(self._row(partner, self.other_company))

    @requirement("B3.R1")
    def test_customers_that_are_not_on_the_board(self):
        self._make_rule()
        contact = self._make_customer(parent_id=self.customer.id, is_company=False)
        archived = self._make_customer(active=False)
        stranger = self._make_customer(crm_customer_type_id=False)
        self.assertFalse(self._rows(contact | archived | stranger))
        self.assertTrue(self._row(self.customer))

    @requirement("B3.R1")
    def test_rule_of_another_company(self):
        theirs = self._make_rule(company_id=self.other_company.id)
        self.assertFalse(self._row(self.customer))
        self.assertEqual(self._row(self.customer, self.other_company).cadence_id, theirs)

    def test_wrong_rules_are_refused(self):
        with self.assertRefused(ValidationError, "must end after it begins"):
            self._make_rule(applies_to="project", age_from=12, age_to=12)
        with self.assertRefused(IntegrityError, "interval_positive"), mute_logger("odoo.sql_db"):
            self._make_rule(interval_number=0)


class TestVisitCoverage(CoverageCommon):
    """When customers are due, and what counts as having seen them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls._make_rule(interval_number=1)

    def _make_last(self, days_ago, **values):
        partner = self._make_customer()
        self._make_seen(partner, TODAY - timedelta(days=days_ago), **values)
        return partner

    @requirement("B3.R1")
    def test_states(self):
        """Monthly: due a month after the last contact; "due" is the coming week."""
        month = (TODAY - (TODAY - relativedelta(months=1))).days  # 30 days in April
        expected = {
            month + 5: ("overdue", 5),
            month + 1: ("overdue", 1),
            month: ("due", 0),
            month - 7: ("due", 0),
            month - 8: ("ok", 0),
            0: ("ok", 0),
        }
        for days, (state, overdue) in expected.items():
            row = self._row(self._make_last(days))
            self.assertEqual((row.state, row.days_overdue), (state, overdue), days)
            self.assertEqual(row.date_last, TODAY - timedelta(days=days))
            self.assertEqual(row.date_due, row.date_last + relativedelta(months=1))
        never = self._row(self._make_customer())
        self.assertEqual((never.state, never.date_due, never.date_last), ("never", TODAY, False))

    @requirement("B3.R1")
    def test_units(self):
        for unit, due in (("day", 2), ("week", 14)):
            self.rule.write({"interval_number": 2, "interval_unit": unit})
            row = self._row(self._make_last(0))
            self.assertEqual(row.date_due, TODAY + timedelta(days=due))

    @requirement("B3.R1")
    def test_end_of_month(self):
        partner = self._make_customer()
        self._make_seen(partner, date(2026, 1, 31))
        self.assertEqual(self._row(partner).date_due, date(2026, 2, 28))

    @requirement("B3.R1")
    def test_what_counts_as_seen(self):
        """A planned or cancelled visit does not; a record that is being written does; so does one
        to a contact of the company."""
        partner = self._make_customer()
        visit = self._make_appointment(partner, TODAY - timedelta(days=3))
        self.assertFalse(self._row(partner).date_last)
        visit.write({"date_start": at_noon(TODAY - timedelta(days=3))})
        self.assertFalse(self._row(partner).date_last)
        visit.action_finish()
        self.assertEqual(self._row(partner).date_last, TODAY - timedelta(days=3))
        contact = self._make_customer(parent_id=partner.id, is_company=False)
        self._make_seen(contact, TODAY - timedelta(days=1))
        self.assertEqual(self._row(partner).date_last, TODAY - timedelta(days=1))
        cancelled = self._make_appointment(self._make_customer(), TODAY - timedelta(days=3))
        cancelled.write({"date_start": at_noon(TODAY - timedelta(days=3))})
        cancelled._cancel("own", "Rain")
        self.assertEqual(self._row(cancelled.partner_id).state, "never")

    @requirement("B3.R1")
    def test_only_methods_that_count(self):
        """Where a rule counts visits in person, a call is neither a contact nor an appointment."""
        self.rule.counted_method_ids = self.method_face | self.method_reception
        partner = self._make_customer()
        self._make_seen(partner, TODAY - timedelta(days=1), self.method_phone)
        self._make_appointment(partner, TODAY + timedelta(days=1), self.method_callback)
        self._make_plan(self.method_phone, customers=partner, days=2)
        self.assertEqual(self._row(partner).state, "never")
        self._make_plan(self.method_face, customers=partner, days=3)
        row = self._row(partner)
        self.assertEqual((row.state, row.date_planned), ("planned", TODAY + timedelta(days=3)))
        self._make_seen(partner, TODAY - timedelta(days=9), self.method_reception)
        self.assertEqual(self._row(partner).date_last, TODAY - timedelta(days=9))

    @requirement("B3.R1")
    def test_planned(self):
        """The next appointment from today on, or the day in a plan still to be approved."""
        partner = self._make_last(100)
        self._make_appointment(partner, TODAY - timedelta(days=2))
        self.assertEqual(self._row(partner).state, "overdue", "nobody went there")
        visit = self._make_appointment(partner, TODAY)
        row = self._row(partner)
        self.assertEqual((row.state, row.date_planned), ("planned", TODAY))
        visit._cancel("own", "Rain")
        self.assertEqual(self._row(partner).state, "overdue")
        plan = self._make_plan(customers=partner, days=5)
        self.assertEqual(self._row(partner).date_planned, TODAY + timedelta(days=5))
        plan.action_approval_submit()
        self.assertEqual(self._row(partner).state, "planned")
        plan.with_user(self.supervisor).action_approval_approve()
        self.assertEqual(self._row(partner).date_planned, TODAY + timedelta(days=5))
        plan.with_user(self.supervisor).action_cancel()
        self.assertEqual(self._row(partner).state, "overdue")

    @requirement("B3.R1")
    def test_day_ends_in_the_users_time_zone(self):
        """17:00 UTC is the next day in Shanghai."""
        partner = self._make_customer()
        self._make_seen(
            partner, TODAY, date_start=datetime(2026, 5, 18, 17), date_end=datetime(2026, 5, 18, 18)
        )
        self.assertEqual(self._row(partner).date_last, date(2026, 5, 19))
        in_utc = self._row(partner).with_context(tz="UTC")
        in_utc.invalidate_recordset()
        self.assertEqual(in_utc.date_last, date(2026, 5, 18))

    @requirement("C3.R9")
    def test_a_project_counts_its_own_visits(self):
        self._make_rule("Projects", applies_to="project", sequence=1)
        partner = self._make_customer()
        order, other = self._make_project(partner, 5), self._make_project(partner, 5)
        self._make_seen(partner, TODAY - timedelta(days=4), order_id=order.id)
        self._make_seen(partner, TODAY - timedelta(days=2))
        rows = {row.order_id: row for row in self._rows(partner)}
        self.assertEqual(rows[order].date_last, TODAY - timedelta(days=4))
        self.assertEqual(rows[other].state, "never")
        self.assertEqual(
            rows[self.env["sale.order"]].date_last, TODAY - timedelta(days=2), "the customer's own"
        )

    @requirement("B3.R1")
    def test_each_company_for_itself(self):
        """Grade, visits and appointments of another company do not count."""
        self.rule.grade_ids = self.grade_a
        partner = self._make_customer(crm_grade_id=self.grade_a.id)
        self.assertTrue(self._row(partner))
        self.assertFalse(self._row(partner, self.other_company))
        partner.with_company(self.other_company).crm_grade_id = self.grade_a
        theirs = self._make_seen(
            partner, TODAY - timedelta(days=1), company_id=self.other_company.id
        )
        self._make_appointment(partner, TODAY + timedelta(days=1), company_id=self.other_company.id)
        self.assertEqual(self._row(partner).state, "never")
        row = self._row(partner, self.other_company)
        self.assertEqual((row.state, row.date_last), ("planned", theirs.date_start.date()))
        own = self._make_customer(company_id=self.company.id, crm_grade_id=self.grade_a.id)
        own.with_company(self.other_company).crm_grade_id = self.grade_a
        self.assertFalse(self._row(own, self.other_company))

    @requirement("B3.R1")
    def test_a_specialist_sees_the_own_companies(self):
        self._make_rule(company_id=self.other_company.id, sequence=1)
        rows = self.env["crm.visit.coverage"].with_user(self.specialist)
        rows = rows.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(rows.company_id, self.company)

    @requirement("B3.R1")
    def test_by_owner_and_state(self):
        """The board's groups: customers by owner and status."""
        self.customer.user_id = self.specialist
        self._make_seen(self.customer, TODAY - timedelta(days=60))
        groups = self.env["crm.visit.coverage"]._read_group(
            [
                ("partner_id", "in", (self.customer | self.other_customer).ids),
                ("company_id", "=", self.company.id),
            ],
            ["user_id", "state"],
            ["__count", "days_overdue:max"],
        )
        self.assertEqual(
            {(user, state): (count, days) for user, state, count, days in groups},
            {
                (self.specialist, "overdue"): (1, 29),
                (self.env["res.users"], "never"): (1, 0),
            },
        )


class TestVisitCoverageReference(CoverageCommon):
    """The board against the same question answered customer by customer in plain Python."""

    @requirement("B3.R1", "C3.R9")
    def test_same_as_plain_python(self):
        for seed in range(3):
            with self.subTest(seed=seed), self.env.cr.savepoint():
                self._compare(random.Random(seed))

    def _compare(self, rng):
        self._make_world(rng)
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["crm.visit.coverage"].search([("partner_id", "in", self.partners.ids)])
        found = {
            (row.partner_id, row.order_id, row.company_id): (
                row.cadence_id,
                row.date_last or None,
                row.date_due,
                row.date_planned or None,
                row.state,
            )
            for row in rows
        }
        expected = self._reference()
        self.assertGreater(len(expected), 30)
        self.assertGreater(len({row[-1] for row in expected.values()}), 3)
        wrong = [
            (subject, found.get(subject), expected.get(subject))
            for subject in found.keys() | expected.keys()
            if found.get(subject) != expected.get(subject)
        ]
        self.assertFalse(wrong, "(subject, board, reference)")

    def _make_world(self, rng):
        """Customers, projects, rules, visits and plans as they fall."""
        companies = self.company | self.other_company
        grades = self.env["crm.customer.grade"].search([])
        types = self.env["crm.customer.type"].search([])
        regions = self.region_north | self.region_gansu | self.region_south
        methods = self.method_phone | self.method_callback | self.method_reception

        def some(records):
            return [Command.set(rng.sample(records.ids, rng.randrange(3)))]

        def one(records):
            return rng.choice([False, *records.ids])

        self.env["crm.visit.cadence"].create(
            [
                {
                    "name": f"Rule {index}",
                    "sequence": rng.randrange(5),
                    "active": rng.random() < 0.8,
                    "company_id": rng.choice([False, False, *companies.ids]),
                    "applies_to": rng.choice(["customer", "project"]),
                    "customer_class": rng.choice([False, False, "key", "ordinary"]),
                    "grade_ids": some(grades),
                    "customer_type_ids": some(types),
                    "region_ids": some(regions),
                    "counted_method_ids": some(methods),
                    "age_from": rng.choice([0, 6]),
                    "age_to": rng.choice([0, 12, 24]),
                    "interval_number": rng.randrange(1, 4),
                    "interval_unit": rng.choice(["day", "week", "month"]),
                }
                for index in range(12)
            ]
            + [{"name": "Last", "sequence": 99}]
        )
        self.partners = self.env["res.partner"].create(
            [
                {
                    "name": f"Customer {index}",
                    "crm_customer_type_id": one(types),
                    "crm_customer_class": rng.choice([False, "key", "ordinary"]),
                    "crm_region_id": one(regions),
                    "company_id": rng.choice([False, False, *companies.ids]),
                    "crm_agreement_date": rng.choice(
                        [False, TODAY - timedelta(days=rng.randrange(1000))]
                    ),
                    "active": rng.random() < 0.9,
                }
                for index in range(40)
            ]
        )
        for company in companies:
            for partner in self.partners:
                partner.with_company(company).crm_grade_id = one(grades)
        orders = self.env["sale.order"]
        for partner in rng.sample(list(self.partners), 12):
            company = partner.company_id or rng.choice(companies)
            order = self._make_project(
                partner, rng.randrange(30), company_id=company.id, crm_is_project=rng.random() < 0.8
            )
            orders |= order
        for _index in range(120):
            self._make_random_visit(rng, rng.choice(self.partners), orders, methods, companies)

    def _make_random_visit(self, rng, partner, orders, methods, companies):
        company = partner.company_id or rng.choice(companies)
        theirs = orders.filtered(
            lambda o: o.partner_id == partner and o.company_id == company and o.crm_is_project
        )
        values = {
            "company_id": company.id,
            "order_id": rng.choice([False, *theirs.ids]),
            "method": rng.choice(methods),
        }
        kind = rng.random()
        if kind < 0.6:
            self._make_seen(partner, TODAY - timedelta(days=rng.randrange(150)), **values)
        elif kind < 0.8:
            visit = self._make_appointment(
                partner, TODAY + timedelta(days=rng.randrange(-5, 30)), **values
            )
            if rng.random() < 0.2:
                visit._cancel("own", "Rain")
        else:
            method = values.pop("method")
            company_id, order_id = values.pop("company_id"), values.pop("order_id")
            plan = self.env["crm.visit.plan"].create(
                {
                    "company_id": company_id,
                    "method_id": method.id,
                    "date_from": TODAY,
                    "date_to": TODAY + timedelta(days=40),
                    "line_ids": [
                        Command.create(
                            {
                                "partner_id": partner.id,
                                "order_id": order_id,
                                "date_planned": at_noon(TODAY + timedelta(days=rng.randrange(30))),
                            }
                        )
                    ],
                }
            )
            if rng.random() < 0.2:
                plan.action_cancel()

    # ------------------------------------------------------------ the reference

    def _reference(self):
        rules = self.env["crm.visit.cadence"].search([]).sorted(lambda r: (r.sequence, r.id))
        visits = self.env["crm.visit"].search([("partner_id", "in", self.partners.ids)])
        lines = self.env["crm.visit.plan.line"].search([("partner_id", "in", self.partners.ids)])
        projects = self.env["sale.order"].search(
            [
                ("partner_id", "in", self.partners.ids),
                ("crm_is_project", "=", True),
                ("state", "=", "sale"),
            ]
        )
        found = {}
        for company in self.company | self.other_company:
            for partner in self.partners.with_company(company):
                if not partner.active:
                    continue
                own = projects.filtered(
                    lambda o, p=partner, c=company: o.partner_id == p and o.company_id == c
                )
                subjects = [(order, order.date_order.date()) for order in own]
                is_customer = partner.crm_customer_type_id
                if is_customer and partner.company_id.id in (False, company.id):
                    start = None if own else partner.crm_agreement_date or None
                    subjects.append((self.env["sale.order"], start))
                for order, start in subjects:
                    rule = self._reference_rule(rules, partner, company, order, start)
                    if rule:
                        found[partner, order, company] = self._reference_dates(
                            rule, partner, company, order, visits, lines
                        )
        return found

    def _reference_rule(self, rules, partner, company, order, start):
        kinds = {"project"} if order else {"customer"} | ({"project"} if start else set())
        age = relativedelta(TODAY, start) if start else relativedelta()
        months = age.years * 12 + age.months
        if partner.crm_customer_class == "key":
            days = {"day": 1, "week": 7, "month": 30}
            rules = rules.sorted(lambda r: r.interval_number * days[r.interval_unit])
        for rule in rules:
            above = partner.crm_region_id
            regions = above
            while above:
                above = above.parent_id
                regions |= above
            if (
                rule.applies_to in kinds
                and rule.company_id.id in (False, company.id)
                and rule.customer_class in (False, partner.crm_customer_class or "ordinary")
                and (not rule.grade_ids or partner.crm_grade_id in rule.grade_ids)
                and (
                    not rule.customer_type_ids
                    or partner.crm_customer_type_id in rule.customer_type_ids
                )
                and (not rule.region_ids or rule.region_ids & regions)
                and (
                    rule.applies_to == "customer"
                    or months >= rule.age_from
                    and (not rule.age_to or months < rule.age_to)
                )
            ):
                return rule
        return None

    def _reference_dates(self, rule, partner, company, order, visits, lines):
        def counts(item):
            return (
                item.partner_id == partner
                and item.company_id == company
                and (not order or item.order_id == order)
                and (not rule.counted_method_ids or item.method_id in rule.counted_method_ids)
            )

        theirs = visits.filtered(counts)
        seen = [v.date_start.date() for v in theirs if v.state == "history"]
        coming = [v.date_scheduled.date() for v in theirs if v.state == "planned"]
        coming += [
            line.date_planned.date()
            for line in lines.filtered(counts)
            if line.plan_id.state in ("draft", "submitted")
        ]
        last = max(seen, default=None)
        planned = min((day for day in coming if day >= TODAY), default=None)
        step = relativedelta(**{f"{rule.interval_unit}s": rule.interval_number})
        due = last + step if last else TODAY
        if planned:
            state = "planned"
        elif not last:
            state = "never"
        elif due < TODAY:
            state = "overdue"
        else:
            state = "due" if due <= TODAY + timedelta(days=7) else "ok"
        return rule, last, due, planned, state


class TestVisitPlanGenerate(CoverageCommon):
    """One click makes the plans."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls._make_rule(method_id=cls.method_phone.id)
        cls.second = cls._new_user("test_second", "specialist")
        cls.team = cls.specialist | cls.second
        (cls.specialist | cls.second | cls.supervisor).tz = TIMEZONE.zone
        cls.company.resource_calendar_id.tz = TIMEZONE.zone
        cls.env["res.partner"].search([]).crm_customer_type_id = False
        cls.partners = cls.env["res.partner"].create(
            [cls._prepare_customer_values(f"Customer {index}") for index in range(10)]
        )

    def _generate(self, user=None, **values):
        self.env["crm.visit.coverage"].invalidate_model()
        wizard = (
            self.env["crm.visit.plan.generate"]
            .with_user(user or self.supervisor)
            .create(
                {
                    "user_ids": [Command.set(self.team.ids)],
                    "date_from": TODAY,
                    "date_to": TODAY + relativedelta(months=1, days=-1),
                    **values,
                }
            )
        )
        return wizard._generate()

    @requirement("B3.R1")
    def test_a_plan_a_visitor_with_the_customers_they_own(self):
        self.partners[:7].user_id = self.specialist
        self.partners[7:9].user_id = self.second
        plans, left = self._generate()
        self.assertFalse(left)
        self.assertEqual(plans.mapped("state"), ["draft", "draft"])
        by_user = {plan.user_id: plan for plan in plans}
        mine, others = by_user[self.specialist], by_user[self.second]
        self.assertLessEqual(self.partners[:7], mine.line_ids.partner_id)
        self.assertLessEqual(self.partners[7:9], others.line_ids.partner_id)
        self.assertEqual((mine + others).line_ids.partner_id, self.partners)
        self.assertEqual(len((mine + others).line_ids), 10)
        self.assertEqual(mine.line_ids.visitor_ids, self.specialist)
        self.assertEqual((mine + others).line_ids.cadence_id, self.rule)
        self.assertEqual((mine + others).line_ids.method_id, self.method_phone)

    @requirement("B3.R2", "D7.R1")
    def test_key_customers_are_visited_every_month_and_asked_how_satisfied_they_are(self):
        """The shipped rule: overdue, planned, visited with its satisfaction, due a month later."""
        self.rule.active = False
        self.env.ref("crm_visits.crm_visit_cadence_key").active = True
        key = self.partners[0]
        key.write({"crm_customer_class": "key", "user_id": self.specialist.id})
        self._make_seen(key, TODAY - timedelta(days=40))
        self.assertEqual(self._row(key).state, "overdue")
        plan, _left = self._generate(is_once=True)
        self.assertEqual((plan.line_ids.partner_id, plan.user_id), (key, self.specialist))
        plan.line_ids.place = "Their office"
        self._approve(plan.with_user(self.specialist), self.manager)
        self.assertEqual(self._row(key).state, "planned")
        visit = plan.visit_ids.with_user(self.specialist)
        self._carry_out(visit, satisfaction_service=False)
        with self.assertRefused(UserError, "Service Satisfaction"):
            visit.action_approval_submit()
        visit.satisfaction_service = "average"
        visit.action_approval_submit()
        row = self._row(key)
        self.assertEqual((row.state, row.date_due), ("ok", TODAY + relativedelta(months=1)))
        facts = key._get_crm_service_facts(TODAY, TODAY)
        self.assertEqual(facts[key.id], {"visits": 1, "visit_satisfaction": 3})

    @requirement("C3.R9")
    def test_a_project_keeps_its_own_file_of_visits(self):
        """From the rule over the plan to the visit; the order's button shows them."""
        self._make_rule(
            "Projects", applies_to="project", sequence=1, method_id=self.method_phone.id
        )
        self.partners[1:].crm_customer_type_id = False
        order = self._make_project(self.partners[0], 3)
        plans, _left = self._generate(is_once=True)
        lines = plans.line_ids
        self.assertEqual(lines.mapped("order_id"), order)
        line = lines.filtered("order_id")
        self.assertEqual(len(lines - line), 1, "the customer's own visit")
        for plan in plans:
            self._approve(plan, self.manager)
        self.assertEqual(line.visit_ids.order_id, order)
        self.assertEqual(order.crm_visit_count, 1)
        action = order.action_open_crm_visits()
        self.assertEqual(self.env["crm.visit"].search(action["domain"]), line.visit_ids)

    @requirement("B3.R1")
    def test_customers_of_somebody_else_stay_theirs(self):
        self.partners.user_id = self.manager
        with self.assertRefused(UserError, "due"):
            self._generate()

    @requirement("B3.R1")
    def test_spread_over_working_days_and_hours(self):
        """3 a day: on working days only, within the hours, none at the same time."""
        self.partners.user_id = self.specialist
        plans, _left = self._generate(visits_per_day=3, hour_from=9, hour_to=12)
        times = sorted(
            pytz.utc.localize(line.date_planned).astimezone(TIMEZONE) for line in plans.line_ids
        )
        self.assertEqual(len(set(times)), 10)
        days = [moment.date() for moment in times]
        self.assertEqual(
            sorted(set(days)),
            [date(2026, 5, 20), date(2026, 5, 21), date(2026, 5, 22), date(2026, 5, 25)],
            "Saturday and Sunday are left out",
        )
        self.assertLessEqual(max(map(days.count, days)), 3)
        self.assertEqual({moment.hour for moment in times}, {9, 10, 11})

    @requirement("B3.R1")
    def test_as_often_as_the_rule_says(self):
        """Weekly for four weeks: four visits a week apart, the first one today."""
        self.rule.write({"interval_unit": "week"})
        self.partners[1:].active = False
        period = {"date_to": TODAY + timedelta(days=27)}
        plans, _left = self._generate(**period)
        days = sorted(line.date_planned.date() for line in plans.line_ids)
        self.assertEqual(days, [TODAY + timedelta(weeks=week) for week in range(4)])
        plans.unlink()
        plans, _left = self._generate(is_once=True, **period)
        self.assertEqual(len(plans.line_ids), 1)

    @requirement("B3.R1")
    def test_due_and_planned_ones(self):
        """Who was seen is visited a month later, who is planned a month after that."""
        seen, planned, rest = self.partners[0], self.partners[1], self.partners[2:]
        rest.active = False
        self._make_seen(seen, date(2026, 5, 6))
        self._make_appointment(planned, date(2026, 5, 22))
        plans, _left = self._generate(date_to=date(2026, 6, 30))
        days = {
            partner: sorted(line.date_planned.date() for line in lines)
            for partner, lines in plans.line_ids.grouped("partner_id").items()
        }
        self.assertEqual(days, {seen: [date(2026, 6, 8)], planned: [date(2026, 6, 22)]})

    @requirement("B3.R1")
    def test_a_second_click_plans_nobody_twice(self):
        self._generate()
        with self.assertRefused(UserError, "due"):
            self._generate()

    @requirement("B3.R1")
    def test_no_room(self):
        plans, left = self._generate(date_to=TODAY, visits_per_day=2)
        self.assertEqual((len(plans.line_ids), left), (4, 6))

    @requirement("B3.R1")
    def test_only_these_customers_and_rules(self):
        plans, _left = self._generate(partner_ids=[Command.set(self.partners[:3].ids)])
        self.assertEqual(plans.line_ids.partner_id, self.partners[:3])
        other = self._make_rule("Other")
        with self.assertRefused(UserError, "due"):
            self._generate(cadence_ids=[Command.set(other.ids)])

    @requirement("B3.R1")
    def test_from_the_board(self):
        """The board's button opens the dialog with the customers and owners of the rows."""
        self.partners[:2].user_id = self.specialist
        rows = self._rows(self.partners[:2]).with_user(self.specialist)
        action = rows.action_plan()
        wizard = self.env[action["res_model"]].with_user(self.specialist)
        wizard = wizard.with_context(**action["context"]).create({})
        self.assertEqual(wizard.user_ids, self.specialist)
        result = wizard.action_generate()
        plan = self.env["crm.visit.plan"].browse(result["res_id"])
        self.assertEqual(plan.line_ids.partner_id, self.partners[:2])
        self.assertEqual(self._row(self.partners[0]).state, "planned")

    def test_wrong_periods_are_refused(self):
        for values in (
            {"date_to": TODAY - timedelta(days=1)},
            {"visits_per_day": 0},
            {"hour_from": 18.0},
        ):
            with self.assertRefused(UserError, "period ends|at least one|must come before"):
                self._generate(**values)
        with self.assertRefused(UserError, "working day"):
            self._generate(date_from=date(2026, 5, 23), date_to=date(2026, 5, 24))
