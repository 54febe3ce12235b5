import { approve, button, field, fill, page, row, state } from "@crm_service_base/../tests/tours/helpers";
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("crm_relationship_collect", {
    steps: () => [
        { trigger: ".o_menu_brand:contains(客户服务)" },
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: field("partner_id"), run: "edit 兰州光学" },
        { trigger: ".dropdown-item:contains(兰州光学)", run: "click" },
        { trigger: button("action_collect"), run: "click" },
        { trigger: ".o_data_row:contains(本期确认订单 0 笔)" },
        { trigger: page("requirements"), run: "click" },
        { trigger: ".o_data_row:contains(每期都有订单):contains(未达到)" },
        { trigger: ".o_data_row:contains(每期都有订单) td[name=gap]", run: "click" },
        fill("gap", "本期没有下单"),
        fill("gaps", "采购转向别家"),
        { trigger: button("action_hand_over"), run: "click" },
        { trigger: state("待评估") },
    ],
});

tours.add("crm_relationship_evaluate", {
    steps: () => [
        { trigger: row("兰州光学"), run: "click" },
        { trigger: page("evaluation"), run: "click" },
        { trigger: field("result"), run: "click" },
        { trigger: ".o_select_menu_item:contains(薄弱)", run: "click" },
        fill("conclusion", "须主管带队拜访"),
        { trigger: button("action_approval_submit"), run: "click" },
        { trigger: state("待审批") },
    ],
});

tours.add("crm_relationship_evaluation_approve", {
    steps: () => [...approve("兰州光学", "同意,列入方案"), { trigger: state("已批准") }],
});

tours.add("crm_relationship_plan", {
    steps: () => [
        { trigger: row("兰州光学"), run: "click" },
        { trigger: button("action_make_maintenance"), run: "click" },
        { trigger: ".o_data_row:contains(每期都有订单):contains(本期没有下单)" },
        fill("goal", "恢复采购"),
        fill("approach", "拜访和培训"),
        { trigger: page("budget"), run: "click" },
        { trigger: ".o_field_widget[name=budget_ids] .o_field_x2many_list_row_add > *", run: "click" },
        fill("name", "差旅费", "input"),
        fill("amount", "3000", "input"),
        { trigger: page("feasibility"), run: "click" },
        fill("feasibility", "人员已落实"),
        fill("economy", "费用不到采购额的百分之一"),
        { trigger: button("action_approval_submit"), run: "click" },
        { trigger: state("待审批") },
    ],
});

tours.add("crm_relationship_plan_review", {
    steps: () => [...approve("兰州光学", "可行"), { trigger: state("待审批") }],
});

tours.add("crm_relationship_plan_approve", {
    steps: () => [...approve("兰州光学", "批准"), { trigger: state("实施中") }],
});

tours.add("crm_relationship_measure", {
    steps: () => [
        { trigger: ".o_kanban_record:contains(每期都有订单)", run: "click" },
        { trigger: button("action_start"), run: "click" },
        { trigger: state("实施中") },
        fill("feedback", "愿意恢复订货"),
        { trigger: field("effect"), run: "click" },
        { trigger: ".o_select_menu_item:contains(明显)", run: "click" },
        { trigger: button("action_done"), run: "click" },
        { trigger: state("完成") },
    ],
});

tours.add("crm_relationship_report", {
    steps: () => [
        { trigger: row("兰州光学"), run: "click" },
        { trigger: button("action_make_report"), run: "click" },
        { trigger: ".o_data_row:contains(愿意恢复订货)" },
        { trigger: page("effect"), run: "click" },
        { trigger: ".o_data_row:contains(订单金额)" },
        fill("effect_analysis", "客户恢复订货"),
        { trigger: page("improvement"), run: "click" },
        fill("optimisation", "每月电话联系"),
        { trigger: button("action_approval_submit"), run: "click" },
        { trigger: state("待审批") },
    ],
});

tours.add("crm_relationship_report_approve", {
    steps: () => [...approve("", "做得好"), { trigger: state("已批准") }],
});

const look = (kinds) =>
    kinds.flatMap((kind) => [
        { trigger: `.o_switch_view.o_${kind}`, run: "click" },
        { trigger: `.o_view_controller.o_${kind}_view:not(:has(.o_view_nocontent))` },
    ]);

for (const [name, kinds] of Object.entries({
    evaluation: ["kanban", "pivot", "graph", "activity", "list"],
    plan: ["kanban", "calendar", "pivot", "graph", "activity", "list"],
    measure: ["list", "calendar", "pivot", "graph", "activity", "kanban"],
    report: ["kanban", "pivot", "graph", "activity", "list"],
})) {
    tours.add(`crm_relationship_views_${name}`, { steps: () => look(kinds) });
}
