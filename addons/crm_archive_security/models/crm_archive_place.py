from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain


class CrmArchivePlace(models.Model):
    """Where archives are kept, on paper or electronically, and how it must be there (B5.R1)."""

    _name = "crm.archive.place"
    _description = "Archive Place"
    _inherit = ["crm.access.mixin"]
    _parent_store = True
    _order = "complete_name, id"
    _rec_name = "complete_name"
    _rec_names_search = ["complete_name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True)
    code = fields.Char(help="As it stands on the cabinet or shelf.")
    complete_name = fields.Char(
        "Place", compute="_compute_complete_name", store=True, recursive=True
    )
    parent_id = fields.Many2one(
        "crm.archive.place", "In", index=True, ondelete="restrict", check_company=True
    )
    parent_path = fields.Char(index=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(
        [
            ("room", "Room"),
            ("cabinet", "Cabinet"),
            ("safe", "Safe"),
            ("shelf", "Shelf"),
            ("server", "Server or Storage Device"),
        ],
        required=True,
        default="cabinet",
    )
    is_for_classified = fields.Boolean(
        "For Classified Archives", help="They are kept apart from the others."
    )
    is_reading_room = fields.Boolean("Reading Room")
    custodian_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    temperature_min = fields.Float("Temperature from (°C)", default=14)
    temperature_max = fields.Float("Temperature to (°C)", default=24)
    humidity_min = fields.Float("Humidity from (%)", default=45)
    humidity_max = fields.Float("Humidity to (%)", default=60)
    check_days = fields.Integer(
        "Check Every (Days)", default=30, help="Zero: not checked, for instance a shelf."
    )
    check_ids = fields.One2many("crm.archive.place.check", "place_id", "Checks")
    date_last_check = fields.Date("Last Check", compute="_compute_date_next_check", store=True)
    date_next_check = fields.Date(
        "Next Check", compute="_compute_date_next_check", store=True, index=True
    )
    is_check_due = fields.Boolean(
        "Check Due", compute="_compute_is_check_due", search="_search_is_check_due"
    )
    archive_count = fields.Integer("Archives", compute="_compute_archive_count")
    date_told = fields.Date("Reminded For", readonly=True, copy=False)
    note = fields.Text("Remarks")
    active = fields.Boolean(default=True)

    _limits_in_order = models.Constraint(
        "CHECK(temperature_max >= temperature_min AND humidity_max >= humidity_min "
        "AND check_days >= 0)",
        "The limits of temperature and humidity are from low to high.",
    )

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for place in self:
            parts = [place.parent_id.complete_name, place.name]
            place.complete_name = " / ".join(filter(None, parts))

    @api.depends("check_days", "check_ids.date", "create_date")
    def _compute_date_next_check(self):
        for place in self:
            last = max(place.check_ids.filtered("date").mapped("date"), default=False)
            start = last or (place.create_date or fields.Datetime.now()).date()
            days = relativedelta(days=place.check_days)
            place.date_last_check = last
            place.date_next_check = start + days if place.check_days else False

    @api.depends("date_next_check")
    def _compute_is_check_due(self):
        today = fields.Date.context_today(self)
        for place in self:
            due = place.date_next_check
            place.is_check_due = bool(due) and due <= today

    def _search_is_check_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("date_next_check", "<=", fields.Date.context_today(self))
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    def _compute_archive_count(self):
        groups = self.env["crm.archive"]._read_group(
            [("place_id", "in", self.ids)], ["place_id"], ["__count"]
        )
        counts = {place.id: count for place, count in groups}
        for place in self:
            place.archive_count = counts.get(place._origin.id, 0)

    def write(self, vals):
        if not self.env.su:
            vals = {name: value for name, value in vals.items() if name != "date_told"}
        return super().write(vals)

    def action_open_archives(self):
        """What is kept here."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_archive_security.crm_archive_action"
        )
        action["domain"] = [("place_id", "child_of", self.id)]
        action["context"] = {"default_place_id": self.id}
        return action

    @api.model
    def _cron_remind_checks(self):
        """Remind custodians of checks that are due, once for each; safe to run again."""
        due = self.browse()
        for company in self.env["res.company"].search(Domain.TRUE):
            domain = Domain("date_next_check", "<=", company._get_crm_today())
            due |= self.search(domain & Domain("company_id", "=", company.id))
        due = due.filtered(lambda place: place.date_told != place.date_next_check)
        self.env["ir.cron"]._crm_each(due, lambda rows: rows._remind_check())

    def _remind_check(self):
        for place in self:
            place.date_told = place.date_next_check
            if place.custodian_id.active:
                self.env["mail.thread"].message_notify(
                    partner_ids=place.custodian_id.partner_id.ids,
                    subject=self.env._("Check of an archive place is due"),
                    body=self.env._(
                        "Please check temperature, humidity, fire, damp and insects: %s",
                        place.complete_name,
                    ),
                )
