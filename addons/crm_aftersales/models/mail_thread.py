from odoo import api, models

from ..tools import mail_kind


class MailThread(models.AbstractModel):
    """Cases look at mail before it comes in: who may write into which, and what is no case."""

    _inherit = "mail.thread"

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        model, thread = "crm.service.case", self
        if any(route[0] == model for route in routes or ()):
            kind = mail_kind.mail_kind(message)
            if mail_kind.is_reply_subject(message_dict.get("subject")):
                kind = "auto_reply"
            thread = self.with_context(crm_mail_kind=kind)
            cases = thread.env[model].sudo()
            routes = [
                cases._get_mail_route(message_dict, route, kind) if route[0] == model else route
                for route in routes
            ]
            routes = list(filter(None, routes))
        return super(MailThread, thread)._message_route_process(message, message_dict, routes)
