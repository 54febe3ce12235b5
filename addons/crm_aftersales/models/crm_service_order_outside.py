from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list

OUTSIDE_FIELDS = (
    "outside_kind",
    "outside_department_id",
    "outside_partner_id",
    "outside_contact",
    "outside_reason",
    "outside_asked_by_id",
    "date_outside_asked",
    "outside_consent_by_id",
    "date_outside_consent",
)


class CrmServiceOrder(models.Model):
    """Nobody of the department is there: others go, after the manager's consent (C2.R11)."""

    _name = "crm.service.order"
    _inherit = ["crm.service.order"]

    outside_kind = fields.Selection(
        [("department", "Another Department"), ("partner", "Partner Company")],
        "Helped Out By",
        readonly=True,
        copy=False,
    )
    outside_department_id = fields.Many2one(
        "crm.service.department",
        "Helping Department",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    outside_partner_id = fields.Many2one(
        "res.partner",
        "Helping Company",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    outside_contact = fields.Char("Person and Phone", readonly=True, copy=False)
    outside_reason = fields.Text("Why Others Go", readonly=True, copy=False)
    outside_asked_by_id = fields.Many2one("res.users", "Asked By", readonly=True, copy=False)
    date_outside_asked = fields.Datetime("Asked On", readonly=True, copy=False)
    outside_consent_by_id = fields.Many2one("res.users", "Consent By", readonly=True, copy=False)
    date_outside_consent = fields.Datetime("Consent On", readonly=True, copy=False)
    is_outside_consenter = fields.Boolean(compute="_compute_is_outside_consenter")

    @api.depends("outside_kind", "outside_consent_by_id", "department_id", "state")
    @api.depends_context("uid")
    def _compute_is_outside_consenter(self):
        for order in self:
            asked = order.outside_kind and not order.outside_consent_by_id
            is_open = order.state in ("draft", "submitted", "approved")
            order.is_outside_consenter = bool(asked) and is_open and order._can_consent()

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | set(OUTSIDE_FIELDS)

    def _can_consent(self):
        """Whether the user is a manager of this order: head or deputy of its department, or a
        service manager."""
        self.ensure_one()
        department = self.sudo().department_id
        is_head = self.env.user in (department.head_id | department.deputy_id)
        return is_head or self._is_approval_manager()

    def _ask_outside(self, values):
        """Ask the manager whether others may go.

        :param dict values: ``outside_kind``, ``outside_department_id`` or ``outside_partner_id``,
            ``outside_contact``, ``outside_reason``
        :raise AccessError: not the planner
        :raise UserError: somebody set off, or something is missing
        """
        self.ensure_one()
        self.check_access("write")
        if not self._can_plan():
            raise AccessError(self.env._("Who goes is planned by whoever took the order."))
        self._check_state(("draft", "submitted", "approved"))
        is_named = values.get(f"outside_{values.get('outside_kind')}_id")
        if not is_named or not (values.get("outside_reason") or "").strip():
            raise UserError(self.env._("Say who goes instead, and why nobody of ours can."))
        blank = dict.fromkeys(OUTSIDE_FIELDS, False)
        order = self.sudo()
        order.write(
            {
                **blank,
                **{name: values[name] for name in OUTSIDE_FIELDS[:5] if name in values},
                "outside_asked_by_id": self.env.uid,
                "date_outside_asked": fields.Datetime.now(),
            }
        )
        order._tell_outside()

    def _tell_outside(self):
        """The head of the department is asked for the consent."""
        self._tell_department(self.env._("Others are to go: consent needed"), self.outside_reason)

    def action_consent_outside(self):
        """The manager lets another department or a partner company go (C2.R11).

        :raise AccessError: not a manager of the order
        :raise UserError: nobody asked for it, or somebody set off
        """
        self.check_access("read")
        for order in self:
            if not order._can_consent():
                raise AccessError(
                    self.env._(
                        "The head of the department or a service manager consents to others going."
                    )
                )
            order._check_state(("draft", "submitted", "approved"))
            asked = order.sudo()
            if not asked.outside_kind:
                raise UserError(self.env._("Nobody asked for help on order %s.", asked.name))
            asked.write(
                {
                    "outside_consent_by_id": self.env.uid,
                    "date_outside_consent": fields.Datetime.now(),
                }
            )
            asked._message_log(body=self.env._("Consent that %s goes.", asked._get_outside_name()))
            asked.activity_feedback(["mail.mail_activity_data_todo"])
        return True

    def _get_outside_name(self):
        """:return: str, who goes instead"""
        self.ensure_one()
        order = self.sudo()
        return order.outside_department_id.name or order.outside_partner_id.display_name or ""

    def action_ask_outside(self):
        """Name the department or company that is to go."""
        return self._open_order_dialog("outside", self.env._("Let Others Go"))

    # ------------------------------------------------------------------ who may go

    def _has_somebody(self):
        is_outside = self.outside_kind == "partner" and self.outside_consent_by_id
        return super()._has_somebody() or bool(is_outside)

    def _can_work(self):
        """Where a partner company goes, whoever took the order notes its way."""
        is_noted = self.sudo().outside_kind == "partner" and not self.sudo().staff_ids
        return super()._can_work() or (is_noted and self._can_plan())

    def _check_depart(self):
        super()._check_depart()
        if self.outside_kind and not self.outside_consent_by_id:
            raise UserError(
                self.env._(
                    "The manager has not consented yet that %(who)s goes on order %(order)s.",
                    who=self._get_outside_name(),
                    order=self.name,
                )
            )
        if strangers := self._get_strangers():
            raise UserError(
                self.env._(
                    "%(people)s: not of the department %(department)s. Press “Let Others Go” and "
                    "have the manager consent first.",
                    people=format_list(self.env, strangers.mapped("name")),
                    department=self.department_id.name,
                )
            )

    def _get_strangers(self):
        """Who goes, and is neither of the department nor of the one that helps.

        :return: ``res.users``
        """
        self.ensure_one()
        departments = self.department_id | self.outside_department_id
        departments = self.env["crm.service.department"].search(
            [("id", "child_of", departments.ids)]
        )
        return self.staff_ids - departments._get_staff()
