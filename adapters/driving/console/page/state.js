// What the server says of itself: its plugins, connections, sessions, figures.

import {errorNote} from "./content.js";
import {bytes, h, replace} from "./dom.js";
import {getJson} from "./http.js";
import {jsonTree} from "./json_tree.js";

const EVERY_MS = 3000;

function rows(heads, list, cells, none) {
  if (list.length === 0)
    return h("p", {class: "hint"}, none);
  return h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": heads.join(", ")}, h("table", {},
    h("thead", {}, h("tr", {}, heads.map((head) => h("th", {scope: "col"}, head)))),
    h("tbody", {}, list.map((one) => h("tr", {}, cells(one).map((cell) => h("td", {}, cell)))))));
}

function ago(ms, now) {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  if (seconds < 120)
    return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

const plugins = (state) => rows(["Plugin", "Version", "State", "From"], state.plugins,
  (one) => [[one.title || one.id, " ", h("code", {}, one.id), one.reason ? h("p", {class: "hint"}, one.reason) : null],
            one.version, one.state, one.origin], "The server shows no plugins.");

const connections = (state) => rows(["Wire", "Peer", "Caller", "Open for", "Received", "Sent", "Waiting"],
  state.connections, (one) => [one.transport, one.peer, one.caller, ago(one.opened_ms, state.now_ms),
                               bytes(one.received), bytes(one.sent), String(one.pending)],
  "No connection that you may see.");

const sessions = (state) => rows(["Session", "Protocol", "Client", "Caller", "Began", "Last used"],
  state.sessions, (one) => [h("code", {}, `${one.id}…`), one.protocol, one.client, one.caller,
                            `${ago(one.created_ms, state.now_ms)} ago`, `${ago(one.used_ms, state.now_ms)} ago`],
  "No session that you may see.");

const counters = (state) => rows(["Figure", "Value"], state.counters,
  (one) => [one.name, String(one.value)], "The server shows no figures.");

/** A part that shows `draw(state)` and asks again while it is seen. */
function watching(title, draw) {
  const place = h("div");
  const note = h("div");
  const extra = h("div");
  let timer = null;
  let seen = false;
  let last = "";
  const look = async () => {
    try {
      const state = await getJson("/console/api/state");
      const drawn = draw(state);
      const text = drawn.map((node) => node.textContent).join();
      if (text !== last)
        replace(place, drawn);
      last = text;
      replace(note);
    } catch (error) {
      replace(note, errorNote(error));
    }
    if (seen)
      timer = setTimeout(look, EVERY_MS);
  };
  return {
    node: h("section", {}, h("h1", {}, title), extra, note, place), extra,
    show() {
      if (!seen) {
        seen = true;
        look();
      }
    },
    hide() {
      seen = false;
      clearTimeout(timer);
    },
  };
}

export function connectionsPart() {
  return watching("Connections", (state) => [
    h("h2", {}, "Connections"), connections(state), h("h2", {}, "Sessions"), sessions(state),
    h("h2", {}, "Figures"), counters(state)]);
}

export function serverPart(current) {
  const part = watching("Server", (state) => [
    h("p", {}, `It has run for ${ago(state.started_ms, state.now_ms)}.`), h("h2", {}, "Plugins"), plugins(state)]);
  const told = () => {
    const server = current()?.server;
    if (!server)
      return;
    const {serverInfo = {}, capabilities, instructions, protocolVersion} = server;
    replace(part.extra, h("dl", {}, h("dt", {}, "Name"), h("dd", {}, serverInfo.title ?? serverInfo.name),
      h("dt", {}, "Version"), h("dd", {}, serverInfo.version),
      h("dt", {}, "Protocol"), h("dd", {}, protocolVersion),
      instructions ? [h("dt", {}, "Instructions"), h("dd", {class: "description"}, instructions)] : null),
      h("details", {}, h("summary", {}, "Capabilities"), jsonTree(capabilities ?? {})));
  };
  return {...part, refresh: told};
}
