from odoo import models
from odoo.tools import format_datetime, format_list


class CrmServiceOrder(models.Model):
    """What 安装任务派工单 and 维修服务单 print (C2.F1, C2.F2)."""

    _name = "crm.service.order"
    _inherit = ["crm.service.order"]

    def _get_form_staff(self):
        """:return: str, who goes: technicians, or the company that helps out"""
        names = (self.technician_id | self.helper_ids).mapped("name")
        if self.outside_kind == "partner":
            names += filter(None, [self.outside_partner_id.display_name, self.outside_contact])
        return format_list(self.env, names) if names else ""

    def _get_form_approvals(self):
        """:return: entries of ``_approval_signatures`` of those who approved"""
        self.ensure_one()
        return [entry for entry in self._approval_signatures() if entry["kind"] != "submit"]

    def _get_form_exceptions(self):
        """Above the manager's name: what was approved by word of mouth, and who else went.

        :return: list of str
        """
        texts = [
            self.env._(
                "Verbal approval of %(who)s, %(date)s: %(subject)s",
                who=verbal.approver_id.name,
                date=format_datetime(self.env, verbal.date_given, dt_format="yyyy-MM-dd HH:mm"),
                subject=verbal.subject,
            )
            for verbal in self.verbal_ids
            if verbal.state != "refused"
        ]
        if self.outside_consent_by_id:
            texts.append(
                self.env._(
                    "Helped out by %(who)s, consent of %(manager)s",
                    who=self._get_outside_name(),
                    manager=self.outside_consent_by_id.name,
                )
            )
        return texts

    def _get_form_callback(self, name):
        """:param str name: field of ``crm.visit``; :return: str, what the customer answered"""
        visit = self.sudo().callback_id.with_env(self.env).sudo()
        if not self.date_called_back:
            return ""
        return dict(visit._fields[name]._description_selection(self.env)).get(visit[name], "")

    def _get_form_received(self):
        """:return: str, the money received on site; an addon with receipts tells"""
        return ""

    def _get_form_handed_in(self):
        """:return: str, when the money was handed in to finance; an addon with receipts tells"""
        return ""
