from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestComplaint(CaseCommon):
    """Valid or not, whose fault, what is said and what is learned."""

    def _events(self, case):
        """What happened to a case from now on, as the clocks hear it."""
        heard = []
        model = type(self.env["crm.service.case"])
        self.patch(
            model,
            "_record_event",
            lambda records, event, date=None, message=None: heard.append((event, date)),
        )
        return heard

    def _decide(self, action, user=None, **values):
        """Fill in the dialog that a button opens."""
        model = self.env[action["res_model"]].with_user(user or self.specialist)
        dialog = Form(model.with_context(**action["context"]))
        for name, value in values.items():
            setattr(dialog, name, value)
        dialog.save().action_apply()

    @requirement("E2.R1")
    def test_a_person_judges_with_a_reason(self):
        case = self._make_complaint()
        with self.assertRefused(UserError, "reason"):
            case._judge("valid", " ")
        self._decide(case.action_judge(), validity="valid", reason="Seen on the photo")
        self.assertEqual((case.validity, case.judged_by_id), ("valid", self.specialist))
        self.assertEqual(case.validity_reason, "Seen on the photo")
        with self.assertRefused(AccessError, "supervisor changes a judgement"):
            case._judge("invalid", "I changed my mind")
        case.with_user(self.supervisor)._judge("invalid", "The photo is of another product")
        self.assertEqual(case.validity, "invalid")
        with self.assertRefused(UserError, "no complaint"):
            self._make_case()._judge("valid", "Why not")

    @requirement("E2.R1")
    def test_a_major_complaint_is_not_refused_by_who_handles_it(self):
        case = self._make_complaint(is_injury=True)
        with self.assertRefused(AccessError, "not valid"):
            case._judge("invalid", "It was nothing")
        case.with_user(self.supervisor)._judge("invalid", "The doctor found nothing")

    @requirement("E2.R1", "E2.R7")
    def test_no_way_round_the_rules(self):
        with self.assertRefused(AccessError, "takes in old cases"):
            self._make_complaint(is_history=True)
        case = self._make_complaint()
        with self.assertRefused(AccessError, "supervisor decides"):
            case.kind = "inquiry"
        with self.assertRefused(AccessError, "from its creation on, or never"):
            case.is_history = True
        case.with_user(self.supervisor).kind = "request"

    @requirement("E2.R1", "E2.R4")
    def test_not_solved_before_it_is_judged(self):
        case = self._make_complaint(solution="Replaced")
        with self.assertRefused(UserError, "Valid or Not"):
            case.action_solve()
        with self.assertRefused(UserError, "Valid or Not"):
            case.stage_id = self.stage_solved

    @requirement("E2.R4")
    def test_an_unreasonable_complaint_is_explained_and_recorded(self):
        case = self._make_complaint(solution="Explained")
        case._judge("invalid", "The warranty ended in 2019")
        with self.assertRefused(UserError, "explain it to the customer"):
            case.action_solve()
        heard = self._events(case)
        when = fields.Datetime.now().replace(microsecond=0)
        case.sudo().date_opened = when - timedelta(hours=2)
        self._talk(case, "explanation", date=when - timedelta(hours=1), text="Warranty is over")
        self.assertEqual(case.date_explained, when - timedelta(hours=1))
        self.assertEqual(heard, [("answered", when - timedelta(hours=1))])
        case.action_solve()
        self.assertFalse(case.callback_id, "no callback duty")
        case.action_close()
        self.assertEqual(case.state, "closed")

    @requirement("C1.R9")
    def test_apology_only_for_what_was_our_fault(self):
        case = self._make_complaint()
        for fault in ("open", "not_own"):
            case.fault = fault
            with self.assertRefused(UserError, "No word of apology"):
                self._talk(case, "apology")
        case.fault = "own"
        with self.assertRefused(UserError, "with whom"):
            self._talk(case, "apology", contact=False)
        talk = self._talk(case, "apology")
        self.assertEqual(case.date_apologized, talk.date)
        self.assertEqual(talk.user_id, self.specialist)

    @requirement("C1.R9")
    def test_our_fault_is_apologised_for_before_it_counts_as_solved(self):
        case = self._make_complaint(solution="Replaced")
        case._judge("valid", "Seen")
        with self.assertRefused(UserError, "whose fault"):
            case.action_solve()
        case.write({"fault": "own", "cause_id": self.env.ref("crm_aftersales.case_cause_staff").id})
        with self.assertRefused(UserError, "apologise"):
            case.action_solve()
        self._talk(case, "apology")
        case.action_solve()

    @requirement("C1.R9")
    def test_not_our_fault_is_solved_without_an_apology(self):
        case = self._make_complaint(solution="Customer shown how to charge", fault="not_own")
        case._judge("valid", "Seen")
        case.cause_id = self.env.ref("crm_aftersales.case_cause_operation")
        case.action_solve()
        self.assertFalse(case.date_apologized)

    @requirement("B3.R3")
    def test_cause_measures_and_lessons_are_recorded(self):
        case = self._make_complaint(solution="Replaced", fault="not_own")
        case._judge("valid", "Seen")
        with self.assertRefused(UserError, "cause"):
            case.action_solve()
        case.write(
            {
                "cause_id": self.env.ref("crm_aftersales.case_cause_design").id,
                "cause_analysis": "The fan is too small",
                "measures": "A larger fan",
                "lessons": "Test at 40 degrees",
            }
        )
        case.action_solve()
        self.assertEqual(case.lessons, "Test at 40 degrees")

    @requirement("B3.R3")
    def test_whether_a_measure_works_is_checked_by_another_person(self):
        case = self._make_complaint()
        measure = (
            self.env["crm.case.measure"]
            .with_user(self.specialist)
            .create({"case_id": case.id, "name": "Larger fan", "effect": "effective"})
        )
        self.assertFalse(measure.effect, "not by creating it")
        with self.assertRefused(AccessError, "buttons"):
            measure.effect = "effective"
        with self.assertRefused(UserError, "after it is done"):
            measure.with_user(self.supervisor).action_effective()
        measure.action_done()
        measure.effect_note = "Measured for a week"
        with self.assertRefused(AccessError, "somebody else"):
            measure.action_effective()
        measure.with_user(self.supervisor).action_effective()
        self.assertEqual(measure.effect, "effective")
        self.assertEqual(measure.checked_by_id, self.supervisor)
        with self.assertRefused(UserError, "checked stays"):
            measure.effect_note = "Never looked"
        with self.assertRefused(UserError, "kept"):
            measure.with_user(self.supervisor).unlink()

    def test_an_overdue_measure_is_found(self):
        case = self._make_complaint()
        values = {"case_id": case.id, "name": "Fan", "date_due": self.today - timedelta(days=1)}
        measure = self.env["crm.case.measure"].with_user(self.specialist).create(values)
        self.assertTrue(measure.is_overdue)
        self.assertIn(measure, measure.search([("is_overdue", "=", True)]))
        measure.action_done()
        self.assertNotIn(measure, measure.search([("is_overdue", "=", True)]))

    @requirement("C3.R17")
    def test_what_was_expected_and_not_met_is_analysed_and_told(self):
        case = self._make_complaint(unmet_expectation="Delivery in two days")
        with self.assertRefused(UserError, "why the expectation was not met"):
            self._talk(case, "measure")
        case.write({"expectation_cause": "Stock was empty", "expectation_measure": "Stock of 50"})
        heard = self._events(case)
        talk = self._talk(case, "measure", text="From May on we keep 50")
        self.assertEqual(case.date_measure_told, talk.date)
        self.assertEqual([event for event, _date in heard], ["answered"])

    def test_the_solution_is_proposed_then_agreed(self):
        case = self._make_complaint()
        heard = self._events(case)
        with self.assertRefused(UserError, "note the proposal first"):
            self._talk(case, "agreement")
        proposal = self._talk(case, "proposal")
        self.assertEqual(case.date_proposed, proposal.date)
        agreement = self._talk(case, "agreement", contact="Ms Liu")
        self.assertEqual((case.date_agreed, case.agreed_by), (agreement.date, "Ms Liu"))
        self.assertEqual([event for event, _date in heard], ["proposed", "answered", "agreed"])
        self._talk(case, "proposal", text="Another one")
        self.assertFalse(case.date_agreed, "what is new has to be agreed anew")

    def test_talks_lie_in_the_past_and_are_never_changed(self):
        case = self._make_complaint()
        for date in (self.now + timedelta(hours=1), self.now - timedelta(days=1)):
            with self.assertRefused(ValidationError, "between the day"):
                self._talk(case, "progress", date=date)
        talk = self._talk(case, "progress", user_id=self.manager.id)
        self.assertEqual(talk.user_id, self.specialist, "nobody speaks in another's name")
        for user in (self.specialist, self.manager):
            with self.assertRefused(AccessError, "allowed"):
                talk.with_user(user).text = "I never said that"
            with self.assertRefused(AccessError, "allowed"):
                talk.with_user(user).unlink()

    @requirement("E2.R8")
    def test_files_are_kept_two_years(self):
        case = self._make_complaint(solution="Explained")
        case._judge("invalid", "Warranty")
        self._talk(case, "explanation")
        case.action_solve()
        case.action_close()
        self.assertEqual(case.date_keep_until, fields.Date.add(self.today, years=2))
        with self.assertRefused(UserError, "not deleted"):
            case.sudo().unlink()
        with self.assertRefused(AccessError, "buttons"):
            case.with_user(self.manager).date_keep_until = self.today
        with mute_logger("odoo.sql_db"), self.assertRefused(CheckViolation, "complaint_values"):
            self.company.crm_case_keep_years = 1
            self.env.flush_all()

    @requirement("E2.R14")
    def test_neighbours_are_recorded_and_mediation_documented(self):
        case = self._make_complaint()
        with self.assertRefused(UserError, "who is complained of"):
            case.action_mediate()
        with self.assertRefused(UserError, "who is complained of"):
            self._talk(case, "mediation")
        case.write({"is_third_party": True, "respondent_id": self.other_customer.id})
        action = case.action_mediate()
        self.assertEqual(action["context"]["default_contact"], self.other_customer.name)
        talk = self._talk(case, "mediation", text="Quiet after ten", is_agreed=True, contact="Li")
        self.assertEqual(case.talk_ids, talk)
        self.assertEqual(case.severity, "major", "a third party makes it major")

    @requirement("D5.R3")
    def test_a_special_team_works_on_a_complex_case(self):
        colleague = self._new_user("test_colleague", "specialist")
        case = self._make_complaint()
        with self.assertRefused(AccessError, "access"):
            case.with_user(colleague).subject = "Mine"
        with self.assertRefused(AccessError, "supervisor sets up"):
            case.special_member_ids = colleague
        case.with_user(self.supervisor).write(
            {
                "is_complex": True,
                "special_leader_id": self.manager.id,
                "special_member_ids": [fields.Command.set(colleague.ids)],
            }
        )
        heard = self._events(case)
        talk = self._talk(case.with_user(colleague), "progress", text="The lab has it")
        self.assertEqual(heard, [("answered", talk.date)])
        outsider = self._new_user("test_outsider", "specialist")
        with self.assertRefused(AccessError, "access"):
            self._talk(case.with_user(outsider), "progress")

    def test_the_authority_is_answered(self):
        case = self._make_complaint()
        with self.assertRefused(UserError, "which authority"):
            self._talk(case, "authority")
        case.write({"authority_name": "12315", "authority_number": "LZ-2026-77"})
        talk = self._talk(case, "authority")
        self.assertEqual(case.date_authority_answered, talk.date)

    def test_appeal(self):
        case = self._solve(self._make_complaint(user_id=self.specialist.id))
        with self.assertRefused(UserError, "cannot be appealed against|solved"):
            self._make_complaint()._appeal("No")
        self._talk(case, "appeal", text="The new charger is hot as well")
        self.assertEqual((case.appeal_state, case.appeal_text[:7]), ("open", "The new"))
        with self.assertRefused(UserError, "already"):
            case._appeal("Again")
        self._call_back(case)
        with self.assertRefused(UserError, "appeal"):
            case.action_close()
        with self.assertRefused(AccessError, "neither owns nor solved"):
            case._decide_appeal("rejected", "No")
        self._decide(
            case.with_user(self.supervisor).action_decide_appeal(),
            self.supervisor,
            appeal="upheld",
            reason="It is hot",
        )
        self.assertEqual((case.appeal_state, case.state), ("upheld", "open"))
        self.assertEqual(case.appeal_decided_by_id, self.supervisor)
        self._talk(case, "decision")
        self.assertTrue(case.date_appeal_told)

    def test_who_solved_does_not_decide_the_appeal(self):
        case = self._make_complaint()
        self._solve(case.with_user(self.supervisor))
        case._appeal("Too slow")
        with self.assertRefused(AccessError, "neither owns nor solved"):
            case.with_user(self.supervisor)._decide_appeal("rejected", "It was quick")
        case.with_user(self.manager)._decide_appeal("rejected", "It was quick")
        self.assertEqual(case.state, "solved")

    @requirement("E2.F028")
    def test_the_head_gives_the_departments_opinion(self):
        case = self._solve(self._make_complaint())
        with self.assertRefused(AccessError, "head of the department"):
            case._give_opinion("Well done")
        with self.assertRefused(AccessError, "head of the department"):
            case.with_user(self.manager)._give_opinion("Well done")
        self.assertTrue(case.with_user(self.supervisor).is_opinion_mine)
        self._call_back(case)
        case.action_close()
        with self.assertRefused(UserError, "None of these"):
            case.with_user(self.supervisor).action_file()
        self._decide(
            case.with_user(self.supervisor).action_give_opinion(),
            self.supervisor,
            reason="Well done",
        )
        self.assertEqual(case.department_opinion, "Well done")
        self.assertEqual(case.opinion_by_id, self.supervisor)
        case.with_user(self.supervisor).action_file()
        self.assertTrue(case.date_filed)
