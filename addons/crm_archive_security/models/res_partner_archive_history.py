from odoo import api, models

# changed at once, and told to the departments concerned (B5.R3)
IMPORTANT = ("name", "crm_legal_representative", "phone", "email")
OTHERS = ("street", "street2", "city", "zip", "website", "crm_short_name")
# that it changed is kept, not what it was: these are kept with consent and can be withdrawn
PRIVATE = ("crm_qq", "crm_wechat", "crm_birthday")


class ResPartner(models.Model):
    """What changes about a customer with an archive is remembered (B5.R3)."""

    _inherit = "res.partner"

    @api.model
    def _get_crm_archive_history_fields(self):
        """Fields whose changes are remembered; addons add theirs with ``super()``.

        :return: dict of the field's name to a pair: whether departments are told, and whether
            the values are kept
        """
        return {
            **dict.fromkeys(IMPORTANT, (True, True)),
            **dict.fromkeys(OTHERS, (False, True)),
            **dict.fromkeys(PRIVATE, (False, False)),
        }

    def write(self, vals):
        names = self._get_crm_archive_history_fields().keys() & vals.keys()
        archives = self._get_crm_archives() if names else None
        if not archives:
            return super().write(vals)
        before = {archive: archive._get_history_values(names) for archive in archives}
        result = super().write(vals)
        archives._log_changes(before)
        return result

    def _get_crm_archives(self):
        """:return: ``crm.archive`` of these customers, with ``sudo``; destroyed ones apart"""
        archives = self.env["crm.archive"].sudo().with_context(active_test=False)
        domain = [("partner_id", "in", self.ids), ("state", "!=", "destroyed")]
        return archives.search(domain) if self.ids else archives
