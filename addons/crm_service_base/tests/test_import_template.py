import io

import openpyxl

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import ServiceCommon
from .import_case import ImportCase

LANGUAGES = ("en_US", "zh_CN", "zh_TW")


@tagged("post_install", "-at_install")
class TestImportTemplate(ServiceCommon, ImportCase):
    """The customers' template of the import dialog."""

    def test_template_loads_in_every_language(self):
        for lang in LANGUAGES:
            partner, messages = self.import_template("res.partner", self.specialist, lang)
            self.assertFalse(messages, lang)
            self.assertEqual(partner.ref, "K0001")
            self.assertTrue(partner.is_company)
            self.assertEqual(partner.crm_customer_class, "key")
            self.assertTrue(partner.crm_customer_type_id)
            self.assertEqual(partner.user_id, self.specialist)
            self.assertEqual(str(partner.crm_agreement_date), "2024-09-01")
            self.assertEqual(partner.crm_qq, "10001")

    def test_captions_are_the_users_language(self):
        partners = self.env["res.partner"]
        for lang in LANGUAGES:
            content = partners.with_context(lang=lang)._render_import_template()
            sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
            described = partners.with_context(lang=lang).fields_get(["crm_agreement_date"])
            captions = [cell.value for cell in sheet[1]]
            self.assertIn(described["crm_agreement_date"]["string"], captions)

    def test_ambiguous_captions_give_way_to_names(self):
        partners = self.env["res.partner"].with_context(lang="en_US")
        self.assertEqual(partners._get_import_caption("crm_qq"), "QQ")
        self._set_label("crm_wechat", "QQ")
        self._set_label("crm_short_name", "Short/Name")
        self.assertEqual(partners._get_import_caption("crm_qq"), "crm_qq")
        self.assertEqual(partners._get_import_caption("crm_short_name"), "crm_short_name")

    def _set_label(self, name, label):
        """Rename a field, as another addon would."""
        self.env.cr.execute(
            "UPDATE ir_model_fields SET field_description = jsonb_build_object('en_US', %s)"
            " WHERE model = 'res.partner' AND name = %s",
            (label, name),
        )
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        self.addCleanup(self.env.registry.clear_all_caches)

    def test_types_by_code(self):
        partner, messages = self.import_file(
            "res.partner",
            [["Name", "Customer Type"], ["Tianjin Trade", "W"]],
            self.specialist,
        )
        self.assertFalse(messages)
        self.assertEqual(partner.crm_customer_type_id.code, "W")

    def test_grades_are_found_by_code(self):
        """As an import looks a name up; whether it may set the grade is for other addons to say."""
        grades = self.env["crm.customer.grade"].with_user(self.specialist)
        self.assertEqual(
            grades.name_search("B", operator="="),
            [(grade.id, grade.display_name) for grade in grades.search([("code", "=", "B")])],
        )

    def test_wrong_values_are_told_and_nothing_is_kept(self):
        partners, messages = self.import_file(
            "res.partner",
            [
                ["Name", "Customer Type", "Customer Class", "Birthday"],
                ["Good One", "Dealer", "Key Customer", "1980-03-31"],
                ["Bad One", "Emperor", "Key Customer", "1980-03-31"],
                ["Worse One", "Dealer", "Third Class", "1980-03-31"],
            ],
            self.specialist,
        )
        self.assertFalse(partners)
        text = " ".join(message["message"] for message in messages)
        self.assertIn("Emperor", text)
        self.assertIn("Third Class", text)
        self.assertEqual([message["rows"]["from"] for message in messages], [1, 2])
        self.assertFalse(self.env["res.partner"].search([("name", "like", "% One")]))
        _partners, messages = self.import_file(
            "res.partner",
            [["Name", "Birthday"], ["Good One", "1980-03-31"], ["Bad One", "31 March"]],
            self.specialist,
        )
        self.assertIn("31 March", messages[0]["message"])
        self.assertFalse(self.env["res.partner"].search([("name", "like", "% One")]))


@tagged("post_install", "-at_install")
class TestImportTemplateDownload(HttpCase):
    def test_download(self):
        """From the link in the dialog; for those who may create customers."""
        user = new_test_user(
            self.env, "test_import", groups="crm_service_base.group_specialist", lang="zh_CN"
        )
        templates = self.env["res.partner"].with_user(user).get_import_templates()
        link = templates[-1]["template"]
        self.assertEqual(link, "/crm_service/import_template/res.partner")
        self.authenticate("test_import", "test_import")
        response = self.url_open(link)
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
        self.assertIn("QQ", [cell.value for cell in sheet[1]])
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.assertEqual(self.url_open(link.replace("res.partner", "res.users")).status_code, 404)
        self.assertEqual(self.url_open(link.replace("res.partner", "no.model")).status_code, 404)
        user.group_ids = [Command.set(self.env.ref("base.group_user").ids)]
        self.assertEqual(self.url_open(link).status_code, 403)
        self.logout()
        self.assertIn("/web/login", self.url_open(link).url)
