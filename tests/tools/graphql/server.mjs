// A server of GraphQL for tests: node server.mjs OPTIONS (JSON). Says {"port": ...} on its standard output,
// then what it sees of each WebSocket, and ends when its standard input does.
//   key, cert  PEM: it speaks TLS
//   token      connection_init must carry it as authToken
// /graphql speaks graphql-transport-ws (graphql-ws), /legacy graphql-ws (subscriptions-transport-ws).
import {createServer} from "node:http";
import {createServer as createSecureServer} from "node:https";
import {buildSchema, execute, subscribe} from "graphql";
import {useServer} from "graphql-ws/use/ws";
import legacy from "subscriptions-transport-ws";
import {WebSocketServer} from "ws";

console.error = () => {}; // clients that leave in the middle are what the tests are about
const options = JSON.parse(process.argv[2] ?? "{}");
const say = told => console.log(JSON.stringify(told));
const schema = buildSchema(`
    type Query { lamp: Boolean }
    type Subscription { count(to: Int!): Int fails: Int silent: Int large(bytes: Int!): String echo: String }
`);
let context = {};
const roots = {
    async *count({to}) { for (let count = 1; count <= to; count++) yield {count}; },
    fails() { throw new Error("no such thing"); },
    async *silent() { await new Promise(() => {}); },
    async *large({bytes}) { yield {large: "x".repeat(bytes)}; },
    async *echo() { yield {echo: JSON.stringify(context)}; },
};
const server = options.key ? createSecureServer({key: options.key, cert: options.cert}) : createServer();
const current = new WebSocketServer({noServer: true});
useServer({
    schema, roots: {subscription: roots},
    onConnect: ({connectionParams, extra}) => {
        context = {params: connectionParams, headers: extra.request.headers, url: extra.request.url};
        say({event: "connect", ...context});
        return !options.token || connectionParams?.authToken === options.token;
    },
    onComplete: () => say({event: "complete"}),
    onDisconnect: (_, code, reason) => say({event: "disconnect", code, reason: String(reason)}),
}, current, 500);
const {SubscriptionServer, GRAPHQL_WS} = legacy;
const old = new WebSocketServer({noServer: true, handleProtocols: () => GRAPHQL_WS});
new SubscriptionServer({
    schema, rootValue: roots, execute, subscribe, keepAlive: 100,
    onConnect: params => {
        say({event: "connect", params});
        if (options.token && params?.authToken !== options.token)
            throw new Error("who are you?");
    },
    onDisconnect: () => say({event: "disconnect"}),
}, old);
server.on("upgrade", (request, socket, head) => {
    const to = request.url.startsWith("/legacy") ? old : current;
    to.handleUpgrade(request, socket, head, client => to.emit("connection", client, request));
});
server.listen(0, "127.0.0.1", () => say({port: server.address().port}));
process.stdin.on("end", () => process.exit()).resume();
