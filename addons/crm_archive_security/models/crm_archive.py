from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list

from .crm_archive_fact import REQUIRED
from .crm_archive_item import RANKS, SECRECY

PARTNER_FACTS = ("crm_customer_type_id", "crm_legal_representative", "street", "phone")
# stands in the number of customers without a type
UNTYPED = "0"


class CrmArchive(models.Model):
    """客户档案: the archive of a customer, entered by one person and checked by another (B4.R2).

    What stands in it are items (``crm.archive.item``); what they say is kept apart and read
    through one door only.
    """

    _name = "crm.archive"
    _description = "Customer Archive"
    _inherit = ["crm.service.moved.mixin"]
    _order = "name desc, id desc"
    _rec_names_search = ["name", "partner_id.name"]
    _check_company_auto = True

    _stamps = ("number_pattern", "date_submitted", "date_established", "checked_by_id")
    _editable_states = ("draft",)

    partner_id = fields.Many2one(required=True)
    state = fields.Selection(
        [
            ("draft", "Being Entered"),
            ("checking", "To Check"),
            ("established", "Established"),
            ("destroyed", "Destroyed"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    number_pattern = fields.Char(readonly=True, copy=False)
    customer_type_id = fields.Many2one(related="partner_id.crm_customer_type_id")
    date_opened = fields.Date("Opened On", required=True, default=fields.Date.context_today)
    date_submitted = fields.Datetime("Handed in On", readonly=True, copy=False)
    date_established = fields.Datetime("Established On", readonly=True, copy=False)
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    custodian_id = fields.Many2one(
        "res.users",
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Keeps the paper part of the archive.",
    )
    item_ids = fields.One2many("crm.archive.item", "archive_id", "Items")
    fact_ids = fields.One2many("crm.archive.fact", "archive_id", "Facts")
    completeness = fields.Float(
        compute="_compute_completeness",
        help="Share of the required facts that are known, in percent.",
    )
    missing_facts = fields.Char("Missing", compute="_compute_completeness")
    grant_ids = fields.One2many("crm.archive.grant", "archive_id", "Leave to Read", readonly=True)
    item_count = fields.Integer(compute="_compute_item_count")
    secrecy = fields.Selection(SECRECY, compute="_compute_secrecy", store=True)
    note = fields.Text("Remarks")

    _partner_uniq = models.UniqueIndex(
        "(company_id, partner_id) WHERE state != 'destroyed'",
        "This customer has an archive already: add to it what you have.",
    )

    @api.depends("item_ids")
    def _compute_item_count(self):
        for archive in self:
            archive.item_count = len(archive.item_ids)

    @api.depends("partner_id", "fact_ids.kind")
    def _compute_completeness(self):
        """Asked live: stored, it would be written with each change of a partner."""
        for archive in self:
            known = archive.sudo()._get_required_facts()
            missing = [label for label, is_known in known.items() if not is_known]
            archive.completeness = 100 * (len(known) - len(missing)) / len(known)
            archive.missing_facts = format_list(self.env, missing) if missing else False

    def _get_required_facts(self):
        """What an archive must tell (B2.F2, B7.R2); extended where more is required.

        :return: dict of label to bool, whether it is known; with ``sudo``
        """
        partner = self.partner_id
        known = {
            partner._fields[name]._description_string(self.env): bool(partner[name])
            for name in PARTNER_FACTS
        }
        labels = dict(self.fact_ids._fields["kind"]._description_selection(self.env))
        kinds = set(self.fact_ids.mapped("kind"))
        return known | {labels[kind]: kind in kinds for kind in REQUIRED}

    @api.depends("item_ids.secrecy")
    def _compute_secrecy(self):
        """The highest of the items; it stands in the remarks of the catalogue (A2.R22)."""
        for archive in self:
            found = archive.item_ids.filtered("active").mapped("secrecy")
            archive.secrecy = max(found, key=RANKS.get, default="internal")

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        archives = super().create(vals_list)
        for archive in archives.sudo():
            archive.number_pattern = archive.name
            archive.name = archive._get_number()
        return archives

    def _get_number(self):
        """The number with the code of the customer's type in it (B4.R2)."""
        code = self.customer_type_id.code or UNTYPED
        return (self.number_pattern or self.name).replace("{type}", code)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_established(self):
        for archive in self:
            if archive.state != "draft":
                raise UserError(
                    self.env._(
                        "%s is not deleted: archives go by a disposal that was approved.",
                        archive.name,
                    )
                )

    # ------------------------------------------------------------------ actions

    def action_submit(self):
        """Hand the archives in for the check by another person."""
        self.check_access("write")
        self._lock()
        self._check_state(("draft",))
        self.sudo().write({"state": "checking", "date_submitted": fields.Datetime.now()})

    def action_establish(self):
        """Another person has checked what was entered: the archives are established (B4.R2).

        :raise AccessError: one's own entry, or no supervisor
        """
        self.check_access("read")
        if not self._is_supervisor():
            raise AccessError(self.env._("Supervisors of customer service check archives."))
        self._lock()
        self._check_state(("checking",))
        for archive in self.sudo():
            if self.env.user in archive.create_uid | archive.user_id:
                raise AccessError(
                    self.env._("%s is yours: somebody else checks what you entered.", archive.name)
                )
            archive.write(
                {
                    "state": "established",
                    "date_established": fields.Datetime.now(),
                    "checked_by_id": self.env.uid,
                    "name": archive._get_number(),
                }
            )
            archive.item_ids.with_user(self.env.user)._mark_checked()

    def action_return(self):
        """Back to who entered it."""
        self.check_access("read")
        if not self._is_supervisor():
            raise AccessError(self.env._("Supervisors of customer service check archives."))
        self._lock()
        self._check_state(("checking",))
        self.sudo().write({"state": "draft"})

    def _check_taking(self):
        """:raise UserError: nothing is put into these archives now"""
        for archive in self.sudo():
            if archive.state not in ("draft", "established"):
                raise UserError(
                    self.env._(
                        "%(archive)s is “%(state)s”: nothing is put in now.",
                        archive=archive.name,
                        state=dict(self._fields["state"]._description_selection(self.env))[
                            archive.state
                        ],
                    )
                )

    def _check_content_write(self, names, vals):
        """Items are added to established archives as well, and guard themselves."""
        if names - {"item_ids", "fact_ids", "custodian_id", "note"}:
            super()._check_content_write(names, vals)

    def action_open_items(self):
        """The items of the archive."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_archive_security.crm_archive_item_action"
        )
        action["domain"] = [("archive_id", "=", self.id)]
        action["context"] = {"default_archive_id": self.id}
        return action
