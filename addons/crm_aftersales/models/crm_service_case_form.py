from odoo import models


class CrmServiceCase(models.Model):
    """What the printed complaint forms say (E2.F027, E2.F028)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    def _get_form_unit(self):
        """Cell 单元; an addon that knows premises names the unit of the customer.

        :return: str
        """
        self.ensure_one()
        return ""

    def _get_form_handling(self):
        """Cell 处理情况: what was done, by whom, and where it stands.

        :return: list of str, a paragraph each
        """
        self.ensure_one()
        case = self.sudo()
        states = dict(self._fields["state"]._description_selection(self.env))
        if case.validity == "invalid":
            reason = case.validity_reason or ""
            return [self.env._("Not valid: %s", reason), case.solution or states[case.state]]
        texts = [case.immediate_action, case.measures, case.solution or states[case.state]]
        return [text for text in texts if text]

    def _get_form_callback(self):
        """Cell 回访: who called whom back, and what the customer said.

        :return: list of str, a paragraph each
        """
        self.ensure_one()
        case = self.sudo()
        if case.callback_waived_by_id:
            return [
                self.env._(
                    "No callback (%(who)s): %(reason)s",
                    who=case.callback_waived_by_id.name,
                    reason=case.callback_waive_reason,
                )
            ]
        if not case.date_called_back:
            return []
        visit = case.callback_id
        results = dict(self._fields["callback_result"]._description_selection(self.env))
        texts = [results[case.callback_result], visit.result]
        texts += [visit.callback_shortcoming, visit.callback_advice]
        return [text for text in texts if text]

    def _get_form_signers(self):
        """Signature boxes of 验证人签名: who visited, and the customer.

        :return: tuple of lists, entries as ``crm_form_signature`` takes them
        """
        self.ensure_one()
        visit = self.sudo().callback_id
        if not visit:
            return [], []
        submitted = visit.approval_request_ids.sorted("id")[-1:]
        visitors = [s for s in visit._get_printed_signatures("staff") if not s["is_differing"]]
        if not visitors and submitted:
            visitors = [{"name": submitted.user_id.name, "date": submitted.create_date, "role": ""}]
        return visitors, visit._get_printed_signatures("customer")
