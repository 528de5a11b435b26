// One POST that waits for its answer: JSON, or a stream of events if something comes before it.

// HTTP status of an answer in the era of 2026-07-28. Before it is always 200.
const STATUS = new Map([[-32601, 404], [-32600, 400], [-32700, 400], [-32020, 400], [-32021, 400],
  [-32022, 400]]);

export function sendJson(response, status, body, headers = {}) {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

export function sendError(response, status, code, message, id = null) {
  sendJson(response, status, { jsonrpc: "2.0", id, error: { code, message } });
}

export function openStream(response, headers = {}) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache",
    ...headers });
}

export function sendEvent(response, message) {
  response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
}

export class Exchange {
  constructor(response, request, modern) {
    this.response = response;
    this.request = request;
    this.modern = modern;
    this.headers = {};
  }

  get gone() {
    return this.response.destroyed;
  }

  // What comes before the answer.
  event(message) {
    if (!this.response.headersSent)
      openStream(this.response, this.headers);
    sendEvent(this.response, message);
  }

  answer(message) {
    if (this.response.headersSent) {
      sendEvent(this.response, message);
      this.response.end();
    } else {
      const status = this.modern && message.error ? STATUS.get(message.error.code) ?? 200 : 200;
      sendJson(this.response, status, message, this.headers);
    }
  }
}
