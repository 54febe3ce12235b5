from odoo import api, fields, models

CHANNELS = [
    ("face", "Face to Face"),
    ("phone", "Phone"),
    ("qq", "QQ"),
    ("wechat", "WeChat"),
    ("email", "E-mail"),
    ("letter", "Letter"),
    ("other", "Other"),
]


class CrmVisitMethod(models.Model):
    """A way of visiting and what it asks for: plan, notice, preparation (A1.R2, A1.R4)."""

    _name = "crm.visit.method"
    _description = "Visit Method"
    _inherit = ["crm.import.template.mixin"]
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    channel = fields.Selection(CHANNELS, required=True, default="face")
    direction = fields.Selection(
        [("outbound", "We go to the customer"), ("inbound", "The customer comes to us")],
        required=True,
        default="outbound",
    )
    is_plan_required = fields.Boolean(
        "Plan Required",
        default=True,
        help="A visit by this method takes place only under an approved plan. "
        "Callbacks, receptions and incoming calls need none.",
    )
    is_place_required = fields.Boolean("Place Required")
    notice_days = fields.Integer(
        help="The customer is asked about time and place this many calendar days ahead; "
        "0 for never.",
    )
    is_notice_mailed = fields.Boolean(
        "Ask by E-Mail",
        help="The customer is asked by e-mail to confirm time and place, a day before the notice "
        "would be late.",
    )
    max_attempts = fields.Integer(
        default=3, help="After so many unanswered attempts somebody decides; 0 for never."
    )
    checklist_ids = fields.One2many(
        "crm.visit.method.checklist", "method_id", "Preparation", copy=True
    )
    question_ids = fields.One2many("crm.visit.method.question", "method_id", "Questions", copy=True)
    required_field_ids = fields.Many2many(
        "ir.model.fields",
        "crm_visit_method_required_field_rel",
        "method_id",
        "field_id",
        string="Required Answers",
        domain=lambda self: [
            ("model", "=", "crm.visit"),
            ("name", "in", self.env["crm.visit"]._get_record_field_names()),
        ],
        ondelete="cascade",
        help="What a record must hold before it goes to the supervisor.",
    )

    _code_uniq = models.Constraint("UNIQUE(code)", "Each visit method needs a code of its own.")
    _notice_days_positive = models.Constraint(
        "CHECK(notice_days >= 0 AND max_attempts >= 0)",
        "Days of notice and attempts cannot be negative.",
    )

    @api.model
    def _get_import_template_title(self):
        return self.env._("Visit Methods")

    @api.model
    def _get_import_template_rows(self):
        channel = dict(self._fields["channel"]._description_selection(self.env))
        direction = dict(self._fields["direction"]._description_selection(self.env))
        return [
            {
                "name": self.env._("Video Call"),
                "code": "video",
                "channel": channel["other"],
                "direction": direction["outbound"],
                "is_plan_required": True,
                "is_place_required": False,
                "notice_days": 1,
                "max_attempts": 3,
                "checklist_ids/section": self.env._("Customer"),
                "checklist_ids/name": self.env._("Read the last visit record"),
                "checklist_ids/is_required": True,
                "question_ids/name": self.env._("Are you content with our service?"),
                "question_ids/is_required": True,
            },
            {
                "checklist_ids/section": self.env._("Customer"),
                "checklist_ids/name": self.env._("Check the open orders"),
                "checklist_ids/is_required": False,
                "question_ids/name": self.env._("What do you expect of our products?"),
                "question_ids/is_required": False,
            },
        ]
