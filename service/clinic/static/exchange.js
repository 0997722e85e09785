/** What was asked and what was answered, side by side; the request can be edited and sent again. */

import { element } from "./dom.js";

const memory = { open: false, id: "" };

/** The panel for the exchanges with the services. */
export function exchangePanel(exchanges, resend) {
  const ids = [...exchanges.keys()];
  if (!exchanges.has(memory.id)) memory.id = ids[0] ?? "";
  const view = element("div", { class: "sides" });
  const chosen = element("select", { id: "exchange-of", onchange: () => turnTo(chosen.value) }, ids.map((id) => element("option", { value: id }, `POST /cds-services/${id}`)));
  const details = element(
    "details", { open: memory.open },
    element("summary", {}, element("h2", { id: "exchange-title" }, "Request and response")),
    element("div", { class: "choice" }, element("label", { for: "exchange-of" }, "Call"), chosen),
    view,
  );
  details.addEventListener("toggle", () => {
    memory.open = details.open;
    if (details.open) draw();
  });
  function turnTo(id) {
    memory.id = id;
    draw();
  }
  function draw() {
    chosen.value = memory.id;
    const exchange = exchanges.get(memory.id);
    view.replaceChildren(...(exchange ? sides(exchange, memory.id, resend) : []));
  }
  if (memory.open) draw();
  return [details];
}

function sides(exchange, id, resend) {
  const text = typeof exchange.request === "string" ? exchange.request : JSON.stringify(exchange.request, null, 2);
  const area = element("textarea", { id: "request-text", spellcheck: "false", rows: "24" });
  area.value = text;
  const error = element("p", { class: "message", role: "alert", hidden: true });
  const send = element("button", { type: "button", class: "primary", onclick: () => sendEdited() }, "Send");
  function sendEdited() {
    error.hidden = true;
    resend(id, area.value);
  }
  const answer = JSON.stringify(exchange.answer, null, 2);
  return [
    element("div", {}, element("div", { class: "head" }, element("label", { for: "request-text" }, "Request"), send), area, error),
    element("div", {},
      element("p", { class: "head" }, element("span", {}, "Response"), ` ${exchange.status}, ${exchange.milliseconds} ms, ${Math.ceil(answer.length / 1024)} kB`),
      element("pre", { tabindex: "0", role: "region", "aria-label": "Response" }, answer)),
  ];
}
