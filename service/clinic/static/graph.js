/** The evidence graph of one rule as SVG: resource, finding, criterion, rule, statement, from left to right. */

import { drawn } from "./dom.js";
import { criteriaOf } from "./trace.js";

const COLUMNS = ["Resource", "Finding", "Criterion", "Rule", "Statement"];
const BOX = 196;
const GAP = 46;
const LINE = 16;
const LETTERS = { title: 23, said: 27 };
const TOP = 34;
const MOST_LINES = 5;

/** The picture of a rule's trace; statements are worded where the card says what they are. */
export function graph(rule, statementWords) {
  const { nodes, edges } = nodesOf(rule, statementWords);
  const height = place(nodes);
  const width = COLUMNS.length * BOX + (COLUMNS.length - 1) * GAP;
  const label = `Evidence graph of the rule ${rule.title}: from the resources of the chart over findings and criteria to the statements`;
  return drawn(
    "svg", { viewBox: `0 0 ${width} ${height}`, class: "graph", role: "group", "aria-label": label },
    COLUMNS.map((name, column) => drawn("text", { class: "column", x: column * (BOX + GAP), y: 16 }, name)),
    edges.map(({ from, to, style }) => edgeView(nodes.get(from), nodes.get(to), style)),
    [...nodes.values()].map(nodeView),
  );
}

function nodesOf(rule, statementWords) {
  const nodes = new Map();
  const edges = [];
  const add = (key, column, style, title, text, href) => {
    if (!nodes.has(key)) nodes.set(key, { column, style, href, said: [title, text].filter(Boolean).join(": "), lines: [...wrapped(title, LETTERS.title), ...wrapped(text, LETTERS.said)].slice(0, MOST_LINES), titled: wrapped(title, LETTERS.title).length });
    return key;
  };
  const ruleKey = add("rule", 3, "rule", rule.title, rule.outcome, `rules/${rule.rule}`);
  criteriaOf(rule).forEach(({ part, role }, index) => {
    const criterion = add(`criterion ${index}`, 2, part.truth, part.criterion, role === "unless" ? `unless: ${part.truth}` : part.truth);
    const finding = add(`finding ${part.finding}`, 1, known(part) ? "finding" : "finding unclear", part.finding.replaceAll("_", " "), part.value, `findings#${part.finding}`);
    edges.push({ from: finding, to: criterion, style: "" }, { from: criterion, to: ruleKey, style: role });
    for (const evidence of (part.evidence ?? []).slice(0, 3)) {
      const resource = add(`resource ${evidence.resource}`, 0, "resource", evidence.resource, evidence.date ?? "");
      edges.push({ from: resource, to: finding, style: "" });
    }
  });
  for (const id of rule.statements) {
    edges.push({ from: ruleKey, to: add(`statement ${id}`, 4, "statement", id, statementWords.get(id) ?? "", `statements/${id}`), style: "" });
  }
  return { nodes, edges: unique(edges) };
}

function known(part) {
  return (part.evidence ?? []).length > 0 || part.truth === "true";
}

function unique(edges) {
  return [...new Map(edges.map((edge) => [`${edge.from}>${edge.to}>${edge.style}`, edge])).values()];
}

/** Puts the nodes into their columns, each column in the middle; gives the height of the whole. */
function place(nodes) {
  const heights = COLUMNS.map(() => 0);
  for (const node of nodes.values()) {
    node.height = node.lines.length * LINE + 14;
    node.x = node.column * (BOX + GAP);
    node.y = heights[node.column];
    heights[node.column] += node.height + 12;
  }
  const tallest = Math.max(...heights);
  for (const node of nodes.values()) node.y += TOP + (tallest - heights[node.column]) / 2;
  return TOP + tallest;
}

function nodeView(node) {
  const box = drawn(
    "g", { class: `node ${node.style}` },
    drawn("rect", { x: node.x, y: node.y, width: BOX, height: node.height, rx: 5 }),
    node.lines.map((line, index) => drawn("text", { class: index < node.titled ? "title" : "said", x: node.x + 10, y: node.y + 19 + index * LINE }, line)),
  );
  return node.href ? drawn("a", { href: node.href, target: "_blank", "aria-label": node.said }, box) : box;
}

function edgeView(from, to, style) {
  const [x1, y1] = [from.x + BOX, from.y + from.height / 2];
  const [x2, y2] = [to.x, to.y + to.height / 2];
  return drawn("path", { class: `edge ${style}`, d: `M${x1},${y1} C${x1 + GAP * 0.6},${y1} ${x2 - GAP * 0.6},${y2} ${x2},${y2}` });
}

/** Words in lines of so many letters; a long word is cut, a reference after its slash. */
function wrapped(text, letters) {
  if (!text) return [];
  const lines = [""];
  for (const word of String(text).split(/\s+/).flatMap((w) => pieces(w, letters))) {
    const line = lines.at(-1);
    if (line && line.length + word.length + 1 > letters) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines.length > MOST_LINES - 1 ? [...lines.slice(0, MOST_LINES - 2), `${lines[MOST_LINES - 2]} …`] : lines;
}

function pieces(word, letters) {
  if (word.length <= letters) return [word];
  const slash = word.indexOf("/") + 1;
  const parts = slash > 0 && slash <= letters ? [word.slice(0, slash), word.slice(slash)] : [word];
  return parts.flatMap((part) => part.match(new RegExp(`.{1,${letters}}`, "g")) ?? []);
}
