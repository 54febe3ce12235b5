from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_list

from ..tools.placeholders import find_unknown
from .crm_service_case import KINDS


class CrmCaseReplyTemplate(models.Model):
    """An answer to send or to say, with what it fills in on the case.

    Templates for what was our fault and for what was not differ (C1.R9); the words of the latter
    are checked.
    """

    _name = "crm.case.reply.template"
    _description = "Reply Template"
    _inherit = ["crm.access.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Leave empty for all companies.")
    kind = fields.Selection(KINDS, help="Leave empty for all kinds.")
    category_id = fields.Many2one(
        "crm.case.category",
        index="btree_not_null",
        ondelete="restrict",
        help="Leave empty for all categories; parts of the category count as well.",
    )
    fault = fields.Selection(
        [("any", "Any"), ("own", "Our Fault"), ("not_own", "Not Our Fault")],
        required=True,
        default="any",
    )
    subject = fields.Char(translate=True)
    body = fields.Text(
        "Text",
        required=True,
        translate=True,
        help="May hold {customer}, {contact}, {number}, {subject}, {product}, {order}, {solution}, "
        "{date}, {user}, {hotline} and {company}.",
    )
    check_ids = fields.One2many("crm.case.reply.check", "template_id", "Checklist", copy=True)

    # what it fills in
    stage_id = fields.Many2one(
        "crm.service.case.stage", "Moves to Stage", index="btree_not_null", ondelete="restrict"
    )
    solution = fields.Text("Fills in Solution", translate=True)
    set_category_id = fields.Many2one(
        "crm.case.category", "Sets Category", index="btree_not_null", ondelete="restrict"
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        "Next Activity",
        ondelete="restrict",
        domain="[('res_model', 'in', (False, 'crm.service.case'))]",
    )
    activity_days = fields.Integer("In Days", default=1)
    activity_summary = fields.Char(translate=True)

    @api.constrains("subject", "body", "solution")
    def _check_placeholders(self):
        known = self.env["crm.service.case"]._get_reply_names()
        for template in self:
            texts = (template.subject, template.body, template.solution)
            unknown = find_unknown(" ".join(filter(None, texts)), known)
            if unknown:
                raise ValidationError(
                    self.env._(
                        "Template “%(template)s”: %(unknown)s cannot be filled in. Use %(known)s.",
                        template=template.name,
                        unknown=format_list(self.env, [f"{{{name}}}" for name in unknown]),
                        known=format_list(self.env, [f"{{{name}}}" for name in known]),
                    )
                )

    @api.constrains("fault", "subject", "body")
    def _check_apology(self):
        for template in self.filtered(lambda template: template.fault == "not_own"):
            words = self.env["crm.case.apology.word"]._find_apology(template.subject, template.body)
            if words:
                raise ValidationError(
                    self.env._(
                        "Template “%(template)s” is for what was not our fault, and says "
                        "%(words)s. Leave that out.",
                        template=template.name,
                        words=format_list(self.env, [f"“{word}”" for word in words]),
                    )
                )

    @api.model
    def _get_case_domain(self, case):
        """Templates that fit a case; an addon narrows it with ``super()``.

        :return: ``Domain``
        """
        faults = ["any"] if case.fault == "open" else ["any", case.fault]
        category = case.category_id
        parents = [int(part) for part in (category.parent_path or "").split("/") if part]
        return (
            Domain("company_id", "in", [False, case.company_id.id])
            & Domain("kind", "in", [False, case.kind])
            & Domain("fault", "in", faults)
            & Domain("category_id", "in", [False, *parents])
        )

    @api.model
    def _get_best(self, case):
        """:return: the template that says most about the case, or an empty record"""
        found = self.search(self._get_case_domain(case))
        return found.sorted(
            lambda t: (t.fault == "any", not t.category_id, not t.kind, t.sequence, t.id)
        )[:1]
