import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const field = (name, input = "input") => `.o_field_widget[name=${name}] ${input}`;
const button = (name) => `.o_form_view button[name=${name}]`;
const page = (name) => click(`.o_notebook .nav-link[name=${name}]`);
const click = (trigger) => ({ trigger, run: "click" });
const fill = (name, text, input = "textarea") => ({
    content: `fill in ${name}`,
    trigger: field(name, input),
    run: `edit ${text}`,
});
const choose = (name, text) => [
    { trigger: field(name), run: `edit ${text}` },
    click(`.dropdown-item:contains(${text})`),
];
const pick = (name, text) => [
    click(`.o_selected_row ${field(name)}`),
    click(`.o_select_menu_item:contains(${text})`),
];
// The line before is left only when the new one is there.
const line = (number, metric) => [
    click(".o_field_widget[name=item_ids] .o_field_x2many_list_row_add a"),
    {
        trigger: `.o_data_row:nth-child(${number}).o_selected_row ${field("metric_id")}`,
        run: `edit ${metric}`,
    },
    click(`.dropdown-item:contains(${metric})`),
];

tours.add("crm_commitment_draft", {
    steps: () => [
        fill("title", "一小时回电", "textarea, .o_field_widget[name=title] input"),
        ...choose("monitor_id", "Test Supervisor"),
        fill("statement", "来电没有接到的，一小时内回电。"),
        ...line(1, "时限达成率"),
        ...pick("clock_target", "答复客户"),
        { trigger: `.o_selected_row ${field("target")}`, run: "edit 90" },
        { trigger: `.o_selected_row ${field("note")}`, run: "edit 抽查通话记录约八成" },
        ...line(2, "满意率"),
        { trigger: `.o_selected_row ${field("target")}`, run: "edit 95" },
        { trigger: `.o_selected_row ${field("note")}`, run: "edit 去年调查" },
        page("rule"),
        fill("benefit", "不用一直等电话。"),
        click(field("is_about_matter")),
        click(field("is_simple")),
        click(".o_field_widget[name=ground_ids] .o_field_x2many_list_row_add a"),
        ...pick("kind", "客户需求"),
        { trigger: `.o_selected_row ${field("text", "textarea")}`, run: "edit 客户常说打不进电话" },
        click(".o_form_button_save"),
        { trigger: ".o_form_saved, .o_form_readonly, .o_form_view:not(:has(.o_form_button_save:visible))" },
        click(button("action_approval_submit")),
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(待审批)" },
    ],
});

tours.add("crm_commitment_approve", {
    steps: () => [
        { trigger: ".o_field_widget[name=item_ids] td:contains(≥), .o_field_widget[name=item_ids] .o_data_row" },
        click(button("action_approval_approve")),
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(现行有效)" },
    ],
});

tours.add("crm_commitment_public", {
    steps: () => [
        { trigger: "h1:contains(服务承诺)" },
        { trigger: "article[name=commitment] h2:contains(一小时回电)" },
        { trigger: "section[name=service_information] a:contains(400 123 4567)" },
        { trigger: "body:not(:contains(SECRET))" },
    ],
});

tours.add("crm_commitment_breach", {
    steps: () => [
        click(".o_field_widget[name=cause] input[data-value=own]"),
        click(".o_field_widget[name=satisfaction] input[data-value=dissatisfied]"),
        fill("reaction", "等了一天，很不满意"),
        click(".o_form_button_save"),
        click(`${button("action_propose_compensation")}:visible`),
        { trigger: ".o_field_widget[name=customer_text] textarea", run: "edit 没有按承诺回电，退还一百元。" },
        fill("reason", "按方案"),
        click(".o_form_button_save"),
        click(button("action_approval_submit")),
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(待审批)" },
    ],
});

tours.add("crm_commitment_compensation_approve", {
    steps: () => [
        click(button("action_approval_approve")),
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(已批准)" },
    ],
});

tours.add("crm_commitment_compensation_carry_out", {
    steps: () => [
        click(button("action_carry_out")),
        { trigger: ".o_form_view:not(:has(button[name=action_carry_out]))" },
        { trigger: ".o_field_widget[name=move_id]" },
    ],
});

tours.add("crm_commitment_portal", {
    steps: () => [{ trigger: "section[name=compensation]:contains(退还一百元)" }],
});

tours.add("crm_commitment_breach_close", {
    steps: () => [
        click(button("action_close")),
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(已关闭)" },
    ],
});
