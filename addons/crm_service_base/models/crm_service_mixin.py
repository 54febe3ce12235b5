from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import groupby


class CrmServiceMixin(models.AbstractModel):
    """What every customer service document has: number, customer, owner, department, company.

    No state and no stages: those are the document's own. The number comes from the
    ``ir.sequence`` whose code is the model's name; it is drawn on the server for everybody,
    so nobody chooses one.
    """

    _name = "crm.service.mixin"
    _inherit = ["crm.access.mixin"]
    _description = "Customer Service Document"
    _order = "id desc"

    name = fields.Char("Number", readonly=True, copy=False, index="trigram")
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Customer Company",
        store=True,
        index=True,
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        default=lambda self: self.env.user,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    department_id = fields.Many2one(
        "crm.service.department",
        compute="_compute_department_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    # found by the index of the numbers
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    active = fields.Boolean(default=True, copy=False)
    date_filed = fields.Datetime("Filed On", readonly=True, copy=False)
    filed_by_id = fields.Many2one("res.users", readonly=True, copy=False)

    _number_uniq = models.UniqueIndex(
        "(company_id, name)", "This number is taken by another document."
    )

    @api.depends("user_id", "company_id")
    def _compute_department_id(self):
        for (user, company), documents in groupby(self, lambda d: (d.user_id, d.company_id)):
            department = self.env["crm.service.department"]
            if user:
                department = department._get_user_department(user, company)
            self.browse().concat(*documents).department_id = department

    @api.model_create_multi
    def create(self, vals_list):
        by_company = groupby(
            vals_list, lambda vals: vals.get("company_id") or self._default_number_company().id
        )
        for company_id, group in by_company:
            company = self.env["res.company"].browse(company_id)
            numbers = self.env["ir.sequence"]._next_batch(self._name, len(group), company)
            for vals, number in zip(group, numbers, strict=True):
                vals["name"] = number
        initial = {"date_filed": False, "filed_by_id": False}
        if not (self.env.su or self.env.user.has_group("crm_service_base.group_supervisor")):
            initial["active"] = True
        for vals in vals_list:
            vals.update(initial)
        return super().create(vals_list)

    def _default_number_company(self):
        return self.env["res.company"].browse(
            self.default_get(["company_id"]).get("company_id") or self.env.company.id
        )

    def write(self, vals):
        if not self.env.su:
            self._check_service_write(vals)
        return super().write(vals)

    def _check_service_write(self, vals):
        """Numbers and filing are the server's; only a supervisor archives.

        :raise AccessError: somebody writes a number or a filing date
        :raise UserError: a filed document, or archiving without the right
        """
        if not vals.keys().isdisjoint(("name", "date_filed", "filed_by_id")):
            raise AccessError(self.env._("Numbers and filing dates are given by the system."))
        if "active" in vals and not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise UserError(
                self.env._("Please ask your supervisor: only supervisors archive documents.")
            )

    def _can_file(self):
        """Whether each document may be filed now; a document refines it with its state.

        :return: bool for a single record
        """
        self.ensure_one()
        return not self.date_filed

    def action_file(self):
        """File the documents that are finished (A1.R10); the others are left alone.

        :raise AccessError: the user is no supervisor of customer service
        :raise UserError: none of the documents can be filed
        """
        self.check_access("read")
        if not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(self.env._("Only supervisors of customer service file documents."))
        ready = self.filtered(lambda document: document._can_file())
        if not ready:
            raise UserError(
                self.env._("None of these documents can be filed: finish and sign them first.")
            )
        ready._file()

    def _file(self):
        self.sudo().write({"date_filed": fields.Datetime.now(), "filed_by_id": self.env.uid})

    @api.model
    def _get_filing_limit(self):
        """What was finished before is filed by itself; the parameter holds days (wall-clock).

        :return: datetime, UTC
        """
        parameters = self.env["ir.config_parameter"].sudo()
        days = int(parameters.get_param("crm_service_base.filing_delay_days", 30))
        return fields.Datetime.subtract(fields.Datetime.now(), days=days)

    @api.model
    def _file_finished(self, states, limit):
        """File the documents that reached an end before a time; safe to run again.

        :param states: end states of the document
        :param datetime limit: last change before it, UTC
        """
        domain = [
            ("state", "in", states),
            ("date_filed", "=", False),
            ("write_date", "<", limit),
        ]
        while batch := self.sudo().search(domain, limit=1000, order="id"):
            batch._file()
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break
