// Resources and templates, with a viewer.

import {browser} from "./browser.js";
import {completer} from "./complete.js";
import {resourceContents, resourceHash} from "./content.js";
import {button, h, labelled} from "./dom.js";
import {jsonTree} from "./json_tree.js";
import {runner} from "./run.js";
import {submitByKey} from "./tools.js";
import {expand, variables} from "./uri_template.js";

export function resourcesPart(current) {
  const listed = (item) => [item.title ?? item.name ?? item.uri,
                            h("span", {class: "hint"}, item.uri ?? item.uriTemplate)];
  return browser({
    title: "Resources", hash: "resources", wants: () => current().server?.capabilities?.resources,
    kinds: [
      {title: "Resources", load: () => current().list("resources/list", "resources"),
       key: (item) => item.uri, line: listed},
      {title: "Templates", load: () => current().list("resources/templates/list", "resourceTemplates"),
       key: (item) => item.uriTemplate, line: listed},
    ],
    missing: (uri) => (/^[a-z][a-z0-9+.-]*:/i.test(uri) ? {uri, name: uri} : null),
    detail: (item) => (item.uriTemplate ? templateDetail : resourceDetail)(item, current),
  });
}

function facts(item) {
  const words = [item.mimeType, item.size !== undefined && `${item.size} bytes`].filter(Boolean);
  return words.length ? h("p", {class: "hint"}, words.join(", ")) : null;
}

function resourceDetail(item, current) {
  const run = runner({
    label: "Read", client: current, show: (result) => result.contents.map(resourceContents),
    begin: () => ({method: "resources/read", params: {uri: item.uri}}),
  });
  const changed = h("p", {role: "status"});
  return h("article", {},
    h("h2", {tabindex: "-1"}, item.title ?? item.name, " ", h("code", {}, item.uri)),
    h("p", {class: "description"}, item.description), facts(item),
    h("form", {onsubmit: run.submit, onkeydown: submitByKey, "aria-label": `Read ${item.uri}`}, run.node),
    watchBox(item, current, changed), changed,
    h("details", {}, h("summary", {}, "Definition"), jsonTree(item)));
}

function watchBox(item, current, changed) {
  if (!current().server?.capabilities?.resources?.subscribe)
    return null;
  const heard = (event) => {
    const {method, params} = event.detail;
    if (method === "notifications/resources/updated" && params.uri === item.uri)
      changed.textContent = `It changed at ${new Date().toLocaleTimeString()}.`;
  };
  const watch = button("Tell me of changes", async () => {
    const on = watch.getAttribute("aria-pressed") !== "true";
    try {
      const client = current();
      client.removeEventListener("notification", heard);
      await client.subscribe(item.uri, on);
      if (on)
        client.addEventListener("notification", heard);
      watch.setAttribute("aria-pressed", String(on));
    } catch (error) {
      changed.textContent = error.message;
    }
  }, {class: "small", "aria-pressed": "false"});
  return h("p", {}, watch);
}

function templateDetail(item, current) {
  const fields = variables(item.uriTemplate).map((name) => {
    const control = h("input", {type: "text", autocomplete: "off", spellcheck: "false"});
    return {name, control};
  });
  const values = () => Object.fromEntries(fields.map(({name, control}) => [name, control.value])
    .filter(([, value]) => value !== ""));
  const where = h("code", {}, item.uriTemplate);
  const draw = () => { where.textContent = expand(item.uriTemplate, values()); };
  for (const {name, control} of fields)
    completer(control, current, {type: "ref/resource", uri: item.uriTemplate}, name, values);
  const open = (event) => {
    event.preventDefault();
    location.hash = resourceHash(expand(item.uriTemplate, values()));
  };
  draw();
  return h("article", {},
    h("h2", {tabindex: "-1"}, item.title ?? item.name, " ", h("code", {}, item.uriTemplate)),
    h("p", {class: "description"}, item.description), facts(item),
    h("form", {onsubmit: open, oninput: draw, "aria-label": `Open ${item.name}`},
      fields.map(({name, control}) => labelled(h("code", {}, name), control)),
      h("p", {}, "Address: ", where),
      h("p", {class: "actions"}, h("button", {type: "submit", class: "primary"}, "Open"))),
    h("details", {}, h("summary", {}, "Definition"), jsonTree(item)));
}
