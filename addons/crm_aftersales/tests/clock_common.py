from datetime import datetime

import pytz

from odoo.fields import Command

from .common import CaseCommon

CHINA = pytz.timezone("Asia/Shanghai")


class ClockCommon(CaseCommon):
    """A company in China that works from nine to six, with a lunch break of an hour."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines = [
            Command.create({"name": "x", "dayofweek": str(day), "hour_from": start, "hour_to": end})
            for day in range(5)
            for start, end in ((9, 12), (13, 18))
        ]
        cls.hours = cls.env["resource.calendar"].create(
            {
                "name": "Nine to six",
                "tz": "Asia/Shanghai",
                "company_id": cls.company.id,
                "attendance_ids": [Command.clear(), *lines],
            }
        )
        cls.company.write(
            {
                "resource_calendar_id": cls.hours.id,
                "country_id": cls.env.ref("base.cn").id,
                "crm_quiet_start": 20,
                "crm_quiet_end": 8,
            }
        )

    def setUp(self):
        super().setUp()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", self._commit)

    def _commit(self, *_args, **_kwargs):
        """A scheduled action commits; a test keeps its transaction."""
        self.env.flush_all()
        return 60

    @classmethod
    def _utc(cls, text):
        """What a clock in China shows, as the database keeps it."""
        local = CHINA.localize(datetime.fromisoformat(text))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    def _clock(self, case, target, state=None):
        """The last clock of a target."""
        clocks = case.sudo().clock_ids.filtered(
            lambda clock: clock.target == target and state in (None, clock.state)
        )
        return clocks.sorted("id")[-1:]

    def _due(self, case, target):
        return self._clock(case, target).date_deadline
