from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import CaseCommon


@tagged("post_install", "-at_install")
@requirement("D6.R1")
class TestCase(CaseCommon):
    def test_register(self):
        case = self._make_case()
        self.assertRegex(case.name, r"^FW/\d{4}/\d+$")
        self.assertEqual(case.user_id, self.specialist)
        self.assertEqual(case.first_responder_id, self.specialist)
        self.assertEqual(case.team_id, self.team)
        self.assertEqual(case.department_id, self.department)
        self.assertEqual(case.phone, self.customer.phone)
        self.assertEqual(case.stage_id, self.stage_new)

    def test_unknown_customer(self):
        case = self._make_case(partner_id=False, phone="13800138000")
        self.assertFalse(case.commercial_partner_id)
        case.partner_id = self.customer
        self.assertEqual(case.phone, self.customer.phone)

    def test_life(self):
        case = self._make_case()
        with self.assertRefused(UserError, "Solution"):
            case.action_solve()
        self._solve(case)
        self.assertEqual(case.state, "solved")
        self.assertEqual(case.stage_id, self.stage_solved)
        self.assertEqual(case.solved_by_id, self.specialist)
        case.action_close()
        self.assertEqual(case.stage_id, self.stage_closed)
        with self.assertRefused(UserError, "is closed"):
            case.subject = "Something else"

    def test_dragging_is_the_button(self):
        case = self._make_case()
        with self.assertRefused(UserError, "Solution"):
            case.stage_id = self.stage_solved
        case.solution = "Replaced"
        case.stage_id = self.stage_solved
        self.assertEqual(case.state, "solved")
        with self.assertRefused(UserError, "Reopen"):
            case.stage_id = self.stage_new
        case.stage_id = self.stage_closed
        self.assertEqual(case.state, "closed")

    def test_no_jump_over_solved(self):
        case = self._make_case(solution="Replaced")
        with self.assertRefused(UserError, "cannot be closed"):
            case.stage_id = self.stage_closed

    def test_reopen(self):
        case = self._solve(self._make_case())
        case._reopen("It is hot again")
        self.assertEqual((case.state, case.reopen_count), ("open", 1))
        self.assertFalse(case.date_solved)
        self._solve(case)
        case.action_close()
        with self.assertRefused(AccessError, "supervisor"):
            case._reopen("It is hot again")
        case.with_user(self.supervisor)._reopen("It is hot again")
        self.assertEqual(case.state, "open")

    def test_server_fields(self):
        case = self._make_case(state="closed", date_closed=self.now, stage_id=self.stage_closed.id)
        self.assertEqual((case.state, case.stage_id), ("open", self.stage_new))
        self.assertFalse(case.date_closed)
        for values in (
            {"state": "solved"},
            {"date_solved": self.now},
            {"first_responder_id": self.manager.id},
            {"reopen_count": 3},
        ):
            with self.assertRefused(AccessError, "buttons"):
                case.write(values)

    def test_when_received(self):
        case = self._make_case(date_opened=self.now - timedelta(hours=2))
        with self.assertRefused(AccessError, "supervisor"):
            case.date_opened = self.now
        with self.assertRefused(ValidationError, "future"):
            self._make_case(date_opened=self.now + timedelta(hours=2))

    def test_not_deleted(self):
        case = self._make_case()
        with self.assertRefused(UserError, "not deleted"):
            case.with_user(self.manager).sudo().unlink()
