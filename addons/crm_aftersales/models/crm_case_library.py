from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_service_base.tools.state_order import in_order

from .crm_service_case import KINDS


class CrmCaseLibrary(models.Model):
    """典型投诉案例库: what a complaint taught, for whoever meets the next one (E2.R9).

    Taken from a closed complaint in one click, without names and numbers; a supervisor reviews
    it before it is offered to others.
    """

    _name = "crm.case.library"
    _description = "Typical Case"
    _inherit = ["crm.service.mixin", "mail.thread"]
    _order = "date_reviewed desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "title", "happening", "lesson"]

    title = fields.Char(required=True, index="trigram")
    user_id = fields.Many2one(string="Written By", required=True)
    case_id = fields.Many2one(
        "crm.service.case",
        "Taken From",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    kind = fields.Selection(KINDS, required=True, default="complaint")
    severity = fields.Selection(
        [("minor", "Minor"), ("major", "Major")], required=True, default="minor"
    )
    category_id = fields.Many2one("crm.case.category", index="btree_not_null", ondelete="restrict")
    product_id = fields.Many2one(
        "product.product", index="btree_not_null", ondelete="restrict", check_company=True
    )
    cause_id = fields.Many2one("crm.case.cause", index="btree_not_null", ondelete="restrict")
    happening = fields.Text("What Happened", required=True)
    cause = fields.Text("How It Came About")
    handling = fields.Text(help="What was done, in which order, and what the customer got.")
    lesson = fields.Text(help="What to do the next time, and what to avoid.")
    state = fields.Selection(
        [("draft", "To Review"), ("reviewed", "In the Library")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_reviewed = fields.Datetime("Reviewed On", readonly=True, copy=False)
    reviewed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    is_editable = fields.Boolean(compute="_compute_is_editable")

    _case_uniq = models.UniqueIndex(
        "(case_id) WHERE case_id IS NOT NULL", "This case is in the library already."
    )

    @api.depends("name", "title")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = " · ".join(filter(None, [entry.name, entry.title]))

    @api.depends("state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_editable(self):
        allowed = self._origin._filtered_access("write")
        for entry in self:
            saved = entry._origin
            entry.is_editable = entry.state in (False, "draft") and (not saved or saved in allowed)

    @api.model
    def _get_server_fields(self):
        """:return: dict of fields that only buttons write to the value they start with"""
        return {"state": "draft", **dict.fromkeys(("date_reviewed", "reviewed_by_id"), False)}

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            initial = {**self._get_server_fields(), "case_id": False}
            vals_list = [{**vals, **initial} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            if (self._get_server_fields().keys() | {"case_id"}) & vals.keys():
                raise AccessError(self.env._("Entries of the library are reviewed with a button."))
            mail = self.env["mail.thread"]._fields.keys() - self.env["base"]._fields.keys()
            if not (mail | {"active"}).issuperset(vals):
                self._check_state("draft")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reviewed(self):
        self._check_state("draft")

    def _can_file(self):
        return super()._can_file() and self.state == "reviewed"

    def action_review(self):
        """Take entries into the library.

        :raise AccessError: the user is no supervisor
        :raise UserError: reviewed already, something is missing, or names are left in it
        """
        self._check_supervisor()
        self._check_state("draft")
        for entry in self:
            entry._check_review()
        self.sudo().write(
            {
                "state": "reviewed",
                "date_reviewed": fields.Datetime.now(),
                "reviewed_by_id": self.env.uid,
            }
        )

    def _check_review(self):
        """:raise UserError: a sentence that names what is missing, or what must not stand there"""
        for name in ("handling", "lesson"):
            if not (self[name] or "").strip():
                caption = self._fields[name]._description_string(self.env)
                raise UserError(
                    self.env._("Fill in “%(field)s” of %(entry)s.", field=caption, entry=self.name)
                )
        case = self.sudo().case_id
        for name in ("title", "happening", "cause", "handling", "lesson"):
            if case and case._anonymise(self[name]) != (self[name] or ""):
                caption = self._fields[name]._description_string(self.env)
                raise UserError(
                    self.env._(
                        "“%s” names the customer, a colleague or a number: take it out.", caption
                    )
                )

    def action_rework(self):
        """Take reviewed entries out again to change them.

        :raise AccessError: the user is no supervisor
        """
        self._check_supervisor()
        self._check_state("reviewed")
        self.sudo().write(self._get_server_fields())

    def _check_supervisor(self):
        self.check_access("write")
        if not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(self.env._("Supervisors review what goes into the library."))

    def _check_state(self, state):
        for entry in self.sudo():
            if entry.state != state:
                raise UserError(
                    self.env._("%s is in the library already.", entry.name)
                    if state == "draft"
                    else self.env._("%s is not in the library yet.", entry.name)
                )

    def action_open_case(self):
        """The case it was taken from."""
        self.ensure_one()
        return self.case_id._get_records_action()
