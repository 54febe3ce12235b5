import doctest

from odoo.tests import BaseCase, tagged

from odoo.addons.crm_service_base.tools import approval_hash


@tagged("post_install", "-at_install")
class TestApprovalHash(BaseCase):
    def test_examples(self):
        outcome = doctest.testmod(approval_hash)
        self.assertGreater(outcome.attempted, 10)
        self.assertEqual(outcome.failed, 0)

    def test_every_entry_counts(self):
        """Whichever entry of a chain is altered, removed or swapped: that place is named."""
        chain, head = [], ""
        for payload in range(6):
            chain.append((head, approval_hash.link(head, payload), payload))
            head = chain[-1][1]
        self.assertIsNone(approval_hash.first_broken(chain))
        for index in range(6):
            altered = list(chain)
            altered[index] = (*altered[index][:2], "other")
            self.assertEqual(approval_hash.first_broken(altered), index)
        for index in range(5):
            self.assertEqual(approval_hash.first_broken(chain[:index] + chain[index + 1 :]), index)
            swapped = list(chain)
            swapped[index : index + 2] = reversed(chain[index : index + 2])
            self.assertEqual(approval_hash.first_broken(swapped), index)
