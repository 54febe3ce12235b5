import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const field = (name, input = "input") => `.o_field_widget[name=${name}] ${input}`;
const button = (name) => `.o_form_view .o_statusbar_buttons button[name=${name}]`;
const state = (text) => `.o_statusbar_status .o_arrow_button_current:contains(${text})`;
const fill = (name, text, input = "textarea", scope = "") => ({
    content: `fill in ${name}`,
    trigger: scope + field(name, input),
    run: `edit ${text}`,
});

tours.add("crm_letter_send", {
    steps: () => [
        { trigger: ".o_form_view .o_field_widget[name=subject]" },
        { trigger: button("action_new_letter"), run: "click" },
        { trigger: `${field("department_to_id")}:value(技术)` },
        { trigger: `${field("date_due", "button, .o_field_widget[name=date_due] input")}`, run: "click" },
        fill("date_due", "2099-01-01 10:00:00", "input"),
        { trigger: `.o_form_view ${field("subject", "input, .o_field_widget[name=subject] textarea")}`, run: "click" },
        { trigger: button("action_send"), run: "click" },
        { trigger: state("已发送") },
    ],
});

tours.add("crm_letter_answer", {
    steps: () => [
        { trigger: ".o_data_row td[name=subject]:contains(充电器)", run: "click" },
        { trigger: button("action_receive"), run: "click" },
        { trigger: state("已签收") },
        { trigger: button("action_answer"), run: "click" },
        fill("note", "九月批次散热不良", "textarea", ".modal "),
        fill("measures", "停发该批次", "textarea", ".modal "),
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: state("已答复") },
    ],
});

tours.add("crm_letter_check", {
    steps: () => [
        { trigger: button("action_check"), run: "click" },
        fill("note", "已更换，客户满意", "textarea", ".modal "),
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: state("完成") },
    ],
});
