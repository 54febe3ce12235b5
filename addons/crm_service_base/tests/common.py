from contextlib import contextmanager

from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user

ROLES = ("specialist", "supervisor", "manager", "director", "general_manager", "auditor")


def requirement(*ids):
    """Mark a test (method or class) with the requirement rows it proves.

    `bin/test --requirement A1.F2` runs the tests marked so, and the table in
    docs/requirements.md is made from these marks.

    :param str ids: IDs as they stand in the requirements, e.g. ``"A1.F2"``
    """

    def mark(item):
        item._requirements = (*getattr(item, "_requirements", ()), *ids)
        return item

    return mark


class ServiceCommon(TransactionCase):
    """One user per role, a department with a head, two customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # messages are compared in the language of the source
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True, "lang": "en_US"})
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        users = cls.env["res.users"].with_context(active_test=False).search([])
        (users.partner_id | cls.env["res.company"].search([]).partner_id).lang = "en_US"
        cls.company = cls.env.ref("base.main_company")
        cls.env.user.company_id = cls.company
        for role in ROLES:
            setattr(cls, role, cls._new_user(f"test_{role}", role))
        cls.portal_user = new_test_user(
            cls.env, login="test_portal", groups="base.group_portal", name="Portal", lang="en_US"
        )
        cls.plain_user = new_test_user(
            cls.env, login="test_plain", groups="base.group_user", name="Plain", lang="en_US"
        )
        cls.department = cls.env["crm.service.department"].create(
            {
                "name": "Service department",
                "code": "TSD",
                "company_id": cls.company.id,
                "head_id": cls.supervisor.id,
                "member_ids": [Command.set((cls.specialist + cls.supervisor).ids)],
            }
        )
        cls.customer, cls.other_customer = cls.env["res.partner"].create(
            [cls._prepare_customer_values(name) for name in ("Lanzhou Optics", "Tianshui Tools")]
        )

    @contextmanager
    def assertRefused(self, exception, pattern):
        """The block raises an exception whose text matches, and leaves nothing behind."""
        with self.assertRaisesRegex(exception, pattern), self.env.cr.savepoint():
            yield

    def _fail_for(self, record, method):
        """From now on a method raises where it works on a record, alone or among others."""
        original = getattr(type(record), method)

        def fail(records, *args, **kwargs):
            if record in records:
                raise ValueError("This one cannot be done")
            return original(records, *args, **kwargs)

        self.patch(type(record), method, fail)

    @classmethod
    def _make_departments(cls):
        """A stranger of a second department; a customer of each, and one of none."""
        cls.stranger = cls._new_user("test_stranger", "specialist")
        cls.other_department = cls.env["crm.service.department"].create(
            {
                "name": "Second department",
                "company_id": cls.company.id,
                "member_ids": [Command.set(cls.stranger.ids)],
            }
        )
        cls.customer.crm_department_id = cls.department
        cls.other_customer.crm_department_id = cls.other_department
        cls.free_customer = cls.env["res.partner"].create(
            cls._prepare_customer_values("Dingxi Dairy")
        )
        cls.customers = cls.customer + cls.other_customer + cls.free_customer

    @classmethod
    def _new_user(cls, login, role, **values):
        """A user with one role of the Customer Service privilege or office."""
        return new_test_user(
            cls.env,
            login=login,
            groups=f"base.group_user,crm_service_base.group_{role}",
            name=login.replace("_", " ").title(),
            lang="en_US",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            **values,
        )

    @classmethod
    def _prepare_customer_values(cls, name, **values):
        return {
            "name": name,
            "is_company": True,
            "phone": "0931 1234567",
            "crm_customer_type_id": cls.env.ref("crm_service_base.customer_type_dealer").id,
            **values,
        }
