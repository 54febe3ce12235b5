import translations

from odoo.tests import TransactionCase


class TestTranslations(TransactionCase):
    def test_complete(self):
        for addon in translations.our_addons():
            with self.subTest(addon=addon):
                found = list(translations.problems(self.env, addon))
                if found:
                    self.fail(
                        f"{len(found)} problems in {addon}/i18n, "
                        "where bin/i18n merges new terms:\n" + "\n".join(found[:20])
                    )
