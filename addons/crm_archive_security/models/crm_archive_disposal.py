from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from odoo.addons.crm_service_base.tools.state_order import in_order

STAMPS = {"date_witnessed", "date_start", "date_done", "is_certified", "left_files"}
BATCH = 100


class CrmArchiveDisposal(models.Model):
    """档案销毁: what is past its term, appraised, approved twice, destroyed before a witness.

    The scheduled action makes the yearly list. Once it is approved, the witness (监销人) says that
    he is there, and the person who destroys begins; what is in the database goes with its files, in
    steps that can be cut off anywhere and go on. A hold put on meanwhile wins (A2.R25, B5.R4).
    """

    _name = "crm.archive.disposal"
    _description = "Archive Disposal"
    _inherit = ["crm.service.mixin", "crm.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "title"]
    _mail_post_access = "read"

    _approval_draft_states = ("draft",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"
    _approval_line_fields = ("line_ids",)

    title = fields.Char(required=True)
    user_id = fields.Many2one(string="Prepared By", required=True)
    date = fields.Date("Terms Counted To", required=True, default=fields.Date.context_today)
    executor_id = fields.Many2one(
        "res.users",
        "Destroyed By",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    witness_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Supervises the destruction; neither who prepared the list nor who destroys.",
    )
    paper_method = fields.Selection(
        [
            ("none", "No Paper on the List"),
            ("shred", "Shredded in the House"),
            ("pulp", "Pulped at a Mill, Accompanied"),
            ("burn", "Burnt, Accompanied"),
        ],
        "Paper Is",
        required=True,
        default="shred",
        help="Never sold as waste paper.",
    )
    place = fields.Char("Place of Destruction")
    reason = fields.Text()
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "Approved"),
            ("destroying", "Being Destroyed"),
            ("done", "Destroyed"),
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
    date_witnessed = fields.Datetime("Witness Present On", readonly=True, copy=False)
    date_start = fields.Datetime("Begun On", readonly=True, copy=False)
    date_done = fields.Datetime("Ended On", readonly=True, copy=False)
    is_certified = fields.Boolean(
        "Witness Has Certified", readonly=True, copy=False, help="That nothing was left."
    )
    left_files = fields.Json(readonly=True, copy=False)
    is_executor = fields.Boolean(compute="_compute_is_mine")
    is_witness = fields.Boolean(compute="_compute_is_mine")
    line_ids = fields.One2many("crm.archive.disposal.line", "disposal_id", "Items", copy=False)
    line_count = fields.Integer("On the List", compute="_compute_counts")
    destroyed_count = fields.Integer("Destroyed Items", compute="_compute_counts")
    kept_count = fields.Integer("Kept or Held Back", compute="_compute_counts")

    @api.depends("executor_id", "witness_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for disposal in self:
            disposal.is_executor = disposal.executor_id == self.env.user
            disposal.is_witness = disposal.witness_id == self.env.user

    @api.depends("line_ids.state")
    def _compute_counts(self):
        for disposal in self:
            states = disposal.line_ids.mapped("state")
            disposal.line_count = len(states)
            disposal.destroyed_count = states.count("destroyed")
            disposal.kept_count = states.count("held") + states.count("kept")

    @api.depends("name", "title")
    def _compute_display_name(self):
        for disposal in self:
            disposal.display_name = " · ".join(filter(None, [disposal.name, disposal.title]))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(disposal.state != "draft" for disposal in self):
            raise UserError(self.env._("Only drafts are deleted; cancel this list instead."))

    def _can_file(self):
        return super()._can_file() and self.state in ("done", "cancelled")

    # ------------------------------------------------------------------ the list

    def action_propose(self):
        """Put every item on the list whose term has ended and that no hold keeps.

        :raise UserError: not a draft
        """
        self.check_access("write")
        self._check_approval_draft()
        for disposal in self:
            disposal._propose()

    def _propose(self):
        items = self.env["crm.archive.item"].sudo().search(self._get_due_domain())
        fresh = items - self.sudo().line_ids.item_id
        self.sudo().line_ids = [Command.create({"item_id": item.id}) for item in fresh]

    def _get_due_domain(self):
        """:return: ``Domain`` on the items whose term has ended"""
        domain = self.env["crm.archive.retention"]._get_due_items_domain(self.company_id, self.date)
        holds = self.env["crm.archive.hold"].sudo().search([("date_released", "=", False)])
        return domain & ~fields.Domain("archive_id", "in", holds.archive_id.ids)

    @api.model
    def _cron_propose(self):
        """The yearly list of each company that has something due; once a year."""
        companies = self.env["crm.archive"].sudo()._read_group([], ["company_id"])
        for (company,) in companies:
            place = {"lang": company._get_crm_lang(), "tz": company._get_crm_timezone()}
            self.sudo().with_context(**place)._propose_year(company, company._get_crm_today())
            self.env["ir.cron"]._commit_progress(1)

    def _propose_year(self, company, today):
        known = self.search_count(
            [("company_id", "=", company.id), ("date", ">=", today.replace(month=1, day=1))],
            limit=1,
        )
        domain = self.env["crm.archive.retention"]._get_due_items_domain(company, today)
        if known or not self.env["crm.archive.item"].search_count(domain, limit=1):
            return
        user = self._get_keeper(company)
        disposal = self.with_company(company).create(
            {
                "title": self.env._("Yearly disposal %s", today.year),
                "company_id": company.id,
                "date": today,
                "user_id": user.id,
            }
        )
        disposal._propose()
        disposal.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=user.id,
            summary=self.env._("Appraise what is past its term"),
        )

    @api.model
    def _get_keeper(self, company):
        """Who prepares the yearly list: the supervisor who keeps the archives.

        :return: ``res.users``
        """
        group = self.env.ref("crm_service_base.group_supervisor")
        users = group.all_user_ids.filtered(lambda u: company in u.company_ids and not u.share)
        return users.sorted("id")[-1:] or self.env.ref("base.user_admin")

    # ------------------------------------------------------------------ approval

    @api.model
    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | STAMPS

    @api.model
    def _approval_after_fields(self):
        return super()._approval_after_fields() | {"place"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for disposal in self:
            if not disposal.line_ids:
                raise UserError(self.env._("%s lists nothing to destroy.", disposal.display_name))
            disposal._check_people()
            disposal.line_ids._check_complete()

    def _check_people(self):
        people = [self.user_id, self.executor_id, self.witness_id]
        if not all(people):
            raise UserError(self.env._("Name who destroys, and who witnesses it."))
        if self.witness_id in self.user_id | self.executor_id:
            raise UserError(
                self.env._("The witness neither prepares the list nor destroys what is on it.")
            )

    # ------------------------------------------------------------------ destruction

    def action_witness(self):
        """The witness is there and sees that what is destroyed is what was approved.

        :raise AccessError: not the witness
        :raise UserError: not approved
        """
        self.check_access("read")
        self._check_mine("witness_id", ("approved",))
        self.sudo().date_witnessed = fields.Datetime.now()

    def action_destroy(self):
        """Destroy what was approved; many items go on in the background.

        :raise AccessError: not the person named for it
        :raise UserError: not approved, without the witness, or changed since it was approved
        """
        self.check_access("read")
        self._check_mine("executor_id", ("approved",))
        for disposal in self._approval_enter():
            if not disposal.date_witnessed:
                raise UserError(
                    self.env._("%s has not said to be present.", disposal.witness_id.name)
                )
            if fault := disposal._approval_faults()[disposal.id]:
                raise UserError(fault)
            disposal.write({"state": "destroying", "date_start": fields.Datetime.now()})
        self.env.ref("crm_archive_security.ir_cron_archive_destroy").sudo()._trigger()

    def action_certify(self):
        """The witness certifies that everything on the list is gone, paper as well.

        :raise AccessError: not the witness
        :raise UserError: not destroyed yet
        """
        self.check_access("read")
        self._check_mine("witness_id", ("done",))
        self.sudo().is_certified = True

    def action_cancel(self):
        """Nothing is destroyed.

        :raise UserError: it is with the approver, or destruction has begun
        """
        self.check_access("write")
        if any(disposal.state not in ("draft", "approved") for disposal in self):
            raise UserError(self.env._("Only a draft or an approved list is cancelled."))
        self.sudo().state = "cancelled"

    def _check_mine(self, field, states):
        names = dict(self._fields["state"]._description_selection(self.env))
        for disposal in self.sudo():
            if disposal[field] != self.env.user:
                raise AccessError(self.env._("This is done by %s.", disposal[field].name or "—"))
            if disposal.state not in states:
                raise UserError(
                    self.env._(
                        "%(document)s is “%(state)s”: this cannot be done now.",
                        document=disposal.display_name,
                        state=names[disposal.state],
                    )
                )

    @api.model
    def _cron_destroy(self, batch=BATCH):
        """Go on with every destruction that has begun; killed anywhere, the next run goes on."""
        commit = self.env["ir.cron"]._commit_progress
        lines = self.env["crm.archive.disposal.line"].sudo()
        begun = [("disposal_id.state", "=", "destroying")]
        while some := lines.search([*begun, ("state", "=", "open")], limit=batch):
            some._carry_out()
            commit(len(some))
        # only what is committed: a file must not go before the row that names it
        while some := lines.search([*begun, ("state", "=", "deleted")], limit=batch):
            some._purge_files()
            commit(len(some))
        for disposal in self.sudo().search([("state", "=", "destroying")]):
            if any(line.state in ("open", "deleted") for line in disposal.line_ids):
                continue
            if not disposal.left_files:
                disposal.left_files = {"names": disposal.line_ids.archive_id._close_destroyed()}
                commit()
            disposal._finish()
            commit(1)

    def _finish(self):
        self.env["ir.attachment"]._purge_crm_files(self.left_files["names"])
        self.write({"state": "done", "date_done": fields.Datetime.now(), "left_files": False})
        people = (self.user_id | self.executor_id | self.witness_id).filtered("active")
        self.message_notify(
            partner_ids=people.partner_id.ids,
            subject=self.env._("Destroyed: %s", self.display_name),
            body=self.env._(
                "%(destroyed)s items destroyed, %(kept)s kept or held back.",
                destroyed=self.destroyed_count,
                kept=self.kept_count,
            ),
        )
