from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

# what revoking writes
REVOKED = ("date_revoked", "revoked_by_id", "revoked_by_name")


class CrmCaseAuthorization(models.Model):
    """The customer allows remote access to the system: who, how, for what and until when (C3.R15).

    Nothing of it changes afterwards; it is revoked at once, and a new one is written for more.
    """

    _name = "crm.case.authorization"
    _description = "Authorization of Remote Access"
    _inherit = ["crm.access.mixin"]
    _order = "id desc"
    _rec_name = "contact"

    case_id = fields.Many2one(
        "crm.service.case", required=True, index=True, ondelete="restrict", readonly=True
    )
    contact = fields.Char("Authorized By", required=True, help="Who of the customer said so.")
    method = fields.Selection(
        [
            ("phone", "By Phone"),
            ("email", "By E-Mail"),
            ("chat", "By Chat, WeChat or QQ"),
            ("written", "In Writing"),
            ("face", "Face to Face"),
        ],
        "How",
        required=True,
        default="phone",
    )
    date = fields.Datetime(
        "Authorized On", required=True, default=lambda self: fields.Datetime.now()
    )
    scope = fields.Text(required=True, help="Which system, and what may be done there.")
    date_until = fields.Datetime("Until", required=True)
    user_id = fields.Many2one(
        "res.users",
        "Recorded By",
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    date_revoked = fields.Datetime("Revoked On", readonly=True)
    revoked_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    revoked_by_name = fields.Char(
        "Taken Back By", readonly=True, help="Who it was: a colleague, or somebody of the customer."
    )
    is_valid = fields.Boolean("Valid Now", compute="_compute_is_valid", search="_search_is_valid")

    _dates_in_order = models.Constraint(
        "CHECK(date_until > date)", "An authorization ends after it was given."
    )

    @api.depends("date", "date_until", "date_revoked")
    def _compute_is_valid(self):
        now = fields.Datetime.now()
        for entry in self:
            is_current = entry.date and entry.date_until and entry.date <= now < entry.date_until
            entry.is_valid = bool(is_current) and not entry.date_revoked

    def _search_is_valid(self, operator, value):
        if operator != "in":
            return NotImplemented
        valid = Domain(
            [("date", "<=", "now"), ("date_until", ">", "now"), ("date_revoked", "=", False)]
        )
        return Domain.OR(valid if wanted else ~valid for wanted in value)

    @api.constrains("date")
    def _check_date(self):
        limit = fields.Datetime.add(fields.Datetime.now(), minutes=5)
        if any(entry.date > limit for entry in self):
            raise ValidationError(
                self.env._("An authorization is recorded once the customer gave it.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            server = {"user_id": self.env.uid, **dict.fromkeys(REVOKED, False)}
            vals_list = [{**vals, **server} for vals in vals_list]
        entries = super().create(vals_list)
        if not self.env.su:
            entries.case_id.check_access("write")
            entries.case_id._check_state(("open",), self.env._("changed"))
        for entry in entries.sudo():
            entry.case_id._message_log(
                body=self.env._(
                    "%(contact)s authorized remote access: %(scope)s",
                    contact=entry.contact,
                    scope=entry.scope,
                )
            )
        return entries

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            raise AccessError(
                self.env._("An authorization stays as it was given: revoke it, record a new one.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Authorizations are kept: revoke this one."))

    def action_revoke(self):
        """The customer takes it back: from now on nobody connects (C3.R15).

        :raise AccessError: the case is not the user's
        :raise UserError: revoked before
        """
        self.check_access("read")
        self.case_id.check_access("write")
        self._revoke(self.env.user, self.env.user.name)

    def _revoke(self, user, name):
        """Nobody connects any more, and the owner of the case is told at once.

        :param user: ``res.users`` who revokes, empty for somebody who came by a link
        :param str name: of who revokes
        :raise UserError: revoked before
        """
        if any(entry.date_revoked for entry in self):
            raise UserError(self.env._("This authorization is revoked already."))
        now = fields.Datetime.now()
        self.sudo().write({"date_revoked": now, "revoked_by_id": user.id, "revoked_by_name": name})
        for entry in self.sudo():
            case = entry.case_id.with_context(lang=entry.case_id.company_id._get_crm_lang())
            body = case.env._("%s revoked the remote access: disconnect now.", name)
            case._message_log(body=body)
            owner = case.user_id - user
            if owner.active:
                case.message_notify(
                    partner_ids=owner.partner_id.ids, subject=case.display_name, body=body
                )
