from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import ArchiveCommon


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
