from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_list

from odoo.addons.crm_service_base.tools.state_order import in_order

from .crm_archive_item import CLASSES, CLASSIFIED

# longest time for which leave is given, in days
DAYS_MAX = 90


class CrmArchiveRequest(models.Model):
    """查阅申请: who wants to read what, what for and why (A2.R19, A2.R20).

    Head of the department, then the service department; for outsiders and what is classified the
    general manager as well. Approval gives leave for just these items, until the end that was
    approved.
    """

    _name = "crm.archive.request"
    _description = "Request to Read Archives"
    _inherit = ["crm.service.mixin", "crm.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _check_company_auto = True

    partner_id = fields.Many2one(required=True)
    user_id = fields.Many2one(string="Requested By", required=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "Approved"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    is_basic = fields.Boolean("Basic", default=True)
    is_transaction = fields.Boolean("Transactions")
    is_service = fields.Boolean("Service")
    is_special = fields.Boolean("Special")
    is_with_classified = fields.Boolean("Classified as Well")
    item_ids = fields.Many2many(
        "crm.archive.item",
        "crm_archive_request_item_rel",
        "request_id",
        "item_id",
        "Items",
        copy=False,
        ondelete="restrict",
        check_company=True,
        domain="[('partner_id', '=', partner_id)]",
        help="Leave it empty for all items of the classes above.",
    )
    scope = fields.Text(compute="_compute_scope")
    purpose = fields.Selection(
        [
            ("service", "Serving the Customer"),
            ("sales", "Sales and Contracts"),
            ("claim", "Complaint or Claim"),
            ("audit", "Audit or Inspection"),
            ("legal", "Legal Matter"),
            ("other", "Other"),
        ],
        required=True,
        default="service",
    )
    reason = fields.Text(help="Why it has to be these papers.")
    reader_kind = fields.Selection(
        [("self", "I Read Myself"), ("outsider", "An Outsider Reads with Me")],
        "Reader",
        required=True,
        default="self",
    )
    reader_name = fields.Char("Outsider's Name", copy=False)
    reader_organisation = fields.Char("Organisation", copy=False)
    reader_identity = fields.Char(
        "Identity Shown", copy=False, help="Which document was shown; not its number."
    )
    reader_profile = fields.Text(
        "Profile of the Reader", help="Position, task, what the reader has to do with it."
    )
    is_restricted = fields.Boolean(
        "Needs the General Manager", compute="_compute_is_restricted", store=True
    )
    date_start = fields.Datetime(
        "From", required=True, copy=False, default=lambda self: fields.Datetime.now()
    )
    date_end = fields.Datetime(
        "Until",
        required=True,
        copy=False,
        default=lambda self: fields.Datetime.add(fields.Datetime.now(), days=7),
    )
    may_print = fields.Boolean("Print")
    may_copy = fields.Boolean("Copy or Excerpt")
    may_export = fields.Boolean("Download")
    grant_ids = fields.One2many("crm.archive.grant", "request_id", "Leave Given", readonly=True)
    is_revocable = fields.Boolean(compute="_compute_is_revocable")

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for request in self:
            parts = [request.name, request.partner_id.display_name]
            request.display_name = " ".join(filter(None, parts))

    @api.depends("item_ids")
    def _compute_scope(self):
        """The titles, also for heads of other departments who do not see the catalogue."""
        for request in self:
            items = request.sudo().item_ids
            lines = [
                f"{item.name} · {item._get_label('archive_class')} · {item._get_label('secrecy')}"
                for item in items
            ]
            request.scope = "\n".join(lines)

    @api.depends("item_ids.secrecy", "is_with_classified", "reader_kind")
    def _compute_is_restricted(self):
        for request in self:
            classified = request.item_ids.filtered(lambda item: item.secrecy in CLASSIFIED)
            request.is_restricted = bool(
                classified or request.is_with_classified or request.reader_kind == "outsider"
            )

    @api.depends("grant_ids.date_revoked")
    @api.depends_context("uid")
    def _compute_is_revocable(self):
        may = self.env["crm.archive.grant"]._can_revoke()
        for request in self:
            open_grants = request.sudo().grant_ids.filtered(
                lambda g: g.state in ("valid", "coming")
            )
            request.is_revocable = may and bool(open_grants)

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for request in self:
            if request.date_end <= request.date_start:
                raise ValidationError(self.env._("Reading ends after it begins."))
            if (request.date_end - request.date_start).days > DAYS_MAX:
                raise ValidationError(
                    self.env._(
                        "Leave to read is given for %s days at most: ask again then.", DAYS_MAX
                    )
                )

    # ------------------------------------------------------------------ approval

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for request in self:
            request._check_texts()
            request._fill_items()
            if sentence := request._get_obstacle():
                raise UserError(sentence)

    def _check_texts(self):
        texts = [("reason", self.reason), ("reader_profile", self.reader_profile)]
        if self.reader_kind == "outsider":
            texts += [
                (name, self[name])
                for name in ("reader_name", "reader_organisation", "reader_identity")
            ]
        missing = [
            self._fields[name]._description_string(self.env)
            for name, text in texts
            if not (text or "").strip()
        ]
        if missing:
            raise UserError(
                self.env._(
                    "Request %(number)s: fill in %(fields)s.",
                    number=self.name,
                    fields=format_list(self.env, missing),
                )
            )
        if self.date_end <= fields.Datetime.now():
            raise UserError(self.env._("Request %s: its end is over already.", self.name))

    def _fill_items(self):
        """Who asks by class gets what the archive holds today; what comes later is not in it."""
        foreign = self.item_ids.filtered(
            lambda item: item.partner_id.commercial_partner_id != self.commercial_partner_id
        )
        if foreign:
            raise UserError(
                self.env._("“%s” is not in the archive of this customer.", foreign[0].name)
            )
        if not self.item_ids:
            self.item_ids = self.env["crm.archive.item"].search(self._get_items_domain())
        if not self.item_ids:
            raise UserError(
                self.env._(
                    "The archive of %s holds nothing of what you ask for.",
                    self.partner_id.display_name,
                )
            )

    def _get_items_domain(self):
        classes = [key for key, _label in CLASSES if self[f"is_{key}"]]
        domain = [
            ("archive_id.company_id", "=", self.company_id.id),
            ("archive_id.commercial_partner_id", "=", self.commercial_partner_id.id),
            ("archive_id.state", "!=", "destroyed"),
            ("archive_class", "in", classes),
        ]
        if not self.is_with_classified:
            domain.append(("secrecy", "not in", CLASSIFIED))
        return domain

    def _get_obstacle(self):
        """Why the reader gets no leave whoever approves; with ``sudo``, at submission and after
        the last approval.

        Extended where readers need an agreement or a training.

        :return: sentence, or ``False``
        """
        return False

    def _approval_on_approved(self):
        super()._approval_on_approved()
        grants = self.env["crm.archive.grant"].sudo()
        for request in self:
            if sentence := request._get_obstacle():
                raise UserError(sentence)
            made = grants.create([request._prepare_grant_values(i) for i in request.item_ids])
            self.env["crm.archive.access"]._log(
                request.item_ids,
                "grant",
                leaves={grant.item_id.id: ("grant", grant.id) for grant in made},
                reason=request.name,
            )

    def _prepare_grant_values(self, item):
        """Leave for one item; an addon adds what it allows."""
        return {
            "request_id": self.id,
            "item_id": item.id,
            "archive_id": item.archive_id.id,
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "reader": self.reader_name if self.reader_kind == "outsider" else self.user_id.name,
            "date_start": self.date_start,
            "date_end": self.date_end,
            "may_print": self.may_print,
            "may_copy": self.may_copy,
            "may_export": self.may_export,
        }

    # ------------------------------------------------------------------ actions

    def action_cancel(self):
        """Give up drafts."""
        self.check_access("write")
        self.sudo()._check_approval_draft()
        self.sudo().write({"state": "cancelled"})

    def action_revoke(self):
        """End all leave that came of the requests, at once.

        :raise AccessError: not the user's office
        """
        self.check_access("read")
        if not self.env["crm.archive.grant"]._can_revoke():
            raise AccessError(
                self.env._(
                    "Security administrators, service managers and the general manager revoke "
                    "leave to read."
                )
            )
        self.grant_ids._revoke()

    def action_open_grants(self):
        """The leave that the request gave, item by item."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_archive_security.crm_archive_grant_action"
        )
        action["domain"] = [("request_id", "=", self.id)]
        action["context"] = {}
        return action
