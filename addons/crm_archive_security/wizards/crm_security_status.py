from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_list

READERS = (
    "crm_archive_security.group_security_officer",
    "crm_service_base.group_manager",
    "crm_service_base.group_general_manager",
    "crm_service_base.group_auditor",
)
# what the classified protection scheme of the country asks for
PASSWORD_LENGTH = 8
SESSION_SECONDS = 8 * 3600


class CrmSecurityStatus(models.TransientModel):
    """安全状态: how accounts, passwords, agreements and duties stand today (B6.R1, B6.R4)."""

    _name = "crm.security.status"
    _description = "Security Status"
    _inherit = ["crm.access.mixin"]

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date = fields.Datetime("As Of", default=fields.Datetime.now, readonly=True)
    report = fields.Html(compute="_compute_report", sanitize=False)
    good_count = fields.Integer("Good", compute="_compute_report")
    bad_count = fields.Integer("To Be Done", compute="_compute_report")

    @api.model_create_multi
    def create(self, vals_list):
        self._check_reader()
        return super().create(vals_list)

    def _check_reader(self):
        """:raise AccessError: neither security administrator, manager nor auditor"""
        if not any(self.env.user.has_group(group) for group in READERS):
            raise AccessError(
                self.env._("The security status is for those who answer for security.")
            )

    @api.depends_context("lang")
    def _compute_display_name(self):
        self.display_name = self.env._("Security Status")

    @api.depends("company_id", "date")
    @api.depends_context("uid", "lang")
    def _compute_report(self):
        self._check_reader()
        for status in self:
            lines = status._get_lines()
            status.good_count = sum(is_good for is_good, _title, _text in lines)
            status.bad_count = len(lines) - status.good_count
            status.report = Markup("<table class='table table-sm'>%s</table>") % Markup("").join(
                Markup("<tr><td><i class='fa fa-fw %s'></i></td><th>%s</th><td>%s</td></tr>")
                % ("fa-check text-success" if ok else "fa-times text-danger", title, text)
                for ok, title, text in lines
            )

    def _get_lines(self):
        """What is checked; an addon adds its own with ``super()``.

        :return: list of triples: whether it is as it should be, what it is, and the figures
        """
        self.ensure_one()
        return [
            self._get_password_line(),
            self._get_rotation_line(),
            self._get_second_factor_line(),
            self._get_session_line(),
            self._get_person_line(),
            self._get_agreement_line(),
            self._get_training_line(),
            self._get_duty_line(),
        ]

    @api.model
    def _get_parameter(self, name, default):
        value = self.env["ir.config_parameter"].sudo().get_param(name, default)
        return int(value) if str(value).isdigit() else default

    def _get_users(self):
        """:return: ``res.users``, the accounts of the company's people"""
        domain = [("share", "=", False), ("company_ids", "in", self.company_id.ids)]
        return self.env["res.users"].sudo().search(domain)

    def _get_password_line(self):
        length = self._get_parameter("auth_password_policy.minlength", 0)
        return (
            length >= PASSWORD_LENGTH,
            self.env._("Length of passwords"),
            self.env._(
                "At least %(length)s characters are asked for; %(wanted)s are wanted.",
                length=length,
                wanted=PASSWORD_LENGTH,
            ),
        )

    def _get_rotation_line(self):
        users = self.env["res.users"]._get_crm_old_passwords(self.company_id)
        return (
            not users,
            self.env._("Age of passwords"),
            self._get_names(
                users, self.env._("All were changed within %s days.", self._get_days())
            ),
        )

    def _get_days(self):
        return self.company_id.sudo().crm_password_days

    def _get_second_factor_line(self):
        users = self._get_users()
        has_totp = "totp_enabled" in users._fields
        without = users.filtered(lambda user: not user.totp_enabled) if has_totp else users
        return (
            not without,
            self.env._("Second factor"),
            self._get_names(without, self.env._("Everybody signs in with two factors.")),
        )

    def _get_session_line(self):
        seconds = self._get_parameter("sessions.max_inactivity_seconds", 7 * 24 * 3600)
        return (
            seconds <= SESSION_SECONDS,
            self.env._("Session time-out"),
            self.env._(
                "Sessions end after %(hours)s hours without use; %(wanted)s at most are wanted.",
                hours=round(seconds / 3600, 1),
                wanted=SESSION_SECONDS // 3600,
            ),
        )

    def _get_person_line(self):
        """Accounts of one mail address are used by several, or several by one."""
        users = self._get_users().filtered("email")
        by_address = users.grouped(lambda user: user.email.strip().lower())
        shared = users.browse().concat(*(some for some in by_address.values() if len(some) > 1))
        return (
            not shared,
            self.env._("One account a person"),
            self._get_names(shared, self.env._("No two accounts have the same address.")),
        )

    def _get_agreement_line(self):
        staff = self.env["crm.security.training"]._get_staff(self.company_id)
        missing = staff - self.env["crm.nda"]._get_holders(staff, self.company_id)
        return (
            not missing,
            self.env._("Confidentiality agreements"),
            self._get_names(missing, self.env._("All staff are bound by one.")),
        )

    def _get_training_line(self):
        missing = self.env["crm.security.training"]._get_untrained(self.company_id)
        return (
            not missing,
            self.env._("Security training"),
            self._get_names(missing, self.env._("All staff passed one in time.")),
        )

    def _get_duty_line(self):
        duties = self.env["crm.security.duty"]._get_open(self.company_id)
        return (
            not duties,
            self.env._("Duties of the deployment"),
            self._get_names(duties, self.env._("All were checked in time and are met.")),
        )

    def _get_names(self, records, otherwise):
        """What is missing, by name; of many the first ten."""
        if not records:
            return otherwise
        names = records[:10].mapped("name")
        text = format_list(self.env, names)
        if len(records) > 10:
            text = self.env._("%(names)s and %(count)s more", names=text, count=len(records) - 10)
        return self.env._("Missing: %s", text)
