from odoo.tests import HttpCase, tagged

from .common import VisitCommon


@tagged("post_install", "-at_install")
class TestVisitDraft(VisitCommon, HttpCase):
    """What is typed on the phone survives a lost connection, for who typed it."""

    def _tour(self, name):
        self.specialist.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        visit = self._make_call()
        url = f"/odoo/action-crm_visits.crm_visit_action/{visit.id}"
        self.start_tour(url, name, login=self.specialist.login)
        self.env.invalidate_all()
        return visit

    def test_saved_when_the_connection_is_back(self):
        self.assertEqual(self._tour("crm_visits_draft_retry").opinion, "网络断了也不丢")

    def test_offered_again_after_the_page_was_closed(self):
        self.assertEqual(self._tour("crm_visits_draft_restore").opinion, "重新打开还在")

    def test_removed_when_logging_out(self):
        self.assertFalse(self._tour("crm_visits_draft_log_out").opinion)
