from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

POINTS = ("is_fire_safe", "is_dry", "is_free_of_insects", "is_locked", "is_in_order")


class CrmArchivePlaceCheck(models.Model):
    """库房检查: temperature, humidity, fire, damp, insects, as found on a day (B5.R1).

    What was found stays; what was wrong is put right and marked so.
    """

    _name = "crm.archive.place.check"
    _description = "Check of an Archive Place"
    _inherit = ["crm.access.mixin"]
    _order = "date desc, id desc"
    _rec_name = "place_id"
    _check_company_auto = True

    place_id = fields.Many2one(
        "crm.archive.place", required=True, index=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(related="place_id.company_id", store=True)
    date = fields.Date("Checked On", required=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        "res.users", "Checked By", readonly=True, copy=False, index=True, ondelete="restrict"
    )
    temperature = fields.Float("Temperature (°C)", required=True)
    humidity = fields.Float("Humidity (%)", required=True)
    is_fire_safe = fields.Boolean("Safe from Fire")
    is_dry = fields.Boolean("Dry")
    is_free_of_insects = fields.Boolean("Free of Insects and Rodents")
    is_locked = fields.Boolean("Locked")
    is_in_order = fields.Boolean("Filed in Order", help="By number or class.")
    is_good = fields.Boolean("As It Should Be", compute="_compute_is_good", store=True)
    finding = fields.Text("What Is Wrong")
    measure = fields.Text("What Was Done")
    date_fixed = fields.Datetime("Put Right On", readonly=True, copy=False)
    fixed_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    state = fields.Selection(
        [("good", "Good"), ("open", "To Put Right"), ("fixed", "Put Right")],
        compute="_compute_state",
        store=True,
        index=True,
    )

    @api.depends(
        "temperature",
        "humidity",
        "place_id.temperature_min",
        "place_id.temperature_max",
        "place_id.humidity_min",
        "place_id.humidity_max",
        *POINTS,
    )
    def _compute_is_good(self):
        for check in self:
            place = check.place_id
            check.is_good = (
                all(check[name] for name in POINTS)
                and place.temperature_min <= check.temperature <= place.temperature_max
                and place.humidity_min <= check.humidity <= place.humidity_max
            )

    @api.depends("is_good", "date_fixed")
    def _compute_state(self):
        for check in self:
            wrong = "fixed" if check.date_fixed else "open"
            check.state = "good" if check.is_good else wrong

    @api.model_create_multi
    def create(self, vals_list):
        stamps = {"date_fixed": False, "fixed_by_id": False}
        if self.env.su:
            vals_list = [{"user_id": self.env.uid, **vals} for vals in vals_list]
        else:
            vals_list = [{**vals, **stamps, "user_id": self.env.uid} for vals in vals_list]
        checks = super().create(vals_list)
        checks._check_finding()
        return checks

    def _check_finding(self):
        today = fields.Date.context_today(self)
        for check in self:
            if check.date > today:
                raise UserError(self.env._("A check is entered when it was done, not before."))
            if not check.is_good and not (check.finding or "").strip():
                raise UserError(
                    self.env._(
                        "Not everything is as it should be in %s: write what is wrong.",
                        check.place_id.complete_name,
                    )
                )

    def write(self, vals):
        if not self.env.su and vals.keys() - {"measure"}:
            raise AccessError(
                self.env._("What was found stays as it was: write down what was done about it.")
            )
        if not self.env.su and any(check.sudo().date_fixed for check in self):
            raise UserError(self.env._("This was put right already."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        raise UserError(self.env._("Checks are kept."))

    def action_fix(self):
        """What was wrong has been put right, by the measure written down.

        :raise UserError: nothing is wrong, or no measure
        """
        self.check_access("write")
        for check in self:
            if check.state != "open":
                raise UserError(self.env._("There is nothing to put right here."))
            if not (check.measure or "").strip():
                raise UserError(self.env._("Write what was done about it."))
        self.sudo().write({"date_fixed": fields.Datetime.now(), "fixed_by_id": self.env.uid})
