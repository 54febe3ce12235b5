from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError


class CrmServiceMovedMixin(models.AbstractModel):
    """A document whose state and stamps move with its buttons and whose content is locked then.

    ::

        class CrmFieldReceipt(models.Model):
            _name = "crm.field.receipt"
            _inherit = ["crm.service.moved.mixin"]

            _stamps = ("date_handed_in",)
            _editable_states = ("draft",)

            state = fields.Selection([("draft", "Draft"), ...], default="draft", readonly=True)
    """

    _name = "crm.service.moved.mixin"
    _description = "Document Moved by Buttons"
    _inherit = ["crm.service.mixin", "mail.thread", "mail.activity.mixin"]

    # fields that only the buttons and scheduled actions write
    _stamps = ()
    # states in which people may change the content; the first one is where documents begin
    _editable_states = ("draft",)

    is_editable = fields.Boolean(compute="_compute_is_editable")

    @api.depends("user_id", "state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_editable(self):
        """Whose fields and buttons the forms show; the server checks again."""
        allowed = self._origin._filtered_access("write")
        for document in self:
            is_open = document["state"] in (False, *self._editable_states)
            document.is_editable = is_open and (not document._origin or document._origin in allowed)

    def _is_supervisor(self):
        return self.env.user.has_group("crm_service_base.group_supervisor")

    # ------------------------------------------------------------------ create, write

    @api.model
    def _get_server_fields(self):
        """Fields that only the server writes; a document adds those that do not begin empty.

        :return: dict of field name to the value a new document starts with
        """
        return {"state": self._editable_states[0], **dict.fromkeys(self._stamps, False)}

    @api.model
    def _get_open_fields(self):
        """Fields that may be written of a locked document: its log, activities, archiving.

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
            self._check_field_write(vals)
        return super().write(vals)

    def _check_field_write(self, vals):
        """:raise AccessError: a field of the server's; :raise UserError: the document is locked"""
        self.check_access("write")
        if self._get_server_fields().keys() & vals.keys():
            raise AccessError(self.env._("The buttons of the document change this, nothing else."))
        if names := vals.keys() - self._get_open_fields():
            self._check_content_write(names, vals)

    def _check_content_write(self, names, vals):
        """Whether a person may change what the document says; a document lets more through.

        :param set names: fields of the content among the values
        :raise UserError: it is locked
        """
        self._check_state(self._editable_states)

    # ------------------------------------------------------------------ for the buttons

    def _check_state(self, states):
        """:raise UserError: a document is in none of these states"""
        names = dict(self._fields["state"]._description_selection(self.env))
        for document in self.sudo():
            if document["state"] not in states:
                raise UserError(document._get_refusal(names[document["state"]]))

    def _get_refusal(self, state):
        """What is said when a button or a change is too late or too early; a document words it.

        :param str state: where the document stands, as people read it
        :return: str
        """
        return self.env._(
            "%(document)s is “%(state)s”: this cannot be done now.",
            document=self.display_name,
            state=state,
        )

    def _check_note(self, note):
        if not (note or "").strip():
            raise UserError(self.env._("Write it in words: it stays with the document."))

    def _lock(self):
        """Two clicks come one after the other: the second sees what the first did.

        :raise LockError: somebody is at it
        """
        try:
            self.sudo().lock_for_update(allow_referencing=True)
        except LockError:
            raise LockError(
                self.env._("Somebody else is working on this document. Please try again.")
            ) from None
        self.invalidate_recordset()

    def _open_dialog(self, model, field, title, **values):
        """The dialog in which a person writes what belongs to a step.

        :param str model: of the dialog
        :param str field: of the dialog, that takes these documents
        """
        self.check_access("read")
        values[field] = self.ids
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {f"default_{name}": value for name, value in values.items()},
        }

    def _tell(self, users, subject, body):
        """A notice to those colleagues who are still there."""
        users = users.filtered("active")
        if users:
            self.message_notify(partner_ids=users.partner_id.ids, subject=subject, body=body)
