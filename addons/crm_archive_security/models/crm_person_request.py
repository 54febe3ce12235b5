from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.state_order import in_order

OPEN = ("received", "verified")


class CrmPersonRequest(models.Model):
    """What a person asks about the data kept of him, and by when it is answered (D4.R1)."""

    _name = "crm.person.request"
    _description = "Request of a Person about Data"
    _inherit = ["crm.service.moved.mixin"]
    _order = "date_deadline, id"
    _check_company_auto = True

    _stamps = ("date_verified", "date_answered", "date_told")
    _editable_states = OPEN

    partner_id = fields.Many2one(string="Person", required=True)
    user_id = fields.Many2one(string="Answered By", required=True)
    kind = fields.Selection(
        [
            ("read", "See What Is Kept"),
            ("copy", "Get a Copy"),
            ("correct", "Correct or Complete"),
            ("delete", "Delete"),
            ("restrict", "Restrict the Use"),
            ("withdraw", "Withdraw Consent"),
            ("explain", "Explain the Rules"),
        ],
        required=True,
        default="read",
        index=True,
    )
    state = fields.Selection(
        [
            ("received", "Received"),
            ("verified", "Identity Verified"),
            ("answered", "Answered"),
            ("refused", "Refused"),
        ],
        required=True,
        default="received",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    channel = fields.Selection(
        [
            ("phone", "Phone"),
            ("letter", "Letter"),
            ("mail", "Mail"),
            ("visit", "In Person"),
            ("online", "Online"),
        ],
        required=True,
        default="phone",
    )
    description = fields.Text("What Is Asked", required=True)
    date_received = fields.Date("Received On", required=True, default=fields.Date.context_today)
    date_deadline = fields.Date(
        "Answer Until", compute="_compute_date_deadline", store=True, precompute=True, index=True
    )
    identity = fields.Text(
        "How Identity Was Verified", help="By which document or number; do not copy it in here."
    )
    date_verified = fields.Datetime("Verified On", readonly=True, copy=False)
    answer = fields.Text(help="What was done and told, or why it is refused.")
    date_answered = fields.Datetime("Answered On", readonly=True, copy=False)
    date_told = fields.Datetime("Delay Reported On", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    @api.depends("date_received", "company_id")
    def _compute_date_deadline(self):
        for request in self:
            days = timedelta(days=request.company_id.crm_person_request_days)
            start = request.date_received
            request.date_deadline = start and start + days

    @api.depends("state", "date_deadline")
    def _compute_is_overdue(self):
        overdue = self.filtered_domain(self._get_overdue_domain())
        for request in self:
            request.is_overdue = request in overdue

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_overdue_domain()
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    @api.model
    def _get_overdue_domain(self, day=None):
        day = day or fields.Date.context_today(self)
        return Domain("state", "in", OPEN) & Domain("date_deadline", "<", day)

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for request in self:
            parts = [request.name, request.partner_id.display_name]
            request.display_name = " · ".join(filter(None, parts))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_received(self):
        raise UserError(self.env._("Requests of persons are kept: answer or refuse it."))

    def _can_file(self):
        return super()._can_file() and self.state in ("answered", "refused")

    def action_verify(self):
        """It is the person himself who asks, or somebody he sent.

        :raise UserError: it does not say how that was verified
        """
        self._begin(("received",))
        for request in self:
            if not (request.identity or "").strip():
                raise UserError(
                    self.env._(
                        "Write how the identity of %s was verified.", request.partner_id.name
                    )
                )
        self.sudo().write({"state": "verified", "date_verified": fields.Datetime.now()})

    def action_answer(self):
        """The request is done and the person was told.

        :raise UserError: identity not verified, or no answer
        """
        self._begin(("verified",))
        self._finish("answered")

    def action_refuse(self):
        """The request is refused, with its reason; whoever is not identified is refused too."""
        self._begin(OPEN)
        self._finish("refused")

    def _begin(self, states):
        self.check_access("write")
        self._lock()
        self._check_state(states)

    def _finish(self, state):
        for request in self:
            if not (request.answer or "").strip():
                raise UserError(self.env._("Write what %s was answered.", request.partner_id.name))
        self.sudo().write({"state": state, "date_answered": fields.Datetime.now()})

    @api.model
    def _cron_report_overdue(self):
        """Tell who answers and his head once of requests not answered in time."""
        late = self.browse()
        for company in self.env["res.company"].search(Domain.TRUE):
            domain = self._get_overdue_domain(company._get_crm_today())
            domain &= Domain("company_id", "=", company.id) & Domain("date_told", "=", False)
            late |= self.search(domain, order="date_deadline, id")
        self.env["ir.cron"]._crm_each(late, lambda rows: rows._report_overdue())

    def _report_overdue(self):
        for request in self:
            request.date_told = fields.Datetime.now()
            request._tell(
                request.user_id | request.department_id.head_id,
                self.env._("Not answered in time: %s", request.display_name),
                request.description,
            )
