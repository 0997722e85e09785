/** Orders: a list to pick from, the drafts with what is selected, signing, and what is ordered already. */

import { listed } from "./chart.js";
import { element } from "./dom.js";
import { reference } from "./ehr.js";
import { titleOf } from "./fhir.js";

/** The content of the panel of orders; `visit` does what the user asks for. */
export function orderPanel(ehr, offered, visit) {
  const open = ehr.chart().filter((resource) => resource.resourceType === "ServiceRequest");
  return [
    element("h2", { id: "orders-title" }, "Orders"),
    picker(offered, visit),
    ehr.drafts.length > 0 && drafts(ehr, visit),
    open.length > 0 && element("h3", {}, "On order"),
    open.length > 0 && listed(open, ehr.chart()),
    ehr.drafts.length + open.length === 0 && element("p", { class: "quiet" }, "Nothing is on order."),
  ];
}

function picker(offered, visit) {
  const groups = [...new Set(offered.map((order) => order.group))];
  const select = element(
    "select", { id: "order" },
    groups.map((group) => element("optgroup", { label: group }, offered.map((order, index) => order.group === group && element("option", { value: String(index) }, order.name)))),
  );
  const add = element("button", { type: "button", id: "add-order", onclick: () => pick() }, "Add");
  function pick() {
    picker.last = select.value;
    visit.pick(offered[Number(select.value)].resource);
  }
  if (picker.last) select.value = picker.last;
  return element("div", { class: "picker" }, element("label", { for: "order" }, "Pick an order"), select, add);
}

function drafts(ehr, visit) {
  const rows = ehr.drafts.map((draft) => draftRow(draft, ehr, visit));
  return element(
    "div", { class: "drafts" },
    element("h3", {}, `Unsigned (${ehr.drafts.length})`),
    element("ul", {}, rows),
    visit.signing ? signingAnyway(visit) : element("button", { type: "button", id: "sign", class: "primary", onclick: () => visit.sign() }, "Sign orders"),
  );
}

function draftRow(draft, ehr, visit) {
  const named = titleOf(draft.resource);
  const box = element("input", { type: "checkbox", id: `select-${draft.resource.id}`, checked: draft.selected, onchange: (event) => choose(event.target.checked) });
  function choose(chosen) {
    draft.selected = chosen;
    visit.draftsChanged();
  }
  function remove() {
    ehr.remove(reference(draft.resource));
    visit.draftsChanged();
    document.getElementById("order")?.focus();
  }
  return element(
    "li", {}, box, element("label", { for: box.id }, named),
    element("button", { type: "button", class: "plain", "aria-label": `Remove ${named}`, onclick: remove }, "Remove"),
  );
}

function signingAnyway(visit) {
  return element(
    "div", { class: "signing", role: "group", "aria-label": "There are cards on these orders" },
    element("p", {}, "Read the cards on these orders before you sign."),
    element("button", { type: "button", id: "sign-anyway", onclick: () => visit.signNow() }, "Sign anyway"),
    element("button", { type: "button", onclick: () => visit.backToOrders() }, "Back to the orders"),
  );
}
