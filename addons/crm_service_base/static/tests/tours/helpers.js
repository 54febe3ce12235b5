/** What tours of forms and lists of ours look for, and steps they share. */

export const field = (name, input = "input") => `.o_field_widget[name=${name}] ${input}`;
export const button = (name) => `.o_form_view .o_statusbar_buttons button[name=${name}]`;
export const state = (text) => `.o_statusbar_status .o_arrow_button_current:contains(${text})`;
export const page = (name) => `.o_notebook .nav-link[name=${name}]`;
export const row = (text) =>
    `.o_data_row:contains(${text}) .o_data_cell:not(.o_list_record_selector)`;

export const fill = (name, text, input = "textarea") => ({
    content: `fill in ${name}`,
    trigger: field(name, input),
    run: `edit ${text}`,
});

/** From a list to a document that waits for the user, who approves it and says something. */
export const approve = (text, comment) => [
    { trigger: row(text), run: "click" },
    { trigger: button("action_approval_decide"), run: "click" },
    { trigger: ".modal textarea", run: `edit ${comment}` },
    { trigger: ".modal footer button.btn-primary", run: "click" },
    { trigger: "body:not(:has(.modal)) .o_form_view:not(:has(button[name=action_approval_decide]))" },
];
