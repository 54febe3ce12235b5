from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from .crm_service_order import ENDED


class CrmServiceOrder(models.Model):
    """Who goes when: nobody is at two customers at once without a warning (C2.F1)."""

    _name = "crm.service.order"
    _inherit = ["crm.service.order"]

    is_double_booked = fields.Boolean(
        compute="_compute_is_double_booked",
        search="_search_is_double_booked",
        help="One of the technicians has another order at the same time.",
    )
    conflict_text = fields.Char("At the Same Time", compute="_compute_is_double_booked")

    @api.depends("staff_ids", "date_planned", "date_planned_end", "state")
    def _compute_is_double_booked(self):
        saved = self.filtered("id")
        conflicts = saved._find_conflicts()
        for order in self:
            if order.id:
                others = self.browse(conflicts.get(order.id, ()))
            else:
                others = order._find_unsaved_conflicts()
            order.is_double_booked = bool(others)
            order.conflict_text = order._get_conflict_text(others)

    def _get_conflict_text(self, others):
        """The orders at the same time; those of other companies are counted only."""
        shown = others._filtered_access("read")
        names = shown.mapped("display_name")
        if hidden := len(others) - len(shown):
            names.append(self.env._("%s in other companies", hidden))
        return format_list(self.env, names)

    def _find_conflicts(self):
        """Other open orders of the same people at the same time, in one query.

        :return: dict of id to list of ids
        """
        if not self:
            return {}
        query = SQL("%s AND a.id IN %s GROUP BY a.id", self._get_conflict_query(), tuple(self.ids))
        return dict(self.env.execute_query(SQL("SELECT a.id, array_agg(DISTINCT b.id) %s", query)))

    @api.model
    def _get_conflict_query(self):
        """Pairs of open orders that share a technician and overlap; an order without an end takes
        an hour. A person is one person in all companies."""
        self.flush_model(["staff_ids", "date_planned", "date_planned_end", "state", "active"])
        return SQL(
            """
            FROM crm_service_order a
            JOIN crm_service_order_staff_rel mine ON mine.order_id = a.id
            JOIN crm_service_order_staff_rel theirs
              ON theirs.user_id = mine.user_id AND theirs.order_id != a.id
            JOIN crm_service_order b ON b.id = theirs.order_id
           WHERE a.active AND b.active AND a.state NOT IN %(ended)s AND b.state NOT IN %(ended)s
             AND a.date_planned < coalesce(b.date_planned_end, b.date_planned + interval '1 hour')
             AND b.date_planned < coalesce(a.date_planned_end, a.date_planned + interval '1 hour')
            """,
            ended=ENDED,
        )

    def _find_unsaved_conflicts(self):
        """What an order that is being planned on a form would meet.

        :return: ``crm.service.order``
        """
        people = (self.technician_id | self.helper_ids)._origin
        if not self.date_planned or not people or self.state in ENDED:
            return self.browse()
        end = self.date_planned_end or fields.Datetime.add(self.date_planned, hours=1)
        domain = Domain(
            [
                ("staff_ids", "in", people.ids),
                ("state", "not in", ENDED),
                ("id", "!=", self._origin.id),
                ("date_planned", "<", end),
            ]
        )
        lasting = Domain("date_planned_end", ">", self.date_planned) | Domain(
            [
                ("date_planned_end", "=", False),
                ("date_planned", ">", fields.Datetime.subtract(self.date_planned, hours=1)),
            ]
        )
        return self.sudo().search(domain & lasting).sudo(False)

    def _search_is_double_booked(self, operator, value):
        if operator != "in":
            return NotImplemented
        query = SQL("SELECT DISTINCT a.id %s", self._get_conflict_query())
        ids = [row[0] for row in self.env.execute_query(query)]
        booked = Domain("id", "in", ids)
        return Domain.OR(booked if wanted else ~booked for wanted in value)

    @api.depends_context("crm_show_conflicts")
    def _compute_display_name(self):
        """In the calendar a double booking shows in the title."""
        super()._compute_display_name()
        if self.env.context.get("crm_show_conflicts"):
            for order in self.filtered("is_double_booked"):
                order.display_name = f"⚠ {order.display_name}"
