import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tools import format_date, format_datetime, format_list

from ..tools import approval_hash, signature_image
from .crm_approval_mixin import SAFE_CONTEXT


class CrmSignatureMixin(models.AbstractModel):
    """A document that the customer signs, and where wanted a colleague beside.

    ::

        class CrmVisit(models.Model):
            _name = "crm.visit"
            _inherit = [..., "crm.signature.mixin"]

            _signature_fields = ("name", "partner_id", "opinion")
            _signature_line_fields = {"answer_ids": ("question", "answer")}
            _signature_states = ("done", "submitted", "reviewed")

    What a person signs are these fields and no others: the signer sees all of them before
    (``_get_signature_lines``), and their digest is kept with the signature. Signatures stand
    outside of what approvals lock and hash, so a document under approval can be signed at any
    time, and signing it changes nothing of what was approved. A document that inherits
    ``crm.approval.mixin`` names ``signature_ids`` among its guarded fields.
    """

    _name = "crm.signature.mixin"
    _description = "Document to Be Signed"

    _signature_fields = ()
    _signature_line_fields = {}
    _signature_states = ()

    signature_ids = fields.One2many(
        "crm.signature",
        "res_id",
        "Signatures",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
        copy=False,
        bypass_search_access=True,
    )
    customer_signature_id = fields.Many2one(
        "crm.signature", "Customer's Signature", compute="_compute_customer_signature"
    )
    signature_state = fields.Selection(
        "_get_signature_state_labels",
        "Customer's Signature State",
        compute="_compute_customer_signature",
    )
    signature_difference = fields.Char(
        "Differs from What Was Signed", compute="_compute_customer_signature"
    )

    @api.depends(lambda self: ("signature_ids", *self._get_signature_depends()))
    def _compute_customer_signature(self):
        states = self._origin._get_signature_states()
        for document in self:
            signature = document._origin._get_current_signature("customer")
            state, difference = states.get(signature.id, ("none", False))
            document.customer_signature_id = signature
            document.signature_state = state
            document.signature_difference = difference

    @api.model
    def _get_signature_depends(self):
        lines = (
            f"{line}.{n}" for line, names in self._signature_line_fields.items() for n in names
        )
        return (*self._signature_fields, *lines)

    @api.model
    def _get_signature_state_labels(self):
        """A method, because labels of a list are translated only for the models that existed when
        this addon was installed."""
        return [
            ("none", self.env._("Not Signed")),
            ("valid", self.env._("Signed")),
            ("differs", self.env._("Signed Version Differs")),
            ("altered", self.env._("Signature Was Altered")),
        ]

    # ------------------------------------------------------------------
    # What a document tells
    # ------------------------------------------------------------------

    def _get_signature_partner(self):
        """:return: ``res.partner`` in whose name the customer signs"""
        self.ensure_one()
        return self["partner_id"] if "partner_id" in self._fields else self.env["res.partner"]

    def _get_signature_staff(self):
        """:return: ``res.users`` who may sign as staff"""
        self.ensure_one()
        return self["user_id"] if "user_id" in self._fields else self.env["res.users"]

    def _get_signature_name(self):
        """:return: str, the name put forward for the customer's signature"""
        self.ensure_one()
        return self._get_signature_partner().name or ""

    def _get_signature_timezone(self):
        """:return: str, the zone of the times on the document, the same for whoever reads it"""
        self.ensure_one()
        owner = self["user_id"] if "user_id" in self._fields else self.env.user
        company = self["company_id"] if "company_id" in self._fields else self.env.company
        return owner.sudo().tz or company.sudo()._get_crm_timezone()

    def _get_signature_lines(self):
        """What the signer reads before signing, in words; documents add their lines.

        :return: list of pairs of caption and text, empty ones left out
        """
        self.ensure_one()
        pairs = (
            (self._fields[name]._description_string(self.env), self._get_signature_text(name))
            for name in self._signature_fields
        )
        return [(caption, text) for caption, text in pairs if text]

    def _get_signature_text(self, name):
        """One field of the document as its signer reads it."""
        field, value = self._fields[name], self[name]
        match field.type:
            case "many2one" | "many2many":
                return ", ".join(value.mapped("display_name"))
            case "selection":
                return dict(field._description_selection(self.env)).get(value, "")
            case "datetime":
                zone = self._get_signature_timezone()
                return format_datetime(self.env, value, zone, "short") if value else ""
            case "date":
                return format_date(self.env, value) if value else ""
            case _:
                return str(value or "")

    def _on_signed(self, signature):
        """Called with ``sudo`` after a signature was recorded.

        :param signature: ``crm.signature``
        """

    # ------------------------------------------------------------------
    # Content and its digest
    # ------------------------------------------------------------------

    def _get_signature_content(self, schema=None):
        """What is signed, as plain values that can be compared later.

        :param dict schema: the fields that count, as kept with a signature; default: today's
        :return: dict with ``schema``, ``values`` and ``lines``
        """
        self.ensure_one()
        schema = schema or {
            "fields": list(self._signature_fields),
            "lines": {name: list(names) for name, names in self._signature_line_fields.items()},
        }
        return {
            "document": f"{self._name},{self.id}",
            "schema": schema,
            "values": self._get_signature_values(schema["fields"]).get(self.id),
            "lines": {
                name: self._get_signature_values(names, self[name])
                for name, names in schema["lines"].items()
                if name in self._fields
            },
        }

    def _get_signature_values(self, names, records=None):
        records = self if records is None else records
        names = [name for name in names if name in records._fields]
        return {
            row["id"]: {
                name: sorted(value) if isinstance(value, tuple | list) else value
                for name, value in row.items()
                if name != "id"
            }
            for row in records.read(names, load=None)
        }

    def _get_signature_digest(self):
        """:return: str, what a page shows and hands back, so that nobody signs what changed"""
        self.ensure_one()
        content = self.sudo()._get_signature_content()
        return approval_hash.digest(approval_hash.canonical(content))

    def _get_signature_states(self):
        """How each signature stands to its document as it is now.

        :return: dict ``{signature id: (state, labels of what differs or False)}``
        """
        states = {}
        for document in self.sudo():
            signatures = document.signature_ids.sorted("sequence")
            current = document._get_current_signature("customer")
            current |= document._get_current_signature("staff")
            if signatures._find_broken():
                states |= dict.fromkeys(signatures.ids, ("altered", False))
                continue
            for signature in signatures:
                difference = document._get_signature_difference(signature)
                state = "differs" if difference else "valid"
                states[signature.id] = (
                    state if signature in current else "superseded",
                    difference,
                )
        return states

    def _get_current_signature(self, role):
        """:return: ``crm.signature``, the last one of a role; none where there is no document"""
        return self.signature_ids.filtered(lambda s: s.role == role).sorted("sequence")[-1:]

    def _get_signature_difference(self, signature):
        """:return: str, labels of the fields that changed since, or ``False``"""
        signed = json.loads(signature.content)
        today = json.loads(approval_hash.canonical(self._get_signature_content(signed["schema"])))
        paths = [path for path, _old, _new in approval_hash.changes(signed, today)]
        labels = {
            self._fields[path[1]]._description_string(self.env)
            for path in paths
            if len(path) > 1 and path[1] in self._fields
        }
        if not labels:
            return self.env._("Content") if paths else False
        return format_list(self.env, sorted(labels))

    # ------------------------------------------------------------------
    # Signing
    # ------------------------------------------------------------------

    def _can_be_signed(self):
        """Whether the document is in a state in which it is signed."""
        self.ensure_one()
        return self.sudo().state in self._signature_states

    def _is_signature_wanted(self):
        """Whether a customer who looks at the document is asked to sign it."""
        self.ensure_one()
        return self._can_be_signed() and self.sudo().signature_state != "valid"

    def _sign(self, values, digest):
        """Record a signature. The caller has checked who signs.

        :param dict values: of ``crm.signature``: ``role``, ``channel``, ``name``, ``image`` or
            ``scan``, and what is known of the person
        :param str digest: of the content the signer was shown, see ``_get_signature_digest``
        :return: ``crm.signature``
        :raise UserError: wrong state, other content than shown, signed already, bad picture
        """
        self.ensure_one()
        document = self._signature_enter()
        document._check_signing(values, digest)
        content = approval_hash.canonical(document._get_signature_content())
        signature = self.env["crm.signature"]._append(
            document._prepare_signature_files(values)
            | {
                "res_model": self._name,
                "res_id": self.id,
                "content": content,
                "digest": approval_hash.digest(content),
            }
        )
        document.invalidate_recordset(["signature_ids"])
        document._on_signed(signature.with_env(document.env))
        return signature

    def _signature_enter(self):
        """The document with ``sudo``, a clean context and its row locked."""
        self.env.companies  # noqa: B018 raises on companies that are not the caller's
        context = {key: self.env.context[key] for key in SAFE_CONTEXT if key in self.env.context}
        document = self.with_context(context).sudo()  # pylint: disable=context-overridden
        try:
            document.lock_for_update(allow_referencing=True)
        except LockError:
            raise LockError(
                self.env._("Somebody else is working on this document. Please try again.")
            ) from None
        self.env.invalidate_all()
        return document

    def _check_signing(self, values, digest):
        if not self._can_be_signed():
            raise UserError(
                self.env._("%s cannot be signed in its present state.", self.display_name)
            )
        if digest != self._get_signature_digest():
            raise UserError(
                self.env._("The record was changed while you read it. Please read it once more.")
            )
        if not (values.get("name") or "").strip():
            raise UserError(self.env._("Please fill in the name of who signs."))
        self._check_signature_replaced(values)

    def _check_signature_replaced(self, values):
        """What the customer signed in the portal stays as long as it fits."""
        current = self._get_current_signature(values["role"])
        own = ("portal", "link")
        fits = current and current.state == "valid"
        if fits and (current.channel in own or values["channel"] in own):
            raise UserError(
                self.env._(
                    "%(name)s signed this already on %(date)s.",
                    name=current.name,
                    date=format_datetime(self.env, current.date, self._get_signature_timezone()),
                )
            )

    def _prepare_signature_files(self, values):
        """:return: values for ``crm.signature`` with clean files"""
        result = values | {"name": values["name"].strip()[:128]}
        try:
            if values["channel"] == "paper":
                extension = signature_image.scan_type(values.get("scan"))
                result |= {
                    "image": False,
                    "scan_name": f"{self._get_signature_file_name()}.{extension}",
                }
            else:
                image = signature_image.clean_image(values.get("image"))
                result |= {"image": image, "scan": False, "scan_name": False}
        except ValueError as error:
            raise UserError(self._get_signature_file_message(str(error))) from None
        return result

    def _get_signature_file_name(self):
        return (self.display_name or str(self.id)).replace("/", "-")

    @api.model
    def _get_signature_file_message(self, reason):
        match reason:
            case "empty":
                return self.env._("The signature is missing: please sign in the box.")
            case "size":
                return self.env._("The file is too large: 10 MB for a scan are the most.")
            case _:
                return self.env._("This file cannot be used: take a PDF, PNG or JPEG.")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_sign_customer(self):
        """Hand the device to the customer: the text to read, then a box to sign in."""
        return self._open_signature_dialog("customer", "backend")

    def action_sign_paper(self):
        """File the scan of a paper that the customer signed."""
        return self._open_signature_dialog("customer", "paper")

    def action_sign_staff(self):
        """Sign by hand as the colleague who was there."""
        self._check_signature_staff()
        return self._open_signature_dialog("staff", "backend")

    def action_open_signatures(self):
        """All signatures of the document, superseded ones as well."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service_base.crm_signature_action"
        )
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        return action

    def _open_signature_dialog(self, role, channel):
        self.ensure_one()
        self.check_access("write")
        if not self._can_be_signed():
            raise UserError(
                self.env._("%s cannot be signed in its present state.", self.display_name)
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Signature"),
            "res_model": "crm.signature.sign",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_id": self.id,
                "default_role": role,
                "default_channel": channel,
            },
        }

    def _check_signature_staff(self):
        if self.env.user not in self.sudo()._get_signature_staff():
            raise AccessError(self.env._("Only who was there signs as staff."))

    def _sign_by_user(self, values, digest):
        """Record a signature taken by a colleague in the backend.

        :param dict values: ``role``, ``channel`` (``backend`` or ``paper``), ``name``, files
        :param str digest: see :meth:`_sign`
        :raise AccessError: no right to change the document, or not among its staff
        """
        self.ensure_one()
        self.check_access("write")
        values = values | {"user_id": self.env.uid, "ip_address": False}
        if values["role"] == "staff":
            self._check_signature_staff()
            values |= {
                "name": self.env.user.name,
                "partner_id": self.env.user.partner_id.id,
                "channel": "backend",
            }
        else:
            values["partner_id"] = self.sudo()._get_signature_partner().id
        return self._sign(values, digest)

    # ------------------------------------------------------------------
    # In the portal, for a document that inherits ``crm.portal.mixin`` as well
    # ------------------------------------------------------------------

    def _portal_sign(self, user, digest, name, image, ip_address):
        """The customer signs in the portal.

        :param user: ``res.users`` of the request, which may see the document
        :param str digest: of the content that was shown
        :raise UserError: see ``_sign``
        """
        actor = self._get_portal_actor(user)
        values = {
            "role": "customer",
            "channel": actor["channel"],
            "user_id": actor["user_id"],
            "partner_id": actor["partner_id"],
            "name": name if isinstance(name, str) else "",
            "image": image if isinstance(image, str) else "",
            "ip_address": ip_address,
        }
        return self._sign(values, digest)

    # ------------------------------------------------------------------
    # Evidence
    # ------------------------------------------------------------------

    def _get_printed_signatures(self, role):
        """Entries for a signature box of a printed form.

        :return: list of dicts, empty when nobody of the role signed
        """
        self.ensure_one()
        self.check_access("read")
        return [s._prepare_printed() for s in self.sudo()._get_current_signature(role)]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        for document in self.sudo():
            if document.signature_ids:
                raise UserError(self.env._("%s is signed and stays.", document.display_name))
