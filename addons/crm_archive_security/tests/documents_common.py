import base64
from datetime import timedelta

from odoo import fields

from .common import ArchiveCommon


class DocumentsCommon(ArchiveCommon):
    """Agreements, releases and carriers, made as the people who make them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._get_crm_today()
        cls.env = cls.env(context={**cls.env.context, "tz": cls.company._get_crm_timezone()})

    def setUp(self):
        super().setUp()
        # scheduled actions commit between two batches
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kw: 60.0)

    def _at(self, days):
        return self.today + timedelta(days=days)

    def _make_nda(self, party, user=None, sign=True, **values):
        """An agreement with a user or a partner, signed where asked for."""
        side = "signatory_id" if party._name == "res.users" else "partner_id"
        agreement = (
            self.env["crm.nda"]
            .with_user(user or self.supervisor)
            .create(
                {
                    "kind": "staff" if side == "signatory_id" else "customer",
                    side: party.id,
                    "date_from": self._at(-1),
                    "date_signed": self._at(-1),
                    "document": base64.b64encode(b"signed paper"),
                    **values,
                }
            )
        )
        if sign:
            agreement.action_sign()
        return agreement

    def _make_carrier(self, user, **values):
        return self.env["crm.archive.carrier"].create(
            {
                "user_id": user.id,
                "measures": "Sealed",
                "date_from": self._at(-1),
                **values,
            }
        )

    def _make_release(self, user=None, **values):
        user = user or self.specialist
        values = {
            "archive_id": self._established().id,
            "content": "The frame contract",
            "purpose": "Tender",
            **values,
        }
        return self.env["crm.archive.release"].with_user(user).create(values)

    def _approve(self, document, user):
        document.action_approval_submit()
        document.with_user(user).action_approval_approve()

    def _read_mails(self, record, user):
        """Subjects of what a user was told about a record."""
        messages = self.env["mail.message"].search(
            [
                ("model", "=", record._name),
                ("res_id", "=", record.id),
                ("message_type", "=", "user_notification"),
                ("notified_partner_ids", "in", user.partner_id.id),
            ]
        )
        return messages.mapped("subject")

    def _now(self, **shift):
        return fields.Datetime.now() + timedelta(**shift)
