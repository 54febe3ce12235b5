import json
import logging

from odoo import fields, models
from odoo.exceptions import UserError

from ..tools import approval_hash

_logger = logging.getLogger(__name__)

# decisions of somebody who was asked
SEATED = ("approve", "return", "reject", "reopen", "add", "delegate")


class CrmApprovalRequest(models.Model):
    """Whether document, snapshot, log and state of a submission fit together."""

    _inherit = "crm.approval.request"

    def _find_fault(self, content):
        """Why document, snapshot and log do not fit together.

        :param str content: snapshot of the document as it is now
        :return: a sentence, or ``False``
        """
        self.ensure_one()
        return (
            self._find_log_fault()
            or self._find_snapshot_fault()
            or self._find_content_fault(content)
            or self._find_pool_fault()
            or self._find_state_fault()
        )

    def _find_log_fault(self):
        log = self.env["crm.approval.decision"].search(
            [("res_model", "=", self.res_model), ("res_id", "=", self.res_id)], order="sequence"
        )
        broken = log._find_broken()
        if broken:
            return self.env._(
                "Entry %(number)s (ID %(id)s) of the approval log of %(document)s was changed, or "
                "the one before it is missing.",
                number=broken.sequence,
                id=broken.id,
                document=self.res_name,
            )
        if self.head_hash != log.filtered(lambda d: d.request_id == self)[-1:].hash:
            return self.env._("The end of the approval log of %s is missing.", self.res_name)
        return False

    def _find_snapshot_fault(self):
        submitted = self.decision_ids.filtered(lambda d: d.kind == "submit").content_hash
        if not approval_hash.digest(self.snapshot) == self.content_hash == submitted:
            return self.env._("The record of what was submitted was changed: %s.", self.res_name)
        return False

    def _find_content_fault(self, content):
        if approval_hash.digest(content) == self.content_hash:
            return False
        changed = approval_hash.changes(self._load_snapshot(), json.loads(content))
        if not changed:
            return False
        labels = self.env["crm.approval.change"]
        names = {labels._get_label(self.res_model, path) for path, _before, _after in changed}
        return self.env._(
            "%(document)s is not what was submitted. Changed: %(names)s.",
            document=self.res_name,
            names=", ".join(sorted(names)),
        )

    def _find_pool_fault(self):
        """Decisions by people that the log itself does not name for the step."""
        pools = {}
        for decision in self.decision_ids.sorted("sequence"):
            if decision.kind in SEATED and not self._is_seated(decision, pools):
                return self.env._(
                    "Entry %(number)s: %(user)s was not asked to approve.",
                    number=decision.sequence,
                    user=decision.actor_name,
                )
            if decision.details:
                pools = {part["step"]: part for part in json.loads(decision.details)}
        for step in self.step_ids:
            part = pools.get(step.id, {})
            if (
                part.get("users") != sorted(step.user_ids.ids)
                or part.get("mode") != step.mode
                or part.get("added", []) != sorted(step.added_user_ids.ids)
                or part.get("after", 0) != step.round_start
            ):
                return self.env._("The approvers of step “%s” were changed.", step.name)
        return False

    def _is_seated(self, decision, pools):
        """Whether the log names whose seat was filled, and the absences say by whom."""
        seat = decision._get_seat()
        if seat.id not in pools.get(decision.step_id.id, {"users": ()})["users"]:
            return False
        absences = self.env["crm.approval.absence"]
        return seat == decision.user_id or decision.user_id in absences._get_stand_ins(
            seat, self.company_id, decision.date
        )

    def _check_pool(self):
        """Refuse to go on from approvers that somebody changed behind the log's back."""
        fault = self._find_log_fault() or self._find_pool_fault()
        if fault:
            raise UserError(
                self.env._("%(fault)s\nIt cannot go on like this: send it back.", fault=fault)
            )

    def _find_state_fault(self):
        for step in self.step_ids.filtered(lambda step: step.state == "approved"):
            if step._get_missing_seats():
                return self.env._(
                    "Step “%s” counts as approved, but the log does not say so.", step.name
                )
        document = self._get_documents()
        if document.approval_request_id == self and document.approval_state != self.state:
            return self.env._("The state of %s does not fit its approvals.", self.res_name)
        if self.state == "approved" and set(self.step_ids.mapped("state")) != {"approved"}:
            return self.env._("%s counts as approved, but not all steps are.", self.res_name)
        return False

    def _load_snapshot(self):
        """What was submitted; the first snapshots kept translations that say what English says."""
        return approval_hash.without_fallbacks(json.loads(self.snapshot))

    def _get_schema_text(self):
        return approval_hash.canonical(self._get_schema())

    def _get_schema(self):
        """:return: which fields were hashed, or ``None`` for what is hashed today"""
        try:
            return json.loads(self.snapshot or "{}").get("schema")
        except ValueError:
            return None

    def _get_attachment_ids(self):
        ids = set()
        for request in self:
            try:
                ids.update(map(int, json.loads(request.snapshot)["attachments"]))
            except (ValueError, KeyError, TypeError):
                continue
        return ids

    def _cron_verify(self, batch=500):
        """Check approved documents once more, those first that were checked longest ago.

        :param int batch: how many requests between two commits
        """
        start = fields.Datetime.now()
        domain = [
            ("state", "=", "approved"),
            "|",
            ("date_verified", "=", False),
            ("date_verified", "<", start),
        ]
        remaining = self.search_count(domain)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        while requests := self.search(domain, order="date_verified NULLS FIRST, id", limit=batch):
            requests._verify()
            if not self.env["ir.cron"]._commit_progress(len(requests)):
                break

    def _verify(self):
        self.env.invalidate_all()
        for name, requests in self.grouped("res_model").items():
            faults = {}
            if name in self.env:
                faults = requests._get_documents().exists()._approval_faults()
            for request in requests:
                missing = self.env._("%s is gone.", request.res_name)
                request._set_fault(faults.get(request.res_id, missing))
            requests.date_verified = fields.Datetime.now()

    def _set_fault(self, fault):
        """Keep the outcome of a check; a new fault is told to the service managers."""
        if fault and fault != self.fault:
            _logger.warning("%s #%s: %s", self.res_model, self.res_id, fault)
            managers = self.env.ref("crm_service_base.group_manager").all_user_ids
            managers.filtered("active").partner_id._bus_send(
                "simple_notification",
                {
                    "type": "danger",
                    "title": self.env._("Approval check"),
                    "message": fault,
                    "sticky": True,
                },
            )
        self.fault = fault
