/** One patient's visit: the chart, the cards beside it, and every call of a hook that what happens here causes. */

import { callService, sendFeedback } from "./api.js";
import { cardList, subjectOf } from "./cards.js";
import { banner, chart } from "./chart.js";
import { announce, element, show } from "./dom.js";
import { Ehr, uuid } from "./ehr.js";
import { exchangePanel } from "./exchange.js";
import { orderPanel } from "./orders.js";
import { personOf } from "./patients.js";
import { openWhy } from "./why.js";

/** Shows a patient's visit and calls the hooks of opening a chart. */
export async function openVisit(content, patient, services, start) {
  const visit = new Visit(content, patient, services, start);
  document.title = `${personOf(patient)} – Hoofbeats clinic`;
  visit.layOut();
  await visit.during(() => visit.call("patient-view"));
}

class Visit {
  constructor(content, patient, services, start) {
    this.content = content;
    this.patient = patient;
    this.start = start;
    this.ehr = new Ehr(patient, services, start.today || patient.today || new Date().toISOString().slice(0, 10));
    /** The last exchange with each service, by its id. */
    this.exchanges = new Map();
    /** What the user said about cards, by service and subject, so that they stay away. */
    this.overridden = new Map();
    this.signing = false;
    this.calls = 0;
    this.pending = 0;
  }

  layOut() {
    this.top = element("div", { class: "patient" });
    this.cards = element("section", { class: "cards", "aria-labelledby": "cards-title", "aria-busy": "true" });
    this.chart = element("div", { class: "chart" });
    this.orders = element("section", { class: "panel orders", "aria-labelledby": "orders-title" });
    this.exchange = element("section", { class: "exchange", "aria-labelledby": "exchange-title" });
    show(this.content, this.top, element("div", { class: "visit" }, this.cards, this.chart), this.exchange);
    this.redraw();
  }

  /** Draws all that shows the state; the cards only where the answers are there. */
  redraw() {
    show(this.top, ...banner(this.patient, this.ehr.today, (day) => this.moveTo(day)));
    show(this.orders, ...orderPanel(this.ehr, this.start.orders, this));
    show(this.chart, ...chart(this.ehr, this.start, this.orders));
    this.redrawCards();
  }

  redrawCards() {
    show(this.cards, ...cardList(this.exchanges, this));
    show(this.exchange, ...exchangePanel(this.exchanges, (id, text) => this.resend(id, text)));
  }

  /** Does something that takes a while, marked for whoever waits for the cards. */
  async during(work) {
    this.pending += 1;
    this.cards.setAttribute("aria-busy", "true");
    try {
      await work();
    } finally {
      this.pending -= 1;
      if (this.pending === 0) this.cards.setAttribute("aria-busy", "false");
    }
  }

  /** Calls every service of a hook with what the EHR knows now; an answer that was overtaken is dropped. */
  async call(hook) {
    const instance = uuid();
    const services = this.ehr.servicesOf(hook);
    this.calls += 1;
    const turn = this.calls;
    const asked = services.map((service) => callService(service.id, this.ehr.requestTo(service, instance)));
    try {
      const answers = await Promise.all(asked);
      if (turn !== this.calls) return;
      answers.forEach((exchange, index) => this.exchanges.set(services[index].id, { ...exchange, service: services[index] }));
    } catch {
      announce("The service could not be reached.");
      return;
    }
    this.redrawCards();
    this.announceCards();
  }

  /** Calls whatever depends on the chart, the day and the drafts. */
  callAll() {
    return this.during(async () => {
      await this.call("patient-view");
      if (this.signing) await this.call("order-sign");
      else if (this.ehr.selected().length) await this.call("order-select");
      else this.forget("order-select");
    });
  }

  forget(hook) {
    for (const service of this.ehr.servicesOf(hook)) this.exchanges.delete(service.id);
    this.redrawCards();
  }

  async moveTo(day) {
    this.ehr.today = day;
    this.redraw();
    await this.callAll();
  }

  async pick(order) {
    this.signing = false;
    this.forget("order-sign");
    this.ehr.pick(order);
    this.redraw();
    await this.during(() => this.call("order-select"));
  }

  /** After drafts were selected, left or removed. */
  async draftsChanged() {
    if (this.ehr.drafts.length === 0) this.signing = false;
    if (!this.signing) this.forget("order-sign");
    this.redraw();
    await this.callAll();
  }

  /** Asks what is said before signing; signs at once where nothing is. */
  async sign() {
    this.signing = true;
    await this.during(() => this.call("order-sign"));
    const said = this.ehr.servicesOf("order-sign").some((service) => (this.exchanges.get(service.id)?.answer?.cards ?? []).length);
    if (said) {
      // What is said before signing takes the place of what was said on selecting.
      this.forget("order-select");
      this.redraw();
      this.announceCards("Read before you sign. ");
      document.getElementById("sign-anyway")?.focus();
    } else {
      await this.signNow();
    }
  }

  async signNow() {
    this.signing = false;
    this.ehr.sign();
    this.forget("order-sign");
    this.forget("order-select");
    this.redraw();
    announce("Orders signed.");
    await this.callAll();
  }

  async backToOrders() {
    this.signing = false;
    this.forget("order-sign");
    this.redraw();
    await this.callAll();
  }

  /** Does what a suggestion says, tells the service, and calls the hooks again. */
  async accept(exchange, card, suggestion) {
    for (const action of suggestion.actions ?? []) this.ehr.apply(action);
    const entry = { card: card.uuid, outcome: "accepted", acceptedSuggestions: [{ id: suggestion.uuid }] };
    await this.during(async () => {
      await this.tell(exchange.service.id, entry);
      await this.draftsChanged();
    });
    this.announceCards(`Done: ${suggestion.label}. `);
    // The button is gone with its item; whoever works by keyboard goes on at the cards.
    if (document.activeElement === document.body) document.getElementById("cards-title")?.focus();
  }

  /** Puts a card away with a reason and tells the service. */
  async override(exchange, card, reason, comment) {
    const overrideReason = { reason: { code: reason.code, system: reason.system } };
    if (comment) overrideReason.userComment = comment;
    await this.tell(exchange.service.id, { card: card.uuid, outcome: "overridden", overrideReason });
    this.overridden.set(`${exchange.service.id} ${subjectOf(card)}`, { reason: reason.display, summary: card.summary });
    announce(`Card overridden: ${reason.display}.`);
    this.redrawCards();
    document.getElementById("cards-title")?.focus();
  }

  /** What the user said about a card's subject, if anything. */
  saidAbout(exchange, card) {
    return this.overridden.get(`${exchange.service.id} ${subjectOf(card)}`);
  }

  takeBack(exchange, card) {
    this.overridden.delete(`${exchange.service.id} ${subjectOf(card)}`);
    this.redrawCards();
  }

  why(exchange, card) {
    return openWhy(exchange, card);
  }

  async tell(id, entry) {
    const sent = await sendFeedback(id, entry);
    this.exchanges.set(`${id}/feedback`, { ...sent, service: null });
  }

  /** Sends an edited request; its answer stands beside the others. */
  async resend(id, text) {
    const held = this.exchanges.get(id);
    this.exchanges.set(id, { ...(await callService(id, text)), service: held?.service ?? null });
    this.redrawCards();
    this.announceCards();
  }

  /** How many cards are shown now, after what has just been done. */
  announceCards(done = "") {
    const held = [...this.exchanges.values()].filter((exchange) => exchange.service);
    const all = held.flatMap((exchange) => (exchange.answer?.cards ?? []).filter((card) => !this.saidAbout(exchange, card)));
    const critical = all.filter((card) => card.indicator === "critical").length;
    announce(`${done}${all.length} ${all.length === 1 ? "card" : "cards"}${critical ? `, ${critical} critical` : ""}.`);
  }
}
