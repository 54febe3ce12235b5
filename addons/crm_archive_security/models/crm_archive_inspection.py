import random

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.crm_service_base.tools.state_order import in_order

# what the draw depends on
DRAW_FIELDS = frozenset(("sample_size", "inspected_department_id", "method", "company_id"))


class CrmArchiveInspection(models.Model):
    """监督检查: the supervision group looks into archives drawn at random (B7.R1).

    The server draws, once: what was drawn is what is looked at. What is found has somebody who
    puts it right by a day, and somebody else who looks whether it is.
    """

    _name = "crm.archive.inspection"
    _description = "Archive Inspection"
    _inherit = ["crm.service.moved.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "title"]
    _mail_post_access = "read"

    _stamps = ("population_count", "date_drawn", "drawn_by_id", "date_closed", "closed_by_id")
    _editable_states = ("draft", "running", "rectifying")

    title = fields.Char(required=True)
    user_id = fields.Many2one(string="Head of the Group", required=True)
    member_ids = fields.Many2many(
        "res.users",
        "crm_archive_inspection_user_rel",
        "inspection_id",
        "user_id",
        "Supervision Group",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Managers and heads of departments; they fill in what they find.",
    )
    method = fields.Selection(
        [
            ("archive", "Archives Drawn at Random"),
            ("interview", "Questions to Staff"),
            ("process", "Business Processes Sampled"),
        ],
        required=True,
        default="archive",
    )
    inspected_department_id = fields.Many2one(
        "crm.service.department",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Only archives of its customers are drawn; leave empty for all.",
    )
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("To", required=True, default=fields.Date.context_today)
    sample_size = fields.Integer("Archives to Draw", required=True, default=10)
    population_count = fields.Integer(
        "Drawn From", readonly=True, copy=False, help="How many archives there were to draw from."
    )
    date_drawn = fields.Datetime("Drawn On", readonly=True, copy=False)
    drawn_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Under Way"),
            ("rectifying", "Being Put Right"),
            ("closed", "Closed"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    conclusion = fields.Text(copy=False)
    date_closed = fields.Datetime("Closed On", readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    line_ids = fields.One2many("crm.archive.inspection.line", "inspection_id", "Sample", copy=False)
    finding_ids = fields.One2many("crm.archive.finding", "inspection_id", "Findings", copy=False)
    line_count = fields.Integer("In the Sample", compute="_compute_progress")
    done_count = fields.Integer("Looked At", compute="_compute_progress")
    finding_count = fields.Integer("Found", compute="_compute_progress")
    finding_open_count = fields.Integer("Open Findings", compute="_compute_progress")
    accuracy = fields.Float(
        "Accuracy (%)", compute="_compute_progress", help="Facts found right of the facts checked."
    )

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "An inspection cannot end before it begins."
    )
    _sample_size_sensible = models.Constraint(
        "CHECK(sample_size > 0 AND sample_size <= 1000)", "Draw between 1 and 1,000 archives."
    )

    @api.depends(
        "line_ids.date_done",
        "line_ids.checked_count",
        "line_ids.wrong_count",
        "finding_ids.date_verified",
    )
    def _compute_progress(self):
        for inspection in self:
            lines = inspection.line_ids
            done = lines.filtered("date_done")
            checked, wrong = sum(done.mapped("checked_count")), sum(done.mapped("wrong_count"))
            inspection.line_count = len(lines)
            inspection.done_count = len(done)
            inspection.finding_count = len(inspection.finding_ids)
            inspection.finding_open_count = len(
                inspection.finding_ids.filtered(lambda finding: not finding.date_verified)
            )
            inspection.accuracy = 100 * (checked - wrong) / checked if checked else 0

    @api.depends("name", "title")
    def _compute_display_name(self):
        for inspection in self:
            inspection.display_name = " · ".join(filter(None, [inspection.name, inspection.title]))

    # ------------------------------------------------------------------ write, delete

    def _check_content_write(self, names, vals):
        super()._check_content_write(names, vals)
        if names & DRAW_FIELDS and any(inspection.state != "draft" for inspection in self):
            raise UserError(self.env._("The sample is drawn: this cannot be changed any more."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(inspection.state != "draft" for inspection in self):
            raise UserError(self.env._("Only drafts are deleted."))

    def _can_file(self):
        return super()._can_file() and self.state == "closed"

    # ------------------------------------------------------------------ actions

    def action_start(self):
        """Begin: archives are drawn at random by the server, once.

        :raise UserError: begun before, or there is nothing to draw from
        """
        self.check_access("write")
        self._lock()
        self._check_state(("draft",))
        for inspection in self.sudo():
            inspection._start()

    def _start(self):
        values = {"state": "running", "date_drawn": fields.Datetime.now()}
        if self.method == "archive":
            archives = self.env["crm.archive"].search(self._get_population_domain())
            if not archives:
                raise UserError(self.env._("There are no archives to draw from."))
            drawn = random.SystemRandom().sample(archives.ids, min(self.sample_size, len(archives)))
            values["population_count"] = len(archives)
            values["line_ids"] = [
                Command.create({"archive_id": archive_id, "user_id": user.id})
                for archive_id, user in zip(drawn, self._get_turns(len(drawn)), strict=True)
            ]
        self.write({**values, "drawn_by_id": self.env.uid})

    def _get_turns(self, count):
        """:return: list of ``res.users``, the members of the group in turn"""
        members = self.member_ids or self.user_id
        return [members[number % len(members)] for number in range(count)]

    def _get_population_domain(self):
        """Which archives can be drawn; addons narrow it.

        :return: domain on ``crm.archive``
        """
        domain = [("company_id", "=", self.company_id.id)]
        if self.inspected_department_id:
            domain.append(("department_id", "=", self.inspected_department_id.id))
        return domain

    def action_finish(self):
        """Everything was looked at: what was found is put right, or there is nothing.

        :raise UserError: not under way, or part of the sample was not looked at
        """
        self.check_access("write")
        self._check_state(("running",))
        for inspection in self:
            left = inspection.line_count - inspection.done_count
            if left:
                raise UserError(self.env._("%s of the sample were not looked at yet.", left))
            if not (inspection.conclusion or "").strip():
                raise UserError(self.env._("Write the conclusion first."))
            inspection.sudo().state = "rectifying"
        self.sudo().filtered(lambda i: not i.finding_open_count)._close()

    def _close(self):
        self.write(
            {
                "state": "closed",
                "date_closed": fields.Datetime.now(),
                "closed_by_id": self.env.uid,
            }
        )

    def _on_finding_verified(self):
        """The last finding that is put right closes the inspection."""
        self.filtered(lambda i: i.state == "rectifying" and not i.finding_open_count)._close()

    def action_open_findings(self):
        """What was found, and what is done about it."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_archive_security.crm_archive_finding_action"
        )
        action["domain"] = [("inspection_id", "=", self.id)]
        action["context"] = {"default_inspection_id": self.id}
        return action
