/** The chart as a clinician reads it: diagnosis, facts, time line, measurements, medication, what was done. */

import { element } from "./dom.js";
import { ageOn, codesOf, dateOf, isVoid, numberOf, rangeOf, statusOf, titleOf, valueWords, words } from "./fhir.js";
import { personOf, title } from "./patients.js";
import { plots } from "./plots.js";
import { eventsOf, timeline } from "./timeline.js";

/** Who the patient is, what the story is, and which day it is. */
export function banner(patient, today, moveTo) {
  const age = ageOn(today, patient.birthDate);
  const facts = [age === null ? null : `${age} years`, patient.gender, patient.birthDate && `born ${patient.birthDate}`];
  const day = element("input", { id: "today", type: "date", value: today, required: true, onchange: (event) => event.target.value && moveTo(event.target.value) });
  return [
    element("div", { class: "who" },
      element("p", { class: "back" }, element("a", { href: "#patients" }, "All patients")),
      element("h1", {}, personOf(patient), " ", element("span", {}, facts.filter(Boolean).join(", ")))),
    element("details", { class: "story", open: matchMedia("(min-width: 62rem)").matches }, element("summary", {}, title(patient.name)), element("p", {}, patient.story)),
    element("div", { class: "day" },
      element("label", { for: "today" }, "Today is"), day,
      later("+ 3 months", 3), later("+ 1 year", 12)),
  ];

  function later(label, months) {
    const button = { type: "button", id: `later-${months}`, onclick: () => moveTo(inMonths(today, months)) };
    return element("button", button, label);
  }
}

/** The chart's panels; the panel of orders comes in made. */
export function chart(ehr, start, orders) {
  const resources = ehr.chart();
  return [
    panel("Diagnosis", "diagnosis", diagnoses(resources), facts(resources, start.facts)),
    orders,
    panel("Medication", "medication", medication(resources)),
    panel("Time line", "time", timeline(eventsOf(resources), ehr.today)),
    panel("Measurements", "measurements", plots(start.series.map((series) => ({ label: series.label, points: pointsOf(series, resources, ehr.today) })), ehr.today)),
    panel("Studies and treatments", "studies", studies(resources)),
  ];
}

function panel(name, id, ...content) {
  return element("section", { class: `panel ${id}`, "aria-labelledby": `${id}-title` }, element("h2", { id: `${id}-title` }, name), content);
}

function diagnoses(resources) {
  const conditions = resources.filter((resource) => resource.resourceType === "Condition");
  if (conditions.length === 0) return element("p", { class: "quiet" }, "No diagnosis in the chart.");
  return element("ul", { class: "diagnoses" }, conditions.map((condition) => element(
    "li", isVoid(condition) ? { class: "void" } : {},
    element("strong", {}, titleOf(condition)),
    element("span", {}, [...(condition.bodySite ?? []).map(words), stated(condition), dateOf(condition)].filter(Boolean).join(" · ")),
  )));
}

function stated(condition) {
  const verified = condition.verificationStatus?.coding?.[0]?.code;
  return [statusOf(condition), verified].filter((word, index, all) => word && all.indexOf(word) === index).join(", ");
}

function facts(resources, rows) {
  const groups = [...new Set(rows.map((row) => row.group))];
  return element("div", { class: "facts" }, groups.map((group) => element(
    "table", {}, element("caption", {}, group),
    element("tbody", {}, rows.filter((row) => row.group === group).map((row) => factRow(row, resources))),
  )));
}

function factRow(row, resources) {
  const found = newestFirst(matching(row, resources).filter((observation) => !isVoid(observation)));
  const value = found.length ? latest(found) : element("span", { class: "quiet" }, "not found");
  return element("tr", {}, element("th", { scope: "row" }, row.label), element("td", {}, value), element("td", { class: "date" }, found[0] ? dateOf(found[0]) : ""));
}

/** The value of the newest day; all of them where that day has several. */
function latest(found) {
  const sameDay = found.filter((observation) => dateOf(observation) === dateOf(found[0]));
  return [...new Set(sameDay.map(valueWords))].join(" / ");
}

/** What was measured until the day of the visit, the oldest first. */
function pointsOf(series, resources, today) {
  const found = newestFirst(matching(series, resources).filter((observation) => !isVoid(observation))).reverse();
  const points = found.map((o) => ({ date: dateOf(o), number: numberOf(o), range: rangeOf(o), words: valueWords(o) }));
  return points.filter((point) => point.number && point.date && point.date <= today);
}

function matching(row, resources) {
  const codes = new Set(row.codes);
  return resources.filter((r) => r.resourceType === "Observation" && codesOf(r.code).some((code) => codes.has(code)));
}

function medication(resources) {
  const kinds = ["MedicationRequest", "MedicationStatement", "MedicationAdministration"];
  const found = newestFirst(resources.filter((resource) => kinds.includes(resource.resourceType)));
  return found.length ? listed(found, resources) : element("p", { class: "quiet" }, "None in the chart.");
}

function studies(resources) {
  const kinds = ["ImagingStudy", "DiagnosticReport", "Procedure", "FamilyMemberHistory", "Immunization"];
  const found = newestFirst(resources.filter((resource) => kinds.includes(resource.resourceType)));
  return found.length ? listed(found, resources) : element("p", { class: "quiet" }, "None in the chart.");
}

/** A list of resources with date and status; lists are long, so the reference is left to the tooltip of a mouse. */
export function listed(found, resources) {
  return element("ul", { class: "listed" }, found.map((resource) => element(
    "li", isVoid(resource) ? { class: "void" } : {},
    element("span", { class: "date" }, dateOf(resource) || "no date"),
    element("span", { title: `${resource.resourceType}/${resource.id}` }, titleOf(resource, resources)),
    element("span", { class: "status" }, statusOf(resource)),
  )));
}

function newestFirst(resources) {
  return [...resources].sort((a, b) => dateOf(b).localeCompare(dateOf(a)));
}

function inMonths(day, months) {
  const [year, month, date] = day.split("-").map(Number);
  const end = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, end))).toISOString().slice(0, 10);
}
