from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import ArchiveCommon


@tagged("post_install", "-at_install")
@requirement("B7.R1")
class TestInspection(ArchiveCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"].create(
            [cls._prepare_customer_values(f"Customer {number}") for number in range(20)]
        )
        cls.archives = cls.env["crm.archive"].concat(*(cls._archive(p) for p in partners))
        cls.inspection = cls.env["crm.archive.inspection"].create(
            {
                "title": "Fourth quarter",
                "user_id": cls.manager.id,
                "member_ids": (cls.manager + cls.director).ids,
                "sample_size": 6,
            }
        )

    def _look_at_all(self, **answers):
        for line in self.inspection.line_ids:
            line.with_user(line.user_id).write({"basic": "right", **answers})
            line.with_user(line.user_id).action_done()

    def test_sample_is_drawn_once_at_random(self):
        inspection = self.inspection.with_user(self.manager)
        inspection.action_start()
        population = self.env["crm.archive"].search_count([("company_id", "=", self.company.id)])
        self.assertEqual(inspection.population_count, population)
        self.assertEqual(len(set(inspection.line_ids.archive_id.ids)), 6)
        self.assertEqual(inspection.line_ids.user_id, self.manager + self.director)
        with self.assertRefused(UserError, "cannot be done now"):
            inspection.action_start()
        with self.assertRefused(UserError, "The sample is drawn"):
            inspection.sample_size = 3
        line = inspection.line_ids[0]
        for values in ({"archive_id": self.archives[0].id}, {"date_done": "2026-01-01 00:00:00"}):
            with self.assertRefused(AccessError, "drawn by the system"):
                line.write(values)
        with self.assertRefused(AccessError, ""):
            line.unlink()
        with self.assertRefused(AccessError, ""):
            line.create({"inspection_id": inspection.id, "archive_id": self.archives[0].id})

    def test_draws_differ(self):
        drawn = set()
        for inspection in self.inspection + self.inspection.copy() + self.inspection.copy():
            inspection.action_start()
            drawn.add(tuple(sorted(inspection.line_ids.archive_id.ids)))
        self.assertGreater(len(drawn), 1, "three equal draws of 6 in 20: once in a billion")

    def test_only_of_the_department(self):
        other = self.env["crm.service.department"].create({"name": "Other"})
        self.archives[:4].department_id = other
        self.inspection.inspected_department_id = other
        self.inspection.action_start()
        self.assertEqual(self.inspection.line_ids.archive_id, self.archives[:4].sorted("id"))
        self.assertEqual(self.inspection.population_count, 4)

    @requirement("B7.R2")
    def test_accuracy_of_what_was_checked(self):
        self.inspection.action_start()
        lines = self.inspection.line_ids
        with self.assertRefused(UserError, "at least one part"):
            lines[0].with_user(lines[0].user_id).action_done()
        self._look_at_all()
        self.assertEqual(self.inspection.accuracy, 100)
        with self.assertRefused(UserError, "stays as it was noted"):
            lines[0].with_user(self.manager).write({"basic": "wrong"})
        other = self.inspection.copy({"sample_size": 2})
        other.action_start()
        first, second = other.line_ids
        first.write({"basic": "right", "transaction": "wrong", "service": "none"})
        with self.assertRefused(UserError, "what is wrong"):
            first.action_done()
        first.note = "The telephone is that of another customer."
        (first + second.browse()).action_done()
        second.write({"basic": "right", "transaction": "right"})
        second.action_done()
        self.assertEqual(other.accuracy, 75)

    def test_finding_is_put_right_and_verified_by_others(self):
        inspection = self.inspection.with_user(self.manager)
        inspection.action_start()
        self._look_at_all()
        finding = (
            self.env["crm.archive.finding"]
            .with_user(self.director)
            .create(
                {
                    "inspection_id": inspection.id,
                    "name": "Two archives lack the licence.",
                    "user_id": self.specialist.id,
                }
            )
        )
        self.assertEqual(finding.sudo().activity_id.user_id, self.specialist)
        with self.assertRefused(UserError, "conclusion"):
            inspection.action_finish()
        inspection.conclusion = "Good on the whole."
        inspection.action_finish()
        self.assertEqual(inspection.state, "rectifying")
        mine = finding.with_user(self.specialist)
        with self.assertRefused(UserError, "what was done"):
            mine.action_done()
        with self.assertRefused(AccessError, ""):
            mine.date_due = "2030-01-01"
        mine.measure = "Both licences were asked for and filed."
        with self.assertRefused(AccessError, "notes what was done"):
            finding.with_user(self.director).action_done()
        mine.action_done()
        self.assertFalse(finding.sudo().activity_id.active)
        with self.assertRefused(AccessError, ""):
            mine.action_verify()
        finding.with_user(self.director).action_reject()
        self.assertFalse(finding.date_done)
        mine.action_done()
        finding.with_user(self.director).action_verify()
        self.assertEqual(inspection.state, "closed")
        with self.assertRefused(UserError, "cannot be done now"):
            inspection.conclusion = "x"

    def test_nothing_found_closes_at_once(self):
        self.inspection.action_start()
        with self.assertRefused(UserError, "not looked at yet"):
            self.inspection.action_finish()
        self._look_at_all()
        self.inspection.conclusion = "Nothing found."
        self.inspection.action_finish()
        self.assertEqual(self.inspection.state, "closed")

    def test_strangers_see_nothing(self):
        self.inspection.action_start()
        for user in (self.plain_user, self.specialist):
            with self.assertRefused(AccessError, ""):
                self.inspection.with_user(user).read(["title"])
            self.assertFalse(self.env["crm.archive.inspection.line"].with_user(user).search([]))


@tagged("post_install", "-at_install")
@requirement("B7.R1")
class TestMisconduct(ArchiveCommon):
    def _report(self, user=None, **values):
        user = user or self.specialist
        before = self.env["crm.archive.misconduct"].search([])
        sheet = (
            self.env["crm.archive.misconduct.report"]
            .with_user(user)
            .create(
                {
                    "subject": "Customer list copied",
                    "description": "On Monday, to a private phone.",
                    "accused_ids": self.supervisor.ids,
                    **values,
                }
            )
        )
        sheet.action_send()
        self.assertFalse(sheet.exists(), "the sheet is torn up")
        return self.env["crm.archive.misconduct"].search([]) - before

    def _decided(self, report):
        report.with_user(self.general_manager).user_id = self.manager
        report.with_user(self.general_manager).action_examine()
        texts = {"examination": "The log shows it.", "consequence": "A warning."}
        report.with_user(self.manager).write(texts)
        report.with_user(self.general_manager).action_substantiate()
        return report

    def test_nothing_names_the_reporter(self):
        report = self._report()
        system = self.env.ref("base.user_root")
        self.assertEqual(report.create_uid | report.write_uid, system)
        self.assertFalse(report.user_id)
        messages = self.env["mail.message"].search(
            ["|", ("model", "=", report._name), ("subject", "like", report.name)]
        )
        self.assertTrue(messages)
        self.assertEqual(messages.create_uid | messages.author_id.user_ids, system)
        self.assertNotIn(self.specialist.partner_id, report.message_partner_ids)
        self.assertNotIn(
            self.specialist.partner_id, messages.partner_ids, "nor is he told of his own report"
        )
        self.env.flush_all()
        self._assert_named_only_in("crm_archive_misconduct_reporter")

    def _assert_named_only_in(self, *tables):
        """Which rows written in this test's transaction carry the reporter's user or partner."""
        self.env.cr.execute(
            """
            SELECT conrelid::regclass::text, attname, confrelid::regclass::text FROM pg_constraint
            JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
            WHERE contype = 'f' AND confrelid IN ('res_users'::regclass, 'res_partner'::regclass)
            """
        )
        found = set()
        ids = {"res_users": self.specialist.id, "res_partner": self.specialist.partner_id.id}
        for table, column, target in self.env.cr.fetchall():
            self.env.cr.execute(
                f'SELECT 1 FROM "{table}" WHERE "{column}" = %s LIMIT 1',  # noqa: S608
                [ids[target]],
            )
            if self.env.cr.fetchone() and ("misconduct" in table or table.startswith("mail_")):
                found.add(table)
        self.assertEqual(found, set(tables))

    def test_reporter_is_out_of_reach(self):
        self._report()
        reporters = self.env["crm.archive.misconduct.reporter"]
        for user in (self.manager, self.general_manager, self.auditor, self.supervisor):
            with self.assertRefused(AccessError, "protected"):
                reporters.with_user(user).search([])
            with self.assertRefused(AccessError, ""):
                reporters.sudo().search([]).with_user(user).read(["user_id"])

    def test_anonymous_keeps_no_name(self):
        report = self._report(is_anonymous=True)
        self.assertFalse(self.env["crm.archive.misconduct.reporter"].search([]))
        self._decided(report)
        with self.assertRefused(UserError, "Nobody knows"):
            report.with_user(self.general_manager).action_reward(100)

    def test_whom_it_is_about_sees_nothing(self):
        report = self._report(accused_ids=(self.supervisor + self.general_manager).ids)
        for user in (self.supervisor, self.general_manager, self.specialist, self.manager):
            with self.assertRefused(AccessError, ""):
                report.with_user(user).read(["subject"])
        director = report.with_user(self.director)
        director.user_id = self.manager
        director.action_examine()
        self.assertEqual(report.state, "examining", "the director's where it is about the other")

    def test_examined_decided_rewarded(self):
        report = self._report()
        office = report.with_user(self.general_manager)
        with self.assertRefused(UserError, "Name somebody"):
            office.action_examine()
        with self.assertRefused(AccessError, "decided by the general manager"):
            report.with_user(self.director).action_examine()
        office.user_id = self.manager
        office.action_examine()
        with self.assertRefused(UserError, "in words"):
            office.action_substantiate()
        with self.assertRefused(AccessError, ""):
            report.with_user(self.manager).action_substantiate()
        report.with_user(self.manager).write({"examination": "Seen.", "consequence": "Warning."})
        office.action_substantiate()
        dialog = self.env["crm.archive.misconduct.look"].with_user(self.general_manager)
        dialog.create({"misconduct_id": report.id, "kind": "reward", "amount": 500}).action_apply()
        self.assertEqual(report.reward_amount, 500)
        with self.assertRefused(UserError, "rewarded already"):
            office.action_reward(500)
        told = (
            self.env["mail.notification"]
            .search([("res_partner_id", "=", self.specialist.partner_id.id)])
            .mail_message_id
        )
        self.assertIn("is rewarded", " ".join(told.mapped("subject")))
        self.assertEqual(set(told.mapped("model")), {False}, "not in the log of the report")

    def test_looking_up_leaves_a_trace(self):
        report = self._report()
        with self.assertRefused(AccessError, ""):
            report.with_user(self.auditor)._reveal("Curious")
        office = report.with_user(self.general_manager)
        with self.assertRefused(UserError, "in words"):
            office._reveal(" ")
        self.assertEqual(office._reveal("To ask back"), self.specialist.name)
        self.assertIn("To ask back", report.message_ids[0].body)

    def test_reports_come_in_one_way_only(self):
        values = {"subject": "x", "description": "x"}
        for user in (self.specialist, self.general_manager):
            with self.assertRefused(AccessError, ""):
                self.env["crm.archive.misconduct"].with_user(user).create(values)
        report = self._report()
        with self.assertRefused(AccessError, ""):
            report.with_user(self.general_manager).state = "unfounded"
        with self.assertRefused((AccessError, UserError), ""):
            report.with_user(self.general_manager).unlink()
