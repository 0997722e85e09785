/** The time line: what was found and done, in lanes, from the first event until the day of the visit. */

import { drawn, element } from "./dom.js";
import { dateOf, isVoid, titleOf } from "./fhir.js";

const LANES = ["Diagnosis", "Pathology", "Laboratory", "Imaging, endoscopy", "Treatment", "Board, genetics"];
const WIDTH = 760;
const LEFT = 132;
const RIGHT = 20;
const LANE = 46;
const TOP = 4;
const LETTER = 6.6;
const MOST_LETTERS = 40;
const DRUGS = new Set(["MedicationRequest", "MedicationStatement", "MedicationAdministration"]);

/** The events of a chart with lane, day and words. */
export function eventsOf(resources) {
  return resources
    .filter((resource) => !isVoid(resource) && dateOf(resource) && laneOf(resource))
    .map((resource) => ({ lane: laneOf(resource), date: dateOf(resource), label: short(titleOf(resource, resources)), lasts: DRUGS.has(resource.resourceType) && resource.status === "active" }))
    .sort((a, b) => a.date.localeCompare(b.date));
}

/** The picture, with its words for those who do not see it; the same events are listed in the chart. */
export function timeline(events, today) {
  const past = events.filter((event) => event.date <= today);
  if (past.length === 0) return element("p", { class: "quiet" }, "Nothing with a date in the chart.");
  const lanes = LANES.filter((lane) => past.some((event) => event.lane === lane));
  const height = TOP + lanes.length * LANE + 26;
  const scale = scaleOf(past[0].date, today);
  const words = `Time line from ${past[0].date} to ${today}: ${past.length} entries, all listed under studies and treatments, measurements or medication.`;
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Time line, can be scrolled" }, drawn(
    "svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": words, class: "timeline" },
    ticks(past[0].date, today, scale, height),
    lanes.map((lane, index) => laneView(lane, past.filter((event) => event.lane === lane), TOP + index * LANE + LANE / 2, scale)),
    drawn("line", { class: "now", x1: scale(today), x2: scale(today), y1: TOP, y2: height - 22 }),
    drawn("text", { class: "day", x: scale(today), y: height - 6, "text-anchor": "middle" }, "today"),
  ));
}

function laneView(lane, events, y, scale) {
  const days = [...grouped(events)];
  const marks = days.map(([date, held]) => ({ x: scale(date), words: worded(held), date, lasts: held.some((event) => event.lasts) }));
  return drawn(
    "g", {},
    drawn("text", { class: "lane", x: 0, y: y + 4 }, lane),
    drawn("line", { class: "track", x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }),
    placed(marks).map((mark) => markView(mark, y)),
  );
}

/** Marks with a place for their words above or below the line, the newest first; without one where none is left, or where the same was said of a newer mark. */
function placed(marks) {
  const taken = { above: [], below: [] };
  const free = (row, from, to) => from >= LEFT && to <= WIDTH && taken[row].every((held) => to < held.from || from > held.to);
  const said = new Set();
  return [...marks].reverse().map((mark) => {
    if (said.has(mark.words)) return mark;
    const width = mark.words.length * LETTER + 8;
    for (const row of ["above", "below"]) {
      for (const [side, from] of [["start", mark.x - 5], ["end", mark.x + 5 - width]]) {
        if (!free(row, from, from + width)) continue;
        said.add(mark.words);
        taken[row].push({ from, to: from + width });
        return { ...mark, row, side };
      }
    }
    return mark;
  });
}

function markView(mark, y) {
  return drawn(
    "g", { class: "mark" },
    mark.lasts && drawn("line", { class: "lasts", x1: mark.x, x2: WIDTH - RIGHT, y1: y, y2: y }),
    drawn("circle", { cx: mark.x, cy: y, r: 5 }, drawn("title", {}, `${mark.date}: ${mark.words}`)),
    mark.side && drawn("text", { x: mark.x + (mark.side === "start" ? -5 : 5), y: mark.row === "above" ? y - 8 : y + 17, "text-anchor": mark.side }, mark.words),
  );
}

function worded(held) {
  const labels = [...new Set(held.map((event) => event.label))];
  const all = labels.join(", ");
  if (all.length <= MOST_LETTERS) return all;
  return labels.length > 1 ? `${cut(labels[0])} and ${labels.length - 1} more` : cut(all);
}

function cut(label) {
  return label.length > MOST_LETTERS ? `${label.slice(0, MOST_LETTERS - 2).trim()} …` : label;
}

function grouped(events) {
  const held = new Map();
  for (const event of events) held.set(event.date, [...(held.get(event.date) ?? []), event]);
  return held;
}

function scaleOf(first, last) {
  const [from, until] = [Date.parse(first), Math.max(Date.parse(last), Date.parse(first) + 864e5 * 14)];
  const span = (until - from) * 1.02;
  return (date) => LEFT + 10 + ((Date.parse(date) - from) / span) * (WIDTH - LEFT - RIGHT - 10);
}

function ticks(first, last, scale, height) {
  const clear = tickDates(first, last).filter(({ date }) => scale(last) - scale(date) > 60);
  return clear.map(({ date, label }) => drawn(
    "g", { class: "tick" },
    drawn("line", { x1: scale(date), x2: scale(date), y1: TOP, y2: height - 22 }),
    drawn("text", { x: scale(date), y: height - 6, "text-anchor": "middle" }, label),
  ));
}

/** Years where the line is long, months where it is short; never more than eight. */
function tickDates(first, last) {
  const months = (Number(last.slice(0, 4)) - Number(first.slice(0, 4))) * 12 + Number(last.slice(5, 7)) - Number(first.slice(5, 7));
  const step = [1, 2, 3, 6, 12, 24, 36, 60, 120].find((size) => months / size <= 8) ?? 240;
  const dates = [];
  for (let month = 1; month <= months; month += 1) {
    const index = Number(first.slice(0, 4)) * 12 + Number(first.slice(5, 7)) - 1 + month;
    if (index % step !== 0) continue;
    const [year, of] = [Math.floor(index / 12), (index % 12) + 1];
    dates.push({ date: `${year}-${String(of).padStart(2, "0")}-01`, label: step >= 12 ? String(year) : `${year}-${String(of).padStart(2, "0")}` });
  }
  return dates;
}

function laneOf(resource) {
  const said = titleOf(resource);
  switch (resource.resourceType) {
    case "Condition": return "Diagnosis";
    case "ImagingStudy": return "Imaging, endoscopy";
    case "DiagnosticReport": return /patholog|histolog/i.test(said) ? "Pathology" : "Imaging, endoscopy";
    case "Observation": return isLaboratory(resource) ? "Laboratory" : null;
    case "Procedure": return laneOfProcedure(said);
    case "FamilyMemberHistory": return "Board, genetics";
    default: return DRUGS.has(resource.resourceType) ? "Treatment" : null;
  }
}

function isLaboratory(observation) {
  return (observation.category ?? []).some((category) => category.coding?.some((coding) => coding.code === "laboratory"));
}

function laneOfProcedure(said) {
  if (/board|screening|genetic/i.test(said)) return "Board, genetics";
  if (/tomograph|imaging|scan|ultraso|scopy\b|gastroduodenoscopy|biopsy/i.test(said) && !/excision|resection/i.test(said)) return "Imaging, endoscopy";
  return "Treatment";
}

const SHORTER = [
  [/ \[.*/, ""], [/ W contrast IV$/, ""], [/ \d.*(MG|mg|mCi).*/, ""], [/ by history and examination/, ""],
  [/Primary malignant neuroendocrine neoplasm/, "NET"], [/5-Hydroxyindoleacetate/, "5-HIAA"], [/Computed tomography/, "CT"],
  [/Positron emission tomography of whole body using gallium \(68-Ga\) dotatate/, "Ga-68 DOTATATE PET"],
  [/Magnetic resonance imaging/, "MRI"], [/Case discussed at multidisciplinary tumour board/, "Tumour board"],
];

function short(words) {
  return SHORTER.reduce((said, [long, brief]) => said.replace(long, brief), words);
}
