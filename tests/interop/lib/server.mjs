// The server under test: how it is started, and whether it is gone.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const read = path => {
    try {
        return readFileSync(path, 'latin1');
    } catch {
        return '';
    }
};

// pid, parent, state and start time of a process that runs, else undefined.
function stat(pid) {
    const text = read(`/proc/${pid}/stat`);
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (!text || fields[0] === 'Z')
        return undefined;
    return { pid, parent: Number(fields[1]), start: fields[19] };
}

// How the clients reach the server: stdio, http, websocket, or remote, which is mcp-remote: it turns
// stdio into HTTP.
export const WIRE = process.env.INTEROP_WIRE ?? 'stdio';

export class ServerUnderTest {
    constructor() {
        this.tag = randomUUID();
        this.home = mkdtempSync(join(tmpdir(), 'hexmcp-interop-'));
    }

    // For the StdioClientTransport of either SDK. Home and folder are empty, so that only the
    // server's built-in settings count; the tag marks the server and what it starts.
    get parameters() {
        const sanitizers = Object.entries(process.env)
            .filter(([key]) => key.endsWith('SAN_OPTIONS'));
        return {
            command: process.env.HEXMCP,
            args: (process.env.HEXMCP_ARGS ?? 'serve').split(' ').filter(Boolean),
            env: { ...Object.fromEntries(sanitizers), HOME: this.home, INTEROP_TAG: this.tag },
            cwd: this.home,
            stderr: 'inherit'
        };
    }

    // A server on the network is started here; one on stdio by its client.
    async start() {
        if (WIRE === 'stdio')
            return;
        const { command, args, env, cwd } = this.parameters;
        const listen = ['--listen', '127.0.0.1:0'];
        this.child = spawn(command, [...args, ...listen],
                           { env, cwd, stdio: ['ignore', 'ignore', 'pipe'] });
        for await (const line of createInterface({ input: this.child.stderr })) {
            const found = /listening on (http:\S+)/.exec(line);
            if (found) {
                this.url = new URL(found[1]);
                this.child.stderr.resume();
                return;
            }
            process.stderr.write(`${line}\n`);
        }
        throw new Error('the server ended before it listened');
    }

    get webSocketUrl() {
        return new URL(`ws://${this.url.host}/ws`);
    }

    // What a client that goes away does not do to a server on the network.
    stop() {
        this.child?.kill('SIGTERM');
    }

    // What a client on stdio starts.
    get command() {
        if (WIRE !== 'remote')
            return this.parameters;
        const proxy = `${process.env.INTEROP_NODE_HOME}/node_modules/mcp-remote/dist/proxy.js`;
        return { ...this.parameters, command: process.execPath, args: [proxy, this.url.href] };
    }

    // Processes that bear the tag, and their descendants, which may have a cleaned environment.
    processes() {
        const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number);
        const running = pids.map(stat).filter(Boolean);
        const found = new Map();
        for (const one of running)
            if (read(`/proc/${one.pid}/environ`).includes(`INTEROP_TAG=${this.tag}\0`))
                found.set(one.pid, one);
        for (let before = -1; before !== found.size;) {
            before = found.size;
            for (const one of running)
                if (found.has(one.parent))
                    found.set(one.pid, one);
        }
        return [...found.values()];
    }

    // Waits until all of these and everything with the tag are gone; returns the pids still there.
    async remaining(processes, milliseconds) {
        const deadline = performance.now() + milliseconds;
        for (;;) {
            const known = processes.filter(one => stat(one.pid)?.start === one.start);
            const left = new Set([...known, ...this.processes()].map(one => one.pid));
            if (left.size === 0 || performance.now() >= deadline)
                return [...left];
            await sleep(10);
        }
    }

    remove() {
        rmSync(this.home, { recursive: true, force: true });
    }
}
