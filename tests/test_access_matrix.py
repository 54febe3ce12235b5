"""Who may do what: tests/access_matrix.csv, written from the requirements, walked over RPC."""

import csv
import itertools
import pathlib
from collections import defaultdict
from datetime import date, timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import ROLES
from odoo.addons.crm_service_base.tools.statistics_table import column, table
from odoo.addons.crm_visits.tests.common import VisitCommon

MATRIX = pathlib.Path(__file__).parent / "access_matrix.csv"
OPERATIONS = ("read", "create", "write_own", "write_other", "unlink_own")


def read_matrix():
    """:return: dict of (model, role) to a dict of operation to bool"""
    with MATRIX.open(encoding="utf-8") as file:
        return {
            (row["model"], row["role"]): {name: row[name] == "yes" for name in OPERATIONS}
            for row in csv.DictReader(file)
        }


@tagged("post_install", "-at_install")
class TestAccessMatrix(VisitCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {role: getattr(cls, role) for role in ROLES}
        cls.users |= {"plain": cls.plain_user, "portal": cls.portal_user}
        expires = fields.Datetime.now() + timedelta(hours=6)
        keys = cls.env["res.users.apikeys"]
        cls.keys = {
            role: keys.with_user(user).sudo()._generate(None, "test", expires)
            for role, user in cls.users.items()
        }
        cls.author = cls._new_user("test_author", "specialist")
        cls.counter = itertools.count()
        cls.grade = cls.env.ref("crm_service_base.customer_grade_a")

    def _call(self, role, model, method, **body):
        headers = {"Authorization": f"bearer {self.keys[role]}"} if role in self.keys else {}
        loggers = ("odoo.http", "odoo.sql_db", "odoo.addons.base.models.ir_rule")
        with mute_logger(*loggers):
            response = self.url_open(f"/json/2/{model}/{method}", json=body, headers=headers)
        self.env.invalidate_all()
        return response

    # what each model's record looks like: values for a user, and a harmless change

    def _values(self, model, user):
        """Values of a record that belongs to a user."""
        name = f"{user.login} {next(self.counter)}"
        match model:
            case "crm.visit":
                return {
                    "partner_id": self.customer.id,
                    "method_id": self.method_callback.id,
                    "user_id": user.id,
                    "visitor_ids": [Command.set(user.ids)],
                }
            case "crm.visit.plan" | "crm.visit.report":
                return {"user_id": user.id, "visitor_ids": [Command.set(user.ids)]}
            case "crm.visit.plan.line":
                plan = self._own("crm.visit.plan", user)
                return {"plan_id": plan.id, "partner_id": self.customer.id}
            case "crm.visit.check":
                return {"visit_id": self._own("crm.visit", user).id, "name": name}
            case "crm.visit.answer":
                return {"visit_id": self._own("crm.visit", user).id, "question": name}
            case "crm.visit.attempt":
                return {"visit_id": self._own("crm.visit", user).id}
            case "crm.visit.change":
                return {
                    "visit_id": self._own("crm.visit", user).id,
                    "kind": "cancel",
                    "reason": name,
                    "user_id": user.id,
                }
            case "crm.visit.method.checklist" | "crm.visit.method.question":
                return {"method_id": self.method_phone.id, "name": name}
            case "crm.visit.cadence" | "crm.service.region" | "crm.service.department":
                return {"name": name}
            case _ if model.startswith(("crm.statistics.", "crm.rule.")):
                return self._statistics_values(model, user, name)
            case _ if model.startswith(("crm.grading.", "crm.grade.")):
                return self._grading_values(model, user, name)
            case _:
                return {"name": name, "code": name}

    def _statistics_values(self, model, user, name):
        day = date(2020, 1, 1) + timedelta(days=next(self.counter))
        report_type = self.env.ref("crm_service_base.statistics_type_evaluation")
        match model:
            case "crm.statistics.report.type":
                return {"name": name, "code": name}
            case "crm.statistics.report":
                return {
                    "type_id": report_type.id,
                    "date_from": day.isoformat(),
                    "date_to": day.isoformat(),
                    "user_id": user.id,
                }
            case "crm.statistics.request":
                department = self.env["crm.service.department"].create({"name": name})
                return {
                    "type_id": report_type.id,
                    "department_id": department.id,
                    "purpose": name,
                    "user_id": user.id,
                }
            case "crm.statistics.distribution":
                return {
                    "report_id": self._issued(user).id,
                    "partner_id": self.customer.id,
                    "how": "paper",
                }
            case "crm.statistics.correction":
                return {"report_id": self._issued(user).id, "reason": name, "user_id": user.id}
            case "crm.statistics.correction.line":
                correction = self._own("crm.statistics.correction", user)
                return {"correction_id": correction.id, "row_number": 1, "column_number": 1}
            case "crm.rule.announcement":
                return {"name": name, "change": name, "date_effective": day.isoformat()}
            case "crm.rule.acknowledgement":
                announcement = self._own("crm.rule.announcement", user)
                return {"announcement_id": announcement.id, "user_id": user.id}
            case _:
                return {}

    def _grading_values(self, model, user, name):
        match model:
            case "crm.grading.standard":
                return {"name": name, "user_id": user.id}
            case "crm.grading.criterion":
                return {
                    "standard_id": self._own("crm.grading.standard", user).id,
                    "weight": 1,
                    "name": name,
                }
            case "crm.grading.band":
                item = self._own("crm.grading.criterion", user)
                return {"criterion_id": item.id, "value_from": 1, "points": 1}
            case "crm.grading.level":
                standard = self._own("crm.grading.standard", user)
                return {"standard_id": standard.id, "score_from": 1, "grade_id": self.grade.id}
            case "crm.grading.cap":
                standard = self._own("crm.grading.standard", user)
                return {
                    "standard_id": standard.id,
                    "name": name,
                    "threshold": 1,
                    "grade_id": self.grade.id,
                }
            case "crm.grading.judgement":
                topic = self.env.ref("crm_grading.topic_prospects")
                return {
                    "partner_id": self.customer.id,
                    "topic_id": topic.id,
                    "value": 1,
                    "reason": name,
                    "user_id": user.id,
                }
            case "crm.grading.run":
                return {
                    "standard_id": self._own("crm.grading.standard", user).id,
                    "user_id": user.id,
                }
            case "crm.grading.score":
                run = self._own("crm.grading.run", user)
                return {
                    "run_id": run.id,
                    "company_id": self.company.id,
                    "partner_id": self.customer.id,
                    "date_to": str(run.date_to),
                }
            case "crm.grading.score.line":
                item = self._own("crm.grading.criterion", user)
                return {
                    "score_id": self._own("crm.grading.score", user).id,
                    "criterion_id": item.id,
                }
            case "crm.grade.declaration":
                return {"partner_id": self.customer.id, "user_id": user.id}
            case "crm.grade.history":
                partner = self.env["res.partner"].create({"name": name})
                return {"partner_id": partner.id, "grade_to_id": self.grade.id}
            case _:
                return {"name": name}

    def _issued(self, user):
        report = self._own("crm.statistics.report", user)
        figures = table("t", "T", [column("n", "N", "integer")], [[1]], is_summary=True)
        report.write({"state": "issued", "data": {"tables": [figures]}})
        return report

    CHANGES = {
        "crm.grade.declaration": {"note": "x"},
        "crm.grade.history": {"reason": "x"},
        "crm.grading.band": {"points": 2},
        "crm.grading.judgement": {"reason": "x"},
        "crm.grading.level": {"score_from": 2},
        "crm.grading.register": {"ref": "x"},
        "crm.grading.run": {"note": "x"},
        "crm.grading.score": {"note": "x"},
        "crm.grading.score.line": {"points": 2},
        "crm.rule.acknowledgement": {"date": "2026-01-01 00:00:00"},
        "crm.statistics.correction": {"reason": "x"},
        "crm.statistics.correction.line": {"value_after": "2"},
        "crm.statistics.distribution": {"purpose": "x"},
        "crm.statistics.figure": {"label": "x"},
        "crm.statistics.report": {"analysis": "x"},
        "crm.statistics.request": {"purpose": "x"},
        "crm.visit": {"note": "x"},
        "crm.visit.plan": {"note": "x"},
        "crm.visit.report": {"note": "x"},
        "crm.visit.plan.line": {"purpose": "x"},
        "crm.visit.check": {"is_done": True},
        "crm.visit.answer": {"answer": "x"},
        "crm.visit.attempt": {"note": "x"},
        "crm.visit.change": {"reason": "x"},
        "crm.visit.coverage": {"days_overdue": 1},
        "crm.service.contact": {"summary": "x"},
        "crm.approval.request": {"state": "approved"},
        "crm.approval.step": {"state": "approved"},
        "crm.approval.decision": {"comment": "x"},
        "crm.signature": {"name": "x"},
    }

    def _own(self, model, user):
        """A fresh record that belongs to a user, or the one there is of a read-only model."""
        if model == "crm.grading.register":
            return self.env[model].search([("partner_id", "=", self.customer.id)])
        if model in ("crm.visit.coverage", "crm.service.contact"):
            self._make_call(date_start=self.now)
            return self.env[model].search([], limit=1)
        if model == "crm.statistics.figure":
            report = self._issued(user)
            return self.env[model].search([("report_id", "=", report.id)])
        if model.startswith("crm.approval."):
            return self._evidence(model)
        if model == "crm.signature":
            return self._sign_on_phone(self._carry_out(self._make_call()))
        return self.env[model].create([self._values(model, user)])

    def _evidence(self, model):
        plan = self._make_plan()
        plan.action_approval_submit()
        request = plan.sudo().approval_request_id
        return {
            "crm.approval.request": request,
            "crm.approval.step": request.step_ids,
            "crm.approval.decision": request.decision_ids,
        }[model]

    def _try(self, role, model, operation):
        """:return: bool, whether the server did it"""
        user = self.users.get(role, self.author)
        change = self.CHANGES.get(model, {"name": "x"})
        if operation == "create":
            is_empty = "approval" in model or "cover" in model
            values = {} if is_empty else self._values_safe(model, user)
            return self._call(role, model, "create", vals_list=[values]).status_code == 200
        owner = self.author if operation in ("read", "write_other") else user
        record = self._own(model, owner)
        match operation:
            case "read":
                response = self._call(role, model, "read", ids=record.ids, fields=["id"])
            case "unlink_own":
                response = self._call(role, model, "unlink", ids=record.ids)
            case _:
                response = self._call(role, model, "write", ids=record.ids, vals=change)
        return response.status_code == 200

    def _values_safe(self, model, user):
        if model == "crm.signature":
            record = self._own(model, user)
            return {name: record[name] for name in ("res_model", "res_id", "name", "digest")}
        return {} if model == "crm.service.contact" else self._values(model, user)

    def test_the_matrix_is_what_the_server_does(self):
        wrong = defaultdict(list)
        for (model, role), operations in read_matrix().items():
            for operation, allowed in operations.items():
                if self._try(role, model, operation) != allowed:
                    wrong[model].append(f"{role} {operation}: {'refused' if allowed else 'done'}")
        self.assertFalse(wrong, "\n".join(f"{model}: {rows}" for model, rows in wrong.items()))

    def test_every_model_of_ours_is_in_the_matrix(self):
        listed = {model for model, _role in read_matrix()}
        ours = {
            name
            for name, model in self.env.registry.items()
            if model._original_module in ("crm_service_base", "crm_grading", "crm_visits")
            and not (model._abstract or model._transient)
        }
        routes = {"crm.approval.route", "crm.approval.route.step"}
        self.assertEqual(ours - routes, listed - routes)

    def test_every_model_with_a_company_has_a_company_rule(self):
        rules = self.env["ir.rule"].search([("groups", "=", False)])
        ruled = {rule.model_id.model for rule in rules if "company_id" in (rule.domain_force or "")}
        for name, model in self.env.registry.items():
            ours = model._original_module in ("crm_service_base", "crm_grading", "crm_visits")
            if ours and not (model._abstract or model._transient) and "company_id" in model._fields:
                self.assertIn(name, ruled)
