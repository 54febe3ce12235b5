from urllib.parse import urlencode

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

SEE_OTHER = 303


class DocumentPortal(CustomerPortal):
    """What the portal's pages of documents (``crm.portal.mixin``) have in common.

    Customers have no rights on documents: each page asks the document whether this person may
    come in, shows what the document prepares, and never tells whether another one exists.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        for counter, model in self._get_document_counters().items():
            if counter in counters:
                documents = request.env[model].sudo()
                domain = documents._get_portal_domain(request.env.user)
                values[counter] = documents.search_count(domain)
        return values

    def _get_document_counters(self):
        """Numbers on the portal's home page; addons add theirs.

        :return: dict ``{counter of the template: model}``
        """
        return {}

    def _find_documents(self, model, page, domain, order, url_args=None):
        """One page of a customer's list.

        :return: pair of the documents with ``sudo``, and the values that the list's template needs
        """
        documents = request.env[model].sudo()
        domain &= documents._get_portal_domain(request.env.user)
        navigation = pager(
            url=documents._portal_path,
            total=documents.search_count(domain),
            page=page,
            step=self._items_per_page,
            url_args=url_args,
        )
        found = documents.search(
            domain, order=order, limit=self._items_per_page, offset=navigation["offset"]
        )
        layout = self._prepare_portal_layout_values()
        return found, layout | {"pager": navigation, "default_url": documents._portal_path}

    def _find_document(self, model, document_id, access_token):
        """:return: the document with ``sudo`` where this person may see it, else nothing"""
        document = request.env[model].with_user(SUPERUSER_ID).browse(document_id).exists()
        if document and document._is_portal_open(request.env.user, access_token):
            return document
        return document.browse()

    def _prepare_document_values(self, access_token, message=None):
        """What the page of one document needs beside the document.

        :param str message: key of ``_get_portal_messages``
        """
        return self._prepare_portal_layout_values() | {
            "portal_message": self._get_portal_messages().get(message),
            "portal_error": request.session.pop("crm_portal_error", None),
            "portal_token": access_token,
            "portal_query": urlencode({"access_token": access_token}) if access_token else "",
            "is_staff": request.env.user._is_internal(),
            "is_guest": request.env.user._is_public(),
        }

    def _get_portal_messages(self):
        """What the page says once something was done; addons add theirs."""
        return {
            "signed": request.env._("Thank you. Your signature was recorded."),
            "rated": request.env._("Thank you for your opinion."),
        }

    def _get_document_headers(self):
        """The address may hold a link: it goes to no other site and into no cache."""
        return {"Referrer-Policy": "same-origin", "Cache-Control": "no-store"}

    def _act_on_document(self, model, document_id, access_token, done, action):
        """Do something for the customer and go back to the page, which tells what came of it.

        :param str done: message when it went well
        :param action: called with the document
        """
        document = self._find_document(model, document_id, access_token)
        if not document:
            return request.redirect("/my")
        query = {"message": done}
        try:
            with request.env.cr.savepoint():
                action(document)
        except UserError as error:
            request.session["crm_portal_error"] = str(error)
            query = {}
        url = self._get_document_url(document, access_token, **query)
        return request.redirect(url, code=SEE_OTHER)

    def _sign_document(self, model, document_id, name, signature):
        """The customer signs; the address holds the link and the digest of what was shown.

        :return: dict as ``portal.signature_form`` expects it
        """
        query = request.httprequest.args
        access_token = query.get("access_token")
        document = self._find_document(model, document_id, access_token)
        if not document:
            return {"error": request.env._("This document cannot be opened.")}
        try:
            with request.env.cr.savepoint():
                document._portal_sign(
                    request.env.user,
                    query.get("digest"),
                    name,
                    signature,
                    request.httprequest.remote_addr,
                )
        except UserError as error:
            return {"error": str(error)}
        url = self._get_document_url(document, access_token, message="signed")
        return {"force_refresh": True, "redirect_url": url}

    def _get_document_url(self, document, access_token, **query):
        if access_token:
            query["access_token"] = access_token
        return document.access_url + (f"?{urlencode(query)}" if query else "")
