from odoo.tests import tagged

from .common import ServiceCommon


@tagged("post_install", "-at_install")
class TestStateOrder(ServiceCommon):
    def test_board_has_columns_in_order_and_none_empty(self):
        """Columns follow the life of the document, not the alphabet; empty ones are left out."""
        announcements = self.env["crm.rule.announcement"].with_context(read_group_expand=True)
        values = {"name": "规定", "change": "…", "date_effective": "2026-01-01"}
        for state in ("announced", "draft"):
            announcements.create(values).sudo().write({"state": state})
        groups = announcements.formatted_read_group([], ["state"], ["__count"])
        self.assertEqual([group["state"] for group in groups], ["draft", "announced"])
