/** The part of GitHub-Flavored Markdown that cards use, as elements: paragraphs, lists, tables, bold, italics. */

import { element } from "./dom.js";

const ITEM = /^(\s*)([-*]|\d+\.)(\s+)(.*)$/;
const RULER = /^\|?[\s:|-]*-[\s:|-]*\|?$/;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
const INLINE = /\\([!-/:-@[-`{-~])|&(amp|lt|gt|quot|#39);|\*\*([\s\S]+?)\*\*(?!\*)|\*([^*\s](?:[^*]*[^*\s])?)\*|`([^`]+)`/;

/** The elements of a text; anything that is not understood stays text. */
export function markdown(text) {
  return blocks(text.split("\n"));
}

function blocks(lines) {
  const found = [];
  let at = 0;
  while (at < lines.length) {
    if (!lines[at].trim()) at += 1;
    else if (isTable(lines, at)) at = readTable(lines, at, found);
    else if (ITEM.test(lines[at])) at = readList(lines, at, found);
    else at = readParagraph(lines, at, found);
  }
  return found;
}

function isTable(lines, at) {
  return lines[at].includes("|") && at + 1 < lines.length && lines[at + 1].includes("|") && RULER.test(lines[at + 1]);
}

function readTable(lines, start, found) {
  let end = start + 2;
  while (end < lines.length && lines[end].includes("|")) end += 1;
  const rows = lines.slice(start + 2, end).map(cells);
  const head = element("tr", {}, cells(lines[start]).map((cell) => element("th", { scope: "col" }, inline(cell))));
  const body = rows.map((row) => element("tr", {}, row.map((cell) => element("td", {}, inline(cell)))));
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, body));
  const label = `Table: ${cells(lines[start]).join(", ")}`;
  found.push(element("div", { class: "table", tabindex: "0", role: "region", "aria-label": label }, table));
  return end;
}

function cells(line) {
  const inner = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim());
}

function readList(lines, start, found) {
  const [, indent, marker] = lines[start].match(ITEM);
  const ordered = /\d/.test(marker);
  const items = [];
  let at = start;
  while (at < lines.length) {
    const match = lines[at].match(ITEM);
    if (!match || match[1].length !== indent.length || /\d/.test(match[2]) !== ordered) break;
    const margin = match[1].length + match[2].length + match[3].length;
    const inside = [match[4]];
    at += 1;
    while (at < lines.length && belongs(lines, at, margin)) {
      inside.push(lines[at].slice(margin));
      at += 1;
    }
    items.push(element("li", {}, tight(blocks(inside))));
  }
  found.push(element(ordered ? "ol" : "ul", {}, items));
  return at;
}

function belongs(lines, at, margin) {
  if (lines[at].trim()) return /^\s*/.exec(lines[at])[0].length >= margin;
  return at + 1 < lines.length && /^\s*/.exec(lines[at + 1])[0].length >= margin && lines[at + 1].trim() !== "";
}

/** The children of an item's first paragraph stand in the item itself. */
function tight(parts) {
  const [first, ...rest] = parts;
  return first?.tagName === "P" ? [...first.childNodes, ...rest] : parts;
}

function readParagraph(lines, start, found) {
  let end = start + 1;
  while (end < lines.length && lines[end].trim() && !ITEM.test(lines[end]) && !isTable(lines, end)) end += 1;
  found.push(element("p", {}, inline(lines.slice(start, end).join(" "))));
  return end;
}

function inline(text) {
  const parts = [];
  let rest = text;
  for (let match = rest.match(INLINE); match; match = rest.match(INLINE)) {
    if (match.index > 0) parts.push(rest.slice(0, match.index));
    const [, escaped, entity, bold, italic, code] = match;
    if (escaped) parts.push(escaped);
    else if (entity) parts.push(ENTITIES[entity]);
    else if (bold) parts.push(element("strong", {}, inline(bold)));
    else if (italic) parts.push(element("em", {}, inline(italic)));
    else parts.push(element("code", {}, code));
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest) parts.push(rest);
  return parts;
}
