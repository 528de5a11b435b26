// An authorization server (oauth2-mock-server) that does what it is told, one JSON object a line:
//   {"generate": ALG}            makes a key                        -> {"kid"}
//   {"claims": {...}, "kid", "lifetime"}  signs a token with these claims -> {"token"}
//   {"replace": ALG}             begins anew on the same port, with one new key -> {"kid"}
// The first line that it prints is {"issuer", "kid"}.
import { createInterface } from 'node:readline';

const { OAuth2Server } = await import(
    `${process.env.INTEROP_NODE_HOME}/node_modules/oauth2-mock-server/dist/index.mjs`
);

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
let server;

async function begin(port, algorithm) {
    server = new OAuth2Server();
    // What MCP clients name as `resource` (RFC 8707) is whom the token is for.
    server.service.on('beforeTokenSigning', (token, request) => {
        if (request.body?.resource) token.payload.aud = request.body.resource;
    });
    const key = await server.issuer.keys.generate(algorithm);
    await server.start(port, 'localhost');
    return key.kid;
}

async function obey(order) {
    if (order.generate) return { kid: (await server.issuer.keys.generate(order.generate)).kid };
    if (order.replace) {
        const { port } = new URL(server.issuer.url);
        await server.stop();
        return { kid: await begin(Number(port), order.replace) };
    }
    const token = await server.issuer.buildToken({
        kid: order.kid ?? undefined,
        expiresIn: order.lifetime ?? 600,
        scopesOrTransform: (header, payload) => Object.assign(payload, order.claims),
    });
    return { token };
}

const kid = await begin(0, 'RS256');
say({ issuer: server.issuer.url, kid });
for await (const line of createInterface({ input: process.stdin })) say(await obey(JSON.parse(line)));
await server.stop();
