from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CrmVisit(models.Model):
    """A callback about a case: its record says how the case goes on (E2.R7)."""

    _name = "crm.visit"
    _inherit = ["crm.visit"]

    case_id = fields.Many2one(
        "crm.service.case", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    def _get_server_fields(self):
        return super()._get_server_fields() | {"case_id"}

    @api.model
    def _sql_case_callbacks(self):
        """:return: ``SQL`` of callbacks ``v`` whose record was submitted, joined with case ``f``"""
        return SQL(
            """
            crm_visit v JOIN crm_service_case f ON f.id = v.case_id
                AND v.active AND v.callback_kind IS NOT NULL
                AND v.state IN ('submitted', 'reviewed')
            """
        )

    def write(self, vals):
        res = super().write(vals)
        if not vals.keys().isdisjoint(("date_callback_from", "method_id")):
            self.sudo().case_id._refresh_given_deadlines("callback")
        return res

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for visit in self.filtered("case_id"):
            visit._check_case_callback()

    def _check_case_callback(self):
        """:raise UserError: before it was solved, or a major complaint not called back properly"""
        solved = self.case_id.date_solved
        if self.case_id.callback_id == self and solved and self.date_start < solved:
            raise UserError(
                self.env._(
                    "The customer of %s is called back after the matter was solved: correct the "
                    "start of the callback.",
                    self.case_id.name,
                )
            )
        if self.case_id.callback_id != self or self.case_id.severity != "major":
            return
        if self.method_id.crm_case_severity == "minor":
            raise UserError(
                self.env._(
                    "%s is a major complaint: its callback is made by a method for major "
                    "complaints.",
                    self.case_id.name,
                )
            )
        supervisors = self.env.ref("crm_service_base.group_supervisor").all_user_ids
        if not self.visitor_ids & (self.case_id._get_report_users() | supervisors):
            raise UserError(
                self.env._(
                    "%s is a major complaint: its customer is visited by the head of the "
                    "department, or by a supervisor.",
                    self.case_id.name,
                )
            )

    def _approval_on_submitted(self):
        super()._approval_on_submitted()
        for visit in self.filtered("case_id"):
            visit.case_id._on_callback(visit)
