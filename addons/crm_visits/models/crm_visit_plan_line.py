from datetime import UTC, datetime, time

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CrmVisitPlanLine(models.Model):
    """One planned visit: approved with the plan, carried out as a visit of its own."""

    _name = "crm.visit.plan.line"
    _description = "Planned Visit"
    _inherit = "crm.approval.line.mixin"
    _order = "plan_id, date_planned, sequence, id"
    _approval_parent_field = "plan_id"

    plan_id = fields.Many2one("crm.visit.plan", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True, ondelete="restrict"
    )
    method_id = fields.Many2one(
        "crm.visit.method",
        compute="_compute_from_plan",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="restrict",
    )
    date_planned = fields.Datetime(
        "Planned Date",
        compute="_compute_date_planned",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    place = fields.Char(compute="_compute_place", store=True, readonly=False, precompute=True)
    purpose = fields.Char(compute="_compute_from_plan", store=True, readonly=False, precompute=True)
    visitor_ids = fields.Many2many(
        "res.users",
        "crm_visit_plan_line_visitor_rel",
        "line_id",
        "user_id",
        "Visitors",
        ondelete="restrict",
        compute="_compute_from_plan",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    cadence_id = fields.Many2one(
        "crm.visit.cadence", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    order_id = fields.Many2one(
        "sale.order",
        "Project",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('crm_is_project', '=', True), ('state', '=', 'sale'), "
        "('partner_id.commercial_partner_id', '=', commercial_partner_id)]",
    )
    visit_ids = fields.One2many("crm.visit", "plan_line_id")
    visit_state = fields.Selection(related="visit_ids.state", string="Visit Status")

    @api.depends("plan_id")
    def _compute_from_plan(self):
        for line in self:
            plan = line.plan_id
            line.method_id = line.method_id or plan.method_id
            line.purpose = line.purpose or plan.purpose
            line.visitor_ids = line.visitor_ids or plan.visitor_ids

    @api.depends("plan_id")
    def _compute_date_planned(self):
        """Nine in the morning of the plan's first day, in the user's time zone."""
        for line in self:
            if not line.date_planned:
                day = line.plan_id.date_from or fields.Date.context_today(line)
                start = self.env.tz.localize(datetime.combine(day, time(9)))
                line.date_planned = start.astimezone(UTC).replace(tzinfo=None)

    @api.depends("partner_id", "method_id", "plan_id.place")
    def _compute_place(self):
        """For visits face to face the customer's address, else the plan's place, unless one was
        given."""
        for line in self:
            if not line.place and line.method_id.channel == "face":
                line.place = line.partner_id._get_crm_visit_place() or line.plan_id.place

    @api.constrains("date_planned", "plan_id")
    def _check_date_planned(self):
        for line in self:
            plan = line.plan_id
            day = fields.Datetime.context_timestamp(line, line.date_planned).date()
            if not plan.date_from <= day <= plan.date_to:
                raise ValidationError(
                    self.env._(
                        "The visit to %(customer)s on %(day)s lies outside the period of the "
                        "plan (%(from)s to %(to)s): change its date or the period.",
                        customer=line.partner_id.display_name,
                        day=day,
                        **{"from": plan.date_from, "to": plan.date_to},
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """An empty cell of an import means: as in the plan."""
        for vals in vals_list:
            for name in ("method_id", "place", "purpose", "visitor_ids"):
                if not vals.get(name, True):
                    del vals[name]
        return super().create(vals_list)

    def _check_complete(self):
        """What a plan line needs before the plan goes to the leader.

        :raise UserError: a place or a visitor is missing
        """
        for line in self:
            customer = line.partner_id.display_name
            if line.method_id.is_place_required and not line.place:
                raise UserError(self.env._("Fill in where %s is to be visited.", customer))
            if not line.visitor_ids:
                raise UserError(self.env._("Fill in who is to visit %s.", customer))

    def _prepare_visit_values(self):
        """Values of the visit made from this line at approval; addons extend it.

        :return: dict for ``crm.visit.create``
        """
        self.ensure_one()
        plan = self.plan_id
        return {
            "plan_line_id": self.id,
            "company_id": plan.company_id.id,
            "partner_id": self.partner_id.id,
            "method_id": self.method_id.id,
            "order_id": self.order_id.id,
            "user_id": self.visitor_ids[:1].id or plan.user_id.id,
            "department_id": plan.department_id.id,
            "visitor_ids": [(6, 0, self.visitor_ids.ids or plan.user_id.ids)],
            "date_planned": self.date_planned,
            "date_scheduled": self.date_planned,
            "place": self.place,
            "purpose": self.purpose,
        }
