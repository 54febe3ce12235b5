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

// a photo as the camera of the phone gives it
async function takePhoto(input) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 32;
    canvas.getContext("2d").fillRect(4, 4, 20, 20);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    const transfer = new DataTransfer();
    transfer.items.add(new File([blob], "照片.png", { type: "image/png" }));
    input.files = transfer.files;
}

tours.add("crm_aftersales_portal_file", {
    steps: () => [
        fitsTheScreen,
        { trigger: "a[href='/my/cases']", run: "click", expectUnloadPage: true },
        fitsTheScreen,
        { trigger: "a[name=new]", run: "click", expectUnloadPage: true },
        fitsTheScreen,
        { trigger: "label[for=kind_request]:contains(请求)", run: "click" },
        { trigger: "input[name=subject]", run: "edit 充电器发烫" },
        { trigger: "textarea[name=description]", run: "edit 充电半小时就烫手，请处理" },
        {
            trigger: "input[name=photos]",
            async run() {
                await takePhoto(this.anchor);
            },
        },
        { trigger: "button[name=send]", run: "click", expectUnloadPage: true },
        { trigger: ".alert-success" },
        fitsTheScreen,
        { trigger: "[name=description]:contains(烫手)" },
        { trigger: "[name=messages] img" },
    ],
});

tours.add("crm_aftersales_portal_answer", {
    steps: () => [
        { trigger: "[name=cases] a:contains(充电器发烫)", run: "click", expectUnloadPage: true },
        fitsTheScreen,
        { trigger: "[name=messages]:contains(型号)" },
        { trigger: "[name=write] textarea", run: "edit 型号是 BC-30" },
        { trigger: "button[name=write_send]", run: "click", expectUnloadPage: true },
        { trigger: ".alert-success" },
        { trigger: "[name=messages]:contains(BC-30)" },
    ],
});

tours.add("crm_aftersales_portal_rate", {
    steps: () => [
        { trigger: "[name=cases] a:contains(充电器发烫)", run: "click", expectUnloadPage: true },
        fitsTheScreen,
        { trigger: "[name=solution]:contains(已更换)" },
        { trigger: "label[for=rate_5]", run: "click" },
        { trigger: "[name=rating] textarea", run: "edit 很快就解决了" },
        { trigger: "button[name=rate_send]", run: "click", expectUnloadPage: true },
        { trigger: "[name=rated]:contains(很快)" },
        fitsTheScreen,
    ],
});
