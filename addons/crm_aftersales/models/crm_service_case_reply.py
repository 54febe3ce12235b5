from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_list, html2plaintext


class CrmServiceCase(models.Model):
    """Replies to the customer, and the rule of apologies (C1.R9)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    date_apologized = fields.Datetime("Apologised On", readonly=True, copy=False)

    @api.model
    def _get_server_fields(self):
        return {**super()._get_server_fields(), "date_apologized": False}

    def action_reply(self):
        """Answer the customer by mail, or note what was said; the template that fits is chosen."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reply"),
            "res_model": "crm.case.reply",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    @api.model
    def _get_reply_names(self):
        """:return: list of the placeholders of reply templates; see ``_get_reply_values``"""
        return [
            "customer",
            "contact",
            "number",
            "subject",
            "product",
            "order",
            "solution",
            "date",
            "user",
            "hotline",
            "company",
        ]

    def _get_reply_values(self):
        """What the placeholders of reply templates stand for; an addon adds to both.

        :return: dict of name to text
        """
        self.ensure_one()
        case = self.sudo()
        return {
            "customer": case.commercial_partner_id.name or case.contact_name or "",
            "contact": case.contact_name or case.partner_id.name or "",
            "number": case.name,
            "subject": case.subject,
            "product": case.product_id.display_name or "",
            "order": case.order_id.name or "",
            "solution": case.solution or "",
            "date": format_date(self.env, case.date_opened),
            "user": self.env.user.name,
            "hotline": case.team_id.phone or case.company_id.phone or "",
            "company": case.company_id.name,
        }

    def _check_no_apology(self, *texts):
        """Where it was not our fault, no word of apology is said.

        :param texts: plain texts that go to the customer
        :raise UserError: names the words
        """
        for case in self.filtered(lambda case: case.fault == "not_own"):
            words = self.env["crm.case.apology.word"]._find_apology(*texts)
            if words:
                raise UserError(
                    self.env._(
                        "Case %(case)s was not our fault: leave out %(words)s, so that the "
                        "customer does not take the fault to be ours.",
                        case=case.name,
                        words=format_list(self.env, [f"“{word}”" for word in words]),
                    )
                )

    def _message_post_after_hook(self, message, msg_vals):
        """What colleagues write to the customer in the log keeps the rule of apologies too."""
        result = super()._message_post_after_hook(message, msg_vals)
        is_ours = message.author_id == self.env.user.partner_id and not self.env.user.share
        is_public = message.subtype_id == self.env.ref("mail.mt_comment")
        if self.fault != "open" and message.message_type == "comment" and is_ours and is_public:
            text = html2plaintext(message.body or "")
            self._check_no_apology(message.subject, text)
            self._note_apology(message.subject, text)
        return result

    def _note_apology(self, *texts):
        """Remember that the customer had our apology for what was our fault."""
        owed = self.filtered(lambda case: case.fault == "own" and not case.date_apologized)
        if owed and self.env["crm.case.apology.word"]._find_apology(*texts):
            owed.sudo().date_apologized = fields.Datetime.now()
