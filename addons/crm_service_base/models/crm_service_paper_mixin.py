from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmServicePaperMixin(models.AbstractModel):
    """A paper with a subject that stays as it was when it went out.

    ::

        class CrmLiaisonLetter(models.Model):
            _name = "crm.liaison.letter"
            _inherit = ["crm.service.paper.mixin"]

            _paper_ended = ("done", "cancelled")
            _paper_dialog_field = "letter_ids"

    The model has a ``state``; its public actions check, then write with ``sudo``.
    """

    _name = "crm.service.paper.mixin"
    _inherit = ["crm.service.moved.mixin"]
    _description = "Paper That Goes Out"
    _rec_names_search = ["name", "subject"]
    _mail_post_access = "read"

    _paper_ended = ("done", "cancelled")
    # the dialog ``<model>.note`` holds the papers in it
    _paper_dialog_field = None

    subject = fields.Char(required=True)
    is_sender = fields.Boolean(compute="_compute_is_mine")

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for paper in self:
            paper.display_name = " · ".join(filter(None, [paper.name, paper.subject]))

    @api.depends("user_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_mine(self):
        """Whose buttons the form shows; the server checks again."""
        allowed = self._origin._filtered_access("write")
        for paper in self:
            paper.is_sender = not paper._origin or paper._origin in allowed

    # ------------------------------------------------------------------ delete

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        for paper in self:
            if paper["state"] not in self._editable_states:
                raise UserError(self.env._("%s went out and is not deleted.", paper.display_name))

    def _can_file(self):
        return super()._can_file() and self["state"] in self._paper_ended

    # ------------------------------------------------------------------ for the actions

    def _get_refusal(self, state):
        return self.env._(
            "%(document)s is “%(state)s” and stays as it is: this cannot be done now.",
            document=self.name,
            state=state,
        )

    def _open_note(self, kind, title):
        """The dialog in which a person writes what belongs to a step."""
        return self._open_dialog(f"{self._name}.note", self._paper_dialog_field, title, kind=kind)
