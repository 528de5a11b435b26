// Prompts, with their arguments and suggestions for them.

import {browser} from "./browser.js";
import {completer} from "./complete.js";
import {contentBlock} from "./content.js";
import {h, labelled} from "./dom.js";
import {FieldError} from "./form.js";
import {jsonTree} from "./json_tree.js";
import {runner} from "./run.js";
import {submitByKey} from "./tools.js";

export function promptsPart(current) {
  return browser({
    title: "Prompts", hash: "prompts", wants: () => current().server?.capabilities?.prompts,
    kinds: [{
      title: "Prompts", load: () => current().list("prompts/list", "prompts"), key: (one) => one.name,
      line: (one) => [one.title ?? one.name, h("span", {class: "hint"}, one.name)],
    }],
    detail: (prompt) => promptDetail(prompt, current),
  });
}

function messages(result) {
  return [h("p", {class: "hint"}, result.description),
          ...result.messages.map((message) => h("div", {class: `message ${message.role}`},
            h("strong", {}, message.role), contentBlock(message.content)))];
}

function promptDetail(prompt, current) {
  const fields = (prompt.arguments ?? []).map((argument) => ({
    ...argument, control: h("input", {type: "text", autocomplete: "off",
                                      "aria-required": argument.required ? "true" : null})}));
  const values = () => Object.fromEntries(fields.map(({name, control}) => [name, control.value])
    .filter(([, value]) => value !== ""));
  for (const {name, control} of fields)
    completer(control, current, {type: "ref/prompt", name: prompt.name}, name, values);
  const run = runner({
    label: "Get", client: current, show: messages,
    begin: () => {
      const lacking = fields.find(({required, control}) => required && control.value === "");
      if (lacking)
        throw new FieldError(lacking.control, `${lacking.name} is required.`);
      return {method: "prompts/get", params: {name: prompt.name, arguments: values()}};
    },
  });
  return h("article", {},
    h("h2", {tabindex: "-1"}, prompt.title ?? prompt.name, " ", h("code", {}, prompt.name)),
    h("p", {class: "description"}, prompt.description),
    h("form", {onsubmit: run.submit, onkeydown: submitByKey, novalidate: true, "aria-label": `Get ${prompt.name}`},
      fields.map(({name, title, description, required, control}) => labelled(
        [title && title !== name ? `${title} ` : "", h("code", {}, name),
         required ? h("span", {class: "required"}, " required") : null], control, description)),
      run.node),
    h("details", {}, h("summary", {}, "Definition"), jsonTree(prompt)));
}
