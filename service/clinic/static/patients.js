/** The list of patients: who they are, what the story is, a filter. */

import { element } from "./dom.js";
import { ageOn } from "./fhir.js";

const KIND_WORDS = {
  "work-up": "work-up", "grade-check": "grade check", management: "management", surveillance: "surveillance", safety: "safety",
};

/** The page that lists the patients. */
export function patientList(patients) {
  if (patients.length === 0) return [element("h1", {}, "Patients"), nobody()];
  const list = element("ul", { class: "patients" }, patients.map(row));
  const count = element("p", { class: "count", role: "status" }, counted(patients.length));
  const filter = element("input", { id: "filter", type: "search", autocomplete: "off", oninput: () => narrow(list, filter, count) });
  return [
    element("h1", {}, "Patients"),
    element("p", { class: "lead" }, "Synthetic people, one story each. Open a chart: the service is called as an EHR would call it."),
    element("div", { class: "filter" }, element("label", { for: "filter" }, "Filter by site, treatment, word"), filter, count),
    list,
  ];
}

/** A patient's name as people read it. */
export function personOf(patient) {
  const name = patient.request?.prefetch?.patient?.name?.[0];
  return name ? [...(name.given ?? []), name.family].join(" ") : firstWord(patient.story);
}

function nobody() {
  return element(
    "p", { class: "message" },
    "No synthetic patients found. They are in the folder fixtures/patients of the project: run the service from a checkout, with make serve.",
  );
}

function row(patient) {
  const kinds = [...new Set(patient.kinds)];
  const tags = kinds.length ? kinds.map((kind) => element("li", {}, KIND_WORDS[kind] ?? kind)) : [element("li", { class: "none" }, "no card")];
  const age = ageOn(patient.today, patient.birthDate);
  const person = `${firstWord(patient.story)}${age === null ? "" : `, ${age}`}${patient.gender ? `, ${patient.gender}` : ""}`;
  return element(
    "li", { "data-words": `${patient.name.replaceAll("_", " ")} ${patient.story} ${kinds.join(" ")}`.toLowerCase() },
    element("a", { href: `#patient/${patient.name}`, class: "open" }, element("strong", {}, title(patient.name)), element("span", {}, person)),
    element("p", {}, patient.story),
    element("ul", { class: "tags", "aria-label": "Cards expected" }, tags),
  );
}

function narrow(list, filter, count) {
  const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const item of list.children) {
    const matches = wanted.every((word) => item.dataset.words.includes(word));
    item.hidden = !matches;
    shown += matches ? 1 : 0;
  }
  count.textContent = counted(shown);
}

function counted(number) {
  return number === 1 ? "1 patient" : `${number} patients`;
}

/** A story's name as a title: net and its like as abbreviations. */
export function title(name) {
  const said = name.replaceAll("_", " ").replace(/\b(net|nec|men1|ki67|eus|pet|g[123]|fdg)\b/g, (word) => word.toUpperCase());
  return said.replace("KI67", "Ki-67").replace(/^./, (letter) => letter.toUpperCase());
}

function firstWord(story) {
  return story.split(",")[0];
}
