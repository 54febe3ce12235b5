from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmServicePaperMixin(models.AbstractModel):
    """A paper with a subject that moves with its buttons and stays as it was when it went out.

    ::

        class CrmLiaisonLetter(models.Model):
            _name = "crm.liaison.letter"
            _inherit = ["crm.service.paper.mixin"]

            _paper_draft = "draft"
            _paper_ended = ("done", "cancelled")
            _paper_dialog_field = "letter_ids"

    The model has a ``state``; its public actions check, then write with ``sudo``.
    """

    _name = "crm.service.paper.mixin"
    _inherit = ["crm.service.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Paper That Moves with Its Buttons"
    _rec_names_search = ["name", "subject"]
    _mail_post_access = "read"

    _paper_draft = "draft"
    _paper_ended = ("done", "cancelled")
    # the dialog ``<model>.note`` holds the papers in it
    _paper_dialog_field = None

    subject = fields.Char(required=True)
    is_editable = fields.Boolean(compute="_compute_is_mine")
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
            saved = paper._origin
            paper.is_sender = not saved or saved in allowed
            paper.is_editable = paper.is_sender and paper["state"] in (False, self._paper_draft)

    # ------------------------------------------------------------------ create, write, delete

    @api.model
    def _get_server_fields(self):
        """Fields that only the buttons and the scheduled actions write.

        :return: dict of field name to the value a new paper starts with
        """
        return {"state": self._paper_draft}

    @api.model
    def _get_open_fields(self):
        """Fields that may be written after it went out: its log, its activities, archiving.

        :return: set of field names
        """
        mixins = self.env["mail.thread"]._fields.keys() | self.env["mail.activity.mixin"]._fields
        return mixins - self.env["base"]._fields.keys() | {"active"}

    @api.model_create_multi
    def create(self, vals_list):
        initial = self._get_server_fields()
        if not self.env.su:
            vals_list = [{**vals, **initial} for vals in vals_list]
        else:
            vals_list = [{**initial, **vals} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            if self._get_server_fields().keys() & vals.keys():
                raise AccessError(
                    self.env._("Where it stands, and who did what when, is written by the buttons.")
                )
            if names := vals.keys() - self._get_open_fields():
                self._check_content_write(names, vals)
        return super().write(vals)

    def _check_content_write(self, names, vals):
        """Whether a person may change what the paper says; a paper lets more through.

        :param set names: fields of the content among the values
        :raise UserError: it went out
        """
        self._check_state((self._paper_draft,))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        for paper in self:
            if paper["state"] != self._paper_draft:
                raise UserError(self.env._("%s went out and is not deleted.", paper.display_name))

    def _can_file(self):
        return super()._can_file() and self["state"] in self._paper_ended

    # ------------------------------------------------------------------ for the actions

    def _check_state(self, states):
        """:raise UserError: one of the papers stands elsewhere"""
        names = dict(self._fields["state"]._description_selection(self.env))
        for paper in self.sudo():
            if paper["state"] not in states:
                raise UserError(
                    self.env._(
                        "%(document)s is “%(state)s” and stays as it is: this cannot be done now.",
                        document=paper.name,
                        state=names[paper["state"]],
                    )
                )

    def _check_note(self, note):
        if not (note or "").strip():
            raise UserError(self.env._("Write it in words: it stays with the document."))

    def _open_note(self, kind, title):
        """The dialog in which a person writes what belongs to a step."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": f"{self._name}.note",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_kind": kind,
                f"default_{self._paper_dialog_field}": self.ids,
            },
        }

    def _notify_people(self, users, subject, body):
        """Tell colleagues beside the log."""
        users = users.filtered("active")
        if users:
            self.message_notify(partner_ids=users.partner_id.ids, subject=subject, body=body)
