from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .merit_common import MeritCommon


@tagged("post_install", "-at_install")
class TestMeritEntry(MeritCommon):
    @requirement("A4.R9")
    def test_in_force_with_the_approval(self):
        entry = self._make_entry(amount=25)
        self.assertRegex(entry.name, r"^JC/\d{4}/\d+$")
        self.assertEqual(entry.department_id, self.department, "that of the person")
        self.assertEqual(entry.amount_signed, -25)
        entry.action_approval_submit()
        for user in (self.supervisor, self.specialist, self.general_manager):
            with self.assertRefused((AccessError, UserError), ""):
                entry.with_user(user).action_approval_approve()
        entry.with_user(self.manager).action_approval_approve()
        self.assertEqual((entry.state, entry.approved_by_id), ("in_force", self.manager))

    @requirement("A4.R9")
    def test_grave_ones_go_to_the_general_manager(self):
        grave = [
            self._make_entry(severity_id=self.grave.id),
            self._make_entry(kind="transfer", severity_id=False, department_to_id=self.stores.id),
            self._make_entry(kind="judicial", severity_id=False, authority="Police, 2026-17"),
        ]
        for entry in grave:
            entry.action_approval_submit()
            entry.with_user(self.manager).action_approval_approve()
            self.assertEqual(entry.state, "submitted", entry.kind)
            entry.with_user(self.general_manager).action_approval_approve()
            self.assertEqual(entry.state, "in_force", entry.kind)

    @requirement("A4.R9")
    def test_begun_in_an_empty_form(self):
        form = Form(self.env["crm.merit.entry"].with_user(self.supervisor))
        self.assertFalse(form.department_id)
        form.person_id = self.specialist
        self.assertEqual(form.department_id, self.department)

    @requirement("A4.R9")
    def test_complete_before_it_is_submitted(self):
        wanting = {
            "grounds": {"grounds": " "},
            "severity": {"severity_id": False},
            "transferred": {"kind": "transfer", "severity_id": False},
            "authority": {"kind": "judicial", "severity_id": False},
            "not yet past": {"date": self.today + timedelta(days=2)},
        }
        for pattern, values in wanting.items():
            with self.subTest(pattern), self.assertRefused(UserError, pattern):
                self._make_entry(**values).action_approval_submit()

    @requirement("C1.R12")
    def test_amount_by_severity_with_a_minimum(self):
        self.assertEqual(self.light.amount_min, 10, "as shipped")
        entry = self._make_entry()
        self.assertEqual(entry.amount, 10)
        entry.severity_id = self.serious
        self.assertEqual(entry.amount, 100)
        for amount in (0, 9.99, 99):
            with self.assertRefused(ValidationError, "at least"):
                entry.amount = amount
        with self.assertRefused(ValidationError, "at most"):
            entry.amount = 501
        with self.assertRefused(ValidationError, "no severity"):
            entry.severity_id = self.praise
        with self.assertRefused(ValidationError, "have an amount"):
            self._make_entry(kind="criticism", severity_id=False, amount=5)
        with self.assertRefused(ValidationError, "has a minimum"):
            self.light.write({"amount_min": 0})
        self.light.write({"amount_min": 20, "amount": 20})
        self.assertEqual(self._make_entry().amount, 20)
        with self.assertRefused(ValidationError, "at least"):
            self._make_entry(amount=10)

    @requirement("A4.R9")
    def test_the_person_hears_it_and_objects_once(self):
        entry = self._enforce(self._make_entry())
        self.assertIn(self.specialist.partner_id, self._get_notices(entry).partner_ids)
        kind = self.env.ref("crm_aftersales.mail_activity_type_merit_read")
        activities = entry.activity_ids.filtered(lambda a: a.activity_type_id == kind)
        self.assertEqual(activities.user_id, self.specialist)
        own = entry.with_user(self.specialist)
        self.assertTrue(own.is_objectable)
        with self.assertRefused(AccessError, "whom the entry is about"):
            entry._object("I speak for him")
        self._note(own.action_object(), self.specialist, note="The queue was out of order")
        self.assertEqual((entry.state, own.objection), ("objected", "The queue was out of order"))
        self.assertTrue(entry.date_acknowledged)
        # neither who proposed nor who approved nor the person decides
        for user in (self.supervisor, self.manager, self.specialist, self.auditor):
            with self.assertRefused(AccessError, "decided by"):
                entry.with_user(user)._decide_objection("upheld", "No")
        decider = entry.with_user(self.second_manager)
        self.assertTrue(decider.is_objection_mine)
        self._note(
            decider.action_decide_objection(), self.second_manager, result="upheld", note="It ran"
        )
        self.assertEqual((entry.state, entry.objection_result), ("in_force", "upheld"))
        with self.assertRefused(UserError, "objected to JC.* before"):
            own._object("Once more")

    @requirement("A4.R9")
    def test_objection_granted_and_too_late(self):
        entry = self._enforce(self._make_entry())
        entry.with_user(self.specialist)._object("It was not me")
        entry.with_user(self.director)._decide_objection("granted", "Another desk")
        self.assertEqual((entry.state, entry.withdraw_reason), ("withdrawn", "Another desk"))
        self.assertEqual(entry.withdrawn_by_id, self.director)
        late = self._enforce(self._make_entry())
        self.assertEqual(late.date_objection_until, self.today + timedelta(days=7))
        later = fields.Datetime.now() + timedelta(days=8)
        with freeze_time(later), self.assertRefused(UserError, "was over"):
            late.with_user(self.specialist)._object("Too late")

    @requirement("A4.R9")
    def test_withdrawn_with_a_reason(self):
        entry = self._enforce(self._make_entry())
        for user in (self.supervisor, self.specialist, self.director):
            with self.assertRefused(AccessError, "withdrawn by"):
                entry.with_user(user)._withdraw("Please")
        with self.assertRefused(UserError, "in words"):
            entry.with_user(self.manager)._withdraw(" ")
        self._note(entry.with_user(self.manager).action_withdraw(), self.manager, note="Mistaken")
        self.assertEqual((entry.state, entry.withdraw_reason), ("withdrawn", "Mistaken"))
        grave = self._make_entry(severity_id=self.grave.id)
        self._enforce(grave, self.manager, self.general_manager)
        with self.assertRefused(AccessError, "grave one"):
            grave.with_user(self.manager)._withdraw("Too hard")
        grave.with_user(self.general_manager)._withdraw("Too hard")
        self.assertEqual(grave.state, "withdrawn")

    @requirement("A4.R9")
    def test_nobody_decides_about_himself(self):
        with self.assertRefused((AccessError, ValidationError), "about himself|not allowed"):
            self._make_entry(self.supervisor, person_id=self.supervisor.id)
        with self.assertRefused(ValidationError, "about himself"):
            self._make_entry(self.manager, user_id=self.specialist.id)
        about_manager = self._make_entry(
            self.second_manager, person_id=self.manager.id, user_id=self.second_manager.id
        )
        with self.assertRefused(AccessError, ""):
            about_manager.with_user(self.manager).read(["grounds"])
        about_manager.action_approval_submit()
        pool = about_manager.sudo().approval_step_id.pending_user_ids
        self.assertNotIn(self.manager, pool)
        self.assertNotIn(self.second_manager, pool, "who submits")
        entry = self._make_entry()
        with self.assertRefused((AccessError, ValidationError), "about himself|not allowed"):
            entry.person_id = self.supervisor
        # turned round in the database, the engine still does not let him decide
        entry.action_approval_submit()
        entry.flush_recordset()
        self.env.cr.execute(
            "UPDATE crm_merit_entry SET person_id = %s WHERE id = %s", (self.manager.id, entry.id)
        )
        self.env.invalidate_all()
        with self.assertRefused((AccessError, UserError), ""):
            entry.with_user(self.manager).action_approval_approve()

    @requirement("A4.R9")
    def test_append_only_after_approval(self):
        entry = self._enforce(self._make_entry(amount=40))
        for user in (self.supervisor, self.manager, self.general_manager):
            mine = entry.with_user(user)
            for values in ({"amount": 10}, {"grounds": "-"}, {"kind": "criticism"}):
                with self.assertRefused(UserError, "locked"):
                    mine.write(values)
            with self.assertRefused((UserError, AccessError), ""):
                mine.write({"active": False})
            for values in (
                {"state": "cancelled"},
                {"date_approved": False},
                {"objection_result": "granted"},
                {"date_objection_until": self.today + timedelta(days=99)},
            ):
                with self.assertRefused(AccessError, ""):
                    mine.write(values)
            with self.assertRefused((UserError, AccessError), ""):
                mine.unlink()
            with self.assertRefused((UserError, AccessError), ""):
                mine.action_approval_withdraw("Back")
            with self.assertRefused((UserError, AccessError), ""):
                mine._cancel("Away with it")
        with self.assertRefused((AccessError, UserError), ""):
            entry.with_user(self.manager).write({"amount_signed": 0})
        self.assertEqual((entry.amount, entry.state), (40, "in_force"))

    @requirement("A4.R9")
    def test_forged_values_at_creation(self):
        entry = (
            self.env["crm.merit.entry"]
            .with_user(self.supervisor)
            .with_context(default_state="in_force", default_date_approved="2026-01-01 00:00:00")
            .create(
                {
                    "person_id": self.specialist.id,
                    "kind": "reward",
                    "severity_id": self.praise.id,
                    "state": "in_force",
                    "date_approved": "2026-01-01 00:00:00",
                    "department_id": self.stores.id,
                    "is_proposal": True,
                    "amount_signed": 10000,
                }
            )
        )
        self.assertEqual((entry.state, entry.date_approved), ("draft", False))
        self.assertEqual((entry.department_id, entry.is_proposal), (self.department, False))
        self.assertEqual(entry.amount_signed, 50)

    @requirement("A4.R9")
    def test_who_sees_what(self):
        colleague = self._new_user("test_colleague", "specialist")
        self.department.member_ids |= colleague
        entry = self._make_entry()

        def readers():
            self.env.invalidate_all()
            users = (
                self.specialist,
                colleague,
                self.supervisor,
                self.manager,
                self.general_manager,
                self.auditor,
                self.engineer,
                self.plain_user,
            )
            found = self.env["crm.merit.entry"]
            return {user for user in users if entry in found.with_user(user).search([])}

        above = {self.supervisor, self.manager, self.general_manager, self.auditor}
        self.assertEqual(readers(), above, "a proposal is not the person's to read")
        self._enforce(entry)
        self.assertEqual(readers(), above | {self.specialist})
        with self.assertRefused(AccessError, ""):
            entry.with_user(colleague).read(["amount"])
        with self.assertRefused((AccessError, UserError), ""):
            entry.with_user(self.specialist).write({"grounds": "Nothing happened"})
        other = self._make_entry(self.manager, person_id=self.fitter.id)
        self.assertEqual(other.department_id, self.technical)
        self.assertNotIn(other, entry.with_user(self.supervisor).search([]))
        self.assertIn(other, entry.with_user(self.engineer).search([]), "he heads the department")
        with self.assertRefused(AccessError, ""):
            self._make_entry(self.supervisor, person_id=self.fitter.id)
        with self.assertRefused(AccessError, ""):
            entry.with_user(self.specialist).sudo(False).copy()

    @requirement("A4.R9")
    def test_from_the_form_of_the_department_and_of_the_user(self):
        below = self.env["crm.service.department"].create(
            {"name": "Desk", "parent_id": self.department.id, "company_id": self.company.id}
        )
        worker = self._new_user("test_below", "specialist")
        below.member_ids = worker
        mine = self._make_entry()
        theirs = self._make_entry(self.manager, person_id=worker.id)
        other = self._make_entry(self.manager, person_id=self.fitter.id)
        entries = mine.with_user(self.manager)

        def opened(record):
            return entries.search([*record.action_open_merits()["domain"], ("id", ">=", mine.id)])

        self.assertEqual(theirs.department_id, below)
        self.assertEqual(opened(self.department), mine | theirs)
        self.assertEqual(opened(self.technical), other)
        own = entries.search(self.specialist.action_open_crm_merits()["domain"])
        self.assertEqual(own & (mine | theirs | other), mine)

    @requirement("A4.R9")
    def test_companies_stay_apart(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user("test_else", "manager")
        stranger.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        entry = self._enforce(self._make_entry())
        with self.assertRefused(AccessError, ""):
            entry.with_user(stranger).with_company(elsewhere).read(["amount"])
        with self.assertRefused((AccessError, UserError), ""):
            self._make_entry(stranger, company_id=elsewhere.id, person_id=self.specialist.id)
        own = self.env["crm.merit.severity"].create(
            {"name": "Theirs", "amount_min": 1, "amount": 1, "company_id": elsewhere.id}
        )
        with self.assertRefused((ValidationError, UserError, AccessError), ""):
            self._make_entry(severity_id=own.id)
        self.assertNotIn(own, entry.with_user(self.manager).env["crm.merit.severity"].search([]))

    @requirement("A4.R9")
    def test_turned_on_oneself_or_on_a_customer(self):
        entry = self._make_entry()
        with self.assertRefused(AccessError, "about himself"):
            entry.with_user(self.manager).person_id = self.manager
        with self.assertRefused(AccessError, "Nobody decides about himself"):
            entry.with_user(self.specialist).sudo()._approval_check_submit()
        with self.assertRefused(ValidationError, "our own staff"):
            self._make_entry(self.manager, person_id=self.portal_user.id)

    @requirement("A4.R9")
    def test_ones_own_are_found(self):
        mine = self._enforce(self._make_entry())
        other = self._make_entry(self.manager, person_id=self.fitter.id)
        entries = self.env["crm.merit.entry"].with_user(self.specialist).sudo()
        both = [("id", "in", (mine | other).ids)]
        self.assertEqual(entries.search([*both, ("is_own", "=", True)]), mine)
        self.assertEqual(entries.search([*both, ("is_own", "=", False)]), other)
        self.assertEqual(entries.search([*both, ("is_own", "!=", True)]), other)

    @requirement("A4.R9")
    def test_read_and_then_not_asked_again(self):
        entry = self._enforce(self._make_entry())
        kind = self.env.ref("crm_aftersales.mail_activity_type_merit_read")
        own = entry.with_user(self.specialist)
        with self.assertRefused(AccessError, "whom the entry is about"):
            entry.action_acknowledge()
        own.action_acknowledge()
        read = entry.date_acknowledged
        self.assertTrue(read)
        self.assertNotIn(kind, entry.sudo().activity_ids.activity_type_id)
        with freeze_time(read + timedelta(hours=1)):
            own.action_acknowledge()
        self.assertEqual(entry.date_acknowledged, read)
        with self.assertRefused(UserError, "cannot be done now"):
            self._make_entry().with_user(self.specialist).sudo().action_acknowledge()

    @requirement("A4.R9")
    def test_an_objection_is_decided_one_way_or_the_other(self):
        entry = self._enforce(self._make_entry())
        entry.with_user(self.specialist)._object("It was not me")
        decider = entry.with_user(self.director)
        with self.assertRefused(UserError, "stands or is withdrawn"):
            decider._decide_objection("perhaps", "I do not know")
        with self.assertRefused(UserError, "in words"):
            decider._decide_objection("upheld", " ")
        with self.assertRefused(UserError, "cannot be done now"):
            entry.with_user(self.manager)._withdraw("While it is objected")
        kind = self.env.ref("crm_aftersales.mail_activity_type_merit_objection")
        asked = entry.sudo().activity_ids.filtered(lambda a: a.activity_type_id == kind).user_id
        self.assertLessEqual(self.director | self.second_manager, asked)
        self.assertFalse(asked & (self.manager | self.supervisor | self.specialist))
        decider._decide_objection("upheld", "The recording says so")
        self.assertNotIn(kind, entry.sudo().activity_ids.activity_type_id)
        told = self._get_notices(entry).filtered(lambda m: "Objection decided" in m.subject)
        self.assertEqual(told.partner_ids, (self.specialist | self.supervisor).partner_id)
        with self.assertRefused(UserError, "cannot be done now"):
            decider._decide_objection("granted", "On second thoughts")

    @requirement("A4.R9")
    def test_documents_one_may_not_read(self):
        case = self._make_complaint()
        with self.assertRefused(AccessError, ""):
            self._make_entry(self.engineer, person_id=self.fitter.id, case_id=case.id)
        with self.assertRefused(AccessError, ""):
            self._make_entry(self.engineer, person_id=self.fitter.id).case_id = case
        entry = self._make_entry(case_id=case.id)
        self.assertIn(case.name, entry.document_text)
        self.assertIs(self._make_entry().document_text, False)


@tagged("post_install", "-at_install")
class TestMeritProposal(MeritCommon):
    def _entries(self, case):
        return self.env["crm.merit.entry"].search([("case_id", "=", case.id)], order="id")

    @requirement("C1.R12")
    def test_a_valid_complaint_against_staff_proposes_once(self):
        case = self._make_complaint(self.supervisor, complained_user_id=self.specialist.id)
        self.assertFalse(self._entries(case), "nobody has judged it")
        case._judge("valid", "The recording proves it")
        entry = self._entries(case)
        self.assertEqual((entry.state, entry.person_id), ("draft", self.specialist))
        self.assertEqual(
            (entry.kind, entry.severity_id, entry.amount), ("deduction", self.light, 10)
        )
        self.assertEqual((entry.user_id, entry.source), (self.supervisor, "customer"))
        opened = case.with_user(self.manager).action_open_merits()["domain"]
        self._make_entry()
        self.assertEqual(self.env["crm.merit.entry"].search(opened), entry)
        self.assertIn("The recording proves it", entry.grounds)
        kind = self.env.ref("crm_aftersales.mail_activity_type_merit")
        self.assertEqual(entry.activity_ids.activity_type_id, kind)
        self.assertEqual(entry.activity_ids.user_id, self.supervisor)
        case.fault = "own"
        case._judge("valid", "Said again")
        case.fault = "open"
        self.assertEqual(self._entries(case), entry)
        # a supervisor submits it, a manager approves it, and it counts
        self._enforce(entry.with_user(self.supervisor))
        self.assertEqual(entry.state, "in_force")
        self.assertNotIn(kind, entry.sudo().activity_ids.activity_type_id, "it was examined")
        case.fault = "not_own"
        self.assertEqual(entry.state, "in_force", "what was approved is decided by people")
        self.assertEqual(case.with_user(self.specialist).merit_count, 1)

    @requirement("C1.R12")
    def test_a_proposal_does_not_vanish(self):
        case = self._make_complaint(self.supervisor, complained_user_id=self.specialist.id)
        case._judge("valid", "x")
        for user in (self.supervisor, self.manager):
            entry = self._entries(case).with_user(user)
            for values in (
                {"person_id": self.fitter.id},
                {"case_id": False},
                {"source": "daily"},
                {"active": False},
            ):
                with self.assertRefused((AccessError, UserError), ""):
                    entry.write(values)
            with self.assertRefused(UserError, "say why"):
                entry.unlink()
        entry.write({"severity_id": self.serious.id, "amount": 150})
        self.assertEqual(entry.amount_signed, -150, "how grave it is, people say")

    @requirement("C1.R12")
    def test_not_our_fault_or_another_person(self):
        case = self._make_complaint(self.supervisor, complained_user_id=self.specialist.id)
        case._judge("valid", "x")
        entry = self._entries(case)
        case.fault = "not_own"
        self.assertEqual(entry.state, "cancelled")
        case.write({"fault": "own", "complained_user_id": self.fitter.id})
        second = self._entries(case) - entry
        self.assertEqual((second.person_id, second.state), (self.fitter, "draft"))
        self.assertEqual(second.user_id, self.engineer, "the head of his department")
        case.with_user(self.manager)._judge("invalid", "The customer was mistaken")
        self.assertEqual(second.state, "cancelled")
        invalid = self._make_complaint(self.supervisor, complained_user_id=self.specialist.id)
        invalid._judge("invalid", "x")
        inquiry = self._make_case(self.supervisor, complained_user_id=self.specialist.id)
        self.assertFalse(self._entries(invalid) | self._entries(inquiry))

    @requirement("C1.R12")
    def test_a_major_complaint_weighs_more(self):
        case = self._make_complaint(
            self.supervisor, complained_user_id=self.specialist.id, is_injury=True
        )
        self.assertEqual(case.severity, "major")
        case._judge("valid", "x")
        self.assertEqual(self._entries(case).severity_id, self.serious)

    @requirement("C1.R12")
    def test_the_lightest_where_none_is_named_for_it(self):
        severities = self.env["crm.merit.severity"]
        severities.search([]).case_severity = False
        self.praise.write({"amount_min": 0, "case_severity": "minor"})
        self.assertEqual(severities._find_for_complaint(self.company, "minor"), self.light)
        own = self.light.copy({"company_id": self.company.id, "amount_min": 15, "amount": 15})
        self.assertEqual(severities._find_for_complaint(self.company, "minor"), own)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertEqual(severities._find_for_complaint(elsewhere, "minor"), self.light)

    @requirement("C1.R12")
    def test_who_is_complained_of_does_not_judge(self):
        case = self._make_complaint(complained_user_id=self.specialist.id)
        for attack in (
            lambda: case._judge("invalid", "It was not me"),
            lambda: case.write({"fault": "not_own"}),
            lambda: case.write({"complained_user_id": False}),
        ):
            with self.assertRefused(AccessError, "about you|whom a complaint"):
                attack()

    @requirement("C1.R12")
    def test_the_head_is_complained_of(self):
        case = self._make_complaint(self.specialist, complained_user_id=self.supervisor.id)
        case._judge("valid", "x")
        entry = self._entries(case)
        self.assertIn(
            entry.user_id, self.manager | self.second_manager | self.env.ref("base.user_admin")
        )
        with self.assertRefused(AccessError, ""):
            entry.with_user(self.supervisor).read(["grounds"])

    @requirement("C1.R12")
    def test_creating_cases_costs_nothing_more(self):
        self._make_complaint(self.supervisor)
        self.env.flush_all()
        counts = []
        for values in ({}, {"complained_user_id": self.specialist.id}):
            before = self.env.cr.sql_log_count
            self._make_complaint(self.supervisor, **values)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, "the company of the person is checked")

    def _complain(self, user, **values):
        dialog = self.env["crm.merit.complaint"].with_user(user)
        values = {"person_id": self.specialist.id, "grounds": "Told my dealer a lie", **values}
        return dialog.create(values).action_apply()

    @requirement("C1.R12")
    def test_salespeople_complain(self):
        self.plain_user.group_ids |= self.env.ref("sales_team.group_sale_salesman")
        self._complain(self.plain_user)
        entry = self.env["crm.merit.entry"].search([], limit=1, order="id desc")
        self.assertEqual((entry.source, entry.state), ("sales", "draft"))
        self.assertEqual((entry.complainant_id, entry.user_id), (self.plain_user, self.supervisor))
        self.assertNotEqual(entry.create_uid, self.plain_user)
        self._enforce(entry.with_user(self.supervisor))
        with self.assertRefused(AccessError, "complainant"):
            entry.with_user(self.specialist).read(["complainant_id"])
        told = self.env["mail.message"].search(
            [("partner_ids", "in", self.plain_user.partner_id.id)]
        )
        self.assertIn(entry.name, "".join(told.mapped("subject")))
        with self.assertRefused(AccessError, ""):
            entry.with_user(self.plain_user).read(["amount"])
        self._complain(self.engineer)
        other = self.env["crm.merit.entry"].search([], limit=1, order="id desc")
        self.assertEqual(other.source, "colleague")
        self._note(other.with_user(self.supervisor).action_cancel(), self.supervisor, note="Gossip")
        self.assertEqual((other.state, other.withdraw_reason), ("cancelled", "Gossip"))

    @requirement("C1.R12")
    def test_complaints_that_are_none(self):
        with self.assertRefused(UserError, "himself"):
            self._complain(self.specialist)
        with self.assertRefused(UserError, "colleague of this company"):
            self._complain(self.engineer, person_id=self.portal_user.id)
        with self.assertRefused(UserError, "in words"):
            self._complain(self.engineer, grounds="  ")
        with self.assertRefused(UserError, "not yet past"):
            self._complain(self.engineer, date=self.today + timedelta(days=3))
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRefused(UserError, "companies you work in"):
            self._complain(self.engineer, company_id=elsewhere.id)

    @requirement("C3.R2")
    def test_passing_a_case_around(self):
        colleague = self._new_user("test_colleague", "specialist")
        self.department.member_ids |= colleague
        case = self._make_case()
        for _time in range(4):
            handover = case.with_user(self.specialist)._hand_over(
                colleague, self.env["crm.service.team"], "Please do it"
            )
            handover.with_user(colleague)._decline("Not my job")
        self.assertTrue(case.is_passed_around)
        entry = self._entries(case)
        self.assertEqual((entry.person_id, entry.kind), (colleague, "criticism"))
        self.assertEqual((entry.source, entry.state), ("passing", "draft"))
        case.sudo()._flag_passing_around(4, 8)
        self.assertEqual(self._entries(case), entry)

    @requirement("C3.R2")
    def test_taken_over_and_passed_on(self):
        """Who accepts a case and hands it on adds to it as well; the first giver does not."""
        users = self.env["res.users"]
        for name in ("one", "two"):
            users |= self._new_user(f"test_passer_{name}", "specialist")
        self.department.member_ids |= users
        case, giver = self._make_case(), self.specialist
        for user in users:
            handover = case.with_user(giver)._hand_over(
                user, self.env["crm.service.team"], "Please do it"
            )
            handover.with_user(user).action_accept()
            giver = user
        case.sudo()._flag_passing_around(0, 2)
        self.assertEqual(self._entries(case).person_id, users[0])

    @requirement("A4.R9", "C1.R12")
    def test_one_proposal_even_at_the_same_time(self):
        case = self._make_complaint(self.supervisor, complained_user_id=self.specialist.id)
        case._judge("valid", "x")
        entry = self._entries(case)
        with mute_logger("odoo.sql_db"), self.assertRefused(Exception, "proposed|unique"):
            case._propose_merit()
        self.assertEqual(self._entries(case), entry)
