from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmArchiveReading(models.Model):
    """借阅登记册: reading in the reading room (A2.R20, B5.R2).

    Filed archives never leave: they are read where they are, taken back by the custodian and
    looked through. Without an agreement nobody gets anything to read.
    """

    _name = "crm.archive.reading"
    _description = "Reading-Room Slip"
    _inherit = ["crm.service.moved.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "reader_name", "archive_id.name"]

    _stamps = ("date_out", "given_by_id", "date_back", "checked_by_id", "date_told")

    archive_id = fields.Many2one(
        "crm.archive", required=True, index=True, ondelete="restrict", check_company=True
    )
    partner_id = fields.Many2one(
        compute="_compute_partner_id", store=True, precompute=True, readonly=True
    )
    user_id = fields.Many2one(string="Custodian", required=True)
    content = fields.Text("What Is Read", required=True, help="Which parts; no secrets in here.")
    page_count = fields.Integer("Pages")
    is_outsider = fields.Boolean("Reader from Outside")
    reader_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    reader_partner_id = fields.Many2one(
        "res.partner", "Outside Reader", ondelete="restrict", check_company=True
    )
    reader_name = fields.Char("Reader's Name", compute="_compute_reader_name", store=True)
    purpose = fields.Text(required=True)
    place_id = fields.Many2one(
        "crm.archive.place",
        "Reading Room",
        required=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_reading_room', '=', True)]",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("reading", "Being Read"), ("back", "Back and Checked")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_out = fields.Datetime("Handed to the Reader On", readonly=True, copy=False)
    given_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    date_back = fields.Datetime("Taken Back On", readonly=True, copy=False)
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    condition = fields.Selection(
        [("complete", "Complete and Undamaged"), ("damaged", "Damaged"), ("missing", "Missing")],
        "Condition When Taken Back",
        copy=False,
    )
    note = fields.Text("Remarks", copy=False)
    incident_id = fields.Many2one(
        "crm.archive.incident", readonly=True, copy=False, ondelete="restrict"
    )
    date_told = fields.Datetime("Delay Reported On", readonly=True, copy=False)

    _one_reader = models.Constraint(
        "CHECK((is_outsider AND reader_partner_id IS NOT NULL AND reader_id IS NULL) "
        "OR (NOT COALESCE(is_outsider, FALSE) AND reader_id IS NOT NULL "
        "AND reader_partner_id IS NULL))",
        "Name the reader: a colleague, or somebody from outside.",
    )
    _out_idx = models.Index("(date_out) WHERE state = 'reading'")

    @api.depends("archive_id")
    def _compute_partner_id(self):
        for slip in self:
            slip.partner_id = slip.archive_id.partner_id

    @api.depends("reader_id", "reader_partner_id")
    def _compute_reader_name(self):
        for slip in self:
            slip.reader_name = slip.reader_id.name or slip.reader_partner_id.display_name

    @api.depends("name", "archive_id")
    def _compute_display_name(self):
        for slip in self:
            parts = [slip.name, slip.archive_id.display_name]
            slip.display_name = " · ".join(filter(None, parts))

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"incident_id": False}

    def _get_open_fields(self):
        return super()._get_open_fields() | {"condition", "note"}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(slip.state != "draft" for slip in self):
            raise UserError(self.env._("The register of readings is kept."))

    def _can_file(self):
        return super()._can_file() and self.state == "back"

    # ------------------------------------------------------------------ buttons

    def action_give(self):
        """Hand it to the reader, in the reading room.

        :raise UserError: no reading room, no agreement, no leave, or somebody is reading it
        """
        self._begin(("draft",))
        for slip in self.sudo():
            slip._check_give()
        self.sudo().write(
            {
                "state": "reading",
                "date_out": fields.Datetime.now(),
                "given_by_id": self.env.uid,
            }
        )

    def _check_give(self):
        if not self.place_id.is_reading_room:
            raise UserError(
                self.env._(
                    "Filed archives never leave: %s is no reading room.",
                    self.place_id.complete_name,
                )
            )
        if self.archive_id.state != "established":
            raise UserError(self.env._("%s is not established.", self.archive_id.name))
        if self.reader_id == self.env.user:
            raise UserError(self.env._("The custodian gives it to others, not to himself."))
        reader = self.reader_id or self.reader_partner_id
        self.env["crm.nda"]._check_agreement(reader, self.company_id)
        self._check_leave()

    def _check_leave(self):
        """Whether the reader was granted something of this archive, and may still read it.

        :raise UserError: no leave
        """
        domain = [("archive_id", "=", self.archive_id.id), ("state", "=", "valid")]
        if self.is_outsider:
            domain.append(("request_id.reader_partner_id", "=", self.reader_partner_id.id))
        else:
            domain += [
                ("user_id", "=", self.reader_id.id),
                ("request_id.reader_kind", "=", "self"),
            ]
        if not self.env["crm.archive.grant"].search_count(domain, limit=1):
            raise UserError(
                self.env._(
                    "%(reader)s has no leave to read %(archive)s: a request has to be approved "
                    "first.",
                    reader=self.reader_name,
                    archive=self.archive_id.name,
                )
            )

    def action_back(self):
        """It is back and was looked through; what is missing becomes an incident.

        :raise UserError: not out, or its condition was not entered
        """
        self._begin(("reading",))
        for slip in self.sudo():
            if not slip.condition:
                raise UserError(
                    self.env._("Look through what came back and enter in which condition it is.")
                )
            if slip.condition != "complete" and not (slip.note or "").strip():
                raise UserError(self.env._("Write in the remarks what is damaged or missing."))
            if slip.condition == "missing":
                slip.incident_id = slip._report_missing()
        self.sudo().write(
            {
                "state": "back",
                "date_back": fields.Datetime.now(),
                "checked_by_id": self.env.uid,
            }
        )

    def _report_missing(self):
        values = {
            "subject": self.env._("Missing after reading: %s", self.archive_id.name),
            "description": self.note,
            "kind": "loss",
            "company_id": self.company_id.id,
            "archive_ids": self.archive_id.ids,
        }
        return self.env["crm.archive.incident"].create(values)

    def _begin(self, states):
        self.check_access("write")
        self._lock()
        self._check_state(states)

    # ------------------------------------------------------------------ scheduled

    @api.model
    def _cron_report_out(self):
        """Tell custodian and head once of what was given yesterday or before and is not back."""
        late = self.search(self._get_late_domain(), order="date_out, id")
        self.env["ir.cron"]._crm_each(late, lambda rows: rows._report_out())

    @api.model
    def _get_late_domain(self):
        limit = fields.Datetime.subtract(fields.Datetime.now(), hours=12)
        return (
            Domain("state", "=", "reading")
            & Domain("date_out", "<", limit)
            & Domain("date_told", "=", False)
        )

    def _report_out(self):
        for slip in self:
            slip.date_told = fields.Datetime.now()
            slip._tell(
                slip.user_id | slip.department_id.head_id,
                self.env._("Not back from reading: %s", slip.display_name),
                self.env._("Reader: %s", slip.reader_name),
            )
