from odoo import models
from odoo.tools import format_list


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            self._warn_waiting_approvals()
        return result

    def _warn_waiting_approvals(self):
        """Tell who archives users which documents wait for them; a manager can reassign."""
        steps = self.env["crm.approval.step"].sudo().search([("pending_user_ids", "in", self.ids)])
        if steps:
            names = format_list(self.env, steps[:5].mapped("display_name"))
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "title": self.env._("Approvals are waiting"),
                    "message": self.env._(
                        "%(count)s documents wait for whom you archived: %(names)s. A service "
                        "manager can reassign them.",
                        count=len(steps),
                        names=names,
                    ),
                    "sticky": True,
                },
            )
