import logging
import os
import pathlib
from datetime import UTC, datetime, timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.modules.registry import Registry
from odoo.sql_db import close_db
from odoo.tools import config
from odoo.tools.misc import exec_pg_environ

from odoo.addons.crm_service_base.tools.state_order import in_order

from ..tools import backup

_logger = logging.getLogger(__name__)

# the server says where backups lie: nobody who works in the database can point it elsewhere
FOLDERS = {"main": "CRM_BACKUP_FOLDER", "copy": "CRM_BACKUP_COPY"}
SHOWN_FAULTS = 20


class CrmBackupDrill(models.Model):
    """数据恢复演练: a backup really restored, and compared with what was backed up (B6.R2).

    The last backup becomes a scratch database with a filestore of its own, in which no scheduled
    action and no mail server works. Every row and file is compared, Odoo opens the database and
    checks what it holds, and the scratch is dropped. The result is the server's; what is learnt
    from it is written by people, and somebody else checks it.
    """

    _name = "crm.backup.drill"
    _description = "Restore Drill"
    _inherit = ["crm.service.moved.mixin"]
    _order = "date_planned desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    _stamps = (
        "backup_name",
        "backup_kind",
        "date_backup",
        "date_start",
        "duration",
        "table_count",
        "row_count",
        "file_count",
        "result",
        "checked_by_id",
        "date_checked",
    )
    _editable_states = ("planned",)

    user_id = fields.Many2one(string="Responsible", required=True)
    date_planned = fields.Date("Planned For", required=True, default=fields.Date.context_today)
    place = fields.Selection(
        [("main", "The Backups"), ("copy", "The Copies Elsewhere")],
        "Restored From",
        required=True,
        default="main",
    )
    state = fields.Selection(
        [("planned", "Planned"), ("passed", "Passed"), ("failed", "Failed")],
        required=True,
        default="planned",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    backup_name = fields.Char("Backup", readonly=True, copy=False)
    backup_kind = fields.Selection(
        [("full", "Full"), ("incremental", "Incremental")], readonly=True, copy=False
    )
    date_backup = fields.Datetime("Backed Up On", readonly=True, copy=False)
    date_start = fields.Datetime("Started On", readonly=True, copy=False)
    duration = fields.Float(
        "Duration (Hours)", readonly=True, copy=False, help="From the backup to a usable database."
    )
    table_count = fields.Integer("Tables", readonly=True, copy=False)
    row_count = fields.Integer("Rows", readonly=True, copy=False, aggregator=False)
    file_count = fields.Integer("Files", readonly=True, copy=False, aggregator=False)
    result = fields.Text(readonly=True, copy=False)
    lessons = fields.Text(
        "Lessons and Measures", copy=False, help="What the drill showed, and what is done about it."
    )
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    date_checked = fields.Datetime("Checked On", readonly=True, copy=False)

    # ------------------------------------------------------------------ write, delete

    def _get_open_fields(self):
        return super()._get_open_fields() | {"lessons"}

    def _check_field_write(self, vals):
        super()._check_field_write(vals)
        if "lessons" in vals and any(drill.date_checked for drill in self):
            raise UserError(self.env._("A drill that was checked stays as it was."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_planned(self):
        if any(drill.state != "planned" for drill in self):
            raise UserError(self.env._("The result of a drill is kept."))

    def _can_file(self):
        return super()._can_file() and bool(self.date_checked)

    # ------------------------------------------------------------------ actions

    def action_run(self):
        """Let the scheduled action do planned drills now: they take longer than a page waits.

        :raise UserError: it took place already, or the server names no folder of backups
        """
        self.check_access("write")
        self._check_state(("planned",))
        for drill in self:
            drill._get_folder()
        today = fields.Date.context_today(self)
        self.sudo().filtered(lambda drill: drill.date_planned > today).date_planned = today
        self.env.ref("crm_archive_security.ir_cron_backup_drill").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The drill begins within a minute; the result will stand here."
                ),
            },
        }

    def action_check(self):
        """Note that somebody else looked at the result; of a failed one at the measures as well.

        :raise AccessError: the user is responsible for it
        :raise UserError: nothing to check, or a failure without measures
        """
        self.check_access("read")
        if not self._is_checker():
            raise AccessError(
                self.env._(
                    "A drill is checked by a service manager, the auditor or the general manager."
                )
            )
        for drill in self:
            if drill.state == "planned" or drill.date_checked:
                raise UserError(self.env._("A drill is checked once, after it took place."))
            if drill.user_id == self.env.user:
                raise AccessError(
                    self.env._("Somebody other than the person responsible checks it.")
                )
            if drill.state == "failed" and not (drill.lessons or "").strip():
                raise UserError(self.env._("Write what is done about the failure first."))
        self.sudo().write({"checked_by_id": self.env.uid, "date_checked": fields.Datetime.now()})

    def _is_checker(self):
        """:return: whether the user may check drills"""
        roles = ("manager", "auditor", "general_manager")
        return any(self.env.user.has_group(f"crm_service_base.group_{role}") for role in roles)

    # ------------------------------------------------------------------ the drill itself

    def _get_folder(self):
        """Where the backups of this drill lie.

        :raise UserError: the server names no such folder
        """
        self.ensure_one()
        variable = FOLDERS[self.place]
        if folder := os.environ.get(variable):
            return folder
        raise UserError(
            self.env._(
                "The server does not say where its backups lie: start Odoo with %s set to that "
                "folder.",
                variable,
            )
        )

    def _run(self):
        """Restore, compare, drop; the result is written whatever happens."""
        self.ensure_one()
        drill = self.sudo()
        start = fields.Datetime.now()
        values, lines = {}, []
        try:
            values, lines = drill._restore()
        except Exception as error:
            if not isinstance(error, UserError | backup.BackupError):
                _logger.exception("Restore drill %s failed", drill.name)
            values = {"state": "failed"}
            lines = [str(error)]
        hours = (fields.Datetime.now() - start).total_seconds() / 3600
        drill.write({"date_start": start, "duration": hours, "result": "\n".join(lines), **values})
        drill._tell_result()

    def _restore(self):
        """:return: dict of values, and the lines of the result"""
        folder, scratch = self._get_folder(), self._get_scratch_name()
        files, environment = config.filestore(scratch), exec_pg_environ()
        # left by a drill that was killed
        backup.drop(scratch, files, environment)
        name = backup.find_last(folder, self.env.cr.dbname)
        try:
            manifest = backup.restore(
                folder, name, scratch, files, neutral=True, environment=environment
            )
            faults = backup.compare(manifest, scratch, files, neutral=True, environment=environment)
            faults += self._check_scratch(scratch)
        finally:
            backup.drop(scratch, files, environment)
        return self._prepare_result(manifest, faults), self._describe_faults(faults)

    def _get_scratch_name(self):
        return f"{self.env.cr.dbname[:48]}_restore_drill"

    def _check_scratch(self, scratch):
        """Open the restored database as Odoo does at its start, and let it look at itself.

        :return: list of sentences
        """
        lang = self.env.lang
        try:
            registry = Registry(scratch)
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {"lang": lang})
                return env["crm.backup.drill"]._find_faults_inside()
        except Exception as error:
            _logger.exception("The restored database cannot be opened")
            return [self.env._("Odoo cannot open the restored database: %s", error)]
        finally:
            Registry.delete(scratch)
            close_db(scratch)

    @api.model
    def _find_faults_inside(self):
        """What is wrong in this database, asked in a restored one; addons add theirs.

        :return: list of sentences
        """
        fault = self.env["crm.archive.access"]._verify()
        return [fault] if fault else []

    def _prepare_result(self, manifest, faults):
        date = datetime.fromisoformat(manifest["date"]).astimezone(UTC).replace(tzinfo=None)
        return {
            "state": "failed" if faults else "passed",
            "backup_name": manifest["name"],
            "backup_kind": manifest["kind"],
            "date_backup": date,
            "table_count": len(manifest["tables"]),
            "row_count": sum(table["rows"] for table in manifest["tables"].values()),
            "file_count": len(manifest["files"]),
        }

    def _describe_faults(self, faults):
        if not faults:
            return [
                self.env._("Every table and file is what was backed up."),
                self.env._("Odoo opened the restored database and found its registers whole."),
            ]
        more = len(faults) - SHOWN_FAULTS
        rest = [self.env._("… and %s more.", more)] if more > 0 else []
        return faults[:SHOWN_FAULTS] + rest

    def _tell_result(self):
        people = self.user_id
        if self.state == "failed":
            people |= self._get_failure_recipients()
        titles = {
            "passed": self.env._("Restore drill passed: %s", self.name),
            "failed": self.env._("Restore drill FAILED: %s", self.name),
        }
        self.message_notify(
            partner_ids=people.filtered("active").partner_id.ids,
            subject=titles[self.state],
            body=self.result or "",
        )

    def _get_failure_recipients(self):
        """Who hears of a failed drill besides the person responsible.

        :return: ``res.users``
        """
        group = self.env.ref("crm_service_base.group_general_manager")
        return group.all_user_ids.filtered(lambda user: self.company_id in user.company_ids)

    # ------------------------------------------------------------------ scheduled

    @api.model
    def _cron_drill(self):
        """Plan the drill that is due, do what is planned, warn of backups that are missing."""
        company = self.env.ref("base.main_company")
        drills = self.sudo().with_context(
            lang=company._get_crm_lang(), tz=company._get_crm_timezone()
        )
        today = company._get_crm_today()
        drills._plan_due(company, today)
        domain = [("state", "=", "planned"), ("date_planned", "<=", today)]
        for drill in drills.search(domain, order="id"):
            drill._run()
            self.env["ir.cron"]._commit_progress(1)
        drills._warn_of_missing(today)

    def _plan_due(self, company, today):
        """Once a folder of backups is there, a drill is planned every quarter."""
        days = self._get_days("drill_days", 90)
        last = self.search([], order="date_planned desc, id desc", limit=1)
        is_due = not last or last.date_planned < today - timedelta(days=days)
        if is_due and os.environ.get(FOLDERS["main"]):
            user = last.user_id.filtered("active") or self.env.ref("base.user_admin")
            place = "copy" if os.environ.get(FOLDERS["copy"]) else "main"
            self.create(
                {
                    "date_planned": today,
                    "place": place,
                    "user_id": user.id,
                    "company_id": company.id,
                }
            )

    def _get_days(self, key, default):
        parameters = self.env["ir.config_parameter"].sudo()
        return int(parameters.get_param(f"crm_archive_security.{key}", default))

    @api.model
    def _get_last_backup(self, place):
        """The last backup of this database in one of the places, for status pages.

        :param str place: "main" or "copy"
        :return: the list of the backup, a dict, or None
        """
        folder = os.environ.get(FOLDERS[place])
        return folder and backup.last_of(pathlib.Path(folder), self.env.cr.dbname)

    def _warn_of_missing(self, today):
        """Whoever is responsible for drills hears that nothing was backed up for days."""
        drill = self.search([], order="date_planned desc, id desc", limit=1)
        limit = today - timedelta(days=self._get_days("backup_days", 2))
        for place, label in drill._fields["place"]._description_selection(self.env):
            if not drill or not os.environ.get(FOLDERS[place]):
                continue
            last = self._get_last_backup(place)
            if not last or datetime.fromisoformat(last["date"]).date() < limit:
                drill.message_notify(
                    partner_ids=drill.user_id.partner_id.ids,
                    subject=self.env._("No backup since %s", last["date"][:10] if last else "?"),
                    body=self.env._(
                        "%s: nothing was backed up for days. See why bin/backup does not run.",
                        label,
                    ),
                )
