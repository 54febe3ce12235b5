import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const field = (name, input = "input") => `.o_field_widget[name=${name}] ${input}`;
const button = (name) => `.o_form_view .o_statusbar_buttons button[name=${name}]`;

tours.add("crm_aftersales_call", {
    steps: () => [
        { trigger: ".o_menu_brand:contains(客户服务)" },
        { trigger: ".o_crm_call_menu", run: "click" },
        { trigger: "#crm_call_query", run: "edit 0931-7654321" },
        // one customer with this number: chosen by itself, with the last cases and promises
        { trigger: ".o_crm_take_call h2:contains(兰州光学)" },
        { trigger: ".o_crm_call_last:contains(充电器发热)" },
        { trigger: ".o_crm_take_call .alert:contains(寄送说明书)" },
        { trigger: ".o_crm_call_open:contains(发票没有收到)" },
        { trigger: "button[data-kind=request]", run: "click" },
        { trigger: ".o_crm_take_call input[name=subject]", run: "edit 想换一块电池" },
        { trigger: ".o_crm_take_call textarea[name=description]", run: "edit 电池用不到半天" },
        { trigger: ".o_crm_call_register", run: "click" },
        { trigger: `.o_form_view ${field("subject")}:value(想换一块电池)` },
        { trigger: button("action_reply"), run: "click" },
        { trigger: `.modal ${field("body", "textarea")}:value(已经登记)` },
        { trigger: ".modal footer button[name=action_send]:visible", run: "click" },
        { trigger: ".o-mail-Message:contains(电话告知):contains(已经登记)" },
        { trigger: button("action_hand_over"), run: "click" },
        { trigger: `.modal ${field("user_id")}`, run: "edit Test Colleague" },
        { trigger: ".dropdown-item:contains(Test Colleague)", run: "click" },
        { trigger: ".modal .o_field_widget[name=user_id] img" },
        { trigger: `.modal ${field("reason", "textarea")}`, run: "edit 请寄一块新电池" },
        { trigger: `.modal ${field("reason", "textarea")}:value(请寄一块新电池)` },
        { trigger: ".modal footer button[name=action_offer]", run: "click" },
        { trigger: ".o_form_view .alert:contains(Test Colleague)" },
    ],
});

tours.add("crm_aftersales_accept", {
    steps: () => [
        { trigger: ".o_data_row:contains(想换一块电池) td[name=subject]", run: "click" },
        { trigger: ".o_form_view .alert:contains(请寄一块新电池)" },
        { trigger: button("action_accept_handover"), run: "click" },
        { trigger: `${button("action_hand_over")}` },
    ],
});
