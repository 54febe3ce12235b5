from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class ResPartner(models.Model):
    """Every customer has an archive from the moment he is one (A2.R14)."""

    _inherit = "res.partner"

    crm_archive_count = fields.Integer(
        "Archives", compute="_compute_crm_service_counts", compute_sudo=False
    )

    @api.model
    def _get_crm_service_counters(self):
        counters = super()._get_crm_service_counters()
        return counters | {"crm_archive_count": ("crm.archive", [])}

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        if any(vals.get("crm_customer_type_id") for vals in vals_list):
            partners.filtered("crm_customer_type_id")._open_crm_archives()
        return partners

    def write(self, vals):
        result = super().write(vals)
        if vals.get("crm_customer_type_id"):
            self._open_crm_archives()
        return result

    def unlink(self):
        """An archive that nothing was put into goes with the partner."""
        self._get_empty_crm_archives().unlink()
        return super().unlink()

    def _get_empty_crm_archives(self):
        """:return: ``crm.archive`` of these partners without items and facts, with ``sudo``"""
        archives = self.env["crm.archive"].sudo().with_context(active_test=False)
        domain = [("partner_id", "in", self.ids), ("state", "=", "draft")]
        found = archives.search(domain)
        return found.filtered(lambda archive: not archive.item_ids and not archive.fact_ids)

    def _open_crm_archives(self):
        """Open the archives that these customers or prospects do not have yet.

        For the salesperson; without one, for who brings the customer in. Customers whose archive
        was destroyed get none by themselves.

        :return: the new ``crm.archive``, with ``sudo``
        """
        customers = self.sudo().commercial_partner_id
        archives = self.env["crm.archive"].sudo().with_context(active_test=False)
        found = archives.search([("partner_id", "in", customers.ids)])
        customers -= found.partner_id
        return (
            archives.with_context(tracking_disable=True, mail_create_nosubscribe=True)
            .create([customer._prepare_crm_archive_values() for customer in customers])
            .with_env(self.env)
            .sudo()
        )

    def _prepare_crm_archive_values(self):
        """Values of the archive that is opened by itself; with ``sudo``."""
        company = self.company_id or self.user_id.company_id or self.env.company
        user = self.user_id
        if not user and self.env.user.has_group("crm_service_base.group_specialist"):
            user = self.env.user
        if company not in user.company_ids:
            user = user.browse()
        return {"partner_id": self.id, "company_id": company.id, "user_id": user.id}

    @api.model
    def _get_crm_archive_domain(self):
        """Who has an archive; an addon that knows prospects adds them with ``super()``.

        :return: ``Domain`` on partners
        """
        return Domain("crm_customer_type_id", "!=", False)

    @api.model
    def _get_crm_archive_missing(self):
        """:return: customers and prospects without an archive, with ``sudo``"""
        archives = self.env["crm.archive"].sudo().with_context(active_test=False)
        domain = self._get_crm_archive_domain() & Domain(
            "id", "not in", archives._search([]).subselect("partner_id")
        )
        commercial = Domain("is_company", "=", True) | Domain("parent_id", "=", False)
        return self.sudo().search(domain & commercial, order="id")

    @api.model
    def _cron_open_crm_archives(self):
        """Take in who was a customer before, in batches; run again, it goes on (A2.R14)."""
        missing = self._get_crm_archive_missing()
        self.env["ir.cron"]._crm_each(missing, lambda some: some._open_crm_archives(), 1000)

    def action_open_crm_archives_selection(self):
        """Open archives for the chosen partners, prospects included.

        :raise AccessError: no supervisor of customer service
        """
        self.check_access("read")
        if not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(self.env._("Supervisors of customer service open archives."))
        self._open_crm_archives()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_archive_security.crm_archive_action"
        )
        action["domain"] = [("commercial_partner_id", "in", self.commercial_partner_id.ids)]
        return action

    def action_open_crm_archive(self):
        """The customer's archive."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_archive_security.crm_archive_action"
        )
        commercial = self.commercial_partner_id
        action["domain"] = [("commercial_partner_id", "=", commercial.id)]
        action["context"] = {"default_partner_id": commercial.id}
        return action
