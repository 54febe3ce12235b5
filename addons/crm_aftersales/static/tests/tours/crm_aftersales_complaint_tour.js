import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const field = (name, input = "input") => `.o_field_widget[name=${name}] ${input}`;
const button = (name) => `.o_form_view button[name=${name}]`;
const page = (name) => ({ trigger: `.o_notebook .nav-link[name=${name}]`, run: "click" });
const click = (trigger) => ({ trigger, run: "click" });
const fill = (name, text, input = "textarea") => ({
    content: `fill in ${name}`,
    trigger: field(name, input),
    run: `edit ${text}`,
});
// A dialog is filled in and gone before the next step.
const answer = (name, text) => [
    {
        content: `answer with ${name}`,
        trigger: `.modal ${field(name, "textarea")}`,
        run: `edit ${text}`,
    },
    click(".modal .modal-footer .btn-primary"),
    { trigger: "body:not(:has(.modal))" },
];
// The visit asks for the position of the phone.
const decline = [
    click(".modal .modal-footer .btn-secondary"),
    { trigger: "body:not(:has(.modal))" },
];
const choose = (name, text) => [
    { trigger: field(name), run: `edit ${text}` },
    click(`.dropdown-item:contains(${text})`),
];

tours.add("crm_aftersales_complaint_register", {
    steps: () => [
        { trigger: "#crm_call_query", run: "edit 0931-7654321" },
        { trigger: ".o_crm_take_call h2:contains(兰州光学)" },
        click("button[data-kind=complaint]"),
        { trigger: ".o_crm_take_call input[name=subject]", run: "edit 充电器冒烟烫伤手" },
        {
            trigger: ".o_crm_take_call textarea[name=description]",
            run: "edit 充电时冒烟，手被烫伤，要求马上更换。",
        },
        click(".o_crm_call_register"),
        { trigger: `.o_form_view ${field("subject")}:value(充电器冒烟烫伤手)` },
        page("complaint"),
        click(field("is_injury")),
        click(button("action_judge")),
        ...answer("reason", "照片看得清楚"),
        { trigger: ".alert-danger:contains(人身伤害)" },
    ],
});

tours.add("crm_aftersales_complaint_report", {
    steps: () => [
        click(button("action_acknowledge_report")),
        page("complaint"),
        { trigger: ".o_field_widget[name=reported_to_id]" },
    ],
});

tours.add("crm_aftersales_complaint_refer", {
    steps: () => [
        page("complaint"),
        click(button("action_refer")),
        { trigger: `.modal ${field("department_id")}`, run: "edit 维修部" },
        click(".dropdown-item:contains(维修部)"),
        click(".modal .modal-footer .btn-primary"),
        { trigger: "body:not(:has(.modal))" },
        page("referral"),
        { trigger: ".o_field_widget[name=referral_ids] .o_data_row:contains(维修部)" },
    ],
});

tours.add("crm_aftersales_complaint_answer", {
    steps: () => [
        click(".o_data_row:contains(充电器冒烟烫伤手) td[name=case_subject]"),
        click(button("action_receive")),
        { trigger: ".o_form_view:not(:has(button[name=action_receive]))" },
        fill("analysis", "电芯批次不良"),
        fill("measures", "更换电芯，整批召回"),
        click(button("action_answer")),
        { trigger: ".o_field_widget[name=answered_by_id]" },
    ],
});

tours.add("crm_aftersales_complaint_solve", {
    steps: () => [
        page("referral"),
        click(".o_field_widget[name=referral_ids] button[name=action_verify]"),
        ...answer("note", "现场看过，已更换"),
        { trigger: "body:not(:has(button[name=action_verify]))" },
        page("complaint"),
        click(field("fault")),
        click(".o_select_menu_item:contains(我方责任)"),
        ...choose("cause_id", "材料"),
        fill("cause_analysis", "电芯批次不良"),
        fill("measures", "整批召回"),
        click(button("action_apologize")),
        ...answer("text", "非常抱歉给您造成伤害"),
        click(button("action_propose")),
        ...answer("text", "今天更换并赔偿医药费"),
        click(button("action_agree")),
        ...answer("text", "可以接受"),
        page("matter"),
        fill("solution", "已更换充电器并赔偿医药费"),
        click(button("action_solve")),
        { trigger: ".o_form_view:not(:has(button[name=action_solve]))" },
    ],
});

tours.add("crm_aftersales_complaint_callback", {
    steps: () => [
        click(button("action_open_callback")),
        click(button("action_start")),
        ...decline,
        { trigger: ".o_arrow_button_current:contains(进行中)" },
    ],
});

tours.add("crm_aftersales_complaint_record", {
    steps: () => [
        click(".o_notebook .nav-link[name=record]"),
        click(field("callback_attitude", "input[data-value=good]")),
        click(field("satisfaction_service", "input[data-value=good]")),
        click(field("satisfaction_complaint", "input[data-value=good]")),
        fill("result", "客户满意", "input"),
        click(button("action_finish")),
        ...decline,
        click(button("action_approval_submit")),
        { trigger: ".o_arrow_button_current:contains(审核中)" },
    ],
});

tours.add("crm_aftersales_complaint_close", {
    steps: () => [
        click(button("action_close")),
        { trigger: ".o_form_view:not(:has(button[name=action_close]))" },
    ],
});
