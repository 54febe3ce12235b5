from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import float_compare

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmGradingStandard(models.Model):
    """客户分级标准 (A3.F1): drafted by the supervisor, approved by the service manager (E1.R3).

    A standard that was approved never changes; a new version takes its place from a date on. Its
    texts are in the company's one language: what is approved would change with each language
    that is loaded later.
    """

    _name = "crm.grading.standard"
    _description = "Grading Standard"
    _inherit = ["crm.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, version desc, id desc"
    _check_company_auto = True

    _approval_draft_states = ("draft",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"
    _approval_line_fields = ("criterion_ids", "level_ids", "cap_ids")

    name = fields.Char(required=True)
    version = fields.Integer(default=1, readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("submitted", "To Approve"), ("approved", "Approved")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_from = fields.Date("In Force From", copy=False)
    is_in_force = fields.Boolean(
        "In Force", compute="_compute_is_in_force", search="_search_is_in_force"
    )
    user_id = fields.Many2one(
        "res.users",
        "Drafted By",
        default=lambda self: self.env.user,
        copy=False,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
        help="Empty: for every company that has no standard of its own.",
    )
    criterion_ids = fields.One2many("crm.grading.criterion", "standard_id", "Items", copy=True)
    level_ids = fields.One2many("crm.grading.level", "standard_id", "Grades", copy=True)
    cap_ids = fields.One2many("crm.grading.cap", "standard_id", "Caps", copy=True)
    weight_total = fields.Float(
        "Points of All Items", digits=(16, 2), compute="_compute_weight_total"
    )
    missing_rule = fields.Selection(
        [
            ("rescale", "Scaled up from the items that are rated"),
            ("zero", "Items not rated give no points"),
            ("none", "No grade until all items are rated"),
        ],
        "Where Data Are Missing",
        required=True,
        default="rescale",
        help="Scaled up: what is rated stands for the rest. A figure known for the first time then "
        "takes its own place, and can lower the total: a first sale with a small margin, for "
        "instance, or the first judgement. Otherwise sales at a profit never lower a total.",
    )
    rated_weight_min = fields.Float(
        "Points Rated at Least",
        digits=(16, 2),
        default=50,
        help="Where fewer points than these are rated, there is no grade.",
    )
    margin = fields.Float(
        "Margin (Points)",
        digits=(16, 2),
        help="A customer leaves his grade only when he is so many points beyond its limit.",
    )
    warning_points = fields.Float(
        "Total Fell by (Points)", digits=(16, 2), default=10, help="0: no such warning."
    )
    warning_orders = fields.Float(
        "Orders Fell by (%)", digits=(16, 2), default=30, help="0: no such warning."
    )
    warning_days = fields.Float(
        "Payments Later by (Days)", digits=(16, 2), default=7, help="0: no such warning."
    )
    note = fields.Text("Remarks")
    run_ids = fields.One2many("crm.grading.run", "standard_id", "Gradings")
    run_count = fields.Integer(compute="_compute_run_count")

    _margin_positive = models.Constraint("CHECK (margin >= 0)", "A margin cannot be negative.")
    _warnings_positive = models.Constraint(
        "CHECK (warning_points >= 0 AND warning_orders >= 0 AND warning_days >= 0)",
        "Limits of warnings cannot be negative.",
    )

    @api.depends("state", "date_from", "company_id")
    @api.depends_context("company")
    def _compute_is_in_force(self):
        current = self._get_in_force(self.env.company, fields.Date.context_today(self))
        for standard in self:
            standard.is_in_force = standard == current

    def _search_is_in_force(self, operator, value):
        if operator != "in":
            return NotImplemented
        current = self._get_in_force(self.env.company, fields.Date.context_today(self))
        domain = Domain("id", "in", current.ids)
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    @api.depends("criterion_ids.weight")
    def _compute_weight_total(self):
        for standard in self:
            standard.weight_total = sum(standard.criterion_ids.mapped("weight"))

    def _compute_run_count(self):
        counts = dict(
            self.env["crm.grading.run"]._read_group(
                [("standard_id", "in", self.ids)], ["standard_id"], ["__count"]
            )
        )
        for standard in self:
            standard.run_count = counts.get(standard, 0)

    @api.depends("name", "version")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for standard in self:
            standard.display_name = standard.name and self.env._(
                "%(name)s, version %(version)s", name=standard.name, version=standard.version
            )

    @api.model_create_multi
    def create(self, vals_list):
        standards = super().create(vals_list)
        for standard in standards.sudo():
            others = self.sudo().search(
                [("company_id", "=", standard.company_id.id), ("id", "!=", standard.id)],
                order="version desc",
                limit=1,
            )
            standard.version = others.version + 1
        return standards

    # ------------------------------------------------------------------ approval

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"version"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for standard in self:
            if not standard.date_from:
                raise UserError(self.env._("Say from which day the standard is in force."))
            standard._check_weights()
            standard.criterion_ids._check_complete()
            standard._check_levels()
            standard.cap_ids._check_complete()

    def _check_weights(self):
        if float_compare(self.weight_total, 100, precision_digits=2):
            raise UserError(
                self.env._(
                    "The items of a standard must add up to 100 points; these give %s.",
                    f"{self.weight_total:g}",
                )
            )

    def _check_levels(self):
        levels = self.level_ids.sorted(lambda level: level.grade_id.rank)
        limits = levels.mapped("score_from")
        if not levels or limits[-1]:
            raise UserError(
                self.env._(
                    "The lowest grade of a standard starts at 0 points, so that every total has "
                    "a grade."
                )
            )
        if any(better <= worse for better, worse in zip(limits, limits[1:], strict=False)):
            raise UserError(
                self.env._("A better grade must start at more points than the grade below it.")
            )

    @api.model
    def _get_in_force(self, company, day):
        """The standard that counts for a company on a day; its own comes before the shared one.

        :return: ``crm.grading.standard`` with at most one record, with ``sudo`` as the caller has
        """
        domain = [("state", "=", "approved"), ("date_from", "<=", day)]
        for owner in (company.id, False):
            standard = self.search(
                [*domain, ("company_id", "=", owner)],
                order="date_from desc, version desc, id desc",
                limit=1,
            )
            if standard:
                return standard
        return self.browse()

    # ------------------------------------------------------------------ the procedure's

    @api.model
    def _create_procedure_standard(self):
        """The standard of the procedure as a draft, in the language of the administrator.

        Called once, at installation. Points are the procedure's; the limits of the bands are a
        proposal that each company changes before it approves them.
        """
        lang = self.env.ref("base.user_admin").lang or self.env.lang
        standard = self.with_context(lang=lang)
        standard = standard.create(standard._prepare_procedure_values())
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": "crm_grading.standard_procedure",
                    "record": standard,
                    "noupdate": True,
                }
            ]
        )

    def _prepare_procedure_values(self):
        grades = [self.env.ref(f"crm_service_base.customer_grade_{letter}") for letter in "abc"]
        return {
            "name": self.env._("Customer Grading Standard"),
            "company_id": False,
            "margin": 2,
            "criterion_ids": [Command.create(values) for values in self._prepare_procedure_items()],
            "level_ids": [
                Command.create({"grade_id": grade.id, "score_from": points})
                for grade, points in zip(grades, (75, 50, 0), strict=True)
            ],
            "cap_ids": [
                Command.create(
                    {
                        "name": self.env._("Bad debt: overdue for more than half a year"),
                        "source": "overdue_days",
                        "threshold": 181,
                        "grade_id": grades[2].id,
                    }
                ),
                Command.create(
                    {
                        "name": self.env._("Grave complaint still open"),
                        "source": "fact",
                        "fact": "grave_complaints_open",
                        "threshold": 1,
                        "grade_id": grades[1].id,
                    }
                ),
            ],
        }

    def _prepare_procedure_items(self):
        return [
            {
                "sequence": 10,
                "name": self.env._("Contribution to Profit"),
                "weight": 30,
                "source": "profit",
                "data_source": self.env._(
                    "The orders of one quarter and the margin of the products bought: the profit "
                    "the customer made for the company"
                ),
                "band_ids": self._prepare_bands(
                    (1, 6), (5000, 12), (10000, 18), (30000, 24), (60000, 30)
                ),
            },
            {
                "sequence": 20,
                "name": self.env._("Order Amount"),
                "weight": 30,
                "source": "order_amount",
                "data_source": self.env._("The amount the customer ordered in the last quarter"),
                "band_ids": self._prepare_bands(
                    (1, 6), (20000, 12), (50000, 18), (100000, 24), (200000, 30)
                ),
            },
            {
                "sequence": 30,
                "name": self.env._("Years of Cooperation with the Company"),
                "weight": 10,
                "source": "years",
                "scale": "linear",
                "value_full": 5,
                "data_source": self.env._("The record of cooperation with the company"),
            },
            {
                "sequence": 40,
                "name": self.env._("Customer's Credit"),
                "weight": 20,
                "source": "days_late",
                "months": 12,
                "data_source": self.env._(
                    "The payments of the last year: whether on time, how many days late and why"
                ),
                "band_ids": self._prepare_bands((0, 20), (3, 15), (8, 10), (16, 5), (31, 0)),
            },
            {
                "sequence": 50,
                "name": self.env._("Prospects"),
                "weight": 10,
                "source": "judgement",
                "topic_id": self.env.ref("crm_grading.topic_prospects").id,
                "scale": "linear",
                "value_full": 100,
                "data_source": self.env._("The value the customer may have in future"),
            },
        ]

    @api.model
    def _prepare_bands(self, *pairs):
        return [Command.create({"value_from": value, "points": points}) for value, points in pairs]

    # ------------------------------------------------------------------ actions

    def action_new_version(self):
        """A draft with the same content, to be changed and approved anew."""
        self.ensure_one()
        return self.copy().get_formview_action()

    def action_trial(self):
        """Try the standard on the last full quarter beside the one in force; changes nothing.

        :raise AccessError: the user is no supervisor of customer service
        :raise UserError: an item or a threshold is not complete
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(self.env._("Only supervisors of customer service try standards."))
        run = self.env["crm.grading.run"].create({"standard_id": self.id, "is_trial": True})
        run.action_compute()
        return run.get_formview_action()

    def action_open_runs(self):
        """The gradings by this standard, trials among them."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_grading.crm_grading_run_action")
        action["domain"] = [("standard_id", "=", self.id)]
        action["context"] = {"default_standard_id": self.id}
        return action
