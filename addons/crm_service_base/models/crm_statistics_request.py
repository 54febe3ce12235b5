from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.state_order import in_order


class CrmStatisticsRequest(models.Model):
    """Another department asks for a report regularly (A2.R9).

    Approved by the service manager, then the general manager; from then on each issued report
    goes to the department by itself, until the request ends.
    """

    _name = "crm.statistics.request"
    _description = "Standing Request for a Report"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _check_company_auto = True

    _approval_approved_state = "active"

    type_id = fields.Many2one(
        "crm.statistics.report.type",
        "Report",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    user_id = fields.Many2one(string="Requested By", required=True)
    department_id = fields.Many2one(
        "crm.service.department", "Requesting Department", required=True, ondelete="restrict"
    )
    receiver_ids = fields.Many2many(
        "res.users",
        "crm_statistics_request_receiver_rel",
        "request_id",
        "user_id",
        "Receivers",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Leave empty for the head of the department and those who get its copies.",
    )
    purpose = fields.Text(required=True, help="What the department needs the figures for.")
    date_from = fields.Date("Needed From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Needed Until", help="Leave empty until further notice.")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("active", "Active"),
            ("ended", "Ended"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_ended = fields.Datetime("Ended On", readonly=True, copy=False)
    ended_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    distribution_ids = fields.One2many(
        "crm.statistics.distribution", "request_id", "Reports Received", readonly=True
    )

    _period_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "A request cannot end before it begins."
    )

    @api.depends("name", "type_id", "department_id")
    def _compute_display_name(self):
        for request in self:
            parts = [request.name, request.department_id.name, request.type_id.name]
            request.display_name = " ".join(filter(None, parts))

    @api.model
    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"date_ended", "ended_by_id"}

    def _get_receivers(self):
        """:return: ``res.users`` who get each report"""
        self.ensure_one()
        return self.receiver_ids or self.department_id._get_recipients()

    def action_end(self):
        """End active requests; for who asked, the head of the department and supervisors.

        :raise AccessError: somebody else
        :raise UserError: the request is not active
        """
        self.check_access("read")
        is_supervisor = self.env.user.has_group("crm_service_base.group_supervisor")
        for request in self:
            mine = request.user_id | request.create_uid | request.department_id.sudo().head_id
            if not is_supervisor and self.env.user not in mine:
                raise AccessError(
                    self.env._("Only who asked for it or a supervisor ends %s.", request.name)
                )
            if request.state != "active":
                raise UserError(self.env._("%s is not active.", request.display_name))
        self.sudo().write(
            {
                "state": "ended",
                "date_ended": fields.Datetime.now(),
                "ended_by_id": self.env.uid,
            }
        )

    def _can_file(self):
        return super()._can_file() and self.state == "ended"
