import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const field = (name, input = "textarea") => `.o_form_view .o_field_widget[name=${name}] ${input}`;
const button = (name) => `.o_form_view .o_statusbar_buttons button[name=${name}]`;
const state = (text) => `.o_statusbar_status .o_arrow_button_current:contains(${text})`;
const fill = (name, text, input) => ({
    content: `fill in ${name}`,
    trigger: field(name, input),
    run: `edit ${text}`,
});
const tab = (name) => ({ trigger: `.o_notebook .nav-link[name=${name}]`, run: "click" });

tours.add("crm_fault_tell", {
    steps: () => [
        { trigger: ".o_form_view .o_field_widget[name=stage_id]" },
        { trigger: button("action_new_fault"), run: "click" },
        { trigger: `${field("symptoms")}:value(整柜断电)` },
        fill("place", "一号仪器库房", "input"),
        fill("plan", "备用电源模块已出发"),
        { trigger: button("action_tell"), run: "click" },
        { trigger: state("已通报") },
        tab("told"),
        { trigger: ".o_field_widget[name=notice_ids] .o_data_row:contains(业务签单人)" },
        { trigger: ".o_field_widget[name=notice_ids] .o_data_row:contains(部门经理)" },
    ],
});

tours.add("crm_fault_pass", {
    steps: () => [
        { trigger: button("action_pass_on"), run: "click" },
        { trigger: ".o_form_view:not(:has(button[name=action_pass_on]))" },
        tab("told"),
        { trigger: ".o_field_widget[name=notice_ids] .o_data_row:contains(公司领导)" },
    ],
});

tours.add("crm_fault_analyse", {
    steps: () => [
        tab("analysis"),
        fill("impact", "外业队晚出工三小时"),
        fill("handling", "更换电源模块"),
        fill("cause", "风扇停转"),
        { trigger: button("action_approval_submit"), run: "click" },
        { trigger: state("待审批") },
    ],
});

tours.add("crm_fault_approve", {
    steps: () => [
        { trigger: button("action_approval_approve"), run: "click" },
        { trigger: ".o_form_view:not(:has(button[name=action_approval_approve]))" },
    ],
});

tours.add("crm_fault_send", {
    steps: () => [
        { trigger: button("action_send"), run: "click" },
        { trigger: ".modal .o_field_widget[name=partner_ids] .o_tag" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: state("已发客户") },
        tab("sent"),
        { trigger: ".o_field_widget[name=sending_ids] .o_data_row:contains(optics@example.com)" },
    ],
});
