from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, frozendict, ormcache

KINDS = [
    ("inquiry", "Inquiry"),
    ("request", "Request"),
    ("suggestion", "Suggestion"),
    ("complaint", "Complaint"),
    ("praise", "Praise"),
]
CHANNELS = [
    ("phone", "Hotline"),
    ("email", "E-mail"),
    ("portal", "Portal"),
    ("chat", "Live Chat"),
    ("wechat", "WeChat"),
    ("qq", "QQ"),
    ("visit", "Visit"),
    ("letter", "Letter"),
    ("social", "Social Media"),
    ("other", "Other"),
]
URGENCIES = [("0", "Normal"), ("1", "Urgent"), ("2", "Very Urgent")]
CASE_STATES = [
    ("open", "Open"),
    ("solved", "Solved"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]
# What happens to a case; the clocks start, pause and stop on it. See _record_event.
EVENTS = (
    "opened",  # registered
    "answered",  # something went out to the customer: a message, a call that was noted
    "written",  # something came in from the customer
    "referred",  # the complaint form went to a department
    "department_answered",  # its head answered with measures
    "raised",  # became major
    "reported",  # the head was told of it
    "proposed",  # the customer was told a solution
    "agreed",  # the customer agreed to it
    "waiting",  # the stage says what is waited for, or that nothing is any more
    "arrived",  # somebody is on site
    "solved",
    "reopened",
    "called_back",
    "closed",
    "cancelled",
)


class CrmServiceCase(models.Model):
    """Whatever asks something of the company: inquiry, request, suggestion, complaint, praise.

    ``state`` is the case's legal life and moves with the buttons; ``stage_id`` is where work
    stands and is dragged. A stage belongs to a state: dragging a case into a stage of a later
    state does what the button does, with the same checks (D6.R1).
    """

    _name = "crm.service.case"
    _description = "Service Case"
    _inherit = [
        "crm.service.mixin",
        "portal.mixin",
        "rating.mixin",
        "mail.thread.cc",
        "mail.activity.mixin",
        "crm.import.template.mixin",
    ]
    _order = "urgency desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "subject"]
    _mail_post_access = "read"
    _primary_email = "email"

    subject = fields.Char(required=True, index="trigram")
    kind = fields.Selection(KINDS, required=True, default="inquiry", tracking=True)
    channel = fields.Selection(CHANNELS, required=True, default="phone")
    urgency = fields.Selection(URGENCIES, required=True, default="0")
    description = fields.Text(help="What the customer said, in the customer's words.")
    category_id = fields.Many2one("crm.case.category", index="btree_not_null", ondelete="restrict")
    product_id = fields.Many2one(
        "product.product", index="btree_not_null", ondelete="restrict", check_company=True
    )
    order_id = fields.Many2one(
        "sale.order", index="btree_not_null", ondelete="restrict", check_company=True
    )

    # who; the customer may be unknown at first
    commercial_partner_id = fields.Many2one(index=False)  # see _customer_idx
    contact_name = fields.Char(compute="_compute_contact_name", store=True, readonly=False)
    phone = fields.Char(compute="_compute_phone", store=True, readonly=False, index="trigram")
    email = fields.Char(compute="_compute_email", store=True, readonly=False, index="trigram")
    team_id = fields.Many2one(
        "crm.service.team",
        default=lambda self: self._default_team(),
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    # computed after the record was made, with its deadlines: one statement writes both
    department_id = fields.Many2one(precompute=False)
    user_id = fields.Many2one(
        default=lambda self: self._default_owner(),
        help="Owns the case until it is solved, or until a colleague accepts it.",
    )
    first_responder_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Whoever the customer spoke to first owns the case, or hands it over with a record.",
    )

    # where it stands
    state = fields.Selection(CASE_STATES, required=True, default="open", readonly=True, copy=False)
    stage_id = fields.Many2one(
        "crm.service.case.stage",
        default=lambda self: self._get_stage("open"),
        required=True,
        copy=False,
        ondelete="restrict",
        tracking=True,
        group_expand="_read_group_stage_id",
    )
    date_opened = fields.Datetime(
        "Received On",
        required=True,
        default=lambda self: fields.Datetime.now(),
        copy=False,
        index=True,
        help="When the customer turned to us; may be earlier than when it was written down.",
    )
    date_solved = fields.Datetime("Solved On", readonly=True, copy=False)
    solved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_closed = fields.Datetime("Closed On", readonly=True, copy=False, index="btree_not_null")
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    reopen_count = fields.Integer("Reopened", readonly=True, copy=False)
    solution = fields.Text(help="What was done about it, as the customer is told.")
    is_history = fields.Boolean(
        "Old Record", copy=False, help="From before this system, taken in with its own dates."
    )
    is_editable = fields.Boolean(compute="_compute_is_editable")

    # a complaint
    validity = fields.Selection(
        [("pending", "To Judge"), ("valid", "Valid"), ("invalid", "Not Valid")],
        default="pending",
        required=True,
        tracking=True,
    )
    severity = fields.Selection(
        [("minor", "Minor"), ("major", "Major")], default="minor", required=True, tracking=True
    )

    fault = fields.Selection(
        [("open", "To Clarify"), ("own", "Our Fault"), ("not_own", "Not Our Fault")],
        default="open",
        required=True,
        help="Where it was not our fault, no word of apology is said (C1.R9).",
    )
    cause_id = fields.Many2one("crm.case.cause", index="btree_not_null", ondelete="restrict")

    # as the search writes it: a plain "active" would not be found
    _board_idx = models.Index("(stage_id, urgency DESC, id DESC) WHERE active IS TRUE")
    # counts the columns of the board without reading the cases
    _alive_idx = models.Index(
        "(company_id, stage_id) WHERE active IS TRUE AND state IN ('open', 'solved')"
    )
    _customer_idx = models.Index("(commercial_partner_id, date_opened DESC)")

    # ------------------------------------------------------------------ defaults

    @api.model
    def _default_team(self):
        """The team one works in, else the first of the company."""
        teams = self.env["crm.service.team"]
        own = [("member_ids", "in", self.env.uid), ("company_id", "=", self.env.company.id)]
        return teams.search(own, limit=1) or teams.search(own[1:], limit=1)

    @api.model
    def _default_owner(self):
        """Staff own what they register; what comes in by itself waits for an owner."""
        user = self.env.user
        return user.browse() if user._is_superuser() or user.share else user

    @api.model
    def _get_stage(self, state, team=None):
        """The first stage of a state.

        :param str state: of the case
        :param team: ``crm.service.team`` whose stages count, or None
        :return: ``crm.service.case.stage``
        """
        stages = self.env["crm.service.case.stage"].sudo()
        return stages.browse(stages._find(state, team.id if team else False) or [])

    # ------------------------------------------------------------------ computes

    @api.depends("partner_id")
    def _compute_contact_name(self):
        self._take_from_partner("contact_name", "name")

    @api.depends("partner_id")
    def _compute_phone(self):
        self._take_from_partner("phone", "phone")

    @api.depends("partner_id")
    def _compute_email(self):
        self._take_from_partner("email", "email")

    def _take_from_partner(self, name, source):
        """What the customer's record does not know stays as it was."""
        for partner, cases in self.grouped("partner_id").items():
            if value := partner[source]:
                cases[name] = value
            else:
                for case in cases:
                    case[name] = case[name]

    @api.depends("user_id", "company_id", "team_id")
    def _compute_department_id(self):
        super()._compute_department_id()
        for case in self.filtered(lambda case: not case.department_id):
            case.department_id = case.team_id.department_id

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for case in self:
            case.display_name = " · ".join(filter(None, [case.name, case.subject]))

    @api.depends("state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_editable(self):
        """Whose fields and buttons the forms show; the server checks again."""
        allowed = self._origin._filtered_access("write")
        for case in self:
            saved = case._origin
            is_alive = case.state in (False, "open", "solved")
            case.is_editable = is_alive and (not saved or saved in allowed)

    @api.model
    def _read_group_stage_id(self, stages, domain):
        """Empty stages are columns too."""
        shared = Domain("team_ids", "=", False)
        if team_id := self.env.context.get("default_team_id"):
            shared |= Domain("team_ids", "in", team_id)
        return stages.search(shared | Domain("id", "in", stages.ids))

    @api.constrains("date_opened")
    def _check_date_opened(self):
        limit = fields.Datetime.add(fields.Datetime.now(), minutes=5)
        for case in self:
            if case.date_opened > limit:
                raise ValidationError(
                    self.env._("Case %s: nothing is received in the future.", case.name)
                )

    # ------------------------------------------------------------------ create, write, delete

    @api.model
    def _get_server_fields(self):
        """Fields that only the buttons and the server write; an addon adds its own.

        :return: dict of field name to the value a new case starts with
        """
        return {
            "state": "open",
            "first_responder_id": self._default_owner().id,
            "reopen_count": 0,
            "rating_last_value": 0,
            **dict.fromkeys(("date_solved", "solved_by_id", "date_closed", "closed_by_id"), False),
        }

    @api.model
    def _get_open_fields(self):
        """Fields that may be written of a closed case: its log, activities, rating, archiving.

        :return: set of field names
        """
        mixins = set()
        for name in ("mail.thread.cc", "mail.activity.mixin", "rating.mixin", "portal.mixin"):
            mixins |= self.env[name]._fields.keys()
        return mixins - self.env["base"]._fields.keys() | {"active"}

    @api.model
    @ormcache("bool(self._default_owner())")
    def _get_empty_fields(self):
        """Server fields that a new case leaves out, which is faster than saying they are empty."""
        numbers = ("boolean", "integer", "float", "monetary")  # where statements expect a value
        return frozenset(
            name
            for name, value in self._get_server_fields().items()
            if not value and self._fields[name].type not in numbers
        )

    @api.model
    @ormcache("self._default_owner().id")
    def _get_initial_values(self):
        """What the server writes into a new case, apart from what it leaves out."""
        empty = self._get_empty_fields()
        values = self._get_server_fields()
        return frozendict({name: values[name] for name in values.keys() - empty})

    @api.model
    def default_get(self, fields):
        """Neither context nor user defaults fill what the server writes."""
        empty = self._get_empty_fields()
        return super().default_get([name for name in fields if name not in empty])

    @api.model_create_multi
    def create(self, vals_list):
        initial, empty = self._get_initial_values(), self._get_empty_fields()
        if not self.env.su:
            vals_list = [
                {name: value for name, value in vals.items() if name not in empty} | initial
                for vals in vals_list
            ]
        else:
            vals_list = [{**initial, **vals} for vals in vals_list]
        vals_list = self._add_defaults(vals_list)
        if not self.env.su:
            self._begin_open(vals_list)
        # who registered it and when is on the case itself: no message says it again, and there are
        # no values of before that a message could tell
        quiet = self.with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True, mail_notrack=True
        )
        cases = super(CrmServiceCase, quiet).create(vals_list).with_env(self.env)
        cases._subscribe_author()
        # nobody rated it yet: that needs no look at the ratings
        self.env.remove_to_compute(self._fields["rating_last_value"], cases)
        cases.filtered(lambda case: not case.is_history)._record_event("opened")
        return cases

    @api.model
    def _add_defaults(self, vals_list):
        """Defaults that ask the database, looked up once for all records."""
        names = [
            name
            for name in ("company_id", "team_id", "stage_id", "user_id")
            if any(name not in vals for vals in vals_list)
        ]
        defaults = self.default_get(names) if names else {}
        return [{**defaults, **vals} for vals in vals_list]

    def _subscribe_author(self):
        """Whoever registers cases follows them, as everywhere; a batch with one statement."""
        user, context = self.env.user, self.env.context
        is_wanted = not (context.get("mail_create_nosubscribe") or context.get("tracking_disable"))
        if not is_wanted or not user.active or user.share:
            return
        subtypes = self.env["mail.message.subtype"].default_subtypes(self._name)[0]
        self.env.execute_query(
            SQL(
                """
                WITH follower AS (
                     INSERT INTO mail_followers (res_model, res_id, partner_id)
                     SELECT %s, id, %s FROM unnest(%s) AS id
                         ON CONFLICT DO NOTHING
                  RETURNING id)
                INSERT INTO mail_followers_mail_message_subtype_rel
                       (mail_followers_id, mail_message_subtype_id)
                SELECT follower.id, subtype FROM follower, unnest(%s) AS subtype
                """,
                self._name,
                user.partner_id.id,
                self.ids,
                subtypes.ids,
            )
        )
        self.invalidate_recordset(["message_follower_ids", "message_partner_ids"], flush=False)

    @api.model
    @ormcache()
    def _get_company_checked_fields(self):
        """:return: frozenset of the names of the links whose company has to be the case's"""
        return frozenset(
            name for name, field in self._fields.items() if field.relational and field.check_company
        )

    def _check_company(self, fnames=None):
        """Of cases with the same values one is enough; one's own companies are known."""
        cases, user = self.sudo(), self.env.user
        names = set(self._get_company_checked_fields())
        if fnames and "company_id" not in fnames:
            names.intersection_update(fnames)
        if cases.user_id <= user and set(cases.company_id.ids) <= set(user._get_company_ids()):
            names.discard("user_id")
        own = cases.company_id
        names = [name for name in names if cases[name]]  # which fills the cache
        if len(own) == 1:
            names = [name for name in names if cases[name].company_id - own]
        columns = [
            map(self._fields[name]._get_cache(self.env).get, self._ids)
            for name in ("company_id", *names)
        ]
        examples = dict(zip(zip(*columns, strict=True), self._ids, strict=True))
        return super(CrmServiceCase, self.browse(examples.values()))._check_company(names)

    @api.model
    def _begin_open(self, vals_list):
        """New cases stand in a stage of open ones, whatever values or context say."""
        kinds = self.env["crm.service.case.stage"]._get_kinds()
        for vals in vals_list:
            if kinds.get(vals.get("stage_id"), ("open",))[0] != "open":
                vals["stage_id"] = self._get_stage("open").id

    def write(self, vals):
        if not self.env.su:
            self._check_case_write(vals)
        if "stage_id" in vals and "state" not in vals:  # only the server writes a state
            self._follow_stage(self.env["crm.service.case.stage"].browse(vals["stage_id"]))
        return super().write(vals)

    def _check_case_write(self, vals):
        """:raise AccessError: a field of the server's; :raise UserError: a closed case"""
        if self._get_server_fields().keys() & vals.keys():
            raise AccessError(self.env._("A case is solved, reopened and closed with its buttons."))
        if "date_opened" in vals and not self._is_supervisor():
            raise AccessError(
                self.env._(
                    "Only a supervisor changes when a case was received: clocks run from it."
                )
            )
        if not self._get_open_fields().issuperset(vals):
            ended = self.sudo().filtered(lambda case: case.state in ("closed", "cancelled"))
            if ended:
                raise UserError(
                    self.env._("Case %s is closed. Reopen it, or open a new one.", ended[0].name)
                )

    def _follow_stage(self, stage):
        """The checks and effects of the state a stage belongs to, before cases get there.

        :raise UserError: the state cannot be reached by dragging
        """
        moved = self.sudo().filtered(lambda case: case.state != stage.state).with_env(self.env)
        if stage.state == "solved":
            moved._check_state(("open",), self.env._("solved"))
            moved._solve()
        elif stage.state == "closed":
            moved._check_state(("solved",), self.env._("closed"))
            moved._close()
        elif moved:
            raise UserError(self.env._("Press “Reopen” on case %s and say why.", moved[0].name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        raise UserError(
            self.env._(
                "Cases are not deleted: the files are kept for years. Cancel what is no case, or "
                "merge what came twice."
            )
        )

    def _is_supervisor(self):
        return self.env.user.has_group("crm_service_base.group_supervisor")

    # ------------------------------------------------------------------ what happens to a case

    def _record_event(self, event, date=None, message=None):
        """Something happened to these cases; the clocks listen here.

        :param str event: one of ``EVENTS``
        :param datetime date: when it really happened, UTC; now if None
        :param message: ``mail.message`` that proves it, or None
        """

    def _check_state(self, states, done):
        for case in self.sudo():
            if case.state not in states:
                raise UserError(
                    self.env._(
                        "Case %(case)s is “%(state)s” and cannot be %(done)s.",
                        case=case.name,
                        state=dict(self._fields["state"]._description_selection(self.env))[
                            case.state
                        ],
                        done=done,
                    )
                )

    def action_solve(self):
        """Note that the matter is solved; the solution says how.

        :raise UserError: not open, or something is missing
        """
        self.check_access("write")
        self._check_state(("open",), self.env._("solved"))
        self._solve()
        for case in self.sudo():
            case.stage_id = case._get_stage("solved", case.team_id)

    def _solve(self):
        self._check_solve()
        now = fields.Datetime.now()
        self.sudo().write({"state": "solved", "date_solved": now, "solved_by_id": self.env.uid})
        self._record_event("solved", now)

    def _check_solve(self):
        """Refuse cases that are not complete; an addon extends it.

        :raise UserError: a sentence that names what is missing
        """
        for case in self:
            if not (case.solution or "").strip():
                raise UserError(
                    self.env._("Write into “Solution” what was done about case %s.", case.name)
                )

    def action_close(self):
        """Close solved cases; nothing of them changes afterwards.

        :raise UserError: not solved, or something is missing
        """
        self.check_access("write")
        self._check_state(("solved",), self.env._("closed"))
        self._close()
        for case in self.sudo():
            case.stage_id = case._get_stage("closed", case.team_id)

    def _close(self):
        self._check_close()
        now = fields.Datetime.now()
        self.sudo().write({"state": "closed", "date_closed": now, "closed_by_id": self.env.uid})
        self._record_event("closed", now)

    def _check_close(self):
        """Refuse cases that are not finished; an addon extends it.

        :raise UserError: a sentence that names what is missing
        """

    def action_reopen(self):
        """Ask why, then open the cases again."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reopen"),
            "res_model": "crm.service.case.reopen",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_ids": self.ids},
        }

    def _reopen(self, reason):
        """Open solved or closed cases again; the log keeps why.

        :param str reason: in words, needed
        :raise AccessError: a closed case, and the user is no supervisor
        :raise UserError: the reason is missing, or a case is open
        """
        self.check_access("write")
        self._check_state(("solved", "closed"), self.env._("reopened"))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the case is opened again."))
        is_closed = any(case.state == "closed" for case in self.sudo())
        if is_closed and not (self.env.su or self._is_supervisor()):
            raise AccessError(
                self.env._("Closed cases are reopened by a supervisor. Open a new one instead.")
            )
        initial = self._get_reopen_values()
        for case in self.sudo():
            case.write(
                {
                    **initial,
                    "stage_id": case._get_stage("open", case.team_id).id,
                    "reopen_count": case.reopen_count + 1,
                }
            )
            case._message_log(body=self.env._("Reopened: %s", reason))
        self._record_event("reopened")

    @api.model
    def _get_reopen_values(self):
        """What a reopened case forgets; an addon adds its own."""
        return {
            "state": "open",
            **dict.fromkeys(("date_solved", "solved_by_id", "date_closed", "closed_by_id"), False),
        }

    def action_assign_to_me(self):
        """Take cases that nobody owns.

        :raise UserError: somebody owns it already
        """
        self.check_access("write")
        for case in self.sudo():
            if case.user_id:
                raise UserError(
                    self.env._(
                        "Case %(case)s is with %(owner)s: ask for a hand-over.",
                        case=case.name,
                        owner=case.user_id.name,
                    )
                )
        self.sudo().write({"user_id": self.env.uid})
        for case in self.sudo().filtered(lambda case: not case.first_responder_id):
            case.first_responder_id = self.env.user

    def _can_file(self):
        return super()._can_file() and self.state in ("closed", "cancelled")
