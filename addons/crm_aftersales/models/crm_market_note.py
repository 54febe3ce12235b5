from odoo import api, fields, models
from odoo.exceptions import AccessError


class CrmMarketNote(models.Model):
    """What service heard of the market and sales should know (C1.R8).

    A record of its own: salespeople read it without reading the case of the customer.
    """

    _name = "crm.market.note"
    _description = "Market Information from Service"
    _inherit = ["crm.access.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", "Customer", index="btree_not_null", ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    topic = fields.Selection(
        [
            ("demand", "Demand"),
            ("competitor", "Competitor"),
            ("price", "Price"),
            ("product", "Product"),
            ("opinion", "Opinion"),
            ("other", "Other"),
        ],
        required=True,
        default="demand",
        index=True,
    )
    note = fields.Text("What Was Heard", required=True)
    date = fields.Datetime("Heard On", required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users",
        "Heard By",
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        index=True,
    )
    salesperson_id = fields.Many2one(
        "res.users", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    case_id = fields.Many2one(
        "crm.service.case",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="crm_service_base.group_specialist,crm_service_base.group_director,crm_service_base.group_general_manager,crm_service_base.group_auditor",
    )
    date_read = fields.Datetime("Taken Up On", readonly=True)
    read_by_id = fields.Many2one("res.users", "Taken Up By", readonly=True, ondelete="restrict")
    answer = fields.Text("What Sales Makes of It")

    @api.model
    def _get_server_fields(self):
        return {
            "user_id": self.env.uid,
            "salesperson_id": False,
            "date_read": False,
            "read_by_id": False,
        }

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, **self._get_server_fields()} for vals in vals_list]
        notes = super().create(vals_list)
        if not self.env.su:
            notes.case_id.check_access("read")
        for note in notes.sudo():
            note.salesperson_id = note._find_salesperson()
            note._tell_sales()
        return notes

    def write(self, vals):
        if not self.env.su:
            self._check_note_write(vals)
        return super().write(vals)

    def _check_note_write(self, vals):
        if (self._get_server_fields().keys() | {"case_id"}) & vals.keys():
            raise AccessError(self.env._("Market information is taken up with its button."))
        words = {"partner_id", "company_id", "topic", "note", "date"}
        if words & vals.keys() and not self.env.user.has_group("crm_service_base.group_specialist"):
            raise AccessError(
                self.env._("Sales answers; what was heard is written by customer service.")
            )

    def _find_salesperson(self):
        """The customer's salesperson, else the leader of his sales team, else of the first one.

        :return: ``res.users``, may be empty
        """
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id.with_company(self.company_id)
        teams = self.env["crm.team"].search(
            [("company_id", "in", (False, self.company_id.id)), ("user_id", "!=", False)], limit=1
        )
        people = (customer.user_id, teams.user_id)
        return next((user for user in people if user.active), self.env["res.users"])

    def _tell_sales(self):
        if self.salesperson_id:
            self.activity_schedule(
                "crm_aftersales.mail_activity_type_market",
                user_id=self.salesperson_id.id,
                summary=self.partner_id.display_name,
                note=self.note,
            )

    def action_take_up(self):
        """Sales has read it and does something about it.

        :raise AccessError: the user is not of sales
        """
        self.check_access("read")
        if not self.env.user.has_group("sales_team.group_sale_salesman"):
            raise AccessError(self.env._("Market information is taken up by sales."))
        fresh = self.sudo().filtered(lambda note: not note.date_read)
        fresh.write({"date_read": fields.Datetime.now(), "read_by_id": self.env.uid})
        fresh.activity_ids.action_done()

    def action_open_case(self):
        """The case in which it was heard."""
        self.ensure_one()
        return self.case_id._get_records_action()
