import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.mimetypes import guess_mimetype

SECRECY = [
    ("internal", "Internal"),
    ("confidential", "Confidential"),
    ("top_secret", "Top Secret"),
]
# the higher the more secret
RANKS = {key: rank for rank, (key, _label) in enumerate(SECRECY)}
CLASSIFIED = ("confidential", "top_secret")
CLASSES = [
    ("basic", "Basic"),
    ("transaction", "Transactions"),
    ("service", "Service"),
    ("special", "Special"),
]
CHANNELS = [
    ("talk", "Business Talks"),
    ("questionnaire", "Questionnaire"),
    ("feedback", "Customer Feedback"),
    ("research", "Market Research"),
    ("business", "Our Own Business"),
    ("other", "Other"),
]
# what people put in; it leaves only through the door
CONTENT = ("content_body", "content_file")
SERVER_FIELDS = ("digest", "date_checked", "checked_by_id")
# what was checked stays; what says where and with whom a thing lies may change
KEPT = ("archive_id", "name", "archive_class", "channel", "date_document")
MEGABYTES_MAX = 25
REFUSED_TYPES = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/javascript")


class CrmArchiveItem(models.Model):
    """One piece in an archive, as the catalogue shows it: what it is, not what it says.

    What it says is in ``crm.archive.content``, which nobody reads but through the door:
    see ``crm_archive_item_door``.
    """

    _name = "crm.archive.item"
    _description = "Archive Item"
    _inherit = ["crm.access.mixin"]
    _order = "archive_id, archive_class, sequence, id"
    _check_company_auto = True

    archive_id = fields.Many2one("crm.archive", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="archive_id.company_id", store=True)
    partner_id = fields.Many2one(related="archive_id.partner_id", store=True, index=True)
    archive_state = fields.Selection(related="archive_id.state", string="Archive Status")
    sequence = fields.Integer(default=10)
    name = fields.Char(
        "Title", required=True, help="Stands in the catalogue: write nothing secret here."
    )
    archive_class = fields.Selection(CLASSES, "Class", required=True, default="basic", index=True)
    secrecy = fields.Selection(
        SECRECY,
        required=True,
        default="internal",
        index=True,
        help="It can be raised at any time; the general manager alone lowers it.",
    )
    custodian_id = fields.Many2one(
        "res.users",
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Classified items are kept apart by a person who is named here.",
    )
    medium = fields.Selection(
        [("electronic", "Electronic"), ("paper", "Paper"), ("both", "Paper and Electronic")],
        required=True,
        default="electronic",
    )
    channel = fields.Selection(
        CHANNELS,
        "Source",
        required=True,
        default="business",
    )
    date_document = fields.Date("Dated", required=True, default=fields.Date.context_today)
    page_count = fields.Integer("Pages")
    content_body = fields.Text(
        "Text",
        compute="_compute_content",
        inverse="_inverse_content",
        help="Goes into the archive when you save; from then on it is read with leave only.",
    )
    content_file = fields.Binary(
        "File", compute="_compute_content", inverse="_inverse_content", attachment=False
    )
    content_file_name = fields.Char(compute="_compute_content", inverse="_inverse_content")
    digest = fields.Char("Fingerprint", readonly=True, copy=False)
    has_content = fields.Boolean("Is Put In", compute="_compute_has_content")
    date_checked = fields.Datetime("Checked On", readonly=True, copy=False)
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    grant_ids = fields.One2many("crm.archive.grant", "item_id", "Leave to Read", readonly=True)
    active = fields.Boolean(default=True, copy=False)

    _custodian_named = models.Constraint(
        "CHECK (secrecy = 'internal' OR custodian_id IS NOT NULL)",
        "Name the custodian of what is classified: it is kept apart by one person.",
    )

    def _compute_content(self):
        """Nothing ever comes out here."""
        for item in self:
            for name in (*CONTENT, "content_file_name"):
                item[name] = False

    def _inverse_content(self):
        for item in self:
            values = {
                "body": item.content_body or False,
                "file": item.with_context(bin_size=False).content_file or False,
                "file_name": item.content_file_name or False,
            }
            if values["body"] or values["file"]:
                item._deposit(values)

    @api.depends("digest")
    def _compute_has_content(self):
        for item in self:
            item.has_content = bool(item.digest)

    @api.model
    def _get_label(self, name):
        return dict(self._fields[name]._description_selection(self.env)).get(self[name], "")

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            blank = dict.fromkeys(SERVER_FIELDS, False)
            vals_list = [{**vals, **blank} for vals in vals_list]
        items = super().create(vals_list)
        if not self.env.su:
            items.archive_id._check_taking()
        # what was just put in is not kept in memory for whoever asks next
        items.invalidate_recordset([*CONTENT, "content_file_name"], flush=False)
        return items

    def write(self, vals):
        if not self.env.su:
            self._check_item_write(vals)
        raised = self.browse()
        if "secrecy" in vals:
            new = RANKS.get(vals["secrecy"], 0)
            raised = self.filtered(lambda item: new > RANKS[item.secrecy])
        result = super().write(vals)
        raised.sudo().grant_ids.sudo(False)._revoke()
        self.invalidate_recordset([*CONTENT, "content_file_name"], flush=False)
        return result

    def _check_item_write(self, vals):
        """:raise AccessError: the server's fields, or less secret; :raise UserError: it is kept"""
        self.check_access("write")
        if not vals.keys().isdisjoint(SERVER_FIELDS):
            raise AccessError(self.env._("The buttons of the item change this, nothing else."))
        for item in self.sudo():
            if "secrecy" in vals and RANKS.get(vals["secrecy"], 0) < RANKS[item.secrecy]:
                raise AccessError(
                    self.env._("The general manager alone lowers the secrecy of “%s”.", item.name)
                )
            changed = [name for name in KEPT if name in vals and item._is_changed(name, vals)]
            is_moved = {"archive_id", "archive_class"} & set(changed)
            if changed and (item.archive_id.state != "draft" or (is_moved and item.digest)):
                raise UserError(
                    self.env._(
                        "“%s” is kept as it was put in: add another item for what is new.",
                        item.name,
                    )
                )
            if "active" in vals and not self.env.user.has_group(
                "crm_service_base.group_supervisor"
            ):
                raise UserError(self.env._("Supervisors take items out of the catalogue."))

    def _is_changed(self, name, vals):
        field = self._fields[name]
        value = field.convert_to_record(field.convert_to_cache(vals[name], self), self)
        return value != self[name]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_established(self):
        register = self.env["crm.archive.access"].sudo()
        kept = register.search([("item_id", "in", self.ids), ("kind", "!=", "deposit")], limit=1)
        for item in kept.item_id or self.sudo():
            if kept or item.archive_id.state != "draft":
                raise UserError(
                    self.env._(
                        "“%s” is not deleted: what is in an established archive, or was read, goes "
                        "by a disposal that was approved.",
                        item.name,
                    )
                )

    # ------------------------------------------------------------------ putting in

    def _deposit(self, values):
        """Put content in; only the server and who is entering the archive get here.

        :param dict values: ``body``, ``file`` (base64) and ``file_name``
        """
        self.ensure_one()
        if not self.env.su:
            self.check_access("write")
            self.archive_id._check_taking()
            if self.digest and self.archive_id.state != "draft":
                raise UserError(
                    self.env._(
                        "“%s” is kept as it was put in: add another item for what is new.",
                        self.name,
                    )
                )
        if values.get("file"):
            self._check_file(values["file"])
        contents = self.env["crm.archive.content"].sudo().with_context(bin_size=False)
        contents.search([("item_id", "=", self.id)]).unlink()
        content = contents.create({"item_id": self.id, **values})
        self.sudo().digest = content._get_digest()
        self.env["crm.archive.access"]._log(self, "deposit")

    def _check_file(self, data):
        """:raise UserError: too large, or a kind that browsers would run"""
        raw = self._fields["content_file"].convert_to_record(data, self)
        content = base64.b64decode(raw)
        if len(content) > MEGABYTES_MAX * 1024**2:
            raise UserError(
                self.env._("Files of up to %s MB are put into archives.", MEGABYTES_MAX)
            )
        if guess_mimetype(content) in REFUSED_TYPES:
            raise UserError(
                self.env._("Web pages and scripts are not put into archives: print them to PDF.")
            )

    # ------------------------------------------------------------------ actions

    def action_check(self):
        """Another person has checked what was added to an established archive (B4.R2)."""
        self.check_access("read")
        if not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(self.env._("Supervisors of customer service check archives."))
        own = self.sudo().filtered(lambda item: item.create_uid == self.env.user)
        if own:
            raise AccessError(
                self.env._("“%s” is yours: somebody else checks what you entered.", own[0].name)
            )
        self._mark_checked()

    def _mark_checked(self):
        unchecked = self.sudo().filtered(lambda item: not item.date_checked)
        unchecked.write({"date_checked": fields.Datetime.now(), "checked_by_id": self.env.uid})

    def action_declassify(self):
        """The general manager lowers what is classified to internal; the register says so.

        :raise AccessError: somebody else
        """
        self.check_access("read")
        if not self.env.user.has_group("crm_service_base.group_general_manager"):
            raise AccessError(self.env._("The general manager alone lowers secrecy."))
        classified = self.sudo().filtered(lambda item: item.secrecy in CLASSIFIED)
        classified.write({"secrecy": "internal"})
        self.env["crm.archive.access"]._log(classified.sudo(False), "declassify")
