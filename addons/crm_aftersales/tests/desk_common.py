from odoo.tests import Form

from .common import CaseCommon


class DeskCommon(CaseCommon):
    """A colleague beside the specialist, in the team or outside it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._new_user("test_colleague", "specialist")
        cls.third = cls._new_user("test_third", "specialist")

    def setUp(self):
        super().setUp()
        # a test keeps its transaction; the time that is left of the run is plenty
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kw: 60.0)

    def _open_dialog(self, action, user=None):
        model = self.env[action["res_model"]].with_user(user or self.specialist)
        return Form(model.with_context(**action["context"]))

    def _offer(self, case, user=None, team=None, giver=None):
        """Offer a case through the dialog."""
        giver = giver or self.specialist
        dialog = self._open_dialog(case.with_user(giver).action_hand_over(), giver)
        if user:
            dialog.user_id = user
        if team:
            dialog.team_id = team
        dialog.reason = "The customer wants a new charger"
        dialog.save().action_offer()
        return case.sudo().handover_id

    def _pass(self, case, giver, taker):
        """Offered and accepted."""
        self._offer(case, taker, giver=giver).with_user(taker).action_accept()

    def _get_notices(self, record, user=None):
        """What was sent to colleagues, or to one, about a record, beside its log."""
        messages = self.env["mail.message"].search(
            [
                ("model", "=", record._name),
                ("res_id", "=", record.id),
                ("message_type", "=", "user_notification"),
            ]
        )
        return messages.filtered(lambda m: not user or m.partner_ids == user.partner_id)
