// TypeScript SDK 2.x: each legacy revision, automatic negotiation, and the modern revision pinned.
import { pathToFileURL } from 'node:url';
import { main } from './lib/scenarios.mjs';
import { WIRE } from './lib/server.mjs';
import { allPages, anyAnswer } from './lib/values.mjs';
import { RawRequests } from './lib/raw_requests.mjs';

const modules = `${process.env.INTEROP_NODE_HOME}/node_modules/@modelcontextprotocol`;
// Not by require(): the tasks package knows only the module form of the client.
const load = path => import(pathToFileURL(`${modules}/${path}`));
const { Client, StreamableHTTPClientTransport } = await load('client/dist/index.mjs');
const { StdioClientTransport } = await load('client/dist/stdio.mjs');
const { createTaskSessionFromClient, resultFromTaskOutcome } =
    await load('ext-tasks/dist/client/index.js');

const MODERN = '2026-07-28';
const TASKS_SINCE = '2025-11-25';
const LOG_LEVEL = 'io.modelcontextprotocol/logLevel';
const INFO = { name: 'hexmcp-interop', version: '1' };

const capabilities = revision => ({
    elicitation: { form: {}, url: {} },
    sampling: {},
    roots: revision === MODERN ? {} : { listChanged: true },
    ...revision === MODERN && { extensions: { 'io.modelcontextprotocol/tasks': {} } }
});

// Handlers for all that the server may ask for or tell.
function listen(client, state) {
    for (const method of ['elicitation/create', 'sampling/createMessage', 'roots/list'])
        client.setRequestHandler(method, ({ params }) => {
            state.asked.push({ method, params });
            return state.answer(method, params);
        });
    client.setNotificationHandler('notifications/resources/updated',
                                  ({ params }) => void state.heard.updated.push(params.uri));
    client.setNotificationHandler('notifications/message',
                                  ({ params }) => void state.heard.logs.push(params));
    for (const kind of ['tools', 'resources', 'prompts'])
        client.setNotificationHandler(`notifications/${kind}/list_changed`,
                                      ({ method }) => void state.heard.lists.push(method));
}

// The package that adds tasks to this client. For the modern extension it wants its own way to the
// wire, past the client.
function tasks(client, raw, revision, state) {
    if (revision < TASKS_SINCE)
        return { why: `${revision} has no tasks` };
    const onInputRequest = ({ kind, params }) => {
        const method = { elicitation: 'elicitation/create', sampling: 'sampling/createMessage',
                         roots: 'roots/list' }[kind];
        state.asked.push({ method, params });
        return state.answer(method, params);
    };
    const session = () => createTaskSessionFromClient(client, {
        endpointId: 'hexmcp',
        onInputRequest: async request => onInputRequest(request),
        ...revision === MODERN && {
            rawDispatch: request => raw.send(request),
            v2RequestFraming: {
                protocolVersion: MODERN, clientInfo: INFO, clientCapabilities: capabilities(MODERN)
            }
        }
    });
    const asTask = { task: { preference: 'require' } };
    const start = (own, name, args) => own.callTool(name, args, asTask);
    return {
        whyNoInput: revision === MODERN ? undefined
            : 'ext-tasks asks for tasks/result only after the end, and input comes on its way',
        async run(name, args) {
            const own = session();
            try {
                const execution = await start(own, name, args);
                const { outcome } = await execution.settle();
                const isTask = execution.kind === 'task';
                return { isTask, result: resultFromTaskOutcome(outcome) };
            } finally {
                await own.close();
            }
        },
        async cancel(name, args) {
            const own = session();
            try {
                const execution = await start(own, name, args);
                const settled = execution.settle();
                await execution.cancel();
                return (await settled).outcome.status;
            } finally {
                await own.close();
            }
        }
    };
}

// One stream of a modern connection for each resource; the old pair of requests before.
async function watch(client, uri, revision) {
    if (revision === MODERN) {
        const subscription = await client.listen({ resourceSubscriptions: [uri] });
        return () => subscription.close();
    }
    await client.subscribeResource({ uri });
    return () => client.unsubscribeResource({ uri });
}

// Before the modern revision a client hears of lists unasked.
async function watchLists(client, revision) {
    if (revision !== MODERN)
        return async () => {};
    const subscription = await client.listen({
        toolsListChanged: true, resourcesListChanged: true, promptsListChanged: true
    });
    return () => subscription.close();
}

async function open(server, options, revision, able) {
    const declared = able ? capabilities(revision) : {};
    const client = new Client(INFO, { ...options, capabilities: declared });
    const transport = WIRE === 'http' ? new StreamableHTTPClientTransport(server.url)
        : new StdioClientTransport(server.parameters);
    const state = anyAnswer();
    client.onerror = error => state.errors.push(error);
    if (able)
        listen(client, state);
    await client.connect(transport);
    const raw = new RawRequests(transport);
    const call = (name, args, options) => client.callTool({ name, arguments: args }, options);
    return Object.assign(state, {
        server,
        call,
        version: () => client.getNegotiatedProtocolVersion(),
        serverName: () => client.getServerVersion()?.name,
        // Without a cursor this client takes all pages by itself.
        list: async () => (await client.listTools()).tools,
        listResources: async () => (await client.listResources()).resources,
        listTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
        listPrompts: () => allPages(params => client.listPrompts(params), 'prompts'),
        notFound: -32602, // to this client also what comes as -32002 is of this one kind
        read: uri => client.readResource({ uri }),
        prompt: (name, args) => client.getPrompt({ name, arguments: args }),
        complete: params => client.complete(params),
        async logged(threshold, name, args) {
            const _meta = { [LOG_LEVEL]: threshold };
            if (revision === MODERN)
                return client.callTool({ name, arguments: args, _meta });
            await client.setLoggingLevel(threshold);
            return call(name, args);
        },
        watch: uri => watch(client, uri, revision),
        watchLists: () => watchLists(client, revision),
        rootsChanged: revision === MODERN ? undefined : () => client.sendRootsListChanged(),
        tasks: tasks(client, raw, revision, state),
        close: () => client.close()
    });
}

const mode = (label, revision, options) => ({
    label, revision, open: (server, able) => open(server, options, revision, able)
});

await main([
    ...['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'].map(revision =>
        mode(`legacy ${revision}`, revision, { supportedProtocolVersions: [revision] })),
    mode('auto', MODERN, { versionNegotiation: { mode: 'auto' } }),
    mode(`pinned ${MODERN}`, MODERN, { versionNegotiation: { mode: { pin: MODERN } } })
]);
