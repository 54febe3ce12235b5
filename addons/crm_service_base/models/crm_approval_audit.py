from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class CrmApprovalAudit(models.AbstractModel):
    """Rows that only the engine writes and only readers of their document read.

    A model takes ``res_model`` and ``res_id`` as fields of its own. There are no write rights in
    the access table; the checks here hold also for who may edit that table.
    """

    _name = "crm.approval.audit"
    _description = "Approval Evidence"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_engine()
        blank = self._get_blank_values()
        return super().create([{**blank, **vals} for vals in vals_list])

    def write(self, vals):
        self._check_engine()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_uninstall(self):
        raise UserError(
            self.env._("Approvals are evidence: they are kept as long as the document.")
        )

    def _check_engine(self):
        if not self.env.su:
            raise AccessError(
                self.env._("Approvals are recorded by the system, nobody writes them.")
            )

    @api.model
    def _get_blank_values(self):
        """Explicit empty values: a user's own ``ir.default`` also follows into ``sudo``."""
        return {
            name: [] if field.type in ("one2many", "many2many") else False
            for name, field in self._fields.items()
            if field.store and not field.compute and name not in models.MAGIC_COLUMNS
        }

    @api.model
    def _search(
        self,
        domain,
        offset=0,
        limit=None,
        order=None,
        *,
        active_test=True,
        bypass_access=False,
    ):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self._get_readable_domain()
        return super()._search(
            domain, offset, limit, order, active_test=active_test, bypass_access=bypass_access
        )

    @api.model
    def _get_readable_domain(self):
        """Domain of the rows whose document the user may read."""
        readable = Domain.FALSE
        for name in self.env["crm.approval.route"]._get_document_models():
            documents = self.env[name].with_context(active_test=False)
            if documents.has_access("read"):
                query = documents._search(Domain.TRUE)
                readable |= Domain("res_model", "=", name) & Domain("res_id", "in", query)
        return readable

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if not self or (result and result[0] == self):
            return result
        forbidden = self if operation != "read" else self._get_unreadable()
        if not forbidden:
            return result
        if result:
            forbidden |= result[0]
        return forbidden, lambda: forbidden._make_evidence_error()

    def _get_unreadable(self):
        by_model = defaultdict(set)
        for row in self.sudo():
            by_model[row.res_model].add(row.res_id)
        readable = {
            (name, document_id)
            for name, ids in by_model.items()
            if name in self.env
            for document_id in self.env[name].browse(ids).exists()._filtered_access("read")._ids
        }
        return self.filtered(lambda row: (row.sudo().res_model, row.sudo().res_id) not in readable)

    def _make_evidence_error(self):
        return AccessError(
            self.env._("Only who may read the document reads its approval, and nobody changes it.")
        )
