from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools import approval_hash

PAYLOAD_FIELDS = (
    "res_model",
    "res_id",
    "sequence",
    "role",
    "channel",
    "name",
    "partner_id",
    "user_id",
    "ip_address",
    "date",
    "date_paper",
    "digest",
)


class CrmSignature(models.Model):
    """One signature under a document: append-only, each chained to the one before.

    What was signed stands in it, so that a change of the document afterwards shows.
    """

    _name = "crm.signature"
    _inherit = ["crm.approval.audit"]
    _description = "Signature"
    _order = "id desc"

    res_model = fields.Char("Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Document ID", model_field="res_model", required=True, readonly=True
    )
    sequence = fields.Integer("Entry", required=True, readonly=True)
    role = fields.Selection(
        [("customer", "Customer"), ("staff", "Staff")], required=True, readonly=True
    )
    channel = fields.Selection(
        [
            ("backend", "On Our Device"),
            ("portal", "In the Portal, Logged In"),
            ("link", "By the Link Sent to the Customer"),
            ("paper", "On Paper"),
        ],
        "Signed",
        required=True,
        readonly=True,
    )
    name = fields.Char("Signed By", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Contact", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users",
        readonly=True,
        ondelete="restrict",
        help="Who was logged in: our colleague who held the device or filed the paper, or a user "
        "of the portal. Nobody where the link was used without logging in.",
    )
    ip_address = fields.Char("IP Address", readonly=True)
    date = fields.Datetime("Recorded On", required=True, readonly=True)
    date_paper = fields.Date("Date on the Paper", readonly=True)
    image = fields.Binary(attachment=False, readonly=True)
    scan = fields.Binary("Scanned Paper", readonly=True)
    scan_name = fields.Char("File Name", readonly=True)
    content = fields.Text("What Was Signed", readonly=True)
    digest = fields.Char("Content Fingerprint", required=True, readonly=True)
    previous_hash = fields.Char("Fingerprint Before", readonly=True)
    hash = fields.Char("Fingerprint", required=True, readonly=True)
    state = fields.Selection(
        [
            ("valid", "Signed"),
            ("differs", "Signed Version Differs"),
            ("superseded", "Superseded"),
            ("altered", "Signature Was Altered"),
        ],
        compute="_compute_state",
    )
    difference = fields.Char("What Differs", compute="_compute_state")

    _document_uniq = models.UniqueIndex(
        "(res_model, res_id, sequence)",
        "Somebody else signed this document at the same moment. Please look again.",
    )

    def write(self, vals):  # pylint: disable=method-required-super
        raise AccessError(self.env._("Signatures are never changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_uninstall(self):
        raise UserError(
            self.env._("Signatures are evidence: they are kept as long as the document.")
        )

    def _check_engine(self):
        if not self.env.su:
            raise AccessError(self.env._("Signatures are recorded by the system."))

    def _make_evidence_error(self):
        return AccessError(
            self.env._(
                "Only who may read the document sees its signatures, and nobody changes them."
            )
        )

    @api.model
    def _get_readable_domain(self):
        readable = Domain.FALSE
        for name in self._get_document_models():
            documents = self.env[name].with_context(active_test=False)
            if documents.has_access("read"):
                query = documents._search(Domain.TRUE)
                readable |= Domain("res_model", "=", name) & Domain("res_id", "in", query)
        return readable

    @api.model
    def _get_document_models(self):
        """:return: sorted names of the models that ``crm.signature.mixin`` serves"""
        return sorted(
            name
            for name, model in self.env.registry.items()
            if not model._abstract and "signature_ids" in model._fields
        )

    @api.depends("name", "channel")
    def _compute_display_name(self):
        labels = dict(self._fields["channel"]._description_selection(self.env))
        for signature in self:
            signature.display_name = f"{signature.name} ({labels.get(signature.channel)})"

    @api.depends("res_model", "res_id", "digest", "hash")
    def _compute_state(self):
        found = {}
        for name, signatures in self.sudo().grouped("res_model").items():
            if name in self.env:
                documents = self.env[name].sudo().browse(signatures.mapped("res_id")).exists()
                found |= documents._get_signature_states()
        for signature in self:
            state, difference = found.get(signature.id, ("altered", False))
            signature.state = state
            signature.difference = difference

    # ------------------------------------------------------------------
    # Chain
    # ------------------------------------------------------------------

    @api.model
    def _append(self, values):
        """Record a signature and chain it to those before under the same document.

        :param dict values: as for ``create``, without number, date and hashes
        :return: the signature
        """
        last = self.sudo().search(
            [("res_model", "=", values["res_model"]), ("res_id", "=", values["res_id"])],
            order="sequence desc",
            limit=1,
        )
        values = values | {
            "sequence": last.sequence + 1,
            "date": fields.Datetime.now(),
            "previous_hash": last.hash,
        }
        values["hash"] = approval_hash.link(last.hash, self._get_payload(values))
        return self.sudo().create(values)

    @api.model
    def _get_payload(self, values):
        """The hashed part of a signature as plain values.

        :param dict values: as for ``create``
        """
        payload = {name: values.get(name) or None for name in PAYLOAD_FIELDS}
        payload["date"] = fields.Datetime.to_string(payload["date"])
        payload["date_paper"] = fields.Date.to_string(payload["date_paper"]) or None
        for name in ("image", "scan"):
            payload[name] = approval_hash.digest(values[name]) if values.get(name) else None
        return payload

    def _get_stored_values(self):
        self.ensure_one()
        record = self.with_context(bin_size=False)
        values = {name: record[name] for name in (*PAYLOAD_FIELDS, "image", "scan")}
        return {
            name: value.id if isinstance(value, models.BaseModel) else value
            for name, value in values.items()
        }

    def _find_broken(self):
        """The first that does not fit, of all signatures of a document in order."""
        entries = [
            (signature.previous_hash, signature.hash, self._get_payload(values))
            for signature in self
            for values in [signature._get_stored_values()]
        ]
        index = approval_hash.first_broken(entries)
        if index is not None:
            return self[index]
        return self.filtered(lambda s: approval_hash.digest(s.content or "") != s.digest)[:1]

    def _prepare_printed(self):
        """:return: an entry for a signature box of a form, as of ``_approval_signatures``"""
        self.ensure_one()
        labels = dict(self._fields["channel"]._description_selection(self.env))
        return {
            "kind": self.role,
            "name": self.name,
            "role": labels[self.channel],
            "user": self.user_id,
            "date": self.date_paper or self.date,
            "comment": False,
            "image": self.with_context(bin_size=False).image,
            "is_paper": self.channel == "paper",
            "is_differing": self.state != "valid",
        }
