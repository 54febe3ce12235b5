from odoo import models
from odoo.fields import Domain
from odoo.tools import format_datetime, format_list, formatLang

# what the customer waits for or had: neither drafts nor what nobody approved
SHOWN_STATES = ("approved", "departed", "arrived", "done")


class CrmServiceOrder(models.Model):
    """The customer's orders in the portal: when somebody comes, what was done, what was paid.

    Customers have no access rights on orders. They see what ``_prepare_portal_values`` names.
    """

    _name = "crm.service.order"
    _inherit = ["crm.portal.mixin", "crm.service.order"]

    _portal_path = "/my/service_orders"

    def _get_portal_domain(self, user):
        return (
            super()._get_portal_domain(user)
            & Domain("state", "in", SHOWN_STATES)
            & Domain("active", "=", True)
        )

    def _get_portal_end(self):
        return self.date_done

    # ------------------------------------------------------------------ what is shown

    def _prepare_portal_summary(self):
        """An order in the customer's list.

        :return: dict of plain values for the portal's templates
        """
        self.ensure_one()
        order = self.sudo()
        return {
            "id": order.id,
            "number": order.name,
            "kind": dict(self._fields["kind"]._description_selection(self.env))[order.kind],
            "plates": order._get_portal_plates(),
            "planned": order._get_portal_plan(),
            "technicians": order._get_portal_staff(),
            "state": order.state,
            "state_label": self._get_portal_states()[order.state],
            "date_done": order._format_portal_date(order.date_done),
        }

    def _prepare_portal_values(self):
        """What the customer sees of an order, and nothing else.

        :return: dict of plain values for the portal's templates
        """
        self.ensure_one()
        order = self.sudo()
        is_done = order.state == "done"
        signature = order._get_current_signature("customer")
        return order._prepare_portal_summary() | {
            "company": order.company_id.name,
            "device": order.device_id.display_name or order.product_id.display_name or "",
            "site": order.site or "",
            "problem": order.problem or "",
            "handling": (order.handling or "") if is_done else "",
            "date_called": order._format_portal_date(order.date_called),
            "date_arrived": order._format_portal_date(order.date_arrived),
            "amount": order._format_portal_amount(order.amount_charged),
            "receipts": order._prepare_portal_receipts(),
            "signature": signature
            and {"name": signature.name, "date": order._format_portal_date(signature.date)},
            "is_printable": order._is_portal_printable(),
        }

    def _get_portal_states(self):
        """States in the customer's words."""
        return {
            "approved": self.env._("Planned"),
            "departed": self.env._("On the way to you"),
            "arrived": self.env._("At work at your place"),
            "done": self.env._("Done"),
        }

    def _get_portal_plates(self):
        plates = [self.plate, *self.vehicle_ids.mapped("plate")]
        plates = list(dict.fromkeys(filter(None, plates)))
        return format_list(self.env, plates) if plates else ""

    def _get_portal_plan(self):
        """The day; the hour too, as long as somebody is to come."""
        if not self.date_planned:
            return ""
        if self.state == "done":
            return self._format_portal_date(self.date_planned, "yyyy-MM-dd")
        return self._format_portal_date(self.date_planned)

    def _get_portal_staff(self):
        names = (self.technician_id | self.helper_ids).mapped("name")
        return format_list(self.env, names) if names else ""

    def _format_portal_date(self, date, pattern="yyyy-MM-dd HH:mm"):
        """A time in the zone of who looks, else of who took the order."""
        zone = self.env.context.get("tz") or self._get_signature_timezone()
        return format_datetime(self.env, date, zone, pattern) if date else ""

    def _format_portal_amount(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id) if amount else ""

    def _prepare_portal_receipts(self):
        """Receipts given for money on site: to whom they belong is checked again."""
        receipts = self.env["crm.field.receipt"].sudo()
        found = receipts.search(
            [
                ("order_id", "=", self.id),
                ("state", "not in", ("draft", "cancelled")),
                ("partner_id.commercial_partner_id", "=", self.commercial_partner_id.id),
            ],
            order="date_collected, id",
        )
        return [
            {
                "number": receipt.name,
                "date": self._format_portal_date(receipt.date_collected),
                "amount": formatLang(self.env, receipt.amount, currency_obj=receipt.currency_id),
            }
            for receipt in found
        ]

    def _is_portal_printable(self):
        """Whether the customer may have the form as a PDF: once the work is done."""
        self.ensure_one()
        return self.state == "done"

    def _get_portal_report(self):
        """The printed form of this kind of order, without what colleagues write to each other.

        :return: str
        """
        self.ensure_one()
        form = "dispatch" if self.kind == "installation" else "repair"
        return f"crm_aftersales.crm_service_order_report_{form}"

    def action_open_portal(self):
        """The page of the order as its customer sees it."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": self.access_url, "target": "new"}
