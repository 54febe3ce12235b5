from odoo import fields, models

from .crm_case_level import LEVELS


class CrmDeadlinePolicy(models.Model):
    """Each level of support has its own time: hotline, remote, on site (C3.R15)."""

    _name = "crm.deadline.policy"
    _inherit = ["crm.deadline.policy"]

    target = fields.Selection(
        selection_add=[("level", "Solve or Move On"), ("fault", "Pass a Major Fault On")],
        ondelete={"level": "cascade", "fault": "cascade"},
    )
    support_level = fields.Selection(LEVELS, help="Leave empty for all levels.")

    def _prepare_rule(self):
        rule = super()._prepare_rule()
        if self.support_level:
            condition = ("support_level", self.support_level)
            rule = rule._replace(conditions=(*rule.conditions, condition))
        return rule
