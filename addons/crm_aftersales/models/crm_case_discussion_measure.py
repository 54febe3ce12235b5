from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmCaseDiscussionMeasure(models.Model):
    """What a discussion decided to do: who, until when, and whether it was done."""

    _name = "crm.case.discussion.measure"
    _description = "Measure of a Discussion"
    _order = "date_due, id"

    discussion_id = fields.Many2one(
        "crm.case.discussion", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char("Measure", required=True)
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    date_due = fields.Date("Term", required=True)
    is_done = fields.Boolean("Done", readonly=True, copy=False)
    date_done = fields.Datetime("Done On", readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            done = dict.fromkeys(("is_done", "date_done", "done_by_id"), False)
            vals_list = [{**vals, **done} for vals in vals_list]
        measures = super().create(vals_list)
        measures._check_planned()
        return measures

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            if {"is_done", "date_done", "done_by_id"} & vals.keys():
                raise AccessError(self.env._("Press “Done” on the measure."))
            self._check_planned()
        res = super().write(vals)
        if "discussion_id" in vals:
            self._check_planned()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_final(self):
        self._check_planned()

    def _check_planned(self):
        if not self.env.su:
            self.sudo().discussion_id._check_state(("planned",))

    def action_done(self):
        """Note that measures were carried out.

        :raise AccessError: neither the owner nor who may write the discussion
        :raise UserError: the minutes are not final, or it is done already
        """
        self.check_access("read")
        for measure in self:
            if measure.user_id != self.env.user:
                measure.discussion_id.check_access("write")
            measure.sudo().discussion_id._check_state(("held",))
            if measure.is_done:
                raise UserError(self.env._("“%s” is done already.", measure.name))
        self.sudo().write(
            {"is_done": True, "date_done": fields.Datetime.now(), "done_by_id": self.env.uid}
        )
        for measure in self.sudo():
            measure._get_activities().action_feedback()
        self.discussion_id._finish_if_done()

    def _schedule(self):
        """A to-do for each owner; called with ``sudo`` when the minutes are final."""
        for measure in self:
            if measure.user_id.active:
                measure.discussion_id.activity_schedule(
                    "crm_aftersales.mail_activity_type_measure",
                    date_deadline=measure.date_due,
                    user_id=measure.user_id.id,
                    summary=measure.name,
                )

    def _get_activities(self):
        activity_type = self.env.ref("crm_aftersales.mail_activity_type_measure")
        return self.discussion_id.activity_ids.filtered(
            lambda a: (
                a.activity_type_id == activity_type
                and a.user_id == self.user_id
                and a.summary == self.name
            )
        )
