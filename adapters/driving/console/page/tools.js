// Tools: a form from the schema of each, and the call.

import {browser} from "./browser.js";
import {toolResult} from "./content.js";
import {h} from "./dom.js";
import {makeForm} from "./form.js";
import {jsonTree} from "./json_tree.js";
import {runner} from "./run.js";

export function toolsPart(current) {
  return browser({
    title: "Tools", hash: "tools", wants: () => current().server?.capabilities?.tools,
    kinds: [{
      title: "Tools", load: () => current().list("tools/list", "tools"), key: (tool) => tool.name,
      line: (tool) => [tool.title ?? tool.annotations?.title ?? tool.name,
                       h("span", {class: "hint"}, tool.name)],
    }],
    detail: (tool) => toolDetail(tool, current),
  });
}

const claims = {
  readOnlyHint: ["only reads", "changes things"], destructiveHint: ["may destroy", null],
  idempotentHint: ["may be repeated", null], openWorldHint: ["reaches outside", null],
};

function badges(annotations) {
  const words = Object.entries(claims).map(([name, [yes, no]]) =>
    (annotations?.[name] === true ? yes : annotations?.[name] === false ? no : null)).filter(Boolean);
  return words.length ? h("ul", {class: "badges", "aria-label": "What the tool says of itself"},
    words.map((word) => h("li", {}, word))) : null;
}

function taskOf(tool, client) {
  return !client.modern && tool.execution?.taskSupport === "required" ? {task: {}} : {};
}

function toolDetail(tool, current) {
  const form = makeForm(tool.inputSchema);
  const run = runner({
    label: "Call", client: current, show: toolResult,
    begin: () => ({method: "tools/call", tool, params: {
      name: tool.name, arguments: form.get(), ...taskOf(tool, current())}}),
  });
  return h("article", {},
    h("h2", {tabindex: "-1"}, tool.title ?? tool.name, " ", h("code", {}, tool.name)),
    h("p", {class: "description"}, tool.description), badges(tool.annotations),
    h("form", {onsubmit: run.submit, onkeydown: submitByKey, novalidate: true, "aria-label": `Call ${tool.name}`},
      form.node, run.node),
    h("details", {}, h("summary", {}, "Definition"), jsonTree(tool)));
}

/** Ctrl+Enter calls, also from a field of several lines. */
export function submitByKey(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    event.currentTarget.requestSubmit();
  }
}
