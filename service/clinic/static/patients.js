/** The list of patients: who they are, what the story is, a filter. */

import { element } from "./dom.js";

const KIND_WORDS = {
  "work-up": "work-up", "grade-check": "grade check", management: "management", surveillance: "surveillance", safety: "safety",
};

/** The page that lists the patients: where to begin, a filter, then all of them by organ. */
export function patientList({ patients, tours, parts }) {
  if (patients.length === 0) return [element("h1", {}, "Patients"), nobody()];
  const begin = tourList(tours);
  const sections = partsOf(patients, parts).map(({ label, held }, index) => part(label, held, index));
  const count = element("p", { class: "count", role: "status" }, counted(patients.length));
  const filter = element("input", { id: "filter", type: "search", autocomplete: "off", oninput: () => narrow(sections, begin, filter, count) });
  return [
    element("h1", {}, "Patients"),
    element("p", { class: "lead" }, "Synthetic people, one story each. Opening a chart calls the service as an EHR would."),
    begin,
    element("div", { class: "filter" }, element("label", { for: "filter" }, "Filter by site, treatment, word"), filter, count),
    ...sections,
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

function tourList(tours) {
  const rows = tours.map((tour) => element(
    "li", {},
    element("a", { href: `#patient/${tour.patient}`, class: "open" }, element("strong", {}, tour.title)),
    element("p", {}, tour.try),
  ));
  return element("section", { class: "tours", "aria-labelledby": "begin" }, element("h2", { id: "begin" }, "Start here"), element("ol", {}, rows));
}

/** The patients in the parts of the list; whoever fits no part stands in the last. */
function partsOf(patients, parts) {
  const place = (patient) => parts.find(({ words }) => words.some((word) => patient.name.includes(word))) ?? parts.at(-1);
  return parts
    .map((each) => ({ label: each.label, held: patients.filter((patient) => place(patient) === each) }))
    .filter(({ held }) => held.length > 0);
}

function part(label, held, index) {
  const heading = element("h2", { id: `part-${index}` }, label);
  return element("section", { class: "part", "aria-labelledby": heading.id }, heading, element("ul", { class: "patients" }, held.map(row)));
}

function row(patient) {
  const kinds = [...new Set(patient.kinds)];
  const tags = kinds.length ? kinds.map((kind) => element("li", {}, KIND_WORDS[kind] ?? kind)) : [element("li", { class: "none" }, "no card")];
  return element(
    "li", { "data-words": `${patient.name.replaceAll("_", " ")} ${patient.story} ${kinds.join(" ")}`.toLowerCase() },
    element("a", { href: `#patient/${patient.name}`, class: "open" }, element("strong", {}, title(patient.name))),
    element("p", {}, patient.story),
    element("ul", { class: "tags", "aria-label": "Cards expected" }, tags),
  );
}

/** Shows the patients that have every word; where to begin is in the way then. */
function narrow(sections, begin, filter, count) {
  const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const section of sections) {
    const items = [...section.querySelectorAll(".patients > li")];
    for (const item of items) item.hidden = !wanted.every((word) => item.dataset.words.includes(word));
    const left = items.filter((item) => !item.hidden).length;
    section.hidden = left === 0;
    shown += left;
  }
  begin.hidden = wanted.length > 0;
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
