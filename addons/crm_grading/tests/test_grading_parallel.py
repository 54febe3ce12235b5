import threading
from contextlib import closing

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import LockError, UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

NAME = "Parallel grading"


@tagged("post_install", "-at_install")
class TestGradingParallel(BaseCase):
    """Two gradings in two real transactions; what they commit is removed again."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self._clean()  # also what a run left that was killed
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            env = self._env(cr)
            self.company = env.ref("base.main_company").id
            kind = env["crm.customer.type"].search([], limit=1)
            env["res.partner"].create(
                [
                    {"name": f"{NAME} {n}", "is_company": True, "crm_customer_type_id": kind.id}
                    for n in range(20)
                ]
            )
            self.day = env["crm.grading.run"]._get_last_quarter_end(fields.Date.today())
            standard = env.ref("crm_grading.standard_procedure").copy({"name": NAME})
            standard.write({"missing_rule": "zero", "rated_weight_min": 0})
            standard.write({"state": "approved", "date_from": fields.Date.today()})
            self.standard = standard.id

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"lang": "en_US", "tracking_disable": True})

    def _clean(self):
        with self.registry.cursor() as cr:
            cr.execute(
                """
                DELETE FROM mail_message m USING crm_grading_run r, crm_grading_standard s
                 WHERE m.model = 'crm.grading.run' AND m.res_id = r.id AND s.id = r.standard_id
                   AND s.name = %(name)s;
                DELETE FROM crm_grading_run r USING crm_grading_standard s
                 WHERE s.id = r.standard_id AND s.name = %(name)s;
                UPDATE res_partner SET crm_grade_computed_id = NULL
                 WHERE crm_grade_computed_id IS NOT NULL;
                UPDATE crm_grading_standard SET state = 'draft' WHERE name = %(name)s
                """,
                {"name": NAME},
            )
            env = self._env(cr)
            env["crm.grading.standard"].search([("name", "=", NAME)]).unlink()
            env["res.partner"].search([("name", "=like", f"{NAME}%")]).unlink()

    def _open(self):
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        return cr

    def _make_run(self):
        with self.registry.cursor() as cr:
            values = {"standard_id": self.standard, "date_to": self.day}
            return self._env(cr)["crm.grading.run"].create(values).id

    def _read(self):
        """:return: list of gradings with their customers and grades, computed grades"""
        with self.registry.cursor() as cr:
            env = self._env(cr)
            runs = env["crm.grading.run"].search([("standard_id", "=", self.standard)])
            return (
                [(run.state, self._read_scores(run)) for run in runs],
                env["res.partner"]
                .search([("name", "=like", f"{NAME}%")])
                .mapped("crm_grade_computed_id.code"),
            )

    def _read_scores(self, run):
        scores = run.score_ids.sorted("partner_id")
        return [(score.partner_id.id, score.total, score.grade_proposed_id.id) for score in scores]

    def _grade_by(self, cr):
        env = self._env(cr)
        standard = env["crm.grading.standard"].browse(self.standard)
        company = env["res.company"].browse(self.company)
        env["crm.grading.run"]._grade_quarter(standard, company, self.day)

    @requirement("A3.F1")
    @mute_logger("odoo.sql_db", "odoo.addons.crm_grading.models.crm_grading_run")
    def test_two_scheduled_actions_grade_the_quarter_once(self):
        with closing(self._open()) as one:
            two = self._open()
            two.execute("SELECT 1")  # from now on it does not see what the other one commits
            self._grade_by(one)
            failures = []

            def work():
                try:
                    self._grade_by(two)
                    two.commit()
                except Exception as error:  # noqa: BLE001 a thread's failure is the test's
                    failures.append(error)

            thread = threading.Thread(target=work)
            thread.start()
            one.commit()
            thread.join()
        self.assertFalse(failures)
        runs, _grades = self._read()
        self.assertEqual(len(runs), 1)
        [(state, scores)] = runs
        self.assertEqual(state, "done")
        self.assertGreaterEqual(len(scores), 20)
        self.assertEqual(len({partner for partner, *_rest in scores}), len(scores))

    @requirement("A3.F1")
    def test_one_grading_is_computed_by_one(self):
        run_id = self._make_run()
        one, two = self._open(), self._open()
        first, second = (
            self._env(cr)(user=self._env(cr).ref("base.user_admin").id)["crm.grading.run"].browse(
                run_id
            )
            for cr in (one, two)
        )
        first.action_compute()
        with self.assertRaises(LockError), mute_logger("odoo.sql_db"):
            second.action_compute()
        two.rollback()
        one.commit()
        second.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "computed already"):
            second.action_compute()
        two.rollback()
        [(state, scores)], _grades = self._read()
        self.assertEqual(state, "done")
        self.assertEqual(len({partner for partner, *_rest in scores}), len(scores))

    @requirement("A3.F1")
    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_gradings_by_hand_give_the_same(self):
        """The second waits for the customers' rows, is refused them, and is done anew by Odoo."""
        ids = [self._make_run(), self._make_run()]
        one, two = self._open(), self._open()
        two.execute("SELECT 1")
        self._env(one)["crm.grading.run"].browse(ids[0])._compute_scores()
        failures = []

        def work():
            env = self._env(two)
            try:
                retrying(env["crm.grading.run"].browse(ids[1])._compute_scores, env)
            except Exception as error:  # noqa: BLE001 a thread's failure is the test's
                failures.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        one.commit()
        thread.join()
        two.commit()
        self.assertFalse(failures)
        runs, grades = self._read()
        self.assertEqual([state for state, _scores in runs], ["done", "done"])
        self.assertEqual(runs[0][1], runs[1][1])
        self.assertEqual(set(grades), {"C"})
