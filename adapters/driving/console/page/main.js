// The page: its parts, the client that they share, the key and the colours.

import {Client, MODERN} from "./client.js";
import {HttpError} from "./http.js";
import {logPart} from "./log.js";
import {promptsPart} from "./prompts.js";
import {resourcesPart} from "./resources.js";
import {connectionsPart, serverPart} from "./state.js";
import {key} from "./store.js";
import {toolsPart} from "./tools.js";
import {trafficPart} from "./traffic.js";

const byId = (id) => document.getElementById(id);
let client = null;
const current = () => client;

const parts = {
  server: serverPart(current), tools: toolsPart(current), resources: resourcesPart(current),
  prompts: promptsPart(current), log: logPart(current), traffic: trafficPart(),
  connections: connectionsPart(),
};
const changes = {
  "notifications/tools/list_changed": "tools", "notifications/prompts/list_changed": "prompts",
  "notifications/resources/list_changed": "resources",
};

let shown = "";

/** #/tools/calculator: the part, and what of it. */
function place() {
  const [, name, what] = /^#\/(\w+)(?:\/(.*))?$/.exec(location.hash) ?? [];
  return {name: parts[name] ? name : "server", what: what === undefined ? "" : decoded(what)};
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function go() {
  const {name, what} = place();
  if (name !== shown) {
    parts[shown]?.hide?.();
    byId("main").replaceChildren(parts[name].node);
    for (const link of document.querySelectorAll("nav a")) {
      const here = link.getAttribute("href") === `#/${name}`;
      if (here)
        link.setAttribute("aria-current", "page");
      else
        link.removeAttribute("aria-current");
    }
    document.title = `${name} – hexmcp console`;
    if (shown) {
      byId("main").focus({preventScroll: true});
      window.scrollTo(0, 0);
    }
    shown = name;
  }
  parts[name].show?.(what);
}

function say(text) {
  byId("status").textContent = text;
}

/** True if it was for want of a key, which the person is then asked for. */
function wantsKey(error) {
  if (!(error instanceof HttpError) || (error.status !== 401 && error.status !== 403))
    return false;
  say(error.status === 401 ? "A key is needed." : "The key does not suffice.");
  byId("key-why").textContent = error.message;
  if (!byId("key-dialog").open)
    byId("key-dialog").showModal();
  return true;
}

function refreshAll() {
  parts.resources.forget(); // which of them are watched was known to the last client
  for (const part of Object.values(parts))
    part.refresh?.();
}

let attempt = 0;

async function connect() {
  const number = ++attempt;
  await client?.close().catch(() => {});
  if (number !== attempt)
    return;
  const mine = new Client(byId("era").value);
  client = mine;
  mine.logLevel = parts.log.level();
  mine.addEventListener("notification", ({detail}) => parts[changes[detail.method]]?.refresh());
  mine.addEventListener("lost", ({detail}) => {
    if (client === mine && !wantsKey(detail))
      say(`The stream of changes ended: ${detail.message}`);
  });
  say("Connecting…");
  try {
    await mine.connect();
  } catch (error) {
    if (client === mine && !wantsKey(error))
      say(`No connection: ${error.message}`);
    return;
  }
  const {serverInfo, protocolVersion} = mine.server;
  byId("server-name").textContent = `${serverInfo.name} ${serverInfo.version}`;
  say(`Connected, protocol ${protocolVersion}`);
  refreshAll();
  parts[shown]?.hide?.();
  go();
}

function setTheme(value) {
  document.documentElement.dataset.theme = value;
  byId("theme").value = value;
  localStorage.setItem("hexmcp.theme", value);
}

function start() {
  setTheme(localStorage.getItem("hexmcp.theme") ?? "auto");
  byId("theme").addEventListener("change", (event) => setTheme(event.target.value));
  byId("era").value = sessionStorage.getItem("hexmcp.era") ?? MODERN;
  byId("era").addEventListener("change", (event) => {
    sessionStorage.setItem("hexmcp.era", event.target.value);
    connect();
  });
  byId("key-button").addEventListener("click", () => byId("key-dialog").showModal());
  byId("key-dialog").addEventListener("close", () => {
    const {returnValue} = byId("key-dialog");
    const given = byId("key").value.trim();
    byId("key").value = "";
    if (returnValue === "use" && given)
      key.set(given);
    else if (returnValue === "forget")
      key.forget();
    else
      return;
    connect();
  });
  window.addEventListener("hashchange", go);
  window.addEventListener("pagehide", () => client?.close().catch(() => {}));
  go();
  connect();
}

start();
