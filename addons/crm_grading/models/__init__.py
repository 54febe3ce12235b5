from . import (
    crm_relationship_budget,
    crm_relationship_evaluation,
    crm_relationship_figure,
    crm_relationship_information,
    crm_relationship_judgement,
    crm_relationship_measure,
    crm_relationship_plan,
    crm_relationship_report,
    crm_relationship_report_line,
    crm_relationship_requirement,
    res_partner_relationship,
)
