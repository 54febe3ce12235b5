from urllib.parse import urlencode

from odoo import SUPERUSER_ID, http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..models.crm_service_case import KINDS
from ..tools import upload

SEE_OTHER = 303
SEARCH_LIMIT = 80


class CasePortal(CustomerPortal):
    """Cases as their customer sees them, mostly on a phone.

    Customers have no rights on cases: each route asks the case whether this person may come in,
    and shows what the case prepares for the portal.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "crm_case_count" in counters:
            cases = request.env["crm.service.case"].sudo()
            values["crm_case_count"] = cases.search_count(
                cases._get_portal_domain(request.env.user)
            )
        return values

    # ------------------------------------------------------------------ pages

    @http.route(["/my/cases", "/my/cases/page/<int:page>"], type="http", auth="user", website=True)
    def portal_my_cases(self, page=1, filterby=None, search=None, **kwargs):
        """The customer's cases, the latest first."""
        cases = request.env["crm.service.case"].sudo()
        filters = self._get_case_filters()
        filterby = filterby if filterby in filters else "open"
        search = (search or "").replace("\x00", "").strip()[:SEARCH_LIMIT]
        domain = cases._get_portal_domain(request.env.user)
        if search:
            domain &= Domain.OR(
                [(name, "ilike", search)] for name in ("name", "subject", "description")
            )
        else:
            domain &= filters[filterby]["domain"]
        query = {"search": search} if search else {"filterby": filterby}
        navigation = pager(
            url="/my/cases",
            total=cases.search_count(domain),
            page=page,
            step=self._items_per_page,
            url_args=query,
        )
        found = cases.search(
            domain,
            order="date_opened desc, id desc",
            limit=self._items_per_page,
            offset=navigation["offset"],
        )
        values = self._prepare_portal_layout_values() | {
            "cases": [case._prepare_portal_summary() for case in found],
            "page_name": "crm_cases",
            "pager": navigation,
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
        cases = request.env["crm.service.case"].with_user(SUPERUSER_ID)
        error = False
        if request.httprequest.method == "POST":
            try:
                with request.env.cr.savepoint():
                    case = cases._portal_file(request.env.user, post, self._read_files())
                return request.redirect(
                    self._get_case_url(case.id, None, message="filed"), SEE_OTHER
                )
            except UserError as caught:
                error = str(caught)
        previous = cases._find_portal_previous(request.env.user, post.get("previous"))
        values = self._prepare_portal_layout_values() | {
            "kinds": cases._fields["kind"]._description_selection(request.env),
            "form": {
                "kind": post.get("kind") if post.get("kind") in dict(KINDS) else "inquiry",
                "subject": post.get("subject") or previous.subject or "",
                "description": post.get("description") or "",
            },
            "previous": previous and {"id": previous.id, "number": previous.name},
            "case_error": error,
            "max_files": upload.MAX_FILES,
            "is_staff": request.env.user._is_internal(),
            "page_name": "crm_case_new",
        }
        return request.render("crm_aftersales.portal_new_case", values)

    @http.route("/my/cases/<int:case_id>", type="http", auth="public", website=True)
    def portal_case(self, case_id, access_token=None, message=None, **kwargs):
        """One case."""
        case = self._find_case(case_id, access_token)
        if not case:
            return request.redirect("/my")
        values = self._prepare_portal_layout_values() | {
            "case": case._prepare_portal_values(),
            "case_message": self._get_case_messages().get(message),
            "case_error": request.session.pop("crm_case_error", None),
            "case_token": access_token,
            "case_query": urlencode({"access_token": access_token}) if access_token else "",
            "max_files": upload.MAX_FILES,
            "is_staff": request.env.user._is_internal(),
            "is_guest": request.env.user._is_public(),
            "page_name": "crm_case",
        }
        return request.render("crm_aftersales.portal_case", values, headers=self._get_headers())

    @http.route(
        "/my/cases/<int:case_id>/file/<int:attachment_id>",
        type="http",
        auth="public",
        website=True,
    )
    def portal_case_file(self, case_id, attachment_id, access_token=None, **kwargs):
        """A file that the customer sent or got."""
        case = self._find_case(case_id, access_token)
        attachment = case and case._get_portal_attachment(attachment_id)
        if not attachment:
            raise request.not_found()
        stream = request.env["ir.binary"].sudo()._get_stream_from(attachment)
        is_picture = attachment.mimetype in upload.PICTURE_TYPES
        response = stream.get_response(as_attachment=not is_picture, immutable=False)
        response.headers.update(self._get_headers())
        return response

    def _get_headers(self):
        """The address may hold a link: it goes to no other site and into no cache."""
        return {"Referrer-Policy": "same-origin", "Cache-Control": "no-store"}

    def _get_case_messages(self):
        return {
            "filed": request.env._("Thank you. We take care of it; you can follow it here."),
            "written": request.env._("Thank you. Your message was sent."),
            "reopened": request.env._("We are sorry. We take it up again."),
            "signed": request.env._("Thank you. Your signature was recorded."),
            "rated": request.env._("Thank you for your opinion."),
            "appealed": request.env._("Your appeal was received. We will tell you the decision."),
        }

    # ------------------------------------------------------------------ what the customer does

    @http.route(
        "/my/cases/<int:case_id>/write", type="http", auth="public", methods=["POST"], website=True
    )
    def portal_case_write(self, case_id, access_token=None, text=None, **kwargs):
        """The customer writes to us, with photos."""
        files = self._read_files()
        return self._act_on_case(
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
        return self._act_on_case(
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
        return self._act_on_case(
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
        return self._act_on_case(
            case_id,
            access_token,
            "appealed",
            lambda case: case._portal_appeal(request.env.user, text),
        )

    @http.route("/my/cases/<int:case_id>/sign", type="jsonrpc", auth="public", website=True)
    def portal_case_sign(self, case_id, name=None, signature=None, **kwargs):
        """The customer signs that it is solved; the address holds the digest of what was shown.

        :return: dict as ``portal.signature_form`` expects it
        """
        query = request.httprequest.args
        access_token = query.get("access_token")
        case = self._find_case(case_id, access_token)
        if not case:
            return {"error": request.env._("This case cannot be opened.")}
        try:
            with request.env.cr.savepoint():
                case._portal_sign(
                    request.env.user,
                    query.get("digest"),
                    name,
                    signature,
                    request.httprequest.remote_addr,
                )
        except UserError as error:
            return {"error": str(error)}
        return {
            "force_refresh": True,
            "redirect_url": self._get_case_url(case_id, access_token, message="signed"),
        }

    def _act_on_case(self, case_id, access_token, done, action):
        """Do something for the customer and go back to the page, which tells what came of it."""
        case = self._find_case(case_id, access_token)
        if not case:
            return request.redirect("/my")
        query = {"message": done}
        try:
            with request.env.cr.savepoint():
                action(case)
        except UserError as error:
            request.session["crm_case_error"] = str(error)
            query = {}
        return request.redirect(self._get_case_url(case_id, access_token, **query), code=SEE_OTHER)

    def _read_files(self):
        """:return: pairs of name and content, no more of either than can be refused"""
        files = request.httprequest.files.getlist("photos")[: upload.MAX_FILES + 1]
        return [(file.filename, file.read(upload.MAX_BYTES + 1)) for file in files]

    def _find_case(self, case_id, access_token):
        """:return: the case with ``sudo`` where this person may see it, else nothing"""
        case = request.env["crm.service.case"].with_user(SUPERUSER_ID).browse(case_id).exists()
        if case and case._is_portal_open(request.env.user, access_token):
            return case
        return case.browse()

    def _get_case_url(self, case_id, access_token, **query):
        if access_token:
            query["access_token"] = access_token
        return f"/my/cases/{case_id}" + (f"?{urlencode(query)}" if query else "")
