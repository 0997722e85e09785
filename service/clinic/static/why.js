/** Why a card says what it says: its rules one by one, as a graph from resource to statement and in words. */

import { explain } from "./api.js";
import { element } from "./dom.js";
import { graph } from "./graph.js";
import { criteriaOf } from "./trace.js";

const NAME = "org.hoofbeats.card";

/** Opens the dialog for a card; the explanation is fetched for the very request that the card answered. */
export async function openWhy(exchange, card) {
  const dialog = element("dialog", { class: "why", "aria-labelledby": "why-title" });
  const body = element("div", { class: "why-body" }, element("p", { class: "quiet" }, "Asking for the explanation …"));
  const close = element("button", { type: "button", onclick: () => dialog.close() }, "Close");
  dialog.append(element("div", { class: "why-head" }, element("div", {}, element("h2", { id: "why-title" }, "Why this card?"), element("p", {}, card.summary)), close), body);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  const { status, answer } = await explain(exchange.request);
  if (status !== 200) {
    body.replaceChildren(element("p", { class: "message", role: "alert" }, `The explanation was refused with ${status}.`));
    return;
  }
  const proof = card.extension?.[NAME] ?? {};
  const rules = answer[exchange.service.id].rules.filter((rule) => (proof.rules ?? []).includes(rule.rule) && rule.outcome === "recommend");
  body.replaceChildren(...explained(inOrderOfCard(rules, card), card));
}

/** Rules in the order in which the card's text cites their statements. */
function inOrderOfCard(rules, card) {
  const place = (rule) => {
    const found = rule.statements.map((id) => (card.detail ?? "").indexOf(`**${id}**`)).filter((at) => at >= 0);
    return found.length ? Math.min(...found) : Infinity;
  };
  return [...rules].sort((a, b) => place(a) - place(b));
}

function explained(rules, card) {
  if (rules.length === 0) return [element("p", {}, "No rule of this card speaks for this request now.")];
  const picture = element("div", { class: "picture" });
  const choice = element("select", { id: "why-rule", onchange: () => draw() }, rules.map((rule, index) => element("option", { value: String(index) }, rule.title)));
  function draw() {
    const rule = rules[Number(choice.value)];
    picture.replaceChildren(
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Evidence graph" }, graph(rule, statementWords(rule, card))),
      element("details", { class: "in-words" }, element("summary", {}, "In words"), inWords(rule)),
      ...turned(rule),
    );
  }
  draw();
  const counted = rules.length === 1 ? "1 rule speaks" : `${rules.length} rules speak`;
  return [element("div", { class: "choice" }, element("label", { for: "why-rule" }, `${counted}; shown:`), choice), picture];
}

/** What each statement says, as the card's text cites it. */
function statementWords(rule, card) {
  const said = new Map();
  for (const id of rule.statements) {
    const line = (card.detail ?? "").split("\n").find((text) => text.includes(`**${id}**`));
    said.set(id, line ? line.split(`**${id}**`)[1].split(" (")[0].trim() : "");
  }
  return said;
}

function inWords(rule) {
  const rows = criteriaOf(rule);
  const body = rows.map(({ part, role }) => element(
    "tr", {},
    element("td", {}, role), element("td", {}, part.criterion), element("td", {}, part.truth), element("td", {}, part.value),
    element("td", {}, (part.evidence ?? []).map((e) => `${e.resource}${e.date ? ` (${e.date})` : ""}`).join(", ") || "–"),
  ));
  const head = ["", "Criterion", "Truth", "Fact", "From"].map((name) => element("th", { scope: "col" }, name));
  return element("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Criteria" }, element("table", {}, element("thead", {}, element("tr", {}, head)), element("tbody", {}, body)));
}

function turned(rule) {
  const changes = rule.would_change_if ?? [];
  if (changes.length === 0) return [];
  const items = changes.map(({ outcome, facts }) => element("li", {}, `${Object.entries(facts).map(([name, value]) => `${name.replaceAll("_", " ")} were ${value}`).join(" and ")} → ${outcome}`));
  return [element("details", { class: "in-words" }, element("summary", {}, "It would be otherwise if"), element("ul", {}, items))];
}
