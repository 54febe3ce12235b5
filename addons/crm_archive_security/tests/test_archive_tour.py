from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .common import SECRET, ArchiveCommon


@tagged("post_install", "-at_install")
class TestArchiveTour(ArchiveCommon, HttpCase):
    @requirement("A2.R19", "A2.R20", "A2.R26")
    def test_the_whole_way_in_chinese(self):
        """Request, three signatures, three don'ts, register, revoked, refused."""
        people = self.specialist | self.supervisor | self.manager | self.general_manager
        people |= self.auditor | self.security_officer
        people.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        self._bind(self.specialist)
        self.customer.name = "兰州光学"
        item = self._secret(name="授信协议", archive_class="basic")
        self._established()
        self._tour("request", "request", self.specialist)
        request = self.env["crm.archive.request"].search([], limit=1)
        self.assertEqual((request.state, request.item_ids), ("submitted", item))
        for approver in (self.supervisor, self.manager, self.general_manager):
            self._tour("request", "approve", approver)
        self.assertEqual(request.state, "approved")
        self._tour("grant", "read", self.specialist)
        page = self.url_open(f"/crm_archive/{item.id}/read")
        self.assertIn(SECRET, page.text)
        self.assertIn(request.name, page.text)
        self._tour("access", "verify", self.auditor)
        self._tour("request", "revoke", self.security_officer)
        self.assertTrue(request.grant_ids.date_revoked)
        self.authenticate(self.specialist.login, self.specialist.login)
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(f"/crm_archive/{item.id}/read").status_code, 403)
        with self.assertRaises(AccessError):
            item.with_user(self.specialist).read_content()

    def _tour(self, name, tour, user):
        url = f"/odoo/action-crm_archive_security.crm_archive_{name}_action"
        self.start_tour(url, f"crm_archive_{tour}", login=user.login)
        self.env.invalidate_all()
