import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const field = (name, input = "input") => `.o_field_widget[name=${name}] ${input}`;
const button = (name) => `.o_form_view button[name=${name}]`;
const card = (name) => `.o_kanban_record:contains(兰州光学) a[name=${name}]`;
const state = (text) => `.o_arrow_button_current:contains(${text})`;
const click = (trigger) => ({ trigger, run: "click" });

/** From the customer's call to the order that the manager is asked to approve. */
tours.add("crm_service_order_take", {
    steps: () => [
        click(".o_notebook .nav-link[name=follow_up]"),
        click(button("action_make_service_order")),
        {
            content: "what was said in the call stands on the order",
            trigger: `${field("problem", "textarea")}:value(平台上看不到车)`,
        },
        { trigger: field("technician_id"), run: "edit 杨立新" },
        click(".dropdown-item:contains(杨立新)"),
        click(button("action_approval_submit")),
        { trigger: state("待审批") },
    ],
});

tours.add("crm_service_order_approve", {
    steps: () => [click(button("action_approval_approve")), { trigger: state("待出发") }],
});

// the pad takes a point every 16 ms
const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

async function draw(canvas) {
    const box = canvas.getBoundingClientRect();
    const point = (type, x, y, buttons = 1) =>
        canvas.dispatchEvent(
            new PointerEvent(type, {
                bubbles: true,
                pointerId: 1,
                isPrimary: true,
                buttons,
                pressure: 0.5,
                clientX: box.left + x * box.width,
                clientY: box.top + y * box.height,
            })
        );
    point("pointerdown", 0.2, 0.6);
    for (let step = 1; step <= 12; step++) {
        await pause();
        point("pointermove", 0.2 + step * 0.05, step % 2 ? 0.3 : 0.7);
    }
    await pause();
    point("pointerup", 0.8, 0.5, 0);
}

/** The technician's day on the phone: pack, depart, arrive, write down, finish, have it signed. */
tours.add("crm_service_order_work", {
    steps: () => [
        click(card("action_check_all")),
        click(card("action_depart")),
        click(card("action_arrive")),
        { trigger: card("action_finish") },
        click(".o_kanban_record:contains(兰州光学) a:contains(填写处理经过)"),
        click(".o_notebook .nav-link[name=work]"),
        { trigger: field("handling", "textarea"), run: "edit 主板进水，更换终端，上线正常。" },
        { trigger: field("new_terminal_number"), run: "edit T860999" },
        click(".o_form_button_save"),
        { trigger: ".o_form_saved" },
        click(".o_breadcrumb .o_back_button, .o_control_panel .o_back_button"),
        click(card("action_finish")),
        click(card("action_sign_customer")),
        { trigger: ".modal [name=content]:contains(主板进水)" },
        { trigger: ".modal [name=name] input", run: "edit 王师傅" },
        click(".modal [name=image] .o_signature"),
        click(".modal:last .o_web_sign_draw_button"),
        {
            trigger: ".modal:last canvas.o_web_sign_signature",
            async run() {
                await draw(this.anchor);
            },
        },
        click(".modal:last footer .btn-primary:not([disabled])"),
        { trigger: ".modal [name=image] img.o_signature" },
        click(".modal footer button[name=action_sign]"),
        { trigger: "body:not(:has(.modal))" },
        { trigger: "body:not(:has(a[name=action_sign_customer])) .o_kanban_view" },
    ],
});
