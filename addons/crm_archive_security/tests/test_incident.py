from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .documents_common import DocumentsCommon


@tagged("post_install", "-at_install")
class TestIncident(DocumentsCommon):
    """泄密: remedy at once, the general manager told, handled and closed with a record (A2.R27)."""

    def _report(self, user=None, **values):
        incidents = self.env["crm.archive.incident"].with_user(user or self.plain_user)
        return incidents.create({"subject": "List sent to a wrong address", **values})

    @requirement("A2.R27")
    def test_anybody_reports_and_the_general_manager_knows(self):
        incident = self._report()
        self.assertEqual(incident.reporter_id, self.plain_user)
        self.assertTrue(incident.name.startswith("XM/"))
        self.assertIn(self.general_manager, incident.sudo().activity_ids.user_id)
        self.assertEqual(len(self._read_mails(incident, self.general_manager)), 1)
        self.assertEqual(len(self._read_mails(incident, self.manager)), 1)
        self.assertTrue(incident.with_user(self.general_manager).has_access("read"))
        self.assertTrue(incident.with_user(self.auditor).has_access("read"))
        for user in (self.specialist, self.supervisor, self.director):
            self.assertFalse(incident.with_user(user).has_access("read"), user.login)

    @requirement("A2.R27")
    def test_reporter_is_who_reports(self):
        incident = self._report(reporter_id=self.manager.id, state="closed")
        self.assertEqual((incident.reporter_id, incident.state), (self.plain_user, "reported"))
        with self.assertRefused(AccessError, "buttons"):
            incident.reporter_id = self.manager
        with self.assertRefused(AccessError, ""):
            incident.unlink()
        with self.assertRefused(UserError, "kept"):
            incident.sudo().unlink()

    @requirement("A2.R27")
    def test_from_report_to_lesson(self):
        incident = self._report().with_user(self.manager)
        incident.user_id = self.manager
        with self.assertRefused(UserError, "immediate measures"):
            incident.action_contain()
        incident.containment = "Asked the recipient to delete it"
        incident.action_contain()
        person = self.env["crm.archive.incident.person"].with_user(self.manager)
        person = person.create({"incident_id": incident.id, "partner_id": self.customer.id})
        with self.assertRefused(UserError, "confirmed or unfounded"):
            incident.action_handle()
        incident.write({"outcome": "confirmed", "cause": "Autocomplete", "remedy": "Warned"})
        with self.assertRefused(UserError, "Lesson"):
            incident.action_handle()
        incident.lesson = "Lists are sent encrypted"
        with self.assertRefused(UserError, "has not been told"):
            incident.action_handle()
        with self.assertRefused(UserError, "how .* was told"):
            person.action_told()
        person.write({"channel": "phone", "text": "What happened and what we did"})
        person.action_told()
        self.assertEqual(person.told_by_id, self.manager)
        with self.assertRefused(UserError, "told already"):
            person.text = "Nothing"
        incident.is_authority_needed = True
        with self.assertRefused(UserError, "authority"):
            incident.action_handle()
        incident.date_authority = self.today
        incident.action_handle()
        with self.assertRefused(UserError, "cannot be done now"):
            incident.lesson = "None"
        with self.assertRefused(UserError, "cannot be done now"):
            person.unlink()
        with self.assertRefused(AccessError, "general manager"):
            incident.action_close()
        incident.with_user(self.general_manager).action_return()
        self.assertEqual(incident.state, "contained")
        incident.action_handle()
        incident.with_user(self.general_manager).action_close()
        self.assertEqual((incident.state, incident.closed_by_id), ("closed", self.general_manager))
        self.assertFalse(incident.activity_ids)

    @requirement("A2.R27")
    def test_scope_comes_from_the_register(self):
        item, other = (
            self._item(self._established()),
            self._item(self._archive(self.other_customer)),
        )
        self._grant(item, self.director)
        self._grant(other, self.director)
        (item | other).with_user(self.director).read_content()
        incident = self._report().with_user(self.manager)
        with self.assertRefused(UserError, "archives concerned"):
            incident.action_take_scope()
        incident.write(
            {"archive_ids": item.archive_id.ids, "date_exposed_from": self._now(hours=-1)}
        )
        incident.action_take_scope()
        self.assertIn("Test Director", incident.scope)
        self.assertIn(item.archive_id.name, incident.scope)
        self.assertNotIn(other.archive_id.name, incident.scope)
        incident.write({"scope": False, "date_exposed_from": self._now(hours=1)})
        incident.action_take_scope()
        self.assertIn("no reading", incident.scope)

    @requirement("A2.R27")
    def test_who_handles_does_not_close(self):
        incident = self._report()
        incident.sudo().write({"state": "handled", "user_id": self.general_manager.id})
        with self.assertRefused(AccessError, "does not close"):
            incident.with_user(self.general_manager).action_close()

    @requirement("A2.R27")
    def test_late_ones_are_told_once(self):
        late, fresh = self._report(), self._report()
        late.sudo().date_deadline = self._now(minutes=-1)
        self.assertTrue(late.is_overdue)
        self.assertEqual(fresh.date_deadline - fresh.date_reported, self._now(days=1) - self._now())
        before = len(self._read_mails(late, self.general_manager))
        for _run in range(2):
            self.env["crm.archive.incident"]._cron_report_overdue()
        self.assertEqual(len(self._read_mails(late, self.general_manager)), before + 1)
        self.assertEqual(len(self._read_mails(fresh, self.general_manager)), 1)
