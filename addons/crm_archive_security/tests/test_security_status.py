import inspect
import pathlib
import re

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.base.models import res_users
from odoo.addons.crm_service_base.tests.common import requirement

from .documents_common import DocumentsCommon

PROJECT = pathlib.Path(__file__).parents[3]


@tagged("post_install", "-at_install")
class TestSecurityStatus(DocumentsCommon):
    """Accounts, training and the duties of the deployment (B6.R1, B6.R4)."""

    def _line(self, name, user=None):
        status = self.env["crm.security.status"].with_user(user or self.auditor).create({})
        is_good, _title, text = getattr(status.sudo(), f"_get_{name}_line")()
        return is_good, text

    def _set(self, name, value):
        self.env["ir.config_parameter"].set_param(name, value)

    @requirement("B6.R1")
    def test_password_length_and_session(self):
        self._set("auth_password_policy.minlength", 6)
        self.assertFalse(self._line("password")[0])
        self._set("auth_password_policy.minlength", 10)
        self.assertTrue(self._line("password")[0])
        self.assertFalse(self._line("session")[0], "a week is too long")
        self._set("sessions.max_inactivity_seconds", 3600)
        self.assertTrue(self._line("session")[0])

    @requirement("B6.R1")
    def test_weak_passwords_are_refused(self):
        self._set("auth_password_policy.minlength", 10)
        with self.assertRefused(UserError, "at least 10"):
            self.specialist.password = "short"

    @requirement("B6.R1")
    def test_age_of_passwords(self):
        user = new_test_user(self.env, login="aging", groups="base.group_user", name="Aging")
        user.password = "a long enough password"
        self.assertTrue(user.crm_password_date)
        old = self.env["res.users"]._get_crm_old_passwords
        self.assertNotIn(user, old(self.company))
        user.crm_password_date = fields.Datetime.now() - relativedelta(days=91)
        self.assertIn(user, old(self.company))
        self.assertIn("Aging", self._line("rotation")[1])
        user.password = "another long enough password"
        self.assertNotIn(user, old(self.company))

    @requirement("B6.R1")
    def test_shared_accounts_are_shown(self):
        for login in ("desk1", "desk2"):
            user = new_test_user(self.env, login=login, groups="base.group_user", name=login)
            user.email = "Desk@example.com" if login == "desk1" else "desk@example.com"
        is_good, text = self._line("person")
        self.assertFalse(is_good)
        self.assertIn("desk1", text)

    @requirement("B6.R1", "B6.R3")
    def test_who_has_no_agreement_is_named(self):
        staff = self.env["crm.security.training"]._get_staff(self.company)
        for user in staff:
            self._make_nda(user, user=self.supervisor if user != self.supervisor else self.manager)
        self.assertTrue(self._line("agreement")[0])
        self.env["crm.nda"].search([("signatory_id", "=", self.specialist.id)]).date_to = self._at(
            -1
        )
        self.assertEqual(self._line("agreement"), (False, "Missing: Test Specialist"))

    @requirement("B6.R1")
    def test_status_is_for_those_who_answer_for_it(self):
        statuses = self.env["crm.security.status"]
        for user in (self.specialist, self.supervisor, self.plain_user, self.portal_user):
            with self.assertRefused(AccessError, ""):
                statuses.with_user(user).create({})
            with self.assertRefused(AccessError, ""):
                statuses.with_user(user).onchange({}, [], {"report": {}})
        for user in (self.security_officer, self.manager, self.general_manager, self.auditor):
            report = statuses.with_user(user).create({}).report
            self.assertEqual(len(re.findall("<tr", report)), 8)

    @requirement("B6.R1")
    def test_status_beside_another_company(self):
        """Staff of a company that the reader does not see are in nobody's way."""
        other = self.env["res.company"].create({"name": "Second company"})
        away = self._new_user("test_away", "specialist")
        away.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.env.flush_all()
        self.env.invalidate_all()
        manager = self.manager.with_context(allowed_company_ids=self.company.ids)
        status = self.env["crm.security.status"].with_user(manager).create({})
        self.assertTrue(status.report)
        staff = self.env["crm.security.training"].with_user(manager)._get_staff(self.company)
        self.assertIn(self.specialist, staff)
        self.assertNotIn(away, staff)

    @requirement("B6.R1")
    def test_training(self):
        trainings = self.env["crm.security.training"]
        self.assertIn(self.specialist, trainings._get_untrained(self.company))
        training = trainings.with_user(self.supervisor).create(
            {"subject": "Handling customers' data", "content": "Rules", "date": self.today}
        )
        with self.assertRefused(UserError, "Tick who attended"):
            training.action_hold()
        training.action_invite_due()
        self.assertIn(self.specialist, training.attendance_ids.user_id)
        count = len(training.attendance_ids)
        training.action_invite_due()
        self.assertEqual(len(training.attendance_ids), count, "nobody is invited twice")
        row = training.attendance_ids.filtered(lambda r: r.user_id == self.specialist)
        row.write({"is_present": True, "is_passed": True, "score": 90})
        self.assertIn(self.specialist, trainings._get_untrained(self.company), "not held yet")
        training.action_hold()
        self.assertNotIn(self.specialist, trainings._get_untrained(self.company))
        self.assertIn(self.manager, trainings._get_untrained(self.company))
        with self.assertRefused(UserError, "cannot be done now"):
            row.is_passed = False
        with self.assertRefused(UserError, "cannot be done now"):
            training.write({"attendance_ids": [Command.delete(row.id)]})
        training.sudo().date = self.today - relativedelta(months=12)
        self.assertIn(self.specialist, trainings._get_untrained(self.company), "a year ago")

    @requirement("B6.R4")
    def test_duties_have_dated_checks_that_stay(self):
        duty = self.env.ref("crm_archive_security.security_duty_tls")
        self.assertTrue(duty.is_due)
        checks = self.env["crm.security.duty.check"].with_user(self.security_officer)
        values = {"duty_id": duty.id, "evidence": "curl: 301", "date": self.today}
        with self.assertRefused(UserError, "what remains"):
            checks.create({**values, "result": "partly"})
        check = checks.create({**values, "result": "met"})
        self.assertEqual((duty.last_result, duty.date_last_check), ("met", self.today))
        self.assertEqual(duty.date_next_check, self.today + relativedelta(months=3))
        self.assertFalse(duty.is_due)
        with self.assertRefused(AccessError, ""):
            check.result = "open"
        with self.assertRefused(UserError, "kept"):
            check.sudo().unlink()
        self.assertNotIn(duty, duty._get_open(self.company))
        checks.create({**values, "result": "open", "measure": "Renew the certificate"})
        self.assertIn(duty, duty._get_open(self.company))

    @requirement("B6.R4")
    def test_each_company_answers_for_itself(self):
        duty = self.env.ref("crm_archive_security.security_duty_firewall")
        other = self.env["res.company"].create({"name": "Second"})
        self.env["crm.security.duty.check"].create(
            {"duty_id": duty.id, "result": "met", "evidence": "nft", "company_id": other.id}
        )
        self.assertTrue(duty.is_due)
        self.assertFalse(duty.with_company(other).is_due)

    @requirement("B6.R4")
    def test_configuration_ships(self):
        """Each file that a duty names is there, and says what the duty is about."""
        words = {
            "security_duty_tls": "ssl_protocols TLSv1.2 TLSv1.3",
            "security_duty_firewall": "policy drop",
            "security_duty_detection": "maxretry",
            "security_duty_audit": "filestore",
        }
        for xmlid, word in words.items():
            duty = self.env.ref(f"crm_archive_security.{xmlid}")
            self.assertIn(word, (PROJECT / duty.configuration).read_text(encoding="utf-8"))

    @requirement("B6.R4")
    def test_failed_sign_ins_are_what_the_filter_finds(self):
        text = (PROJECT / "config/deployment/fail2ban-filter-odoo.conf").read_text()
        pattern = re.search(r"failregex = (.*)", text)[1].replace("<HOST>", r"(?P<host>\S+)")
        message = "Login failed for login:%s from %s"
        self.assertIn(message, inspect.getsource(res_users.ResUsers._login))
        line = "2026-01-01 00:00:00,000 7 INFO crm odoo.addons.base.models.res_users: " + message
        self.assertEqual(re.search(pattern, line % ("a b", "203.0.113.7"))["host"], "203.0.113.7")
