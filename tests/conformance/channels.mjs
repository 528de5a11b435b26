// What stands between POSTs and one connection to hexmcp.
//
// A wire does not say which request a notification belongs to, HTTP has to: progress is found by its
// token, what a subscription brings by its id, and a line of the log goes to the newest request that
// wanted some.
import { Exchange, openStream, sendEvent } from "./exchange.mjs";

const META = "io.modelcontextprotocol/";

// The era of 2026-07-28: one connection for everybody. Ids and tokens of different clients can be
// equal, so each gets one of ours on its way.
export class Stateless {
  constructor(connect) {
    this.wire = connect((text) => this.take(JSON.parse(text)));
    this.exchanges = new Map(); // by our id
    this.serial = 0;
  }

  post(message, response) {
    const id = ++this.serial;
    const token = message.params?._meta?.progressToken;
    const sent = structuredClone({ ...message, id });
    if (token !== undefined)
      sent.params._meta.progressToken = id;
    this.exchanges.set(id, new Exchange(response, message, true));
    response.on("close", () => this.leave(id));
    this.wire.send(JSON.stringify(sent));
  }

  // The client that closes its stream takes no interest in the answer.
  leave(id) {
    if (this.exchanges.delete(id))
      this.wire.send(JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled",
        params: { requestId: id } }));
  }

  notice(message) {
    this.wire.send(JSON.stringify(message));
  }

  take(message) {
    if (message.method === undefined)
      this.takeAnswer(message);
    else
      this.takeNotification(message);
  }

  takeAnswer(message) {
    const exchange = this.exchanges.get(message.id);
    if (!exchange)
      return;
    this.exchanges.delete(message.id);
    this.rename(message.result?._meta, exchange);
    exchange.answer({ ...message, id: exchange.request.id });
  }

  rename(meta, exchange) {
    if (meta?.[META + "subscriptionId"] !== undefined)
      meta[META + "subscriptionId"] = exchange.request.id;
  }

  takeNotification(message) {
    const { params = {} } = message;
    const exchange = this.owner(message.method, params);
    if (!exchange)
      return;
    this.rename(params._meta, exchange);
    if (message.method === "notifications/progress")
      params.progressToken = exchange.request.params._meta.progressToken;
    exchange.event(message);
  }

  owner(method, params) {
    if (method === "notifications/progress")
      return this.exchanges.get(params.progressToken);
    if (params._meta?.[META + "subscriptionId"] !== undefined)
      return this.exchanges.get(params._meta[META + "subscriptionId"]);
    return [...this.exchanges.values()].reverse()
      .find((exchange) => exchange.request.params?._meta?.[META + "logLevel"] !== undefined);
  }

  close() {
    this.wire.close();
  }
}

// A session of the revisions before: a connection of its own, where ids are the client's.
export class Session {
  constructor(id, connect) {
    this.id = id;
    this.wire = connect((text) => this.take(JSON.parse(text)));
    this.exchanges = new Map(); // by the text of the id
    this.stream = null; // of the last GET
    this.waiting = []; // for a GET
  }

  post(message, response) {
    const exchange = new Exchange(response, message, false);
    if (message.method === "initialize")
      exchange.headers["Mcp-Session-Id"] = this.id;
    this.exchanges.set(JSON.stringify(message.id), exchange);
    this.wire.send(JSON.stringify(message));
  }

  notice(message) {
    this.wire.send(JSON.stringify(message));
  }

  take(message) {
    const key = JSON.stringify(message.id);
    if (message.method === undefined && this.exchanges.has(key)) {
      this.exchanges.get(key).answer(message);
      this.exchanges.delete(key);
    } else if (message.method !== undefined) {
      this.takeOther(message);
    }
  }

  // Requests of the server and lines of the log belong to the newest call that is open.
  takeOther(message) {
    const open = [...this.exchanges.values()].filter((exchange) => !exchange.gone);
    const token = message.params?.progressToken;
    if (token !== undefined)
      open.find((exchange) => exchange.request.params?._meta?.progressToken === token)
        ?.event(message);
    else if (open.length && (message.id !== undefined || message.method === "notifications/message"))
      open.at(-1).event(message);
    else if (this.stream)
      sendEvent(this.stream, message);
    else
      this.waiting.push(message);
  }

  get(response) {
    openStream(response, { "Mcp-Session-Id": this.id });
    response.flushHeaders();
    this.stream?.end();
    this.stream = response;
    response.on("close", () => {
      if (this.stream === response)
        this.stream = null;
    });
    for (const message of this.waiting.splice(0))
      sendEvent(response, message);
  }

  close() {
    this.stream?.end();
    this.wire.close();
  }
}
