from odoo import fields, models


class CrmRelationshipReportLine(models.Model):
    """How far one measure had come when the report was drawn (E1.F5)."""

    _name = "crm.relationship.report.line"
    _description = "Progress in a Relationship Report"
    _inherit = ["crm.approval.line.mixin"]
    _order = "report_id, sequence, id"
    _approval_parent_field = "report_id"

    report_id = fields.Many2one(
        "crm.relationship.report", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    measure_id = fields.Many2one(
        "crm.relationship.measure",
        "Task",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    name = fields.Char("Measure", readonly=True)
    user_id = fields.Many2one("res.users", "Owner", readonly=True, ondelete="restrict")
    date_deadline = fields.Date("Term", readonly=True)
    date_done = fields.Date("Done On", readonly=True)
    state = fields.Selection(
        [
            ("todo", "To Do"),
            ("progress", "Under Way"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        readonly=True,
    )
    is_late = fields.Boolean("Late", readonly=True)
    progress = fields.Integer("Progress (%)", readonly=True)
    feedback = fields.Text("Customer's Feedback", readonly=True)
    effect = fields.Selection(
        [("good", "Good"), ("some", "Some"), ("none", "None"), ("worse", "Worse")], readonly=True
    )
    note = fields.Text("Remarks")

    def _approval_guarded_fields(self):
        """What was drawn from the measures is not written by hand."""
        return super()._approval_guarded_fields() | {
            "measure_id",
            "partner_id",
            "name",
            "user_id",
            "date_deadline",
            "date_done",
            "state",
            "is_late",
            "progress",
            "feedback",
            "effect",
        }
