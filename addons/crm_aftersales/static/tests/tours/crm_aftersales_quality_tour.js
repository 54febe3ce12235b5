import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const fitsTheScreen = {
    content: "nothing is wider than the phone",
    trigger: "body",
    run() {
        const width = document.documentElement.clientWidth;
        if (width > 400 || document.documentElement.scrollWidth > width) {
            throw new Error(`${document.documentElement.scrollWidth} px on a screen of ${width}`);
        }
    },
};

/** The column of a grade: 1 is the best. */
const grade = (item, column) => ({
    content: `${item}: ${column}`,
    trigger: `.o_crm_survey_matrix tr:contains(${item}) td:nth-of-type(${column})`,
    run: "click",
});

tours.add("crm_aftersales_campaign_start", {
    steps: () => [
        { trigger: ".o_data_row .o_data_cell:contains(春季售后)", run: "click" },
        { trigger: ".o_field_widget[name=topic_id] input:value(售后服务)" },
        { trigger: "button[name=action_start]:contains(开始)", run: "click" },
        { trigger: ".o_arrow_button_current:contains(进行中)" },
        { trigger: "button[name=action_open_surveys]", run: "click" },
        { trigger: ".o_data_row:contains(Lanzhou Optics)" },
    ],
});

tours.add("crm_aftersales_survey_answer", {
    steps: () => [
        fitsTheScreen,
        { trigger: "[name=opinion]:contains(售后服务)" },
        { trigger: "button[name=start]:contains(开始填写)", run: "click", expectUnloadPage: true },
        { trigger: ".o_crm_survey_matrix .o_crm_survey_grade:contains(非常不满意)" },
        fitsTheScreen,
        grade("联系渠道便捷", 1),
        grade("响应速度", 4),
        grade("技术水平", 2),
        grade("服务态度", 2),
        grade("处理结果", 3),
        grade("收费合理", 1),
        { trigger: "textarea", run: "edit 打了三次电话才有人接" },
        { trigger: "button[value=finish]", run: "click" },
        { trigger: ".modal .modal-footer button.btn-primary", run: "click" },
        { trigger: ".o_survey_finished:contains(谢谢)" },
        fitsTheScreen,
    ],
});

tours.add("crm_aftersales_survey_follow_up", {
    steps: () => [
        { trigger: ".o_field_widget[name=line_ids] .o_data_row:contains(响应速度):contains(不满意)" },
        { trigger: ".o_field_widget[name=comment]:contains(打了三次)" },
        { trigger: "button[name=action_open_follow_up]:contains(跟进回访)", run: "click" },
        { trigger: ".o_field_widget[name=purpose] textarea:value(响应速度)" },
        { trigger: ".o_field_widget[name=date_callback_due]" },
    ],
});

tours.add("crm_aftersales_survey_statistics", {
    steps: () => [
        { trigger: "button[name=action_open_statistics]", run: "click" },
        { trigger: ".o_graph_view canvas" },
        { trigger: ".o_switch_view.o_pivot", run: "click" },
        { trigger: ".o_pivot th:contains(售后服务)" },
        { trigger: ".o_pivot th:contains(非常满意)" },
    ],
});

tours.add("crm_aftersales_feedback_call", {
    steps: () => [
        { trigger: "button[name=action_open_feedback]:contains(质量反馈)", run: "click" },
        { trigger: ".o_field_widget[name=overall] label:contains(较差)", run: "click" },
        { trigger: ".o_field_widget[name=demonstrated] label:contains(否)", run: "click" },
        { trigger: ".o_field_widget[name=is_rude] input", run: "click" },
        { trigger: ".o_field_widget[name=charged] label:contains(变相收费)", run: "click" },
        { trigger: ".o_field_widget[name=comment] textarea", run: "edit 态度很差，还多收八十元" },
        { trigger: "button[name=action_answer]:contains(登记答复)", run: "click" },
        { trigger: ".alert-danger:contains(已自动登记)" },
        { trigger: ".o_arrow_button_current:contains(已答复)" },
    ],
});
