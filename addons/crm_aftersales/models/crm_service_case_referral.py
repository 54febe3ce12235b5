from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_case_referral import OPEN_STATES


class CrmServiceCase(models.Model):
    """Complaints referred to departments, and upgraded (E2.R4, E2.R6)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    referral_ids = fields.One2many("crm.case.referral", "case_id", "Referrals", readonly=True)
    date_upgraded = fields.Datetime("Upgraded On", readonly=True, copy=False)

    @api.model
    def _get_server_fields(self):
        return {**super()._get_server_fields(), "date_upgraded": False}

    def _get_complaint_text(self):
        """What the department is told: the matter, and what the customer wants.

        :return: str for a single record
        """
        remedies = dict(self._fields["remedy"]._description_selection(self.env))
        wish = " · ".join(filter(None, [remedies.get(self.remedy), self.remedy_note]))
        wish = wish and self.env._("The customer wants: %s", wish)
        return "\n".join(filter(None, [self.description or self.subject, wish]))

    def action_refer(self):
        """Send the complaint form to the department concerned."""
        return self._open_referral(
            self.env._("Refer to a Department"),
            default_department_id=self._get_referral_department().id,
        )

    def action_upgrade(self):
        """Send the complaint with its full content upwards (E2.R6)."""
        self.check_access("write")
        self._check_upgrade()
        department = self.department_id.parent_id or self.department_id
        return self._open_referral(
            self.env._("Upgrade"),
            default_kind="upgrade",
            default_department_id=department.id,
        )

    def _get_referral_department(self):
        """:return: ``crm.service.department`` in charge by the category, proposed"""
        self.ensure_one()
        return self.category_id.with_company(self.company_id).department_id

    def _open_referral(self, title, **defaults):
        self.ensure_one()
        self.check_access("write")
        self._check_state(("open",), self.env._("referred"))
        view = self.env.ref("crm_aftersales.crm_case_referral_view_form_send")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "crm.case.referral",
            "views": [(view.id, "form")],
            "target": "new",
            "context": {"default_case_id": self.id, **defaults},
        }

    def _check_upgrade(self):
        """:raise UserError: the content is not complete"""
        for case in self.sudo():
            if not (case.description or "").strip() or not (case.remedy or case.remedy_note):
                raise UserError(
                    self.env._(
                        "An upgraded complaint goes with its full content: write what happened "
                        "and what the customer wants into case %s.",
                        case.name,
                    )
                )

    def _on_referred(self, referrals):
        """Forms went out; upgraded ones are followed by the owner.

        :param referrals: ``crm.case.referral``
        """
        for referral in referrals.filtered(lambda r: r.kind == "upgrade"):
            case = referral.case_id.sudo()
            case.date_upgraded = referral.date_sent
            if owner := case.user_id.filtered("active"):
                case.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=owner.id,
                    summary=self.env._("Follow the upgraded complaint"),
                    date_deadline=referral.date_due,
                )
            case._tell_user(
                case._get_report_head(), self.env._("Upgraded complaint: %s", case.display_name)
            )

    def _check_solve(self):
        super()._check_solve()
        for case in self.sudo():
            if waiting := case.referral_ids.filtered(lambda r: r.state in OPEN_STATES):
                raise UserError(
                    self.env._(
                        "Case %(case)s is with %(department)s: verify or withdraw the form first.",
                        case=case.name,
                        department=waiting[0].department_id.name,
                    )
                )
