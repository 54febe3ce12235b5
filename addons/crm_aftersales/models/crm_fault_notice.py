from odoo import fields, models


class CrmFaultNotice(models.Model):
    """Who was told of a major fault, when and in which words; only the server writes it."""

    _name = "crm.fault.notice"
    _description = "Notice of a Major Fault"
    _order = "id"
    _rec_name = "user_id"

    fault_id = fields.Many2one("crm.fault.report", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users", "Notice Given To", required=True, index=True, ondelete="restrict"
    )
    role = fields.Selection(
        [
            ("sales", "Sales Owner"),
            ("manager", "Department Manager"),
            ("upper", "Management"),
            ("report", "Sales: the Analysis"),
        ],
        "As",
        required=True,
    )
    date = fields.Datetime("Notice Given On", required=True)
    told_by_id = fields.Many2one("res.users", required=True, ondelete="restrict")
    email = fields.Char("E-Mail", help="Where the mail went; the notice stands in the inbox too.")
    text = fields.Text("In These Words")
    date_seen = fields.Datetime("Seen On")
