from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        """Merged customers are one customer: who has no grade gets the one of the other.

        The wizard writes every field as the user, who may not write grades.
        """
        target = dst_partner.sudo()
        for name in ("crm_grade_id", "crm_grade_computed_id"):
            if not target[name]:
                target[name] = src_partners.sudo()[name][-1:]
        return super()._update_values(src_partners, dst_partner)
