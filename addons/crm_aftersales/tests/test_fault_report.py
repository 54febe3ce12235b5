import hashlib
import subprocess
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_visits.tests.test_visit_forms import squeeze

from .clock_common import ClockCommon


class FaultCommon(ClockCommon):
    """A sales owner without any role of customer service; the department belongs to an office."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(
            cls.env,
            login="test_seller",
            groups="base.group_user",
            name="Seller",
            lang="en_US",
            email="seller@example.com",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.customer.write({"user_id": cls.seller.id, "email": "optics@example.com"})
        cls.other_customer.email = "tools@example.com"
        cls.supervisor.email = "supervisor@example.com"

    @classmethod
    def _make_fault(cls, user=None, **values):
        return (
            cls.env["crm.fault.report"]
            .with_user(user or cls.specialist)
            .create(
                {
                    "subject": "Dispatch server down",
                    "partner_id": cls.customer.id,
                    "place": "Server room, third floor",
                    "symptoms": "No vehicle reports its position",
                    "plan": "Start the standby server; engineer on the way",
                    "date_fault": fields.Datetime.now() - timedelta(minutes=20),
                    **values,
                }
            )
        )

    @classmethod
    def _analyse(cls, fault):
        fault.write(
            {
                "date_end": fields.Datetime.now(),
                "impact": "40 vehicles without position for two hours",
                "handling": "Standby server started, disk replaced",
                "cause_id": cls.env.ref("crm_aftersales.case_cause_material").id,
                "cause": "The disk was worn out",
                "internal_note": "Nobody looked at the warnings for a month",
                "measure_ids": [
                    Command.create(
                        {
                            "kind": kind,
                            "name": name,
                            "user_id": cls.specialist.id,
                            "date_due": cls.today + timedelta(days=7),
                        }
                    )
                    for kind, name in (
                        ("corrective", "Replace all disks of this batch"),
                        ("preventive", "Look at the warnings each morning"),
                    )
                ],
            }
        )

    @classmethod
    def _approve_fault(cls, fault):
        fault.action_approval_submit()
        fault.with_user(cls.supervisor).action_approval_approve()
        fault.with_user(cls.manager).action_approval_approve()

    def _send(self, fault, partners=None):
        action = fault.action_send()
        dialog = (
            self.env["crm.fault.report.send"]
            .with_user(self.specialist)
            .with_context(**action["context"])
            .create({"partner_ids": [Command.set(partners.ids)]} if partners else {})
        )
        dialog.action_apply()


@tagged("post_install", "-at_install")
@requirement("C3.R11")
class TestFaultReport(FaultCommon):
    """Told at once and upwards, analysed, approved, sent with proof."""

    def test_told_at_once(self):
        fault = self._make_fault()
        self.assertEqual(fault.sales_user_id, self.seller)
        fault.action_tell()
        self.assertEqual(fault.state, "told")
        told = [(notice.user_id, notice.role) for notice in fault.sudo().notice_ids]
        self.assertEqual(told, [(self.seller, "sales"), (self.supervisor, "manager")])
        notice = fault.sudo().notice_ids[0]
        for words in ("Server room", "No vehicle", "standby", "Lanzhou Optics"):
            self.assertIn(words, notice.text)
        self.assertTrue(notice.date)
        self.assertEqual(fault.minutes_to_tell, 20)
        activities = fault.sudo().activity_ids
        self.assertEqual(activities.user_id, self.seller | self.supervisor)
        messages = self.env["mail.message"].search(
            [("model", "=", fault._name), ("message_type", "=", "user_notification")]
        )
        notified = messages.notification_ids.res_partner_id
        self.assertLessEqual((self.seller | self.supervisor).partner_id, notified)
        # the seller, a plain user, reads it and has seen it
        fault.with_user(self.seller).action_seen()
        self.assertTrue(notice.date_seen)
        self.assertNotIn(self.seller, fault.sudo().activity_ids.user_id)

    def test_a_new_owner_is_told_too(self):
        fault = self._make_fault()
        fault.action_tell()
        fault.sales_user_id = self.plain_user
        told = fault.sudo().notice_ids.filtered(lambda notice: notice.role == "sales").user_id
        self.assertEqual(told, self.seller | self.plain_user)
        with self.assertRefused(UserError, "on its case already"):
            fault.case_id = self._make_case()

    def test_a_mail_goes_out_to_whoever_reads_the_inbox_only(self):
        self.seller.sudo().notification_type = "inbox"
        fault = self._make_fault()
        fault.action_tell()
        mails = self.env["mail.mail"].sudo().search([("subject", "ilike", "Dispatch server")])
        self.assertIn(self.seller.partner_id, mails.recipient_ids)

    def test_nothing_is_told_before_it_is_known(self):
        for name in ("place", "symptoms", "plan"):
            with self.assertRefused(UserError, "Fill in"):
                self._make_fault(**{name: " "}).action_tell()
        with self.assertRefused(UserError, "Sales Owner"):
            self._make_fault(sales_user_id=False, partner_id=False).action_tell()
        with self.assertRefused(UserError, "once it happened"):
            self._make_fault(date_fault="2099-01-01 00:00:00").action_tell()
        fault = self._make_fault()
        fault.action_tell()
        with self.assertRefused(UserError, "told already"):
            fault.action_tell()

    def test_somebody_has_to_hear_it(self):
        headless = self.env["crm.service.department"].create(
            {"name": "Headless", "company_id": self.company.id}
        )
        lost = self._make_fault(department_id=headless.id)
        self.assertIn(self.manager, lost._get_managers(), "a service manager in his place")
        fault = self._make_fault()
        fault.action_tell()
        self.env.ref("crm_service_base.group_manager").sudo().all_user_ids.active = False
        with self.assertRefused(UserError, "no manager to be told"):
            lost.action_tell()
        for name in ("general_manager", "director"):
            self.env.ref(f"crm_service_base.group_{name}").sudo().all_user_ids.active = False
        with self.assertRefused(UserError, "Nobody holds the office"):
            fault.with_user(self.supervisor).action_pass_on()
        self.assertFalse(fault.date_passed)

    def test_upwards_by_the_manager(self):
        with freeze_time(self._utc("2026-03-02 10:00")):
            fault = self._make_fault()
            fault.action_tell()
        case = fault.case_id
        self.assertEqual((case.kind, case.urgency), ("request", "2"))
        self.assertEqual(self._due(case, "fault"), self._utc("2026-03-02 10:30"))
        with self.assertRefused(AccessError, "manager of the department"):
            fault.with_user(self.specialist).action_pass_on()
        self.assertTrue(fault.with_user(self.supervisor).is_manager)
        deputy = self._new_user("test_fault_deputy", "specialist")
        self.assertFalse(fault.with_user(deputy).is_manager)
        self.department.deputy_id = deputy
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user("test_fault_else", "manager")
        stranger.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        self.env.invalidate_all()
        self.assertIn(deputy, fault._get_pass_users())
        self.assertIn(self.supervisor, fault._get_pass_users())
        self.assertNotIn(stranger, fault._get_pass_users(), "another company's manager")
        with freeze_time(self._utc("2026-03-02 10:10")):
            fault.with_user(self.supervisor).action_pass_on()
        self.assertEqual(self._clock(case, "fault").state, "met")
        self.assertEqual(fault.passed_by_id, self.supervisor)
        with self.assertRefused(UserError, "not told yet, or passed on"):
            fault.with_user(self.supervisor).action_pass_on()
        upper = fault.sudo().notice_ids.filtered(lambda notice: notice.role == "upper").user_id
        self.assertLessEqual(self.general_manager | self.director, upper)

    def test_upwards_by_the_escalation(self):
        with freeze_time(self._utc("2026-03-02 22:00")):  # quiet hours do not hold it up
            fault = self._make_fault()
            fault.action_tell()
        with freeze_time(self._utc("2026-03-02 23:05")):
            for _step in range(3):
                self.env["crm.deadline.clock"].sudo()._cron_escalate()
        self.env.invalidate_all()
        told = " ".join(filter(None, fault.escalation_ids.mapped("told_to")))
        self.assertEqual(len(fault.escalation_ids), 3)
        other = self._make_fault(case_id=fault.case_id.id)
        self.assertFalse(other.escalation_ids, "those of the other fault on this case")
        for user in (self.supervisor, self.manager, self.general_manager):
            self.assertIn(user.name, told)

    def test_the_analysis_is_complete_before_it_is_approved(self):
        fault = self._make_fault()
        with self.assertRefused(UserError, "present state"):
            fault.action_approval_submit()
        fault.action_tell()
        with self.assertRefused(UserError, "Fill in"):
            fault.action_approval_submit()
        self._analyse(fault)
        preventive = fault.measure_ids.filtered(lambda m: m.kind == "preventive")
        preventive.unlink()
        with self.assertRefused(UserError, "prevents the next one"):
            fault.action_approval_submit()
        self._analyse(fault)
        fault.action_approval_submit()
        with self.assertRefused(UserError, "locked"):
            fault.write({"cause": "Nobody's fault"})
        with self.assertRefused(UserError, "locked"):
            fault.measure_ids[0].write({"name": "x"})
        fault.with_user(self.supervisor).action_approval_return("Say when the disk was bought")
        self.assertEqual(fault.state, "told")
        fault.write({"cause": "Bought in 2019"})

    def test_sent_with_proof_and_nothing_internal(self):
        fault = self._make_fault(affected_partner_ids=[Command.set(self.other_customer.ids)])
        fault.action_tell()
        self._analyse(fault)
        with self.assertRefused(UserError, "once it is approved"):
            fault.action_send()
        self._approve_fault(fault)
        self.assertEqual(fault.state, "approved")
        stranger = self.env["res.partner"].create({"name": "x", "email": "x@example.com"})
        with self.assertRefused(UserError, "affected by this fault"):
            self._send(fault, stranger)
        with self.assertRefused(UserError, "no e-mail"):
            self.other_customer.email = False
            self._send(fault, self.other_customer)
        self.env = self.env(context={**self.env.context, "force_report_rendering": True})
        self._send(fault.with_env(fault.env(context=self.env.context)))
        self.assertEqual(fault.state, "sent")
        sendings = fault.sudo().sending_ids
        self.assertEqual(sendings.partner_id, self.customer | self.other_customer)
        for sending in sendings:
            content = sending.attachment_id.raw
            self.assertEqual(sending.digest, hashlib.sha256(content).hexdigest())
            self.assertEqual(sending.message_id.notification_ids.res_partner_id, sending.partner_id)
            self.assertEqual(sending.message_id.attachment_ids, sending.attachment_id)
            own = sending.message_id.notification_ids
            own.write({"notification_status": "exception", "failure_reason": "Mailbox full"})
            sending.invalidate_recordset(["status"])
            self.assertIn("Mailbox full", sending.status)
            text = self._read(content)
            for words in ("Thediskwaswornout", "Replacealldisks", "40vehicles"):
                self.assertIn(words, text)
            hidden = ["Nobodylooked", "standbyserver;engineer", self.specialist.name]
            others = (self.customer | self.other_customer) - sending.partner_id
            for words in (*hidden, *others.mapped("name"), self.supervisor.name):
                self.assertNotIn(squeeze(words), text)
            self.assertIn(squeeze(sending.partner_id.name), text)
        sales = fault.sudo().notice_ids.filtered(lambda notice: notice.role == "report")
        self.assertEqual(sales.user_id, self.seller)
        for user in (self.specialist, self.manager):
            with self.assertRefused(AccessError, ""):
                sendings[0].with_user(user).write({"email": "x"})
            with self.assertRefused(AccessError, ""):
                sendings[0].attachment_id.with_user(user).write({"raw": b"other"})

    def _read(self, content):
        command = ["pdftotext", "-layout", "-", "-"]
        result = subprocess.run(command, input=content, capture_output=True, check=True)
        return squeeze(result.stdout.decode())

    def test_measures_are_followed_up(self):
        fault = self._make_fault()
        fault.action_tell()
        self._analyse(fault)
        first, second = fault.measure_ids
        with self.assertRefused(UserError, "once the document is approved"):
            first.action_done()
        self._approve_fault(fault)
        todo = fault.sudo().activity_ids.filtered(lambda activity: activity.summary == first.name)
        self.assertEqual((todo.user_id, todo.date_deadline), (self.specialist, first.date_due))
        with self.assertRefused(AccessError, "buttons"):
            first.write({"effect": "effective"})
        (first | second).action_done()
        self.assertFalse(todo.exists() and todo.active)
        first.effect_note = "All disks seen"
        with self.assertRefused(AccessError, "somebody else"):
            first.action_effective()
        second.effect_note = "The list is signed each day"
        self._send(fault)
        (first | second).with_user(self.supervisor).action_effective()
        self.assertEqual(fault.state, "done")
        fault.sudo().approval_request_id._cron_verify()
        self.assertFalse(fault.sudo()._approval_faults()[fault.id], "still what was approved")

    def test_who_reads_it(self):
        fault = self._make_fault()
        stranger = new_test_user(
            self.env, login="test_nobody", groups="base.group_user", company_id=self.company.id
        )
        for user in (stranger, self.seller):
            mine = fault.with_user(user)
            self.assertEqual(mine.has_access("read"), user == self.seller)
            with self.assertRefused(AccessError, ""):
                mine.write({"impact": "none"})
        self.assertFalse(fault.with_user(self.portal_user).has_access("read"))
        with self.assertRefused(AccessError, ""):
            fault.write({"date_told": "2026-01-01 00:00:00"})
        forged = self._make_fault(state="approved", date_told="2026-01-01 00:00:00")
        self.assertEqual((forged.state, forged.date_told), ("draft", False))
        fault.action_tell()
        with self.assertRefused(UserError, "not deleted"):
            fault.unlink()

    def test_from_a_case_in_one_click(self):
        case = self._make_case(kind="request", description="No position any more")
        action = case.action_new_fault()
        fault = (
            self.env["crm.fault.report"]
            .with_user(self.specialist)
            .with_context(**action["context"])
            .create({"place": "Server room", "plan": "Standby"})
        )
        self.assertEqual(fault.symptoms, "No position any more")
        self.assertEqual((fault.case_id, fault.partner_id), (case, self.customer))
        fault.action_tell()
        self.assertEqual(case.fault_count, 1)
        self._make_fault()
        found = self.env["crm.fault.report"].search(case.action_open_faults()["domain"])
        self.assertEqual(found, fault)
