from odoo.addons.crm_service_base.tests.common import ServiceCommon

SECRET = "The credit line is 4711 thousand"


class ArchiveCommon(ServiceCommon):
    """Archives of the two customers' kind, with items that say something."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.security_officer = cls.plain_user.copy(
            {"login": "test_security_officer", "name": "Security Officer"}
        )
        cls.security_officer.group_ids = cls.env.ref("base.group_user") + cls.env.ref(
            "crm_archive_security.group_security_officer"
        )

    @classmethod
    def _archive(cls, partner=None, user=None, **values):
        """The archive of a customer; entered by a specialist where there is none yet."""
        partner = partner or cls.customer
        archives = cls.env["crm.archive"]
        archive = archives.search([("partner_id", "=", partner.id), ("state", "!=", "destroyed")])
        user = user or cls.specialist
        if not archive:
            archive = archives.with_user(user).create({"partner_id": partner.id, **values})
        elif archive.state == "draft":
            archive.user_id = user
        return archive.with_env(cls.env)

    @classmethod
    def _established(cls, partner=None, user=None, **values):
        """An archive that another person has checked."""
        archive = cls._archive(partner, user, **values)
        if archive.state == "draft":
            archive.with_user(user or cls.specialist).action_submit()
        if archive.state == "checking":
            archive.with_user(cls.supervisor).action_establish()
        return archive

    @classmethod
    def _item(cls, archive=None, user=None, **values):
        """An item of an archive."""
        archive = archive or cls._archive()
        return (
            cls.env["crm.archive.item"]
            .with_user(user or cls.supervisor)
            .create({"archive_id": archive.id, "name": "Frame contract", **values})
            .with_env(cls.env)
        )

    @classmethod
    def _secret(cls, archive=None, body=SECRET, **values):
        """An item whose content is classified."""
        values = {"secrecy": "confidential", "custodian_id": cls.supervisor.id, **values}
        return cls._item(archive, content_body=body, **values)

    @classmethod
    def _request(cls, items, user, **values):
        """A draft of a request to read these items."""
        return (
            cls.env["crm.archive.request"]
            .with_user(user)
            .create(
                {
                    "partner_id": items.archive_id.partner_id.id,
                    "is_basic": False,
                    "reason": "The claim needs the contract",
                    "reader_profile": "Handles the claim",
                    **values,
                }
            )
        )

    @classmethod
    def _grant(cls, items, user, **values):
        """Leave to read, through all doors of the approval; the request."""
        request = cls._request(items, user, **values)
        request.sudo().item_ids = items
        request.action_approval_submit()
        while request.sudo().state == "submitted":
            approver = request.sudo().approval_user_ids[:1]
            request.with_user(approver).action_approval_approve()
        return request.with_env(cls.env)

    @classmethod
    def _register(cls, *domain):
        """Entries of the register, oldest first."""
        return cls.env["crm.archive.access"].search(list(domain), order="id")
