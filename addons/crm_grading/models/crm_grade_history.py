from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CrmGradeHistory(models.Model):
    """Every grade a customer ever had: who set it, when, why, from which to which.

    The system writes it with each change. Service managers may add the grades that customers
    had before, by hand or by import: that is the only other way to a grade.
    """

    _name = "crm.grade.history"
    _description = "Grade History"
    _inherit = ["crm.import.template.mixin", "crm.department.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date = fields.Datetime("Changed On", required=True, default=fields.Datetime.now, index=True)
    user_id = fields.Many2one(
        "res.users",
        "Changed By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    origin = fields.Selection(
        [
            ("takeover", "Taken Over"),
            ("declaration", "Declaration"),
            ("expiry", "Declaration Expired"),
        ],
        required=True,
        readonly=True,
        default="takeover",
    )
    grade_from_id = fields.Many2one(
        "crm.customer.grade",
        "Grade Before",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    grade_to_id = fields.Many2one(
        "crm.customer.grade", "Grade After", required=True, index=True, ondelete="restrict"
    )
    reason = fields.Text()
    declaration_id = fields.Many2one(
        "crm.grade.declaration", readonly=True, index="btree_not_null", ondelete="restrict"
    )

    @api.depends("partner_id", "grade_to_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.partner_id.name}: {row.grade_to_id.name}"

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        rows = super().create(
            [
                {
                    **vals,
                    "origin": "takeover",
                    "user_id": self.env.uid,
                    "grade_from_id": False,
                    "declaration_id": False,
                }
                for vals in vals_list
            ]
        )
        rows._take_over()
        return rows

    def _take_over(self):
        """Give customers without a grade the one they had before."""
        now = fields.Datetime.now()
        for row in self:
            partner = row.partner_id.commercial_partner_id.sudo().with_company(row.company_id)
            if partner.crm_grade_id:
                raise UserError(
                    self.env._(
                        "%s has a grade already. To change it, write a declaration.",
                        partner.display_name,
                    )
                )
            if row.date > now:
                raise UserError(self.env._("A grade that is taken over cannot lie in the future."))
            row.sudo().partner_id = partner
            partner.crm_grade_id = row.grade_to_id

    @api.model
    def _record_present_grades(self):
        """One row for each grade that stood with a customer before this app was installed."""
        self.env["res.partner"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_grade_history (partner_id, company_id, date, user_id, origin,
                    grade_to_id, create_uid, create_date, write_uid, write_date)
                SELECT p.id, c.id, %(now)s, %(uid)s, 'takeover', g.id, %(uid)s, %(now)s,
                       %(uid)s, %(now)s
                  FROM res_partner p
            CROSS JOIN LATERAL jsonb_each_text(p.crm_grade_id) held
                  JOIN res_company c ON c.id = held.key::integer
                  JOIN crm_customer_grade g ON g.id = held.value::integer
                 WHERE p.crm_grade_id IS NOT NULL AND p.commercial_partner_id = p.id
                   AND NOT EXISTS (SELECT FROM crm_grade_history h
                                    WHERE h.partner_id = p.id AND h.company_id = c.id)
                """,
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )
        self.invalidate_model()

    @api.model
    def _get_import_template_title(self):
        return self.env._("Grades to Take Over")

    @api.model
    def _get_import_template_rows(self):
        customer = self.env["res.partner"].search(
            [("crm_customer_type_id", "!=", False), ("crm_grade_id", "=", False)], limit=1
        )
        return [
            {
                "partner_id": customer.ref or customer.name or self.env._("Customer"),
                "grade_to_id": self.env["crm.customer.grade"].search([], limit=1).display_name,
                "date": fields.Datetime.subtract(fields.Datetime.now(), years=1, microsecond=0),
                "reason": self.env._("As in the directory on paper"),
            }
        ]
