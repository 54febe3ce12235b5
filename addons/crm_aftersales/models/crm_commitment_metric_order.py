from odoo import api, fields, models
from odoo.tools import SQL


class CrmCommitmentMetric(models.Model):
    """What commitments can be measured by on service orders: installed within so many days.

    Calendar days of the company, days off included: what was asked for on a Monday and promised
    within three days is in time until the end of Thursday. They run from when the customer asked,
    or from when it wanted it, if that is later. An order counts once it was approved or somebody
    set off, in the month in which its last day lies.
    """

    _name = "crm.commitment.metric"
    _inherit = ["crm.commitment.metric"]

    method = fields.Selection(
        selection_add=[("install_share", "Share installed within a limit"), ("manual",)],
        ondelete={"install_share": "set default"},
    )

    @api.model
    def _get_limited_methods(self):
        return (*super()._get_limited_methods(), "install_share")

    @api.model
    def _get_methods_in_days(self):
        return (*super()._get_methods_in_days(), "install_share")

    def _query_install_share(self, item, start, end):
        """Installations whose last day passed in the period, or that were finished before it."""
        orders = self.env["crm.service.order"].sudo().with_company(item.company_id)
        found = orders._search(item.commitment_id._get_service_order_domain())
        return SQL(
            """
            SELECT due.date, o.case_id, NULL::integer AS clock_id, o.id AS order_id,
                   CASE WHEN o.date_done <= due.date THEN 100.0 ELSE 0 END AS value, 1 AS weight,
                   EXTRACT(EPOCH FROM COALESCE(o.date_done, %(now)s) - due.date) / 3600 AS late
              FROM crm_service_order o
         LEFT JOIN crm_installation_request r ON r.id = o.request_id
        CROSS JOIN LATERAL (
                SELECT (date_trunc('day', GREATEST(o.date_called, r.date_wanted)
                                          AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)
                        + make_interval(days => %(days)s, secs => -1)) AT TIME ZONE %(zone)s
                       AT TIME ZONE 'UTC' AS date) due
             WHERE o.company_id = %(company)s AND o.active AND o.kind = 'installation'
               AND o.state <> 'cancelled'
               AND (o.approval_state = 'approved' OR o.date_departed IS NOT NULL)
               AND due.date >= %(start)s AND due.date < %(end)s
               AND (o.date_done IS NOT NULL OR due.date < %(now)s)
               AND o.id IN %(found)s
            """,
            now=fields.Datetime.now(),
            zone=item.company_id._get_crm_timezone(),
            days=round(item.limit) + 1,
            company=item.company_id.id,
            start=start,
            end=end,
            found=found.subselect(),
        )
