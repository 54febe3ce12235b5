from odoo import models
from odoo.tools import groupby


class MailMessage(models.Model):
    """Who may not read a document of customer service does not write into its log either.

    Core lets whoever got one message of a thread, or follows it, write messages there: also
    customers, over RPC, into documents that they cannot read.
    """

    _name = "mail.message"
    _inherit = ["mail.message"]

    def _get_forbidden_access(self, operation):
        forbidden = super()._get_forbidden_access(operation)
        if operation != "read":
            forbidden |= (self - forbidden)._get_foreign_posts(operation)
        return forbidden

    def _get_foreign_posts(self, operation):
        """:return: messages in documents of customer service that are not the user's to write"""
        found = self.browse()
        for model, messages in groupby(self.sudo(), lambda message: message.model):
            if not model or not getattr(self.env.get(model), "_is_guarded", False):
                continue
            messages = self.browse(message.id for message in messages)
            if not self.env.user._is_internal():
                found |= messages
            elif operation == "create":
                found |= messages._get_unreadable_posts(model)
        return found

    def _get_unreadable_posts(self, model):
        posts = self.sudo().filtered(lambda message: message.message_type != "user_notification")
        documents = self.env[model].browse({post.res_id for post in posts if post.res_id})
        readable = set(documents.exists()._filtered_access("read").ids)
        return self.browse(post.id for post in posts if post.res_id and post.res_id not in readable)
