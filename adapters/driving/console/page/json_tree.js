// A JSON value that can be folded.

import {copyButton, h} from "./dom.js";

const OPEN_DEPTH = 2;
const OPEN_ENTRIES = 4; // so few are shown without a click, however deep
const SHOWN_AT_ONCE = 100;

export function jsonTree(value) {
  return h("div", {class: "tree"}, branch(undefined, value, 0),
           copyButton(() => JSON.stringify(value, null, 2)));
}

function branch(name, value, depth) {
  const label = name === undefined ? null : [h("span", {class: "name"}, name), ": "];
  if (value === null || typeof value !== "object")
    return h("div", {class: "leaf"}, label, leaf(value));
  const entries = Array.isArray(value) ? value.map((one, at) => [String(at), one])
                                       : Object.entries(value);
  const size = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  if (entries.length === 0)
    return h("div", {class: "leaf"}, label, Array.isArray(value) ? "[]" : "{}");
  const inside = h("div", {class: "branch"});
  const fold = h("details", {open: depth < OPEN_DEPTH || entries.length <= OPEN_ENTRIES}, h("summary", {}, label, size), inside);
  const fill = () => {
    if (fold.open && !inside.firstChild)
      more(inside, entries, 0, depth);
  };
  fold.addEventListener("toggle", fill);
  fill();
  return fold;
}

function more(inside, entries, from, depth) {
  const part = entries.slice(from, from + SHOWN_AT_ONCE);
  inside.append(...part.map(([name, value]) => branch(name, value, depth + 1)));
  const left = entries.length - from - part.length;
  if (left === 0)
    return;
  const next = h("button", {type: "button", class: "small", onclick: () => {
    next.remove();
    more(inside, entries, from + SHOWN_AT_ONCE, depth);
  }}, `${left} more`);
  inside.append(next);
}

function leaf(value) {
  const kind = value === null ? "null" : typeof value;
  return h("span", {class: `value ${kind}`}, JSON.stringify(value));
}
