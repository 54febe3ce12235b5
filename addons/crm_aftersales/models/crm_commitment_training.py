from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmCommitmentTraining(models.Model):
    """Staff were told and trained what the company commits itself to (A4.R6, A4.R8).

    Once held it is a record: who, when, by whom, with what material, and the proof.
    """

    _name = "crm.commitment.training"
    _description = "Training on Commitments"
    _inherit = ["crm.access.mixin", "crm.colleague.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char("Topic", required=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    commitment_ids = fields.Many2many(
        "crm.service.commitment",
        "crm_commitment_training_rel",
        "training_id",
        "commitment_id",
        "Commitments",
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'in_force'), ('company_id', '=', company_id)]",
    )
    date = fields.Datetime(
        "Training Held On", required=True, default=lambda self: fields.Datetime.now()
    )
    hours = fields.Float("Length (hours)", default=1)
    place = fields.Char()
    trainer_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    attendee_ids = fields.Many2many(
        "res.users",
        "crm_commitment_training_attendee_rel",
        "training_id",
        "user_id",
        "Attendees",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    attendee_count = fields.Integer(compute="_compute_attendee_count", store=True)
    content = fields.Text("Contents and Material")
    material = fields.Binary("Teaching Material", attachment=True)
    material_name = fields.Char()
    proof = fields.Binary(attachment=True, help="Signed list, photo, test results.")
    proof_name = fields.Char()
    state = fields.Selection(
        [("draft", "Planned"), ("held", "Held")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    confirmed_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    date_confirmed = fields.Datetime("Confirmed On", readonly=True, copy=False)

    @api.depends("attendee_ids")
    def _compute_attendee_count(self):
        for training in self:
            training.attendee_count = len(training.attendee_ids)

    @api.model
    def _get_server_fields(self):
        """:return: dict of fields that only the button writes to what a new training has"""
        return {"state": "draft", "confirmed_by_id": False, "date_confirmed": False}

    @api.model_create_multi
    def create(self, vals_list):
        initial = self._get_server_fields()
        if self.env.su:
            return super().create([{**initial, **vals} for vals in vals_list])
        return super().create([{**vals, **initial} for vals in vals_list])

    def write(self, vals):
        if not self.env.su:
            if self._get_server_fields().keys() & vals.keys():
                raise AccessError(self.env._("A training is confirmed with its button."))
            log = (
                self.env["mail.thread"]._fields.keys()
                | self.env["mail.activity.mixin"]._fields.keys()
            )
            if not log.issuperset(vals) and "held" in self.sudo().mapped("state"):
                raise UserError(self.env._("The training was confirmed and stays as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        if "held" in self.mapped("state"):
            raise UserError(self.env._("A training that was held stays on record."))

    def action_confirm(self):
        """It was held; the record is closed (A4.R6).

        :raise UserError: attendees, commitments or the proof are missing, or it lies ahead
        """
        self.check_access("write")
        for training in self:
            if training.state != "draft":
                raise UserError(self.env._("“%s” was confirmed before.", training.name))
            if not training.attendee_ids or not training.commitment_ids:
                raise UserError(self.env._("Say who attended, and for which commitments."))
            if training.date > fields.Datetime.now():
                raise UserError(self.env._("Confirm a training after it was held."))
            if not training.proof:
                raise UserError(
                    self.env._("Add the proof: the signed list, a photo or test results.")
                )
        self.sudo().write(
            {
                "state": "held",
                "confirmed_by_id": self.env.uid,
                "date_confirmed": fields.Datetime.now(),
            }
        )
