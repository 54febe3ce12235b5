from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.state_order import in_order

BATCH = 200
# what only the buttons and the server write, and what a new breach has
SERVER_FIELDS = {
    "state": "open",
    "date_closed": False,
    "closed_by_id": False,
    "cancel_reason": False,
    "waive_reason": False,
    "waived_by_id": False,
}


class CrmCommitmentBreach(models.Model):
    """A commitment was not kept towards a customer (A4.R8, A4.R13).

    Found on the clocks of the cases, noted by staff, or told by the customer. Where the reason is
    ours the company answers for it in any case; where it is objective, when the customer is
    dissatisfied: with a remedy, and with a compensation that was approved and carried out.
    """

    _name = "crm.commitment.breach"
    _description = "Breach of a Commitment"
    _inherit = ["crm.service.mixin", "crm.colleague.thread"]
    _order = "date_breach desc, id desc"
    _check_company_auto = True

    case_id = fields.Many2one(
        "crm.service.case", index=True, ondelete="restrict", check_company=True
    )
    service_order_id = fields.Many2one(
        "crm.service.order",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The installation that came too late, for example.",
    )
    partner_id = fields.Many2one(
        compute="_compute_partner_id", store=True, precompute=True, readonly=True
    )
    user_id = fields.Many2one(default=False)
    commitment_id = fields.Many2one(
        "crm.service.commitment",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('state', 'in', ('in_force', 'retired')), ('company_id', '=', company_id)]",
    )
    item_id = fields.Many2one(
        "crm.commitment.item",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('commitment_id', '=', commitment_id)]",
    )
    clock_id = fields.Many2one(
        "crm.deadline.clock",
        "Deadline",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    source = fields.Selection(
        [("clock", "Found on the Clocks"), ("staff", "Noted by Staff"), ("customer", "Customer")],
        required=True,
        readonly=True,
        default="staff",
    )
    date_breach = fields.Datetime(
        "Not Kept On", required=True, default=lambda self: fields.Datetime.now()
    )
    hours_late = fields.Float("Late by (hours)", aggregator="avg")
    description = fields.Text("What Was Not Kept")

    cause = fields.Selection(
        [("open", "To Clarify"), ("objective", "Objective Reasons"), ("own", "Ours")],
        required=True,
        default="open",
        tracking=True,
    )
    cause_note = fields.Text("What the Reason Was")
    satisfaction = fields.Selection(
        [
            ("open", "Not Asked Yet"),
            ("satisfied", "Not Dissatisfied"),
            ("dissatisfied", "Dissatisfied"),
        ],
        "Customer Is",
        required=True,
        default="open",
        tracking=True,
    )
    reaction = fields.Text("What the Customer Said")
    remedy = fields.Text("Put Right By", help="What was done to put it right.")
    date_remedied = fields.Date("Put Right On")

    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed"), ("cancelled", "No Breach")],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_closed = fields.Datetime("Closed On", readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    cancel_reason = fields.Text("Why It Is No Breach", readonly=True, copy=False)
    waive_reason = fields.Text("Why No Compensation", readonly=True, copy=False)
    waived_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    compensation_ids = fields.One2many("crm.compensation", "breach_id", "Compensations")
    compensation_state = fields.Selection(
        [
            ("none", "Not Needed"),
            ("needed", "To Propose"),
            ("running", "Under Way"),
            ("done", "Carried Out"),
            ("waived", "Waived"),
        ],
        "Compensation Is",
        compute="_compute_compensation_state",
        store=True,
        readonly=True,
    )
    is_editable = fields.Boolean(compute="_compute_is_editable")

    # each clock once for each item, whoever looks at the same time
    _found_uniq = models.UniqueIndex(
        "(item_id, COALESCE(case_id, 0), COALESCE(clock_id, 0), COALESCE(service_order_id, 0))"
        " WHERE source = 'clock'",
        "This breach is on record.",
    )
    _matter_given = models.Constraint(
        "CHECK (case_id IS NOT NULL OR service_order_id IS NOT NULL)",
        "Choose the case or the service order it is about.",
    )

    # ------------------------------------------------------------------ computes

    @api.depends("case_id", "service_order_id")
    def _compute_partner_id(self):
        for breach in self:
            case, order = breach.case_id.sudo(), breach.service_order_id.sudo()
            breach.partner_id = case.partner_id or order.partner_id

    @api.depends("cause", "satisfaction", "waived_by_id", "compensation_ids.state", "state")
    def _compute_compensation_state(self):
        for breach in self:
            states = set(breach.sudo().compensation_ids.mapped("state"))
            if "done" in states:
                value = "done"
            elif states & {"draft", "submitted", "approved"}:
                value = "running"
            elif breach.waived_by_id:
                value = "waived"
            else:
                value = "needed" if breach._is_compensation_due() else "none"
            breach.compensation_state = value

    def _is_compensation_due(self):
        """Ours: unconditionally (A4.R8); objective reasons: where the customer is dissatisfied
        (A4.R13)."""
        if self.state == "cancelled":
            return False
        return self.cause == "own" or (
            self.cause == "objective" and self.satisfaction == "dissatisfied"
        )

    @api.depends("name", "commitment_id")
    def _compute_display_name(self):
        for breach in self:
            title = breach.commitment_id.sudo().title
            breach.display_name = " · ".join(filter(None, [breach.name, title]))

    @api.depends("state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_editable(self):
        allowed = self._origin._filtered_access("write")
        for breach in self:
            saved = breach._origin
            breach.is_editable = breach.state in (False, "open") and (not saved or saved in allowed)

    @api.constrains("commitment_id", "item_id", "case_id", "service_order_id", "company_id")
    def _check_commitment(self):
        for breach in self.sudo():
            commitment = breach.commitment_id
            if commitment.state not in ("in_force", "retired"):
                raise ValidationError(
                    self.env._("“%s” was never in force: it cannot be broken.", commitment.title)
                )
            if breach.item_id and breach.item_id.commitment_id != commitment:
                raise ValidationError(self.env._("Choose an item of the same commitment."))
            if breach._get_matter().company_id != breach.company_id:
                raise ValidationError(self.env._("Case and breach are of one company."))
            if breach.service_order_id and breach.commercial_partner_id != (
                breach.service_order_id.commercial_partner_id
            ):
                raise ValidationError(
                    self.env._("The service order is another customer's than the case.")
                )

    # ------------------------------------------------------------------ create, write, delete

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            forged = {**SERVER_FIELDS, "clock_id": False, "source": "staff"}
            vals_list = [{**vals, **forged} for vals in vals_list]
        vals_list = [self._add_matter_values({**SERVER_FIELDS, **vals}) for vals in vals_list]
        breaches = super().create(vals_list)
        if not self.env.su:
            breaches.case_id.check_access("read")
            breaches.service_order_id.check_access("read")
        return breaches

    @api.model
    def _add_matter_values(self, vals):
        """Company and owner are those of the case, or of the service order."""
        case = self.env["crm.service.case"].sudo().browse(vals.get("case_id")).exists()
        order = self.env["crm.service.order"].sudo().browse(vals.get("service_order_id")).exists()
        if matter := case or order:
            vals = {**vals, "company_id": matter.company_id.id}
            vals["user_id"] = vals.get("user_id") or matter.user_id.id or self.env.uid
        return vals

    def _get_matter(self):
        """:return: the case, or the service order, that it is about"""
        self.ensure_one()
        return self.case_id or self.service_order_id

    def write(self, vals):
        if not self.env.su:
            self._check_breach_write(vals)
        return super().write(vals)

    def _check_breach_write(self, vals):
        """:raise AccessError: a field of the server's; :raise UserError: it is closed"""
        self.check_access("write")
        if (SERVER_FIELDS.keys() | {"clock_id", "source"}) & vals.keys():
            raise AccessError(self.env._("A breach is closed and waived with its buttons."))
        if not {"case_id", "service_order_id", "commitment_id", "item_id"}.isdisjoint(vals):
            found = self.sudo().filtered(lambda b: b.source == "clock" or b.compensation_ids)
            if found:
                raise UserError(
                    self.env._("%s is about this case and commitment: it stays.", found[0].name)
                )
        log = (
            self.env["mail.thread"]._fields.keys() | self.env["mail.activity.mixin"]._fields.keys()
        )
        ended = self.sudo().filtered(lambda b: b.state != "open")
        if ended and not (log | {"active"}).issuperset(vals):
            raise UserError(self.env._("%s is closed and stays as it is.", ended[0].name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        raise UserError(
            self.env._("A breach is not deleted: where there was none, say so and why.")
        )

    def _can_file(self):
        return super()._can_file() and self.state != "open"

    # ------------------------------------------------------------------ answered for

    def action_propose_compensation(self):
        """Draft a compensation as the internal plan has it (A4.R13).

        :raise UserError: nothing is due, one is under way, or the customer is not known
        """
        self.ensure_one()
        self.check_access("write")
        breach = self.sudo()
        breach._refresh_late()
        if breach.state != "open" or not breach._is_compensation_due():
            raise UserError(
                self.env._(
                    "Compensation is due where the reason is ours, or where the customer is "
                    "dissatisfied: clarify both first."
                )
            )
        if breach.compensation_state in ("running", "done"):
            raise UserError(self.env._("There is a compensation for %s already.", breach.name))
        if not breach.partner_id:
            raise UserError(self.env._("Name the customer of the case first."))
        compensations = self.env["crm.compensation"]
        compensation = compensations.sudo().create(compensations._prepare_proposal(breach))
        compensation = compensation.with_env(self.env)
        return compensation._get_records_action()

    def action_waive(self):
        """No compensation, and why: the customer does not want one."""
        self.check_access("write")
        return self._open_note("waive", self.env._("No Compensation"))

    def _waive(self, reason):
        """Nothing is paid or given; a supervisor answers for that.

        :param str reason: in words, needed
        :raise AccessError: no supervisor
        """
        self._check_supervisor()
        self._check_note(reason)
        for breach in self.sudo():
            if breach.compensation_state in ("running", "done"):
                raise UserError(self.env._("There is a compensation for %s already.", breach.name))
        self.sudo().write({"waive_reason": reason, "waived_by_id": self.env.uid})

    def action_cancel(self):
        """It was no breach, and why."""
        self._check_supervisor()
        return self._open_note("cancel", self.env._("No Breach"))

    def _cancel(self, reason):
        """It was no breach; a supervisor says so.

        :param str reason: in words, needed
        """
        self._check_supervisor()
        self._check_note(reason)
        for breach in self.sudo():
            if breach.compensation_state in ("running", "done"):
                raise UserError(
                    self.env._("There is a compensation for %s: cancel that first.", breach.name)
                )
        self._end("cancelled", cancel_reason=reason)

    def action_close(self):
        """Everything was done about it.

        :raise UserError: a sentence that names what is missing
        """
        self.check_access("write")
        for breach in self.sudo():
            breach._check_close()
        self._end("closed")

    def _check_close(self):
        if self.state != "open":
            raise UserError(self.env._("%s is closed already.", self.name))
        if self.cause == "open" or not (self.cause_note or "").strip():
            raise UserError(self.env._("%s: clarify the reason, ours or objective.", self.name))
        if self.satisfaction == "open":
            raise UserError(self.env._("%s: ask whether the customer is dissatisfied.", self.name))
        if self._is_compensation_due() and not (self.remedy or "").strip():
            raise UserError(self.env._("%s: write what was done to put it right.", self.name))
        if self.compensation_state in ("needed", "running"):
            raise UserError(
                self.env._(
                    "%s: a compensation is due. Propose it and have it carried out, or have a "
                    "supervisor note why there is none.",
                    self.name,
                )
            )

    def _end(self, state, **values):
        for breach in self.sudo():
            if breach.state != "open":
                raise UserError(self.env._("%s is closed already.", breach.name))
        now = fields.Datetime.now()
        self.sudo().write(
            {"state": state, "date_closed": now, "closed_by_id": self.env.uid, **values}
        )
        self.sudo().activity_unlink(["crm_aftersales.mail_activity_type_breach"])

    def _check_supervisor(self):
        self.check_access("write")
        if not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(self.env._("A supervisor decides this."))
        for breach in self.sudo():
            if breach.state != "open":
                raise UserError(self.env._("%s is closed already.", breach.name))

    def _check_note(self, note):
        if not (note or "").strip():
            raise UserError(self.env._("Write it in words: it stays with the document."))

    def _open_note(self, kind, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "crm.commitment.note",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": kind, "default_breach_ids": self.ids},
        }

    def action_propose_change(self):
        """Propose to adjust the commitment because of this breach (A4.R8)."""
        self.ensure_one()
        self.check_access("read")
        return self.case_id._prepare_proposal_action(self.commitment_id, self.company_id)

    # ------------------------------------------------------------------ found

    @api.model
    def _cron_find(self):
        """Find on clocks, cases and orders where commitments were not kept; each once, killed
        anywhere or run twice (A4.R13)."""
        methods = self.env["crm.commitment.metric"]._get_breakable_methods()
        items = self.env["crm.commitment.item"].search(
            Domain("commitment_id.state", "in", ("in_force", "retired"))
            & Domain("metric_id.method", "in", methods)
            & Domain("commitment_id.scope", "=", "external"),
            order="id",
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(items))
        self.search([("source", "=", "clock"), ("state", "=", "open")])._refresh_late()
        for item in items:
            while found := self._find(item, BATCH):
                if not cron._commit_progress():
                    return
                if len(found) < BATCH:
                    break
            if not cron._commit_progress(1):
                return

    @api.model
    def _find(self, item, limit):
        """Note the breaches of an item that are not on record.

        :param item: ``crm.commitment.item``
        :return: the new breaches, at most ``limit``
        """
        commitment = item.commitment_id
        start = commitment.date_approved
        day = max(filter(None, [commitment.date_from, start and start.date()]))
        rows = item.metric_id._find_broken(item, day, limit)
        last = min(filter(None, [commitment.date_retired, commitment.date_to]), default=None)
        rows = [row for row in rows if not last or row[3].date() <= last]
        breaches = self.create(
            [
                {
                    "case_id": case,
                    "clock_id": clock,
                    "service_order_id": order,
                    "commitment_id": commitment.id,
                    "item_id": item.id,
                    "source": "clock",
                    "date_breach": date,
                    "hours_late": round(float(late), 2),
                }
                for case, clock, order, date, late in rows
            ]
        )
        breaches._schedule()
        return breaches

    def _refresh_late(self):
        """What was found while it went on lasts longer by now, or came to its end."""
        for breach in self.filtered(lambda b: b.source == "clock" and b.state == "open"):
            late = (breach._get_end() - breach.date_breach).total_seconds() / 3600
            late = round(max(late, 0), 2)
            if late != round(breach.hours_late, 2):
                breach.hours_late = late

    def _get_end(self):
        """:return: datetime when it was done after all, now if it is not"""
        case, clock = self.case_id, self.clock_id
        if clock:
            end = clock.date_met or clock.date_stopped
        elif self.item_id.metric_id.method == "install_share":
            end = self.service_order_id.date_done
        elif self.item_id.metric_id.method == "callback_share":
            end = case.date_called_back
        else:
            end = case.date_solved
        return end or fields.Datetime.now()

    def _schedule(self):
        """Whoever owns the case clarifies the reason and asks the customer."""
        for breach in self:
            if breach.user_id and not breach.user_id._is_superuser():
                breach.activity_schedule(
                    "crm_aftersales.mail_activity_type_breach",
                    user_id=breach.user_id.id,
                    summary=breach.commitment_id.title,
                )

    @api.model
    def _claim(self, case, commitment):
        """The customer says on a page of ours that a commitment was not kept.

        :param case: ``crm.service.case`` that the customer filed, with ``sudo``
        :param commitment: ``crm.service.commitment`` that customers are told
        """
        breach = self.sudo().create(
            {
                "case_id": case.id,
                "commitment_id": commitment.id,
                "source": "customer",
                "satisfaction": "dissatisfied",
                "description": case.description,
                "reaction": case.description,
            }
        )
        breach._schedule()
        return breach
