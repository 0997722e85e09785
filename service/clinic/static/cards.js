/** Cards as an EHR shows them: by urgency, with their detail, suggestions, links, and the ways to answer. */

import { element } from "./dom.js";
import { markdown } from "./markdown.js";
import { overrideForm } from "./override.js";

const URGENCY = ["critical", "warning", "info"];
const SAID = { critical: "Critical", warning: "Warning", info: "Information" };
const WHEN = {
  "patient-view": "Chart opened", "order-select": "Order selected", "order-sign": "Before signing",
};
const opened = new Set();

/** The cards of all services that were called, most urgent first. */
export function cardList(exchanges, visit) {
  const held = [...exchanges.values()].filter((exchange) => exchange.service);
  const pairs = held.flatMap((exchange) => (exchange.answer?.cards ?? []).map((card) => ({ exchange, card })));
  pairs.sort((a, b) => URGENCY.indexOf(a.card.indicator) - URGENCY.indexOf(b.card.indicator) || late(b) - late(a));
  const shown = pairs.filter(({ exchange, card }) => !visit.saidAbout(exchange, card));
  const away = pairs.filter(({ exchange, card }) => visit.saidAbout(exchange, card));
  return [
    element("h2", { id: "cards-title", tabindex: "-1" }, "Decision support ", element("span", { class: "number" }, String(shown.length))),
    ...held.filter((exchange) => exchange.status !== 200).map(refusal),
    ...held.flatMap(unchecked),
    held.length > 0 && shown.length === 0 && element("p", { class: "quiet" }, "No cards."),
    held.length === 0 && element("p", { class: "quiet" }, "Asking the services …"),
    ...shown.map(({ exchange, card }) => cardView(exchange, card, visit)),
    ...away.map(({ exchange, card }) => awayView(exchange, card, visit)),
  ];
}

/** What a card is about, stable between calls: its topic, and the orders of which it speaks. */
export function subjectOf(card) {
  const orders = card.extension?.["org.hoofbeats.card"]?.orders ?? [];
  return [topicOf(card), ...orders.map((order) => order.resource)].join(" ");
}

function topicOf(card) {
  return card.source?.topic?.code ?? card.summary;
}

/** Orders come before what is always there. */
function late({ exchange }) {
  return ["patient-view", "order-select", "order-sign"].indexOf(exchange.service.hook);
}

function cardView(exchange, card, visit) {
  const key = `${exchange.service.id}-${subjectOf(card)}`.replace(/[^A-Za-z0-9-]/g, "");
  const suggestions = (card.suggestions ?? []).map((suggestion) => suggestionView(exchange, card, suggestion, visit));
  return element(
    "article", { class: `card ${card.indicator}`, "aria-labelledby": `${key}-title`, "data-topic": topicOf(card) },
    element("p", { class: "urgency" }, element("strong", {}, SAID[card.indicator] ?? card.indicator), element("span", {}, WHEN[exchange.service.hook] ?? exchange.service.hook)),
    element("h3", { id: `${key}-title` }, unbroken(card.summary)),
    detailView(card, key),
    suggestions.length > 0 && element("ul", { class: "suggestions", "aria-label": "Suggestions" }, suggestions),
    linksView(card),
    sourceView(card),
    element(
      "div", { class: "answers" },
      card.extension && element("button", { type: "button", id: `${key}-why`, "aria-haspopup": "dialog", onclick: () => visit.why(exchange, card) }, "Why?"),
      ...overrideForm(card, key, (reason, comment) => visit.override(exchange, card, reason, comment)),
    ),
  );
}

/** Words such as Ki-67, and a number with its unit, stay on one line. */
function unbroken(text) {
  return text.split(/(\S+-\d\S*|\d+(?:\.\d+)? (?:mm|cm|%))/).map((part, index) => (index % 2 ? element("span", { class: "unbroken" }, part) : part));
}

function detailView(card, key) {
  if (!card.detail) return null;
  const details = element(
    "details", { open: opened.has(key) },
    element("summary", { id: `${key}-detail` }, "Details"),
    element("div", { class: "detail", tabindex: "0", role: "region", "aria-label": `Details: ${card.summary}` }, markdown(card.detail)),
  );
  details.addEventListener("toggle", () => (details.open ? opened.add(key) : opened.delete(key)));
  return details;
}

function suggestionView(exchange, card, suggestion, visit) {
  const button = element("button", { type: "button", class: "suggestion", onclick: () => accept() }, suggestion.label);
  function accept() {
    button.disabled = true;
    visit.accept(exchange, card, suggestion);
  }
  return element("li", {}, button);
}

function linksView(card) {
  const links = (card.links ?? []).filter((link) => link.type === "absolute" && /^https?:/.test(link.url));
  if (links.length === 0) return null;
  const shown = links.map((link) => element("li", {}, element("a", { href: link.url, target: "_blank", rel: "noopener" }, link.label)));
  return element("ul", { class: "links", "aria-label": "Links" }, shown);
}

function sourceView(card) {
  const { label, url } = card.source ?? {};
  if (!label) return null;
  const shown = url && /^https?:/.test(url) ? element("a", { href: url, target: "_blank", rel: "noopener" }, label) : label;
  return element("p", { class: "source" }, "Source: ", shown);
}

function awayView(exchange, card, visit) {
  const said = visit.saidAbout(exchange, card);
  return element(
    "p", { class: "away" },
    element("span", {}, element("strong", {}, "Overridden: "), `${said.reason}. `, card.summary),
    element("button", { type: "button", class: "plain", onclick: () => visit.takeBack(exchange, card) }, "Show again"),
  );
}

function refusal(exchange) {
  const said = exchange.answer?.issue?.map((issue) => issue.diagnostics).join("; ") ?? "no reason given";
  return element("p", { class: "message", role: "alert" }, `${exchange.service.id} answered ${exchange.status}: ${said}`);
}

function unchecked(exchange) {
  const reasons = exchange.answer?.extension?.["org.hoofbeats.response"]?.unchecked ?? [];
  return reasons.map((reason) => element("p", { class: "message" }, `Not checked (${exchange.service.id}): ${reason}`));
}
