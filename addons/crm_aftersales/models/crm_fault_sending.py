from odoo import fields, models


class CrmFaultSending(models.Model):
    """Proof that the analysis of a fault went to a customer: where, when, and which file; only
    the server writes it (C3.R11)."""

    _name = "crm.fault.sending"
    _description = "Fault Report Sent to a Customer"
    _order = "id desc"
    _rec_name = "partner_id"

    fault_id = fields.Many2one("crm.fault.report", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", "Sent To", required=True, index=True, ondelete="restrict"
    )
    email = fields.Char("E-Mail", required=True)
    date = fields.Datetime("Sent On", required=True)
    user_id = fields.Many2one("res.users", "Sent By", required=True, ondelete="restrict")
    attachment_id = fields.Many2one(
        "ir.attachment", "File Sent", index="btree_not_null", ondelete="set null"
    )
    digest = fields.Char("SHA-256", help="Of the file that was sent.")
    message_id = fields.Many2one("mail.message", index="btree_not_null", ondelete="set null")
    status = fields.Char("Mail", compute="_compute_status", compute_sudo=True)

    def _compute_status(self):
        """What the mail server said; a failed mail shows its reason."""
        kinds = self.env["mail.notification"]._fields["notification_status"]
        labels = dict(kinds._description_selection(self.env))
        for sending in self:
            notification = sending.message_id.notification_ids.filtered(
                lambda n, partner=sending.partner_id: n.res_partner_id == partner
            )[:1]
            parts = [labels.get(notification.notification_status), notification.failure_reason]
            sending.status = " · ".join(filter(None, parts))
