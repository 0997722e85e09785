/** The EHR behind the screen: a patient's chart, unsigned drafts, the day, and the hook requests that follow from them. */

import { resourcesOf } from "./fhir.js";

const USER = "Practitioner/testdoctor";
const PREFETCH_KEY = { ServiceRequest: "orders", MedicationRequest: "medications" };
const TODAY = "org.hoofbeats.today";

export class Ehr {
  constructor(patient, services, today) {
    this.patient = patient;
    this.services = services;
    this.today = today;
    this.id = patient.request.context.patientId;
    this.resources = resourcesOf(patient.bundle);
    /** Unsigned orders: resource, whether it is selected, whether it is saved in the chart already. */
    this.drafts = [];
    this.signed = [];
    this.counter = 0;
  }

  /** The services of a hook. */
  servicesOf(hook) {
    return this.services.filter((service) => service.hook === hook);
  }

  /** The request to a service: what its prefetch templates find, the drafts, the day. */
  requestTo(service, hookInstance) {
    const context = { userId: USER, patientId: this.id };
    if (service.hook !== "patient-view") context.draftOrders = this.draftBundle();
    if (service.hook === "order-select") context.selections = this.selected().map(reference);
    return { hook: service.hook, hookInstance, context, prefetch: this.prefetchFor(service), extension: { [TODAY]: this.today } };
  }

  /** The drafts that are selected. */
  selected() {
    return this.drafts.filter((draft) => draft.selected).map((draft) => draft.resource);
  }

  /** Puts an order among the drafts and selects it alone. */
  pick(order) {
    for (const draft of this.drafts) draft.selected = false;
    const resource = { ...structuredClone(order), id: this.freshId(), subject: this.subject(), authoredOn: this.today };
    this.drafts.push({ resource, selected: true, saved: false });
  }

  /** Takes a draft away. */
  remove(wanted) {
    this.drafts = this.drafts.filter((draft) => reference(draft.resource) !== wanted);
  }

  /** Does what an accepted suggestion says. */
  apply(action) {
    if (action.type === "create") {
      const resource = { ...structuredClone(action.resource), id: this.freshId(), authoredOn: this.today };
      this.drafts.push({ resource, selected: false, saved: true });
    } else if (action.type === "delete") {
      this.remove(action.resourceId ?? reference(action.resource));
    } else if (action.type === "update") {
      const changed = this.drafts.find((draft) => reference(draft.resource) === reference(action.resource));
      if (changed) changed.resource = structuredClone(action.resource);
    }
  }

  /** Signs every draft. */
  sign() {
    this.signed.push(...this.drafts.map((draft) => ({ ...draft.resource, status: "active" })));
    this.drafts = [];
  }

  /** The chart with what was signed here. */
  chart() {
    return [...this.resources, ...this.signed];
  }

  prefetchFor(service) {
    const added = [...this.signed, ...this.drafts.filter((draft) => draft.saved).map((draft) => draft.resource)];
    const held = this.patient.request.prefetch;
    const keys = Object.keys(service.prefetch ?? {}).filter((key) => key in held);
    return Object.fromEntries(keys.map((key) => [key, withAdded(held[key], added.filter((r) => PREFETCH_KEY[r.resourceType] === key))]));
  }

  draftBundle() {
    return { resourceType: "Bundle", type: "collection", entry: this.drafts.map(({ resource }) => ({ resource })) };
  }

  subject() {
    return { reference: `Patient/${this.id}` };
  }

  freshId() {
    this.counter += 1;
    return `clinic-${this.counter}`;
  }
}

/** Type and id of a resource. */
export function reference(resource) {
  return `${resource.resourceType}/${resource.id}`;
}

/** A random UUID, also where the page is not served over https. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** A search result with more in it; a failed search stays as it was. */
function withAdded(value, added) {
  if (value?.resourceType !== "Bundle" || added.length === 0) return value;
  const entry = [...(value.entry ?? []), ...added.map((resource) => ({ resource, search: { mode: "match" } }))];
  return { ...value, entry, total: (value.total ?? value.entry?.length ?? 0) + added.length };
}
