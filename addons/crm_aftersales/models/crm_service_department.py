from odoo import models


class CrmServiceDepartment(models.Model):
    """Whom letters, opinions and decisions of a department concern."""

    _name = "crm.service.department"
    _inherit = ["crm.service.department"]

    def _get_staff(self):
        """Who acts for these departments.

        :return: ``res.users``: heads, deputies and members who are still with us
        """
        departments = self.sudo()
        staff = departments.head_id | departments.deputy_id | departments.member_ids
        return staff.filtered("active")

    def _get_first_hands(self):
        """Who is asked first when something comes to a department.

        :return: ``res.users``: the head, else the deputy, else all members
        """
        self.ensure_one()
        department = self.sudo()
        for users in (department.head_id, department.deputy_id, department.member_ids):
            if users.filtered("active"):
                return users.filtered("active")
        return self.env["res.users"]

    def _get_head_above(self, users):
        """The first head, from these departments upwards, who is not one of some users.

        :param users: ``res.users`` who need not be told
        :return: ``res.users``, may be empty
        """
        department = self.sudo()[:1]
        while department and (not department.head_id.active or department.head_id in users):
            department = department.parent_id
        return department.head_id
