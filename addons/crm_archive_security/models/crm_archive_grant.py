from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL


class CrmArchiveGrant(models.Model):
    """Leave to read one item until a time (A2.R19, B5.R2); only an approved request gives one.

    It ends by itself and, when it is revoked, with the next query: nothing is cached.
    """

    _name = "crm.archive.grant"
    _description = "Leave to Read"
    _inherit = ["crm.access.mixin"]
    _order = "id desc"
    _rec_name = "item_id"

    request_id = fields.Many2one(
        "crm.archive.request", required=True, readonly=True, index=True, ondelete="restrict"
    )
    item_id = fields.Many2one(
        "crm.archive.item", required=True, readonly=True, index=True, ondelete="restrict"
    )
    archive_id = fields.Many2one(
        "crm.archive", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    user_id = fields.Many2one(
        "res.users", "Reader", required=True, readonly=True, ondelete="restrict"
    )
    reader = fields.Char(
        "Who Reads", required=True, readonly=True, help="The outsider, where it is one."
    )
    date_start = fields.Datetime("From", required=True, readonly=True)
    date_end = fields.Datetime("Until", required=True, readonly=True)
    may_print = fields.Boolean("May Print", readonly=True)
    may_copy = fields.Boolean("May Copy", readonly=True)
    may_export = fields.Boolean("May Export", readonly=True)
    date_revoked = fields.Datetime("Revoked On", readonly=True)
    revoked_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    state = fields.Selection(
        [
            ("coming", "Not Yet"),
            ("valid", "Valid"),
            ("ended", "Ended"),
            ("revoked", "Revoked"),
        ],
        "Status",
        compute="_compute_state",
        search="_search_state",
    )

    _reader_idx = models.Index("(user_id, item_id, date_end) WHERE date_revoked IS NULL")
    _in_order = models.Constraint("CHECK (date_end > date_start)", "Leave ends after it begins.")

    @api.depends("date_start", "date_end", "date_revoked")
    def _compute_state(self):
        now = fields.Datetime.now()
        for grant in self:
            if grant.date_revoked:
                grant.state = "revoked"
            elif grant.date_end and grant.date_end <= now:
                grant.state = "ended"
            else:
                grant.state = "valid" if grant.date_start <= now else "coming"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        kept = Domain("date_revoked", "=", False)
        domains = {
            "revoked": Domain("date_revoked", "!=", False),
            "ended": kept & Domain("date_end", "<=", now),
            "valid": kept & Domain("date_end", ">", now) & Domain("date_start", "<=", now),
            "coming": kept & Domain("date_end", ">", now) & Domain("date_start", ">", now),
        }
        return Domain.OR(domains.get(state, Domain.FALSE) for state in value)

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        self._check_engine()
        return super().create(vals_list)

    def write(self, vals):
        self._check_engine()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("Leave is revoked, not deleted: it says who could read."))

    def _check_engine(self):
        if not self.env.su:
            raise AccessError(
                self.env._("Approved requests give leave to read, nobody writes it by hand.")
            )

    # ------------------------------------------------------------------ actions

    def action_revoke(self):
        """End the leave at once; the next query finds nothing any more.

        :raise AccessError: neither security administrator nor service or general manager
        """
        self.check_access("read")
        if not self._can_revoke():
            raise AccessError(
                self.env._(
                    "Security administrators, service managers and the general manager revoke "
                    "leave to read."
                )
            )
        self._revoke()

    @api.model
    def _can_revoke(self):
        groups = (
            "crm_archive_security.group_security_officer",
            "crm_service_base.group_manager",
            "crm_service_base.group_general_manager",
        )
        return any(self.env.user.has_group(group) for group in groups)

    def _revoke(self):
        open_grants = self.sudo().filtered(lambda grant: not grant.date_revoked)
        open_grants.write({"date_revoked": fields.Datetime.now(), "revoked_by_id": self.env.uid})
        for grant in open_grants:
            self.env["crm.archive.access"]._log(
                grant.item_id, "revoke", leaves={grant.item_id.id: ("grant", grant.id)}
            )

    def action_read(self):
        """Open the item, through the door."""
        self.ensure_one()
        self.check_access("read")
        return self.item_id.action_read()

    # ------------------------------------------------------------------ for the door

    @api.model
    def _find_valid(self, items, kind):
        """Leave of the current user that holds now, in one query.

        :param items: ``crm.archive.item``
        :param str kind: what is to be done, see ``crm.archive.access``
        :return: dict of item id to grant id
        """
        domain = Domain("user_id", "=", self.env.uid) & Domain("item_id", "in", items.ids)
        domain &= self._search_state("in", ["valid"])
        flag = {"print": "may_print", "copy": "may_copy", "export": "may_export"}.get(kind)
        if flag:
            domain &= Domain(flag, "=", True)
        query = self.sudo()._search(domain, order="id")
        columns = (SQL.identifier(query.table, name) for name in ("item_id", "id"))
        return dict(self.env.execute_query(query.select(*columns)))
