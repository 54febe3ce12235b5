from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_service_base.tests.import_case import ImportCase
from odoo.addons.crm_visits.tests.common import draw_signature

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestCustody(ImportCase, MoneyCommon):
    """Tools, material and documents: out, counted, back (C2.R13)."""

    def _settle(self, item, how, user, **values):
        """Through the dialog, as people do it."""
        action = getattr(item.with_user(user), f"action_{how}")()
        model = self.env[action["res_model"]].with_user(user).with_context(**action["context"])
        dialog = Form(model)
        for name, value in values.items():
            dialog[name] = value
        dialog.save().action_apply()
        item.invalidate_recordset()

    @requirement("C2.R13")
    def test_issued_received_returned(self):
        item = self._make_item(serial_number="WY-1")
        self.assertTrue(item.name)
        item.action_issue()
        self.assertEqual(item.state, "issued")
        self.assertEqual(item.sudo().activity_ids.user_id, self.specialist)
        self.assertIn(self.specialist.partner_id, item.sudo().message_partner_ids)
        with self.assertRefused(AccessError, "Only the technician"):
            item.with_user(self.manager).action_receive()
        item.with_user(self.specialist).action_receive()
        self.assertEqual((item.state, item.quantity_open), ("held", 1))
        self.assertFalse(item.sudo().activity_ids)
        with self.assertRefused(AccessError, "Only a keeper"):
            item.with_user(self.specialist).action_return()
        self._settle(item, "return", self.supervisor, note="Complete")
        self.assertEqual((item.state, item.quantity_open), ("closed", 0))
        with self.assertRefused(UserError, "cannot be done"):
            item._settle("return")

    @requirement("C2.R13")
    def test_signed_for(self):
        """The technician signs on the screen: that is the acknowledgement."""
        item = self._make_item()
        item.action_issue()
        action = item.with_user(self.specialist).action_sign_staff()
        dialog = Form(
            self.env[action["res_model"]]
            .with_user(self.specialist)
            .with_context(**action["context"])
        )
        dialog.image = draw_signature()
        dialog.save().action_sign()
        item.invalidate_recordset()
        self.assertEqual(item.state, "held")
        self.assertEqual(item.sudo().signature_ids.user_id, self.specialist)
        with self.assertRefused(AccessError, "Only who was there"):
            item.action_sign_staff()

    @requirement("C2.R13")
    def test_no_customer_signs_for_a_tool(self):
        item = self._make_item()
        item.action_issue()
        with self.assertRefused(UserError, "not a customer"):
            item._check_signing(
                {"role": "customer", "name": "Mr Wang", "channel": "backend"},
                item._get_signature_digest(),
            )
        self.assertEqual(item.state, "issued")

    @requirement("C2.R13")
    def test_material_in_parts(self):
        item = self._hold(title="Cable", kind="material", quantity=20)
        self._settle(item, "use", self.specialist, quantity=5, note="Order 7")
        self._settle(item, "return", self.supervisor, quantity=12)
        self.assertEqual((item.state, item.quantity_open), ("held", 3))
        with self.assertRefused(UserError, "only 3 are"):
            item._settle("return", 4)
        for quantity in (0, -1):
            with self.assertRefused(UserError, "above zero"):
                item._settle("return", quantity)
        self._settle(item, "lose", self.specialist, quantity=3, note="Fell off the lorry")
        self.assertEqual((item.state, item.quantity_lost), ("lost", 3))
        self.assertIn(
            self.supervisor.partner_id,
            self.env["mail.message"].search([("subject", "ilike", "Lost:")]).partner_ids,
        )

    @requirement("C2.R13")
    def test_words_are_needed(self):
        item = self._hold()
        with self.assertRefused(UserError, "Write it in words"):
            item.with_user(self.specialist)._settle("lose", 1, " ")
        with self.assertRefused(UserError, "Only material"):
            item.with_user(self.specialist)._settle("use", 1, "On a job")

    @requirement("C2.R13")
    def test_own_tools_are_another_keepers(self):
        item = self._make_item(holder_id=self.supervisor.id)
        with self.assertRefused(AccessError, "another keeper"):
            item.action_issue()
        item.with_user(self.manager).action_issue()
        item.action_receive()
        with self.assertRefused(AccessError, "another keeper"):
            item.action_return()

    @requirement("C2.R13")
    def test_technician_changes_nothing(self):
        draft, item = self._make_item(), self._hold(title="Drill")
        mine = item.with_user(self.specialist)
        for attack in (
            lambda: mine.write({"state": "closed"}),
            lambda: mine.write({"quantity_returned": 1}),
            lambda: mine.write({"quantity_open": 0}),
            lambda: mine.write({"holder_id": self.outsider.id}),
            lambda: draft.with_user(self.specialist).write({"quantity": 0.5}),
            lambda: mine.create({"title": "x", "holder_id": self.specialist.id}),
            lambda: mine.unlink(),
        ):
            with self.assertRefused((AccessError, UserError), ""):
                attack()
        self.assertFalse(self.env["crm.custody.item"].with_user(self.outsider).search([]))
        with self.assertRefused(AccessError, ""):
            item.with_user(self.outsider)._settle("lose", 1, "x")
        with self.assertRefused(UserError, "stays on the list"):
            item.unlink()
        created = (
            self.env["crm.custody.item"]
            .with_user(self.supervisor)
            .with_context(default_state="closed", default_quantity_returned=1)
            .create({"title": "x", "holder_id": self.specialist.id, "state": "held"})
        )
        self.assertEqual((created.state, created.quantity_open), ("draft", 1))

    @requirement("C2.R13")
    def test_quantities(self):
        for values, broken in (
            ({"quantity": 0}, "quantity_positive"),
            ({"quantity": -1}, "quantity_positive"),
            ({"quantity": 2, "serial_number": "1"}, "serial_is_one"),
        ):
            with mute_logger("odoo.sql_db"), self.assertRefused(IntegrityError, broken):
                self._make_item(**values)

    @requirement("C2.R13")
    def test_who_leaves_with_something(self):
        item, back = self._hold(), self._hold(title="Drill")
        back._settle("return")
        self.specialist.sudo().active = False
        todo = item.sudo().activity_ids
        self.assertEqual(todo.user_id, self.supervisor)
        self.assertIn(self.specialist.name, todo.summary)
        self.assertFalse(back.sudo().activity_ids)
        left = [("holder_id.active", "=", False), ("state", "in", ("issued", "held"))]
        self.assertEqual(self.env["crm.custody.item"].search(left), item)

    @requirement("C2.R13")
    def test_overdue(self):
        item = self._hold(date_due=self.today - timedelta(days=1))
        later = self._hold(date_due=self.today + timedelta(days=1))
        items = self.env["crm.custody.item"]
        self.assertTrue(item.is_overdue)
        self.assertEqual(items.search([("is_overdue", "=", True)]), item)
        self.assertIn(later, items.search([("is_overdue", "=", False)]))

    def test_import(self):
        for lang in ("en_US", "zh_CN"):
            self.env["res.lang"]._activate_lang(lang)
            items, messages = self.import_template("crm.custody.item", self.supervisor, lang)
            self.assertFalse(messages)
            self.assertEqual(items.mapped("state"), ["draft", "draft"])

    # ------------------------------------------------------------------ counts

    def _make_count(self, **values):
        count = (
            self.env["crm.custody.count"]
            .with_user(self.supervisor)
            .create({"holder_id": self.specialist.id, **values})
        )
        count.action_fill()
        return count

    @requirement("C2.R13")
    def test_count(self):
        drill = self._hold(title="Drill")
        cable = self._hold(title="Cable", kind="material", quantity=20)
        self._hold(holder_id=self.outsider.id)
        self._make_item(title="Not issued")
        count = self._make_count()
        self.assertEqual(count.line_ids.item_id, drill | cable)
        count.action_fill()
        self.assertEqual(len(count.line_ids), 2, "filled in twice, nothing twice")
        with self.assertRefused(UserError, "Nothing is in custody"):
            self._make_count(holder_id=self.technician.id)
        with self.assertRefused(UserError, "not counted yet"):
            count.action_approval_submit()
        line = count.line_ids.filtered(lambda line: line.item_id == cable)
        self.assertEqual(line.quantity_expected, 20)
        line.quantity_counted = 17
        self.assertTrue(line.is_counted)
        count.action_all_there()
        self.assertEqual(count.difference_count, 1)
        with self.assertRefused(UserError, "Explain the difference"):
            count.action_approval_submit()
        line.explanation = "Three were used without a note"
        count.action_approval_submit()
        self.assertEqual(cable.quantity_open, 20, "nothing moves before it is approved")
        with self.assertRefused(UserError, "locked"):
            line.quantity_counted = 20
        with self.assertRefused(AccessError, ""):
            count.action_approval_approve()
        count.with_user(self.manager).action_approval_approve()
        self.env.invalidate_all()
        self.assertEqual(count.state, "approved")
        self.assertEqual((cable.quantity_open, cable.state), (17, "held"))
        self.assertEqual((drill.quantity_open, drill.state), (1, "held"))

    @requirement("C2.R13")
    def test_nor_does_a_keeper_write_what_the_buttons_write(self):
        item = self._hold()
        for values in ({"state": "closed"}, {"quantity_returned": 1}, {"date_settled": self.now}):
            with self.assertRefused(AccessError, ""):
                item.write(values)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.env["crm.custody.item"].create(
            {"title": "Theirs", "holder_id": self.env.uid, "company_id": elsewhere.id}
        )
        lines = self.env["crm.custody.count.line"].sudo()
        empty = self._make_count()
        empty.line_ids.unlink()
        with self.assertRefused(UserError, "Fill In"):
            empty.action_approval_submit()
        with self.assertRefused(ValidationError, "of its own company"):
            lines.create({"count_id": self._make_count().id, "item_id": theirs.id})

    @requirement("C2.R13")
    def test_a_keeper_settles_for_the_technician(self):
        self.second = self._new_user("test_second_keeper", "supervisor")
        item = self._hold()
        self.assertFalse(item.is_holder)
        self.assertTrue(item.with_user(self.specialist).is_holder)
        item.sudo().user_id = self.manager
        self._settle(item, "lose", self.second, quantity=1, note="Stolen, he is ill")
        self.assertEqual((item.state, item.quantity_lost), ("lost", 1))
        told = self.env["mail.message"].search([("subject", "ilike", "Lost:")]).partner_ids
        self.assertEqual(told, (self.manager | self.supervisor).partner_id, "keeper and head")
        head = self._hold(holder_id=self.outsider.id)
        head.message_subscribe(self.specialist.partner_id.ids)
        with self.assertRefused(AccessError, ""):
            head.with_user(self.specialist)._settle("lose", 1, "x")
        self.assertEqual(head.state, "held")

    @requirement("C2.R13")
    def test_a_count_finds_what_was_settled(self):
        cable = self._hold(title="Cable", kind="material", quantity=20)
        count = self._make_count()
        count.line_ids.write({"quantity_counted": 21, "explanation": "One was behind the shelf"})
        count.action_approval_submit()
        cable._settle("return")
        self.assertEqual(cable.state, "closed")
        count.with_user(self.manager).action_approval_approve()
        self.env.invalidate_all()
        self.assertEqual((cable.state, cable.quantity_open), ("held", 1))
        self.assertFalse(cable.date_settled)

    @requirement("C2.R13")
    def test_count_finds_nothing(self):
        drill = self._hold(title="Drill")
        count = self._make_count()
        count.line_ids.write({"is_counted": True, "explanation": "Stolen, reported"})
        count.action_approval_submit()
        count.with_user(self.manager).action_approval_approve()
        self.env.invalidate_all()
        self.assertEqual((drill.state, drill.quantity_open), ("lost", 0))

    @requirement("C2.R13")
    def test_count_is_not_forged(self):
        drill = self._hold(title="Drill")
        mine = self._hold(title="Saw", holder_id=self.manager.id)
        count = self._make_count()
        with self.assertRefused(AccessError, ""):
            count.line_ids.quantity_expected = 0
        with self.assertRefused(AccessError, ""):
            count.line_ids.difference = 0
        with self.assertRefused(AccessError, ""):
            count.with_user(self.specialist).read(["note"])
        added = count.line_ids.create(
            {"count_id": count.id, "item_id": mine.id, "quantity_expected": 9}
        )
        self.assertEqual(added.quantity_expected, 1)
        count.action_all_there()
        with self.assertRefused(UserError, "somebody else counts"):
            count.user_id = self.specialist
            count.action_approval_submit()
        self.assertEqual(drill.quantity_open, 1)
