from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmStatisticsDistribution(models.Model):
    """Who got an issued report, when and how (A2.R9). Written by the report, never changed."""

    _name = "crm.statistics.distribution"
    _description = "Distribution of a Statistical Report"
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    report_id = fields.Many2one(
        "crm.statistics.report", required=True, readonly=True, index=True, ondelete="restrict"
    )
    type_id = fields.Many2one(related="report_id.type_id", store=True, index=True)
    company_id = fields.Many2one(related="report_id.company_id", store=True, index=True)
    revision = fields.Integer(readonly=True)
    date = fields.Datetime("Handed Out On", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner", "Recipient", required=True, readonly=True, index=True, ondelete="restrict"
    )
    department_id = fields.Many2one(
        "crm.service.department", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    request_id = fields.Many2one(
        "crm.statistics.request",
        "Standing Request",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    how = fields.Selection(
        [
            ("message", "Message in the System"),
            ("email", "E-mail"),
            ("paper", "On Paper"),
            ("meeting", "In a Meeting"),
            ("other", "Otherwise"),
        ],
        required=True,
        readonly=True,
    )
    is_external = fields.Boolean("Outside the Company", readonly=True)
    purpose = fields.Char(readonly=True)
    sent_by_id = fields.Many2one(
        "res.users", "Handed Out By", required=True, readonly=True, ondelete="restrict"
    )

    _user_uniq = models.UniqueIndex(
        "(report_id, revision, user_id) WHERE user_id IS NOT NULL AND how = 'message'",
        "This person got this revision of the report already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Only for issued reports, by the server; time and person are its own."""
        self._check_server()
        for vals in vals_list:
            vals.update(date=fields.Datetime.now(), sent_by_id=self.env.uid)
        rows = super().create(vals_list)
        rows.report_id._check_issued()
        return rows

    def write(self, vals):
        self._check_server()
        return super().write(vals)

    def _check_server(self):
        if not self.env.su:
            raise AccessError(self.env._("The distribution record is written by the system."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_uninstall(self):
        raise UserError(self.env._("Who got a report is kept as long as the report."))
