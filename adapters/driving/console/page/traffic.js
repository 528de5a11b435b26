// Requests and answers: those of this page with all that they hold, and those that the server answers
// for others, without their contents.

import {errorNote} from "./content.js";
import {button, bytes, clockTime, duration, h, replace} from "./dom.js";
import {getEvents} from "./http.js";
import {jsonTree} from "./json_tree.js";
import {exchanges} from "./store.js";

const KEPT_LINES = 300;

function table(caption, heads, body) {
  return h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": caption}, h("table", {},
    h("caption", {}, caption), h("thead", {}, h("tr", {}, heads.map((head) => h("th", {scope: "col"}, head)))),
    body));
}

function outcome(entry) {
  const last = entry.received.at(-1);
  if (entry.state === "open")
    return "open";
  if (entry.state === "cancelled")
    return "cancelled";
  if (last?.error)
    return `error ${last.error.code}`;
  if (last?.result?.isError)
    return "tool error";
  return entry.state === "failed" && !entry.status ? "no answer" : last?.result?.resultType ?? "done";
}

function ownRow(entry, choose) {
  const pick = button(entry.method, () => choose(entry), {class: "link", "aria-label":
    `Show ${entry.method} of ${clockTime(entry.at)}`});
  const row = h("tr");
  const draw = () => replace(row,
    h("td", {}, clockTime(entry.at)), h("td", {}, pick, " ", h("span", {class: "hint"}, entry.target)),
    h("td", {}, entry.era), h("td", {}, entry.status || "…"), h("td", {}, outcome(entry)),
    h("td", {class: "number"}, entry.state === "open" ? "…" : duration(entry.ms)),
    h("td", {class: "number"}, bytes(entry.bytesOut)), h("td", {class: "number"}, bytes(entry.bytesIn)));
  draw();
  return {row, draw};
}

function ownTable(place) {
  const body = h("tbody");
  const rows = new Map();
  const choose = (entry) => {
    replace(place, h("h3", {tabindex: "-1"}, `${entry.method} of ${clockTime(entry.at)}`),
      h("h4", {}, "Request"), h("pre", {tabindex: "0", "aria-label": "request line and headers"},
        [entry.http, ...Object.entries(entry.headers).map((pair) => pair.join(": "))].join("\n")),
      entry.sent === undefined ? null : jsonTree(entry.sent),
      h("h4", {}, `Answer: HTTP status ${entry.status}`), entry.received.map(jsonTree));
    place.querySelector("h3").focus();
  };
  const draw = (entry) => {
    if (!rows.has(entry)) {
      rows.set(entry, ownRow(entry, choose));
      body.prepend(rows.get(entry).row);
    }
    rows.get(entry).draw();
    if (rows.size > exchanges.limit) {
      const [oldest] = rows.keys();
      rows.get(oldest).row.remove();
      rows.delete(oldest);
    }
  };
  exchanges.entries.forEach(draw);
  exchanges.addEventListener("change", ({detail}) => {
    if (detail) {
      draw(detail);
      return;
    }
    rows.clear();
    replace(body);
    replace(place);
  });
  return table("This page", ["Time", "Request", "Protocol", "HTTP", "End", "Took", "Sent", "Received"], body);
}

function serverRow(event) {
  const end = event.end === "error" ? `error ${event.error}` : event.end;
  return h("tr", {}, h("td", {}, clockTime(event.at)),
    h("td", {}, event.method, " ", h("span", {class: "hint"}, event.target)), h("td", {}, event.protocol),
    h("td", {}, event.transport), h("td", {}, event.caller), h("td", {}, end),
    h("td", {class: "number"}, duration(event.duration_us / 1000)),
    h("td", {class: "number"}, bytes(event.received)), h("td", {class: "number"}, bytes(event.sent)));
}

export function trafficPart() {
  const place = h("div");
  const body = h("tbody");
  const note = h("div", {role: "status"});
  let stop = null;
  const follow = async (signal) => {
    try {
      for await (const event of getEvents("/console/api/traffic", signal)) {
        const told = JSON.parse(event.data);
        if (event.event === "missed")
          replace(note, h("p", {class: "hint"}, `${told.count} requests came too fast to be shown.`));
        else
          body.prepend(serverRow(told));
        if (body.childElementCount > KEPT_LINES)
          body.lastChild.remove();
      }
      replace(note, h("p", {class: "hint"}, "The server ended the stream."));
    } catch (error) {
      if (!signal.aborted)
        replace(note, errorNote(error));
    }
  };
  return {
    node: h("section", {}, h("h1", {}, "Traffic"),
      h("p", {}, button("Clear", () => {
        exchanges.clear();
        replace(body);
      })),
      ownTable(place), place, h("h2", {}, "Everybody"),
      h("p", {class: "hint"}, "Requests that the server answered, on all connections that you may see. " +
        "What they held is not shown."), note,
      table("The server", ["Time", "Request", "Protocol", "Wire", "Caller", "End", "Took", "Received", "Sent"], body)),
    show() {
      if (stop)
        return;
      replace(body);
      replace(note);
      stop = new AbortController();
      follow(stop.signal);
    },
    hide() {
      stop?.abort();
      stop = null;
    },
  };
}
