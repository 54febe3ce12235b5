from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.state_order import in_order

from .crm_archive_item import CLASSIFIED


class CrmArchiveRelease(models.Model):
    """Leave to copy or excerpt (A2.R23), or to give customer information outside (A2.R24).

    Copies need the supervisor or the general manager, what is classified or goes outside needs
    the general manager beforehand. What was handed out is numbered and comes back, or is
    destroyed before witnesses.
    """

    _name = "crm.archive.release"
    _description = "Copy or Giving Outside"
    _inherit = ["crm.service.mixin", "crm.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True

    archive_id = fields.Many2one(
        "crm.archive", required=True, index=True, ondelete="restrict", check_company=True
    )
    partner_id = fields.Many2one(
        compute="_compute_partner_id", store=True, precompute=True, readonly=True
    )
    user_id = fields.Many2one(string="Requested By", required=True)
    kind = fields.Selection(
        [("copy", "Copy"), ("excerpt", "Excerpt"), ("outside", "Give Outside")],
        required=True,
        default="copy",
        index=True,
    )
    item_ids = fields.Many2many(
        "crm.archive.item",
        "crm_archive_release_item_rel",
        "release_id",
        "item_id",
        "Items",
        ondelete="restrict",
        domain="[('archive_id', '=', archive_id)]",
    )
    is_classified = fields.Boolean(compute="_compute_is_classified", store=True)
    content = fields.Text("What Is Needed", required=True, help="Which parts; no secrets in here.")
    purpose = fields.Text(required=True)
    recipient_id = fields.Many2one(
        "res.partner", "Outside Recipient", ondelete="restrict", check_company=True
    )
    copy_count = fields.Integer("Copies", default=1, required=True)
    date_to = fields.Date("Needed Until")
    measures = fields.Text("Security Measures")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "Approved"),
            ("done", "Handed Out"),
            ("back", "Back or Destroyed"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    carrier_id = fields.Many2one(
        "res.users",
        "Handed Out By",
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Sending and carrying out are for named persons only.",
    )
    date_done = fields.Datetime("Handed Out On", readonly=True, copy=False)
    return_kind = fields.Selection(
        [("returned", "All Returned"), ("destroyed", "All Destroyed")], copy=False
    )
    witness_id = fields.Many2one(
        "res.users",
        ondelete="restrict",
        check_company=True,
        copy=False,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date_back = fields.Datetime("Back On", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _copies_positive = models.Constraint(
        "CHECK(copy_count > 0)", "Enter how many copies are needed, at least one."
    )

    @api.depends("archive_id")
    def _compute_partner_id(self):
        for release in self:
            release.partner_id = release.archive_id.partner_id

    @api.depends("archive_id.secrecy", "item_ids.secrecy")
    def _compute_is_classified(self):
        """Without items it is the whole archive that counts."""
        for release in self.sudo():
            levels = release.item_ids.mapped("secrecy") or [release.archive_id.secrecy]
            release.is_classified = not set(levels).isdisjoint(CLASSIFIED)

    @api.depends("state", "date_to")
    def _compute_is_overdue(self):
        overdue = self.filtered_domain(self._get_overdue_domain())
        for release in self:
            release.is_overdue = release in overdue

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_overdue_domain()
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    @api.model
    def _get_overdue_domain(self):
        today = fields.Date.context_today(self)
        return Domain("state", "=", "done") & Domain("date_to", "<", today)

    @api.depends("name", "archive_id")
    def _compute_display_name(self):
        for release in self:
            parts = [release.name, release.archive_id.display_name]
            release.display_name = " · ".join(filter(None, parts))

    # ------------------------------------------------------------------ approval

    @api.model
    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"date_done", "date_back"}

    @api.model
    def _approval_after_fields(self):
        return super()._approval_after_fields() | {"carrier_id", "return_kind", "witness_id"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for release in self:
            foreign = release.item_ids.filtered(
                lambda item, archive=release.archive_id: item.archive_id != archive
            )
            if foreign:
                raise UserError(
                    self.env._("“%s” is in another archive: take it out.", foreign[0].name)
                )
            if release.kind == "outside":
                release._check_outside()

    def _check_outside(self):
        if not self.recipient_id or not (self.measures or "").strip():
            raise UserError(
                self.env._(
                    "Say who outside gets it and by which measures it is protected on the way."
                )
            )
        self.env["crm.nda"]._check_agreement(self.recipient_id, self.company_id)

    def _can_file(self):
        return super()._can_file() and self.state == "back"

    # ------------------------------------------------------------------ handing out

    def action_hand_out(self):
        """Hand out what was approved; outside by a named person and under an agreement only.

        :raise UserError: not approved, changed since, or the person is not named
        """
        self.check_access("write")
        releases = self._approval_enter()
        for release in releases:
            if release.state != "approved":
                raise UserError(
                    self.env._("%s is not approved: nothing is handed out.", release.name)
                )
            release._check_hand_out()
        releases.write({"state": "done", "date_done": fields.Datetime.now()})

    def _check_hand_out(self):
        if fault := self._approval_faults()[self.id]:
            raise UserError(fault)
        today = self.company_id._get_crm_today()
        if self.date_to and self.date_to < today:
            raise UserError(self.env._("%s was approved for a time that is over.", self.name))
        if not self.carrier_id:
            raise UserError(self.env._("Name who hands %s out.", self.name))
        if self.kind == "outside":
            self._check_outside()
            task = "is_sending"
            self.env["crm.archive.carrier"]._check_named(self.carrier_id, task, self.company_id)

    def action_back(self):
        """All copies are back or were destroyed, before a witness.

        :raise UserError: not handed out, or it does not say which, or no other person as witness
        """
        self.check_access("write")
        releases = self._approval_enter()
        for release in releases:
            if release.state != "done":
                raise UserError(self.env._("%s was not handed out.", release.name))
            if not release.return_kind or not release.witness_id:
                raise UserError(
                    self.env._(
                        "Say whether the copies of %s came back or were destroyed, and who saw it.",
                        release.name,
                    )
                )
            if release.witness_id in release.user_id | release.carrier_id | self.env.user:
                raise UserError(
                    self.env._("The witness is somebody else than those who had the copies.")
                )
        releases.write({"state": "back", "date_back": fields.Datetime.now()})

    def _get_copy_numbers(self):
        """:return: list of str, the number each copy carries"""
        self.ensure_one()
        return [f"{self.name}-{number:02d}" for number in range(1, self.copy_count + 1)]
