from odoo import api, fields, models

from ..tools.apology import find_words


class CrmCaseApologyWord(models.Model):
    """Words by which an apology is known (C1.R9), of every language the company writes in."""

    _name = "crm.case.apology.word"
    _description = "Word of Apology"
    _order = "name, id"

    name = fields.Char(
        "Word", required=True, help="A star at the end stands for any ending: apolog*."
    )
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex("(name)", "This word is in the list already.")

    @api.model
    def _find_apology(self, *texts):
        """Which words of apology stand in texts.

        :param texts: plain texts, or None
        :return: list of str
        """
        words = self.sudo().search([("active", "=", True)]).mapped("name")
        return find_words("\n".join(filter(None, texts)), words)
