from odoo import api, fields, models
from odoo.exceptions import AccessError


class CrmServiceCase(models.Model):
    """What the customer says afterwards about whoever served (A3.F5, A3.F6, A4.R8)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    complained_user_id = fields.Many2one(
        "res.users",
        "Complained Of",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="The colleague the complaint is about; counts in the review of the colleague.",
    )
    feedback_ids = fields.One2many("crm.service.feedback", "case_id", readonly=True)
    survey_ids = fields.One2many("crm.service.survey", "case_id", "Surveys", readonly=True)
    opinion_count = fields.Integer("Customer's Opinions", compute="_compute_opinion_count")

    @api.depends("feedback_ids", "survey_ids")
    def _compute_opinion_count(self):
        counts = {}
        for model in ("crm.service.feedback", "crm.service.survey"):
            groups = self.env[model]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["__count"]
            )
            for case, count in groups:
                counts[case.id] = counts.get(case.id, 0) + count
        for case in self:
            case.opinion_count = counts.get(case._origin.id, 0)

    def _check_case_write(self, vals):
        super()._check_case_write(vals)
        if "complained_user_id" in vals and not self._is_supervisor():
            if any(case.complained_user_id for case in self.sudo()):
                raise AccessError(
                    self.env._("Only a supervisor changes whom a complaint is about.")
                )

    def action_open_feedback(self):
        """The feedback form about this case, made when there is none (A3.F5)."""
        return self._open_opinion("crm.service.feedback")

    def action_open_survey(self):
        """The satisfaction survey about this case, made when there is none (A3.F6)."""
        return self._open_opinion("crm.service.survey")

    def _open_opinion(self, model):
        self.ensure_one()
        self.check_access("read")
        opinions = self.env[model]
        known = opinions.search(
            [("case_id", "=", self.id), ("state", "!=", "cancelled")], order="id desc", limit=1
        )
        if not known:
            known = opinions.create(
                {
                    "partner_id": self.partner_id.id,
                    "case_id": self.id,
                    "company_id": self.company_id.id,
                }
            )
        return known._get_records_action()
