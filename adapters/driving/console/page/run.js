// One request at a time, with what happens on the way: progress, log, questions, result, cancel.

import {button, duration, h, replace} from "./dom.js";
import {errorNote} from "./content.js";
import {askPerson} from "./input.js";

const atWork = "Running…";

/**
 * A panel with a start button. `begin()` gives {method, params, tool?}, or throws a FieldError;
 * `show(result)` gives the elements of a result; `client()` is the client of the moment.
 */
export function runner({label, client, begin, show}) {
  const note = h("p", {class: "error", role: "alert", hidden: true});
  const bar = h("progress", {"aria-label": "Progress"});
  const said = h("p", {class: "said", "aria-live": "polite"});
  const log = h("ol", {class: "log", "aria-label": "Log of the call", "aria-live": "polite"});
  const way = h("div", {class: "way", hidden: true}, bar, said, log);
  const questions = h("div");
  const outcome = h("div", {class: "outcome", role: "region", "aria-label": "Result", tabindex: "-1"});
  let running = null;

  const stop = button("Cancel", () => running?.abort(new Error("cancelled")), {disabled: true});
  const start = h("button", {type: "submit", class: "primary"}, label);

  const onProgress = ({progress, total, message}) => {
    if (total > 0) {
      bar.max = total;
      bar.value = progress;
    }
    const figures = total > 0 ? `${progress} of ${total}` : String(progress);
    said.textContent = message ? `${figures}: ${message}` : figures;
  };
  const onLog = (entry) => log.append(h("li", {class: entry.level}, h("strong", {}, entry.level), " ",
    typeof entry.data === "string" ? entry.data : JSON.stringify(entry.data)));
  const onTask = (task) => {
    said.textContent = `task ${task.status}${task.statusMessage ? `: ${task.statusMessage}` : ""}`;
  };

  const prepare = () => {
    note.hidden = true;
    bar.removeAttribute("value");
    said.textContent = atWork;
    replace(log);
    replace(questions);
    replace(outcome);
    way.hidden = false;
    start.disabled = true;
    stop.disabled = false;
  };
  const finish = (began, ...what) => {
    if (said.textContent === atWork)
      said.textContent = "";
    way.hidden = log.childElementCount === 0 && said.textContent === "";
    bar.hidden = true;
    start.disabled = false;
    stop.disabled = true;
    running = null;
    replace(outcome, h("p", {class: "hint"}, duration(performance.now() - began)), what);
    outcome.focus({preventScroll: true});
  };

  const run = async () => {
    let request;
    try {
      request = begin();
    } catch (error) {
      note.textContent = error.message;
      note.hidden = false;
      error.control?.focus();
      return;
    }
    running = new AbortController();
    const {signal} = running;
    const using = client();
    const lost = () => running?.abort(new Error("the connection ended"));
    using.closed.addEventListener("abort", lost, {signal});
    const began = performance.now();
    prepare();
    bar.hidden = false;
    try {
      const result = await using.call(request.method, request.params, {
        signal, tool: request.tool, onProgress, onLog, onTask,
        onInput: (requests) => askPerson(questions, requests, signal),
      });
      finish(began, show(result));
    } catch (error) {
      finish(began, signal.aborted ? h("p", {}, "Cancelled.") : errorNote(error));
    }
  };
  const submit = (event) => {
    event.preventDefault();
    if (!running)
      run();
  };
  return {submit, node: h("div", {}, note, h("p", {class: "actions"}, start, stop), way, questions,
                          outcome)};
}
