import logging

from odoo import api, models

_logger = logging.getLogger(__name__)


class IrCron(models.Model):
    """Work on many records, of which one that fails holds up no other."""

    _name = "ir.cron"
    _inherit = ["ir.cron"]

    @api.model
    def _crm_each(self, records, action, batch=1):
        """Do something with all records in language and time zone of their company, by batch.

        :param records: in the order in which they are worked on
        :param action: called with a batch; it sends through queues only, so that it can be undone
        :param int batch: how many records between two commits
        :return: whether there was time for all
        """
        self._commit_progress(remaining=len(records))
        for start in range(0, len(records), batch):
            some = records[start : start + batch]
            for company, group in some.grouped(self._get_crm_company).items():
                place = {"lang": company._get_crm_lang(), "tz": company._get_crm_timezone()}
                self._crm_try(group.with_context(**place), action)
            if not self._commit_progress(len(some)):
                return False
        return True

    @api.model
    def _get_crm_company(self, record):
        own = record.company_id if "company_id" in record._fields else self.env["res.company"]
        return own or self.env.company

    @api.model
    def _crm_try(self, records, action):
        """Several that fail together are tried one by one, the rest waits for the next run."""
        try:
            with self.env.cr.savepoint():
                action(records)
        except Exception:
            if len(records) == 1:
                _logger.exception("%s was left for the next run", records)
            else:
                for record in records:
                    self._crm_try(record, action)
