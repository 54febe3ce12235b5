import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.mimetypes import guess_mimetype

from ..tools import watermark
from .crm_archive_item import CLASSIFIED

KINDS = ("read", "print", "copy", "export")


class CrmArchiveItem(models.Model):
    """The door: the one way to what items say. It checks, registers, then hands out."""

    _inherit = "crm.archive.item"

    is_readable = fields.Boolean("I May Read It", compute="_compute_is_readable")

    @api.depends_context("uid")
    def _compute_is_readable(self):
        """Whose buttons the form shows; the door checks again."""
        leaves = self._get_leaves("read")
        for item in self:
            item.is_readable = bool(item.digest and item._origin.id in leaves)

    # ------------------------------------------------------------------ through the door

    def read_content(self, kind="read"):
        """What the items say, for who has leave; each item is entered in the register.

        :param str kind: ``read``, ``print``, ``copy`` or ``export``: leave may be for less
        :return: list of dicts with ``id``, ``name``, ``body``, ``file`` (base64) and
            ``file_name``; an item without content has none of the last three
        :raise AccessError: no leave for one of them; the attempt is registered
        :raise UserError: what is classified is read after the three don'ts were acknowledged
        """
        leaves = self._pass_door(kind)
        contents = self._get_contents()
        self.env["crm.archive.access"]._log(self, kind, leaves=leaves)
        return [
            {"id": item.id, "name": item.name, **contents.get(item.id, {})} for item in self.sudo()
        ]

    def acknowledge_rules(self):
        """Say that one keeps to the three don'ts (A2.R26); it stands in the register.

        :raise AccessError: no leave to read them anyway
        """
        self.check_access("read")
        leaves = self._check_leaves("read")
        self.env["crm.archive.access"]._log(self, "acknowledge", leaves=leaves)

    def action_read(self):
        """Open the item: at once, or after the three don'ts where it is classified."""
        self.ensure_one()
        self.check_access("read")
        self._check_leaves("read")
        if self.sudo()._needs_acknowledgement():
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Three Don'ts"),
                "res_model": "crm.archive.acknowledge",
                "view_mode": "form",
                "target": "new",
                "context": {"default_item_id": self.id},
            }
        return self._open_page()

    def _open_page(self):
        url = f"/crm_archive/{self.id}/read"
        return {"type": "ir.actions.act_url", "url": url, "target": "new"}

    # ------------------------------------------------------------------ the checks

    def _pass_door(self, kind):
        """:return: dict of item id to pair of leave and grant id"""
        self.check_access("read")
        if kind not in KINDS:
            raise UserError(self.env._("Items are read, printed, copied or downloaded."))
        leaves = self._check_leaves(kind)
        if self.sudo()._needs_acknowledgement():
            raise UserError(self.env._("Acknowledge the three don'ts first: this is classified."))
        return leaves

    def _check_leaves(self, kind):
        """:raise AccessError: no leave for one of them, which is registered"""
        leaves = self._get_leaves(kind)
        refused = self.filtered(lambda item: item.id not in leaves)
        if not refused:
            return leaves
        sentence = self.env._(
            "You have no leave for “%s”. Ask for it under Reading, Requests.",
            refused[:1].sudo().name,
        )
        self.env["crm.archive.access"]._log_refused(refused, kind, sentence)
        raise AccessError(sentence)

    def _needs_acknowledgement(self):
        classified = self.filtered(lambda item: item.secrecy in CLASSIFIED)
        if not classified:
            return False
        return not self.env["crm.archive.access"]._is_acknowledged(classified)

    def _get_leaves(self, kind):
        """By what leave the current user may do something with the items, now.

        :param str kind: see :meth:`read_content`
        :return: dict of item id to pair of leave (see ``crm.archive.access``) and grant id
        """
        grants = self.env["crm.archive.grant"]._find_valid(self, kind)
        leaves = {item_id: ("grant", grant_id) for item_id, grant_id in grants.items()}
        if kind == "read":
            others = self.filtered(lambda item: item.id not in leaves)
            leaves |= {
                item.id: (leave, None)
                for item in others._filtered_access("read").sudo()
                if (leave := item._get_own_leave())
            }
        return leaves

    def _get_own_leave(self):
        """What a person reads without a request: never what is classified (A2.R22).

        :return: ``"entry"``, ``"check"``, ``"role"`` or ``False``
        """
        if self.secrecy in CLASSIFIED or self.archive_id.state == "destroyed":
            return False
        user = self.env.user
        if self.archive_id.state == "draft" and self.create_uid == user:
            return "entry"
        if self._is_to_check() and user.has_group("crm_service_base.group_supervisor"):
            return "check" if self.create_uid != user else False
        scope = self.env["crm.archive.right"]._get_scopes(user).get(self.archive_class)
        return "role" if scope == "all" or (scope and self._is_own(user)) else False

    def _is_to_check(self):
        return self.archive_id.state == "checking" or (
            self.archive_id.state == "established" and not self.date_checked
        )

    def _is_own(self, user):
        """Whether the customer is the user's or of his department."""
        archive = self.archive_id
        department = archive.department_id
        return user == archive.user_id or user in department.member_ids | department.head_id

    # ------------------------------------------------------------------ what is behind it

    def _get_contents(self):
        """:return: dict of item id to dict of ``body``, ``file`` and ``file_name``"""
        contents = self.env["crm.archive.content"].sudo().with_context(bin_size=False)
        return {
            content.item_id.id: {
                "body": content.body,
                "file": content.file and content.file.decode(),
                "file_name": content.file_name,
            }
            for content in contents.search([("item_id", "in", self.ids)])
        }

    def _get_mark(self, leaves):
        """What stands on what leaves the screen: reader, time and request."""
        grant = self.env["crm.archive.grant"].sudo().browse(leaves[self.id][1])
        parts = [
            grant.reader or self.env.user.name,
            fields.Datetime.to_string(
                fields.Datetime.context_timestamp(self, fields.Datetime.now())
            ),
            grant.request_id.name or self.archive_id.name,
        ]
        return " · ".join(parts)

    def _get_printed(self, kind):
        """A marked PDF of an item, or its file where that is no paper (download only).

        :param str kind: ``read`` (on the screen), ``print`` or ``export``
        :return: tuple of bytes, type and file name
        """
        self.ensure_one()
        leaves = self._pass_door(kind)
        content = self._get_contents().get(self.id, {})
        data = base64.b64decode(content.get("file") or b"")
        paper = self._get_paper(data, content.get("body"), kind)
        name = f"{self.sudo().archive_id.name}.pdf"
        if paper:
            mark = self._render_paper("mark", mark=self.sudo()._get_mark(leaves))
            result = watermark.stamp(paper, mark), "application/pdf", name
        elif data and kind == "export":
            result = data, "application/octet-stream", content["file_name"] or "file"
        else:
            raise UserError(self.env._("There is nothing here that could be printed."))
        self.env["crm.archive.access"]._log(self, kind, leaves=leaves)
        return result

    def _get_paper(self, data, body, kind):
        """:return: bytes of a PDF, or ``None`` where the item is no paper"""
        mimetype = guess_mimetype(data) if data else ""
        if mimetype == "application/pdf":
            return data
        if kind == "read":
            return None
        if mimetype.startswith("image/"):
            return watermark.from_image(data)
        return (
            self._render_paper("text", item=self.sudo(), body=body) if body and not data else None
        )

    def _render_paper(self, template, **values):
        """:return: bytes of a PDF made of a template of the door"""
        html = self.env["ir.qweb"]._render(f"crm_archive_security.crm_archive_{template}", values)
        margins = {f"data-report-margin-{side}": 8 for side in ("top", "bottom")}
        report = self.env["ir.actions.report"].sudo()
        return report._run_wkhtmltopdf([str(html)], specific_paperformat_args=margins)

    def _prepare_page(self):
        """What the page of an item shows; it is a reading like any other.

        :return: dict of values for the template
        """
        [content] = self.read_content()
        leaves = self._get_leaves("read")
        data = base64.b64decode(content.get("file") or b"")
        mimetype = guess_mimetype(data) if data else ""
        is_picture = mimetype.startswith("image/")
        return {
            "item": self.sudo(),
            "body": content.get("body"),
            "picture": f"data:{mimetype};base64,{content['file']}" if is_picture else False,
            "file_name": content.get("file_name"),
            "is_pdf": mimetype == "application/pdf",
            "mark": self.sudo()._get_mark(leaves),
            "may_print": bool(self._get_leaves("print")),
            "may_export": bool(self._get_leaves("export")),
        }
