from odoo import models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

COMMAND = "/case"
SUBJECT_LIMIT = 120


class DiscussChannel(models.Model):
    """Make a case out of a live chat (D6.R1)."""

    _name = "discuss.channel"
    _inherit = ["discuss.channel"]

    def execute_command_case(self, **kwargs):
        """What the operator typed: ``/case`` and what it is about.

        :raise UserError: this is no live chat
        :raise AccessError: no part in the chat, or no right to register cases
        """
        self.ensure_one()
        subject = html2plaintext(kwargs.get("body") or "").strip().removeprefix(COMMAND).strip()
        if not subject:
            text = self.env._("Type %s and in a few words what it is about.", COMMAND)
        else:
            case = self._create_service_case(subject)
            text = self.env._("New service case: %s", case._get_html_link())
        self.env.user._bus_send_transient_message(self, text)

    def _create_service_case(self, subject):
        """:return: ``crm.service.case`` of the chat, owned by who made it"""
        self.check_access("read")
        if self.channel_type != "livechat":
            raise UserError(self.env._("Only a live chat with a customer becomes a case."))
        cases = self.env["crm.service.case"]
        cases.check_access("create")
        case = cases.create(self._prepare_service_case_values(subject))
        case.sudo().livechat_id = self
        self._copy_files_to_case(case)
        return case

    def _prepare_service_case_values(self, subject):
        chat = self.sudo()
        company = self.env.company
        customer = chat.livechat_customer_partner_ids.filtered(
            lambda partner: (
                partner.partner_share
                and not partner.is_public
                and partner.company_id in (partner.company_id.browse(), company)
            )
        )[:1]
        values = {
            "subject": subject[:SUBJECT_LIMIT],
            "channel": "chat",
            "company_id": company.id,
            "description": html2plaintext(
                chat._get_channel_history(), include_references=False
            ).strip(),
        }
        if customer:
            return values | {"partner_id": customer.id}
        told = chat._chatbot_find_customer_values_in_messages(
            {"question_email": "email", "question_phone": "phone"}
        )
        return values | {"contact_name": chat.livechat_customer_guest_ids[:1].name, **told}

    def _copy_files_to_case(self, case):
        """What the customer showed in the chat stays with the case."""
        files = self.sudo().message_ids.attachment_ids
        if files:
            own = files.copy({"res_model": case._name, "res_id": case.id})
            case.sudo()._message_log(
                body=self.env._("Files of the live chat"), attachment_ids=own.ids
            )
