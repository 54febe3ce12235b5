import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const field = (name, input = "input") => `.o_field_widget[name=${name}] ${input}`;
const button = (name) => `.o_form_view button[name=${name}]`;
const state = (text) => `.o_arrow_button_current:contains(${text})`;
const click = (trigger) => ({ trigger, run: "click" });

/** On the phone: the money is taken and the receipt is given; later it is handed in. */
tours.add("crm_field_receipt_take", {
    steps: () => [
        click(".o_kanban_record:contains(兰州光学) a[name=action_new_receipt]"),
        {
            content: "the order filled in what is to be paid",
            trigger: `${field("amount")}:value(160)`,
        },
        { trigger: ".o_field_widget[name=amount_words]:contains(壹佰陆拾元整)" },
        { trigger: field("description"), run: "edit 更换电池两块，保修期外" },
        click(field("is_invoice_wanted")),
        { trigger: `${field("invoice_title")}:value(兰州光学)` },
        click(button("action_collect")),
        click(button("action_hand_in")),
        { trigger: ".o_form_view:not(:has(button[name=action_hand_in]))" },
    ],
});

/** Finance counts the money and accepts it. */
tours.add("crm_field_receipt_accept", {
    steps: () => [
        click(".o_data_row:contains(兰州光学) td[name=partner_id]"),
        click(button("action_accept")),
        click(".modal footer .btn-primary"),
        { trigger: state("财务已收") },
        { trigger: ".o_field_widget[name=payment_id]" },
    ],
});
