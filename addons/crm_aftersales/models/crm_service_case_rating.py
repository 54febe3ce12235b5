from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

RATES = range(1, 6)
BAD_RATES = (1, 2)
SATISFIED_RATE = 4


class CrmServiceCase(models.Model):
    """What the customer thinks of it: asked once, told upwards when bad (E2.R10)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    date_rating_asked = fields.Datetime("Opinion Asked On", readonly=True, copy=False)

    @api.model
    def _get_server_fields(self):
        return {**super()._get_server_fields(), "date_rating_asked": False}

    def _record_event(self, event, date=None, message=None):
        super()._record_event(event, date=date, message=message)
        if event == "closed":
            self.filtered(lambda case: not case.is_history)._ask_rating()

    def _ask_rating(self):
        """Ask the customers of closed cases for their opinion, each once."""
        for case in self.sudo():
            if case.date_rating_asked or case._get_current_rating():
                continue
            if case._post_letter(case.team_id.rating_template_id):
                case.date_rating_asked = fields.Datetime.now()

    # ------------------------------------------------------------------ rating

    def _rating_get_parent_field_name(self):
        return "team_id"

    def _get_current_rating(self):
        """:return: ``rating.rating`` given since the case was last solved, may be empty"""
        self.ensure_one()
        case = self.sudo()
        start = case.date_solved
        given = case.rating_ids.filtered(
            lambda r: r.consumed and (not start or (r.rated_on or r.create_date) >= start)
        )
        return given.sorted("id")[-1:]

    def _is_ratable(self):
        """Whether the customer may say now how satisfied it is."""
        self.ensure_one()
        return self.sudo().state in ("solved", "closed") and not self._get_current_rating()

    def _rate(self, partner, rate, comment):
        """Keep the opinion of the customer. The caller has checked who speaks.

        :param partner: ``res.partner``, may be empty
        :param int rate: 1 to 5
        :param str comment: in words, may be empty
        :return: ``rating.rating``
        :raise UserError: not the time for it, or no such rate
        """
        self.ensure_one()
        case = self.sudo()
        if not case._is_ratable():
            raise UserError(self.env._("Thank you, this case cannot be rated now."))
        if rate not in RATES:
            raise UserError(self.env._("Please choose one to five stars."))
        rating = case.env["rating.rating"].create(
            {
                "res_model_id": case.env["ir.model"]._get_id(case._name),
                "res_id": case.id,
                "partner_id": partner.id,
                "rated_partner_id": (case.solved_by_id or case.user_id).partner_id.id,
                "rated_on": fields.Datetime.now(),
            }
        )
        # core computes the last rating of a case from what the database knows of this one
        rating.flush_recordset()
        rating.write({"rating": rate, "feedback": comment, "consumed": True})
        case.invalidate_recordset(["rating_ids"])
        case._message_log(
            body=self.env._(
                "The customer gave %(rate)s of 5 stars. %(comment)s",
                rate=rate,
                comment=comment or "",
            )
        )
        if rate in BAD_RATES:
            case._tell_bad_rating(rate, comment)
        return rating

    def _tell_bad_rating(self, rate, comment):
        """The head of the owner is told, the owner too; both can reopen."""
        head = self.department_id.head_id or self.team_id.leader_id
        people = (head | self._get_responsible_user()).filtered("active")
        for user in people:
            case = self.with_context(lang=user.lang or self.env.lang)
            case._schedule_for_responsible(
                case.env._("The customer is not satisfied: %s of 5 stars", rate),
                case._get_bad_rating_note(comment),
                user,
            )

    def _get_bad_rating_note(self, comment):
        advice = (
            self.env._("Talk to the customer; if the matter is not solved, press “Reopen”.")
            if self.state == "solved"
            else self.env._("Talk to the customer; a supervisor can reopen the closed case.")
        )
        return f"{comment}\n{advice}" if comment else advice

    def action_open_case_ratings(self):
        """What the customer said, each time the case was solved."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ratings"),
            "res_model": "rating.rating",
            "view_mode": "list,form",
            "domain": [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("consumed", "=", True),
            ],
            "context": {"create": False, "edit": False},
        }

    # ------------------------------------------------------------------ nobody else rates

    def rating_apply(self, *args, **kwargs):
        """The links of core change a rating as often as wanted: cases are rated on their own page.

        :raise AccessError: always
        """
        raise AccessError(self.env._("Only the customer rates a case, on the page of the case."))

    def rating_send_request(self, *args, **kwargs):
        """:raise AccessError: always, see :meth:`rating_apply`"""
        raise AccessError(self.env._("The customer is asked by itself when the case is closed."))

    @api.model
    def _get_allowed_message_params(self):
        return super()._get_allowed_message_params() - {"rating_value"}

    def message_post(self, **kwargs):
        """A message carries no rating: see :meth:`_rate`.

        :raise AccessError: it does
        """
        if kwargs.get("rating_value") or kwargs.get("rating_id"):
            raise AccessError(
                self.env._("Only the customer rates a case, on the page of the case.")
            )
        return super().message_post(**kwargs)

    # ------------------------------------------------------------------ for statistics

    @api.model
    def _get_satisfaction(self, domain, groupby=None):
        """How satisfied the customers of some cases are; each case counts with its last rating.

        :param domain: of the cases
        :param str groupby: field to group by, or None
        :return: dict of group (None without ``groupby``) to dict of ``count`` (rated cases),
            ``average`` (stars) and ``satisfied`` (share of four and five stars, 0 to 1)
        """
        rated = Domain(domain) & Domain("rating_last_value", ">=", RATES[0])
        names = [groupby] if groupby else []
        found = {}
        rows = self._read_group(rated, [*names, "rating_last_value"], ["__count"])
        for *group, rate, count in rows:
            entry = found.setdefault(
                group[0] if group else None, {"count": 0, "stars": 0, "good": 0}
            )
            entry["count"] += count
            entry["stars"] += rate * count
            entry["good"] += count if rate >= SATISFIED_RATE else 0
        return {
            group: {
                "count": entry["count"],
                "average": entry["stars"] / entry["count"],
                "satisfied": entry["good"] / entry["count"],
            }
            for group, entry in found.items()
        }
