// An MCP client over /mcp: protocol 2026-07-28, where each request speaks for itself, and
// 2025-11-25, where a session comes first.

import {exchange, HttpError} from "./http.js";
import {parameterHeaders, headerValue} from "./headers.js";
import {logs} from "./store.js";

export const MODERN = "2026-07-28";
export const LEGACY = "2025-11-25";

const url = "/mcp";
const info = {name: "hexmcp-console", title: "hexmcp console", version: "1"};
const tasksExtension = "io.modelcontextprotocol/tasks";
const meta = (name) => `io.modelcontextprotocol/${name}`;

/** What this page lets a person answer by hand. */
const capabilities = {elicitation: {form: {}, url: {}}, sampling: {}, roots: {}};

/** An error that the protocol answered with. */
export class RpcError extends Error {
  constructor(error) {
    super(error.message);
    this.code = error.code;
    this.data = error.data;
  }
}

const target = {
  "tools/call": "name", "prompts/get": "name", "resources/read": "uri",
  "tasks/get": "taskId", "tasks/update": "taskId", "tasks/cancel": "taskId",
};

export class Client extends EventTarget {
  #era;
  #nextId = 1;
  #session = "";
  #streams = new AbortController();
  #listening = null;
  #subscribed = new Set();

  constructor(era) {
    super();
    this.#era = era;
    this.logLevel = "info";
    this.server = null;
  }

  get modern() {
    return this.#era === MODERN;
  }

  get era() {
    return this.#era;
  }

  get subscriptions() {
    return this.#subscribed;
  }

  /** Aborted when the client is closed. */
  get closed() {
    return this.#streams.signal;
  }

  /** Gets to know the server; `server` is set afterwards. */
  async connect() {
    if (this.modern)
      await this.#discover();
    else
      await this.#initialize();
    this.#watch();
  }

  /** Ends what is open, and the session. */
  async close() {
    this.#streams.abort();
    if (!this.#session)
      return;
    const headers = this.#legacyHeaders();
    this.#session = "";
    await drain(exchange("DELETE", url, {headers, about: {era: LEGACY, method: "end of session"}}));
  }

  /**
   * Sends a request and gives its result. `options`: signal, tool (its definition), onProgress,
   * onLog, onInput(requests) -> answers, onTask(task).
   */
  async request(method, params, options = {}) {
    const id = this.#nextId++;
    const message = {jsonrpc: "2.0", id, method, params: this.#withMeta(params, id, options)};
    const headers = this.modern ? this.#modernHeaders(method, params, options) : this.#legacyHeaders();
    const stop = () => this.#cancelled(id, options);
    options.signal?.addEventListener("abort", stop, {once: true});
    try {
      return await this.#converse(message, headers, options);
    } finally {
      options.signal?.removeEventListener("abort", stop);
    }
  }

  /** As request, and asks the person for input as often as the server needs it. */
  async call(method, params, options = {}) {
    let result = await this.request(method, params, options);
    while (result.resultType === "input_required") {
      const inputResponses = await options.onInput(result.inputRequests ?? {});
      const round = {...params, inputResponses};
      if (result.requestState !== undefined)
        round.requestState = result.requestState;
      result = await this.request(method, round, options);
    }
    if (result.resultType === "task" || result.task)
      return this.#follow(result.task ?? result, options);
    return result;
  }

  /** All pages of a list. */
  async list(method, member) {
    const all = [];
    let cursor;
    do {
      const page = await this.request(method, cursor === undefined ? {} : {cursor});
      all.push(...(page[member] ?? []));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return all;
  }

  async notify(method, params) {
    const message = {jsonrpc: "2.0", method, params};
    const headers = this.modern ? this.#modernHeaders(method, params, {}) : this.#legacyHeaders();
    await drain(exchange("POST", url, {headers, message, about: {era: this.#era, method}}));
  }

  /** Hears of changes of a resource, or no longer. */
  async subscribe(uri, on) {
    if (on)
      this.#subscribed.add(uri);
    else
      this.#subscribed.delete(uri);
    if (this.modern)
      this.#listen();
    else
      await this.request(on ? "resources/subscribe" : "resources/unsubscribe", {uri});
  }

  async setLogLevel(level) {
    this.logLevel = level;
    if (!this.modern)
      await this.request("logging/setLevel", {level});
  }

  #withMeta(params, id, options) {
    const _meta = {...params?._meta};
    if (options.onProgress)
      _meta.progressToken = id;
    if (this.modern) {
      _meta[meta("protocolVersion")] = MODERN;
      _meta[meta("clientInfo")] = info;
      _meta[meta("clientCapabilities")] = {...capabilities, extensions: {[tasksExtension]: {}}};
      if (options.onLog)
        _meta[meta("logLevel")] = this.logLevel;
    }
    return Object.keys(_meta).length ? {...params, _meta} : {...params};
  }

  #modernHeaders(method, params, options) {
    const headers = {
      "Content-Type": "application/json", Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": MODERN, "Mcp-Method": method,
    };
    if (target[method])
      headers["Mcp-Name"] = headerValue(params[target[method]]);
    return Object.assign(headers, parameterHeaders(options.tool?.inputSchema, params?.arguments));
  }

  #legacyHeaders() {
    const headers = {
      "Content-Type": "application/json", Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": LEGACY,
    };
    if (this.#session)
      headers["MCP-Session-Id"] = this.#session;
    return headers;
  }

  async #converse(message, headers, options) {
    const about = {era: this.#era, method: message.method,
                   target: message.params?.[target[message.method]]};
    const send = {headers, message, signal: options.signal, about, answered: options.answered};
    for await (const incoming of exchange("POST", url, send)) {
      if (incoming.method === undefined && (incoming.id === message.id || incoming.id === undefined)) {
        if (incoming.error)
          throw new RpcError(incoming.error);
        return incoming.result;
      }
      this.#incoming(incoming, options);
    }
    throw new Error(`the answer to ${message.method} ended without a result`);
  }

  /** A notification or request of the server. */
  #incoming(message, options) {
    const {method, params} = message;
    if (method === "notifications/progress")
      options.onProgress?.(params);
    else if (method === "notifications/message")
      this.#logged(params, options);
    else if (message.id !== undefined)
      this.#answer(message, options);
    else
      this.dispatchEvent(new CustomEvent("notification", {detail: {method, params}}));
  }

  #logged(params, options) {
    const entry = {at: Date.now(), ...params};
    options.onLog?.(entry);
    logs.add(entry);
  }

  /** A session's server asks on the stream of the request that it is for. */
  async #answer(message, options) {
    const reply = {jsonrpc: "2.0", id: message.id};
    if (message.method === "ping")
      reply.result = {};
    else if (options.onInput)
      reply.result = Object.values(await options.onInput({[message.id]: message}))[0];
    else
      reply.error = {code: -32601, message: "this page answers only what belongs to a call"};
    const about = {era: LEGACY, method: `answer to ${message.method}`};
    await drain(exchange("POST", url, {headers: this.#legacyHeaders(), message: reply, about}));
  }

  /** A modern server takes the end of the connection for a cancellation; a session wants a word. */
  #cancelled(id, options) {
    if (!this.modern)
      this.notify("notifications/cancelled", {requestId: id, reason: "cancelled in the console"})
        .catch((error) => options.onLog?.({at: Date.now(), level: "warning", data: error.message}));
  }

  async #discover() {
    const found = await this.request("server/discover", {});
    this.server = {...found, serverInfo: found._meta?.[meta("serverInfo")] ?? {},
                   protocolVersion: MODERN};
  }

  async #initialize() {
    this.#session = "";
    this.server = await this.request("initialize", {
      protocolVersion: LEGACY, capabilities, clientInfo: info,
    }, {answered: (response) => {
      this.#session = response.headers.get("MCP-Session-Id") ?? "";
    }});
    await this.notify("notifications/initialized", {});
  }

  #watch() {
    if (this.modern)
      this.#listen();
    else
      this.#keepOpen(this.#streams.signal, () => exchange("GET", url, {
        headers: this.#legacyHeaders(), signal: this.#streams.signal,
        about: {era: LEGACY, method: "messages of the session"},
      }));
  }

  /** One stream of changes, made anew when what is asked for changes. */
  #listen() {
    this.#listening?.abort();
    this.#listening = new AbortController();
    const signal = AbortSignal.any([this.#listening.signal, this.#streams.signal]);
    const wanted = {toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true};
    if (this.#subscribed.size)
      wanted.resourceSubscriptions = [...this.#subscribed];
    this.#keepOpen(signal, () => {
      const params = this.#withMeta({notifications: wanted}, 0, {});
      const message = {jsonrpc: "2.0", id: this.#nextId++, method: "subscriptions/listen", params};
      return exchange("POST", url, {
        headers: this.#modernHeaders(message.method, params, {}), message, signal,
        about: {era: MODERN, method: message.method},
      });
    });
  }

  /** Opens a stream again when it ends, more and more slowly if it does not hold. */
  async #keepOpen(signal, openStream) {
    for (let pause = 1000; !signal.aborted; pause = Math.min(pause * 2, 30000)) {
      try {
        for await (const message of openStream()) {
          pause = 1000;
          if (message.error)
            return;
          this.#incoming(message, {});
        }
      } catch (error) {
        if (signal.aborted)
          return;
        if (error instanceof HttpError && error.status < 500) {
          this.dispatchEvent(new CustomEvent("lost", {detail: error}));
          return;
        }
      }
      await sleep(pause, signal);
    }
  }

  /** Waits for a task and asks the person for what it needs. */
  async #follow(task, options) {
    const {taskId} = task;
    const asked = new Set();
    const stop = () => this.request("tasks/cancel", {taskId}).catch(() => {});
    options.signal?.addEventListener("abort", stop, {once: true});
    try {
      for (let now = task; ; now = await this.request("tasks/get", {taskId}, options)) {
        options.onTask?.(now);
        if (now.status === "completed")
          return this.modern ? now.result : await this.request("tasks/result", {taskId}, options);
        if (now.status === "failed" || now.status === "cancelled")
          return this.#failedTask(now, options);
        if (now.status === "input_required")
          await this.#answerTask(now, asked, options);
        await sleep(now.pollIntervalMs ?? now.pollInterval ?? 1000, options.signal);
        options.signal?.throwIfAborted();
      }
    } finally {
      options.signal?.removeEventListener("abort", stop);
    }
  }

  #failedTask(task, options) {
    if (!this.modern && task.status === "failed")
      return this.request("tasks/result", {taskId: task.taskId}, options);
    throw new RpcError(task.error ?? {message: task.statusMessage ?? `the task ${task.status}`});
  }

  async #answerTask(task, asked, options) {
    if (!this.modern) {
      await this.request("tasks/result", {taskId: task.taskId}, options);
      return;
    }
    const open = Object.entries(task.inputRequests ?? {}).filter(([name]) => !asked.has(name));
    if (open.length === 0)
      return;
    open.forEach(([name]) => asked.add(name));
    const inputResponses = await options.onInput(Object.fromEntries(open));
    await this.request("tasks/update", {taskId: task.taskId, inputResponses}, options);
  }
}

async function drain(messages) {
  for await (const message of messages) {
    if (message.error)
      throw new RpcError(message.error);
  }
}

function sleep(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}
