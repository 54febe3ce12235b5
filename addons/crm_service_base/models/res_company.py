from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models

from ..tools import quiet_hours


class ResCompany(models.Model):
    """When people are left in peace by the reminders of approvals."""

    _inherit = "res.company"

    crm_quiet_start = fields.Float("Quiet From", default=20.0)
    crm_quiet_end = fields.Float("Quiet Until", default=8.0)
    crm_is_quiet_on_days_off = fields.Boolean("Quiet on Days Off", default=True)

    _crm_quiet_hours = models.Constraint(
        "CHECK (crm_quiet_start >= 0 AND crm_quiet_start <= 24 "
        "AND crm_quiet_end >= 0 AND crm_quiet_end <= 24)",
        "Quiet hours lie between 0:00 and 24:00.",
    )

    def _is_crm_quiet(self, moment):
        """Whether reminders of approvals wait.

        :param moment: datetime, naive UTC
        """
        self.ensure_one()
        zone = pytz.timezone(self._get_crm_timezone())
        local = pytz.utc.localize(moment).astimezone(zone)
        hour = local.hour + local.minute / 60
        if quiet_hours.is_quiet(hour, self.crm_quiet_start, self.crm_quiet_end):
            return True
        return self.crm_is_quiet_on_days_off and not self._is_crm_working_day(local.date(), zone)

    def _get_crm_timezone(self):
        """Of the working hours where there are some, else of the company's own contact."""
        calendar = self._get_crm_calendar()
        return (calendar and calendar.tz) or self.partner_id.tz or self.env.user.tz or "UTC"

    def _get_crm_today(self):
        """:return: date where the company works; scheduled actions have no time zone"""
        return fields.Date.context_today(self.with_context(tz=self._get_crm_timezone()))

    def _get_crm_lang(self):
        """:return: str, the language of what scheduled actions write; they have none themselves"""
        return self.sudo().partner_id.lang or self.env.user.lang

    def _get_crm_calendar(self):
        """:return: ``resource.calendar``, or ``None``: the app with it may be missing"""
        has_calendar = "resource_calendar_id" in self._fields
        return (self.resource_calendar_id or None) if has_calendar else None

    def _is_crm_working_day(self, day, zone):
        calendar = self._get_crm_calendar()
        if not calendar:
            return day.weekday() < 5
        start = zone.localize(datetime.combine(day, time.min))
        leaves = [("time_type", "=", "leave"), ("company_id", "in", (False, self.id))]
        end = start + timedelta(days=1)
        return bool(calendar.get_work_hours_count(start, end, domain=leaves))
