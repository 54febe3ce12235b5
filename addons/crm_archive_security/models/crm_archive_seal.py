from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmArchiveSeal(models.Model):
    """How far the register was sealed, and its fingerprint there: what is cut off shows."""

    _name = "crm.archive.seal"
    _description = "Seal of the Register"
    _order = "id desc"
    _rec_name = "sequence"

    sequence = fields.Integer("Last Entry", required=True, readonly=True)
    entry_count = fields.Integer("Entries", readonly=True)
    hash = fields.Char("Fingerprint", required=True, readonly=True)
    date_told = fields.Datetime("Told the Auditors On", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_engine()
        return super().create(vals_list)

    def write(self, vals):
        self._check_engine()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_uninstall(self):
        raise UserError(self.env._("Seals of the register are never deleted."))

    def _check_engine(self):
        if not self.env.su:
            raise AccessError(self.env._("The register is written by the system only."))

    def _tell_auditors(self, fault):
        """The fingerprint in their inbox or mail: whoever rewrites the database has not that.

        :param fault: sentence on what does not fit, or a false value
        """
        self.ensure_one()
        group = self.env.ref("crm_service_base.group_auditor")
        for user in group.all_user_ids.filtered("active"):
            env = self.with_context(lang=user.lang).env
            subject = (
                env._("The register of archive access was tampered with")
                if fault
                else env._("Fingerprint of the register of archive access")
            )
            text = env._(
                "%(count)s entries, fingerprint %(hash)s. Keep this message outside of the system.",
                count=self.sequence,
                hash=self.hash,
            )
            self.env["mail.thread"].message_notify(
                partner_ids=user.partner_id.ids,
                subject=subject,
                body=f"{fault} {text}" if fault else text,
            )
