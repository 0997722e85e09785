/** Overriding a card: a reason of the card's own list, a comment if the user has one. */

import { element } from "./dom.js";

/** A button and the form that it opens. */
export function overrideForm(card, key, send) {
  const reasons = card.overrideReasons ?? [];
  if (!card.uuid || reasons.length === 0) return [];
  const formId = `${key}-override`;
  const select = element(
    "select", { id: `${formId}-reason`, required: true },
    element("option", { value: "" }, "Choose a reason"),
    reasons.map((reason, index) => element("option", { value: String(index) }, reason.display)),
  );
  const comment = element("textarea", { id: `${formId}-comment`, rows: "2", maxlength: "1000" });
  const form = element(
    "form", { id: formId, class: "override", hidden: true, onsubmit: submit, "aria-label": "Override this card" },
    element("label", { for: select.id }, "Reason"), select,
    element("label", { for: comment.id }, "Comment (no patient data)"), comment,
    element("div", { class: "buttons" }, element("button", { type: "submit", class: "primary" }, "Override"), element("button", { type: "button", onclick: toggle }, "Cancel")),
  );
  const button = element("button", { type: "button", id: `${key}-open`, "aria-expanded": "false", "aria-controls": formId, onclick: toggle }, "Override …");
  function toggle() {
    form.hidden = !form.hidden;
    button.setAttribute("aria-expanded", String(!form.hidden));
    (form.hidden ? button : select).focus();
  }
  function submit(event) {
    event.preventDefault();
    send(reasons[Number(select.value)], comment.value.trim());
  }
  return [button, form];
}
