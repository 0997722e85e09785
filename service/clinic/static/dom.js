/** Elements from names and text, never from markup: whatever a chart or a card says is text. */

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element; `on…` attributes are listeners, true and false set and leave out. */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same in SVG. */
export function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/** Says something to screen readers. */
export function announce(text) {
  document.getElementById("announcements").textContent = text;
}

/** Replaces what a container shows and keeps the focus where it was, by element id. */
export function show(container, ...children) {
  const focused = document.activeElement?.id;
  container.replaceChildren(...children.filter(Boolean));
  if (focused && container.querySelector(`#${CSS.escape(focused)}`)) document.getElementById(focused).focus();
}

/** An id that no other element has. */
export function freshId(prefix) {
  freshId.last = (freshId.last ?? 0) + 1;
  return `${prefix}-${freshId.last}`;
}

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) node.setAttribute(key, value);
  }
  node.append(...children.flat(2).filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}
