from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .crm_archive_item import CLASSES

EVENTS = {
    "document": "date_document",
    "opened": "archive_id.date_opened",
    "established": "archive_id.date_established",
    "ended": "archive_id.date_ended",
}


class CrmArchiveRetention(models.Model):
    """保管期限: how long items of a class are kept, and from which event on (B5.R4).

    The first rule that fits an item counts. Where none fits, or the event has not happened, an
    item is kept.
    """

    _name = "crm.archive.retention"
    _description = "Retention Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Leave empty for every company.")
    archive_class = fields.Selection(CLASSES, "Class", help="Leave empty for every class.")
    customer_type_id = fields.Many2one(
        "crm.customer.type",
        index="btree_not_null",
        ondelete="restrict",
        help="Leave empty for every type.",
    )
    is_permanent = fields.Boolean("Kept for Good")
    years = fields.Integer(default=10)
    event = fields.Selection(
        [
            ("document", "Date of the Document"),
            ("opened", "Archive Opened"),
            ("established", "Archive Established"),
            ("ended", "End of the Relation with the Customer"),
        ],
        "Counted From",
        required=True,
        default="ended",
    )

    _years_positive = models.Constraint(
        "CHECK(is_permanent OR years > 0)", "A term is at least one year, or for good."
    )

    @api.model
    def _get_rules(self, company):
        """:return: the rules of a company, the first that fits counts"""
        return self.sudo().search([("company_id", "in", (False, company.id))])

    def _get_item_domain(self):
        """Which items the rule is about; addons with facts of their own narrow it.

        :return: ``Domain`` on ``crm.archive.item``
        """
        self.ensure_one()
        domain = Domain.TRUE
        if self.archive_class:
            domain &= Domain("archive_class", "=", self.archive_class)
        if self.customer_type_id:
            domain &= Domain(
                "archive_id.partner_id.crm_customer_type_id", "=", self.customer_type_id.id
            )
        return domain

    def _get_due_domain(self, day):
        """Which items the rule lets go on a day.

        :param date day: where the company works
        :return: ``Domain`` on ``crm.archive.item``
        """
        self.ensure_one()
        if self.is_permanent:
            return Domain.FALSE
        limit = day - relativedelta(years=self.years)
        path = EVENTS[self.event]
        if self.event == "established":
            limit = fields.Datetime.to_datetime(limit)
        return Domain(path, "!=", False) & Domain(path, "<=", limit)

    def _get_date_end(self, item):
        """:return: date until which the rule keeps an item, or False: for good, or not begun"""
        self.ensure_one()
        start = item.mapped(EVENTS[self.event])
        if self.is_permanent or not start or not start[0]:
            return False
        return fields.Date.to_date(start[0]) + relativedelta(years=self.years)

    @api.model
    def _get_due_items_domain(self, company, day):
        """Items of a company that are due for destruction, whoever asks.

        :return: ``Domain`` on ``crm.archive.item``
        """
        due, left = Domain.FALSE, Domain.TRUE
        for rule in self._get_rules(company):
            mine = rule._get_item_domain()
            due |= left & mine & rule._get_due_domain(day)
            left &= ~mine
        return (
            Domain("company_id", "=", company.id)
            & Domain("date_destroyed", "=", False)
            & Domain("archive_id.state", "=", "established")
            & (Domain("date_kept_until", "=", False) | Domain("date_kept_until", "<", day))
            & due
        )
