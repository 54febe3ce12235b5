from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class CrmApprovalRoute(models.Model):
    """Who approves a kind of document: ordered steps, for documents that fit a domain."""

    _name = "crm.approval.route"
    _description = "Approval Route"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="The first route that fits a document is taken.")
    active = fields.Boolean(default=True)
    res_model = fields.Selection("_selection_res_model", "Document Type", required=True, index=True)
    domain = fields.Char(
        "Applies To",
        default="[]",
        required=True,
        help="Documents this route is for, e.g. those above an amount.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Leave empty to serve every company.",
    )
    step_ids = fields.One2many("crm.approval.route.step", "route_id", "Steps", copy=True)
    version = fields.Integer(
        default=1, readonly=True, copy=False, help="Counts up with each change of the rules."
    )

    @api.model
    def _selection_res_model(self):
        names = self._get_document_models()
        return [(name, self.env["ir.model"]._get(name).name) for name in names]

    @api.model
    def _get_document_models(self):
        """:return: sorted names of the models that ``crm.approval.mixin`` serves"""
        return sorted(
            name
            for name, model in self.env.registry.items()
            if not model._abstract
            and {"approval_request_id", "approval_step_id"} <= model._fields.keys()
        )

    @api.constrains("domain", "res_model")
    def _check_domain(self):
        for route in self:
            try:
                route._get_domain().validate(self.env[route.res_model])
            except (ValueError, TypeError, SyntaxError, KeyError) as error:
                raise ValidationError(
                    self.env._(
                        "The condition of route “%(route)s” cannot be used: %(error)s",
                        route=route.name,
                        error=error,
                    )
                ) from error

    def write(self, vals):
        if not vals.keys().isdisjoint(("domain", "company_id", "res_model")):
            self._bump_version()
        return super().write(vals)

    def _bump_version(self):
        for route in self:
            route.version += 1

    def _get_domain(self):
        self.ensure_one()
        return Domain(literal_eval(self.domain or "[]"))

    @api.model
    def _match(self, documents):
        """Find the route of each document.

        :param documents: locked documents of one model, with ``sudo``
        :return: list of ``(route, documents)``
        :raise UserError: a document that no route fits
        """
        routes = self.sudo().search(
            [("res_model", "=", documents._name), ("active", "=", True), ("step_ids", "!=", False)]
        )
        matches = []
        for route in routes:
            fitting = documents.filtered_domain(route._get_domain()).filtered(
                lambda document, route=route: (
                    not route.company_id or route.company_id == document._approval_company()
                )
            )
            if fitting:
                matches.append((route, fitting))
                documents -= fitting
        if documents:
            raise UserError(
                self.env._(
                    "No approval route fits %(document)s. A service manager sets one up under "
                    "Customer Service, Configuration, Approval Routes.",
                    document=documents[:1].display_name,
                )
            )
        return matches
