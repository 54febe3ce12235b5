from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.crm_service_base.tools.state_order import in_order

TASKS = {"send": "is_sending", "receive": "is_receiving", "carry": "is_carrying"}


class CrmArchiveTransfer(models.Model):
    """收发传递登记: documents on their way, in the hands of a named person (A2.R23).

    What is filed never leaves: outward go copies whose release was approved.
    """

    _name = "crm.archive.transfer"
    _description = "Documents on Their Way"
    _inherit = ["crm.service.moved.mixin"]
    _order = "id desc"
    _check_company_auto = True

    _stamps = ("date_start", "date_end")

    user_id = fields.Many2one(string="Named Person", required=True)
    kind = fields.Selection(
        [("send", "Send"), ("receive", "Receive"), ("carry", "Carry Outside")],
        required=True,
        default="send",
        index=True,
    )
    release_id = fields.Many2one(
        "crm.archive.release",
        "Approved Release",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('state', 'in', ('approved', 'done'))]",
    )
    archive_id = fields.Many2one(
        "crm.archive", index="btree_not_null", ondelete="restrict", check_company=True
    )
    content = fields.Text("Documents", required=True, help="What it is, not what it says.")
    piece_count = fields.Integer("Pieces", default=1, required=True)
    counterpart = fields.Char("To or From", required=True)
    measures = fields.Text("Security Measures", required=True)
    state = fields.Selection(
        [("draft", "Draft"), ("under_way", "Under Way"), ("arrived", "Arrived")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_start = fields.Datetime("Left On", readonly=True, copy=False)
    date_expected = fields.Datetime("Expected On")
    date_end = fields.Datetime("Arrived On", readonly=True, copy=False)
    received_by = fields.Char(copy=False)

    _pieces_positive = models.Constraint(
        "CHECK(piece_count > 0)", "Enter how many pieces there are, at least one."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(transfer.state != "draft" for transfer in self):
            raise UserError(self.env._("What was on its way stays in the register."))

    def _get_open_fields(self):
        return super()._get_open_fields() | {"received_by"}

    def _can_file(self):
        return super()._can_file() and self.state == "arrived"

    def action_start(self):
        """The documents leave, in the hands of who is named for it.

        :raise UserError: the person is not named, or nothing was approved to leave
        """
        self._begin(("draft",))
        for transfer in self.sudo():
            self.env["crm.archive.carrier"]._check_named(
                transfer.user_id, TASKS[transfer.kind], transfer.company_id
            )
            transfer._check_release()
        self.sudo().write({"state": "under_way", "date_start": fields.Datetime.now()})

    def _check_release(self):
        if self.kind == "receive":
            return
        release = self.release_id
        if not release or release.state not in ("approved", "done"):
            raise UserError(
                self.env._(
                    "Filed archives never leave: name the approved release of what goes out."
                )
            )

    def action_arrive(self):
        """The documents arrived with whom they were for.

        :raise UserError: not under way, or nobody named who took them
        """
        self._begin(("under_way",))
        for transfer in self:
            if not (transfer.received_by or "").strip():
                raise UserError(self.env._("Say who took the documents of %s.", transfer.name))
        self.sudo().write({"state": "arrived", "date_end": fields.Datetime.now()})

    def _begin(self, states):
        self.check_access("write")
        self._lock()
        self._check_state(states)
