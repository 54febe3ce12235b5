from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list


class CrmArchiveChange(models.Model):
    """What changed about a customer with an archive: when, by whom, from what, to what (B5.R3).

    Written by the server only and never changed. Important changes are announced to the
    departments concerned within minutes, once. Of what is secret only that it changed is kept.
    """

    _name = "crm.archive.change"
    _description = "Change in an Archive"
    _order = "id desc"
    _rec_name = "field_label"

    archive_id = fields.Many2one("crm.archive", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="archive_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="archive_id.partner_id", store=True, index=True)
    date = fields.Datetime("Changed On", required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", "Changed By", required=True, readonly=True, index=True, ondelete="restrict"
    )
    field_name = fields.Char(required=True, readonly=True)
    field_label = fields.Char("What Changed", compute="_compute_field_label")
    value_before = fields.Char("From", readonly=True)
    value_after = fields.Char("To", readonly=True)
    is_important = fields.Boolean("Announced to Departments", readonly=True)
    date_announced = fields.Datetime("Announced On", readonly=True)
    told_to = fields.Char("Announced To", readonly=True)

    _waiting_idx = models.Index("(id) WHERE is_important AND date_announced IS NULL")

    @api.depends("field_name")
    @api.depends_context("lang")
    def _compute_field_label(self):
        partners = self.env["res.partner"]._fields
        for change in self:
            field = partners.get(change.field_name)
            label = field and field._description_string(self.env)
            change.field_label = label or change.field_name

    @api.model_create_multi
    def create(self, vals_list):
        self._check_server()
        return super().create(vals_list)

    def write(self, vals):
        self._check_server()
        return super().write(vals)

    def _check_server(self):
        if not self.env.su:
            raise AccessError(self.env._("The history of an archive writes itself."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if not self.env.su:
            raise UserError(self.env._("The history of an archive is kept."))

    @api.model
    def _cron_announce(self):
        """Tell the departments concerned, one notice an archive; safe to run again."""
        waiting = self.search(
            [("is_important", "=", True), ("date_announced", "=", False)], order="id"
        )
        archives = waiting.archive_id
        self.env["ir.cron"]._crm_each(archives, lambda rows: self._announce_of(rows, waiting))

    @api.model
    def _announce_of(self, archives, waiting):
        for archive in archives:
            changes = waiting.filtered(lambda change, archive=archive: change.archive_id == archive)
            changes.with_context(**archives.env.context)._announce()

    def _announce(self):
        archive = self.archive_id
        users = self._get_audience()
        values = {"date_announced": fields.Datetime.now()}
        values["told_to"] = format_list(self.env, users.mapped("name")) or False
        self.write(values)
        archive._tell(
            users,
            self.env._("Changed: %s", archive.partner_id.display_name),
            "\n".join(change._get_sentence() for change in self),
        )

    def _get_sentence(self):
        return self.env._(
            "%(what)s: from “%(before)s” to “%(after)s”, by %(user)s",
            what=self.field_label,
            before=self.value_before or "-",
            after=self.value_after or "-",
            user=self.user_id.name,
        )

    def _get_audience(self):
        """Who is told: the departments of archive and customer, and who keeps them.

        An addon adds those it knows with ``super()``.

        :return: ``res.users``
        """
        archive = self.archive_id.with_company(self.archive_id.company_id)
        departments = archive.department_id | archive.partner_id.crm_department_id
        users = departments._get_recipients() | archive.user_id | archive.custodian_id
        users |= archive.partner_id.user_id
        return users.filtered(
            lambda user: user.active and not user.share and archive.company_id in user.company_ids
        )
