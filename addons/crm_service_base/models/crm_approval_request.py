from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools import approval_hash

CLOSED_BY = {"reject": "rejected", "return": "returned", "withdraw": "withdrawn"}


class CrmApprovalRequest(models.Model):
    """One submission of a document: what was submitted, and how it went."""

    _name = "crm.approval.request"
    _inherit = ["crm.approval.audit"]
    _description = "Approval Submission"
    _order = "id desc"
    _rec_name = "res_name"

    res_model = fields.Char("Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Document ID", model_field="res_model", required=True, readonly=True
    )
    res_name = fields.Char("Document", required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, index=True, ondelete="restrict")
    user_id = fields.Many2one(
        "res.users", "Submitted By", required=True, readonly=True, index=True, ondelete="restrict"
    )
    date = fields.Datetime("Submitted On", required=True, readonly=True)
    date_closed = fields.Datetime("Closed On", readonly=True)
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("approved", "Approved"),
            ("returned", "Sent Back"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    route_id = fields.Many2one(
        "crm.approval.route", readonly=True, index="btree_not_null", ondelete="set null"
    )
    route_name = fields.Char("Route as Applied", readonly=True)
    route_version = fields.Integer(readonly=True)
    step_ids = fields.One2many("crm.approval.step", "request_id", "Steps", readonly=True)
    decision_ids = fields.One2many(
        "crm.approval.decision", "request_id", "Decisions", readonly=True
    )
    content_hash = fields.Char("Content Fingerprint", required=True, readonly=True)
    snapshot = fields.Text(
        "What Was Submitted",
        required=True,
        readonly=True,
        groups="crm_service_base.group_manager,crm_service_base.group_auditor",
    )
    head_hash = fields.Char("Fingerprint of the Last Decision", readonly=True)
    change_html = fields.Html(
        "Changed Since the Submission Before", compute="_compute_change_html", sanitize=False
    )
    date_verified = fields.Datetime("Checked On", readonly=True)
    fault = fields.Text("Check Failed", readonly=True)

    _document_idx = models.Index("(res_model, res_id)")
    _pending_uniq = models.UniqueIndex(
        "(res_model, res_id) WHERE state = 'pending'", "This document is submitted already."
    )

    @api.depends_context("uid", "lang", "tz")
    def _compute_change_html(self):
        for request in self:
            changed = request._get_changes()
            rows = Markup().join(
                Markup("<tr><td>%s</td><td><del>%s</del></td><td>%s</td></tr>") % row
                for row in changed
            )
            table = Markup(
                '<table class="table table-sm"><thead><tr><th>%s</th><th>%s</th><th>%s</th></tr>'
                "</thead><tbody>%s</tbody></table>"
            )
            heads = (self.env._("Field"), self.env._("Before"), self.env._("Now"))
            request.change_html = table % (*heads, rows) if changed else False

    def action_open_document(self):
        """Open the form of the document."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    @api.model
    def _open(self, matches):
        """Submit documents: freeze content and steps, write the first decision, lock.

        :param matches: list of ``(route, documents)``, documents of one model with ``sudo``
        :return: the new requests
        """
        vals_list = []
        for route, documents in matches:
            snapshots = documents._approval_snapshots()
            vals_list += [
                self._prepare_open_values(route, document, snapshots[document.id])
                for document in documents
            ]
        requests = self.sudo().create(vals_list)
        self.env["crm.approval.step"]._freeze(requests)
        requests._start()
        requests._log("submit", details=True)
        requests._check_steps_readable()
        return requests

    @api.model
    def _prepare_open_values(self, route, document, snapshot):
        """Values of a request; the content hash is that of the snapshot."""
        return {
            "res_model": document._name,
            "res_id": document.id,
            "res_name": document.display_name,
            "company_id": document._approval_company().id,
            "user_id": self.env.uid,
            "date": fields.Datetime.now(),
            "state": "pending",
            "route_id": route.id,
            "route_name": route.name,
            "route_version": route.version,
            "content_hash": approval_hash.digest(snapshot),
            "snapshot": snapshot,
        }

    def _start(self):
        documents = self._get_documents()
        documents.write(
            {
                "state": documents._approval_pending_state,
                "approval_state": "pending",
                "date_approved": False,
                "approved_by_id": False,
            }
        )
        for request, document in zip(self, documents, strict=True):
            document.write(
                {"approval_request_id": request.id, "approval_step_id": request.step_ids[:1].id}
            )

    def _check_steps_readable(self):
        """Refuse a submission that somebody could never decide about."""
        documents = self._get_documents()
        readable = {
            user: set(self._as_user(documents, user)._filtered_access("read")._ids)
            for user in self.step_ids.user_ids
        }
        for step in self.step_ids:
            blind = self.env["res.users"].concat(
                *(user for user in step.user_ids if step.res_id not in readable[user])
            )
            needed = step.user_ids if step.mode == "all" else step.added_user_ids
            if blind & needed or blind == step.user_ids:
                raise UserError(
                    self.env._(
                        "%(users)s cannot read %(document)s and so cannot approve step "
                        "“%(step)s”. Ask a service manager to change the route or an "
                        "administrator to give access.",
                        users=", ".join(blind.mapped("name")),
                        document=step.request_id.res_name,
                        step=step.name,
                    )
                )

    @api.model
    def _as_user(self, documents, user):
        """The documents as somebody else sees them, in all the companies they work for."""
        companies = user.sudo().company_ids.ids
        return documents.with_user(user).with_context(allowed_company_ids=companies)

    def _get_documents(self):
        """:return: the documents with ``sudo``, in the same order; requests of one model"""
        names = set(self.mapped("res_model"))
        return self.env[names.pop() if names else "base"].sudo().browse(self.mapped("res_id"))

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def _decide(self, kind, comment, content):
        """One decision of the current user about the lowest open step.

        :param str kind: ``approve``, ``reject``, ``return`` or ``withdraw``
        :param comment: text, needed to reject and to return
        :param str content: snapshot of the document as it is now
        :raise AccessError: not this user's decision
        :raise UserError: changed content, broken log, missing comment
        """
        self.ensure_one()
        comment = self._clean_comment(comment, required=kind in ("reject", "return"))
        step = self._get_open_step()
        seat = self._check_may_decide(kind, step)
        if kind == "approve":
            self._check_unchanged(content)
        content_hash = approval_hash.digest(content)
        decision = self._log(kind, step=step, comment=comment, content_hash=content_hash, seat=seat)
        if kind == "approve":
            self._approve_step(step, decision)
        else:
            self._close_returned(step, decision)
        return decision

    def _reassign(self, user_ids, comment):
        """Other approvers for the open step, named by a service manager."""
        self.ensure_one()
        comment = self._clean_comment(comment, required=True)
        if not self.env["crm.approval.mixin"]._is_approval_manager():
            raise AccessError(self.env._("Only service managers reassign approvals."))
        step = self._get_open_step()
        self._check_pool()
        users = self._get_eligible_users(user_ids)
        self._check_no_second_seat(step, users)
        step._reassign_seats(users)
        self._log("reassign", step=step, comment=comment, details=True)
        self._check_steps_readable()

    def _get_eligible_users(self, user_ids):
        users = self._browse_users(user_ids)
        document = self._get_documents()
        step_model = self.env["crm.approval.route.step"]
        eligible = step_model._filter_eligible(users, document, self.user_id)
        if not users or eligible != users:
            raise UserError(
                self.env._(
                    "Choose active colleagues of the company who neither wrote nor submitted %s.",
                    self.res_name,
                )
            )
        return users

    @api.model
    def _browse_users(self, user_ids):
        try:
            ids = [int(user_id) for user_id in user_ids]
        except (TypeError, ValueError):
            raise UserError(self.env._("Choose a colleague.")) from None
        return self.env["res.users"].browse(ids).exists()

    @api.model
    def _clean_comment(self, comment, required):
        comment = comment.strip() if isinstance(comment, str) else ""
        if required and not comment:
            raise UserError(self.env._("Please say why in a comment."))
        return comment or False

    def _get_open_step(self):
        step = self.step_ids.filtered(lambda step: step.state == "open").sorted("sequence")[:1]
        if self.state != "pending" or not step:
            raise UserError(self.env._("%s is not waiting for approval.", self.res_name))
        return step

    def _check_may_decide(self, kind, step):
        """:return: ``res.users`` whose seat the current user fills, empty for a withdrawal"""
        user = self.env.user
        if kind == "withdraw":
            is_manager = self.env["crm.approval.mixin"]._is_approval_manager()
            if user != self.user_id and not is_manager:
                raise AccessError(
                    self.env._("Only %s or a service manager can withdraw this.", self.user_id.name)
                )
            return self.env["res.users"]
        return self._check_seat(step)

    def _check_seat(self, step):
        """Whose seat of the open step the current user fills.

        :raise AccessError: nobody's
        """
        seat = step._get_seat(self.env.user)
        if not seat:
            raise AccessError(
                self.env._(
                    "Step “%(step)s” of %(document)s is decided by %(users)s.",
                    step=step.name,
                    document=self.res_name,
                    users=", ".join(step.pending_user_ids.mapped("name"))
                    or self.env._("nobody yet"),
                )
            )
        return seat

    def _check_unchanged(self, content):
        fault = self._find_fault(content)
        if fault:
            raise UserError(
                self.env._("%(fault)s\nIt cannot be approved like this: send it back.", fault=fault)
            )

    def _approve_step(self, step, decision):
        step._record_approval()
        if step.state == "approved":
            step_after = self.step_ids.filtered(lambda s: s.state == "waiting")[:1]
            if step_after:
                self._open_step(step_after)
            else:
                self._finish(decision)

    def _open_step(self, step):
        """Open a further step; approvers who left since the submission are replaced."""
        step._open()
        self._get_documents().write({"approval_step_id": step.id})
        self._replace_gone(step)

    def _finish(self, decision):
        self.write({"state": "approved", "date_closed": decision.date})
        document = self._get_documents()
        document.write(
            {
                "state": document._approval_approved_state,
                "approval_state": "approved",
                "approval_step_id": False,
                "date_approved": decision.date,
                "approved_by_id": decision.user_id.id,
            }
        )
        document._approval_on_approved()

    def _close_returned(self, step, decision):
        state = CLOSED_BY[decision.kind]
        step._close(state)
        self.step_ids.filtered(lambda s: s.state == "waiting")._close("cancelled")
        self.write({"state": state, "date_closed": decision.date})
        document = self._get_documents()
        document.write(
            {
                "state": document._approval_returned_state,
                "approval_state": state,
                "approval_step_id": False,
            }
        )
        document._approval_on_returned(decision)

    def _log(
        self,
        kind,
        step=None,
        comment=False,
        content_hash=False,
        details=False,
        user=None,
        seat=None,
    ):
        """Append one decision to each request, chained to the last one of its document.

        :param str kind: see ``crm.approval.decision``
        :param details: whether to record the approvers of all steps as they are now
        :param user: who decided, default: the current user
        :param seat: whose seat they filled, default: their own
        :return: the decisions
        """
        user = user or self.env.user
        absent = seat - user if seat else self.env["res.users"]
        return self.env["crm.approval.decision"]._append(
            [
                {
                    "request_id": request.id,
                    "step_id": step.id if step else False,
                    "kind": kind,
                    "user_id": user.id,
                    "user_name": user.name,
                    "on_behalf_id": absent.id,
                    "on_behalf_name": absent.name,
                    "role": step.name if step else False,
                    "comment": comment,
                    "content_hash": content_hash or request.content_hash,
                    "details": request._get_pool_text() if details else False,
                }
                for request in self
            ]
        )

    def _get_pool_text(self):
        """Steps and their approvers as text, so that the log also proves who was asked."""
        return approval_hash.canonical(
            [
                {
                    "step": step.id,
                    "name": step.name,
                    "mode": step.mode,
                    "users": sorted(step.user_ids.ids),
                    **({"added": sorted(step.added_user_ids.ids)} if step.added_user_ids else {}),
                    **({"after": step.round_start} if step.round_start else {}),
                }
                for step in self.step_ids
            ]
        )

    # ------------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------------

    def _notify_open_steps(self):
        """Raise an activity for who decides now, remove the others. Reminders only."""
        documents = self._get_documents()
        if "activity_ids" not in documents._fields:
            return
        activity_type = self.env.ref("crm_service_base.mail_activity_approval")
        activities = (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", documents._name),
                    ("res_id", "in", documents.ids),
                    ("activity_type_id", "=", activity_type.id),
                ]
            )
        )
        deputies = self.env["crm.approval.absence"]._get_deputies()
        wanted = {
            (document.id, user.id): document
            for document in documents
            for user in document.approval_step_id._get_notified_users(deputies)
        }
        kept = activities.filtered(lambda a: (a.res_id, a.user_id.id) in wanted)
        told = (activities - kept).user_id | self.env["res.users"].browse(u for _d, u in wanted)
        told.partner_id._bus_send("crm_approval/changed", {})
        (activities - kept).unlink()
        for activity in kept:
            wanted.pop((activity.res_id, activity.user_id.id), None)
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                document.approval_step_id._prepare_activity_values(activity_type, user_id)
                for (_document_id, user_id), document in wanted.items()
            ]
        )

    # ------------------------------------------------------------------
    # Changes since the submission before
    # ------------------------------------------------------------------

    def _get_changes(self):
        """:return: list of ``(label, before, after)`` against what was decided about before"""
        request = self.sudo()
        before = request._get_decided_before()
        if not before:
            return []
        changed = approval_hash.changes(before._load_snapshot(), request._load_snapshot())
        return self.env["crm.approval.change"]._describe(request.res_model, changed)

    def _get_decided_before(self):
        """The submission before this one that somebody decided about.

        One that its author withdrew before shows nothing: what changed in it would be hidden.
        """
        return self.search(
            [
                ("res_model", "=", self.res_model),
                ("res_id", "=", self.res_id),
                ("id", "<", self.id),
                ("decision_ids.kind", "in", ("approve", "return", "reject")),
            ],
            limit=1,
        )
