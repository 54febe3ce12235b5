from odoo.http import request

from odoo.addons.survey.controllers.main import Survey


class CrmSurvey(Survey):
    """Questionnaires of customer service on the pages of Surveys.

    Whoever opened one goes on in it: the customer with the link, or the colleague who types in
    what the customer says; nobody else, and nobody after its time.
    """

    def _check_validity(
        self, survey_sudo, answer_sudo, answer_token, ensure_token=True, check_partner=True
    ):
        form = answer_sudo._get_crm_survey() if answer_sudo else None
        if form and answer_sudo.state != "done":
            if not form._can_answer_here(request.env.user):
                return "answer_wrong_user"
            if not form._is_fillable_now():
                return "answer_deadline"
        return super()._check_validity(
            survey_sudo,
            answer_sudo,
            answer_token,
            ensure_token=ensure_token,
            # several people of a customer read its mail
            check_partner=check_partner and not form,
        )
