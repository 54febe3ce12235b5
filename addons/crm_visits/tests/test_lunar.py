import doctest
from datetime import date, timedelta

from odoo.tests import BaseCase

from odoo.addons.crm_service_base.tests.common import requirement

from ..tools import lunar


@requirement("B3.R2", "D7.R1")
class TestLunar(BaseCase):
    """The lunar calendar against dates that were announced."""

    def test_doctests(self):
        self.assertFalse(doctest.testmod(lunar).failed)

    def test_spring_festivals(self):
        for day in (
            *(date(1949, 1, 29), date(1985, 2, 20), date(1997, 2, 7), date(2000, 2, 5)),
            *(date(2008, 2, 7), date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17)),
            *(date(2027, 2, 6), date(2033, 1, 31), date(2034, 2, 19), date(2050, 1, 23)),
        ):
            self.assertEqual(lunar.to_solar(day.year, 1, 1), day)

    def test_other_festivals(self):
        self.assertEqual(lunar.to_solar(2025, 8, 15), date(2025, 10, 6))
        self.assertEqual(lunar.to_solar(2026, 8, 15), date(2026, 9, 25))
        self.assertEqual(lunar.to_solar(1996, 8, 15), date(1996, 9, 27))
        self.assertEqual(lunar.to_solar(2026, 5, 5), date(2026, 6, 19))
        self.assertEqual(lunar.to_solar(2026, 1, 15), date(2026, 3, 3))
        self.assertEqual(lunar.qingming(2012), date(2012, 4, 4))

    def test_leap_months(self):
        leap = {2017: 6, 2020: 4, 2023: 2, 2025: 6, 2028: 5, 2031: 3, 2033: 11, 2036: 6}
        for year in range(2017, 2037):
            found = [month for month, is_leap, _days in lunar.months(year) if is_leap]
            self.assertEqual(found, [leap[year]] if year in leap else [], year)

    def test_every_day_goes_there_and_back(self):
        day = lunar.FIRST_DAY
        while day < lunar.NEW_YEARS[-1]:
            year, month, number, is_leap = lunar.from_solar(day)
            self.assertEqual(lunar.to_solar(year, month, number, is_leap), day)
            day += timedelta(days=1)

    def test_outside_the_table(self):
        self.assertIsNone(lunar.from_solar(date(1900, 1, 30)))
        self.assertIsNone(lunar.from_solar(lunar.NEW_YEARS[-1]))
        with self.assertRaises(ValueError):
            lunar.to_solar(2101, 1, 1)
        with self.assertRaises(ValueError):
            lunar.to_solar(2025, 13, 1)
