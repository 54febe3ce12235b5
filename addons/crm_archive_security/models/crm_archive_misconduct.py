from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_service_base.tools.state_order import in_order

HANDLERS = ("general_manager", "director")


class CrmArchiveMisconduct(models.Model):
    """违规举报: what a member of staff reports, with the reporter protected (B7.R1).

    The report belongs to the system: neither author nor log name who wrote it. Who it was stands
    in a table that nobody reads; whoever decides looks it up, and that is written down.
    Those whom the report is about see nothing of it.
    """

    _name = "crm.archive.misconduct"
    _description = "Report of Misconduct"
    _inherit = ["crm.service.moved.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "subject"]

    _stamps = (
        "date_received",
        "date_decided",
        "decided_by_id",
        "reward_amount",
        "date_rewarded",
        "is_anonymous",
    )
    _editable_states = ("received", "examining")

    subject = fields.Char(required=True)
    description = fields.Text("What Happened", required=True)
    user_id = fields.Many2one(
        string="Examined By", default=False, help="Examines the report for the general manager."
    )
    accused_ids = fields.Many2many(
        "res.users",
        "crm_archive_misconduct_user_rel",
        "misconduct_id",
        "user_id",
        "About",
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    is_anonymous = fields.Boolean("Anonymous", readonly=True, copy=False)
    date_received = fields.Datetime("Received On", readonly=True, copy=False)
    state = fields.Selection(
        [
            ("received", "Received"),
            ("examining", "Being Examined"),
            ("substantiated", "Substantiated"),
            ("unfounded", "Not Substantiated"),
        ],
        required=True,
        default="received",
        readonly=True,
        copy=False,
        index=True,
        group_expand=in_order,
    )
    examination = fields.Text("What the Examination Found", copy=False)
    consequence = fields.Text("What Follows from It", copy=False)
    date_decided = fields.Datetime("Decided On", readonly=True, copy=False)
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    reward_amount = fields.Monetary("Reward", readonly=True, copy=False)
    date_rewarded = fields.Date("Rewarded On", readonly=True, copy=False)

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for report in self:
            report.display_name = " · ".join(filter(None, [report.name, report.subject]))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Reports come in with “Report Misconduct”."))
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("Reports of misconduct are kept."))

    @api.model
    def _receive(self, user, values, is_anonymous):
        """Take in a report so that nothing of it names the reporter.

        :param user: ``res.users`` who reports
        :param dict values: subject, description, accused_ids, company_id
        :return: ``crm.archive.misconduct`` with ``sudo``
        """
        # everything the server writes by itself carries the system's name, not the reporter's
        model = self.with_user(SUPERUSER_ID).with_context(mail_create_nosubscribe=True)
        now = fields.Datetime.now()
        report = model.create(
            {**values, "user_id": False, "is_anonymous": is_anonymous, "date_received": now}
        )
        if not is_anonymous:
            model.env["crm.archive.misconduct.reporter"].create(
                {"misconduct_id": report.id, "user_id": user.id}
            )
        report._tell_handlers()
        return report

    def _tell_handlers(self):
        for report in self:
            report._tell(
                report._get_handlers(),
                report.env._("A report of misconduct came in: %s", report.name),
                report.env._("Please look into it and name who examines it."),
            )

    def _get_handlers(self):
        """In whose office it is: the general manager's, or the director's if it is about him.

        :return: ``res.users`` without those the report is about
        """
        self.ensure_one()
        for name in HANDLERS:
            users = self.env.ref(f"crm_service_base.group_{name}").all_user_ids
            users = users.filtered(lambda user: self.company_id in user.company_ids)
            if users := users - self.accused_ids:
                return users
        return self.env["res.users"]

    # ------------------------------------------------------------------ actions

    def _check_office(self):
        """:raise AccessError: it is not in the user's office"""
        self.check_access("read")
        for report in self.sudo():
            if self.env.user not in report._get_handlers():
                raise AccessError(
                    self.env._(
                        "This is decided by the general manager, or the director if the "
                        "report is about him."
                    )
                )

    def action_examine(self):
        """The examination begins, by the person named for it.

        :raise AccessError: not in the user's office
        :raise UserError: nobody named, or one whom it is about
        """
        self._check_office()
        self._lock()
        self._check_state(("received",))
        for report in self.sudo():
            if not report.user_id or report.user_id in report.accused_ids:
                raise UserError(
                    self.env._("Name somebody to examine it, whom the report is not about.")
                )
            report.state = "examining"
            report._tell(
                report.user_id, self.env._("Please examine: %s", report.name), report.subject
            )

    def action_substantiate(self):
        """The report is true.

        :raise AccessError: not the general manager
        :raise UserError: not examined
        """
        self._decide("substantiated")

    def action_dismiss(self):
        """The report is not confirmed; that is no fault of the reporter."""
        self._decide("unfounded")

    def _decide(self, state):
        self._check_office()
        self._lock()
        self._check_state(("examining",))
        for report in self.sudo():
            report._check_note(report.examination)
            if state == "substantiated":
                report._check_note(report.consequence)
        self.sudo().write(
            {
                "state": state,
                "date_decided": fields.Datetime.now(),
                "decided_by_id": self.env.uid,
            }
        )
        for report in self.sudo():
            report._tell_reporter(self.env._("Your report %s was decided.", report.name))

    def action_reward(self, amount=0):
        """Reward the reporter of what was true; the amount goes to him without his name.

        :param float amount: in the company's currency; without, a dialog asks
        :raise AccessError: not the general manager
        :raise UserError: not substantiated, rewarded before, anonymous or no amount
        """
        self.ensure_one()
        self._check_office()
        self._check_state(("substantiated",))
        if self.date_rewarded:
            raise UserError(self.env._("This report was rewarded already."))
        if self.is_anonymous:
            raise UserError(self.env._("Nobody knows who reported this: it cannot be rewarded."))
        if not amount:
            return self._open_dialog(
                "crm.archive.misconduct.look", "misconduct_id", self.env._("Reward"), kind="reward"
            )
        if not isinstance(amount, int | float) or amount < 0:
            raise UserError(self.env._("Enter the amount of the reward."))
        today = fields.Date.context_today(self)
        self.sudo().write({"reward_amount": amount, "date_rewarded": today})
        self.sudo()._tell_reporter(
            self.env._(
                "Your report %s is rewarded; the general manager hands it to you.", self.name
            )
        )
        return True

    def action_reveal(self):
        """Look up who reported it; a dialog asks why, and it is written down."""
        self.ensure_one()
        self._check_office()
        return self._open_dialog(
            "crm.archive.misconduct.look",
            "misconduct_id",
            self.env._("Who Reported It"),
            kind="name",
        )

    def _reveal(self, reason):
        """The name of the reporter, for the general manager, with a reason that is kept.

        :return: str
        """
        self.ensure_one()
        self._check_office()
        self._check_note(reason)
        report = self.sudo()
        report._message_log(
            body=self.env._(
                "%(user)s looked up who reported this: %(reason)s",
                user=self.env.user.name,
                reason=reason,
            )
        )
        return report._get_reporter().name or self.env._("Anonymous: nobody knows.")

    def _get_reporter(self):
        """:return: ``res.users``, empty where nobody knows; called with ``sudo``"""
        reporters = self.env["crm.archive.misconduct.reporter"]
        return reporters.search([("misconduct_id", "=", self.id)]).user_id

    def _tell_reporter(self, subject):
        """A notice to the reporter that names nobody and stands in nobody's log."""
        for report in self:
            partner = report._get_reporter().filtered("active").partner_id
            if partner:
                self.env["mail.thread"].with_user(SUPERUSER_ID).message_notify(
                    partner_ids=partner.ids, subject=subject, body=subject
                )
