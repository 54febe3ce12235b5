from datetime import timedelta
from xmlrpc.client import Fault

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.models import MAGIC_COLUMNS
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .channel_common import ChannelCommon
from .letter_common import LetterCommon

REFUSALS = (AccessError, UserError, ValidationError)
PRINT_LOGGERS = (
    "odoo.http",
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.web.controllers.report",
)
# what the core writes itself, or what is open on purpose
OPEN_NAMES = {
    "activity_ids",
    "message_ids",
    "message_follower_ids",
    "rating_ids",
    "website_message_ids",
}


class UndoError(Exception):
    """What was done for a try is taken back."""


@tagged("post_install", "-at_install")
class TestAftersalesAttacks(ChannelCommon, LetterCommon, HttpCase):
    """Who tries what; each attack has beside it the honest way, which works."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign_company = cls.env["res.company"].create({"name": "Foreign Ltd."})
        cls.foreigner = new_test_user(
            cls.env,
            login="test_foreigner",
            groups="base.group_user,crm_service_base.group_supervisor",
            name="Foreigner",
            lang="en_US",
            company_id=cls.foreign_company.id,
            company_ids=[Command.set(cls.foreign_company.ids)],
        )
        cls.outsider = cls._new_user("test_outsider", "specialist")
        cls.salesman = new_test_user(
            cls.env,
            login="test_seller",
            groups="base.group_user,sales_team.group_sale_salesman",
            name="Seller",
            lang="en_US",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.wang = cls._make_portal_user("wang", cls.customer)
        cls.case = cls._make_complaint(
            partner_id=cls.wang.partner_id.id, description="It burnt my fingers"
        )

    def _rpc(self, user, model, method, **body):
        expires = fields.Datetime.now() + timedelta(hours=1)
        keys = self.env["res.users.apikeys"].with_user(user).sudo()
        key = keys._generate(None, "attack", expires)
        self.env.flush_all()
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            answer = self.url_open(
                f"/json/2/{model}/{method}", json=body, headers={"Authorization": f"bearer {key}"}
            )
        self.env.invalidate_all()
        return answer

    # ------------------------------------------------------------------ the log

    def _make_documents(self):
        """One document of each kind that a customer may have had a letter from."""
        return (
            self.case,
            self._make_letter(),
            self._make_call(),
            self.env["crm.customer.promise"]
            .with_user(self.specialist)
            .create(
                {
                    "partner_id": self.customer.id,
                    "description": "Call back",
                    "date_deadline": fields.Date.today(),
                }
            ),
            self.team,
        )

    def test_who_got_one_message_writes_into_the_log(self):
        for document in self._make_documents():
            document = document.sudo()
            message = document.message_post(
                body="For Wang",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=(self.wang | self.plain_user).partner_id.ids,
            )
            document.message_subscribe((self.wang | self.plain_user).partner_id.ids)
            for user in (self.wang, self.plain_user):
                posted = {
                    "body": "Forged",
                    "parent_id": message.id,
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                    "partner_ids": self.manager.partner_id.ids,
                }
                with self.subTest(model=document._name, user=user.login):
                    with self.assertRefused(AccessError, "."):
                        document.with_user(user).message_post(**posted)
                    with self.assertRefused(AccessError, "."):
                        self.env["mail.message"].with_user(user).create(
                            {
                                "model": document._name,
                                "res_id": document.id,
                                "parent_id": message.id,
                                "body": "Forged",
                                "message_type": "comment",
                                "subtype_id": self.env.ref("mail.mt_comment").id,
                            }
                        )
        document = self._make_call()
        message = document.sudo().message_post(
            body="For Wang",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.wang.partner_id.ids,
        )
        answer = self._rpc(
            self.wang,
            "crm.visit",
            "message_post",
            ids=document.ids,
            body="Forged",
            parent_id=message.id,
            message_type="comment",
        )
        self.assertEqual(answer.status_code, 403)
        document.message_post(body="Noted")
        self.assertIn("Noted", "".join(document.message_ids.mapped("body")))

    def test_a_customer_rewrites_what_it_wrote(self):
        message = self.case.sudo().message_post(
            body="It burns",
            author_id=self.wang.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        answer = self._rpc(
            self.wang, "mail.message", "write", ids=message.ids, vals={"body": "All is well"}
        )
        self.assertEqual(answer.status_code, 403)
        answer = self._rpc(self.wang, "mail.message", "unlink", ids=message.ids)
        self.assertEqual(answer.status_code, 403)
        self.assertIn("It burns", message.body)

    def test_a_department_answers_in_the_log_of_its_letter(self):
        letter = self._send()
        message = letter.with_user(self.fitter).message_post(
            body="Which batch?", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertEqual(message.author_id, self.fitter.partner_id)

    # ------------------------------------------------------------------ ratings

    @requirement("E2.R10")
    def test_who_reads_opinions_of_customers(self):
        case = self._make_case(partner_id=self.wang.partner_id.id)
        self._solve(case)
        rating = case._rate(self.wang.partner_id, 1, "A secret grudge")
        found = [("feedback", "=", "A secret grudge")]
        ratings = self.env["rating.rating"]
        for user in (self.foreigner, self.plain_user):
            with self.subTest(user=user.login):
                self.assertFalse(ratings.with_user(user).search(found))
                with self.assertRefused(AccessError, "."):
                    rating.with_user(user).read(["feedback"])
                groups = ratings.with_user(user).formatted_read_group(found, [], ["__count"])
                self.assertEqual(groups[0]["__count"], 0)
                answer = self._rpc(user, "rating.rating", "search_read", domain=found)
                self.assertNotIn("grudge", answer.text)
        self.assertEqual(ratings.with_user(self.specialist).search(found), rating)
        self.assertEqual(rating.with_user(self.outsider).feedback, "A secret grudge")
        other = ratings.create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.customer.id,
                "rating": 5,
                "feedback": "About a partner",
            }
        )
        self.assertIn(other, ratings.with_user(self.plain_user).search([]))

    # ------------------------------------------------------------------ commitments and promises

    @requirement("C1.R4")
    def test_sales_reads_what_we_do_not_say(self):
        told = self._enforce(self._make_commitment("Two hours"))
        implicit = self._enforce(self._make_commitment("One hour really", audience="implicit"))
        internal = self._enforce(self._make_commitment("Stores in a day", scope="internal"))
        draft = told.create({"title": "Planned", "statement": "Planned"})
        seen = told.with_user(self.salesman).search([("title", "!=", False)])
        self.assertIn(told, seen)
        self.assertFalse(seen & (implicit | internal | draft))
        for commitment in (implicit, internal, draft):
            with self.assertRefused(AccessError, "."):
                commitment.with_user(self.salesman).read(["statement"])
        for user in (self.specialist, self.director, self.general_manager, self.auditor):
            self.assertLessEqual(
                told | implicit | internal | draft, told.with_user(user).search([])
            )

    @requirement("C1.R4")
    def test_a_promise_says_that_it_is_covered(self):
        promises = self.env["crm.customer.promise"].with_user(self.specialist)
        values = {
            "partner_id": self.customer.id,
            "description": "A car for free",
            "date_deadline": fields.Date.today(),
        }
        for context, forged in (
            ({"default_is_beyond_commitment": False}, {}),
            ({}, {"is_beyond_commitment": False}),
        ):
            promise = promises.with_context(**context).create({**values, **forged})
            self.assertTrue(promise.is_beyond_commitment)

    # ------------------------------------------------------------------ what the server writes

    def test_context_fills_in_what_the_server_writes(self):
        cases = self.env["crm.service.case"].with_user(self.specialist)
        initial = cases._get_server_fields()
        context = {
            "default_state": "closed",
            "default_stage_id": self.stage_closed.id,
            "default_severity": "major",
            "default_validity": "invalid",
            "default_user_id": self.outsider.id,
            "default_is_history": True,
            "default_date_closed": self.now,
            "default_callback_result": "good",
            "default_previous_id": self.case.id,
            "default_rating_last_value": 5,
            "default_commercial_partner_id": self.other_customer.id,
            "default_name": "FORGED",
            "tracking_disable": True,
            "mail_notrack": True,
        }
        values = {"subject": "x", "kind": "complaint", "partner_id": self.customer.id}
        with self.assertRefused(AccessError, "own what you register"):
            cases.with_context(**context).create(values)
        context["default_user_id"] = self.specialist.id
        case = cases.with_context(**context).create(values)
        self.assertEqual(case.stage_id.state, "open")
        self.assertFalse(case.is_history)
        self.assertEqual(case.commercial_partner_id, self.customer)
        self.assertNotEqual(case.name, "FORGED")
        for name, value in initial.items():
            if f"default_{name}" not in context:  # clocks fill in their own
                continue
            with self.subTest(field=name):
                found = case.sudo()[name]
                found = found.id if case._fields[name].type == "many2one" else found
                self.assertEqual(found or False, value or False)

    @requirement("E2.R4")
    def test_the_desk_answers_for_the_department(self):
        context = {
            "default_analysis": "All is well",
            "default_measures": "None",
            "default_state": "verified",
            "default_date_answered": self.now,
            "default_answered_by_id": self.engineer.id,
            "default_verified_by_id": self.supervisor.id,
            "default_result": "Done",
        }
        referral = (
            self.env["crm.case.referral"]
            .with_user(self.specialist)
            .with_context(**context)
            .create({"case_id": self.case.id, "department_id": self.technical.id})
        )
        self.assertEqual(referral.state, "sent")
        self.assertEqual(referral.user_id, self.specialist)
        for name in ("analysis", "measures", "date_answered", "answered_by_id", "result"):
            self.assertFalse(referral[name])
        for user in (self.specialist, self.reader, self.supervisor):
            with self.assertRefused(AccessError, "."):
                referral.with_user(user).write({"analysis": "All is well"})
            with self.assertRefused(AccessError, "."):
                referral.with_user(user).action_answer()
        referral.with_user(self.fitter).write({"analysis": "A bad cell", "measures": "Replace"})
        referral.with_user(self.fitter).action_answer()
        self.assertEqual(referral.answered_by_id, self.fitter)

    def test_defaults_do_not_write_what_the_server_writes(self):
        forged = {
            "date_closed": self.now,
            "closed_by_id": self.supervisor.id,
            "state": "closed",
            "callback_result": "satisfied",
            "date_great": self.now,
            "reopen_count": 7,
        }
        for name, value in forged.items():
            self.env["ir.default"].with_user(self.specialist).sudo().set(
                "crm.service.case",
                name,
                fields.Datetime.to_string(value) if value is self.now else value,
                user_id=self.specialist.id,
            )
        context = {f"default_{name}": value for name, value in forged.items()}
        cases = self.env["crm.service.case"].with_user(self.specialist)
        for model in (cases, cases.with_context(**context)):
            case = model.create({"subject": "Forged", "partner_id": self.customer.id})
            for name, value in forged.items():
                self.assertNotEqual(case.sudo().read([name], load=None)[0][name], value, name)

    def test_a_context_does_not_change_what_is_remembered_for_all(self):
        """Policies, stages, numbers and departments are looked up once for everybody."""
        policy = self.env.ref("crm_aftersales.deadline_policy_solve")
        retired = policy.copy({"name": "Retired", "active": False, "sequence": -1, "amount": 999})
        department = self.env["crm.service.department"].create(
            {
                "name": "Closed",
                "company_id": self.company.id,
                "sequence": -1,
                "member_ids": self.outsider.ids,
                "active": False,
            }
        )
        numbers = self.env["ir.sequence"].create(
            {"name": "Old", "code": "crm.service.case", "prefix": "OLD", "active": False}
        )
        numbers.company_id = self.company
        self.env.registry.clear_cache()
        values = {"subject": "Poison", "kind": "complaint", "partner_id": self.customer.id}
        cases = self.env["crm.service.case"].with_user(self.outsider)
        poisoned = cases.with_context(active_test=False, lang="zh_CN").create(values)
        for case in (poisoned, cases.create(values)):
            solve = case.sudo().clock_ids.filtered(lambda clock: clock.target == "solve")
            self.assertNotEqual(solve.policy_id, retired)
            self.assertNotEqual(case.sudo().department_id, department)
            self.assertFalse(case.name.startswith("OLD"))

    def test_what_was_typed_goes_before_the_card_of_the_customer(self):
        self.customer.write({"phone": "0931 1111111", "email": "office@example.com"})
        cases = self.env["crm.service.case"].with_user(self.specialist)
        case = cases.create(
            {"subject": "Call", "partner_id": self.customer.id, "phone": "0931 2222222"}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((case.phone, case.email), ("0931 2222222", "office@example.com"))

    def test_nobody_writes_the_ledger_of_the_clocks(self):
        clock = self.case.sudo().clock_ids[:1]
        clock._turn("pause", self.now)
        rows = (
            (clock, {"date_deadline": self.now + timedelta(days=99)}),
            (clock.segment_ids[:1], {"date": self.now}),
        )
        for user in (self.specialist, self.supervisor, self.manager, self.general_manager):
            case = self.case.with_user(user)
            for record, values in rows:
                row = record.with_user(user)
                for attempt in (
                    lambda row=row, values=values: row.write(values),
                    lambda row=row: row.unlink(),
                    lambda row=row: row.copy(),
                    lambda row=row, values=values: row.web_save(values, {}),
                    lambda case=case: case.write(
                        {"clock_ids": [Command.update(clock.id, {"state": "stopped"})]}
                    ),
                    lambda case=case: case.write({"clock_ids": [Command.clear()]}),
                ):
                    with self.subTest(user=user.login, row=row), self.assertRefused(REFUSALS, "."):
                        attempt()
            with self.assertRefused(AccessError, "."):
                self.env["crm.deadline.escalation"].with_user(user).create({"clock_id": clock.id})
        self.assertTrue(clock.exists())
        for user in (self.specialist, self.supervisor):
            with self.assertRefused(AccessError, "."):
                self.env["crm.deadline.policy"].with_user(user).search([], limit=1).write(
                    {"name": "x"}
                )

    def test_stored_fields_that_people_only_read(self):
        """Whatever a form shows read-only is not written over RPC either."""
        referral = (
            self.env["crm.case.referral"]
            .with_user(self.specialist)
            .create({"case_id": self.case.id, "department_id": self.technical.id})
        )
        letter = self._make_letter()
        adjudication = (
            self.env["crm.adjudication"]
            .with_user(self.specialist)
            .create({"subject": "x", "description": "y"})
        )
        measure = (
            self.env["crm.case.measure"]
            .with_user(self.specialist)
            .create({"case_id": self.case.id, "name": "x"})
        )
        commitment = (
            self.env["crm.service.commitment"]
            .with_user(self.specialist)
            .create({"title": "x", "statement": "y"})
        )
        note = (
            self.env["crm.market.note"]
            .with_user(self.specialist)
            .create({"partner_id": self.customer.id, "note": "x"})
        )
        discussion = (
            self.env["crm.case.discussion"].with_user(self.specialist).create({"subject": "x"})
        )
        forged = []
        for record in (
            self.case,
            referral,
            letter,
            adjudication,
            measure,
            commitment,
            note,
            discussion,
        ):
            for user in (self.specialist, self.supervisor):
                mine = record.with_user(user)
                for name, field in record._fields.items():
                    if (
                        not (field.store and field.readonly)
                        or name in OPEN_NAMES
                        or name in MAGIC_COLUMNS
                    ):
                        continue
                    value = self._forge(field)
                    if not value:
                        continue
                    try:
                        with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                            mine.write({name: value})
                            forged.append(f"{record._name}.{name} by {user.login}")
                            raise UndoError
                    except (*REFUSALS, UndoError):
                        self.env.invalidate_all(flush=False)
                    self.env.invalidate_all(flush=False)
        self.assertFalse(forged)

    def _forge(self, field):
        match field.type:
            case "selection":
                return field.get_values(self.env)[-1]
            case "many2one":
                return self.env[field.comodel_name].sudo().search([], limit=1, order="id desc").id
            case "datetime":
                return self.now
            case "date":
                return fields.Date.today()
            case "boolean":
                return True
            case "integer" | "float" | "monetary":
                return 7
            case "char" | "text":
                return "Forged"
        return None

    # ------------------------------------------------------------------ mail

    @requirement("D6.R1")
    def test_an_alias_says_how_a_case_begins(self):
        team = self.team.with_user(self.manager)
        poison = {
            "state": "closed",
            "severity": "major",
            "stage_id": self.stage_closed.id,
            "is_history": True,
            "user_id": self.outsider.id,
            "company_id": self.foreign_company.id,
        }
        for values in (
            {"alias_defaults": repr(poison)},
            {"alias_id": self.env["mail.alias"].sudo().search([], limit=1).id},
            {"alias_model_id": self.env["ir.model"]._get_id("res.users")},
            {"alias_force_thread_id": self.case.id},
        ):
            with self.subTest(values=values), self.assertRefused(AccessError, "."):
                team.write(values)
        made = team.create({"name": "New", "alias_defaults": repr(poison)})
        self.assertNotIn("closed", made.alias_defaults)
        self.assertTrue(team.copy().exists())
        team.write({"alias_name": "line"})
        # an administrator of the system who does it all the same
        self.team.alias_id.alias_defaults = repr({"team_id": self.team.id, **poison})
        case = self._receive(self._compose(To="line@case.example.com"))
        self.assertEqual(len(case), 1)
        self.assertEqual(
            (case.state, case.stage_id.state, case.severity), ("open", "open", "minor")
        )
        self.assertEqual(case.company_id, self.company)
        self.assertFalse(case.user_id)
        self.assertFalse(case.is_history)
        self.assertTrue(case.sudo().clock_ids)

    # ------------------------------------------------------------------ adjudication

    @requirement("C3.R10")
    def test_who_asks_under_another_name_decides(self):
        self.company.crm_adjudication_department_id = self.department
        self.department.member_ids |= self.outsider
        document = (
            self.env["crm.adjudication"]
            .with_user(self.supervisor)
            .create(
                {
                    "subject": "Who pays",
                    "description": "Both say no",
                    "department_ids": [Command.set((self.technical | self.stores).ids)],
                    "date_due": self.now + timedelta(days=2),
                    "user_id": self.specialist.id,
                }
            )
        )
        document.action_request()
        for user in (self.supervisor, self.specialist, self.engineer, self.reader):
            with self.subTest(user=user.login), self.assertRefused(AccessError, "."):
                document.with_user(user).action_decide()
        self.assertTrue(document.with_user(self.outsider).action_decide())

    # ------------------------------------------------------------------ merging

    def test_unknown_people_are_merged(self):
        values = {"partner_id": False, "contact_name": "Somebody"}
        first = self._make_case(**values, email="a@a.example.com")
        second = self._make_case(**values, email="b@b.example.com")
        third = self._make_case(**values, email="A@a.example.com")
        with self.assertRefused(UserError, "different customers"):
            (first | second)._merge_into(first)
        (first | third)._merge_into(first)
        self.assertEqual(third.state, "cancelled")

    # ------------------------------------------------------------------ strangers

    def test_strangers_read_nothing(self):
        letter = self._send(case_id=self.case.id)
        clock = self.case.sudo().clock_ids[:1]
        clock._turn("pause", self.now)
        rows = (self.case, letter, clock, clock.segment_ids[:1])
        for user in (self.foreigner, self.plain_user, self.stranger, self.wang):
            for row in rows:
                for company in (self.company.ids, (self.company | self.foreign_company).ids):
                    mine = row.with_user(user).with_context(allowed_company_ids=company)
                    for attempt in (
                        lambda mine=mine: mine.read(["display_name"]),
                        lambda mine=mine: mine.export_data(["display_name"]),
                        lambda mine=mine: mine.web_read({"display_name": {}}),
                        lambda mine=mine: mine.write({"active": False}),
                    ):
                        with (
                            self.subTest(user=user.login, row=row),
                            self.assertRefused(REFUSALS, "."),
                        ):
                            attempt()
                model = row.with_user(user)
                if model.has_access("read"):
                    self.assertNotIn(row.id, model.search([]).ids)
                    groups = model._read_group([("id", "=", row.id)], [], ["__count"])
                    self.assertFalse(groups[0][0])

    def test_strangers_print_nothing(self):
        secret = "It burnt my fingers"
        letter = self._send(case_id=self.case.id, description=secret)
        discussions = self.env["crm.case.discussion"].with_user(self.supervisor)
        papers = {
            "crm.service.case": self.case,
            "crm.liaison.letter": letter,
            "crm.adjudication": self.env["crm.adjudication"]
            .with_user(self.specialist)
            .create({"subject": secret, "department_ids": self.technical.ids}),
            "crm.case.discussion": discussions.create({"subject": secret}),
        }
        reports = self.env["ir.actions.report"].search([("model", "in", list(papers))])
        self.assertEqual(set(reports.mapped("model")), papers.keys())
        for user in (self.specialist, self.foreigner, self.plain_user, self.wang, None):
            login = user and user.login
            self.authenticate(login, login)
            for report in reports:
                paper = papers[report.model]
                for kind in ("html", "pdf", "text"):
                    url = f"/report/{kind}/{report.report_name}/{paper.id}"
                    with self.subTest(user=login, url=url), mute_logger(*PRINT_LOGGERS):
                        answer = self.url_open(url)
                        if user == self.specialist and kind == "html":
                            self.assertEqual(answer.status_code, 200)
                        elif user != self.specialist:
                            self.assertNotIn(paper.name, answer.text)
                            self.assertNotIn(secret, answer.text)
                            self.assertNotIn(b"%PDF", answer.content)

    def test_the_old_protocol_is_no_door(self):
        self.env.flush_all()
        calls = (
            ("read", ["description"]),
            ("write", {"lessons": "None"}),
            ("_judge", "invalid", "x"),
            ("_close",),
            ("unlink",),
        )
        forged = ({"state": "closed"}, {"validity": "invalid"}, {"name": "X"})
        tries = [
            (user, *call) for user in (self.foreigner, self.plain_user, self.wang) for call in calls
        ]
        tries += [(self.specialist, "write", values) for values in forged]
        tries += [(self.specialist, *call) for call in calls[2:]]
        for user, method, *args in tries:
            with (
                self.subTest(user=user.login, method=method),
                mute_logger(*PRINT_LOGGERS),
                self.assertRaises(Fault),
            ):
                self._xmlrpc(user, method, self.case.ids, *args)
        self._xmlrpc(self.specialist, "write", self.case.ids, {"lessons": "Read"})
        self.env.invalidate_all()
        self.assertEqual((self.case.state, self.case.lessons), ("open", "Read"))

    def _xmlrpc(self, user, method, *args):
        return self.xmlrpc_object.execute_kw(
            self.env.cr.dbname, user.id, user.login, "crm.service.case", method, args
        )

    def test_a_reader_of_a_letter_asks_about_the_case(self):
        """Who answers a letter does not find out by searching what stands in the case."""
        letter = self._send(case_id=self.case.id)
        referral = (
            self.env["crm.case.referral"]
            .with_user(self.specialist)
            .create({"case_id": self.case.id, "department_id": self.technical.id})
        )
        for document in (letter, referral):
            mine = document.with_user(self.fitter)
            self.assertTrue(mine.search([("id", "=", document.id)]))
            domain = [("case_id.solution", "=", False), ("id", "=", document.id)]
            for attempt in (
                lambda mine=mine, domain=domain: self.assertFalse(mine.search(domain)),
                lambda mine=mine: self.assertNotIn(
                    "burnt", str(mine.export_data(["case_id/description"]))
                ),
                lambda mine=mine: (
                    mine.read_group([], ["case_id"], ["case_id.team_id"])
                    and self.fail("grouped by what is not theirs")
                ),
            ):
                try:
                    with self.env.cr.savepoint():
                        attempt()
                except (AccessError, UserError, ValueError):
                    self.env.invalidate_all(flush=False)
            with self.assertRefused(AccessError, "."):
                mine.case_id.read(["description"])
            with self.assertRefused(AccessError, "."):
                self.env["mail.activity"].with_user(self.fitter).create(
                    {
                        "res_model_id": self.env["ir.model"]._get_id("crm.service.case"),
                        "res_id": self.case.id,
                        "user_id": self.fitter.id,
                    }
                )
        self.case.with_user(self.fitter).message_subscribe(self.fitter.partner_id.ids)
        self.assertNotIn(self.fitter.partner_id, self.case.sudo().message_partner_ids)
        with self.assertRefused(AccessError, "."):
            self.env["mail.followers"].with_user(self.fitter).create(
                {
                    "res_model": "crm.service.case",
                    "res_id": self.case.id,
                    "partner_id": self.fitter.partner_id.id,
                }
            )
        self.assertFalse(
            self.env["mail.message"]
            .with_user(self.fitter)
            .search(Domain("model", "=", "crm.service.case") & Domain("res_id", "=", self.case.id))
        )

    def test_a_form_shows_what_it_is_linked_to(self):
        """Computed and related fields of a form are no window into documents of others."""
        foreign_team = self.env["crm.service.team"].create(
            {"name": "Foreign", "company_id": self.foreign_company.id}
        )
        secret = (
            self.env["crm.service.case"]
            .with_user(self.foreigner)
            .create(
                {
                    "subject": "Foreign grudge",
                    "description": "A grudge",
                    "contact_name": "Grudge",
                    "team_id": foreign_team.id,
                }
            )
        )
        referral = (
            self.env["crm.case.referral"]
            .with_user(self.specialist)
            .create({"case_id": self.case.id, "department_id": self.technical.id})
        )
        other = self._make_complaint(description="A grudge", subject="Another grudge")
        names = ("case_subject", "content", "contact_name", "case_number")
        spec = {name: {} for name in names}
        for case in (other, secret):
            values = {"case_id": case.id, "content": False}
            with self.assertRefused(AccessError, "."):
                referral.with_user(self.fitter).onchange(values, ["case_id"], spec)
        values = {"case_id": self.case.id, "date_promised": fields.Date.today()}
        referral.with_user(self.fitter).onchange(values, ["date_promised"], {})
        found = (
            referral.browse()
            .with_user(self.specialist)
            .onchange({"case_id": other.id}, ["case_id"], spec)
        )
        self.assertIn("grudge", str(found))
        specialist = self.env(user=self.specialist)
        for model, values, name in (
            ("crm.case.referral", {"case_id": secret.id}, "case_subject"),
            ("crm.liaison.letter", {"case_id": secret.id}, "case_reference"),
            ("crm.adjudication", {"case_id": secret.id}, "case_reference"),
            ("crm.case.discussion", {"case_ids": [[6, 0, secret.ids]]}, "case_references"),
            ("crm.customer.promise", {"case_id": secret.id}, "partner_id"),
            ("crm.case.reply", {"case_id": secret.id}, "subject"),
            ("crm.case.reply", {"case_id": secret.id}, "fault"),
            ("crm.service.case.split", {"case_id": secret.id}, "kind"),
        ):
            with self.subTest(model=model, name=name):
                with self.assertRefused(AccessError, "."):
                    specialist[model].onchange(values, list(values), {name: {}})
                context = {
                    f"default_{key}": secret.ids if key.endswith("s") else secret.id
                    for key in values
                }
                if model.startswith(("crm.liaison", "crm.case.referral", "crm.case.reply")):
                    with self.assertRefused(AccessError, "."):
                        documents = specialist[model].with_context(**context)
                        documents.onchange({}, [], {"case_id": {}, name: {}})
        for model, values in (
            ("crm.case.reply", {"case_id": secret.id, "how": "phone"}),
            ("crm.service.case.split", {"case_id": secret.id, "subject": "x", "kind": "inquiry"}),
            ("crm.liaison.letter", {"case_id": secret.id, "subject": "x"}),
            ("crm.case.discussion", {"case_ids": secret.ids, "subject": "x"}),
        ):
            with self.subTest(model=model), self.assertRefused(REFUSALS, "."):
                made = specialist[model].create(values)
                self.env.flush_all()
                made.read()

    def test_lines_of_a_form_show_what_they_are_linked_to(self):
        """A new line of a form is no window either."""
        item = self.env["crm.custody.item"].create(
            {"title": "Secret meter", "unit": "grudges", "holder_id": self.specialist.id}
        )
        spec = {"line_ids": {"fields": {"unit": {}}}}
        values = {"line_ids": [[0, "virtual_1", {"item_id": item.id}]]}
        for user, is_mine in ((self.supervisor, True), (self.foreigner, False)):
            counts = self.env["crm.custody.count"].with_user(user)
            if is_mine:
                self.assertIn("grudges", str(counts.onchange(values, [], spec)))
            else:
                with self.assertRefused(AccessError, "."):
                    counts.onchange(values, [], spec)

    def test_a_link_tells_nothing_of_what_it_leads_to(self):
        """Whoever tries ids learns neither numbers nor subjects from the refusals."""
        foreigner = self.env(user=self.foreigner, su=False)
        customer = foreigner["res.partner"].create({"name": "Foreign customer"})
        mine = foreigner["crm.service.case"].create(
            {"subject": "Mine", "partner_id": customer.id, "team_id": False}
        )
        receipt = {"partner_id": customer.id, "amount": 1, "description": "x"}
        feedback = {"partner_id": customer.id, "channel": "phone"}
        for model, values in (("crm.field.receipt", receipt), ("crm.service.feedback", feedback)):
            own = foreigner[model].create({**values, "case_id": mine.id})
            with self.subTest(model=model):
                for attempt in (
                    lambda m=model, v=values: foreigner[m].create({**v, "case_id": self.case.id}),
                    lambda own=own: own.write({"case_id": self.case.id}),
                    lambda m=model, v=values: (
                        foreigner[m].with_context(default_case_id=self.case.id).create(v)
                    ),
                ):
                    with self.assertRaises(AccessError) as caught, self.env.cr.savepoint():
                        attempt()
                    self.assertNotIn(self.case.name, str(caught.exception))
                    self.assertNotIn(self.case.subject, str(caught.exception))

    def test_files_of_a_case(self):
        file = self.env["ir.attachment"].create(
            {
                "name": "x.png",
                "raw": b"secret",
                "res_model": "crm.service.case",
                "res_id": self.case.id,
            }
        )
        own = (
            self.env["ir.attachment"]
            .with_user(self.plain_user)
            .create({"name": "own", "raw": b"own"})
        )
        for user in (self.plain_user, self.foreigner, self.wang, self.fitter):
            with self.subTest(user=user.login):
                with self.assertRefused(AccessError, "."):
                    file.with_user(user).read(["raw"])
                self.authenticate(user.login, user.login)
                with mute_logger("odoo.http"):
                    answer = self.url_open(f"/web/content/{file.id}")
                self.assertNotIn(b"secret", answer.content)
        with self.assertRefused(AccessError, "."):
            own.with_user(self.plain_user).write(
                {"res_model": "crm.service.case", "res_id": self.case.id}
            )
        hidden = self.env["ir.attachment"].create(
            {
                "name": "hidden",
                "raw": b"hidden",
                "res_model": "res.company",
                "res_id": self.foreign_company.id,
            }
        )
        with self.assertRefused(AccessError, "."):
            self.case.with_user(self.specialist).message_post(
                body="x", attachment_ids=hidden.ids, message_type="comment"
            )

    def test_dialogs_with_cases_of_others(self):
        """A dialog checks whose cases it is given."""
        foreign_team = self.env["crm.service.team"].create(
            {"name": "Foreign", "company_id": self.foreign_company.id}
        )
        other = (
            self.env["crm.service.case"]
            .with_user(self.foreigner)
            .create({"subject": "Foreign secret", "team_id": foreign_team.id})
        )
        supervisor = self.env(user=self.supervisor)
        with self.assertRefused(REFUSALS, "."):
            (self.case | other).with_user(self.supervisor)._merge_into(self.case)
        for model, values, method in (
            (
                "crm.service.case.decide",
                {"case_ids": other.ids, "kind": "severity", "reason": "x"},
                "action_apply",
            ),
            ("crm.service.case.batch", {"case_ids": other.ids, "urgency": "2"}, "action_apply"),
            ("crm.service.case.reopen", {"case_ids": other.ids, "reason": "x"}, "action_apply"),
            (
                "crm.case.handover.offer",
                {"case_id": other.id, "user_id": self.supervisor.id, "reason": "x"},
                "action_offer",
            ),
            (
                "crm.service.case.split",
                {"case_id": other.id, "subject": "x", "kind": "inquiry"},
                "action_split",
            ),
            ("crm.case.reply", {"case_id": other.id, "body": "x", "how": "phone"}, "action_send"),
        ):
            with self.subTest(model=model), self.assertRefused(REFUSALS, "."):
                dialog = supervisor[model].create(values)
                getattr(dialog, method if hasattr(dialog, method) else "action_reopen")()
        # a specialist outside the team reads the case, and changes nothing of it
        outsider = self.env(user=self.outsider)
        for model, values, method in (
            (
                "crm.service.case.decide",
                {"case_ids": self.case.ids, "kind": "judge", "reason": "x"},
                "action_apply",
            ),
            ("crm.service.case.batch", {"case_ids": self.case.ids, "urgency": "2"}, "action_apply"),
            (
                "crm.service.case.split",
                {"case_id": self.case.id, "subject": "x", "kind": "inquiry"},
                "action_split",
            ),
            (
                "crm.case.handover.offer",
                {"case_id": self.case.id, "user_id": self.outsider.id, "reason": "x"},
                "action_offer",
            ),
            (
                "crm.case.reply",
                {"case_id": self.case.id, "body": "x", "how": "phone"},
                "action_send",
            ),
        ):
            with self.subTest(model=model), self.assertRefused(REFUSALS, "."):
                getattr(outsider[model].create(values), method)()

    def test_an_outsider_takes_a_case(self):
        case = self.case.with_user(self.outsider)
        for values in (
            {"user_id": self.outsider.id},
            {"first_responder_id": self.outsider.id},
            {"team_id": self.team.id},
            {"special_leader_id": self.outsider.id},
            {"special_member_ids": [Command.link(self.outsider.id)]},
            {"kind": "inquiry"},
            {"fault": "not_own"},
        ):
            with self.subTest(values=values), self.assertRefused(REFUSALS, "."):
                case.write(values)
        for model, values in (
            ("crm.service.team", {"case_ids": [Command.link(self.case.id)]}),
            ("res.partner", {"crm_case_ids": [Command.unlink(self.case.id)]}),
        ):
            if model in self.env and values.keys() <= self.env[model]._fields.keys():
                with self.assertRefused(REFUSALS, "."):
                    self.env[model].with_user(self.outsider).search([], limit=1).write(values)
        made = case.create({"subject": "x", "special_leader_id": self.outsider.id})
        self.assertFalse(made.special_leader_id)
        mine = self.case.with_user(self.specialist)
        for values in (
            {"special_leader_id": self.specialist.id},
            {"validity": "invalid"},
            {"severity": "minor"},
            {"kind": "inquiry"},
            {"user_id": False},
        ):
            with self.subTest(values=values), self.assertRefused(REFUSALS, "."):
                mine.write(values)
            with self.subTest(values=values), self.assertRefused(REFUSALS, "."):
                mine.web_save(values, {})

    def test_answers_are_moved_to_another_company(self):
        answer = (
            self.env["crm.case.answer"]
            .with_user(self.specialist)
            .create({"name": "Q", "answer": "A"})
        )
        with self.assertRefused(AccessError, "companies you work in"):
            answer.write({"company_id": self.foreign_company.id})
