from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CrmApprovalRouteStep(models.Model):
    """One step of a route: whose approval is needed, and within what time."""

    _name = "crm.approval.route.step"
    _description = "Step of an Approval Route"
    _order = "sequence, id"

    route_id = fields.Many2one("crm.approval.route", required=True, index=True, ondelete="cascade")
    res_model = fields.Selection(related="route_id.res_model")
    sequence = fields.Integer(default=10)
    name = fields.Char("Role", required=True, translate=True, help="Printed at the signature.")
    approver_kind = fields.Selection(
        [
            ("department_head", "Head of the document's department"),
            ("field", "A person named in the document"),
            ("group", "A group"),
            ("users", "Named persons"),
        ],
        "Approved By",
        required=True,
        default="department_head",
    )
    user_field = fields.Char("Field", help="Field of the document with the user, e.g. the leader.")
    group_id = fields.Many2one("res.groups", ondelete="set null")
    user_ids = fields.Many2many(
        "res.users",
        "crm_approval_route_step_user_rel",
        "step_id",
        "user_id",
        "Persons",
        domain="[('share', '=', False)]",
    )
    mode = fields.Selection(
        [("one", "One is enough"), ("all", "All are needed")], required=True, default="one"
    )
    hours_limit = fields.Float(
        "Time Limit",
        help="Hours from the moment the step opens: working hours of the company's calendar "
        "where there is one, else hours by the clock. Zero: no limit.",
    )
    hours_remind = fields.Float(
        "Remind After",
        help="Hours, counted like the time limit, after which the approvers get a reminder. "
        "Zero: none.",
    )
    hours_repeat = fields.Float(
        "Remind Again Every", help="Hours between two reminders. Zero: one reminder only."
    )
    hours_escalate = fields.Float(
        "Escalate After",
        help="Hours after which a superior is told: the head of the department above, else the "
        "fallback group, else the service managers. Where one approver is enough, they may "
        "decide as well. Zero: never.",
    )
    fallback_group_id = fields.Many2one(
        "res.groups",
        "Else Approved By",
        ondelete="set null",
        default=lambda self: self.env.ref("crm_service_base.group_manager", False),
        help="Decides when nobody else may, e.g. because the head submits his own document.",
    )

    _hours_limit_positive = models.Constraint(
        "CHECK (hours_limit >= 0 AND hours_remind >= 0 AND hours_repeat >= 0 "
        "AND hours_escalate >= 0)",
        "A time limit cannot be negative.",
    )

    @api.constrains("approver_kind", "user_field", "group_id", "user_ids")
    def _check_approvers(self):
        for step in self:
            source = {"field": "user_field", "group": "group_id", "users": "user_ids"}
            name = source.get(step.approver_kind)
            if name and not step[name]:
                raise ValidationError(
                    self.env._(
                        "Fill in “%(field)s” for step “%(step)s”.",
                        field=self._fields[name]._description_string(self.env),
                        step=step.name,
                    )
                )
            if name == "user_field":
                step._check_user_field()

    def _check_user_field(self):
        model = self.env[self.route_id.res_model]
        for name in self.user_field.split("."):
            field = model._fields.get(name)
            model = self.env.get(field.comodel_name) if field and field.relational else None
            if model is None:
                break
        if model is None or model._name != "res.users":
            raise ValidationError(self.env._("“%s” is no field with a user.", self.user_field))

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps.route_id.sudo()._bump_version()
        return steps

    def write(self, vals):
        routes = self.route_id
        result = super().write(vals)
        (routes | self.route_id).sudo()._bump_version()
        return result

    def unlink(self):
        routes = self.route_id
        result = super().unlink()
        routes.exists().sudo()._bump_version()
        return result

    def _resolve(self, document):
        """Who decides about a document at this step.

        :param document: one document with ``sudo``; its requester is the current user
        :return: ``(res.users, is_fallback)``
        :raise UserError: nobody, not even of the fallback group
        """
        for users in self._get_candidates(document):
            users = self._filter_eligible(users, document, self.env.user)
            if users:
                return users, False
        users = self._filter_eligible(self.fallback_group_id.all_user_ids, document, self.env.user)
        if not users:
            raise UserError(
                self.env._(
                    "Nobody could approve step “%(step)s” of %(document)s: who submits or wrote a "
                    "document does not approve it. Ask a service manager to name somebody else "
                    "in route “%(route)s”.",
                    step=self.name,
                    document=document.display_name,
                    route=self.route_id.name,
                )
            )
        return users, True

    def _get_candidates(self, document):
        """Sets of users to try one after the other; the first that holds somebody is taken.

        :return: iterable of ``res.users``
        """
        match self.approver_kind:
            case "field":
                return [document.mapped(self.user_field)]
            case "group":
                return [self.group_id.all_user_ids]
            case "users":
                return [self.user_ids]
            case _:
                return self._get_department_candidates(document)

    def _get_department_candidates(self, document):
        """Head, deputy, then the same of the departments above."""
        if "department_id" in document._fields:
            department = document["department_id"]
            while department:
                yield department.head_id
                yield department.deputy_id
                department = department.parent_id

    @api.model
    def _filter_eligible(self, users, document, requester):
        """Drop requester, author, archived and outside users, and those of other companies."""
        company = document._approval_company()
        users -= requester | document._approval_document_author()
        return users.filtered(
            lambda user: (
                user.active and not user.share and (not company or company in user.company_ids)
            )
        )
