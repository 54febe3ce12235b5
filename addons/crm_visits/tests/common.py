import base64
import io
from datetime import timedelta

from PIL import Image, ImageDraw

from odoo import fields
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from odoo.addons.crm_service_base.tests.common import ServiceCommon


def draw_signature(width=600, height=200, **options):
    """A picture as the signature pad sends it: black strokes on nothing."""
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(40, 150), (200, 40), (300, 160), (500, 60)], "black", 6)
    if options.get("is_empty"):
        picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    target = io.BytesIO()
    picture.save(target, options.get("kind", "PNG"))
    return base64.b64encode(target.getvalue()).decode()


class VisitCommon(ServiceCommon):
    """Plans and visits of a specialist whose department the supervisor heads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("face", "phone", "callback", "reception", "incoming_call"):
            setattr(cls, f"method_{name}", cls.env.ref(f"crm_visits.visit_method_{name}"))
        cls.now = fields.Datetime.now()
        cls.today = fields.Date.today()

    @classmethod
    def _make_plan(cls, method=None, user=None, customers=None, days=10, **values):
        """A draft plan of the specialist, one line a customer, so many days ahead."""
        customers = customers or cls.customer | cls.other_customer
        return (
            cls.env["crm.visit.plan"]
            .with_user(user or cls.specialist)
            .create(
                {
                    "method_id": (method or cls.method_phone).id,
                    "date_from": cls.today,
                    "date_to": cls.today + timedelta(days=60),
                    "purpose": "Quarterly visit",
                    "line_ids": [
                        Command.create(
                            {
                                "partner_id": customer.id,
                                "date_planned": cls.now + timedelta(days=days),
                                "place": "Their office",
                            }
                        )
                        for customer in customers
                    ],
                    **values,
                }
            )
        )

    @classmethod
    def _approve(cls, document, user=None):
        """Submit as the owner, approve as the department's head."""
        document.action_approval_submit()
        document.with_user(user or cls.supervisor).action_approval_approve()

    @classmethod
    def _make_visit(cls, method=None, **values):
        """A visit out of an approved plan, seen by the specialist."""
        plan = cls._make_plan(method, customers=cls.customer, **values)
        cls._approve(plan)
        return plan.visit_ids

    @classmethod
    def _carry_out(cls, visit, **values):
        """Prepare, start, write the record and finish."""
        visit.action_check_all()
        visit.action_start()
        visit.write(
            {
                "satisfaction_service": "good",
                "satisfaction_product": "fair",
                "opinion": "Delivery is quick, the manual is not clear",
                "product_opinion": "The charger gets warm",
                "service_opinion": "Friendly",
                "product_expectation": "A cooler charger",
                "service_expectation": "A manual in Chinese",
                "countermeasure": "Send the new manual",
                "stock_advice": "Keep 20 batteries less",
                "local_demand": "Surveys along the new railway",
                "result": "Satisfied",
                **values,
            }
        )
        visit.action_finish()
        return visit

    @classmethod
    def _make_call(cls, **values):
        """A callback, which needs no plan."""
        return (
            cls.env["crm.visit"]
            .with_user(cls.specialist)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "method_id": cls.method_callback.id,
                    "purpose": "Callback after repair",
                    **values,
                }
            )
        )

    @classmethod
    def _make_portal_user(cls, login, customer):
        """A contact of a customer who logs in to the portal, with the login as password."""
        user = new_test_user(
            cls.env, login=login, groups="base.group_portal", name=login.title(), lang="en_US"
        )
        user.partner_id.parent_id = customer
        return user

    @classmethod
    def _sign_on_phone(cls, visit, **values):
        """The customer signs on the specialist's phone, through the dialog."""
        action = visit.with_user(cls.specialist).action_sign_customer()
        dialog = Form(
            cls.env[action["res_model"]].with_user(cls.specialist).with_context(**action["context"])
        )
        dialog.name = values.get("name", "Mr Wang")
        dialog.image = values.get("image", draw_signature())
        dialog.save().action_sign()
        return visit.sudo().signature_ids[:1]
