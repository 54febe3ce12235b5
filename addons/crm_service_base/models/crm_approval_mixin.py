from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import approval_hash

ENGINE_FIELDS = {
    "state",
    "approval_request_ids",
    "approval_request_id",
    "approval_step_ids",
    "approval_step_id",
    "approval_decision_ids",
    "approval_state",
    "approval_user_ids",
    "is_approver",
    "is_approval_withdrawable",
    "date_approved",
    "approved_by_id",
}
SAFE_CONTEXT = ("lang", "tz", "allowed_company_ids")


class CrmApprovalMixin(models.AbstractModel):
    """A document that people submit and others approve.

    ::

        class CrmVisitPlan(models.Model):
            _name = "crm.visit.plan"
            _inherit = ["crm.service.mixin", "crm.approval.mixin", "mail.thread",
                        "mail.activity.mixin"]

            _approval_draft_states = ("draft",)
            _approval_pending_state = "submitted"
            _approval_approved_state = "approved"
            _approval_returned_state = "draft"
            _approval_line_fields = ("line_ids",)

            state = fields.Selection([...], required=True, readonly=True, default="draft",
                                     copy=False, index=True)

    ``state`` and everything of the engine move on the server only; the document's own actions
    check, then write with ``sudo()``. Everything else is locked and hashed unless one of
    ``_approval_guarded_fields``, ``_approval_free_fields``, ``_approval_after_fields`` names it.
    Many2one and many2many of the content take ``ondelete="restrict"``; no other model may have a
    many2many that edits the same relation from the other side. Approvers need a record rule that
    lets them read, for instance ``("approval_request_ids.step_ids.is_asked", "=", True)``, which
    also lets the deputies of absent approvers read.

    The form shows it like this (``header`` and a page of the notebook)::

        <button name="action_approval_submit" type="object" class="btn-primary"
                string="Submit for Approval" invisible="state != 'draft'"/>
        <button name="action_approval_approve" type="object" class="btn-primary"
                string="Approve" invisible="not is_approver"/>
        <button name="action_approval_reject" type="object"
                string="Return" invisible="not is_approver"/>
        <button name="action_approval_add" type="object"
                string="Ask a Colleague…" invisible="not is_approver"/>
        <button name="action_approval_withdraw" type="object"
                string="Withdraw" invisible="not is_approval_withdrawable"/>
        <button name="action_approval_reassign" type="object" string="Reassign"
                groups="crm_service_base.group_manager"
                invisible="approval_state != 'pending'"/>
        <field name="state" widget="statusbar"/>
        … (after the header)
        <field name="approval_notice" class="w-100" invisible="not approval_notice"/>
        …
        <page string="Approval" name="approval" invisible="approval_state == 'none'">
            <button name="action_approval_open_evidence" type="object" class="btn-link"
                    string="Approval log"/>
            <button name="action_approval_print_evidence" type="object" class="btn-link"
                    icon="fa-print" string="Print evidence"/>
            <field name="approval_step_ids" nolabel="1"/>
        </page>

    (``is_approver``, ``is_approval_withdrawable`` and ``approval_state`` as invisible fields.)
    """

    _name = "crm.approval.mixin"
    _inherit = ["crm.approval.content"]
    _description = "Document under Approval"

    _approval_draft_states = ("draft",)
    _approval_submit_states = None
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"

    approval_request_ids = fields.One2many(
        "crm.approval.request",
        "res_id",
        "Submissions",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
        copy=False,
        bypass_search_access=True,
    )
    approval_request_id = fields.Many2one(
        "crm.approval.request",
        "Current Submission",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    approval_step_ids = fields.One2many(
        related="approval_request_id.step_ids", string="Approval Steps"
    )
    approval_step_id = fields.Many2one(
        "crm.approval.step",
        "Waiting For",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    approval_user_ids = fields.Many2many(
        related="approval_step_id.pending_user_ids", string="To Be Approved By"
    )
    approval_decision_ids = fields.One2many(
        "crm.approval.decision",
        "res_id",
        "Approval Log",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
        copy=False,
        bypass_search_access=True,
    )
    approval_state = fields.Selection(
        "_get_approval_states",
        "Approval",
        default="none",
        required=True,
        readonly=True,
        copy=False,
    )
    is_approver = fields.Boolean(
        "My Decision Needed", compute="_compute_is_approver", search="_search_is_approver"
    )
    is_approval_withdrawable = fields.Boolean(compute="_compute_is_approval_withdrawable")
    is_editable = fields.Boolean(
        compute="_compute_is_editable", help="A draft that the user may change, for the forms."
    )
    is_writable = fields.Boolean(
        compute="_compute_is_editable", help="The user may work on this document, for its buttons."
    )
    date_approved = fields.Datetime("Approved On", readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")

    @api.model
    def _get_approval_states(self):
        """A method, because labels of a list are translated only for the models that existed when
        this addon was installed."""
        return [
            ("none", self.env._("Not Submitted")),
            ("pending", self.env._("Waiting for Approval")),
            ("approved", self.env._("Approved")),
            ("returned", self.env._("Sent Back")),
            ("rejected", self.env._("Rejected")),
            ("withdrawn", self.env._("Withdrawn")),
        ]

    @api.depends("approval_step_id.pending_user_ids")
    @api.depends_context("uid")
    def _compute_is_approver(self):
        for document in self:
            step = document.sudo().approval_step_id
            document.is_approver = bool(step and step._get_seat(self.env.user))

    def _search_is_approver(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = self.env["crm.approval.step"]._get_mine_domain()
        domain = Domain("approval_step_id", "any!", mine)
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    @api.depends("approval_state", "approval_request_id.user_id")
    @api.depends_context("uid")
    def _compute_is_approval_withdrawable(self):
        is_manager = self._is_approval_manager()
        for document in self:
            requester = document.sudo().approval_request_id.user_id
            document.is_approval_withdrawable = document.approval_state == "pending" and (
                is_manager or requester == self.env.user
            )

    @api.depends("state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_editable(self):
        """What is not saved yet is editable; the server checks again at saving."""
        allowed = self._origin._filtered_access("write")
        for document in self:
            is_draft = not document.state or document.state in self._approval_draft_states
            saved = document._origin
            document.is_writable = not saved or saved in allowed
            document.is_editable = is_draft and document.is_writable

    # ------------------------------------------------------------------
    # What a document tells the engine
    # ------------------------------------------------------------------

    @api.model
    def _approval_guarded_fields(self):
        filing = {"date_filed", "filed_by_id"} & self._fields.keys()
        return super()._approval_guarded_fields() | ENGINE_FIELDS | filing

    @api.model
    def _approval_initial_values(self):
        return super()._approval_initial_values() | {
            "state": self._approval_draft_states[0],
            "approval_state": "none",
        }

    def _approval_check_submit(self):
        """Refuse documents that are not complete.

        Documents extend it; called with ``sudo``, on all documents of one submission, after they
        are locked.

        :raise UserError: a sentence that names what is missing and what to do
        """

    def _approval_on_submitted(self):
        """Called with ``sudo`` after the documents moved to the pending state.

        Content may not change here.
        """

    def _approval_on_approved(self):
        """Called with ``sudo`` after the last step; content may not change here."""

    def _approval_on_returned(self, decision):
        """Called with ``sudo`` after a rejection, a return or a withdrawal.

        :param decision: ``crm.approval.decision`` that ended the request
        """

    def _approval_document_author(self):
        """Who never decides about this document, whoever submits it.

        :return: ``res.users``: who created it and who owns it
        """
        self.ensure_one()
        owner = self["user_id"] if "user_id" in self._fields else self.env["res.users"]
        return self.create_uid | owner

    def _approval_company(self):
        """:return: ``res.company`` whose routes and calendar count, may be empty"""
        self.ensure_one()
        has_company = "company_id" in self._fields
        return self["company_id"] if has_company else self.env["res.company"]

    def _approval_signatures(self):
        """Signature boxes of a printed form, from the last approved submission.

        :return: list of dicts in order of the steps, one for each approval: ``name`` (as it was
            when signed), ``role`` (name of the step), ``user`` (``res.users``), ``date``
            (datetime, UTC), ``comment``, ``decision`` and ``step`` (records); empty when nothing
            was approved. ``kind`` is ``submit`` for the first entry, the requester.
        """
        self.ensure_one()
        self.check_access("read")
        approved = self.sudo().approval_request_ids.filtered(lambda r: r.state == "approved")
        decisions = approved.sorted("id")[-1:].decision_ids
        signed = decisions.filtered(
            lambda d: d.kind == "submit" or (d.kind == "approve" and d._is_counted())
        )
        return [decision._prepare_signature() for decision in signed.sorted("sequence")]

    # ------------------------------------------------------------------
    # Locks
    # ------------------------------------------------------------------

    def _approval_documents(self):
        return self

    def _check_approval_write(self, names):
        self._check_approval_guarded(names)
        if self._approval_field_sets()[1].issuperset(names):
            return
        draft = self._approval_draft_states
        locked = self.sudo().filtered(lambda document: document.state not in draft)
        if locked:
            raise locked._make_locked_error()

    def _check_approval_draft(self):
        """Refuse a change of what belongs to locked documents.

        :raise UserError: one of the documents is not a draft
        """
        locked = self._get_approval_locked()
        if locked:
            raise locked._make_locked_error()

    def _get_approval_locked(self):
        """Those of the documents that are no drafts.

        The rows are read and held for share: a submission at the same time waits or is refused.
        """
        if not self:
            return self
        self.flush_recordset(["state"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id, state FROM %s WHERE id IN %s FOR SHARE",
                SQL.identifier(self._table),
                tuple(self.ids),
            )
        )
        draft = self._approval_draft_states
        return self.browse(row_id for row_id, state in rows if state not in draft)

    def _make_locked_error(self):
        return UserError(
            self.env._(
                "%s was submitted and is locked. Withdraw it, or have it sent back, to change it.",
                ", ".join(self.sudo()[:3].mapped("display_name")),
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        for document in self.sudo():
            if document.state not in self._approval_draft_states or document.approval_request_ids:
                raise UserError(
                    self.env._(
                        "%s cannot be deleted: only drafts that were never submitted can. "
                        "Archive or cancel it instead.",
                        document.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_approval_submit(self):
        """Submit the documents for approval.

        :raise AccessError: no right to change one of them
        :raise UserError: not a draft, incomplete, no route, or nobody could approve
        """
        self.check_access("write")
        self._approval_enter()._approval_submit()
        return True

    def action_approval_approve(self, comment=False):
        """Approve the step that is open, as one of its approvers.

        :param str comment: kept with the decision
        :raise AccessError: the user is not one of those who decide now
        :raise UserError: not pending, or the content is not what was submitted
        """
        self._approval_enter()._approval_decide("approve", comment)
        return True

    def action_approval_reject(self, comment=False):
        """Reject; without a comment a dialog asks for it."""
        if not comment:
            return self._approval_open_dialog("return")
        self._approval_enter()._approval_decide("reject", comment)
        return True

    def action_approval_return(self, comment=False):
        """Send back to the author for changes; without a comment a dialog asks for it."""
        if not comment:
            return self._approval_open_dialog("return")
        self._approval_enter()._approval_decide("return", comment)
        return True

    def action_approval_withdraw(self, comment=False):
        """Take a pending submission back; for who submitted it and for service managers."""
        self._approval_enter()._approval_decide("withdraw", comment)
        return True

    def action_approval_decide(self):
        """Open the dialog that approves, returns or rejects with a comment."""
        return self._approval_open_dialog("approve")

    def action_approval_reassign(self, user_ids=False, comment=False):
        """Name other approvers for the open step; for service managers.

        :param user_ids: ids of the users who decide from now on; without, a dialog asks
        :param str comment: the reason, needed
        """
        if not user_ids:
            return self._approval_open_dialog("approve", default_is_reassignment=True)
        self._approval_enter()._approval_reassign(user_ids, comment)
        return True

    def action_approval_open_evidence(self):
        """Show submissions, steps and decisions of the document."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service_base.crm_approval_request_action"
        )
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_approval_verify(self):
        """Compare the documents with what was approved, and tell.

        :return: a notification: everything fits, or what does not
        """
        faults = self._approval_elevate()._approval_faults()
        text = "\n".join(fault for fault in faults.values() if fault)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if text else "success",
                "title": self.env._("Approval check"),
                "message": text
                or self.env._("The content is what was submitted, and the log is whole."),
                "sticky": bool(text),
            },
        }

    def _approval_open_dialog(self, kind, **context):
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Approval"),
            "res_model": "crm.approval.decide",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_document_ids": self.ids,
                "default_kind": kind,
                **context,
            },
        }

    # ------------------------------------------------------------------
    # Engine
    # ------------------------------------------------------------------

    def _approval_elevate(self):
        """Enter ``sudo`` the only way the engine does.

        Read access and companies are checked as the caller; of the context only language, time
        zone and companies are kept; nothing cached is believed.

        :return: the same records with ``sudo``
        """
        self.check_access("read")
        self.env.companies  # noqa: B018 raises on companies that are not the caller's
        context = {key: self.env.context[key] for key in SAFE_CONTEXT if key in self.env.context}
        documents = self.with_context(context).sudo()  # pylint: disable=context-overridden
        self.env.invalidate_all()
        return documents

    def _approval_enter(self):
        """:meth:`_approval_elevate`, with the documents and their requests locked."""
        documents = self._approval_elevate()
        try:
            documents.lock_for_update(allow_referencing=True)
            documents.approval_request_id.lock_for_update(allow_referencing=True)
        except LockError:
            raise LockError(
                self.env._(
                    "Somebody else is working on this document. Please try again in a moment."
                )
            ) from None
        self.env.invalidate_all()
        return documents

    @api.model
    def _is_approval_manager(self):
        return self.env.user.has_group("crm_service_base.group_manager")

    def _approval_submit(self):
        self._check_approval_start()
        self._approval_check_submit()
        routes = self.env["crm.approval.route"]._match(self)
        requests = self.env["crm.approval.request"]._open(routes)
        self._approval_on_submitted()
        requests._notify_open_steps()

    def _check_approval_start(self):
        states = self._approval_submit_states or self._approval_draft_states
        is_manager = self._is_approval_manager()
        for document in self:
            if document.state not in states or document.approval_state == "pending":
                raise UserError(
                    self.env._(
                        "%s cannot be submitted in its present state.", document.display_name
                    )
                )
            requester = document.approval_request_id.user_id
            if requester and self.env.user != requester and not is_manager:
                raise AccessError(
                    self.env._(
                        "%(document)s was submitted by %(requester)s before: only they or a "
                        "service manager can submit it again.",
                        document=document.display_name,
                        requester=requester.name,
                    )
                )

    def _approval_decide(self, kind, comment):
        self._check_approval_pending()
        contents = self._approval_recompute()
        for document in self:
            document.approval_request_id._decide(kind, comment, contents[document.id])
        self.approval_request_id._notify_open_steps()

    def _approval_reassign(self, user_ids, comment):
        self._check_approval_pending()
        for document in self:
            document.approval_request_id._reassign(user_ids, comment)
        self.approval_request_id._notify_open_steps()

    def _check_approval_pending(self):
        for document in self:
            if document.approval_state != "pending":
                raise UserError(
                    self.env._("%s is not waiting for approval.", document.display_name)
                )

    # ------------------------------------------------------------------
    # Snapshots
    # ------------------------------------------------------------------

    def _approval_snapshots(self, schema=None, attachment_ids=None):
        """Canonical JSON of the content, read afresh from the database.

        :param dict schema: fields that count, default: those of today
        :param attachment_ids: ids of the attachments that count, default: all
        :return: dict ``{document id: text}``
        """
        schema = schema or self._approval_schema()
        nodes = self.with_context(active_test=False)._approval_nodes(schema)
        attachments = self._approval_attachments(attachment_ids)
        return {
            document.id: approval_hash.canonical(
                {
                    "model": self._name,
                    "id": document.id,
                    "schema": schema,
                    "attachments": attachments.get(document.id, {}),
                    **nodes[document.id],
                }
            )
            for document in self
        }

    def _approval_attachments(self, ids=None):
        domain = Domain("res_model", "=", self._name) & Domain("res_id", "in", self.ids)
        domain &= Domain("res_field", "=", False)
        if ids is not None:
            domain &= Domain("id", "in", list(ids))
        files = {}
        for attachment in self.env["ir.attachment"].search(domain, order="id"):
            content = attachment.raw or (attachment.url or "").encode()
            files.setdefault(attachment.res_id, {})[str(attachment.id)] = {
                "name": attachment.name,
                "mimetype": attachment.mimetype or None,
                "sha256": approval_hash.digest(content),
            }
        return files

    def _approval_recompute(self):
        """Snapshots of today's content, by the schema each document was submitted with."""
        contents = {}
        by_schema = self.grouped(lambda document: document.approval_request_id._get_schema_text())
        for documents in by_schema.values():
            requests = documents.approval_request_id
            contents |= documents._approval_snapshots(
                requests[:1]._get_schema(), requests._get_attachment_ids()
            )
        return contents

    def _approval_faults(self):
        """What does not fit the evidence, in sentences.

        :return: dict ``{document id: text or False}``
        """
        contents = self._approval_recompute()
        faults = {}
        for document in self:
            request = document.approval_request_id
            if request:
                faults[document.id] = request._find_fault(contents[document.id])
            elif document.state in self._approval_draft_states:
                faults[document.id] = False
            else:
                faults[document.id] = self.env._("%s was never submitted.", document.display_name)
        return faults
