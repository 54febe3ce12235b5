from odoo import models


class CrmArchive(models.Model):
    """Changes of the customer, kept with the archive."""

    _inherit = "crm.archive"

    def _get_history_values(self, names):
        """:return: dict of the customer's fields to what they say, as text"""
        self.ensure_one()
        partner = self.partner_id
        return {name: str(partner[name] or "") for name in names}

    def _log_changes(self, before):
        """Remember what differs now, and have the departments told of what is important.

        :param before: dict of archive to its :meth:`_get_history_values` from before
        """
        known = self.env["res.partner"]._get_crm_archive_history_fields()
        rows = []
        for archive in self:
            after = archive._get_history_values(before[archive])
            for name, value in after.items():
                if value != before[archive][name]:
                    is_important, is_open = known[name]
                    rows.append(
                        {
                            "archive_id": archive.id,
                            "user_id": self.env.uid,
                            "field_name": name,
                            "value_before": before[archive][name] if is_open else False,
                            "value_after": value if is_open else False,
                            "is_important": is_important,
                        }
                    )
        self.env["crm.archive.change"].sudo().create(rows)
        if any(row["is_important"] for row in rows):
            self.env.ref("crm_archive_security.ir_cron_archive_change_announce").sudo()._trigger()
