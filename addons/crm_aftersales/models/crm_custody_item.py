from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import float_compare, float_is_zero

from odoo.addons.crm_service_base.tools.state_order import in_order

CUSTODY_KINDS = [("tool", "Tool"), ("material", "Material"), ("document", "Papers")]
DIGITS = 2


class CrmCustodyItem(models.Model):
    """A tool, material or document that a technician answers for (C2.R13).

    A keeper, who is a supervisor of customer service, issues it; the technician signs for it or
    acknowledges it; it comes back, is used up or is lost. What a count found otherwise moves the
    quantity once the count is approved.
    """

    _name = "crm.custody.item"
    _description = "Item in Custody"
    _inherit = ["crm.service.moved.mixin", "crm.signature.mixin", "crm.import.template.mixin"]
    _order = "holder_id, kind, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "title", "serial_number"]
    _mail_post_access = "read"

    _stamps = ("date_issued", "date_received", "date_settled")
    _signature_fields = ("name", "title", "kind", "serial_number", "quantity", "unit", "holder_id")
    _signature_states = ("issued",)

    title = fields.Char("Item Name", required=True, index="trigram")
    kind = fields.Selection(CUSTODY_KINDS, required=True, default="tool", index=True)
    serial_number = fields.Char(copy=False, index="trigram")
    product_id = fields.Many2one(
        "product.product", index="btree_not_null", ondelete="restrict", check_company=True
    )
    holder_id = fields.Many2one(
        "res.users",
        "Technician",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    user_id = fields.Many2one(string="Keeper", required=True)
    quantity = fields.Float(
        "Issued", required=True, default=1, digits=(16, DIGITS), aggregator=None
    )
    unit = fields.Char("Counted In", default=lambda self: self.env._("pcs"))
    quantity_returned = fields.Float(
        "Returned", readonly=True, copy=False, digits=(16, DIGITS), aggregator=None
    )
    quantity_used = fields.Float(readonly=True, copy=False, digits=(16, DIGITS), aggregator=None)
    quantity_lost = fields.Float(
        "Lost", readonly=True, copy=False, digits=(16, DIGITS), aggregator=None
    )
    quantity_adjusted = fields.Float(
        "Differences of Counts",
        readonly=True,
        copy=False,
        digits=(16, DIGITS),
        aggregator=None,
        help="What approved counts found more (+) or less (-).",
    )
    quantity_open = fields.Float(
        "In Custody",
        compute="_compute_quantity_open",
        store=True,
        digits=(16, DIGITS),
        aggregator=None,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    value = fields.Monetary("Value of One")
    date_due = fields.Date("To Be Returned By")
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")
    note = fields.Text("Remarks")

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("issued", "To Acknowledge"),
            ("held", "In Custody"),
            ("closed", "Settled"),
            ("lost", "Lost"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_issued = fields.Datetime("Issued On", readonly=True, copy=False)
    date_received = fields.Datetime("Acknowledged On", readonly=True, copy=False)
    date_settled = fields.Datetime("Settled On", readonly=True, copy=False)
    is_holder = fields.Boolean(compute="_compute_is_holder")
    is_supervisor = fields.Boolean(compute="_compute_is_holder")
    count_line_ids = fields.One2many("crm.custody.count.line", "item_id", "Counts", readonly=True)

    _quantity_positive = models.Constraint(
        "CHECK(quantity > 0)", "Nothing is issued with a quantity of zero or less."
    )
    _serial_is_one = models.Constraint(
        "CHECK(serial_number IS NULL OR serial_number = '' OR quantity = 1)",
        "A serial number belongs to one piece: issue each piece on its own.",
    )
    _open_not_negative = models.Constraint(
        "CHECK(quantity_open >= 0)", "More is returned, used or lost than is in custody."
    )

    @api.depends(
        "quantity", "quantity_returned", "quantity_used", "quantity_lost", "quantity_adjusted"
    )
    def _compute_quantity_open(self):
        for item in self:
            gone = item.quantity_returned + item.quantity_used + item.quantity_lost
            item.quantity_open = round(item.quantity + item.quantity_adjusted - gone, DIGITS)

    @api.depends("date_due", "state")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for item in self:
            due = item.date_due
            item.is_overdue = bool(due) and due < today and item.state in ("issued", "held")

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("state", "in", ("issued", "held"))
        overdue &= Domain("date_due", "<", fields.Date.context_today(self))
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.depends("holder_id")
    @api.depends_context("uid")
    def _compute_is_holder(self):
        is_supervisor = self._is_supervisor()
        for item in self:
            item.is_holder = item.holder_id == self.env.user
            item.is_supervisor = is_supervisor

    @api.depends("name", "title", "serial_number")
    def _compute_display_name(self):
        for item in self:
            parts = [item.title, item.serial_number, item.name]
            item.display_name = " · ".join(filter(None, parts))

    # ------------------------------------------------------------------ create, write, delete

    @api.model
    def _get_server_fields(self):
        moved = ("quantity_returned", "quantity_used", "quantity_lost", "quantity_adjusted")
        return {**super()._get_server_fields(), **dict.fromkeys(moved, 0)}

    def _check_field_write(self, vals):
        super()._check_field_write(vals)
        if vals.keys() - self._get_open_fields() and not self._is_supervisor():
            raise AccessError(self.env._("Only a keeper changes what is to be issued."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        if any(item.state != "draft" for item in self):
            raise UserError(self.env._("What was issued stays on the list: have it returned."))

    def _can_file(self):
        return super()._can_file() and self.state in ("closed", "lost")

    # ------------------------------------------------------------------ out

    def action_issue(self):
        """The keeper hands items out; the technician is asked to acknowledge them.

        :raise AccessError: no keeper, or one's own tools
        :raise UserError: issued already
        """
        self._check_keeper()
        self._lock()
        self._check_state(("draft",))
        self.sudo().write({"state": "issued", "date_issued": fields.Datetime.now()})
        for item in self.sudo():
            item.message_subscribe(item.holder_id.partner_id.ids)
            item.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=item.holder_id.id,
                summary=self.env._("Acknowledge what you received: %s", item.title),
            )

    def _check_keeper(self):
        """:raise AccessError: no keeper, or it is about the keeper's own tools"""
        self.check_access("write")
        if not self._is_supervisor():
            raise AccessError(self.env._("Only a keeper does this: ask your supervisor."))
        if self.env.user in self.sudo().holder_id:
            raise AccessError(
                self.env._("What you hold yourself, another keeper issues and takes back.")
            )

    def action_receive(self):
        """The technician acknowledges what was issued, without a signature by hand.

        :raise AccessError: it is another's
        """
        self.check_access("read")
        if self.sudo().holder_id != self.env.user:
            raise AccessError(self.env._("Only the technician who received it acknowledges it."))
        self._receive()

    def _receive(self):
        self._lock()
        self._check_state(("issued",))
        self.sudo().write({"state": "held", "date_received": fields.Datetime.now()})
        self.sudo().activity_feedback(["mail.mail_activity_data_todo"])

    # ------------------------------------------------------------------ signed for

    def _get_signature_staff(self):
        self.ensure_one()
        return self.holder_id

    def _check_signing(self, values, digest):
        super()._check_signing(values, digest)
        if values["role"] != "staff":
            raise UserError(self.env._("The technician signs for it, not a customer."))

    def _on_signed(self, signature):
        super()._on_signed(signature)
        self._receive()

    # ------------------------------------------------------------------ back

    def action_return(self):
        """The keeper takes items back."""
        self._check_keeper()
        return self._open_settle("return", self.env._("Take Back"))

    def action_use(self):
        """Material was used up on a job."""
        return self._open_settle("use", self.env._("Used Up"))

    def action_lose(self):
        """Something was lost or broken."""
        return self._open_settle("lose", self.env._("Lost"))

    def _open_settle(self, how, title):
        self.check_access("read")
        self._check_state(("issued", "held"))
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "crm.custody.settle",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_how": how,
                "default_item_ids": self.ids,
                "default_quantity": self.quantity_open if len(self) == 1 else 0,
            },
        }

    def _settle(self, how, quantity=None, note=None):
        """What was in custody comes back, is used up or lost; all of it where no quantity is told.

        :param str how: ``return`` (a keeper), ``use`` or ``lose`` (the technician or a keeper)
        :param float quantity: in the unit of the item, more than zero
        :param str note: needed but for a return
        :raise AccessError: another's, or taking back one's own
        :raise UserError: not in custody, more than is there, no words
        """
        self.check_access("read")
        self._lock()
        self._check_state(("issued", "held"))
        self._check_settle(how, note)
        field = {"return": "quantity_returned", "use": "quantity_used", "lose": "quantity_lost"}
        for item in self.sudo():
            amount = item.quantity_open if quantity is None else quantity
            item._check_settled_quantity(amount)
            item[field[how]] += amount
            item._close_if_settled()
            item._log_settled(how, amount, note)
        if how == "lose":
            self._tell_lost(note)

    def _check_settle(self, how, note):
        if how == "return":
            self._check_keeper()
            return
        if self.sudo().holder_id != self.env.user:
            self._check_keeper()
        self._check_note(note)
        if how == "use" and any(item.kind != "material" for item in self.sudo()):
            raise UserError(self.env._("Only material is used up: tools and documents come back."))

    def _check_settled_quantity(self, quantity):
        if float_compare(quantity, 0, DIGITS) <= 0:
            raise UserError(self.env._("Enter a quantity above zero."))
        if float_compare(quantity, self.quantity_open, DIGITS) > 0:
            raise UserError(
                self.env._(
                    "Of %(item)s only %(open)g are in custody.",
                    item=self.display_name,
                    open=self.quantity_open,
                )
            )

    def _close_if_settled(self):
        """Called with ``sudo`` after a quantity moved."""
        for item in self:
            if float_is_zero(item.quantity_open, DIGITS):
                is_lost = item.quantity_lost or item.quantity_adjusted < 0
                item.write(
                    {
                        "state": "lost" if is_lost else "closed",
                        "date_settled": fields.Datetime.now(),
                    }
                )
                item.activity_unlink(["mail.mail_activity_data_todo"])

    def _log_settled(self, how, quantity, note):
        words = {
            "return": self.env._("Taken back"),
            "use": self.env._("Used up"),
            "lose": self.env._("Lost"),
        }
        body = f"{words[how]}: {quantity:g} {self.unit or ''}"
        self._message_log(body=f"{body} — {note}" if note else body)

    def _tell_lost(self, note):
        for item in self.sudo():
            told = (item.user_id | item._get_holder_head()) - self.env.user
            item._tell(told, self.env._("Lost: %s", item.display_name), note)

    def _ask_back(self):
        """Called with ``sudo`` when the technician leaves: the keeper gets a to-do."""
        keeper = self.user_id if self.user_id.active else self._get_holder_head()
        if keeper and keeper != self.holder_id:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=keeper.id,
                summary=self.env._("%s leaves: get it back", self.holder_id.name),
            )

    def _get_holder_head(self):
        """:return: ``res.users`` above the technician, may be empty"""
        departments = self.env["crm.service.department"]
        department = departments._get_user_department(self.holder_id, self.company_id)
        return department._get_head_above(self.holder_id)

    def _adjust(self, difference, reason):
        """An approved count found more or less than should be there; called with ``sudo``.

        :param float difference: in the unit of the item
        """
        self.ensure_one()
        if self.state not in ("issued", "held", "lost", "closed"):
            return
        self.quantity_adjusted += max(difference, -self.quantity_open)
        if self.state in ("issued", "held"):
            self._close_if_settled()
        elif self.quantity_open:
            self.write({"state": "held", "date_settled": False})
        self._message_log(
            body=self.env._(
                "Count: difference %(difference)+g. %(reason)s",
                difference=difference,
                reason=reason,
            )
        )

    # ------------------------------------------------------------------ import

    @api.model
    def _get_import_template_title(self):
        return self.env._("Items in Custody")

    @api.model
    def _get_import_template_rows(self):
        return [
            {
                "title": self.env._("Multimeter"),
                "kind": self._get_kind_label("tool"),
                "serial_number": "WY-0001",
                "holder_id": self.env.user.name,
                "quantity": 1,
                "unit": self.env._("pcs"),
                "value": 380,
                "date_due": "",
                "note": "",
            },
            {
                "title": self.env._("Power cable"),
                "kind": self._get_kind_label("material"),
                "serial_number": "",
                "holder_id": self.env.user.name,
                "quantity": 20,
                "unit": self.env._("pcs"),
                "value": 12,
                "date_due": "",
                "note": "",
            },
        ]

    @api.model
    def _get_kind_label(self, kind):
        return dict(self._fields["kind"]._description_selection(self.env))[kind]
