// TypeScript SDK 2.x: each legacy revision, automatic negotiation, and the modern revision pinned.
import { createRequire } from 'node:module';
import { main } from './lib/scenarios.mjs';

const require = createRequire(`${process.env.INTEROP_NODE_HOME}/package.json`);
const { Client } = require('@modelcontextprotocol/client');
const { StdioClientTransport } = require('@modelcontextprotocol/client/stdio');

async function open(server, options) {
    const client = new Client({ name: 'hexmcp-interop', version: '1' }, options);
    const errors = [];
    client.onerror = error => errors.push(error);
    await client.connect(new StdioClientTransport(server.parameters));
    return {
        server,
        errors,
        version: () => client.getNegotiatedProtocolVersion(),
        serverName: () => client.getServerVersion()?.name,
        list: async () => (await client.listTools()).tools,
        call: (name, args, options) => client.callTool({ name, arguments: args }, options),
        close: () => client.close()
    };
}

const legacy = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'].map(revision => ({
    label: `legacy ${revision}`,
    revision,
    open: server => open(server, { supportedProtocolVersions: [revision] })
}));

await main([
    ...legacy,
    {
        label: 'auto',
        revision: '2026-07-28',
        open: server => open(server, { versionNegotiation: { mode: 'auto' } })
    },
    {
        label: 'pinned 2026-07-28',
        revision: '2026-07-28',
        open: server => open(server, { versionNegotiation: { mode: { pin: '2026-07-28' } } })
    }
]);
