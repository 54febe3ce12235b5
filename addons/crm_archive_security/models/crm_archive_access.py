import logging

import psycopg2

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.http import request
from odoo.tools import SQL

from ..tools import access_chain

_logger = logging.getLogger(__name__)

# in the order of the fingerprint: never change it, add at the end
PAYLOAD = (
    "id",
    "date",
    "user_id",
    "user_name",
    "company_id",
    "archive_id",
    "archive_name",
    "item_id",
    "item_name",
    "kind",
    "is_refused",
    "leave",
    "grant_id",
    "reason",
    "address",
)
BATCH = 5000
# a transaction that lasted longer writes entries dated before those that were sealed
HOURS_LATE = 4


class CrmArchiveAccess(models.Model):
    """借阅登记册: who did what with which item, when, by what leave (A2.R20, B5.R2).

    Entries are only ever added. They are sealed into a chain a moment later, one transaction at
    a time: chaining at once would let readers wait for each other.
    """

    _name = "crm.archive.access"
    _description = "Register of Archive Access"
    _order = "id desc"
    _rec_name = "user_name"

    date = fields.Datetime(required=True, readonly=True, index=True)
    user_id = fields.Many2one(
        "res.users", "By", required=True, readonly=True, index=True, ondelete="restrict"
    )
    user_name = fields.Char("Person", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    archive_id = fields.Many2one(
        "crm.archive", required=True, readonly=True, index=True, ondelete="restrict"
    )
    archive_name = fields.Char("Archive Number", readonly=True)
    item_id = fields.Many2one(
        "crm.archive.item", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    item_name = fields.Char("Title", readonly=True)
    kind = fields.Selection(
        [
            ("read", "Read"),
            ("print", "Printed"),
            ("copy", "Copied"),
            ("export", "Downloaded"),
            ("acknowledge", "Three Don'ts Acknowledged"),
            ("paper", "Read on Paper"),
            ("hand_out", "Given Outside"),
            ("deposit", "Put In"),
            ("declassify", "Declassified"),
            ("grant", "Leave Given"),
            ("revoke", "Leave Revoked"),
            ("destroy", "Destroyed"),
        ],
        "What",
        required=True,
        readonly=True,
    )
    is_refused = fields.Boolean("Refused", readonly=True)
    leave = fields.Selection(
        [
            ("role", "Role"),
            ("grant", "Request"),
            ("entry", "Own Entry"),
            ("check", "Check"),
        ],
        "By What Leave",
        readonly=True,
    )
    grant_id = fields.Many2one(
        "crm.archive.grant", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    request_id = fields.Many2one(related="grant_id.request_id")
    reason = fields.Char(readonly=True)
    address = fields.Char("From Address", readonly=True)
    sequence = fields.Integer("Entry", readonly=True)
    previous_hash = fields.Char("Fingerprint Before", readonly=True)
    hash = fields.Char("Fingerprint", readonly=True)

    _sequence_uniq = models.UniqueIndex("(sequence)")
    _unsealed_idx = models.Index("(id) WHERE sequence IS NULL")
    _acknowledged_idx = models.Index("(user_id, item_id, date) WHERE kind = 'acknowledge'")

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise AccessError(self.env._("The register is written by the system only."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise AccessError(self.env._("Entries of the register are never changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_uninstall(self):
        raise UserError(self.env._("Entries of the register are never deleted."))

    # ------------------------------------------------------------------ writing

    @api.model
    def _log(self, items, kind, leaves=None, reason=None, refused_name=None):
        """Enter what the current user did with items, in one query whatever their number.

        :param items: ``crm.archive.item``
        :param str kind: see the field
        :param dict leaves: item id to pair of leave and grant id (or None)
        :param str reason: in words
        :param str refused_name: it was only tried, by a user of this name
        """
        if not items:
            return
        leaves = leaves or {}
        found = [leaves.get(item_id) or (None, None) for item_id in items.ids]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_archive_access
                       (date, user_id, user_name, company_id, archive_id, archive_name, item_id,
                        item_name, kind, is_refused, leave, grant_id, reason, address,
                        create_uid, create_date, write_uid, write_date)
                SELECT now() AT TIME ZONE 'UTC', %(uid)s, %(name)s, a.company_id, a.id, a.name,
                       i.id, i.name, %(kind)s, %(is_refused)s, t.leave, t.grant_id, %(reason)s,
                       %(address)s, %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM unnest(%(ids)s::int[], %(leaves)s::varchar[], %(grants)s::int[])
                       AS t(id, leave, grant_id)
                  JOIN crm_archive_item i ON i.id = t.id
                  JOIN crm_archive a ON a.id = i.archive_id
                """,
                uid=self.env.uid,
                name=refused_name or self.env.user.name,
                kind=kind,
                is_refused=bool(refused_name),
                reason=reason,
                address=request.httprequest.remote_addr if request else None,
                ids=items.ids,
                leaves=[leave for leave, _grant in found],
                grants=[grant for _leave, grant in found],
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _log_refused(self, items, kind, reason):
        """Enter an attempt on a cursor of its own: the refusal takes the rest back."""
        name = self.env.user.name
        try:
            with self.env.registry.cursor() as cr:
                register = self.with_env(self.env(cr=cr))
                register._log(items.with_env(register.env), kind, reason=reason, refused_name=name)
        except psycopg2.Error:
            # refused it is all the same
            _logger.exception("A refused attempt at %s could not be registered", items)

    @api.model
    def _is_acknowledged(self, items, minutes=30):
        """Whether the current user acknowledged the three don'ts for all of these lately."""
        self.env.cr.execute(
            SQL(
                """
                SELECT count(DISTINCT item_id) FROM crm_archive_access
                 WHERE kind = 'acknowledge' AND user_id = %s AND item_id = ANY(%s)
                   AND date > now() AT TIME ZONE 'UTC' - %s * interval '1 minute'
                """,
                self.env.uid,
                items.ids,
                minutes,
            )
        )
        return self.env.cr.fetchone()[0] == len(items)

    # ------------------------------------------------------------------ the chain

    @api.model
    def _get_key(self):
        """A key that stands in the server's configuration and not in the database."""
        return (tools.config.get("crm_archive_seal_key") or "").encode()

    @api.model
    def _select_payload(self, where, *order):
        """:return: list of ``(sequence, previous_hash, hash, payload)`` of sealed rows"""
        columns = SQL(", ").join(SQL("%s::text", SQL.identifier(name)) for name in PAYLOAD)
        self.env.cr.execute(
            SQL(
                "SELECT sequence, previous_hash, hash, %s FROM crm_archive_access "
                "WHERE %s ORDER BY %s LIMIT %s",
                columns,
                where,
                SQL(", ").join(SQL.identifier(name) for name in order),
                BATCH,
            )
        )
        return [(row[0], row[1], row[2], list(row[3:])) for row in self.env.cr.fetchall()]

    @api.model
    def _seal(self):
        """Take what is not in the chain yet into it; safe to run at any time, by several.

        :return: number of entries that were sealed
        """
        self.env.flush_all()
        self.env.cr.execute("SELECT pg_advisory_xact_lock(hashtext('crm_archive_access'))")
        rows = self._select_payload(SQL("sequence IS NULL"), "id")
        if not rows:
            return 0
        last = self.env["crm.archive.seal"].sudo().search([], limit=1)
        # numbers are never used twice, also where somebody took a seal away
        query = SQL("SELECT coalesce(max(sequence), 0) FROM crm_archive_access")
        number = max(last.sequence, *self.env.execute_query(query)[0])
        head, key = last.hash or "", self._get_key()
        sealed = []
        for _sequence, _previous, _own, payload in rows:
            number += 1
            own = access_chain.link(head, payload, key)
            sealed.append((int(payload[0]), number, head, own))
            head = own
        ids, numbers, heads, owns = map(list, zip(*sealed, strict=True))
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_archive_access a
                   SET sequence = t.number, previous_hash = t.head, hash = t.own
                  FROM unnest(%s::int[], %s::int[], %s::varchar[], %s::varchar[])
                       AS t(id, number, head, own)
                 WHERE a.id = t.id
                """,
                ids,
                numbers,
                heads,
                owns,
            )
        )
        self.invalidate_model(flush=False)
        self.env["crm.archive.seal"].sudo().create(
            {"sequence": number, "hash": head, "entry_count": len(rows)}
        )
        return len(rows)

    @api.model
    def _verify(self):
        """Walk the whole register.

        :return: sentence that names the first entry that does not fit, or ``False``
        """
        self.env.flush_all()
        chain = access_chain.Chain(self._get_key())
        seals = self.env["crm.archive.seal"].sudo()
        seals = seals.search([], order="id")  # pylint: disable=no-search-all
        expected = {seal.sequence: seal.hash for seal in seals}
        place, newest = (0, 0), ""
        while rows := self._select_payload(
            SQL("sequence IS NOT NULL AND (sequence, id) > %s", place), "sequence", "id"
        ):
            for number, previous, own, payload in rows:
                place = (number, int(payload[0]))
                fault = chain.check(number, previous, own, payload)
                if not fault and own != expected.pop(number, own):
                    fault = "changed"
                if not fault and payload[1] < self._get_earliest(newest):
                    fault = "inserted"
                if fault:
                    return self._describe_fault(fault, number, chain.number, payload)
                newest = max(newest, payload[1])
        if expected:
            return self.env._("Entries after number %s are missing.", chain.number)
        return False

    @api.model
    def _get_earliest(self, newest):
        """:return: text of the time before which an entry comes too late to be genuine"""
        if not newest:
            return ""
        moment = fields.Datetime.to_datetime(newest[:19])
        return str(fields.Datetime.subtract(moment, hours=HOURS_LATE))

    @api.model
    def _describe_fault(self, fault, number, before, payload):
        who = self.env._("%(name)s, %(date)s UTC", name=payload[3], date=payload[1][:19])
        if fault == "missing":
            return self.env._(
                "Entries are missing after number %(before)s: next comes %(number)s (%(who)s).",
                before=before,
                number=number,
                who=who,
            )
        if fault == "inserted":
            return self.env._(
                "Entry %(number)s (%(who)s) was put in afterwards.", number=number, who=who
            )
        return self.env._(
            "Entry %(number)s (%(who)s) is not what was sealed: it was changed or moved, or the "
            "one before it was.",
            number=number,
            who=who,
        )

    def action_verify(self):
        """Seal what is new, walk the register and tell.

        :return: a notification
        """
        self.check_access("read")
        register = self.sudo()
        while register._seal() == BATCH:
            pass
        fault = register._verify()
        last = self.env["crm.archive.seal"].sudo().search([], limit=1)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if fault else "success",
                "title": self.env._("Register of archive access"),
                "message": fault
                or self.env._(
                    "All %(count)s entries are as they were sealed. Fingerprint %(hash)s",
                    count=last.sequence,
                    hash=(last.hash or "")[:16],
                ),
                "sticky": True,
            },
        }

    @api.model
    def _cron_seal(self):
        while self._seal():
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _cron_verify(self):
        """Every day: the auditors get the fingerprint, so that a copy of it is elsewhere."""
        while self._seal():
            self.env["ir.cron"]._commit_progress(1)
        fault = self._verify()
        last = self.env["crm.archive.seal"].search([], limit=1)
        if not last or (last.date_told and not fault):
            return
        last.date_told = fields.Datetime.now()
        last._tell_auditors(fault)
