// TypeScript SDK 1.x in every revision that it speaks.
import { createRequire } from 'node:module';
import { main } from './lib/scenarios.mjs';

const require = createRequire(`${process.env.INTEROP_NODE_HOME}/package.json`);
const { Client } = require('@modelcontextprotocol/sdk/client/index.js');
const { StdioClientTransport } = require('@modelcontextprotocol/sdk/client/stdio.js');
const { CallToolResultSchema } = require('@modelcontextprotocol/sdk/types.js');

// The client always asks for its newest revision: ask for another one on its behalf.
class Transport extends StdioClientTransport {
    constructor(parameters, revision) {
        super(parameters);
        this.revision = revision;
    }

    send(message, options) {
        if (message.method === 'initialize')
            message = { ...message, params: { ...message.params, protocolVersion: this.revision } };
        return super.send(message, options);
    }

    setProtocolVersion(version) {
        this.negotiated = version;
    }
}

async function listAll(client) {
    const tools = [];
    let cursor;
    do {
        const page = await client.listTools(cursor === undefined ? {} : { cursor });
        tools.push(...page.tools);
        cursor = page.nextCursor;
    } while (cursor !== undefined);
    return tools;
}

async function open(server, revision) {
    const client = new Client({ name: 'hexmcp-interop', version: '1' });
    const transport = new Transport(server.parameters, revision);
    const errors = [];
    client.onerror = error => errors.push(error);
    await client.connect(transport);
    return {
        server,
        errors,
        version: () => transport.negotiated,
        serverName: () => client.getServerVersion()?.name,
        list: () => listAll(client),
        call: (name, args, options) =>
            client.callTool({ name, arguments: args }, CallToolResultSchema, options),
        close: () => client.close()
    };
}

await main(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'].map(revision => ({
    label: revision,
    revision,
    open: server => open(server, revision)
})));
