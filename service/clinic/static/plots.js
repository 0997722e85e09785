/** Plots of measurements over time with the reference range that the laboratory gave. */

import { drawn, element } from "./dom.js";

const WIDTH = 240;
const HEIGHT = 126;
const PAD = { left: 38, right: 10, top: 8, bottom: 24 };

/** The figures of all series that were measured, and which were not. */
export function plots(series, today) {
  const missing = series.filter(({ points }) => points.length === 0).map(({ label }) => label);
  return [
    element("div", { class: "plots" }, series.filter(({ points }) => points.length > 0).map(({ label, points }) => plot(label, points, today))),
    missing.length > 0 && element("p", { class: "quiet" }, `Not found: ${missing.join(", ")}.`),
  ];
}

/** A figure for one series, in the unit of its latest value. */
function plot(label, points, today) {
  const unit = points.at(-1).number.unit;
  const same = points.filter((point) => point.number.unit === unit);
  return element("figure", { class: "plot" }, caption(label, same, points.length - same.length), picture(label, same, today));
}

function caption(label, points, others) {
  const last = points.at(-1);
  const range = rangeWords(last);
  return element(
    "figcaption", {},
    element("strong", {}, label), ` ${last.words}`,
    element("span", {}, [last.date, range && `reference ${range}`].filter(Boolean).join(" · ")),
    others > 0 && element("span", {}, `${others} more in other units`),
  );
}

function picture(label, points, today) {
  const last = points.at(-1);
  const bounds = [last.range?.low, last.range?.high].filter((bound) => Number.isFinite(bound));
  const top = niceAbove(Math.max(...points.map((point) => point.number.value), ...bounds) * 1.15);
  const x = across(points[0].date, today);
  const y = (value) => HEIGHT - PAD.bottom - (value / top) * (HEIGHT - PAD.top - PAD.bottom);
  const said = `${label}: ${points.map((point) => `${point.words} on ${point.date}`).join(", ")}`;
  return drawn(
    "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": said },
    band(last.range, top, y),
    [0, top / 2, top].map((value) => drawn("g", { class: "grid" },
      drawn("line", { x1: PAD.left, x2: WIDTH - PAD.right, y1: y(value), y2: y(value) }),
      drawn("text", { x: PAD.left - 6, y: y(value) + 4, "text-anchor": "end" }, plain(value)))),
    drawn("text", { class: "tick", x: PAD.left, y: HEIGHT - 6 }, points[0].date.slice(0, 7)),
    drawn("text", { class: "tick", x: WIDTH - PAD.right, y: HEIGHT - 6, "text-anchor": "end" }, today.slice(0, 7)),
    points.length > 1 && drawn("polyline", { class: "line", points: points.map((point) => `${x(point.date)},${y(point.number.value)}`).join(" ") }),
    points.map((point) => mark(point, x(point.date), y(point.number.value))),
  );
}

/** A dot, or a red diamond where the laboratory's range does not hold the value: never told by colour alone. */
function mark(point, x, y) {
  const title = drawn("title", {}, `${point.date}: ${point.words}${outside(point) ? ", outside the reference range" : ""}`);
  if (!outside(point)) return drawn("circle", { class: "point", cx: x, cy: y, r: 4.5 }, title);
  return drawn("rect", { class: "point outside", x: x - 4.5, y: y - 4.5, width: 9, height: 9, transform: `rotate(45 ${x} ${y})` }, title);
}

function band(range, top, y) {
  if (!range || (range.low === null && range.high === null)) return null;
  const [low, high] = [range.low ?? 0, Math.min(range.high ?? top, top)];
  return drawn("rect", { class: "band", x: PAD.left, width: WIDTH - PAD.left - PAD.right, y: y(high), height: Math.max(y(low) - y(high), 0) });
}

function outside(point) {
  const { low, high } = point.range ?? {};
  return (Number.isFinite(high) && point.number.value > high) || (Number.isFinite(low) && point.number.value < low);
}

function rangeWords({ range }) {
  if (!range) return "";
  const { low, high } = range;
  if (low !== null && high !== null) return `${low}–${high}`;
  return high !== null ? `up to ${high}` : low !== null ? `from ${low}` : "";
}

function across(first, today) {
  const [from, until] = [Date.parse(first), Math.max(Date.parse(today), Date.parse(first) + 864e5)];
  return (date) => PAD.left + 10 + ((Date.parse(date) - from) / (until - from)) * (WIDTH - PAD.left - PAD.right - 20);
}

function niceAbove(value) {
  const size = 10 ** Math.floor(Math.log10(value || 1));
  return [1, 2, 4, 5, 6, 8, 10].map((factor) => factor * size).find((nice) => nice >= value) ?? value;
}

function plain(value) {
  return value >= 10000 ? `${value / 1000}k` : String(Math.round(value * 100) / 100);
}
