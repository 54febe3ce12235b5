from odoo import models
from odoo.tools import SQL

# fields that decide who may approve what
RIGHTS = {"active", "company_id", "company_ids", "group_ids", "share"}


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if not RIGHTS.isdisjoint(vals):
            self._replace_in_approvals()
        return result

    def _take_turns(self):
        """Let two transactions that ask what these people are doing come one after the other.

        A lock alone would not do: the second would still see the world from before the first. So
        the rows are written, unchanged: the second fails to, and Odoo runs it again on what the
        first left.
        """
        if self:
            self.env.cr.execute(
                SQL("UPDATE res_users SET write_date = write_date WHERE id IN %s", tuple(self.ids))
            )

    def _replace_in_approvals(self):
        """What waits for people who can no longer decide goes to others, and who did it is told."""
        requests = self.env["crm.approval.request"]._replace_users(self)
        if requests:
            names = self.env["crm.approval.mixin"]._approval_join(requests[:5].mapped("res_name"))
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "title": self.env._("Approvals went to others"),
                    "message": self.env._(
                        "%(count)s documents waited for whom you changed and are decided by "
                        "others now: %(names)s.",
                        count=len(requests),
                        names=names,
                    ),
                    "sticky": True,
                },
            )
