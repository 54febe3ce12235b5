"""Rule 7 of the approval engine, for every document and line under it."""

from odoo.tests import TransactionCase, tagged

# relations that still lose their target silently; the check of the content finds it afterwards
TO_TIGHTEN = {
    "crm.visit": {"department_id", "user_id", "visitor_ids"},
    "crm.visit.plan": {"department_id", "user_id", "visitor_ids"},
    "crm.visit.plan.line": {"visitor_ids"},
    "crm.visit.report": {
        "department_id",
        "method_ids",
        "partner_ids",
        "user_id",
        "visit_ids",
        "visitor_ids",
    },
    "crm.approval.test": {"department_id", "user_id"},
}


@tagged("post_install", "-at_install")
class TestApprovalConventions(TransactionCase):
    def _content_fields(self):
        for model in self.env.registry.values():
            if not model._abstract and hasattr(model, "_approval_content_fields"):
                records = self.env[model._name]
                for name in records._approval_content_fields():
                    yield records, records._fields[name]

    def test_targets_cannot_vanish(self):
        """What an approved document points to is not deleted under it."""
        for records, field in self._content_fields():
            is_parent = field.name == getattr(records, "_approval_parent_field", None)
            known = field.name in TO_TIGHTEN.get(records._name, ())
            if field.type in ("many2one", "many2many") and not is_parent and not known:
                with self.subTest(field=field):
                    self.assertEqual(field.ondelete, "restrict")

    def test_no_edit_from_the_other_side(self):
        """A many2many of the content is written by its document alone."""
        for _records, field in self._content_fields():
            if field.type == "many2many":
                for inverse in self.env.registry.field_inverses[field]:
                    with self.subTest(field=field, inverse=inverse):
                        model = self.env[inverse.model_name]
                        self.assertTrue(hasattr(model, "_approval_guarded_fields"))
                        self.assertIn(inverse.name, model._approval_guarded_fields())

    def test_lines_belong_to_their_document(self):
        for model in self.env.registry.values():
            if model._abstract or not getattr(model, "_approval_line_fields", ()):
                continue
            for name in model._approval_line_fields:
                with self.subTest(model=model._name, field=name):
                    lines = self.env[self.env[model._name]._fields[name].comodel_name]
                    parent = lines._fields[lines._approval_parent_field]
                    self.assertTrue(parent.required)
                    self.assertEqual(parent.ondelete, "cascade")
                    self.assertEqual(parent.name, self.env[model._name]._fields[name].inverse_name)
