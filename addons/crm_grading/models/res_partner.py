from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

GRADES = ("crm_grade_id", "crm_grade_computed_id")


class ResPartner(models.Model):
    """The grade a customer holds is set by an approved declaration, and by nothing else."""

    _inherit = "res.partner"

    crm_grade_computed_id = fields.Many2one(
        "crm.customer.grade",
        "Computed Grade",
        company_dependent=True,
        copy=False,
        readonly=True,
        prefetch="crm_service",
        groups="base.group_user",
        help="What the latest grading proposes.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        is_person = not self.env.su
        for vals in vals_list:
            for name in GRADES:
                # explicit: neither default_* of the context nor a default of the user counts
                if is_person and vals.get(name):
                    raise self._make_grade_error()
                vals.setdefault(name, False)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and not vals.keys().isdisjoint(GRADES):
            self._check_grade_write(vals)
        contacts = self.browse()
        if not vals.keys().isdisjoint(("parent_id", "is_company", "company_type")):
            contacts = self.sudo().filtered(lambda p: p.commercial_partner_id != p)
        result = super().write(vals)
        if freed := contacts.filtered(lambda p: p.commercial_partner_id == p):
            freed._restore_own_grade()
        return result

    def _restore_own_grade(self):
        """Contacts that become customers of their own leave the grade of their company there.

        What they held themselves before, they hold again. With ``sudo``.
        """
        for company in self.env["res.company"].search([]):  # pylint: disable=no-search-all
            for partner in self.with_company(company).filtered("crm_grade_id"):
                own = [("partner_id", "=", partner.id), ("company_id", "=", company.id)]
                last = self.env["crm.grade.history"].search(own, limit=1)
                partner.crm_grade_id = last.grade_to_id

    def _check_grade_write(self, vals):
        """A person may write the grade a customer has, as forms and imports do, and no other.

        :raise UserError: another grade
        """
        for name in GRADES:
            if name in vals and any(
                partner[name].id != (vals[name] or False) for partner in self.sudo()
            ):
                raise self._make_grade_error()

    def _make_grade_error(self):
        return UserError(
            self.env._(
                "A customer's grade is not written by hand. Write a grade declaration; its "
                "approval sets the grade. Grades of old are taken over by a service manager under "
                "Grading, Grade History."
            )
        )

    @api.model
    def _get_import_template_rows(self):
        """Without the grade, which is not imported with the customer."""
        return [
            {name: value for name, value in row.items() if name not in GRADES}
            for row in super()._get_import_template_rows()
        ]

    def action_open_crm_score(self):
        """Why the customer's computed grade is what it is: the latest score.

        :raise UserError: the customer was never graded
        """
        self.ensure_one()
        self.env["crm.grading.score"].check_access("read")
        partner = self.commercial_partner_id
        scores = self.env["crm.grading.score"]._get_latest(partner, self.env.company)
        if partner.id not in scores:
            raise UserError(
                self.env._(
                    "%s was not graded yet: only customers with a customer type are, every "
                    "quarter.",
                    partner.display_name,
                )
            )
        scores[partner.id].check_access("read")
        return scores[partner.id].get_formview_action()

    def action_open_crm_scores(self):
        """The customer's totals over time, as a line."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_grading.crm_grading_score_action_history"
        )
        action["domain"] = [
            ("partner_id", "=", self.commercial_partner_id.id),
            ("is_trial", "=", False),
        ]
        action["context"] = {}
        return action

    def action_open_crm_grade_history(self):
        """The grades the customer had."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_grading.crm_grade_history_action"
        )
        action["domain"] = Domain("partner_id", "=", self.commercial_partner_id.id)
        action["context"] = {"default_partner_id": self.commercial_partner_id.id}
        return action

    def action_declare_crm_grade(self):
        """An empty declaration for the customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Grade Declaration"),
            "res_model": "crm.grade.declaration",
            "view_mode": "form",
            "context": {"default_partner_id": self.commercial_partner_id.id},
        }

    def action_crm_grade_selection(self):
        """A grading of the chosen customers only."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Grade Customers"),
            "res_model": "crm.grading.run",
            "view_mode": "form",
            "context": {"default_partner_ids": self.commercial_partner_id.ids},
        }
