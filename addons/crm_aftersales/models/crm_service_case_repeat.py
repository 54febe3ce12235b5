from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.similarity import similarity

REPEAT_DAYS = 30
REPEAT_SIMILARITY = 0.4
CANDIDATES = 20


class CrmServiceCase(models.Model):
    """The customer should never have to call twice: a second contact on a matter is found (C3.R2).

    Nothing of this runs while cases are created: who registers is shown what was before, a
    scheduled action links what came in by itself, and the form proposes.
    """

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    repeat_of_id = fields.Many2one(
        "crm.service.case",
        "Repeats",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The first case about the same matter.",
    )
    repeat_ids = fields.One2many("crm.service.case", "repeat_of_id", "Repeated By")
    repeat_count = fields.Integer(
        "Repeated Contacts",
        readonly=True,
        copy=False,
        help="How often the customer had to turn to us again about this matter.",
    )
    repeat_number = fields.Integer(
        "Contact No.", readonly=True, copy=False, help="The customer's how many-th contact."
    )
    is_repeat_denied = fields.Boolean("Another Matter", readonly=True, copy=False)
    repeat_candidate_id = fields.Many2one(
        "crm.service.case", "Perhaps the Same Matter", compute="_compute_repeat_candidate_id"
    )
    contact_number = fields.Integer("Contacts So Far", compute="_compute_contact_number")

    @api.model
    def _get_server_fields(self):
        return {
            **super()._get_server_fields(),
            "repeat_of_id": False,
            "repeat_count": 0,
            "repeat_number": 0,
            "is_repeat_denied": False,
        }

    @api.depends(
        "commercial_partner_id",
        "phone_key",
        "category_id",
        "product_id",
        "subject",
        "repeat_of_id",
        "is_repeat_denied",
    )
    def _compute_repeat_candidate_id(self):
        found = self._origin._find_repeats()
        for case in self:
            case.repeat_candidate_id = found.get(case._origin.id, False)

    @api.depends("repeat_number", "repeat_count", "repeat_of_id.repeat_count")
    def _compute_contact_number(self):
        for case in self:
            case.contact_number = (case.repeat_of_id or case).repeat_count + 1

    # --------------------------------------------------------------- what it makes of a complaint

    @api.model
    def _get_severity_facts(self):
        return super()._get_severity_facts() | {"repeat_of_id", "repeat_count"}

    def _get_request_count(self):
        """What was counted here goes before what somebody typed, where it is more."""
        return max(super()._get_request_count(), (self.repeat_of_id or self).repeat_count + 1)

    # ------------------------------------------------------------------ finding

    @api.model
    def _get_repeat_days(self):
        """:return: int, how many days back the same matter counts as the same"""
        parameters = self.env["ir.config_parameter"].sudo()
        return int(parameters.get_param("crm_aftersales.repeat_days") or REPEAT_DAYS)

    def _find_repeats(self, is_sure=False):
        """The first case of the same customer or number about the same matter, in one query.

        Cases that are linked, or were said to be another matter, find nothing.

        :param bool is_sure: only what is said in like words, or is of the same product and
            category; else also another open case of the category, or one of the product
        :return: dict ``{case id: crm.service.case}``; what is not found is not in it
        """
        asked = self.filtered(lambda case: not (case.repeat_of_id or case.is_repeat_denied))
        if not asked.ids:
            return {}
        rows = asked._query_repeats()
        found = {}
        for case_id, earlier_id, first_id, is_same, is_near, subject, other in rows:
            is_same = is_same or (is_near and not is_sure)
            if case_id not in found and (
                is_same or similarity(subject, other) >= REPEAT_SIMILARITY
            ):
                found[case_id] = self.browse(first_id or earlier_id)
        readable = self.browse(case.id for case in found.values())._filtered_access("read")
        return {case_id: case for case_id, case in found.items() if case in readable}

    def _query_repeats(self):
        """Per case up to twenty earlier cases of the caller, the latest first."""
        self.flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT c.id, e.id, e.repeat_of_id,
                       e.product_id = c.product_id AND e.category_id = c.category_id,
                       e.product_id = c.product_id
                       OR (e.category_id = c.category_id AND e.kind = c.kind
                           AND e.state = 'open'),
                       c.subject, e.subject
                  FROM crm_service_case c
            CROSS JOIN LATERAL (
                       SELECT o.*
                         FROM crm_service_case o
                        WHERE o.company_id = c.company_id AND o.id != c.id
                          AND (o.date_opened, o.id) < (c.date_opened, c.id)
                          AND o.date_opened >= c.date_opened - %(days)s * interval '1 day'
                          AND o.state != 'cancelled' AND o.active
                          AND o.is_history IS NOT TRUE
                          AND (o.commercial_partner_id = c.commercial_partner_id
                               OR (o.phone_key = c.phone_key
                                   AND (o.commercial_partner_id IS NULL
                                        OR c.commercial_partner_id IS NULL)))
                        ORDER BY o.date_opened DESC, o.id DESC
                        LIMIT %(limit)s) e
                 WHERE c.id = ANY(%(ids)s) AND c.state != 'cancelled'
                 ORDER BY c.id, e.date_opened DESC, e.id DESC
                """,
                days=self._get_repeat_days(),
                limit=CANDIDATES,
                ids=self.ids,
            )
        )

    @api.model
    def _cron_find_repeats(self, batch=1000):
        """Link what came in by itself in the last day; linked ones are left alone, so that
        running again does nothing twice."""
        domain = [
            ("create_date", ">=", fields.Datetime.subtract(fields.Datetime.now(), days=1)),
            ("state", "=", "open"),
            ("repeat_of_id", "=", False),
            ("is_repeat_denied", "=", False),
            ("is_history", "=", False),
        ]
        last = 0
        while cases := self.search([*domain, ("id", ">", last)], order="id", limit=batch):
            last = cases[-1].id
            for case_id, first in cases._find_repeats(is_sure=True).items():
                case = cases.browse(case_id)
                lang = case.company_id._get_crm_lang()
                case.with_context(lang=lang)._link_repeat(first.with_context(lang=lang))
            if not self.env["ir.cron"]._commit_progress(len(cases)):
                break

    # ------------------------------------------------------------------ linking

    def action_link_repeat(self):
        """This is the matter that the customer turned to us about before.

        :raise UserError: nothing was found
        """
        self.check_access("write")
        for case in self:
            first = case.repeat_candidate_id
            if not first:
                raise UserError(
                    self.env._("No earlier case about the matter of %s was found.", case.name)
                )
            case._link_repeat(first)

    def action_deny_repeat(self):
        """It is another matter: the proposal does not come again."""
        self.check_access("write")
        self.sudo().write({"is_repeat_denied": True})

    def action_unlink_repeat(self):
        """It was another matter after all: the contact is not counted as a repeat any more."""
        self.check_access("write")
        for case in self.sudo().filtered("repeat_of_id"):
            first = case.repeat_of_id
            case.write({"repeat_of_id": False, "repeat_number": 0, "is_repeat_denied": True})
            first.repeat_count = max(0, first.repeat_count - 1)
            first._message_log(
                body=self.env._("Case %s is about another matter after all.", case.name)
            )

    def action_open_repeats(self):
        """The first case about the matter and all that repeat it."""
        self.ensure_one()
        first = self.repeat_of_id or self
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_case_action"
        )
        action["display_name"] = self.env._("Contacts about %s", first.display_name)
        action["domain"] = ["|", ("id", "=", first.id), ("repeat_of_id", "=", first.id)]
        action["context"] = {"create": False}
        return action

    def _link_repeat(self, first):
        """Say of a case that it repeats another; the earlier one has it in its log.

        :param first: ``crm.service.case`` about the same matter
        """
        self.ensure_one()
        first = (first.repeat_of_id or first).sudo()
        case = self.sudo()
        if case.repeat_of_id or first == case:
            return
        first._note_contact(
            case.date_opened,
            self.env._("The customer turned to us again: case %s.", case._get_html_link()),
        )
        case.write({"repeat_of_id": first.id, "repeat_number": first.repeat_count + 1})
        # what repeated this one repeats the first
        case.repeat_ids.write({"repeat_of_id": first.id})

    def _note_contact(self, date, text):
        """The customer turned to us once more about this case; an addon that keeps merit entries
        extends it, as ``_flag_passing_around``.

        :param datetime date: when, UTC
        :param text: for the log
        :return: ``mail.message``
        """
        self.ensure_one()
        case = self.sudo()
        case.repeat_count += 1
        case.repeat_ids._raise_by_facts()  # the count is theirs as well
        message = case._message_log(body=text)
        if case.state == "open":
            self._record_event("written", date, message)
        owner = case.user_id.filtered("active") - self.env.user
        if owner:
            case.message_notify(
                partner_ids=owner.partner_id.ids,
                subject=self.env._(
                    "Contact No. %(number)s about %(case)s",
                    number=case.repeat_count + 1,
                    case=case.display_name,
                ),
                body=text,
            )
        return message
