from datetime import UTC, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

from odoo.addons.crm_service_base.tools.state_order import in_order

PERIODS = [("quarter", "Quarter"), ("half_year", "Half Year"), ("other", "Other")]


class CrmInspectionRound(models.Model):
    """质量巡检: which customers and devices are looked at in a quarter or half year (C3.R14).

    Rules propose the lines: key customers, old devices, warranties that end. An approved round
    becomes service orders; what is found gets a remedy and a term.
    """

    _name = "crm.inspection.round"
    _description = "Inspection Round"
    _inherit = ["crm.service.mixin", "crm.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "title"]
    _mail_post_access = "read"

    _approval_draft_states = ("draft",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"
    _approval_line_fields = ("line_ids",)

    title = fields.Char(required=True)
    user_id = fields.Many2one(string="Responsible", required=True)
    period = fields.Selection(PERIODS, required=True, default="quarter")
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: self._get_period(fields.Date.context_today(self))[0],
    )
    date_to = fields.Date(
        "To",
        required=True,
        compute="_compute_date_to",
        store=True,
        readonly=False,
        precompute=True,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "Under Way"),
            ("done", "All Inspected"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )

    # which customers and devices
    is_key = fields.Boolean("Key Customers", default=True)
    device_age_months = fields.Integer(
        "Devices Older Than (Months)", help="Since they were installed, else sold; 0 for none."
    )
    warranty_days = fields.Integer(
        "Warranty Ends Within (Days)", help="From the first day of the round; 0 for none."
    )
    product_ids = fields.Many2many(
        "product.product",
        "crm_inspection_round_product_rel",
        "round_id",
        "product_id",
        "Only These Products",
        ondelete="restrict",
    )
    member_ids = fields.Many2many(
        "res.users",
        "crm_inspection_round_user_rel",
        "round_id",
        "user_id",
        "Inspectors",
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Take the proposed lines in turn.",
    )
    note = fields.Text("What to Look At")
    conclusion = fields.Text(copy=False, help="What the round showed; needed for what stays open.")
    line_ids = fields.One2many("crm.inspection.line", "round_id", "To Inspect", copy=False)
    finding_ids = fields.One2many(
        "crm.inspection.finding", "round_id", "Findings", readonly=True, copy=False
    )
    line_count = fields.Integer("Planned", compute="_compute_progress")
    done_count = fields.Integer("Inspected", compute="_compute_progress")
    finding_open_count = fields.Integer("Open Findings", compute="_compute_progress")
    progress = fields.Integer("Completed (%)", compute="_compute_progress")

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "A round cannot end before it begins."
    )
    _rules_positive = models.Constraint(
        "CHECK(device_age_months >= 0 AND warranty_days >= 0)", "Months and days are not negative."
    )

    @api.model
    def _get_period(self, day, period="quarter"):
        """:return: first and last day of the quarter or half year of a day"""
        months = 6 if period == "half_year" else 3
        start = day.replace(month=(day.month - 1) // months * months + 1, day=1)
        return start, start + relativedelta(months=months, days=-1)

    @api.depends("date_from", "period")
    def _compute_date_to(self):
        for inspection in self:
            if not inspection.date_from:
                continue
            end = self._get_period(inspection.date_from, inspection.period)[1]
            is_wrong = not inspection.date_to or inspection.date_to < inspection.date_from
            if inspection.period != "other" or is_wrong:
                inspection.date_to = end

    @api.depends("line_ids.date_done", "finding_ids.date_done")
    def _compute_progress(self):
        for inspection in self:
            lines = inspection.line_ids
            done = len(lines.filtered("date_done"))
            inspection.line_count = len(lines)
            inspection.done_count = done
            inspection.progress = round(100 * done / len(lines)) if lines else 0
            inspection.finding_open_count = len(
                inspection.finding_ids.filtered(lambda finding: not finding.date_done)
            )

    @api.depends("name", "title")
    def _compute_display_name(self):
        for inspection in self:
            inspection.display_name = " · ".join(filter(None, [inspection.name, inspection.title]))

    # ------------------------------------------------------------------ proposed by rule

    def action_propose(self):
        """Add what the rules name and is not listed yet: spread over the period, in turn.

        :raise UserError: not a draft, no rule, or nobody to inspect
        """
        self.ensure_one()
        self.check_access("write")
        self._check_approval_draft()
        if not (self.is_key or self.device_age_months or self.warranty_days):
            raise UserError(self.env._("Choose at least one rule."))
        if not self.member_ids:
            raise UserError(self.env._("Name the people who inspect."))
        subjects = self._find_subjects()
        self.line_ids = [
            Command.create({**subject, **self._prepare_turn(number, len(subjects))})
            for number, subject in enumerate(subjects)
        ]
        return self._notify_proposed(len(subjects))

    def _notify_proposed(self, count):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if count else "warning",
                "message": self.env._("%s lines were added.", count),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _prepare_turn(self, number, count):
        """Person and day of the line of this number: evenly over the working days."""
        days = (self.date_to - self.date_from).days
        due = self.date_from + timedelta(days=round(days * (number + 1) / count))
        working = self.env["crm.service.calendar.day"]._get_working_time(self.company_id)
        while due > self.date_from and not working.is_working_day(due):
            due -= timedelta(days=1)
        members = self.member_ids
        return {"date_due": due, "user_id": members[number % len(members)].id}

    def _find_subjects(self):
        """Devices and customers that the rules name, each once with the first reason; devices of
        key customers stand for them.

        :return: list of dicts with customer, device and reason
        """
        listed = {(line.partner_id.id, line.device_id.id) for line in self.line_ids}
        taken = {line.device_id.id for line in self.line_ids if line.device_id}
        subjects = []
        for domain, reason in self._get_device_rules():
            for device in self.env["crm.device"].search(domain, order="commercial_partner_id, id"):
                if device.id not in taken:
                    taken.add(device.id)
                    subjects.append(
                        {
                            "partner_id": device.partner_id.id,
                            "device_id": device.id,
                            "reason": reason,
                        }
                    )
        for partner in self._find_key_customers():
            if (partner.id, False) not in listed:
                reason = self.env._("Key customer")
                subjects.append({"partner_id": partner.id, "device_id": False, "reason": reason})
        return subjects

    def _get_device_rules(self):
        """:return: list of pairs of a domain on devices and the reason in words"""
        base = Domain("company_id", "=", self.company_id.id) & Domain("state", "=", "use")
        if self.product_ids:
            base &= Domain("product_id", "in", self.product_ids.ids)
        rules = []
        if self.warranty_days:
            end = fields.Date.add(self.date_from, days=self.warranty_days)
            domain = Domain("date_warranty_end", ">=", self.date_from)
            rules.append(
                (
                    base & domain & Domain("date_warranty_end", "<=", end),
                    self.env._("Warranty ends within %s days", self.warranty_days),
                )
            )
        if self.device_age_months:
            day = fields.Date.subtract(self.date_from, months=self.device_age_months)
            old = Domain("date_installed", "<=", day)
            old |= Domain("date_installed", "=", False) & Domain("date_sold", "<=", day)
            reason = self.env._("Older than %s months", self.device_age_months)
            rules.append((base & old, reason))
        return rules

    def _find_key_customers(self):
        """:return: ``res.partner`` that are key customers of the company of the round"""
        partners = self.env["res.partner"].with_company(self.company_id)
        if not self.is_key:
            return partners
        return partners.search(
            [
                ("crm_customer_class", "=", "key"),
                ("parent_id", "=", False),
                ("company_id", "in", (False, self.company_id.id)),
            ],
            order="name, id",
        )

    # ------------------------------------------------------------------ approval, orders, end

    def _approval_after_fields(self):
        return super()._approval_after_fields() | {"conclusion"}

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"finding_ids"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for inspection in self:
            if not inspection.line_ids:
                raise UserError(
                    self.env._("%s lists nothing to inspect yet.", inspection.display_name)
                )

    def _approval_on_approved(self):
        super()._approval_on_approved()
        for inspection in self:
            users = inspection.line_ids.user_id
            inspection.message_subscribe(users.partner_id.ids)
            inspection.message_notify(
                partner_ids=users.filtered("active").partner_id.ids,
                subject=self.env._("To inspect: %s", inspection.title),
                body=inspection.note or inspection.title,
            )

    def action_make_orders(self):
        """A service order of the kind inspection for each line that has none (C3.R14).

        :raise UserError: not approved, or every line has one
        """
        self.ensure_one()
        self.check_access("write")
        self._check_running()
        lines = self.line_ids.filtered(
            lambda line: (
                not line.date_done
                and (not line.order_id or line.order_id.sudo().state == "cancelled")
            )
        )
        if not lines:
            raise UserError(self.env._("Every line has its order, or is inspected."))
        for line in lines:
            order = self.env["crm.service.order"].create([line._prepare_order_values()])
            line.sudo().order_id = order
        return self.action_open_orders()

    def action_open_orders(self):
        """The service orders of the round."""
        self.ensure_one()
        return self.line_ids.order_id._get_records_action(name=self.env._("Service Orders"))

    def action_open_findings(self):
        """What was found, with its remedies."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_inspection_finding_action"
        )
        action["domain"] = [("round_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_done(self):
        """Close the round; what was not inspected is explained.

        :raise UserError: not in progress, or something is open without a word about it
        """
        self.check_access("write")
        for inspection in self:
            inspection._check_running()
            is_open = inspection.done_count < inspection.line_count
            if is_open and not (inspection.conclusion or "").strip():
                raise UserError(
                    self.env._(
                        "%(open)s of %(all)s are not inspected: write into the conclusion why.",
                        open=inspection.line_count - inspection.done_count,
                        all=inspection.line_count,
                    )
                )
        self.sudo().write({"state": "done"})

    def action_cancel(self):
        """The round does not take place: a draft by its owner, an approved one by a supervisor.

        :raise AccessError: approved, and the user is no supervisor
        :raise UserError: with the approver, or ended
        """
        self.check_access("write")
        is_supervisor = self.env.user.has_group("crm_service_base.group_supervisor")
        for inspection in self:
            if inspection.state not in ("draft", "approved"):
                raise UserError(
                    self.env._("%s is with the approver, or ended.", inspection.display_name)
                )
            if inspection.state == "approved" and not is_supervisor:
                raise AccessError(self.env._("Only a supervisor cancels an approved round."))
        self.sudo().write({"state": "cancelled"})

    def _check_running(self):
        for inspection in self.sudo():
            if inspection.state != "approved":
                raise UserError(self.env._("%s is not in progress.", inspection.display_name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(inspection.state != "draft" for inspection in self):
            raise UserError(self.env._("Only drafts are deleted; cancel this round instead."))

    def _can_file(self):
        return super()._can_file() and self.state in ("done", "cancelled")

    @api.model
    def _to_utc(self, day, company):
        """Nine in the morning of a day where a company works, in UTC."""
        zone = self.env["crm.service.calendar.day"]._get_working_time(company).zone
        local = zone.localize(datetime.combine(day, time(9)))
        return local.astimezone(UTC).replace(tzinfo=None)
