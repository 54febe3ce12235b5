from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class CrmCaseAnswer(models.Model):
    """What is answered to a question (C1.R4): written by anybody, approved by a supervisor."""

    _name = "crm.case.answer"
    _description = "Answer"
    _inherit = ["crm.access.mixin"]
    _order = "name, id"
    _rec_names_search = ["name", "keywords"]

    name = fields.Char("Question", required=True, index="trigram")
    answer = fields.Text(required=True, index="trigram")
    keywords = fields.Char(index="trigram", help="Other words customers use for it.")
    category_ids = fields.Many2many(
        "crm.case.category",
        "crm_case_answer_category_rel",
        "answer_id",
        "category_id",
        "Categories",
        ondelete="restrict",
    )
    product_ids = fields.Many2many(
        "product.template",
        "crm_case_answer_product_rel",
        "answer_id",
        "product_id",
        "Products",
        ondelete="restrict",
    )
    company_id = fields.Many2one("res.company", index=True, help="Leave empty for all companies.")
    date_from = fields.Date("Valid From", default=fields.Date.context_today)
    date_to = fields.Date("Valid Until")
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [("draft", "Proposed"), ("approved", "Approved")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    date_approved = fields.Datetime("Approved On", readonly=True, copy=False)
    use_count = fields.Integer("Used", compute="_compute_use_count")
    is_valid = fields.Boolean(compute="_compute_is_valid", search="_search_is_valid")

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "An answer cannot end before it begins."
    )

    def _compute_use_count(self):
        groups = self.env["crm.case.answer.use"]._read_group(
            [("answer_id", "in", self.ids)], ["answer_id"], ["__count"]
        )
        counts = {answer.id: count for answer, count in groups}
        for answer in self:
            answer.use_count = counts.get(answer._origin.id, 0)

    @api.depends("state", "date_from", "date_to", "active")
    def _compute_is_valid(self):
        valid = self.filtered_domain(self._get_valid_domain())
        for answer in self:
            answer.is_valid = answer in valid

    def _search_is_valid(self, operator, value):
        if operator != "in":
            return NotImplemented
        valid = self._get_valid_domain()
        return Domain.OR(valid if wanted else ~valid for wanted in value)

    @api.model
    def _get_valid_domain(self):
        """:return: ``Domain`` of the answers that may be given today"""
        today = fields.Date.context_today(self)
        return (
            Domain("state", "=", "approved")
            & Domain("active", "=", True)
            & (Domain("date_from", "=", False) | Domain("date_from", "<=", today))
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", today))
        )

    # ------------------------------------------------------------------ create, write

    @api.model
    def _get_server_fields(self):
        return {"state": "draft", "approved_by_id": False, "date_approved": False}

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, **self._get_server_fields()} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if self._get_server_fields().keys() & vals.keys():
                raise AccessError(self.env._("Answers are approved with the button."))
            approved = self.sudo().filtered(lambda answer: answer.state == "approved")
            if approved and not self._is_supervisor():
                raise AccessError(
                    self.env._("This answer is approved: ask your supervisor to change it.")
                )
        return super().write(vals)

    def _is_supervisor(self):
        return self.env.user.has_group("crm_service_base.group_supervisor")

    # ------------------------------------------------------------------ actions

    def action_approve(self):
        """Let everybody answer so.

        :raise AccessError: the user is no supervisor
        """
        self._check_supervisor()
        now = fields.Datetime.now()
        self.sudo().write(
            {"state": "approved", "approved_by_id": self.env.uid, "date_approved": now}
        )

    def action_draft(self):
        """Take the answer back, to change it.

        :raise AccessError: the user is no supervisor
        """
        self._check_supervisor()
        self.sudo().write(self._get_server_fields())

    def _check_supervisor(self):
        self.check_access("write")
        if not self._is_supervisor():
            raise AccessError(self.env._("Only supervisors approve answers."))

    def action_open_uses(self):
        """The cases this was answered to."""
        self.ensure_one()
        uses = self.env["crm.case.answer.use"].search([("answer_id", "=", self.id)])
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_case_action"
        )
        action["domain"] = [("id", "in", uses.case_id.ids)]
        action["context"] = {"create": False}
        return action
