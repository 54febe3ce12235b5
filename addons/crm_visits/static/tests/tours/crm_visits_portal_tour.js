import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const fitsTheScreen = {
    content: "nothing is wider than the phone",
    trigger: "#wrapwrap",
    run() {
        const width = document.documentElement.clientWidth;
        if (width > 400 || document.documentElement.scrollWidth > width) {
            throw new Error(`${document.documentElement.scrollWidth} px on a screen of ${width}`);
        }
    },
};

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
    point("pointerdown", 0.1, 0.5);
    for (let x = 0.1; x < 0.9; x += 0.05) {
        await pause();
        point("pointermove", x, 0.5 + 0.3 * Math.sin(x * 20));
    }
    await pause();
    point("pointerup", 0.9, 0.5, 0);
}

tours.add("crm_visits_portal_confirm", {
    steps: () => [
        fitsTheScreen,
        { trigger: "button[name=confirm]", run: "click", expectUnloadPage: true },
        { trigger: ".alert-success" },
    ],
});

tours.add("crm_visits_portal_sign", {
    steps: () => [
        fitsTheScreen,
        { trigger: "[name=visits] a", run: "click", expectUnloadPage: true },
        fitsTheScreen,
        { trigger: "[name=record] dd:contains(Delivery is quick)" },
        { trigger: "input[name=signer]", run: "edit 王伟" },
        {
            trigger: "canvas.o_web_sign_signature",
            async run() {
                await draw(this.anchor);
            },
        },
        { trigger: "canvas.o_web_sign_signature", run: "canvasNotEmpty" },
        {
            trigger: ".o_portal_sign_submit:not([disabled])",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "[name=signed]:contains(王伟) img" },
        fitsTheScreen,
        { trigger: "label[for=service_good]", run: "click" },
        { trigger: "label[for=product_fair]", run: "click" },
        { trigger: "textarea[name=comment]", run: "edit 服务很好" },
        { trigger: "button[name=rate]", run: "click", expectUnloadPage: true },
        { trigger: "[name=rated]:contains(服务很好)" },
    ],
});

tours.add("crm_visits_sign_on_phone", {
    steps: () => [
        { trigger: ".o_statusbar_buttons button:has(.oi-ellipsis-v)", run: "click" },
        { trigger: "button[name=action_sign_customer]", run: "click" },
        { trigger: ".modal [name=content]:contains(Delivery is quick)" },
        { trigger: ".modal [name=name] input", run: "edit 王伟" },
        { trigger: ".modal [name=image] .o_signature", run: "click" },
        { trigger: ".modal:last .o_web_sign_draw_button", run: "click" },
        {
            trigger: ".modal:last canvas.o_web_sign_signature",
            async run() {
                await draw(this.anchor);
            },
        },
        { trigger: ".modal:last footer .btn-primary:not([disabled])", run: "click" },
        { trigger: ".modal [name=image] img.o_signature" },
        { trigger: ".modal footer button[name=action_sign]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: ".o_form_view" },
    ],
});
