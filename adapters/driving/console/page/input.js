// What a server asks in the middle of a call, answered by a person.

import {button, h, labelled} from "./dom.js";
import {contentBlock} from "./content.js";
import {makeForm} from "./form.js";

/**
 * Shows the questions of one round in `place` and gives the answers, by the same keys. Aborting the
 * signal takes them away.
 */
export async function askPerson(place, requests, signal) {
  const answers = {};
  for (const [name, request] of Object.entries(requests))
    answers[name] = await ask(place, request, signal);
  return answers;
}

function ask(place, request, signal) {
  return new Promise((resolve, reject) => {
    const panel = h("section", {class: "question", tabindex: "-1", "aria-label": "The server asks"});
    const leave = () => {
      panel.remove();
      reject(signal.reason);
    };
    signal?.addEventListener("abort", leave, {once: true});
    const answer = (value) => {
      signal?.removeEventListener("abort", leave);
      panel.remove();
      resolve(value);
    };
    const show = questions[request.method];
    if (!show) {
      reject(new Error(`the server asks for ${request.method}, which this page does not know`));
      return;
    }
    panel.append(...show(request.params ?? {}, answer));
    place.append(panel);
    panel.focus();
  });
}

function complaint() {
  return h("p", {class: "error", role: "alert", hidden: true});
}

/** Runs `make`; what is wrong with a field is said and the field gets the focus. */
function guarded(note, make) {
  return () => {
    note.hidden = true;
    try {
      make();
    } catch (error) {
      note.textContent = error.message;
      note.hidden = false;
      error.control?.focus();
    }
  };
}

const questions = {
  "elicitation/create": (params, answer) => (params.mode === "url" ? askUrl : askForm)(params, answer),
  "sampling/createMessage": askSampling,
  "roots/list": askRoots,
};

function refusals(answer) {
  return [button("Decline", () => answer({action: "decline"})),
          button("Cancel the question", () => answer({action: "cancel"}))];
}

function askForm(params, answer) {
  const form = makeForm(params.requestedSchema);
  const note = complaint();
  const send = guarded(note, () => answer({action: "accept", content: form.get()}));
  return [h("h4", {}, "The server asks"), h("p", {}, params.message), form.node, note,
          h("p", {class: "actions"}, button("Answer", send, {class: "primary"}), refusals(answer))];
}

function askUrl(params, answer) {
  const web = /^https?:\/\//i.test(params.url ?? "");
  return [h("h4", {}, "The server asks you to open a page"), h("p", {}, params.message),
          h("p", {}, h("code", {}, params.url)),
          h("p", {class: "hint"}, "Look at the address before you open it: it is another site."),
          web ? h("p", {}, h("a", {href: params.url, target: "_blank", rel: "noopener noreferrer"},
            "Open the page in a new tab")) : null,
          h("p", {class: "actions"}, button("I agree", () => answer({action: "accept"}),
            {class: "primary"}), refusals(answer))].filter(Boolean);
}

function askSampling(params, answer) {
  const messages = (params.messages ?? []).map((message) => h("div", {class: "message"},
    h("strong", {}, message.role), [message.content].flat().map(contentBlock)));
  const text = h("textarea", {rows: 4});
  const model = h("input", {type: "text", value: "a person"});
  const accept = () => answer({role: "assistant", content: {type: "text", text: text.value},
                               model: model.value, stopReason: "endTurn"});
  return [h("h4", {}, "The server asks for a model's answer"),
          params.systemPrompt ? h("p", {class: "hint"}, `System: ${params.systemPrompt}`) : null,
          ...messages,
          labelled("Your answer, in the place of the model", text),
          labelled("Name of the model", model),
          h("p", {class: "actions"}, button("Answer", accept, {class: "primary"}))].filter(Boolean);
}

function askRoots(params, answer) {
  const text = h("textarea", {rows: 3, spellcheck: "false"});
  const note = complaint();
  const send = guarded(note, () => {
    const roots = text.value.split("\n").map((line) => line.trim()).filter(Boolean)
      .map((uri) => ({uri}));
    const wrong = roots.find(({uri}) => !uri.startsWith("file://"));
    if (wrong)
      throw new Error(`${wrong.uri}: a root begins with file://`);
    answer({roots});
  });
  return [h("h4", {}, "The server asks for the folders that you work in"),
          labelled("Roots", text, "One file:// address a line; nothing: no folder."), note,
          h("p", {class: "actions"}, button("Answer", send, {class: "primary"}))];
}
