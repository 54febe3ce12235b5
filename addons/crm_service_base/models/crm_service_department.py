from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError


class CrmServiceDepartment(models.Model):
    """Who signs first and who gets copies; the HR app is not needed for it."""

    _name = "crm.service.department"
    _description = "Service Department"
    _parent_store = True
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    parent_id = fields.Many2one(
        "crm.service.department",
        index=True,
        ondelete="restrict",
        domain="[('company_id', '=', company_id)]",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("crm.service.department", "parent_id")
    head_id = fields.Many2one(
        "res.users",
        help="Signs the department's plans and records.",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    deputy_id = fields.Many2one(
        "res.users",
        help="Signs when the head is absent or is the author.",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    member_ids = fields.Many2many(
        "res.users",
        "crm_service_department_member_rel",
        "department_id",
        "user_id",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    copy_user_ids = fields.Many2many(
        "res.users",
        "crm_service_department_copy_rel",
        "department_id",
        "user_id",
        string="Copies To",
        help="Get a copy of what is sent to the department.",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    active = fields.Boolean(default=True)

    @api.constrains("parent_id", "company_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A department cannot be part of itself."))
        for department in self.filtered("parent_id"):
            if department.parent_id.company_id != department.company_id:
                raise ValidationError(
                    self.env._(
                        "%s and the department above it must be of one company.", department.name
                    )
                )

    @api.model
    def _get_user_department(self, user, company):
        """The department a user works in.

        :param user: ``res.users`` record
        :param company: ``res.company`` whose departments count
        :return: the first ``crm.service.department`` with the user as head or member,
            or an empty record
        """
        return self.sudo().browse(self._find_user_department(user.id, company.id))

    @api.model
    @tools.ormcache("user_id", "company_id")
    def _find_user_department(self, user_id, company_id):
        """Asked for each document that is created.

        :return: id, or an empty tuple
        """
        own = ["|", ("member_ids", "in", user_id), ("head_id", "in", user_id)]
        departments = self.sudo().with_context({})
        return departments.search([("company_id", "=", company_id), *own], limit=1).id or ()

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        res = super().write(vals)
        self.env.registry.clear_cache()
        return res

    def unlink(self):
        res = super().unlink()
        self.env.registry.clear_cache()
        return res

    def _get_recipients(self):
        """Who gets what is sent to these departments: heads and recipients of copies.

        :return: ``res.users``; where a department names nobody, its members
        """
        users = self.env["res.users"]
        for department in self.sudo():
            named = department.head_id | department.copy_user_ids
            users |= named or department.member_ids
        return users
