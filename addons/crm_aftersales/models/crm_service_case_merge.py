from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import email_normalize


class CrmServiceCase(models.Model):
    """Several cases that are one, and one that is several: nothing of them is lost."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    merged_into_id = fields.Many2one(
        "crm.service.case", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    merged_ids = fields.One2many("crm.service.case", "merged_into_id", "Merged Cases")
    split_from_id = fields.Many2one(
        "crm.service.case", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    split_ids = fields.One2many("crm.service.case", "split_from_id", "Split Off")
    merged_count = fields.Integer(compute="_compute_merged_count")

    @api.model
    def _get_server_fields(self):
        return {**super()._get_server_fields(), "merged_into_id": False, "split_from_id": False}

    @api.depends("merged_ids", "split_ids")
    def _compute_merged_count(self):
        for case in self:
            case.merged_count = len(case.merged_ids | case.split_ids)

    def action_merge(self):
        """Choose which of the cases stays."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge Cases"),
            "res_model": "crm.service.case.merge",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_ids": self.ids},
        }

    def action_split(self):
        """Make a case of its own of a part of this one."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Split Off"),
            "res_model": "crm.service.case.split",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    def action_open_merged(self):
        """The cases merged into this one or split off from it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_case_action"
        )
        action["domain"] = [("id", "in", (self.merged_ids | self.split_ids).ids)]
        action["context"] = {"create": False}
        return action

    # ------------------------------------------------------------------ merge

    def _merge_into(self, target):
        """Cases that are the same as another end as cancelled, and point to it.

        Their messages stay with them and are copied, their attachments, followers, promises and
        repeats go on with the one that stays; the earliest time of receipt counts.

        :param target: ``crm.service.case`` that stays
        :raise AccessError: one of them may not be changed by the user
        :raise UserError: they are of different customers or companies, or over
        """
        merged = self - target
        (merged | target).check_access("write")
        merged._check_mergeable(target)
        target = target.sudo()
        for case in merged.sudo().sorted("date_opened"):
            target._take_messages(case.message_ids, case)
            target._take_over(case)
        merged.sudo().write({"state": "cancelled", "merged_into_id": target.id})
        merged._record_event("cancelled")
        names = Markup(", ").join(case._get_html_link() for case in merged.sudo())
        target._message_log(body=self.env._("Merged: %s", names))
        for case in merged.sudo():
            case._message_log(body=self.env._("Merged into %s", target._get_html_link()))

    def _check_mergeable(self, target):
        if not self:
            raise UserError(self.env._("Choose at least two cases."))
        (self | target)._check_state(("open", "solved"), self.env._("merged"))
        for case in self.sudo():
            customers = case.commercial_partner_id | target.sudo().commercial_partner_id
            is_other = len(customers) > 1 or (
                not customers and case._is_other_contact(target.sudo())
            )
            if is_other or case.company_id != target.sudo().company_id:
                raise UserError(
                    self.env._(
                        "%(case)s and %(target)s are of different customers. Link them, do not "
                        "merge them.",
                        case=case.name,
                        target=target.sudo().name,
                    )
                )

    def _is_other_contact(self, case):
        """Whether two cases of unknown customers are of different people, by mail or phone."""
        return any(
            mine != other
            for mine, other in (
                (email_normalize(self.email), email_normalize(case.email)),
                (self.phone, case.phone),
            )
            if mine and other
        )

    def _take_over(self, case):
        """What goes on with the case that stays; an addon adds its own with ``super()``.

        :param case: ``crm.service.case`` that ends, as superuser
        """
        self.ensure_one()
        self.write(self._prepare_merge_values(case))
        case.promise_ids.write({"case_id": self.id})
        case.market_note_ids.write({"case_id": self.id})
        (case.repeat_ids - self).write({"repeat_of_id": self.id})
        case.handover_ids.filtered(lambda row: row.state == "offered")._answer("cancelled")
        case.activity_ids.unlink()
        self.message_subscribe(partner_ids=case.message_partner_ids.ids)
        self.env["ir.attachment"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", case.id),
                ("res_field", "=", False),
                ("id", "not in", case.message_ids.attachment_ids.ids),
            ]
        ).copy({"res_id": self.id})

    def _prepare_merge_values(self, case):
        """What the case that stays takes of one that ends.

        :return: dict
        """
        values = {
            name: case[name].id if self._fields[name].type == "many2one" else case[name]
            for name in ("partner_id", "category_id", "product_id", "order_id", "phone", "email")
            if not self[name] and case[name]
        }
        is_counted = case in self.repeat_ids | self.repeat_of_id  # when they were linked
        values["repeat_count"] = self.repeat_count + case.repeat_count + (not is_counted)
        if self.repeat_of_id == case:
            values.update(repeat_of_id=False, repeat_number=0)
        if case.date_opened < self.date_opened:
            values["date_opened"] = case.date_opened
        if case.urgency > self.urgency:
            values["urgency"] = case.urgency
        if case.description and case.description not in (self.description or ""):
            parts = [self.description, f"{case.name} · {case.subject}\n{case.description}"]
            values["description"] = "\n\n".join(filter(None, parts))
        return values

    def _take_messages(self, messages, case):
        """Copies of messages, with author, time and attachments, that say where they are from."""
        self.ensure_one()
        shown = messages.filtered(lambda m: m.message_type != "user_notification")
        values = []
        for message in shown.sorted("id"):
            attachments = message.attachment_ids.copy({"res_id": self.id, "res_model": self._name})
            source = Markup('<p class="text-muted">%s</p>') % case.name
            values.append(
                {
                    "model": self._name,
                    "res_id": self.id,
                    "body": source + (message.body or ""),
                    "subject": message.subject,
                    "date": message.date,
                    "author_id": message.author_id.id,
                    "email_from": message.email_from,
                    "message_type": message.message_type,
                    "subtype_id": message.subtype_id.id,
                    "is_internal": message.is_internal,
                    "attachment_ids": [Command.set(attachments.ids)],
                }
            )
        self.env["mail.message"].sudo().create(values)

    # ------------------------------------------------------------------ split

    def _split(self, messages=None, **values):
        """A part of the case becomes a case of its own, with the same customer and owner.

        :param messages: ``mail.message`` of this case that are copied
        :param values: ``subject``, ``kind``, ``category_id``, ``description``
        :return: the new ``crm.service.case``
        :raise UserError: the case is over, or a message is of another document
        """
        self.ensure_one()
        self.check_access("write")
        self._check_state(("open", "solved"), self.env._("split"))
        messages = (messages or self.env["mail.message"]).sudo()
        if any((message.model, message.res_id) != (self._name, self.id) for message in messages):
            raise UserError(self.env._("Choose messages of case %s.", self.name))
        case = self.sudo()
        part = self.sudo().create([{**case._prepare_split_values(), **values}])
        part._take_messages(messages, case)
        case._message_log(body=self.env._("Split off: %s", part._get_html_link()))
        part._message_log(body=self.env._("Split off from %s", case._get_html_link()))
        return part.with_env(self.env)

    def _prepare_split_values(self):
        """What a part takes of the case it is split off from.

        :return: dict
        """
        names = ("partner_id", "product_id", "order_id", "team_id", "user_id", "company_id")
        return {
            **{name: self[name].id for name in names},
            **{name: self[name] for name in ("contact_name", "phone", "email", "channel")},
            "first_responder_id": self.first_responder_id.id,
            "date_opened": self.date_opened,
            "split_from_id": self.id,
            "is_repeat_denied": True,
        }
