from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class CrmInspectionLine(models.Model):
    """One customer or device to look at, by a day and by somebody (C3.R14)."""

    _name = "crm.inspection.line"
    _description = "Inspection"
    _inherit = "crm.approval.line.mixin"
    _order = "round_id, date_due, id"
    _approval_parent_field = "round_id"

    round_id = fields.Many2one(
        "crm.inspection.round", "Part of Round", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="round_id.company_id", store=True, index=True)
    round_state = fields.Selection(related="round_id.state", string="Status of the Round")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict"
    )
    device_id = fields.Many2one(
        "crm.device",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('partner_id', '=', partner_id)]",
    )
    reason = fields.Char()
    date_due = fields.Date("Term", required=True)
    user_id = fields.Many2one(
        "res.users",
        "Inspector",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    result = fields.Selection([("good", "In Order"), ("problem", "With Findings")], copy=False)
    report = fields.Text("What Was Seen", copy=False)
    order_id = fields.Many2one(
        "crm.service.order",
        "Service Order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    date_done = fields.Datetime("Inspected On", readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    finding_ids = fields.One2many("crm.inspection.finding", "line_id", "Findings")
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")

    @api.depends("date_due", "date_done", "round_id.state")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for line in self:
            due = line.date_due
            is_open = line.round_id.state == "approved" and not line.date_done
            line.is_overdue = is_open and bool(due) and due < today

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain(
            [
                ("round_id.state", "=", "approved"),
                ("date_done", "=", False),
                ("date_due", "<", fields.Date.context_today(self)),
            ]
        )
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.depends("partner_id", "device_id")
    def _compute_display_name(self):
        for line in self:
            parts = [line.partner_id.name, line.device_id.display_name]
            line.display_name = " · ".join(filter(None, parts))

    @api.constrains("date_due", "round_id", "device_id", "partner_id")
    def _check_line(self):
        for line in self:
            inspection, device = line.round_id, line.device_id
            if not inspection.date_from <= line.date_due <= inspection.date_to:
                raise ValidationError(
                    self.env._("%s is due outside the period of the round.", line.display_name)
                )
            if device and device.company_id != inspection.company_id:
                raise ValidationError(
                    self.env._("%s belongs to another company.", device.display_name)
                )

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"order_id", "date_done", "done_by_id"}

    def _approval_after_fields(self):
        return super()._approval_after_fields() | {"result", "report", "finding_ids"}

    def write(self, vals):
        if not self.env.su and {"result", "report"} & vals.keys():
            if any(line.date_done for line in self):
                raise UserError(self.env._("An inspection that is done stays as it was."))
        return super().write(vals)

    def _prepare_order_values(self):
        """Values of the service order; an addon adds its own.

        :return: dict for ``crm.service.order``
        """
        self.ensure_one()
        inspection = self.round_id
        start = inspection._to_utc(self.date_due, inspection.company_id)
        return {
            "kind": "inspection",
            "partner_id": self.partner_id.id,
            "device_id": self.device_id.id,
            "company_id": inspection.company_id.id,
            "department_id": inspection.department_id.id,
            "technician_id": self.user_id.id,
            "date_planned": start,
            "date_planned_end": fields.Datetime.add(start, hours=2),
            "problem": "\n".join(filter(None, [inspection.title, self.reason])),
            "note": inspection.note,
        }

    def action_done(self):
        """Note that it was inspected.

        :raise AccessError: the round is not the user's
        :raise UserError: not in progress, done before, no result, or findings without remedy
        """
        self.check_access("write")
        self.round_id._check_running()
        for line in self:
            if line.date_done:
                raise UserError(self.env._("%s was inspected already.", line.display_name))
            if not line.result:
                raise UserError(self.env._("Say whether %s is in order.", line.display_name))
            if line.result == "problem" and not line.finding_ids:
                raise UserError(self.env._("Write down what was found at %s.", line.display_name))
        self._finish(self.env.user)

    def _finish(self, user):
        self.sudo().write({"date_done": fields.Datetime.now(), "done_by_id": user.id})

    def action_open_findings(self):
        """Findings of the line, and new ones."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_inspection_finding_action"
        )
        action["domain"] = [("line_id", "=", self.id)]
        action["context"] = {"default_line_id": self.id}
        return action
