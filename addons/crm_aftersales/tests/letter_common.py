from datetime import timedelta

from odoo.fields import Command
from odoo.tests import new_test_user

from .common import CaseCommon


class LetterCommon(CaseCommon):
    """A technical department of plain users: a head, a member, and a reader of copies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("engineer", "fitter", "reader", "stranger"):
            user = new_test_user(
                cls.env,
                login=f"test_{name}",
                groups="base.group_user",
                name=name.title(),
                lang="en_US",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            setattr(cls, name, user)
        cls.technical, cls.stores = cls.env["crm.service.department"].create(
            [
                {
                    "name": "Technical department",
                    "company_id": cls.company.id,
                    "head_id": cls.engineer.id,
                    "member_ids": [Command.set(cls.fitter.ids)],
                },
                {
                    "name": "Stores",
                    "company_id": cls.company.id,
                    "head_id": cls.reader.id,
                },
            ]
        )
        cls.category.with_company(cls.company).department_id = cls.technical

    def setUp(self):
        super().setUp()
        progress = "_commit_progress"
        self.patch(type(self.env["ir.cron"]), progress, lambda *_args, **_values: True)

    def _get_notices(self, document):
        """What was sent to people about a document beside its log."""
        return self.env["mail.message"].search(
            [
                ("model", "=", document._name),
                ("res_id", "=", document.id),
                ("message_type", "=", "user_notification"),
                ("subject", "!=", False),
            ]
        )

    @classmethod
    def _make_letter(cls, user=None, **values):
        return (
            cls.env["crm.liaison.letter"]
            .with_user(user or cls.specialist)
            .create(
                {
                    "subject": "The charger gets hot",
                    "department_to_id": cls.technical.id,
                    "description": "Three customers report hot chargers of one batch.",
                    "date_due": cls.now + timedelta(days=2),
                    **values,
                }
            )
        )

    @classmethod
    def _send(cls, **values):
        letter = cls._make_letter(**values)
        letter.action_send()
        return letter

    def _note(self, action, user, **values):
        """Fill in the dialog a button opens, as the web client does."""
        dialog = self.env[action["res_model"]].with_user(user).with_context(**action["context"])
        return dialog.create(values).action_apply()

    def _answer(self, letter, user=None):
        mine = letter.with_user(user or self.fitter)
        self._note(
            mine.action_answer(), mine.env.user, note="Batch 7", measures="Batch is recalled"
        )
        return letter
