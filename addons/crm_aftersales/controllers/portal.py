from odoo import SUPERUSER_ID, http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.crm_service_base.controllers.crm_document_portal import (
    SEE_OTHER,
    DocumentPortal,
)

from ..models.crm_service_case import KINDS
from ..tools import upload

MODEL = "crm.service.case"
SEARCH_LIMIT = 80


class CasePortal(DocumentPortal):
    """Cases as their customer sees them, mostly on a phone."""

    def _get_document_counters(self):
        return super()._get_document_counters() | {"crm_case_count": MODEL}

    # ------------------------------------------------------------------ pages

    @http.route(["/my/cases", "/my/cases/page/<int:page>"], type="http", auth="user", website=True)
    def portal_my_cases(self, page=1, filterby=None, search=None, **kwargs):
        """The customer's cases, the latest first."""
        filters = self._get_case_filters()
        filterby = filterby if filterby in filters else "open"
        search = (search or "").replace("\x00", "").strip()[:SEARCH_LIMIT]
        if search:
            domain = Domain.OR(
                [(name, "ilike", search)] for name in ("name", "subject", "description")
            )
        else:
            domain = filters[filterby]["domain"]
        query = {"search": search} if search else {"filterby": filterby}
        cases, values = self._find_documents(
            MODEL, page, domain, "date_opened desc, id desc", query
        )
        values |= {
            "cases": [case._prepare_portal_summary() for case in cases],
            "page_name": "crm_cases",
            "case_filters": filters,
            "filterby": not search and filterby,
            "search": search,
        }
        return request.render("crm_aftersales.portal_my_cases", values)

    def _get_case_filters(self):
        open_ = Domain("state", "=", "open")
        return {
            "open": {"label": request.env._("Open"), "domain": open_},
            "solved": {
                "label": request.env._("Solved"),
                "domain": Domain("state", "=", "solved"),
            },
            "closed": {
                "label": request.env._("Closed"),
                "domain": Domain("state", "=", "closed"),
            },
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
        }

    @http.route("/my/cases/new", type="http", auth="user", methods=["GET", "POST"], website=True)
    def portal_new_case(self, **post):
        """File a case with photos."""
        cases = request.env[MODEL].with_user(SUPERUSER_ID)
        error = False
        if request.httprequest.method == "POST":
            try:
                with request.env.cr.savepoint():
                    case = cases._portal_file(request.env.user, post, self._read_files())
                url = self._get_document_url(case, None, message="filed")
                return request.redirect(url, SEE_OTHER)
            except UserError as caught:
                error = str(caught)
        previous = cases._find_portal_previous(request.env.user, post.get("previous"))
        values = self._prepare_document_values(None) | {
            "kinds": cases._fields["kind"]._description_selection(request.env),
            "form": {
                "kind": post.get("kind") if post.get("kind") in dict(KINDS) else "inquiry",
                "subject": post.get("subject") or previous.subject or "",
                "description": post.get("description") or "",
            },
            "previous": previous and {"id": previous.id, "number": previous.name},
            "portal_error": error,
            "max_files": upload.MAX_FILES,
            "page_name": "crm_case_new",
        }
        return request.render("crm_aftersales.portal_new_case", values)

    @http.route("/my/cases/<int:case_id>", type="http", auth="public", website=True)
    def portal_case(self, case_id, access_token=None, message=None, **kwargs):
        """One case."""
        case = self._find_document(MODEL, case_id, access_token)
        if not case:
            return request.redirect("/my")
        values = self._prepare_document_values(access_token, message) | {
            "case": case._prepare_portal_values(),
            "max_files": upload.MAX_FILES,
            "page_name": "crm_case",
        }
        headers = self._get_document_headers()
        return request.render("crm_aftersales.portal_case", values, headers=headers)

    @http.route(
        "/my/cases/<int:case_id>/file/<int:attachment_id>",
        type="http",
        auth="public",
        website=True,
    )
    def portal_case_file(self, case_id, attachment_id, access_token=None, **kwargs):
        """A file that the customer sent or got."""
        case = self._find_document(MODEL, case_id, access_token)
        attachment = case and case._get_portal_attachment(attachment_id)
        if not attachment:
            raise request.not_found()
        stream = request.env["ir.binary"].sudo()._get_stream_from(attachment)
        is_picture = attachment.mimetype in upload.PICTURE_TYPES
        response = stream.get_response(as_attachment=not is_picture, immutable=False)
        response.headers.update(self._get_document_headers())
        return response

    def _get_portal_messages(self):
        return super()._get_portal_messages() | {
            "filed": request.env._("Thank you. We take care of it; you can follow it here."),
            "written": request.env._("Thank you. Your message was sent."),
            "revoked": request.env._("Remote access ended. Nobody connects to your system now."),
            "reopened": request.env._("We are sorry. We take it up again."),
            "appealed": request.env._("Your appeal was received. We will tell you the decision."),
        }

    # ------------------------------------------------------------------ what the customer does

    @http.route(
        "/my/cases/<int:case_id>/write", type="http", auth="public", methods=["POST"], website=True
    )
    def portal_case_write(self, case_id, access_token=None, text=None, **kwargs):
        """The customer writes to us, with photos."""
        files = self._read_files()
        return self._act_on_document(
            MODEL,
            case_id,
            access_token,
            "written",
            lambda case: case._portal_write(request.env.user, text, files),
        )

    @http.route(
        "/my/cases/<int:case_id>/reopen", type="http", auth="public", methods=["POST"], website=True
    )
    def portal_case_reopen(self, case_id, access_token=None, text=None, **kwargs):
        """The customer says that it is not solved."""
        return self._act_on_document(
            MODEL,
            case_id,
            access_token,
            "reopened",
            lambda case: case._portal_reopen(request.env.user, text),
        )

    @http.route(
        "/my/cases/<int:case_id>/rate", type="http", auth="public", methods=["POST"], website=True
    )
    def portal_case_rate(self, case_id, access_token=None, rate=None, comment=None, **kwargs):
        """The customer says how satisfied it is."""
        return self._act_on_document(
            MODEL,
            case_id,
            access_token,
            "rated",
            lambda case: case._portal_rate(request.env.user, rate, comment),
        )

    @http.route(
        "/my/cases/<int:case_id>/appeal", type="http", auth="public", methods=["POST"], website=True
    )
    def portal_case_appeal(self, case_id, access_token=None, text=None, **kwargs):
        """The customer does not accept what was decided."""
        return self._act_on_document(
            MODEL,
            case_id,
            access_token,
            "appealed",
            lambda case: case._portal_appeal(request.env.user, text),
        )

    @http.route(
        "/my/cases/<int:case_id>/revoke", type="http", auth="public", methods=["POST"], website=True
    )
    def portal_case_revoke(self, case_id, access_token=None, access=None, **kwargs):
        """The customer takes an authorization of remote access back."""
        return self._act_on_document(
            MODEL,
            case_id,
            access_token,
            "revoked",
            lambda case: case._portal_revoke(request.env.user, access),
        )

    @http.route("/my/cases/<int:case_id>/sign", type="jsonrpc", auth="public", website=True)
    def portal_case_sign(self, case_id, name=None, signature=None, **kwargs):
        """The customer signs that it is solved; the address holds the digest of what was shown.

        :return: dict as ``portal.signature_form`` expects it
        """
        return self._sign_document(MODEL, case_id, name, signature)

    def _read_files(self):
        """:return: pairs of name and content, no more of either than can be refused"""
        files = request.httprequest.files.getlist("photos")[: upload.MAX_FILES + 1]
        return [(file.filename, file.read(upload.MAX_BYTES + 1)) for file in files]
