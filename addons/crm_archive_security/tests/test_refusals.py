"""What the documents around archives refuse, each by its own sentence."""

import base64
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .documents_common import DocumentsCommon


@tagged("post_install", "-at_install")
class TestRefusals(DocumentsCommon):
    def _running_inspection(self, **values):
        inspection = self.env["crm.archive.inspection"].create(
            {
                "title": "Quarter",
                "user_id": self.manager.id,
                "member_ids": self.director.ids,
                "sample_size": 1,
                **values,
            }
        )
        inspection.action_start()
        return inspection

    def _finding(self, inspection, user=None):
        values = {"inspection_id": inspection.id, "name": "Not locked", "user_id": user.id}
        return self.env["crm.archive.finding"].with_user(self.manager).create(values)

    @requirement("B4.R2")
    def test_established_archives(self):
        archive = self._established()
        with self.assertRefused(UserError, "disposal that was approved"):
            archive.sudo().unlink()
        with self.assertRefused(AccessError, "Supervisors"):
            archive.with_user(self.specialist).action_return()
        checking = self._archive(self.other_customer)
        checking.with_user(self.specialist).action_submit()
        with self.assertRefused(UserError, "nothing is put in now"):
            self._item(checking, user=self.supervisor)

    @requirement("B5.R4")
    def test_items_of_established_archives(self):
        archive = self._archive()
        own = self._item(archive, user=self.specialist, content_body="Text")
        with self.assertRefused(UserError, "Supervisors take items out"):
            own.with_user(self.specialist).active = False
        with self.assertRefused(UserError, "Items are read, printed"):
            own.with_user(self.supervisor).read_content("shred")
        big = base64.b64encode(b"x" * (26 * 1024**2))
        with self.assertRefused(UserError, "Files of up to"):
            self._item(archive, content_file=big)
        own.sudo().date_destroyed = fields.Datetime.now()
        item = own.with_user(self.supervisor)
        with self.assertRefused(UserError, "was destroyed: there is nothing"):
            item.read_content("read")
        with self.assertRefused(UserError, "only its name is left"):
            item.name = "Other"
        with self.assertRefused(UserError, "trace of a destroyed item"):
            own.sudo().unlink()
        with self.assertRefused(AccessError, "decided by a disposal"):
            item.date_destroyed = False

    @requirement("A2.R19")
    def test_requests(self):
        item = self._item(self._established(), content_body="Text")
        now = fields.Datetime.now()
        request = self._request(item, self.specialist)
        for days, sentence in ((-1, "ends after it begins"), (200, "days at most")):
            with self.assertRefused(ValidationError, sentence):
                request.write({"date_start": now, "date_end": now + timedelta(days=days)})
        empty = self._request(item, self.specialist)
        empty.sudo().write({"partner_id": self.other_customer.id, "item_ids": [Command.clear()]})
        self._bind(self.specialist)
        with self.assertRefused(UserError, "holds nothing"):
            empty.action_approval_submit()
        foreign = self._item(self._established(self.other_customer), content_body="Text")
        request.sudo().item_ids = foreign
        with self.assertRefused(UserError, "not in the archive of this customer"):
            request.action_approval_submit()
        request.sudo().item_ids = item
        request.sudo().write(
            {"date_start": now - timedelta(days=3), "date_end": now - timedelta(1)}
        )
        with self.assertRefused(UserError, "end is over"):
            request.action_approval_submit()

    @requirement("A2.R19")
    def test_leave_is_revoked_and_never_deleted(self):
        item = self._item(self._established(), content_body="Text")
        request = self._grant(item, self.specialist)
        with self.assertRefused(UserError, "revoked, not deleted"):
            request.sudo().grant_ids.unlink()
        with self.assertRefused(AccessError, "Security administrators"):
            request.with_user(self.specialist).action_revoke()
        self.env["crm.archive.access"]._seal()
        seals = self.env["crm.archive.seal"].sudo().search([])
        self.assertTrue(seals)
        with self.assertRefused(UserError, "never deleted"):
            seals.unlink()

    @requirement("A2.R25", "B5.R4")
    def test_holds_and_the_end_of_the_relation(self):
        archive = self._established()
        with self.assertRefused(AccessError, "Supervisors note the end"):
            archive.with_user(self.specialist).date_ended = self.today
        hold = self.env["crm.archive.hold"].with_user(self.manager)
        hold = hold.create({"archive_id": archive.id, "name": "Lawsuit"})
        with self.assertRefused(AccessError, "stays as it was put on"):
            hold.name = "Other"
        with self.assertRefused(UserError, "Write why"):
            hold.action_release()
        hold.release_reason = "Settled"
        hold.action_release()
        with self.assertRefused(UserError, "was released"):
            hold.release_reason = "x"
        with self.assertRefused(UserError, "was released"):
            hold.action_release()
        with self.assertRefused(UserError, "not deleted"):
            hold.sudo().unlink()

    @requirement("A2.R25")
    def test_lists_of_disposal(self):
        item = self._item(self._established(), content_body="Text")
        disposal = self.env["crm.archive.disposal"].with_user(self.supervisor)
        values = {"title": "x", "executor_id": self.specialist.id}
        disposal = disposal.create({**values, "witness_id": self.specialist.id})
        line = self.env["crm.archive.disposal.line"].with_user(self.supervisor)
        line = line.create({"disposal_id": disposal.id, "item_id": item.id, "verdict": "keep"})
        with self.assertRefused(UserError, "witness neither prepares"):
            disposal.action_approval_submit()
        disposal.witness_id = self.manager
        with self.assertRefused(UserError, "until when and why"):
            disposal.action_approval_submit()
        disposal.sudo().state = "done"
        with self.assertRefused(UserError, "Only a draft or an approved"):
            disposal.action_cancel()
        with self.assertRefused(UserError, "Only drafts are deleted"):
            disposal.sudo().unlink()

    @requirement("B7.R1")
    def test_findings(self):
        self._established()
        inspection = self._running_inspection()
        finding = self._finding(inspection, self.director)
        with self.assertRefused(AccessError, "with the buttons"):
            finding.date_done = fields.Datetime.now()
        mine = finding.with_user(self.director)
        with self.assertRefused(UserError, "what was done first"):
            mine.action_done()
        with self.assertRefused(AccessError, "notes what was done"):
            finding.action_done()
        with self.assertRefused(UserError, "verified once"):
            finding.action_verify()
        mine.measure = "Locked"
        mine.action_done()
        with self.assertRefused(UserError, "stays as it was noted"):
            mine.measure = "Other"
        with self.assertRefused(AccessError, "Somebody else verifies"):
            mine.action_verify()
        with self.assertRefused(UserError, "is kept"):
            finding.sudo().unlink()
        finding.action_verify()
        with self.assertRefused(UserError, "verified once"):
            finding.action_reject()
        inspection.sudo().state = "closed"
        with self.assertRefused(UserError, "under way"):
            self._finding(inspection, self.director)
        with self.assertRefused(UserError, "Only drafts"):
            inspection.sudo().unlink()

    @requirement("B7.R1")
    def test_samples(self):
        self._established()
        inspection = self._running_inspection()
        line = inspection.line_ids[0]
        with self.assertRefused(UserError, "at least one part"):
            line.with_user(line.user_id).action_done()
        values = {"inspection_id": inspection.id, "archive_id": line.archive_id.id}
        with self.assertRefused(AccessError, "drawn by the system"):
            line.with_user(self.manager).create(values)

    @requirement("B7.R1")
    def test_reports_of_misconduct(self):
        reports = self.env["crm.archive.misconduct"]
        report = reports.sudo().create(
            {"subject": "x", "description": "x", "user_id": self.general_manager.id}
        )
        with self.assertRefused(UserError, "are kept"):
            report.sudo().unlink()

    @requirement("B5.R1", "A2.R22")
    def test_places(self):
        place = self.env["crm.archive.place"].create({"name": "Room"})
        archive = self._established()
        self._secret(archive)
        with self.assertRefused(ValidationError, "kept apart"):
            archive.sudo().place_id = place
        checks = self.env["crm.archive.place.check"].with_user(self.manager)
        good = {"place_id": place.id, "temperature": 20, "humidity": 50, "finding": "Fine"}
        with self.assertRefused(UserError, "not before"):
            checks.create({**good, "date": self.today + timedelta(days=2)})

    @requirement("A2.R20")
    def test_the_custodian_reads_by_request_too(self):
        archive = self._established()
        room = self.env["crm.archive.place"].create({"name": "Room", "is_reading_room": True})
        reading = self.env["crm.archive.reading"].with_user(self.supervisor)
        values = {"content": "x", "purpose": "x", "reader_id": self.supervisor.id}
        reading = reading.create({"archive_id": archive.id, "place_id": room.id, **values})
        with self.assertRefused(UserError, "to others, not to himself"):
            reading.action_give()

    @requirement("A2.R23")
    def test_releases(self):
        release = self._make_release(date_to=self.today)
        self._approve(release, self.supervisor)
        with self.assertRefused(UserError, "Name who hands"):
            release.action_hand_out()
        named = self._make_release(date_to=self.today, carrier_id=self.specialist.id)
        self._approve(named, self.supervisor)
        later = freeze_time(fields.Datetime.now() + timedelta(days=2))
        with later, self.assertRefused(UserError, "for a time that is over"):
            named.action_hand_out()
        with self.assertRefused(UserError, "was not handed out"):
            release.action_back()
