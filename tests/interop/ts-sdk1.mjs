// TypeScript SDK 1.x in every revision that it speaks.
import { createRequire } from 'node:module';
import { main } from './lib/scenarios.mjs';
import { WIRE } from './lib/server.mjs';
import { allPages, anyAnswer } from './lib/values.mjs';

const require = createRequire(`${process.env.INTEROP_NODE_HOME}/package.json`);
const { Client } = require('@modelcontextprotocol/sdk/client/index.js');
const { StdioClientTransport } = require('@modelcontextprotocol/sdk/client/stdio.js');
const { StreamableHTTPClientTransport } =
    require('@modelcontextprotocol/sdk/client/streamableHttp.js');
const { WebSocketClientTransport } = require('@modelcontextprotocol/sdk/client/websocket.js');
const types = require('@modelcontextprotocol/sdk/types.js');

const TASKS_SINCE = '2025-11-25';

const TRANSPORTS = {
    stdio: server => new StdioClientTransport(server.command),
    remote: server => new StdioClientTransport(server.command),
    http: server => new StreamableHTTPClientTransport(server.url),
    websocket: server => new WebSocketClientTransport(server.webSocketUrl)
};

// The client always asks for its newest revision: ask for another one on its behalf.
function askFor(transport, revision) {
    const send = transport.send.bind(transport);
    const setVersion = transport.setProtocolVersion?.bind(transport);
    transport.send = (message, options) =>
        send(message.method === 'initialize'
            ? { ...message, params: { ...message.params, protocolVersion: revision } }
            : message, options);
    transport.setProtocolVersion = version => {
        transport.negotiated = version;
        setVersion?.(version);
    };
    return transport;
}

const CAPABILITIES = {
    elicitation: { form: {}, url: {} }, sampling: {}, roots: { listChanged: true }
};

// Handlers for all that the server may ask for or tell.
function listen(client, state) {
    const asks = [types.ElicitRequestSchema, types.CreateMessageRequestSchema,
                  types.ListRootsRequestSchema];
    for (const schema of asks)
        client.setRequestHandler(schema, ({ method, params }) => {
            state.asked.push({ method, params });
            return state.answer(method, params);
        });
    client.setNotificationHandler(types.ResourceUpdatedNotificationSchema,
                                  ({ params }) => void state.heard.updated.push(params.uri));
    client.setNotificationHandler(types.LoggingMessageNotificationSchema,
                                  ({ params }) => void state.heard.logs.push(params));
    const changes = [types.ToolListChangedNotificationSchema,
                     types.ResourceListChangedNotificationSchema,
                     types.PromptListChangedNotificationSchema];
    for (const schema of changes)
        client.setNotificationHandler(schema, ({ method }) => void state.heard.lists.push(method));
}

function tasks(client, revision) {
    if (revision < TASKS_SINCE)
        return { why: `${revision} has no tasks` };
    const { tasks } = client.experimental;
    const stream = (name, args) =>
        tasks.callToolStream({ name, arguments: args }, types.CallToolResultSchema, { task: {} });
    return {
        async run(name, args) {
            let isTask = false;
            for await (const event of stream(name, args)) {
                isTask ||= event.type === 'taskCreated';
                if (event.type === 'error')
                    throw event.error;
                if (event.type === 'result')
                    return { isTask, result: event.result };
            }
        },
        async cancel(name, args) {
            for await (const event of stream(name, args))
                if (event.type === 'taskCreated') {
                    await tasks.cancelTask(event.task.taskId);
                    return (await tasks.getTask(event.task.taskId)).status;
                }
        }
    };
}

async function open(server, revision, able) {
    const client = new Client({ name: 'hexmcp-interop', version: '1' },
                              { capabilities: able ? CAPABILITIES : {} });
    const transport = askFor(TRANSPORTS[WIRE](server), revision);
    const state = anyAnswer();
    client.onerror = error => state.errors.push(error);
    if (able)
        listen(client, state);
    await client.connect(transport);
    const call = (name, args, options) =>
        client.callTool({ name, arguments: args }, types.CallToolResultSchema, options);
    return Object.assign(state, {
        server,
        call,
        version: () => transport.negotiated,
        serverName: () => client.getServerVersion()?.name,
        list: () => allPages(params => client.listTools(params), 'tools'),
        listResources: () => allPages(params => client.listResources(params), 'resources'),
        listTemplates: () =>
            allPages(params => client.listResourceTemplates(params), 'resourceTemplates'),
        listPrompts: () => allPages(params => client.listPrompts(params), 'prompts'),
        notFound: -32002,
        read: uri => client.readResource({ uri }),
        prompt: (name, args) => client.getPrompt({ name, arguments: args }),
        complete: params => client.complete(params),
        async logged(threshold, name, args) {
            await client.setLoggingLevel(threshold);
            return call(name, args);
        },
        async watch(uri) {
            await client.subscribeResource({ uri });
            return () => client.unsubscribeResource({ uri });
        },
        watchLists: async () => async () => {}, // it hears of them unasked
        rootsChanged: () => client.sendRootsListChanged(),
        tasks: tasks(client, revision),
        close: () => client.close()
    });
}

await main(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'].map(revision => ({
    label: revision,
    revision,
    open: (server, able) => open(server, revision, able)
})));
