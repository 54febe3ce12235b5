from odoo import models
from odoo.tools import SQL


class CrmGradingRun(models.Model):
    """The computing of a grading: three steps, each one SQL statement over all customers.

    Measured and weighed into a table that lasts as long as the transaction, kept as scores and
    their lines, written back to the customers whose computed grade changed.
    """

    _inherit = "crm.grading.run"

    def _compute_scores(self):
        """Grade; called under ``sudo`` on one draft that was checked."""
        self.ensure_one()
        if self.is_trial:
            self.baseline_id = self._get_trial_baseline()
        self.previous_id = self._get_previous()
        self.env.flush_all()
        table = self._measure()
        self._keep_scores(table)
        self._keep_lines(table)
        if not self.is_trial and self._is_latest():
            self._write_back(table)
        self.env.cr.execute(SQL("DROP TABLE %s", table))
        self.env.invalidate_all()
        self._finish()

    # ------------------------------------------------------------------ measuring

    def _measure(self):
        """One statement: every figure of every customer, its points, the total and the grade.

        :return: name of the table, as SQL
        """
        table = SQL.identifier(f"crm_grading_measured_{self.id}")
        self.env.cr.execute(
            SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", table, self._measured_query())
        )
        return table

    def _measured_query(self):
        items = list(self.standard_id.criterion_ids)
        caps = list(self.standard_id.cap_ids)
        ctes = [SQL("customers AS (%s)", self._customers_query()), *self._source_ctes()]
        ctes += [
            # OFFSET 0: each stage is computed once, not anew wherever the next ones name it
            SQL("figures AS (%s OFFSET 0)", self._figures_query(items, caps)),
            SQL("pointed AS (%s OFFSET 0)", self._pointed_query(items)),
            SQL("weighed AS (%s OFFSET 0)", self._weighed_query(items)),
            SQL("scaled AS (%s OFFSET 0)", self._scaled_query(items)),
            SQL("graded AS (%s OFFSET 0)", self._graded_query(caps)),
        ]
        return SQL("WITH %s %s", SQL(", ").join(ctes), self._final_query(caps))

    def _get_query_keys(self, item):
        return self.env["crm.grading.measure"]._get_query_keys(item, self._get_order_months())

    def _get_queries(self):
        """The queries of all items and caps, each once, with one of those that need it.

        :return: dict of key to (number, criterion or cap)
        """
        needed = {}
        for item in (*self.standard_id.criterion_ids, *self.standard_id.cap_ids):
            for key in self._get_query_keys(item):
                needed.setdefault(key, (len(needed), item))
        return needed

    def _source_ctes(self):
        """The queries by name: ``f0``, ``f1`` …"""
        measure = self.env["crm.grading.measure"]
        ids = self.partner_ids.commercial_partner_id.ids or None
        return [
            SQL(
                "%s AS (%s)",
                SQL.identifier(f"f{number}"),
                getattr(measure, f"_query_{key[0]}")(
                    measure._get_scope(self.company_id, self.date_to, key[1], ids), item
                ),
            )
            for key, (number, item) in self._get_queries().items()
        ]

    def _get_order_months(self):
        """The period that items about all orders share, so that orders are read once."""
        orders = self.standard_id.criterion_ids.filtered(
            lambda item: item.source in ("order_amount", "order_count", "profit")
        )
        return orders[:1].months or 3

    def _customers_query(self):
        """Who is graded, with the grade of today and what the grading before said.

        ``b0`` … are the figures before of the items that warnings look at.
        """
        ids = self.partner_ids.commercial_partner_id.ids
        watched = self._get_watched().values()
        return SQL(
            """
            SELECT p.id, p.user_id, p.crm_agreement_date AS agreement,
                   (p.crm_grade_id ->> %(company_key)s)::integer AS grade_id,
                   b.id AS before_id, b.total AS total_before,
                   b.grade_proposed_id AS grade_before_id%(columns)s
              FROM res_partner p
         LEFT JOIN crm_grading_score b ON b.partner_id = p.id AND b.run_id = %(previous)s
                   %(joins)s
             WHERE p.commercial_partner_id = p.id AND p.active
               AND p.crm_customer_type_id IS NOT NULL
               AND (p.company_id IS NULL OR p.company_id = %(company)s) AND %(chosen)s
            """,
            company_key=str(self.company_id.id),
            company=self.company_id.id,
            previous=self.previous_id.id or 0,
            columns=SQL().join(
                SQL(", %(name)s.value AS %(name)s", name=SQL.identifier(f"b{number}"))
                for number in watched
            ),
            joins=SQL().join(
                SQL(
                    " LEFT JOIN crm_grading_score_line %(name)s"
                    " ON %(name)s.score_id = b.id AND %(name)s.criterion_id = %(item)s",
                    name=SQL.identifier(f"b{number}"),
                    item=self.standard_id.criterion_ids[number].id,
                )
                for number in watched
            ),
            chosen=SQL("p.id IN %s", tuple(ids)) if ids else SQL("TRUE"),
        )

    def _figures_query(self, items, caps):
        """Customers beside the figures of all items and caps: ``v0``, ``v1`` …, ``w0`` …

        What stands beside figures (``g0`` …) and documents (``d0`` …) have the number of the query.
        """
        measure = self.env["crm.grading.measure"]
        queries = self._get_queries()
        columns = [SQL("c.*")]
        for prefix, group in (("v", items), ("w", caps)):
            for number, item in enumerate(group):
                aliases = [
                    SQL.identifier(f"f{queries[key][0]}") for key in self._get_query_keys(item)
                ]
                value = measure._value_sql(item, aliases, self.date_to)
                columns.append(SQL("%s AS %s", value, SQL.identifier(f"{prefix}{number}")))
        joins = []
        for key, (number, _item) in queries.items():
            alias = SQL.identifier(f"f{number}")
            figures = measure._figures_sql(key[0], alias)
            columns += [
                SQL("%s AS %s", figures, SQL.identifier(f"g{number}")),
                SQL("%s.docs AS %s", alias, SQL.identifier(f"d{number}")),
            ]
            joins.append(SQL("LEFT JOIN %(name)s ON %(name)s.partner_id = c.id", name=alias))
        return SQL("SELECT %s FROM customers c %s", SQL(", ").join(columns), SQL(" ").join(joins))

    def _pointed_query(self, items):
        """Points by each item's scale: ``r0`` …, NULL where the item is not rated."""
        columns = [
            SQL(
                "%s AS %s", self._points_sql(item, SQL.identifier(f"v{n}")), SQL.identifier(f"r{n}")
            )
            for n, item in enumerate(items)
        ]
        return SQL("SELECT f.*, %s FROM figures f", SQL(", ").join(columns))

    def _points_sql(self, item, value):
        if item.scale == "linear":
            return SQL(
                "CASE WHEN %(value)s IS NOT NULL THEN"
                " round(%(weight)s * least(greatest((%(value)s - %(zero)s) / %(span)s, 0), 1), 2)"
                " END",
                weight=self._number(item.weight),
                value=value,
                zero=self._number(item.value_zero),
                span=self._number(item.value_full - item.value_zero),
            )
        bands = [
            SQL(
                "WHEN %s >= %s THEN %s",
                value,
                self._number(band.value_from),
                self._number(band.points),
            )
            for band in item.band_ids.sorted("value_from", reverse=True)
        ]
        return SQL("CASE WHEN %s IS NULL THEN NULL %s ELSE 0 END", value, SQL(" ").join(bands))

    def _number(self, value):
        """A figure of the standard as SQL counts it: exact, with two digits."""
        return SQL("%s::numeric", f"{value:.2f}")

    def _weighed_query(self, items):
        """How many points of the standard are rated at all."""
        parts = [
            SQL(
                "CASE WHEN %s IS NULL THEN 0 ELSE %s END",
                SQL.identifier(f"r{n}"),
                self._number(item.weight),
            )
            for n, item in enumerate(items)
        ]
        return SQL("SELECT p.*, %s AS rated FROM pointed p", SQL(" + ").join(parts))

    def _scaled_query(self, items):
        """Points that count, ``p0`` …, by the rule for missing data, and their sum."""
        points = [SQL("coalesce(%s, 0)", SQL.identifier(f"r{n}")) for n in range(len(items))]
        total = SQL(" + ").join(points)
        factor, graded = SQL("1"), SQL("TRUE")
        if self.standard_id.missing_rule == "rescale":
            graded = SQL(
                "(rated > 0 AND rated >= %s)", self._number(self.standard_id.rated_weight_min)
            )
            factor = SQL("CASE WHEN %s THEN 100 / rated ELSE 1 END", graded)
            points, total = self._rescaled_sql(points)
        elif self.standard_id.missing_rule == "none":
            graded = SQL("rated >= 100")
        columns = [SQL("%s AS %s", sql, SQL.identifier(f"p{n}")) for n, sql in enumerate(points)]
        return SQL(
            "SELECT w.*, %(columns)s, %(total)s AS total, %(graded)s AS graded"
            " FROM (SELECT w.*, %(factor)s AS factor FROM weighed w) w",
            columns=SQL(", ").join(columns),
            total=total,
            factor=factor,
            graded=graded,
        )

    def _rescaled_sql(self, points):
        """Points and their sum times ``factor``.

        Rounded as differences of rounded sums: the lines add up to the total to the last digit,
        and nobody has more than 100.
        """
        sums = [
            SQL("round((%s) * factor, 2)", SQL(" + ").join(points[: number + 1]))
            for number in range(len(points))
        ]
        rescaled = [
            SQL("%s - %s", upto, before) for before, upto in zip(sums, sums[1:], strict=False)
        ]
        return [*sums[:1], *rescaled], sums[-1]

    # ------------------------------------------------------------------ grading

    def _get_levels(self):
        """Thresholds from the best grade to the lowest."""
        return self.standard_id.level_ids.sorted(lambda level: level.grade_id.rank)

    def _graded_query(self, caps):
        """The place of the grade by total (``place``), and the lowest that a cap allows."""
        levels = self._get_levels()
        places = [
            SQL("WHEN %s THEN %s", level.grade_id.id, number) for number, level in enumerate(levels)
        ]
        steps = [
            SQL(
                "WHEN total >= least(100, %(limit)s + CASE WHEN held > %(number)s THEN %(margin)s"
                " WHEN held = %(number)s THEN -%(margin)s ELSE 0 END) THEN %(number)s",
                limit=self._number(level.score_from),
                number=number,
                margin=self._number(self.standard_id.margin),
            )
            for number, level in enumerate(levels[:-1])
        ]
        place = SQL("%s", len(levels) - 1)
        if steps:
            place = SQL("CASE %s ELSE %s END", SQL(" ").join(steps), place)
        held = [self._cap_sql(cap, number) for number, cap in enumerate(caps)]
        return SQL(
            "SELECT s.*, CASE WHEN graded THEN %(place)s END AS place, %(cap)s AS cap_place"
            " FROM (SELECT s.*, CASE s.grade_id %(places)s END AS held FROM scaled s) s",
            place=place,
            places=SQL(" ").join(places),
            cap=SQL("greatest(%s)", SQL(", ").join(held)) if held else SQL("NULL::integer"),
        )

    def _cap_sql(self, cap, number):
        """The place a cap holds a customer at, NULL where it does not apply."""
        value = SQL.identifier(f"w{number}")
        operator = SQL(">=") if cap.operator == ">=" else SQL("<=")
        grades = list(self._get_levels().grade_id)
        return SQL(
            "CASE WHEN %s %s %s THEN %s END",
            value,
            operator,
            self._number(cap.threshold),
            grades.index(cap.grade_id),
        )

    def _final_query(self, caps):
        """Grade, cap and movement; a place of NULL has no grade."""
        levels = self._get_levels()
        grades, ranks = (
            SQL(" ").join(
                SQL("WHEN %s THEN %s", number, level.grade_id[name])
                for number, level in enumerate(levels)
            )
            for name in ("id", "rank")
        )
        applied = SQL(" ").join(
            SQL("WHEN cap_place > place AND %s = cap_place THEN %s", self._cap_sql(cap, n), cap.id)
            for n, cap in enumerate(caps)
        )
        return SQL(
            """
            SELECT g.*, nextval('crm_grading_score_id_seq') AS score_id,
                   CASE WHEN place IS NOT NULL
                        THEN CASE greatest(place, cap_place) %(grades)s END END AS proposed_id,
                   %(cap)s AS cap_id,
                   CASE WHEN place IS NULL THEN 'none'
                        WHEN rank_before IS NULL THEN 'new'
                        WHEN %(rank)s < rank_before THEN 'up'
                        WHEN %(rank)s > rank_before THEN 'down'
                        ELSE 'same' END AS movement,
                   %(warn_score)s AS warn_score, %(warn_orders)s AS warn_orders,
                   %(warn_payments)s AS warn_payments
              FROM (SELECT g.*, before.rank AS rank_before
                      FROM graded g
                 LEFT JOIN crm_customer_grade before ON before.id = g.grade_before_id) g
            """,
            grades=grades,
            rank=SQL("CASE greatest(place, cap_place) %s END", ranks),
            cap=SQL("CASE %s END", applied) if caps else SQL("NULL::integer"),
            **self._warnings_sql(),
        )

    def _get_watched(self):
        """The items whose figures are compared with the grading before.

        :return: dict of warning to number of the item
        """
        standard = self.standard_id
        if not self._is_continued():
            return {}
        sources = standard.criterion_ids.mapped("source")
        orders = next((s for s in ("order_amount", "invoice_amount") if s in sources), None)
        watched = {
            "warn_orders": orders if standard.warning_orders else None,
            "warn_payments": "days_late" if standard.warning_days else None,
        }
        return {
            warning: sources.index(source)
            for warning, source in watched.items()
            if source in sources
        }

    def _is_continued(self):
        """Whether the grading before was by the same standard, so that warnings can be given."""
        return not self.is_trial and self.previous_id.standard_id == self.standard_id

    def _warnings_sql(self):
        """Conditions of the early warnings."""
        standard = self.standard_id
        warnings = dict.fromkeys(("warn_score", "warn_orders", "warn_payments"), SQL("FALSE"))
        if self._is_continued() and standard.warning_points:
            warnings["warn_score"] = SQL(
                "coalesce(total_before - total >= %s, FALSE)", self._number(standard.warning_points)
            )
        conditions = {
            "warn_orders": (
                "coalesce(%(before)s > 0 AND %(now)s <= %(before)s * (1 - %(limit)s / 100), FALSE)",
                standard.warning_orders,
            ),
            "warn_payments": (
                "coalesce(%(now)s - %(before)s >= %(limit)s, FALSE)",
                standard.warning_days,
            ),
        }
        for warning, number in self._get_watched().items():
            condition, limit = conditions[warning]
            warnings[warning] = SQL(
                condition,
                before=SQL.identifier(f"b{number}"),
                now=SQL.identifier(f"v{number}"),
                limit=self._number(limit),
            )
        return warnings

    # ------------------------------------------------------------------ keeping

    def _keep_scores(self, table):
        """One INSERT of all scores."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_grading_score (
                    id, run_id, partner_id, user_id, total, total_before, total_change,
                    rated_weight, grade_current_id, grade_before_id, grade_proposed_id, cap_id,
                    movement, is_change, is_warning, is_score_falling, is_orders_falling,
                    is_payment_later)
                SELECT score_id, %(run)s, id, user_id, total, total_before,
                       CASE WHEN before_id IS NOT NULL THEN total - total_before END, rated,
                       grade_id, grade_before_id, proposed_id, cap_id, movement,
                       proposed_id IS NOT NULL AND proposed_id IS DISTINCT FROM grade_id,
                       warn_score OR warn_orders OR warn_payments, warn_score, warn_orders,
                       warn_payments
                  FROM %(table)s
                """,
                run=self.id,
                table=table,
            )
        )

    def _keep_lines(self, table):
        """One INSERT of the lines of all scores, with the documents behind them."""
        measure = self.env["crm.grading.measure"]
        queries = self._get_queries()
        rows = []
        for number, item in enumerate(self.standard_id.criterion_ids):
            query = queries[self._get_query_keys(item)[-1]][0]
            columns = [f"{prefix}{number}" for prefix in "vrp"] + [f"g{query}", f"d{query}"]
            rows.append(
                SQL(
                    "(%s, %s, %s, %s::date, %s)",
                    item.id,
                    number,
                    self._number(item.weight),
                    measure._get_scope(self.company_id, self.date_to, item.months).date_from,
                    SQL(", ").join(map(SQL.identifier, columns)),
                )
            )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_grading_score_line (
                    score_id, criterion_id, sequence, weight, date_from, value, is_rated,
                    points_scale, points, figures, documents)
                SELECT t.score_id, l.criterion, l.sequence, l.weight, l.date_from, l.value,
                       l.scaled IS NOT NULL, l.scaled, l.points, l.figures, l.documents
                  FROM %(table)s t
            CROSS JOIN LATERAL (VALUES %(rows)s) AS l (criterion, sequence, weight, date_from,
                                                       value, scaled, points, figures, documents)
                """,
                table=table,
                rows=SQL(", ").join(rows),
            )
        )

    def _write_back(self, table):
        """The computed grade stands with the customer; only where it changed."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner p
                   SET crm_grade_computed_id = coalesce(p.crm_grade_computed_id, '{}')
                       || jsonb_build_object(%(company)s::text, t.proposed_id)
                  FROM %(table)s t
                 WHERE t.id = p.id AND t.proposed_id IS DISTINCT FROM
                       (p.crm_grade_computed_id ->> %(company)s)::integer
                """,
                company=str(self.company_id.id),
                table=table,
            )
        )
