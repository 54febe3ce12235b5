"""What our addons cost on Odoo's own partners: each call here, and in a database without them."""

import os

from lxml import etree

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

COUNT = 80


def run(bench):
    with Registry(os.environ["STOCK_DATABASE"]).cursor() as cr:
        stock = api.Environment(cr, SUPERUSER_ID, dict(bench.env.context))
        compare(bench, Side(bench.env), Side(stock))
        cr.rollback()


def compare(bench, ours, floor):
    for name in (
        "create",
        "create_batch",
        "create_contacts",
        "write",
        "write_batch",
        "write_parent",
        "read",
        "list",
        "name_search",
        "form",
        "form_company",
    ):
        bench.compare(
            (getattr(Side, name).__doc__ or name).rstrip("."),
            ours=getattr(ours, name),
            floor=getattr(floor, name),
            floor_env=floor.env,
            limit=1.10,
            extra_queries=1,
            rounds=41,
        )

    # a request of its own after the form, so it is measured against the form
    bench.compare(
        Side.counters.__doc__,
        ours=ours.counters,
        floor=floor.form,
        floor_env=floor.env,
        limit=0.30,
        rounds=41,
    )


class Side:
    """The same calls, on the same partners, in one of the two databases."""

    def __init__(self, env):
        self.env = env(context={"lang": "zh_CN"})
        self.partners = self.env["res.partner"].create(
            [self.prepare(number) for number in range(2000)]
        )
        self.company = self.partners[0]
        self.contacts = self.env["res.partner"].create(
            [{**self.prepare(n), "parent_id": self.company.id, "type": "other"} for n in range(10)]
        )
        self.form_specification = specify(self.env, "form")
        self.list_specification = specify(self.env, "list")
        # A benchmark does not wait for the statistics that autovacuum gathers.
        self.env.flush_all()
        self.env.cr.execute("ANALYZE res_partner")

    @staticmethod
    def prepare(number):
        return {
            "name": f"Partner {number:05}",
            "is_company": number % 2 == 0,
            "phone": f"0931 {number:07}",
            "email": f"partner{number}@example.com",
            "city": "Lanzhou",
            "street": "Long Road 1",
        }

    def counters(self):
        """form: the numbers on its buttons, asked for when it is shown"""
        self.partners[1].get_crm_service_counts()

    def create(self):
        """create, one partner."""
        self.env["res.partner"].create(self.prepare(1))

    def create_batch(self):
        """create, a batch of 80."""
        self.env["res.partner"].create([self.prepare(number) for number in range(COUNT)])

    def create_contacts(self):
        """create, 80 contacts of one company."""
        self.env["res.partner"].create(
            [{"name": f"Contact {n}", "parent_id": self.company.id} for n in range(COUNT)]
        )

    def write(self):
        """write, one partner."""
        self.partners[1].write({"phone": "0931 7654321", "comment": "Changed"})

    def write_batch(self):
        """write, 80 partners."""
        self.partners[:COUNT].write({"comment": "Changed"})

    def write_parent(self):
        """write, a company with contacts: address and tax number."""
        self.company.write({"street": "Short Road 2", "vat": "CN91620000MA72", "city": "Tianshui"})

    def read(self):
        """read, 80 partners."""
        self.partners[:COUNT].read(["name", "email", "phone", "city", "parent_id", "user_id"])

    def list(self):
        """list, a page of 80 partners."""
        self.env["res.partner"].web_search_read(
            [("name", "like", "Partner")], self.list_specification, limit=COUNT
        )

    def name_search(self):
        """name_search."""
        self.env["res.partner"].name_search("Partner 000", limit=8)

    def form(self):
        """form, a partner without contacts."""
        self.partners[1].web_read(self.form_specification)

    def form_company(self):
        """form, a company with ten contacts."""
        self.company.web_read(self.form_specification)


def specify(env, kind, model="res.partner"):
    """What the web client asks for when it opens a view."""
    answer = env[model].get_views([(False, kind)])
    arch = etree.fromstring(answer["views"][kind]["arch"])
    return specify_node(env[model], arch)


def specify_node(model, node):
    specification = {}
    for element in node.iterchildren(etree.Element):
        if element.tag == "field" and element.get("name") in model._fields:
            name = element.get("name")
            specification[name] = specify_field(model, name, element)
        else:
            specification.update(specify_node(model, element))
    return specification


def specify_field(model, name, element):
    field = model._fields[name]
    if field.type == "many2one":
        return {"fields": {"display_name": {}}}
    if field.type in ("one2many", "many2many"):
        comodel = model.env[field.comodel_name]
        fields = {}
        for view in element.iterchildren(etree.Element):
            fields.update(specify_node(comodel, view))
        if not fields and element.get("widget") == "many2many_tags":
            fields = {"display_name": {}, "color": {}}
        return {"fields": fields, "limit": 40}
    return {}
