import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const button = (name) => `.o_form_view .o_statusbar_buttons button[name=${name}]`;
const state = (text) => `.o_statusbar_status .o_arrow_button_current:contains(${text})`;

tours.add("crm_visits_position", {
    steps: () => [
        { trigger: button("action_start"), run: "click" },
        { trigger: ".modal:contains(180) .modal-footer .btn-primary", run: "click" },
        { trigger: ".modal .o_field_widget[name=reason] input", run: "edit 在工地见面" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: state("进行中") },
    ],
});

tours.add("crm_visits_position_declined", {
    steps: () => [
        { trigger: button("action_start"), run: "click" },
        { trigger: ".modal .modal-footer .btn-secondary", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: button("action_finish"), run: "click" },
        { trigger: ".modal .modal-footer .btn-secondary", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: state("待提交") },
    ],
});
