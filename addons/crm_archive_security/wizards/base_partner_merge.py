from odoo import models
from odoo.exceptions import UserError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Merged customers have one archive a company: the wizard would delete the others.

        :raise UserError: more than one of them has something in it
        """
        self._merge_crm_archives(self.env["res.partner"].browse(partner_ids))
        return super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)

    def _merge_crm_archives(self, partners):
        archives = self.env["crm.archive"].sudo().with_context(active_test=False)
        empty = partners._get_empty_crm_archives()
        found = archives.search([("partner_id", "in", partners.ids)])
        for same in found.grouped("company_id").values():
            kept = same - empty
            if len(kept) > 1:
                raise UserError(
                    self.env._(
                        "These customers have more than one archive with something in it. Do not "
                        "merge them: put what is new into the archive of one, and stop using the "
                        "other."
                    )
                )
            ((same & empty) if kept else (same & empty)[1:]).unlink()
