from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmConsent(models.Model):
    """客户同意: to what a person agreed, through which channel, with which proof (B2.R1, D4.R1)."""

    _name = "crm.consent"
    _description = "Consent"
    _inherit = ["crm.service.moved.mixin"]
    _order = "date_given desc, id desc"
    _check_company_auto = True

    _stamps = ("date_withdrawn", "withdrawn_by_id")

    partner_id = fields.Many2one(string="Person or Customer", required=True)
    user_id = fields.Many2one(string="Asked By", required=True)
    purpose_ids = fields.Many2many(
        "crm.consent.purpose",
        "crm_consent_purpose_rel",
        "consent_id",
        "purpose_id",
        "Purposes",
        required=True,
        ondelete="restrict",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("given", "Given"), ("withdrawn", "Withdrawn")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    channel = fields.Selection(
        [
            ("talk", "Business Talks"),
            ("questionnaire", "Questionnaire"),
            ("feedback", "Customer Feedback"),
            ("research", "Market Research"),
            ("paper", "Signed Paper"),
            ("online", "Online"),
        ],
        required=True,
        default="talk",
    )
    date_given = fields.Date(
        "Given On", required=True, default=fields.Date.context_today, copy=False
    )
    date_to = fields.Date("Valid Until", copy=False, help="Empty: until it is withdrawn.")
    proof = fields.Text(
        help="What proves it: number of the paper, of the recording, of the questionnaire."
    )
    proof_file = fields.Binary("Proof as a File", attachment=True, copy=False)
    proof_file_name = fields.Char(copy=False)
    withdrawal = fields.Text("Withdrawn How", copy=False)
    date_withdrawn = fields.Datetime("Withdrawn On", readonly=True, copy=False)
    withdrawn_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    is_valid = fields.Boolean("Holds Today", compute="_compute_is_valid", search="_search_is_valid")

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_given)", "A consent cannot end before it was given."
    )

    @api.depends("state", "date_given", "date_to")
    def _compute_is_valid(self):
        valid = self.filtered_domain(self._get_valid_domain())
        for consent in self:
            consent.is_valid = consent in valid

    def _search_is_valid(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_valid_domain()
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    @api.model
    def _get_valid_domain(self, day=None):
        """:return: ``Domain`` of the consents that hold on a day (today)"""
        day = day or fields.Date.context_today(self)
        return (
            Domain("state", "=", "given")
            & Domain("date_given", "<=", day)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", day))
        )

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for consent in self:
            parts = [consent.name, consent.partner_id.display_name]
            consent.display_name = " · ".join(filter(None, parts))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given(self):
        if any(consent.state != "draft" for consent in self):
            raise UserError(self.env._("Consents are kept: have it withdrawn instead."))

    def _get_open_fields(self):
        return super()._get_open_fields() | {"withdrawal"}

    def action_give(self):
        """The person consented, and there is a proof of it.

        :raise UserError: no draft, no purpose, no proof
        """
        self.check_access("write")
        self._lock()
        self._check_state(("draft",))
        for consent in self:
            if not consent.purpose_ids:
                raise UserError(
                    self.env._("Say to which purposes %s consented.", consent.partner_id.name)
                )
            if not (consent.proof or "").strip() and not consent.proof_file:
                raise UserError(
                    self.env._("Write what proves the consent of %s.", consent.partner_id.name)
                )
        self.sudo().state = "given"

    def action_withdraw(self):
        """The person takes the consent back: somebody has to clean what rests on it.

        :raise UserError: not given, or it does not say how it was withdrawn
        """
        self.check_access("write")
        self._lock()
        self._check_state(("given",))
        for consent in self:
            consent._check_note(consent.withdrawal)
        self.sudo().write(
            {
                "state": "withdrawn",
                "date_withdrawn": fields.Datetime.now(),
                "withdrawn_by_id": self.env.uid,
            }
        )
        for consent in self.sudo():
            consent.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=consent.user_id.id,
                summary=self.env._("Clean what was kept under the consent that is withdrawn"),
            )
