from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command, Domain


class CrmApprovalStep(models.Model):
    """A step of one submission, frozen: a later change of the route does not touch it."""

    _name = "crm.approval.step"
    _inherit = ["crm.approval.audit"]
    _description = "Approval Step"
    _order = "request_id desc, sequence, id"

    request_id = fields.Many2one(
        "crm.approval.request", required=True, readonly=True, index=True, ondelete="restrict"
    )
    res_model = fields.Char("Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Document ID", model_field="res_model", required=True, readonly=True
    )
    res_name = fields.Char(related="request_id.res_name")
    document_type = fields.Selection(
        "_selection_document_type", compute="_compute_document_type", store=True
    )
    requester_id = fields.Many2one(related="request_id.user_id", string="Submitted By")
    date_submitted = fields.Datetime(related="request_id.date", string="Submitted On")
    sequence = fields.Integer(readonly=True)
    name = fields.Char("Role", required=True, readonly=True)
    route_step_id = fields.Many2one(
        "crm.approval.route.step", readonly=True, index="btree_not_null", ondelete="set null"
    )
    mode = fields.Selection(
        [("one", "One is enough"), ("all", "All are needed")], required=True, readonly=True
    )
    state = fields.Selection(
        [
            ("waiting", "Later"),
            ("open", "Waiting"),
            ("approved", "Approved"),
            ("returned", "Sent Back"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn"),
            ("cancelled", "Not Reached"),
        ],
        required=True,
        readonly=True,
    )
    user_ids = fields.Many2many(
        "res.users",
        "crm_approval_step_user_rel",
        "step_id",
        "user_id",
        "Approvers",
        readonly=True,
        ondelete="restrict",
        context={"active_test": False},
    )
    pending_user_ids = fields.Many2many(
        "res.users",
        "crm_approval_step_pending_rel",
        "step_id",
        "user_id",
        "Waiting For",
        readonly=True,
        ondelete="restrict",
        context={"active_test": False},
    )
    is_fallback = fields.Boolean(
        "Replacement", readonly=True, help="Nobody named for the step could approve."
    )
    hours_limit = fields.Float("Time Limit", readonly=True)
    date_opened = fields.Datetime("Opened On", readonly=True)
    date_deadline = fields.Datetime("Deadline", readonly=True, index="btree_not_null")
    date_done = fields.Datetime("Decided On", readonly=True)
    decision_ids = fields.One2many("crm.approval.decision", "step_id", readonly=True)
    decision_text = fields.Text("Outcome", compute="_compute_decision_text")
    is_mine = fields.Boolean(compute="_compute_is_mine", search="_search_is_mine")

    _document_idx = models.Index("(res_model, res_id)")

    @api.model
    def _selection_document_type(self):
        return self.env["crm.approval.route"]._selection_res_model()

    @api.depends("res_model")
    def _compute_document_type(self):
        for step in self:
            step.document_type = step.res_model

    @api.depends("decision_ids")
    def _compute_decision_text(self):
        for step in self:
            step.decision_text = " · ".join(
                filter(None, step.decision_ids.sorted("sequence").mapped("summary"))
            )

    @api.depends("pending_user_ids")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for step in self:
            step.is_mine = bool(step.sudo()._get_seat(self.env.user))

    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = self._get_mine_domain()
        return Domain.OR(mine if wanted else ~mine for wanted in value)

    @api.depends("name", "request_id.res_name")
    def _compute_display_name(self):
        for step in self:
            step.display_name = f"{step.res_name}: {step.name}"

    # ------------------------------------------------------------------
    # Actions of the inbox; the document checks everything
    # ------------------------------------------------------------------

    def action_open_document(self):
        """Open the form of the document."""
        return self.request_id.action_open_document()

    def action_approve(self, comment=False):
        """Approve the documents of these steps, each at the step that is open now."""
        for documents in self._get_own_documents():
            documents.action_approval_approve(comment)
        return True

    def action_decide(self):
        """Open the dialog that approves or sends back with a comment."""
        self.ensure_one()
        [documents] = self._get_own_documents()
        return documents.action_approval_decide()

    def _get_own_documents(self):
        """The documents as the current user, one recordset a model."""
        self.check_access("read")
        return [
            self.env[name].browse(steps.mapped("res_id"))
            for name, steps in self.grouped("res_model").items()
        ]

    # ------------------------------------------------------------------
    # Engine
    # ------------------------------------------------------------------

    @api.model
    def _freeze(self, requests):
        """Copy the steps of the routes to new requests, with their approvers resolved.

        :param requests: new requests with ``sudo``
        :raise UserError: nobody could approve a step
        """
        documents = requests._get_documents()
        return self.sudo().create(
            [
                self._prepare_freeze_values(request, position, route_step, document)
                for request, document in zip(requests, documents, strict=True)
                for position, route_step in enumerate(request.route_id.step_ids, 1)
            ]
        )

    @api.model
    def _prepare_freeze_values(self, request, position, route_step, document):
        users, is_fallback = route_step._resolve(document)
        opening = {"state": "waiting"}
        if position == 1:
            opening = self._prepare_open_values(users, route_step, request.company_id)
        return {
            "request_id": request.id,
            "res_model": request.res_model,
            "res_id": request.res_id,
            "sequence": position,
            "name": route_step.name,
            "route_step_id": route_step.id,
            "mode": "one" if is_fallback else route_step.mode,
            "user_ids": [Command.set(users.ids)],
            "is_fallback": is_fallback,
            **self._prepare_limit_values(route_step),
            **opening,
        }

    def _open(self):
        """Wait from now on for whoever has not decided."""
        users = self._get_missing_seats()
        self.write(self._prepare_open_values(users, self, self.request_id.company_id))

    @api.model
    def _prepare_open_values(self, users, limits, company):
        """Values of a step that waits for these users from now on.

        :param limits: the step, or the step of the route, whose time limits count
        """
        now = fields.Datetime.now()
        hours_limit = limits.hours_limit
        return {
            "state": "open",
            "date_opened": now,
            "date_deadline": hours_limit and self._get_deadline(now, hours_limit, company),
            "pending_user_ids": [Command.set(users.ids)],
        }

    @api.model
    def _get_deadline(self, start, hours, company):
        """When a time limit ends.

        :param start: datetime, naive UTC
        :param float hours: the limit
        :param company: ``res.company`` or empty
        :return: datetime, naive UTC; by the working hours of the company's calendar where it has
            one, else by the clock
        """
        if "resource_calendar_id" in company._fields and company.resource_calendar_id:
            leaves = [("time_type", "=", "leave"), ("company_id", "in", (False, company.id))]
            end = company.resource_calendar_id.plan_hours(
                hours, start, compute_leaves=True, domain=leaves
            )
            if end:
                return end
        return start + timedelta(hours=hours)

    @api.model
    def _prepare_limit_values(self, limits):
        """Time limits of a new step, as those of another or of the route."""
        return {"hours_limit": limits.hours_limit}

    def _wait(self):
        """Back in the row: what was decided stays in the log, nobody is asked now."""
        self.write(
            {
                "state": "waiting",
                "pending_user_ids": [Command.clear()],
                "date_opened": False,
                "date_deadline": False,
                "date_done": False,
            }
        )

    def _close(self, state):
        self.write(
            {
                "state": state,
                "date_done": fields.Datetime.now() if state != "cancelled" else False,
                "pending_user_ids": [Command.clear()],
            }
        )

    def _prepare_activity_values(self, activity_type, user_id):
        today = fields.Date.context_today(self)
        deadline = self.date_deadline
        return {
            "res_model_id": self.env["ir.model"]._get_id(self.res_model),
            "res_id": self.res_id,
            "activity_type_id": activity_type.id,
            "summary": self.env._("Approval: %s", self.name),
            "user_id": user_id,
            "date_deadline": (
                fields.Datetime.context_timestamp(self, deadline).date() if deadline else today
            ),
        }
