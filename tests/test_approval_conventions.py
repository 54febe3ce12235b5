"""Rule 7 of the approval engine, for every document and line under it."""

from odoo.tests import TransactionCase, tagged


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
            if field.type in ("many2one", "many2many") and not is_parent:
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
