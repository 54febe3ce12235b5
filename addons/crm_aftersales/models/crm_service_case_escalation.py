from odoo import models

GROUPS = {
    "manager": "crm_service_base.group_manager",
    "general_manager": "crm_service_base.group_general_manager",
}
# who is told when a role is empty
LADDER = ("owner", "leader", "head", "manager", "general_manager")


class CrmServiceCase(models.Model):
    """Who is told when a deadline of a case runs out."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    def _get_escalation_users(self, role):
        """The people of a role; where there is nobody, those of the next one.

        :param str role: of an escalation step
        :return: ``res.users``
        """
        self.ensure_one()
        for name in LADDER[LADDER.index(role) :]:
            users = self._get_role_users(name)
            if users:
                return users
        return self.env["res.users"]

    def _get_role_users(self, role):
        if role == "owner":
            users = self.user_id
        elif role == "leader":
            users = self.team_id.leader_id
        elif role == "head":
            department = self.department_id or self.team_id.department_id
            users = department.head_id
        else:
            group = self.env.ref(GROUPS[role]).sudo()
            users = group.all_user_ids.filtered(
                lambda user: self.company_id in user.company_ids and not user.share
            )
        return users.filtered(lambda user: user.active and not user._is_superuser())
