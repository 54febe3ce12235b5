from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
@requirement("C3.R2")
class TestRepeat(DeskCommon):
    def _events(self):
        seen = []
        model = self.env.registry["crm.service.case"]
        original = model._record_event

        def record(cases, event, date=None, message=None):
            seen.append((event, cases.ids, date))
            return original(cases, event, date, message)

        self.patch(model, "_record_event", record)
        return seen

    def test_second_contact_is_found_and_linked(self):
        first = self._make_case(subject="充电器发热", category_id=False)
        second = self._make_case(subject="充电器又发热了", category_id=False)
        other = self._make_case(subject="发票没有收到", category_id=False)
        self.assertEqual(second.repeat_candidate_id, first)
        self.assertFalse(other.repeat_candidate_id)
        seen = self._events()
        second.action_link_repeat()
        self.assertEqual(second.repeat_of_id, first)
        self.assertEqual((second.repeat_number, first.repeat_count), (2, 1))
        self.assertEqual((second.contact_number, first.contact_number), (2, 2))
        self.assertIn(("written", first.ids, second.date_opened), seen)
        third = self._make_case(subject="充电器又发热", category_id=False)
        third.action_link_repeat()
        self.assertEqual((third.repeat_of_id, third.repeat_number), (first, 3))

    def test_unknown_caller_by_number(self):
        first = self._make_case(partner_id=False, phone="138-0013-8000")
        second = self._make_case(partner_id=False, phone="+86 138 0013 8000")
        stranger = self._make_case(partner_id=False, phone="13900139000")
        self.assertEqual(second.repeat_candidate_id, first)
        self.assertFalse(stranger.repeat_candidate_id)
        second.action_link_repeat()
        known = self._make_case(phone="008613800138000")
        self.assertEqual(known.repeat_candidate_id, first, "he called before he was a customer")

    def test_not_too_long_ago_and_not_another_customer(self):
        self._make_case(date_opened=self.now - timedelta(days=40))
        self.assertFalse(self._make_case().repeat_candidate_id)
        self.env["ir.config_parameter"].set_param("crm_aftersales.repeat_days", "60")
        self.assertTrue(self._make_case().repeat_candidate_id)
        self.assertFalse(self._make_case(partner_id=self.other_customer.id).repeat_candidate_id)

    def test_another_matter_is_not_proposed_again(self):
        self._make_case()
        second = self._make_case()
        second.action_deny_repeat()
        self.assertFalse(second.repeat_candidate_id)
        self.env["crm.service.case"]._cron_find_repeats()
        self.assertFalse(second.repeat_of_id)

    @requirement("E2.R1")
    def test_repeats_make_a_complaint_major(self):
        """What was linked or noted counts as asked, nobody has to type it again."""
        complaints = [self._make_complaint(user=self.specialist) for _number in range(3)]
        first, second, third = complaints
        second.action_link_repeat()
        self.assertEqual(first.severity, "minor", "asked twice")
        third.action_link_repeat()
        for case in complaints:
            self.assertEqual(case.severity, "major")
            self.assertEqual(case.severity_log_ids.mapped("rule"), ["repeats"])

    @requirement("E2.R1")
    def test_a_promise_asked_for_again_by_phone(self):
        case = self._make_complaint(user=self.specialist, is_promise_missing=True)
        self.assertEqual(case.severity, "minor")
        case.note_repeat("Nobody came")
        self.assertEqual((case.severity, case.repeat_count), ("major", 1))
        self.assertEqual(case.severity_log_ids.mapped("rule"), ["promise"])

    def test_merged_repeats_count_once(self):
        first, second, third = self._make_case(), self._make_case(), self._make_case()
        second.action_link_repeat()
        second._merge_into(first)
        self.assertEqual((first.repeat_count, first.contact_number), (1, 2))
        third.action_link_repeat()
        first._merge_into(third)
        self.assertFalse(third.repeat_of_id, "what it repeated is part of it now")
        self.assertEqual((third.repeat_count, third.contact_number), (2, 3))

    def test_link_taken_back(self):
        first, second = self._make_case(), self._make_case()
        second.action_link_repeat()
        second.action_unlink_repeat()
        self.assertFalse(second.repeat_of_id)
        self.assertEqual(first.repeat_count, 0)
        self.assertFalse(second.repeat_candidate_id)

    def test_scheduled_action_links_once_after_a_kill_too(self):
        first = self._make_case()
        repeats = self._make_case() | self._make_case()
        model = self.env["crm.service.case"]
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", lambda *a, **k: 0):
            model._cron_find_repeats(batch=2)
        self.assertEqual(first.repeat_count, 1)
        model._cron_find_repeats()
        model._cron_find_repeats()
        self.assertEqual(repeats.repeat_of_id, first)
        self.assertEqual(first.repeat_count, 2)

    def test_sure_only_by_itself(self):
        """Of the same category is a proposal for people, not for the scheduled action."""
        first = self._make_case(subject="Battery swollen")
        second = self._make_case(subject="Display cracked")
        self.assertEqual(second.repeat_candidate_id, first)
        self.env["crm.service.case"]._cron_find_repeats()
        self.assertFalse(second.repeat_of_id)

    def test_form_shows_it(self):
        self._make_case()
        form = Form(self._make_case().with_user(self.specialist))
        self.assertTrue(form.repeat_candidate_id)

    def test_server_fields(self):
        first = self._make_case()
        case = self._make_case(repeat_of_id=first.id, repeat_count=7)
        self.assertFalse(case.repeat_of_id)
        self.assertEqual(case.repeat_count, 0)
        for values in ({"repeat_of_id": first.id}, {"repeat_count": 0}, {"phone_key": "1"}):
            with self.assertRefused(AccessError, "buttons|computed"):
                case.write(values)
        with self.assertRefused(AccessError, "allowed|access"):
            case.with_user(self.colleague).action_link_repeat()

    def test_no_query_a_case_in_batch(self):
        """Finding repeats costs nothing while cases are created."""
        values = [
            {
                "subject": f"Case {n}",
                "partner_id": self.customer.id,
                "phone": "13800138000",
                "team_id": self.team.id,
                "stage_id": self.stage_new.id,
            }
            for n in range(40)
        ]
        model = self.env["crm.service.case"].with_user(self.specialist)
        model.create(values[:1])
        self.env.flush_all()
        start = self.env.cr.sql_log_count
        model.create(values[:2])
        self.env.flush_all()
        two = self.env.cr.sql_log_count - start
        start = self.env.cr.sql_log_count
        model.create(values)
        self.env.flush_all()
        many = self.env.cr.sql_log_count - start
        self.assertLessEqual(many - two, 8, "40 cases cost hardly more queries than 2")
