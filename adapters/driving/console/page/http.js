// One HTTP request with the key of this tab. Each is noted in the list of exchanges.

import {events} from "./sse.js";
import {exchanges, key} from "./store.js";

/** The server refused the request before the protocol saw it. */
export class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const encoder = new TextEncoder();

function note(method, url, headers, message, about) {
  const text = message === undefined ? undefined : JSON.stringify(message);
  return exchanges.add({
    at: Date.now(), began: performance.now(), http: `${method} ${url}`, headers, sent: message,
    bytesOut: text === undefined ? 0 : encoder.encode(text).length, bytesIn: 0, received: [],
    status: 0, state: "open", ms: 0, text, ...about,
  });
}

function end(exchange, state) {
  exchange.state = state;
  exchange.ms = performance.now() - exchange.began;
  exchanges.changed(exchange);
}

function take(exchange, text) {
  const message = JSON.parse(text);
  exchange.bytesIn += encoder.encode(text).length;
  exchange.received.push(message);
  exchanges.changed(exchange);
  return message;
}

/** What a refusal says of itself: the message of an error object, or its text. */
function reason(status, text) {
  try {
    const message = JSON.parse(text)?.error?.message;
    if (typeof message === "string")
      return message;
  } catch {
    // No JSON: the text itself is the reason.
  }
  return text.trim().slice(0, 300) || `the server answered with HTTP status ${status}`;
}

async function* messagesOf(response, exchange) {
  const type = (response.headers.get("Content-Type") ?? "").split(";")[0].trim();
  if (type === "text/event-stream") {
    for await (const event of events(response.body)) {
      if (event.data !== "")
        yield take(exchange, event.data);
    }
    return;
  }
  const text = await response.text();
  if (type === "application/json" && text) {
    const message = take(exchange, text);
    if (response.ok || message.id !== undefined) {
      yield message;
      return;
    }
  }
  if (!response.ok)
    throw new HttpError(response.status, reason(response.status, text));
}

async function begin(method, url, options, exchange) {
  const authorization = key.get() ? {Authorization: `Bearer ${key.get()}`} : {};
  const response = await fetch(url, {
    method, headers: {...options.headers, ...authorization}, body: exchange.text,
    signal: options.signal, cache: "no-store", credentials: "omit", redirect: "error",
    referrerPolicy: "no-referrer",
  });
  exchange.status = response.status;
  exchanges.changed(exchange);
  options.answered?.(response);
  return response;
}

/**
 * Sends a request and yields each message of the answer. `options`: headers, message, signal,
 * about (what the list of exchanges shows), answered(response).
 */
export async function* exchange(method, url, options) {
  const entry = note(method, url, options.headers ?? {}, options.message, options.about);
  try {
    const response = await begin(method, url, options, entry);
    yield* messagesOf(response, entry);
    end(entry, entry.status < 400 ? "done" : "failed");
  } catch (error) {
    end(entry, options.signal?.aborted ? "cancelled" : "failed");
    throw error;
  } finally {
    if (entry.state === "open")
      end(entry, "done");
  }
}

/** GET of one JSON value that is not of the protocol; not noted. */
export async function getJson(url) {
  const response = await open(url, "application/json");
  return response.json();
}

/** The events of a stream that is not of the protocol; not noted. */
export async function* getEvents(url, signal) {
  const response = await open(url, "text/event-stream", signal);
  yield* events(response.body);
}

async function open(url, accept, signal) {
  const headers = {Accept: accept};
  if (key.get())
    headers.Authorization = `Bearer ${key.get()}`;
  const response = await fetch(url, {headers, signal, cache: "no-store", credentials: "omit"});
  if (!response.ok)
    throw new HttpError(response.status, reason(response.status, await response.text()));
  return response;
}
