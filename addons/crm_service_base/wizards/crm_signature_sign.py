from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmSignatureSign(models.TransientModel):
    """The dialog in which a document is read and signed. The document checks everything."""

    _name = "crm.signature.sign"
    _description = "Sign a Document"
    _inherit = ["crm.access.mixin"]

    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", required=True, readonly=True)
    role = fields.Selection(
        [("customer", "Customer"), ("staff", "Staff")], required=True, readonly=True
    )
    channel = fields.Selection(
        [("backend", "On This Device"), ("paper", "On Paper")], required=True, readonly=True
    )
    digest = fields.Char(readonly=True, required=True)
    content = fields.Html("You Sign", readonly=True)
    name = fields.Char("Signed By", required=True)
    image = fields.Binary("Signature", attachment=False)
    scan = fields.Binary("Scanned Paper", attachment=False)
    scan_name = fields.Char()
    date_paper = fields.Date("Date on the Paper")

    @api.model
    def default_get(self, fields):
        """What is signed, its digest and the name, as the document is now."""
        values = super().default_get(fields)
        document = self._get_document(values.get("res_model"), values.get("res_id"))
        is_staff = values.get("role") == "staff"
        return values | {
            "digest": document._get_signature_digest(),
            "content": self._render_lines(document._get_signature_lines()),
            "name": self.env.user.name if is_staff else document._get_signature_name(),
        }

    @api.model
    def _get_document(self, model, res_id):
        """:return: the document as the current user, which may change it"""
        if model not in self.env["crm.signature"]._get_document_models() or not res_id:
            raise UserError(self.env._("There is nothing to sign here."))
        document = self.env[model].browse(res_id)
        document.check_access("write")
        return document

    @api.model
    def _render_lines(self, lines):
        row = Markup('<dt>{}</dt><dd class="text-break" style="white-space: pre-line">{}</dd>')
        return Markup("<dl>%s</dl>") % Markup().join(row.format(*line) for line in lines)

    def action_sign(self):
        """Record the signature.

        :raise UserError: whatever the document refuses
        """
        self.ensure_one()
        wizard = self.with_context(bin_size=False)
        document = self._get_document(self.res_model, self.res_id)
        document._sign_by_user(
            {
                "role": self.role,
                "channel": self.channel,
                "name": self.name,
                "image": wizard.image,
                "scan": wizard.scan,
                "date_paper": self.date_paper if self.channel == "paper" else False,
            },
            self.digest,
        )
        self.unlink()
        return {"type": "ir.actions.act_window_close"}
