from werkzeug.exceptions import Forbidden, NotFound

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.http import content_disposition, request

# nothing of it is kept on the way or by the browser, and nothing on the page runs
HEADERS = {
    "Cache-Control": "no-store, private",
    "Content-Security-Policy": (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class CrmArchiveDoor(http.Controller):
    """Pages of the door. What they show is asked of the item, which checks and registers."""

    @http.route("/crm_archive/<int:item_id>/read", type="http", auth="user", methods=["GET"])
    def read_item(self, item_id):
        """The item on the screen, with the reader's name across it."""
        item = self._get_item(item_id)
        page = self._ask(item._prepare_page)
        response = request.render("crm_archive_security.crm_archive_page", page)
        response.headers.update(HEADERS)
        response.flatten()
        return response

    @http.route(
        "/crm_archive/<int:item_id>/<string:kind>", type="http", auth="user", methods=["GET"]
    )
    def take_item(self, item_id, kind):
        """The item as a marked file, to print or to keep."""
        if kind not in ("view", "print", "export"):
            raise NotFound
        is_shown = kind == "view"
        data, mimetype, name = self._ask(
            self._get_item(item_id)._get_printed, "read" if is_shown else kind
        )
        headers = {
            **HEADERS,
            "Content-Type": mimetype,
            "Content-Length": len(data),
            "Content-Disposition": "inline" if is_shown else content_disposition(name),
        }
        return request.make_response(data, list(headers.items()))

    def _get_item(self, item_id):
        """:raise NotFound: there is none, or none for this person"""
        item = request.env["crm.archive.item"].browse(item_id).exists()
        if not item or not item.has_access("read"):
            raise NotFound
        return item

    def _ask(self, method, *args):
        """The door refuses in words; a page is forbidden then."""
        try:
            return method(*args)
        except (AccessError, UserError) as error:
            raise Forbidden(str(error)) from error
