from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .documents_common import DocumentsCommon


@tagged("post_install", "-at_install")
class TestUpkeep(DocumentsCommon):
    """Places, stock-take, reading room, half-yearly review, changes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        places = cls.env["crm.archive.place"]
        cls.room = places.create(
            {"name": "Archive room", "kind": "room", "custodian_id": cls.specialist.id}
        )
        cls.cabinet = places.create(
            {"name": "Cabinet 1", "parent_id": cls.room.id, "check_days": 0}
        )
        cls.reading_room = places.create({"name": "Reading room", "is_reading_room": True})

    # ------------------------------------------------------------------ places

    def _check(self, user=None, **values):
        checks = self.env["crm.archive.place.check"].with_user(user or self.specialist)
        return checks.create(
            {
                "place_id": self.room.id,
                "date": self.today,
                "temperature": 20,
                "humidity": 50,
                "is_fire_safe": True,
                "is_dry": True,
                "is_free_of_insects": True,
                "is_locked": True,
                "is_in_order": True,
                **values,
            }
        )

    @requirement("B5.R1")
    def test_what_is_wrong_is_put_right(self):
        self.assertEqual(self._check().state, "good")
        for values in (
            {"temperature": 24.5},
            {"humidity": 61},
            {"is_fire_safe": False},
            {"is_dry": False},
            {"is_free_of_insects": False},
        ):
            with self.assertRefused(UserError, "what is wrong"):
                self._check(**values)
        check = self._check(humidity=75, finding="Window open", user_id=self.manager.id)
        self.assertEqual((check.state, check.user_id), ("open", self.specialist))
        with self.assertRefused(AccessError, "stays as it was"):
            check.humidity = 50
        with self.assertRefused(UserError, "what was done"):
            check.action_fix()
        check.measure = "Window closed, dehumidifier on"
        check.action_fix()
        self.assertEqual((check.state, check.fixed_by_id), ("fixed", self.specialist))
        with self.assertRefused(UserError, "already"):
            check.measure = "Nothing"
        with self.assertRefused(UserError, "kept"):
            check.sudo().unlink()

    @requirement("B5.R1")
    def test_checks_come_due_and_are_reminded_once(self):
        self._check(date=self._at(-29))
        self.assertEqual(self.room.date_next_check, self._at(1))
        self.assertFalse(self.room.is_check_due)
        self._check(date=self._at(-40))
        self.assertEqual(self.room.date_last_check, self._at(-29), "the last one counts")
        self.room.check_days = 29
        self.assertTrue(self.room.is_check_due)
        self.assertIn(self.room, self.room.search([("is_check_due", "=", True)]))
        self.assertFalse(self.cabinet.date_next_check)
        told = [("message_type", "=", "user_notification")]
        told += [("notified_partner_ids", "in", self.specialist.partner_id.id)]
        for _run in range(2):
            self.env["crm.archive.place"]._cron_remind_checks()
        self.assertEqual(self.env["mail.message"].search_count(told), 1)

    @requirement("A2.R22", "B5.R1")
    def test_classified_archives_stand_apart(self):
        archive = self._archive()
        archive.place_id = self.cabinet
        with self.assertRefused(ValidationError, "kept apart"):
            self._item(archive, secrecy="top_secret", custodian_id=self.supervisor.id)
        self.cabinet.is_for_classified = True
        self._item(archive, secrecy="top_secret", custodian_id=self.supervisor.id)

    @requirement("B5.R1")
    def test_stocktake(self):
        here, there = self._established(), self._established(self.other_customer)
        (here + there).place_id = self.cabinet
        stocktake = self.env["crm.archive.stocktake"].with_user(self.specialist)
        stocktake = stocktake.create({"place_id": self.room.id})
        with self.assertRefused(UserError, "Fill In"):
            stocktake.action_approval_submit()
        stocktake.action_fill()
        stocktake.action_fill()
        self.assertEqual(stocktake.line_ids.archive_id, here + there)
        with self.assertRefused(UserError, "not looked for"):
            stocktake.action_approval_submit()
        line = stocktake.line_ids[0]
        line.result = "missing"
        stocktake.action_all_there()
        self.assertEqual(stocktake.difference_count, 1)
        with self.assertRefused(UserError, "Explain"):
            stocktake.action_approval_submit()
        line.explanation = "Not in the cabinet"
        stocktake.action_approval_submit()
        with self.assertRefused(UserError, "locked"):
            line.result = "there"
        stocktake.with_user(self.manager).action_approval_approve()
        incident = self.env["crm.archive.incident"].search(
            [("archive_ids", "in", line.archive_id.ids)]
        )
        self.assertEqual(incident.kind, "loss")
        self.assertEqual(stocktake.state, "approved")

    # ------------------------------------------------------------------ reading room

    def _slip(self, **values):
        slips = self.env["crm.archive.reading"].with_user(self.specialist)
        return slips.create(
            {
                "archive_id": self._established().id,
                "content": "The contract",
                "purpose": "Audit",
                "reader_id": self.supervisor.id,
                "place_id": self.reading_room.id,
                **values,
            }
        )

    def _leave(self, archive, user, **values):
        return self._grant(self._item(archive), user, **values)

    @requirement("A2.R20")
    def test_read_where_it_is_and_taken_back(self):
        slip = self._slip(place_id=self.cabinet.id)
        with self.assertRefused(UserError, "never leave"):
            slip.action_give()
        slip.place_id = self.reading_room
        with self.assertRefused(UserError, "No confidentiality agreement"):
            slip.action_give()
        self._make_nda(self.supervisor, user=self.manager)
        with self.assertRefused(UserError, "no leave to read"):
            slip.action_give()
        request = self._leave(slip.archive_id, self.supervisor)
        request.grant_ids._revoke()
        with self.assertRefused(UserError, "no leave to read"):
            slip.action_give()
        self._leave(slip.archive_id, self.supervisor)
        slip.action_give()
        self.assertEqual((slip.state, slip.given_by_id), ("reading", self.specialist))
        with self.assertRefused(UserError, "cannot be done now"):
            slip.reader_id = self.manager
        with self.assertRefused(UserError, "which condition"):
            slip.action_back()
        slip.condition = "complete"
        slip.action_back()
        self.assertEqual((slip.state, slip.checked_by_id), ("back", self.specialist))
        with self.assertRefused(UserError, "kept"):
            slip.sudo().unlink()

    @requirement("A2.R20")
    def test_missing_after_reading_is_an_incident(self):
        self._make_nda(self.other_customer)
        slip = self._slip(
            is_outsider=True, reader_id=False, reader_partner_id=self.other_customer.id
        )
        outsider = {
            "reader_kind": "outsider",
            "reader_name": "Buyer",
            "reader_organisation": "Tianshui Tools",
            "reader_identity": "Passport",
        }
        self._leave(slip.archive_id, self.manager)
        with self.assertRefused(UserError, "no leave to read"):
            slip.action_give()
        self._leave(slip.archive_id, self.manager, **outsider)
        slip.action_give()
        slip.condition = "missing"
        with self.assertRefused(UserError, "remarks"):
            slip.action_back()
        slip.note = "Page 3"
        slip.action_back()
        self.assertEqual(slip.sudo().incident_id.archive_ids, slip.archive_id)

    @requirement("A2.R20")
    def test_custodian_gives_to_others(self):
        self._make_nda(self.specialist)
        slip = self._slip(reader_id=self.specialist.id)
        with self.assertRefused(UserError, "not to himself"):
            slip.action_give()

    def test_what_is_not_back_is_told_once(self):
        slip = self._slip()
        self._leave(slip.archive_id, self.supervisor)
        slip.action_give()
        self.env["crm.archive.reading"]._cron_report_out()
        self.assertFalse(slip.date_told)
        slip.sudo().date_out = self._now(hours=-13)
        for _run in range(2):
            self.env["crm.archive.reading"]._cron_report_out()
        self.assertEqual(len(self._read_mails(slip, self.specialist)), 1)

    # ------------------------------------------------------------------ review and changes

    def _reviews(self, archive):
        return self.env["crm.archive.review"].search([("archive_id", "=", archive.id)])

    def _run_reviews(self):
        self.env["crm.archive.review"]._cron_open_reviews()

    @requirement("B5.R3", "D4.R1")
    def test_half_yearly_review(self):
        archive, fresh = self._established(), self._established(self.other_customer)
        half = self.today - relativedelta(months=6)
        archive.sudo().date_established = half - relativedelta(days=1)
        for _run in range(2):
            self._run_reviews()
        review = self._reviews(archive)
        self.assertEqual((len(review), review.user_id), (1, self.specialist))
        self.assertEqual(review.activity_ids.user_id, self.specialist)
        self.assertFalse(self._reviews(fresh))
        review = review.with_user(self.specialist)
        review.result = "cleaned"
        with self.assertRefused(UserError, "Tick"):
            review.action_done()
        review.write(
            {
                "is_basic_checked": True,
                "is_contact_checked": True,
                "is_business_checked": True,
                "is_consent_checked": True,
            }
        )
        with self.assertRefused(UserError, "what was found"):
            review.action_done()
        review.finding = "Old fax number removed"
        review.action_done()
        self.assertEqual(archive.date_review, self.today + relativedelta(months=6))
        self.assertFalse(review.activity_ids)
        self._run_reviews()
        self.assertEqual(len(self._reviews(archive)), 1, "not due before half a year")
        archive.sudo().date_review = self.today
        self._run_reviews()
        self.assertEqual(len(self._reviews(archive)), 2)

    @requirement("B5.R3")
    def test_late_reviews_are_told_once(self):
        archive = self._established()
        review = self.env["crm.archive.review"].create(
            {
                "archive_id": archive.id,
                "user_id": self.specialist.id,
                "date_due": self._at(-1),
            }
        )
        self.assertTrue(review.is_overdue)
        for _run in range(2):
            self.env["crm.archive.review"]._cron_report_overdue()
        self.assertEqual(len(self._read_mails(review, self.supervisor)), 1)

    @requirement("B5.R3")
    def test_changes_are_kept_and_announced(self):
        archive = self._established()
        self.customer.crm_department_id = self.department
        before = self.customer.name
        partner = self.customer.with_user(self.manager)
        partner.write({"name": "Lanzhou Optics Group", "street": "Street 2", "crm_qq": "778899"})
        partner.write({"name": "Lanzhou Optics Group"})
        changes = self.env["crm.archive.change"].search([("archive_id", "=", archive.id)])
        self.assertEqual(set(changes.mapped("field_name")), {"name", "street", "crm_qq"})
        named = changes.filtered(lambda change: change.field_name == "name")
        self.assertEqual(
            (named.value_before, named.value_after, named.user_id),
            (before, "Lanzhou Optics Group", self.manager),
        )
        private = changes.filtered(lambda change: change.field_name == "crm_qq")
        self.assertFalse(private.value_before or private.value_after, "private data is not kept")
        for _run in range(2):
            self.env["crm.archive.change"]._cron_announce()
        self.assertEqual(len(self._read_mails(archive, self.supervisor)), 1)
        self.assertTrue(named.date_announced)
        self.assertFalse(private.date_announced)
        with self.assertRefused(AccessError, ""):
            named.with_user(self.manager).value_after = "x"
        with self.assertRefused(AccessError, ""):
            named.with_user(self.manager).unlink()

    @requirement("B5.R3")
    def test_who_has_no_archive_leaves_no_history(self):
        partner = self.env["res.partner"].create({"name": "A visitor"})
        partner.name = "Another"
        domain = [("partner_id", "=", partner.id)]
        self.assertFalse(self.env["crm.archive.change"].search(domain))
