from odoo import api, fields, models
from odoo.fields import Domain


class CrmApprovalStep(models.Model):
    """What waits for the current user: counted in the menu bar, and gone through one by one."""

    _inherit = "crm.approval.step"

    @api.model
    @api.readonly
    def get_inbox(self):
        """What the current user may decide now, by type of document.

        :return: dict with ``count``, ``late`` and ``groups``, a list of dicts with ``type``,
            ``name``, ``count`` and ``late``; nothing for who is no internal user
        """
        groups = []
        if self.env.user._is_internal():
            labels = dict(self._selection_document_type())
            open_steps = Domain("state", "=", "open") & Domain("is_mine", "=", True)
            late = Domain("date_deadline", "<", fields.Datetime.now())
            late_counts = dict(self._read_group(open_steps & late, ["res_model"], ["__count"]))
            groups = [
                {
                    "type": name,
                    "name": labels.get(name, name),
                    "count": count,
                    "late": late_counts.get(name, 0),
                }
                for name, count in self._read_group(open_steps, ["res_model"], ["__count"])
            ]
        return {
            "count": sum(group["count"] for group in groups),
            "late": sum(group["late"] for group in groups),
            "groups": groups,
        }

    def action_review(self):
        """Go through these steps one after the other, with what each document says.

        Of steps that are not the user's to decide nothing is shown.
        """
        self.check_access("read")
        mine = self.filtered(lambda step: step.state == "open" and step.is_mine)
        return self.env["crm.approval.review"]._open_review(mine)
