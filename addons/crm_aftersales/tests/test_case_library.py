from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import CaseCommon


@tagged("post_install", "-at_install")
@requirement("E2.R9")
class TestCaseLibrary(CaseCommon):
    def _make_closed(self, severity="minor", **values):
        case = self._make_complaint(
            contact_name="Wang Qiang",
            description="Wang Qiang of Lanzhou Optics (0931 1234567, wang@example.com): hot",
            **values,
        )
        case.sudo().write(
            {"state": "closed", "severity": severity, "solution": "Test Specialist sent a new one"}
        )
        return case

    def _make_entry(self, **values):
        entry = self._open(self._make_closed(**values))
        entry.lesson = "Ask for the batch first"
        return entry

    def _open(self, case):
        action = case.action_add_to_library()
        return self.env[action["res_model"]].with_user(self.specialist).browse(action["res_id"])

    def test_one_click_without_names(self):
        case = self._make_closed(severity="major")
        entry = self._open(case)
        self.assertRegex(entry.name, r"^AL/\d{4}/\d+$")
        self.assertEqual((entry.state, entry.severity), ("draft", "major"))
        self.assertEqual((entry.category_id, entry.case_id), (case.category_id, case))
        text = " ".join((entry.title, entry.happening, entry.handling))
        for secret in ("Wang", "Lanzhou", "1234567", "example.com", "Specialist"):
            self.assertNotIn(secret, text)
        self.assertIn("hot", text)
        self.assertEqual(self._open(case), entry, "once only")

    def test_open_cases_are_not_typical_yet(self):
        with self.assertRefused(UserError, "cannot be taken into the library"):
            self._make_complaint().action_add_to_library()

    def test_reviewed_by_a_supervisor(self):
        entry = self._make_entry()
        with self.assertRefused(AccessError, "Supervisors"):
            entry.action_review()
        reviewer = entry.with_user(self.supervisor)
        entry.handling = "Wang Qiang got a new one"
        with self.assertRefused(UserError, "take it out"):
            reviewer.action_review()
        entry.handling = "The customer got a new one"
        reviewer.action_review()
        self.assertEqual((entry.state, entry.reviewed_by_id), ("reviewed", self.supervisor))
        with self.assertRefused(UserError, "in the library already"):
            entry.lesson = "x"
        with self.assertRefused(UserError, "in the library already"):
            entry.unlink()
        reviewer.action_rework()
        entry.lesson = "Ask for the batch and the place first"

    def test_forged_values(self):
        case = self._make_closed()
        entry = (
            self.env["crm.case.library"]
            .with_user(self.specialist)
            .create({"title": "T", "happening": "H", "state": "reviewed", "case_id": case.id})
        )
        self.assertEqual(entry.state, "draft")
        self.assertFalse(entry.case_id)
        for values in ({"state": "reviewed"}, {"case_id": case.id}):
            with self.assertRefused(AccessError, "button"):
                entry.with_user(self.manager).write(values)

    def test_similar_cases_help_with_a_new_one(self):
        entry = self._make_entry()
        entry.happening = entry.happening.replace("the customer", "somebody")
        child = self.env["crm.case.category"].create({"name": "Hot", "parent_id": self.category.id})
        other = self.env["crm.case.category"].create({"name": "Bills"})
        product = self.env["product.product"].create({"name": "Charger"})

        def similar(**values):
            action = self._make_complaint(**values).action_open_similar_cases()
            return self.env["crm.case.library"].search(action["domain"])

        self.assertFalse(similar() & entry, "not reviewed yet")
        entry.with_user(self.supervisor).action_review()
        self.assertIn(entry, similar())
        self.assertIn(entry, similar(category_id=child.id))
        self.assertNotIn(entry, similar(category_id=other.id))
        entry.sudo().product_id = product
        self.assertIn(entry, similar(category_id=other.id, product_id=product.id))
        with self.assertRefused(UserError, "category or the product"):
            similar(category_id=False)
