from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..tools import approval_hash

PAYLOAD_FIELDS = (
    "request_id",
    "step_id",
    "res_model",
    "res_id",
    "sequence",
    "kind",
    "user_id",
    "user_name",
    "on_behalf_id",
    "role",
    "comment",
    "date",
    "content_hash",
    "details",
)
# hashed where they say something, so that entries from before these fields keep their hash
LATER_FIELDS = ("on_behalf_name",)


class CrmApprovalDecision(models.Model):
    """Append-only log of what was decided; each entry is chained to the one before.

    The chain runs through all submissions of a document.
    """

    _name = "crm.approval.decision"
    _inherit = ["crm.approval.audit"]
    _description = "Approval Decision"
    _order = "id desc"

    request_id = fields.Many2one(
        "crm.approval.request", required=True, readonly=True, index=True, ondelete="restrict"
    )
    step_id = fields.Many2one(
        "crm.approval.step", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    res_model = fields.Char("Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Document ID", model_field="res_model", required=True, readonly=True
    )
    sequence = fields.Integer("Entry", required=True, readonly=True)
    kind = fields.Selection(
        [
            ("submit", "Submitted"),
            ("approve", "Approved"),
            ("return", "Sent Back"),
            ("reject", "Rejected"),
            ("withdraw", "Withdrawn"),
            ("reassign", "Reassigned"),
            ("delegate", "Forwarded"),
            ("add", "Approver Added"),
            ("reopen", "Sent Back to an Earlier Step"),
            ("replace", "Approvers Who Left Replaced"),
            ("escalate", "Escalated"),
        ],
        "Decision",
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one(
        "res.users", "By", required=True, readonly=True, index=True, ondelete="restrict"
    )
    user_name = fields.Char("Name", required=True, readonly=True)
    on_behalf_id = fields.Many2one("res.users", "For", readonly=True, ondelete="restrict")
    on_behalf_name = fields.Char("Name of Whom It Was For", readonly=True)
    actor_name = fields.Char("Decided By", compute="_compute_actor_name")
    role = fields.Char(readonly=True)
    comment = fields.Text(readonly=True)
    date = fields.Datetime(required=True, readonly=True)
    content_hash = fields.Char("Content Fingerprint", required=True, readonly=True)
    details = fields.Text("Approvers Asked", readonly=True)
    previous_hash = fields.Char("Fingerprint Before", readonly=True)
    hash = fields.Char("Fingerprint", required=True, readonly=True)
    summary = fields.Char(compute="_compute_summary")

    _document_uniq = models.UniqueIndex(
        "(res_model, res_id, sequence)",
        "Somebody else decided about this document at the same moment. Please look again.",
    )

    def write(self, vals):  # pylint: disable=method-required-super
        raise AccessError(self.env._("Decisions are never changed."))

    @api.depends("user_name", "on_behalf_name")
    def _compute_actor_name(self):
        for decision in self:
            decision.actor_name = decision.user_name
            if decision.on_behalf_name:
                decision.actor_name = self.env._(
                    "%(deputy)s for %(absent)s",
                    deputy=decision.user_name,
                    absent=decision.on_behalf_name,
                )

    @api.depends("kind", "user_name", "on_behalf_name", "comment")
    def _compute_summary(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for decision in self:
            parts = [decision.actor_name, labels.get(decision.kind), decision.comment]
            decision.summary = " ".join(filter(None, parts))

    @api.model
    def _append(self, entries):
        """Write decisions and chain them.

        :param entries: list of values, at most one for a request; number, document, date and
            hashes are added here
        :return: the decisions
        """
        requests = self.env["crm.approval.request"].browse(e["request_id"] for e in entries)
        heads = self._get_heads(requests)
        now = fields.Datetime.now()
        for request, entry in zip(requests, entries, strict=True):
            number, previous = heads.get((request.res_model, request.res_id), (0, False))
            entry.update(
                res_model=request.res_model,
                res_id=request.res_id,
                sequence=number + 1,
                date=now,
                previous_hash=previous,
            )
            entry["hash"] = approval_hash.link(previous, self._get_payload(entry))
        decisions = self.sudo().create(entries)
        for decision in decisions:
            decision.request_id.head_hash = decision.hash
        return decisions

    @api.model
    def _get_heads(self, requests):
        """:return: dict ``{(res_model, res_id): (sequence, hash)}`` of the last entries"""
        last = self.sudo().search(
            [
                ("res_model", "in", list(set(requests.mapped("res_model")))),
                ("res_id", "in", requests.mapped("res_id")),
            ],
            order="sequence",
        )
        return {(row.res_model, row.res_id): (row.sequence, row.hash) for row in last}

    @api.model
    def _get_payload(self, values):
        """The hashed part of an entry as plain values.

        :param values: dict as for ``create``
        """
        payload = {name: values.get(name) or None for name in PAYLOAD_FIELDS}
        payload |= {name: values[name] for name in LATER_FIELDS if values.get(name)}
        payload["date"] = fields.Datetime.to_string(payload["date"])
        return payload

    def _find_broken(self):
        """The first entry that does not fit, of the whole log of a document in order."""
        entries = []
        for decision in self:
            values = {
                name: value.id if isinstance(value := decision[name], models.BaseModel) else value
                for name in (*PAYLOAD_FIELDS, *LATER_FIELDS)
            }
            entries.append((decision.previous_hash, decision.hash, self._get_payload(values)))
        index = approval_hash.first_broken(entries)
        return self.browse() if index is None else self[index]

    def _get_seat(self):
        """:return: ``res.users`` who was asked: who decided, or whom they stood in for"""
        return self.on_behalf_id or self.user_id

    def _is_counted(self):
        """Whether an approval was not undone by sending the document back to an earlier step."""
        return self.sequence > self.step_id.round_start

    def _prepare_signature(self):
        self.ensure_one()
        return {
            "kind": self.kind,
            "name": self.actor_name,
            "role": self.role or self.env._("Submitted by"),
            "user": self.user_id,
            "date": self.date,
            "comment": self.comment,
            "decision": self,
            "step": self.step_id,
        }
