from odoo import fields, models

TEMPLATE_DOMAIN = "[('model', '=', 'crm.service.case')]"


class CrmServiceTeam(models.Model):
    """Letters a team sends by itself, and what customers think of its work."""

    _name = "crm.service.team"
    _inherit = ["crm.service.team", "rating.parent.mixin"]

    _rating_satisfaction_days = 90

    acknowledgement_template_id = fields.Many2one(
        "mail.template",
        "Acknowledgement",
        default=lambda self: self._get_default_template("acknowledgement"),
        domain=TEMPLATE_DOMAIN,
        ondelete="set null",
        help="Goes at once to a customer who wrote; leave empty to send none.",
    )
    solved_template_id = fields.Many2one(
        "mail.template",
        "Solved Notice",
        default=lambda self: self._get_default_template("solved"),
        domain=TEMPLATE_DOMAIN,
        ondelete="set null",
        help="Tells the customer the result when a case is solved; leave empty to send none.",
    )
    rating_template_id = fields.Many2one(
        "mail.template",
        "Rating Request",
        default=lambda self: self._get_default_template("rating"),
        domain=TEMPLATE_DOMAIN,
        ondelete="set null",
        help="Asks once for an opinion when a case is closed; leave empty to send none.",
    )

    def _get_default_template(self, name):
        return self.env.ref(f"crm_aftersales.mail_template_case_{name}", raise_if_not_found=False)

    def action_open_ratings(self):
        """What customers said about the cases of the team."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_case_action_rated"
        )
        action["context"] = {"search_default_team_id": self.id}
        return action
