from odoo import SUPERUSER_ID, http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.crm_service_base.controllers.crm_document_portal import DocumentPortal

MODEL = "crm.service.order"


class OrderPortal(DocumentPortal):
    """Service orders as their customer sees them, mostly on a phone."""

    def _get_document_counters(self):
        return super()._get_document_counters() | {"crm_order_count": MODEL}

    @http.route(
        ["/my/service_orders", "/my/service_orders/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_service_orders(self, page=1, filterby=None, **kwargs):
        """The customer's orders: those to come, or those that are done."""
        filters = self._get_order_filters()
        filterby = filterby if filterby in filters else "open"
        chosen = filters[filterby]
        orders, values = self._find_documents(
            MODEL, page, chosen["domain"], chosen["order"], {"filterby": filterby}
        )
        values |= {
            "orders": [order._prepare_portal_summary() for order in orders],
            "page_name": "crm_orders",
            "order_filters": filters,
            "filterby": filterby,
        }
        return request.render("crm_aftersales.portal_my_service_orders", values)

    def _get_order_filters(self):
        done = Domain("state", "=", "done")
        return {
            "open": {
                "label": request.env._("To Come"),
                "domain": ~done,
                "order": "date_planned, id",
            },
            "done": {
                "label": request.env._("Done"),
                "domain": done,
                "order": "date_done desc, id desc",
            },
        }

    @http.route("/my/service_orders/<int:order_id>", type="http", auth="public", website=True)
    def portal_service_order(self, order_id, access_token=None, report_type=None, **kwargs):
        """One order; with ``report_type=pdf`` its form, once it is done."""
        order = self._find_document(MODEL, order_id, access_token)
        if not order:
            return request.redirect("/my")
        if report_type == "pdf" and order._is_portal_printable():
            return self._print_order(order)
        values = self._prepare_document_values(access_token) | {
            "order": order._prepare_portal_values(),
            "page_name": "crm_order",
        }
        headers = self._get_document_headers()
        return request.render("crm_aftersales.portal_service_order", values, headers=headers)

    def _print_order(self, order):
        report = request.env["ir.actions.report"].with_user(SUPERUSER_ID)
        pdf, _kind = report.with_company(order.company_id)._render_qweb_pdf(
            order._get_portal_report(), order.ids, {"is_customer_copy": True}
        )
        name = "".join(char if char.isalnum() else "-" for char in order.name or "order")
        headers = self._get_document_headers() | {
            "Content-Type": "application/pdf",
            "Content-Disposition": http.content_disposition(f"{name}.pdf"),
        }
        return request.make_response(pdf, headers=list(headers.items()))
