// What the server logged to this page.

import {errorNote} from "./content.js";
import {button, clockTime, h, labelled, replace} from "./dom.js";
import {logs} from "./store.js";

const levels = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

export function logPart(current) {
  const list = h("ol", {class: "log", role: "log", "aria-label": "Log", tabindex: "0"});
  const note = h("div");
  const level = h("select", {}, levels.map((name) => h("option", {value: name, selected: name === "info"}, name)));
  level.addEventListener("change", async () => {
    replace(note);
    await current().setLogLevel(level.value).catch((error) => replace(note, errorNote(error)));
  });
  const line = ({at, level: severity, logger, data}) => h("li", {class: severity},
    h("time", {}, clockTime(at)), " ", h("strong", {}, severity), " ",
    logger ? h("code", {}, logger) : null, " ", typeof data === "string" ? data : JSON.stringify(data));
  const draw = () => replace(list, logs.entries.map(line));
  logs.addEventListener("change", ({detail}) => {
    if (!detail) {
      draw();
      return;
    }
    const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 4;
    list.append(line(detail));
    if (list.childElementCount > logs.limit)
      list.firstChild.remove();
    if (atEnd)
      list.scrollTop = list.scrollHeight;
  });
  draw();
  const hint = h("p", {class: "hint"});
  return {
    node: h("section", {}, h("h1", {}, "Log"), hint,
      h("div", {class: "bar"}, labelled("Lowest level", level), button("Clear", () => logs.clear())),
      note, list),
    show() {
      hint.textContent = current()?.modern
        ? "In this protocol a server logs only to the request that it works on: calls made from here."
        : "What the server logs to this session.";
    },
    level: () => level.value,
  };
}
