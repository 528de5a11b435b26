// bridge.mjs stdio PROGRAM ARGUMENT... | bridge.mjs websocket URL
//
// Serves Streamable HTTP on a free port of 127.0.0.1 and passes messages on to hexmcp over another
// wire, because the conformance suite speaks HTTP alone. Sessions, headers and streams are the
// bridge's; what is in the messages is hexmcp's. Prints its URL; ends with its input.
import http from "node:http";
import { randomUUID } from "node:crypto";
import { Session, Stateless } from "./channels.mjs";
import { sendError } from "./exchange.mjs";
import { stdioWire, webSocketWire } from "./wires.mjs";

const CLAIM = "io.modelcontextprotocol/protocolVersion";
const MODERN = "2026-07-28";

const [wire, ...rest] = process.argv.slice(2);
const connect = wire === "stdio" ? (onMessage) => stdioWire(rest, onMessage)
  : (onMessage) => webSocketWire(rest[0], onMessage);
const sessions = new Map();
let stateless = null;

async function bodyOf(request) {
  let text = "";
  for await (const piece of request.setEncoding("utf8"))
    text += piece;
  return JSON.parse(text);
}

function isModern(request, message) {
  return message.params?._meta?.[CLAIM] !== undefined ||
    request.headers["mcp-protocol-version"] === MODERN;
}

function pass(channel, message, response) {
  if (message.id !== undefined && message.method !== undefined) {
    channel.post(message, response);
  } else {
    channel.notice(message);
    response.writeHead(202).end();
  }
}

// On a wire without headers a request without a claim is one of the other era, so that this one is
// answered here.
function postModern(request, message, response) {
  const meta = message.params?._meta;
  const version = request.headers["mcp-protocol-version"];
  const missing = message.id !== undefined && [CLAIM, "io.modelcontextprotocol/clientCapabilities"]
    .find((key) => meta?.[key] === undefined);
  if (missing) {
    sendError(response, 400, -32602, `params._meta needs ${missing}`, message.id);
    return;
  }
  if (version && meta && version !== meta[CLAIM]) {
    sendError(response, 400, -32020, "the header names another version than the body", message.id);
    return;
  }
  stateless ??= new Stateless(connect);
  pass(stateless, message, response);
}

function sessionOf(request, response) {
  const id = request.headers["mcp-session-id"];
  const session = sessions.get(id);
  if (!session)
    sendError(response, id ? 404 : 400, -32600, id ? "unknown session" : "no session id");
  return session;
}

function postLegacy(request, message, response) {
  let session;
  if (message.method === "initialize") {
    session = new Session(randomUUID(), connect);
    sessions.set(session.id, session);
  } else {
    session = sessionOf(request, response);
  }
  if (session)
    pass(session, message, response);
}

async function post(request, response) {
  const message = await bodyOf(request);
  if (isModern(request, message))
    postModern(request, message, response);
  else
    postLegacy(request, message, response);
}

function end(request, response) {
  const session = sessionOf(request, response);
  if (!session)
    return;
  sessions.delete(session.id);
  session.close();
  response.writeHead(200).end();
}

async function serve(request, response) {
  if (request.method === "POST")
    await post(request, response);
  else if (request.method === "GET")
    sessionOf(request, response)?.get(response);
  else if (request.method === "DELETE")
    end(request, response);
  else
    response.writeHead(405).end();
}

const server = http.createServer((request, response) => {
  serve(request, response).catch((error) => sendError(response, 400, -32700, error.message));
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/mcp`);
});
process.stdin.resume().on("end", () => {
  stateless?.close();
  for (const session of sessions.values())
    session.close();
  server.closeAllConnections();
  server.close(() => process.exit(0));
});
