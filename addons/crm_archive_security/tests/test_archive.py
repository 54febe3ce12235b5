from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .common import ArchiveCommon

CRON = "odoo.addons.crm_service_base.models.ir_cron"


@tagged("post_install", "-at_install")
class TestArchive(ArchiveCommon):
    @requirement("B4.R2")
    def test_another_person_checks(self):
        archive = self._archive()
        with self.assertRefused(UserError, "cannot be done now"):
            archive.with_user(self.supervisor).action_establish()
        archive.with_user(self.specialist).action_submit()
        with self.assertRefused(AccessError, "Supervisors"):
            archive.with_user(self.specialist).action_establish()
        archive.with_user(self.supervisor).action_establish()
        self.assertEqual((archive.state, archive.checked_by_id), ("established", self.supervisor))
        own = self._archive(self.other_customer, user=self.supervisor)
        own.with_user(self.supervisor).action_submit()
        with self.assertRefused(AccessError, "somebody else checks"):
            own.with_user(self.supervisor).action_establish()
        with self.assertRefused(AccessError, "buttons"):
            own.with_user(self.manager).write({"state": "established"})

    @requirement("B4.R2")
    def test_another_person_checks_what_is_added_later(self):
        archive = self._established()
        item = self._item(archive, user=self.supervisor)
        self.assertFalse(item.date_checked)
        with self.assertRefused(AccessError, "Supervisors"):
            item.with_user(self.specialist).action_check()
        with self.assertRefused(AccessError, "somebody else checks"):
            item.with_user(self.supervisor).action_check()
        item.with_user(self.manager).action_check()
        self.assertEqual(item.checked_by_id, self.manager)
        own = self._item(archive, user=self.specialist)
        with self.assertRefused(AccessError, "buttons"):
            own.with_user(self.specialist).write({"date_checked": "2026-01-01"})

    @requirement("B4.R2")
    def test_number_shows_type_and_day(self):
        archive = self._archive()
        day = archive.date_opened.strftime("%Y%m%d")
        code = self.customer.crm_customer_type_id.code
        self.assertRegex(archive.name, rf"^DA-{code}-{day}-\d{{5}}$")
        retail = self.env.ref("crm_service_base.customer_type_retail")
        self.customer.crm_customer_type_id = retail
        archive.with_user(self.specialist).action_submit()
        archive.with_user(self.supervisor).action_establish()
        self.assertRegex(archive.name, rf"^DA-{retail.code}-{day}-\d{{5}}$")
        self.customer.crm_customer_type_id = self.env.ref("crm_service_base.customer_type_dealer")
        self.assertRegex(archive.name, rf"^DA-{retail.code}-", "an established number stays")

    def test_customers_have_an_archive_and_others_have_none(self):
        partners = self.env["res.partner"]
        plain, customer = partners.with_user(self.specialist).create(
            [{"name": "Somebody"}, self._prepare_customer_values("New", user_id=self.manager.id)]
        )
        archives = self.env["crm.archive"]
        self.assertFalse(archives.search([("partner_id", "=", plain.id)]))
        archive = archives.search([("partner_id", "=", customer.id)])
        self.assertEqual((archive.user_id, archive.state), (self.manager, "draft"))
        plain.with_user(self.specialist).crm_customer_type_id = customer.crm_customer_type_id
        archive = archives.search([("partner_id", "=", plain.id)])
        self.assertEqual(archive.user_id, self.specialist)
        plain.with_user(self.specialist).write({"crm_customer_type_id": 1})
        self.assertEqual(len(archives.search([("partner_id", "=", plain.id)])), 1)
        contact = partners.create({"name": "Person there", "parent_id": customer.id})
        self.assertFalse(archives.search([("partner_id", "=", contact.id)]))

    def test_existing_customers_are_taken_in_and_killed_runs_go_on(self):
        archives = self.env["crm.archive"]
        partners = self.env["res.partner"].create(
            [self._prepare_customer_values(f"Old {n}") for n in range(5)]
        )
        found = archives.search([("partner_id", "in", partners.ids)])
        found.unlink()
        broken = partners[2]
        self._fail_for(broken, "_prepare_crm_archive_values")
        with mute_logger(CRON), self.enter_registry_test_mode():
            self.env.ref("crm_archive_security.ir_cron_open").method_direct_trigger()
        found = archives.search([("partner_id", "in", partners.ids)])
        self.assertEqual(found.partner_id, partners - broken)
        self.env["res.partner"].create({"name": "No customer"})
        count = archives.search_count([])
        with mute_logger(CRON), self.enter_registry_test_mode():
            self.env.ref("crm_archive_security.ir_cron_open").method_direct_trigger()
        self.assertEqual(archives.search_count([]), count, "nothing is done twice")
        with self.assertRefused(AccessError, "Supervisors"):
            partners.with_user(self.specialist).action_open_crm_archives_selection()

    @requirement("B4.R3")
    def test_facts_have_source_and_day_and_stay(self):
        archive = self._archive()
        facts = self.env["crm.archive.fact"].with_user(self.specialist)
        before = archive.completeness
        values = {"archive_id": archive.id, "kind": "scope", "value": "Lenses"}
        with self.assertRefused(Exception, "channel"):
            facts.create(values)
        fact = facts.create({**values, "channel": "talk", "source_note": "Ms Li"})
        self.assertTrue(fact.date)
        self.assertGreater(archive.completeness, before)
        self.assertNotIn("Scope", archive.missing_facts)
        self.assertIn("Legal Representative", archive.missing_facts)
        fact.value = "Lenses and frames"
        self._established()
        with self.assertRefused(UserError, "another one"):
            fact.value = "Cheese"
        with self.assertRefused(UserError, "Facts stay"):
            fact.unlink()

    @requirement("B4.R1")
    def test_catalogue_says_what_is_classified(self):
        archive = self._archive()
        for archive_class in ("basic", "transaction", "service", "special"):
            self._item(archive, archive_class=archive_class)
        self._secret(archive, secrecy="top_secret")
        self.assertEqual(archive.secrecy, "top_secret")
        catalogue = self.env["crm.archive"].with_user(self.specialist)
        self.assertIn(archive, catalogue.search([("secrecy", "=", "top_secret")]))
        self.assertEqual(catalogue.browse(archive.id).item_count, 5)

    def test_partners_that_are_merged_or_deleted(self):
        """What nothing was put into goes with the partner, what has something in it stays."""
        partners = self.customer | self.other_customer
        archives = self._archive() | self._archive(self.other_customer)
        self.assertEqual(partners._get_empty_crm_archives(), archives)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        item = self._secret(self._archive(self.other_customer))
        self._secret(self._archive())
        with self.assertRefused(UserError, "more than one archive"):
            wizard._merge(partners.ids, self.customer)
        second = self.env["res.partner"].create(
            {"name": "Twin", "crm_customer_type_id": self.customer.crm_customer_type_id.id}
        )
        twin = self._archive(second)
        wizard._merge((second | self.other_customer).ids, second)
        self.assertFalse(twin.exists())
        self.assertEqual(item.archive_id.partner_id, second)
        third = second.copy({"name": "Third"})
        empty = self._archive(third)
        third.unlink()
        self.assertFalse(empty.exists())
