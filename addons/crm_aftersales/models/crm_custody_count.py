from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmCustodyCount(models.Model):
    """A stock-take of what technicians hold (C2.R13).

    The lines come from what should be there; what is counted otherwise is explained. The service
    manager approves, and only then the differences count.
    """

    _name = "crm.custody.count"
    _description = "Count of Custody"
    _inherit = ["crm.service.mixin", "crm.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    _approval_line_fields = ("line_ids",)

    user_id = fields.Many2one(string="Stock Taken By", required=True)
    holder_id = fields.Many2one(
        "res.users",
        "Technician",
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Empty: what all technicians hold.",
    )
    date = fields.Date("Counted On", required=True, default=fields.Date.context_today)
    line_ids = fields.One2many("crm.custody.count.line", "count_id", "Items", copy=False)
    note = fields.Text("Remarks", help="For instance what was found and is on no list.")
    state = fields.Selection(
        [("draft", "Draft"), ("submitted", "To Approve"), ("approved", "Approved")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    line_count = fields.Integer("Lines", compute="_compute_line_count")
    difference_count = fields.Integer("Differences", compute="_compute_line_count")

    @api.depends("line_ids.difference", "line_ids.is_counted")
    def _compute_line_count(self):
        for count in self:
            count.line_count = len(count.line_ids)
            differing = count.line_ids.filtered(lambda line: line.is_counted and line.difference)
            count.difference_count = len(differing)

    @api.depends("name", "holder_id")
    def _compute_display_name(self):
        for count in self:
            count.display_name = " · ".join(filter(None, [count.name, count.holder_id.name]))

    # ------------------------------------------------------------------ lines

    def action_fill(self):
        """A line for each item that should be there; what is listed already stays.

        :raise UserError: submitted already, or there is nothing in custody
        """
        self.ensure_one()
        self.check_access("write")
        self._check_approval_draft()
        items = self.env["crm.custody.item"].search(self._get_item_domain())
        missing = items - self.line_ids.item_id
        if not missing and not self.line_ids:
            raise UserError(self.env._("Nothing is in custody there."))
        self.env["crm.custody.count.line"].create(
            [{"count_id": self.id, "item_id": item.id} for item in missing]
        )

    def _get_item_domain(self):
        """:return: list, the items that should be there"""
        domain = [("state", "in", ("issued", "held")), ("company_id", "=", self.company_id.id)]
        return [*domain, ("holder_id", "=", self.holder_id.id)] if self.holder_id else domain

    def action_all_there(self):
        """What was not counted yet is there as it should be."""
        self.check_access("write")
        self._check_approval_draft()
        for line in self.line_ids.filtered(lambda line: not line.is_counted):
            line.write({"quantity_counted": line.quantity_expected, "is_counted": True})

    # ------------------------------------------------------------------ approval

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for count in self:
            if not count.line_ids:
                raise UserError(self.env._("Press “Fill In” to list what should be there."))
            count._check_counted()

    def _check_counted(self):
        for line in self.line_ids:
            if not line.is_counted:
                raise UserError(self.env._("“%s” is not counted yet.", line.item_id.display_name))
            if line.difference and not (line.explanation or "").strip():
                raise UserError(
                    self.env._("Explain the difference of “%s”.", line.item_id.display_name)
                )
            if line.item_id.holder_id == self.user_id:
                raise UserError(self.env._("What you hold yourself, somebody else counts."))

    def _approval_on_approved(self):
        super()._approval_on_approved()
        for line in self.line_ids:
            if line.difference:
                line.item_id._adjust(line.difference, line.explanation)
