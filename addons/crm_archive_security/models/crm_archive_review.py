from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmArchiveReview(models.Model):
    """半年梳理: the owner looks through an archive and puts right what is outdated (B5.R3)."""

    _name = "crm.archive.review"
    _description = "Archive Review"
    _inherit = ["crm.service.moved.mixin"]
    _order = "date_due, id"
    _check_company_auto = True

    _stamps = ("date_done", "done_by_id", "date_told")
    _editable_states = ("open",)

    archive_id = fields.Many2one(
        "crm.archive", required=True, index=True, ondelete="cascade", check_company=True
    )
    partner_id = fields.Many2one(
        compute="_compute_partner_id", store=True, precompute=True, readonly=True
    )
    user_id = fields.Many2one(string="Reviewed By", required=True)
    date_due = fields.Date(
        "Review Until", required=True, default=fields.Date.context_today, index=True
    )
    state = fields.Selection(
        [("open", "To Review"), ("done", "Reviewed")],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    is_basic_checked = fields.Boolean("Name, Legal Representative, Scope of Business")
    is_contact_checked = fields.Boolean("Contacts and Addresses")
    is_business_checked = fields.Boolean("Business and Needs")
    is_consent_checked = fields.Boolean("Private Data Still Needed and Consented To")
    result = fields.Selection(
        [
            ("unchanged", "Nothing Changed"),
            ("updated", "Brought Up to Date"),
            ("cleaned", "Invalid Data Cleaned"),
        ],
        copy=False,
    )
    finding = fields.Text("What Was Found and Done", help="No secrets in here.")
    change_count = fields.Integer("Changes Since the Last Review", compute="_compute_change_count")
    date_done = fields.Datetime("Reviewed On", readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    date_told = fields.Datetime("Delay Reported On", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _open_once = models.UniqueIndex(
        "(archive_id) WHERE state = 'open'", "This archive is being reviewed already."
    )

    @api.depends("archive_id")
    def _compute_partner_id(self):
        for review in self:
            review.partner_id = review.archive_id.partner_id

    @api.depends("archive_id")
    def _compute_change_count(self):
        for review in self:
            earlier = review.archive_id.review_ids.filtered("date_done") - review
            since = max(earlier.mapped("date_done"), default=False)
            changes = review.archive_id.change_ids
            if since:
                changes = changes.filtered(lambda change, since=since: change.date > since)
            review.change_count = len(changes)

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        overdue = self.filtered_domain(self._get_overdue_domain())
        for review in self:
            review.is_overdue = review in overdue

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_overdue_domain()
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    @api.model
    def _get_overdue_domain(self, day=None):
        day = day or fields.Date.context_today(self)
        return Domain("state", "=", "open") & Domain("date_due", "<", day)

    @api.depends("name", "archive_id")
    def _compute_display_name(self):
        for review in self:
            parts = [review.name, review.archive_id.display_name]
            review.display_name = " · ".join(filter(None, parts))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        if any(review.state == "done" for review in self):
            raise UserError(self.env._("Reviews are kept with the archive."))

    def action_done(self):
        """The archive was looked through: the next review is due half a year from today.

        :raise UserError: something was not looked at, or it does not say what came of it
        """
        self.check_access("write")
        self._lock()
        self._check_state(("open",))
        points = [name for name in self._fields if name.endswith("_checked")]
        for review in self:
            if not review.result or not all(review[name] for name in points):
                raise UserError(
                    self.env._(
                        "Tick what you looked at in %s, all of it, and choose the result.",
                        review.display_name,
                    )
                )
            if review.result != "unchanged" and not (review.finding or "").strip():
                raise UserError(self.env._("Write what was found and done."))
        reviews = self.sudo()
        reviews.write(
            {
                "state": "done",
                "date_done": fields.Datetime.now(),
                "done_by_id": self.env.uid,
            }
        )
        reviews.activity_ids.unlink()
        for review in reviews:
            review.archive_id.date_review = review._get_next_date()

    def _get_next_date(self):
        months = relativedelta(months=self.company_id.crm_archive_review_months)
        return self.company_id._get_crm_today() + months

    # ------------------------------------------------------------------ scheduled

    @api.model
    def _cron_open_reviews(self):
        """A review for the owner of each archive that was not reviewed for half a year.

        Safe to run again: an archive under review is left alone.
        """
        due = self.env["crm.archive"]
        for company in self.env["res.company"].search(Domain.TRUE):
            due |= due.search(self._get_due_domain(company), order="id")
        self.env["ir.cron"]._crm_each(due, self._open_for, batch=200)

    @api.model
    def _get_due_domain(self, company):
        """:return: ``Domain`` of the archives that are to be reviewed today"""
        today = company._get_crm_today()
        months = relativedelta(months=company.crm_archive_review_months)
        never = Domain("date_review", "=", False) & Domain(
            "date_established", "<=", fields.Datetime.to_datetime(today - months)
        )
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "established")
            & Domain("user_id.active", "=", True)
            & (Domain("date_review", "<=", today) | never)
            & Domain("review_ids", "not any", [("state", "=", "open")])
        )

    @api.model
    def _open_for(self, archives):
        reviews = self.with_context(**archives.env.context).create(
            [self._prepare_review_values(archive) for archive in archives]
        )
        for review in reviews:
            review.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=review.date_due,
                user_id=review.user_id.id,
                summary=self.env._("Half-yearly review of the archive"),
            )

    @api.model
    def _prepare_review_values(self, archive):
        """:return: dict of values of the review; an addon adds its own with ``super()``"""
        return {
            "archive_id": archive.id,
            "company_id": archive.company_id.id,
            "user_id": archive.user_id.id,
            "date_due": archive.company_id._get_crm_today() + relativedelta(days=14),
        }

    @api.model
    def _cron_report_overdue(self):
        """Tell owner and head once of reviews that are late."""
        late = self.browse()
        for company in self.env["res.company"].search(Domain.TRUE):
            domain = self._get_overdue_domain(company._get_crm_today())
            domain &= Domain("company_id", "=", company.id) & Domain("date_told", "=", False)
            late |= self.search(domain, order="date_due, id")
        self.env["ir.cron"]._crm_each(late, lambda rows: rows._report_overdue())

    def _report_overdue(self):
        for review in self:
            review.date_told = fields.Datetime.now()
            review._tell(
                review.user_id | review.department_id.head_id,
                self.env._("Review of an archive is late: %s", review.display_name),
                self.env._("Please look through the archive and close the review."),
            )
