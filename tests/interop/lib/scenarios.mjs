// What every TypeScript client is put through: one scenario is one function in the table below.
// It gets { tap, client, mode, data, listed }:
//   client  list(), call(tool, args, options), close(), version(), serverName(), errors[], server
//   mode    { label, revision, open(server, able) }, one entry of a suite's table; an able client
//           declares all that it can be asked for
//   data    calls.json
//   listed  the tools that the server lists, by name
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PRIMITIVES, WITHOUT_CAPABILITIES } from './primitives.mjs';
import { ServerUnderTest, WIRE } from './server.mjs';
import { Tap } from './tap.mjs';
import { STRUCTURED_SINCE, outcome, pick } from './values.mjs';

const REQUEST_TIMEOUT = -32001; // the TypeScript SDK's own code, it never travels
const INVALID_PARAMS = -32602;

const data = JSON.parse(readFileSync(new URL('../calls.json', import.meta.url)));

// The structured answer, from where the revision carries it; both places when there are two.
function answers(result, revision) {
    const found = [JSON.parse(result.content[0].text)];
    if (revision >= STRUCTURED_SINCE)
        found.push(result.structuredContent);
    return found;
}

function checkResult({ tap, mode }, name, result, expected) {
    const known = answers(result, mode.revision).map(one => pick(one, Object.keys(expected)));
    tap.equal(name, { isError: result.isError ?? false, known },
              { isError: false, known: known.map(() => expected) });
}

function negotiates({ tap, client, mode }) {
    tap.equal('negotiates the revision', client.version(), mode.revision);
    tap.equal('names the server', client.serverName(), data.server);
}

function lists({ tap, mode, listed }) {
    const wanted = [...new Set(data.calls.map(call => call.tool))];
    tap.equal('lists the tools', wanted.filter(name => listed.has(name)), wanted);
    const bad = [...listed.values()]
        .filter(tool => tool.inputSchema.type !== 'object' || !tool.description);
    tap.equal('every tool has a description and an object schema', bad.map(tool => tool.name), []);
    const withOutput = wanted.filter(name => listed.get(name)?.outputSchema !== undefined);
    tap.equal('output schemas are listed where the revision knows them', withOutput,
              mode.revision >= STRUCTURED_SINCE ? wanted : []);
}

async function calls(context) {
    for (const call of data.calls) {
        const { value, error } = await outcome(context.client.call(call.tool, call.arguments));
        if (error)
            context.tap.check(call.name, false, String(error));
        else
            checkResult(context, call.name, value, call.structured);
    }
}

async function rejects({ tap, client }) {
    for (const wrong of data.wrong) {
        const { value, error } = await outcome(client.call(wrong.tool, wrong.arguments));
        const texts = value?.content.filter(block => block.type === 'text' && block.text) ?? [];
        tap.equal(`${wrong.name} is a tool error with a text`,
                  [error?.message, value?.isError, texts.length > 0], [undefined, true, true]);
    }
    const { error } = await outcome(client.call(data.unknown, {}));
    tap.equal('an unknown tool is refused', error?.code, INVALID_PARAMS);
}

async function parallel({ tap, client, mode }) {
    const { tool, operation } = data.parallel;
    const inputs = Array.from({ length: 32 }, (_, index) => `call ${index}`);
    const results = await Promise.all(inputs.map(input => client.call(tool, { operation, input })));
    const places = mode.revision >= STRUCTURED_SINCE ? 2 : 1;
    tap.equal('32 parallel calls get their own answers',
              results.map(result => answers(result, mode.revision).map(one => one.result)),
              inputs.map(input => Array(places).fill([...input].reverse().join(''))));
}

async function slowProgress({ tap, client }) {
    const seen = [];
    const onprogress = one => seen.push(one.progress);
    const result = await client.call(data.slow, { steps: 5, delay_ms: 20 }, { onprogress });
    const rising = seen.every((value, index) => index === 0 || value > seen[index - 1]);
    tap.check('progress arrives and rises', seen.length > 0 && rising && !result.isError,
              `progress ${JSON.stringify(seen)}`);
}

// Waits for the first progress, so that what is cancelled is running.
async function slowCancel(context) {
    const { tap, client } = context;
    const abort = new AbortController();
    const { error } = await outcome(client.call(data.slow, { steps: 200, delay_ms: 25 },
        { signal: abort.signal, onprogress: () => abort.abort('enough') }));
    tap.check('a cancelled call ends with an error', error !== undefined, 'it ended with a result');
    await stillServes(context, 'after a cancelled call');
}

async function slowTimeout(context) {
    const { tap, client } = context;
    const call = client.call(data.slow, { steps: 200, delay_ms: 25 }, { timeout: 150 });
    const { error } = await outcome(call);
    tap.check('a call that takes too long times out',
              error?.code === REQUEST_TIMEOUT || error?.code === 'REQUEST_TIMEOUT', String(error));
    await stillServes(context, 'after a timeout');
}

async function stillServes(context, when) {
    await sleep(100); // for messages that should not come: the next check of errors[] shows them
    const call = data.calls[0];
    const result = await context.client.call(call.tool, call.arguments);
    checkResult(context, `the server answers ${when}`, result, call.structured);
}

// Both SDKs handle a notification one turn later than a response. Progress that arrives in one read
// with its response then meets a call that is over, and is reported; that it did come before the
// response is checked by raw.py.
const LATE_IN_CLIENT = /Received a progress notification for an unknown token/;

function hearsNothingWrong({ tap, client }) {
    tap.equal('the client saw no protocol error',
              client.errors.map(String).filter(text => !LATE_IN_CLIENT.test(text)), []);
}

async function closes({ tap, client }) {
    const { server } = client;
    const processes = server.processes();
    tap.equal('one server process runs', processes.length > 0, true);
    const closing = client.close();
    if (WIRE !== 'stdio') {
        await closing;
        tap.equal('the server outlives its client', server.child.exitCode, null);
        server.stop();
    }
    tap.equal('nothing is left one second after the close',
              await server.remaining(processes, 1000), []);
    await closing;
}

const SCENARIOS = [
    { run: negotiates },
    { run: lists },
    { run: calls },
    { run: rejects },
    { run: parallel },
    { run: slowProgress, tool: data.slow },
    { run: slowCancel, tool: data.slow },
    { run: slowTimeout, tool: data.slow },
    ...WITHOUT_CAPABILITIES,
    { run: hearsNothingWrong },
    { run: closes } // the last: it ends the server
];

// On a second connection, whose client can be asked for everything.
const ABLE = [...PRIMITIVES, { run: hearsNothingWrong }, { run: closes }];

async function runScenario(scenario, context) {
    const { tap, listed } = context;
    const missing = scenario.why?.(context) ?? (scenario.tool && !listed.has(scenario.tool)
        ? `the server has no tool '${scenario.tool}'` : undefined);
    if (missing) {
        tap.skip(scenario.name ?? scenario.run.name, missing);
        return;
    }
    try {
        await scenario.run(context);
    } catch (error) {
        tap.check(`${scenario.run.name} runs to its end`, false, error.stack ?? String(error));
    }
}

async function runConnection(tap, mode, able, scenarios) {
    const server = new ServerUnderTest();
    try {
        await server.start();
        const client = await mode.open(server, able);
        const listed = new Map((await client.list()).map(tool => [tool.name, tool]));
        for (const scenario of scenarios)
            await runScenario(scenario, { tap, client, mode, data, listed });
    } catch (error) {
        tap.check('connects and lists', false, error.stack ?? String(error));
    } finally {
        for (const one of server.processes())
            process.kill(one.pid, 'SIGKILL');
        server.remove();
    }
}

// Runs every scenario in every mode and ends the program.
export async function main(modes) {
    const tap = new Tap();
    for (const mode of modes) {
        tap.prefix = `${mode.label}: `;
        await runConnection(tap, mode, false, SCENARIOS);
        tap.prefix = `${mode.label}, able client: `;
        await runConnection(tap, mode, true, ABLE);
    }
    process.exit(tap.finish());
}
