import io
from email.message import EmailMessage
from unittest.mock import patch

from PIL import Image

from odoo.tools import mute_logger

from odoo.addons.mail.models.mail_mail import MailMail

from .common import CaseCommon


def draw_photo(kind="JPEG", size=(64, 48)):
    """A photo as a phone sends it."""
    target = io.BytesIO()
    Image.new("RGB", size, "orange").save(target, kind)
    return target.getvalue()


class ChannelCommon(CaseCommon):
    """A team with a mailbox, and a customer who writes to it.  Nothing leaves the mail queue."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": "case.example.com"})
        cls.company.alias_domain_id = domain
        cls.team.write({"alias_name": "hotline", "alias_domain_id": domain.id})
        cls.customer.email = "office@lanzhou.example.com"
        cls.wang_partner = cls.env["res.partner"].create(
            {"name": "Wang Wei", "email": "wang@lanzhou.example.com", "parent_id": cls.customer.id}
        )
        cls.stranger_partner = cls.env["res.partner"].create(
            {
                "name": "Li Si",
                "email": "li@tianshui.example.com",
                "parent_id": cls.other_customer.id,
            }
        )
        # what the queue would send is looked at in the queue
        send = patch.object(MailMail, "send", lambda mails, *args, **kwargs: None)
        cls.startClassPatcher(send)

    @classmethod
    def _record_events(cls):
        """:return: list that fills with pairs of case and event from now on"""
        events = []
        model = type(cls.env["crm.service.case"])
        record = model._record_event

        def spy(cases, event, date=None, message=None):
            record(cases, event, date=date, message=message)
            events.extend((case.id, event) for case in cases)

        cls.startClassPatcher(patch.object(model, "_record_event", spy))
        return events

    def _compose(
        self, sender="Wang Wei <wang@lanzhou.example.com>", body="It gets hot.", **headers
    ):
        """A mail as a customer's server sends it."""
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = headers.pop("To", "hotline@case.example.com")
        mail["Subject"] = headers.pop("Subject", "The charger gets hot")
        mail["Message-Id"] = headers.pop("message_id", f"<{next(self.counter)}@mail.example.com>")
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(body)
        return mail

    counter = iter(range(1, 100_000))

    def _receive(self, mail):
        """The mail gateway takes a mail in.

        :return: the case it made, if it made one
        """
        cases = self.env["crm.service.case"].with_context(active_test=False).sudo()
        before = cases.search([])
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].with_user(self.env.ref("base.user_root")).message_process(
                None, mail.as_bytes()
            )
        self.env.flush_all()
        self.env.invalidate_all()
        return cases.search([]) - before

    def _queue(self, case):
        """Mails about a case that wait in the queue, with the addresses they go to."""
        mails = (
            self.env["mail.mail"]
            .sudo()
            .search([("model", "=", case._name), ("res_id", "=", case.id)], order="id")
        )
        return [
            (
                mail,
                {
                    *mail.recipient_ids.mapped("email_normalized"),
                    *([mail.email_to] if mail.email_to else []),
                },
            )
            for mail in mails
        ]
