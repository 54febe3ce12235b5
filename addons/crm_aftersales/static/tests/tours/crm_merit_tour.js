import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const field = (name, input = "input") => `.o_field_widget[name=${name}] ${input}`;
const button = (name) => `.o_form_view .o_statusbar_buttons button[name=${name}]`;
const state = (text) => `.o_statusbar_status .o_arrow_button_current:contains(${text})`;
const click = (trigger) => ({ trigger, run: "click" });
const apply = click(".modal button[name=action_apply]");

tours.add("crm_merit_judge", {
    steps: () => [
        click(button("action_judge")),
        click(".modal .o_field_widget[name=validity] input[data-value=valid]"),
        { trigger: `.modal ${field("reason", "textarea")}`, run: "edit 录音证实话务员挂断电话" },
        click(".modal footer .btn-primary"),
        click(".o_form_view button[name=action_open_merits]"),
        click(".o_data_row td[name=kind]:contains(扣款)"),
        { trigger: ".alert-info:contains(系统)" },
        click(button("action_approval_submit")),
        { trigger: state("审批中") },
    ],
});

tours.add("crm_merit_approve", {
    steps: () => [
        { trigger: ".o_field_widget[name=amount]:contains(10)" },
        click(button("action_approval_approve")),
        { trigger: state("已生效") },
    ],
});

tours.add("crm_merit_object", {
    steps: () => [
        click(".o_data_row td[name=kind]:contains(扣款)"),
        click(button("action_object")),
        { trigger: `.modal ${field("note", "textarea")}`, run: "edit 线路中断，不是我挂的" },
        apply,
        { trigger: state("已申诉") },
    ],
});

tours.add("crm_merit_decide", {
    steps: () => [
        click(button("action_decide_objection")),
        click(".modal .o_field_widget[name=result] input[data-value=upheld]"),
        { trigger: `.modal ${field("note", "textarea")}`, run: "edit 线路记录正常" },
        apply,
        { trigger: state("已生效") },
    ],
});

tours.add("crm_merit_statement", {
    steps: () => [
        { trigger: ".o_field_widget[name=content_html]:contains(供工资核算)" },
        click(button("action_open_merits")),
        { trigger: ".o_data_row td[name=kind]:contains(扣款)" },
    ],
});

tours.add("crm_appraisal_comment", {
    steps: () => [
        { trigger: ".o_field_widget[name=line_ids] .o_data_row" },
        click(button("action_comment")),
        { trigger: `.modal ${field("note", "textarea")}`, run: "edit 同意，会改进" },
        apply,
        { trigger: ".o_field_widget[name=comment]:contains(同意)" },
    ],
});
