// Scenarios for resources, prompts, completion, logging, input that the server asks for,
// subscriptions and tasks. What the plugin hexmcp.examples.everything answers stands in
// primitives.json. The client of these scenarios can do more than that of scenarios.mjs:
//   listResources(), listTemplates(), listPrompts()   all pages
//   notFound          the code that its users see when a resource is not there
//   read(uri), prompt(name, args), complete(params)
//   logged(threshold, tool, args)   calls with this threshold for log messages
//   watch(uri)        resolves to a function that ends the subscription
//   watchLists()      the same for the lists
//   rootsChanged()    says that the roots are others; undefined if the revision has no such thing
//   tasks             { run, cancel, whyNoInput }, or { why }: the reason why there are none
//   asked             what the server asked for: { method, params }
//   answer            set by a scenario: (method, params) => the result
//   heard             { updated, logs, lists }: notifications, in the order in which they came
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { STRUCTURED_SINCE, outcome, pick } from './values.mjs';

const expected = JSON.parse(readFileSync(new URL('../primitives.json', import.meta.url)));

const MODERN = '2026-07-28';
const ELICITATION_SINCE = '2025-06-18';
const URL_SINCE = '2025-11-25';
const CONTEXT_SINCE = '2025-06-18';
const AUDIO_SINCE = '2025-03-26';
const INVALID_PARAMS = -32602;
const MISSING_CAPABILITY = -32021;
const PATIENCE = 3000; // milliseconds

async function until(condition) {
    const deadline = performance.now() + PATIENCE;
    while (!condition() && performance.now() < deadline)
        await sleep(5);
    return condition();
}

const textOf = result => result?.content?.find(block => block.type === 'text')?.text;

const structuredOf = (result, revision) =>
    revision >= STRUCTURED_SINCE ? result?.structuredContent : JSON.parse(textOf(result));

// One answer after the other, whatever is asked.
const inTurn = answers => {
    const left = [...answers];
    return () => left.shift();
};

async function listsResources({ tap, client }) {
    const { listed, templates } = expected.resources;
    const members = (known, one) => pick(one, Object.keys(known ?? {}));
    const resources = (await client.listResources()).filter(one => one.uri in listed);
    tap.equal('lists the resources',
              Object.fromEntries(resources.map(one => [one.uri, members(listed[one.uri], one)])),
              listed);
    const found = (await client.listTemplates()).filter(one => one.uriTemplate in templates);
    tap.equal('lists the templates', Object.fromEntries(found.map(one =>
        [one.uriTemplate, members(templates[one.uriTemplate], one)])), templates);
}

async function readsResources({ tap, client }) {
    for (const { name, uri, contents } of expected.resources.reads) {
        const { value, error } = await outcome(client.read(uri));
        tap.equal(`reads ${name}`, error ? String(error) : value.contents, contents);
    }
    for (const uri of expected.resources.unknown) {
        const { error } = await outcome(client.read(uri));
        tap.equal(`${uri} is not found`, [error?.code, error?.data?.uri], [client.notFound, uri]);
    }
}

async function readsWhatAsks({ tap, client, mode }) {
    const { uri, contents } = expected.resources.secret;
    client.answer = () => ({ action: 'accept', content: { allow: true } });
    const { value, error } = await outcome(client.read(uri));
    if (mode.revision < ELICITATION_SINCE) {
        tap.check('a resource that must ask is an error where nobody can be asked',
                  error !== undefined && client.asked.length === 0, JSON.stringify(value));
        return;
    }
    tap.equal('a resource asks before it is read', error ? String(error) : value.contents,
              contents);
    client.answer = () => ({ action: 'accept', content: { allow: false } });
    const refused = await outcome(client.read(uri));
    tap.check('and is an error if the user says no', refused.error !== undefined,
              JSON.stringify(refused.value));
}

async function prompts({ tap, client, mode }) {
    const { listed, gets, blocks, wrong } = expected.prompts;
    const found = (await client.listPrompts()).filter(one => one.name in listed);
    tap.equal('lists the prompts and their arguments', Object.fromEntries(found.map(one =>
        [one.name, (one.arguments ?? []).map(argument =>
            ({ name: argument.name, required: argument.required ?? false }))])), listed);
    for (const get of gets) {
        const { value, error } = await outcome(client.prompt(get.prompt, get.arguments));
        tap.equal(`gets a prompt with ${get.name}`,
                  error ? String(error) : value.messages.map(one => one.content.text), get.texts);
    }
    const { value, error } = await outcome(client.prompt(blocks.prompt, {}));
    tap.equal('a prompt holds more than text',
              error ? String(error) : value.messages.map(one => one.content.type),
              blocks.types.map(type =>
                  type === 'audio' && mode.revision < AUDIO_SINCE ? 'text' : type));
    for (const get of wrong) {
        const { error } = await outcome(client.prompt(get.prompt, get.arguments));
        tap.equal(`${get.name} is refused`, error?.code, INVALID_PARAMS);
    }
}

async function promptsThatAsk({ tap, client, mode }) {
    const { prompt, answer, texts } = expected.prompts.ask;
    client.answer = () => ({ action: 'accept', content: answer });
    const { value, error } = await outcome(client.prompt(prompt, {}));
    if (mode.revision < ELICITATION_SINCE) {
        tap.check('a prompt that must ask is an error where nobody can be asked',
                  error !== undefined && client.asked.length === 0, JSON.stringify(value));
        return;
    }
    tap.equal('a prompt asks before it is rendered',
              error ? String(error) : value.messages.map(one => one.content.text), texts);
    client.answer = () => ({ action: 'decline' });
    const declined = await outcome(client.prompt(prompt, {}));
    tap.check('and is an error if the user declines', declined.error !== undefined,
              JSON.stringify(declined.value));
}

async function completes({ tap, client, mode }) {
    for (const { name, values, ...params } of expected.completions) {
        if (params.context && mode.revision < CONTEXT_SINCE) {
            tap.skip(`completes ${name}`, `${mode.revision} has no context of a completion`);
            continue;
        }
        const { value, error } = await outcome(client.complete(params));
        tap.equal(`completes ${name}`, error ? String(error) : value.completion.values, values);
    }
    const { error } = await outcome(client.complete({
        ref: { type: 'ref/prompt', name: 'no-such-prompt' }, argument: { name: 'x', value: '' } }));
    tap.equal('completing an unknown prompt is refused', error?.code, INVALID_PARAMS);
}

async function logs({ tap, client }) {
    const { tool, levels, threshold, heard, line } = expected.logs;
    client.heard.logs.length = 0;
    await client.logged(threshold, tool, { to: 1, logs: levels });
    await until(() => client.heard.logs.length >= heard.length);
    tap.equal('log messages arrive from the threshold on',
              client.heard.logs.map(one => [one.level, one.data]),
              heard.map(level => [level, line + level]));
}

async function forms({ tap, client, mode }) {
    for (const form of expected.forms) {
        client.asked.length = 0;
        client.answer = inTurn(form.answers);
        const { value, error } = await outcome(client.call(form.tool, {}));
        const got = form.text ? textOf(value) : structuredOf(value, mode.revision);
        tap.equal(`${form.name} (${form.tool})`,
                  [error && String(error), value?.isError ?? false, got, client.asked.length],
                  [undefined, false, form.text ?? form.structured, form.answers.length]);
    }
}

// The plugin names colours by `oneOf`, which 2025-06-18 does not have.
async function formSchema({ tap, client, mode }) {
    client.asked.length = 0;
    client.answer = () => ({ action: 'cancel' });
    await client.call('ask-name', {});
    const schema = client.asked[0]?.params.requestedSchema;
    tap.equal('the form asks for name, age and colour in the words of the revision',
              [schema?.required, Object.keys(schema?.properties ?? {}).sort(),
               'oneOf' in (schema?.properties.colour ?? {}),
               schema?.properties.colour?.enum ?? null],
              [['name'], ['age', 'colour', 'name'], mode.revision >= URL_SINCE,
               mode.revision >= URL_SINCE ? null : ['r', 'g', 'b']]);
}

async function refusesToAsk(context, tool, method) {
    const { tap, client } = context;
    client.asked.length = 0;
    const { value, error } = await outcome(client.call(tool, {}));
    tap.equal(`${tool} is a tool error where the revision has no ${method}`,
              [error && String(error), value?.isError, client.asked.length, !!textOf(value)],
              [undefined, true, 0, true]);
}

const elicits = async context => {
    if (context.mode.revision < ELICITATION_SINCE) {
        await refusesToAsk(context, 'ask-name', 'elicitation');
        return;
    }
    await forms(context);
    await formSchema(context);
};

async function opensPage(context) {
    const { tap, client, mode } = context;
    const { tool, url, text } = expected.page;
    if (mode.revision < URL_SINCE) {
        await refusesToAsk(context, tool, 'elicitation by URL');
        return;
    }
    for (const [action, answer] of [['accept', text], ['decline', 'declined'],
                                    ['cancel', 'cancelled']]) {
        client.asked.length = 0;
        client.answer = () => ({ action });
        const { value, error } = await outcome(client.call(tool, {}));
        tap.equal(`a page: ${action}`,
                  [error && String(error), textOf(value),
                   client.asked.map(one => [one.params.mode, one.params.url])],
                  [undefined, answer, [['url', url]]]);
    }
}

async function samples({ tap, client, mode }) {
    const { tool, arguments: args, answer, structured } = expected.model;
    client.asked.length = 0;
    client.answer = () => answer;
    const { value, error } = await outcome(client.call(tool, args));
    tap.equal('the model is asked with the prompt and the limit',
              client.asked.map(({ method, params }) =>
                  [method, params.maxTokens, params.messages?.map(one =>
                      [one.role, [one.content].flat().map(block => block.text)])]),
              [['sampling/createMessage', args.maxTokens, [['user', [args.prompt]]]]]);
    tap.equal('what the model says reaches the tool',
              error ? String(error) : structuredOf(value, mode.revision), structured);
}

async function roots({ tap, client, mode }) {
    const { tool, first, then } = expected.roots;
    const call = async answer => {
        client.answer = () => ({ roots: answer });
        const { value, error } = await outcome(client.call(tool, {}));
        return error ? String(error) : structuredOf(value, mode.revision)?.roots;
    };
    tap.equal('the roots reach the tool', await call(first), first);
    await client.rootsChanged?.();
    tap.equal('the roots are new after they changed', await call(then), then);
}

async function handlerFails({ tap, client, mode }) {
    client.answer = () => {
        throw new Error('no model today');
    };
    const { tool, arguments: args } = expected.model;
    const { value, error } = await outcome(client.call(tool, args));
    tap.check('a client that fails to answer ends the call with an error',
              error !== undefined || value.isError === true, JSON.stringify(value));
    await samples({ tap, client, mode });
}

async function watches({ tap, client }) {
    const { counter } = expected.resources;
    const number = async () => Number((await client.read(counter)).contents[0].text);
    const before = await number();
    const stop = await client.watch(counter);
    client.heard.updated.length = 0;
    await client.call(expected.touch, {});
    await until(() => client.heard.updated.length > 0);
    tap.equal('a resource that is watched says that it changed', client.heard.updated, [counter]);
    tap.equal('and has changed', await number(), before + 1);
    await stop();
    client.heard.updated.length = 0;
    await client.call(expected.touch, {});
    await sleep(100);
    tap.equal('no word of it after the end of the subscription', client.heard.updated, []);
}

// Items of every kind come and go while the client listens.
async function listsChange({ tap, client }) {
    const { tool, withdraw, name, listed, changes } = expected.publish;
    const lists = {
        tool: async () => (await client.list()).map(one => one.name),
        resource: async () => (await client.listResources()).map(one => one.uri),
        template: async () => (await client.listTemplates()).map(one => one.uriTemplate),
        prompt: async () => (await client.listPrompts()).map(one => one.name)
    };
    const stop = await client.watchLists();
    for (const kind of Object.keys(listed))
        for (const [way, isThere] of [[tool, true], [withdraw, false]]) {
            client.heard.lists.length = 0;
            const result = await client.call(way, { kind, name });
            await until(() => client.heard.lists.length > 0);
            tap.equal(`the client hears of a ${kind}: ${way}`,
                      [result.isError ?? false, client.heard.lists], [false, [changes[kind]]]);
            tap.equal(`and the list shows it: ${way}`,
                      (await lists[kind]()).includes(listed[kind]), isThere);
        }
    await stop();
}

async function runsTasks({ tap, client }) {
    const { optional } = expected.tasks;
    const plain = await client.tasks.run(optional.tool, optional.arguments);
    tap.equal('a tool runs as a task', [plain.isTask, textOf(plain.result)], [true, optional.text]);
}

async function tasksAsk({ tap, client }) {
    const { asks } = expected.tasks;
    for (const [action, text] of [['accept', asks.text], ['decline', asks.refused]]) {
        client.asked.length = 0;
        client.answer = () => (action === 'accept' ? { action, content: {} } : { action });
        const { isTask, result } = await client.tasks.run(asks.tool, asks.arguments);
        tap.equal(`a task asks for input: ${action}`,
                  [isTask, textOf(result), client.asked.map(one => one.method)],
                  [true, text, ['elicitation/create']]);
    }
}

async function cancelsTasks({ tap, client }) {
    const { tool, arguments: args } = expected.tasks.long;
    tap.equal('a task is cancelled', await client.tasks.cancel(tool, args), 'cancelled');
}

// A client that declares nothing is not asked.
async function isNotAsked({ tap, client, mode }) {
    for (const tool of ['ask-name', 'open-page', expected.model.tool, expected.roots.tool]) {
        const args = tool === expected.model.tool ? expected.model.arguments : {};
        const { value, error } = await outcome(client.call(tool, args));
        if (mode.revision === MODERN)
            tap.equal(`${tool} is refused: the client has no such capability`,
                      [error?.code, value], [MISSING_CAPABILITY, undefined]);
        else
            tap.equal(`${tool} is a tool error: the client has no such capability`,
                      [error && String(error), value?.isError, !!textOf(value)],
                      [undefined, true, true]);
    }
    const { tool, text } = expected.optional;
    const { value, error } = await outcome(client.call(tool, {}));
    tap.equal('what is optional is not asked', error ? String(error) : textOf(value), text);
}

export const WITHOUT_CAPABILITIES = [{ run: isNotAsked, tool: 'ask-name' }];

export const PRIMITIVES = [
    { run: listsResources, tool: expected.touch },
    { run: readsResources, tool: expected.touch },
    { run: readsWhatAsks, tool: expected.touch },
    { run: prompts, tool: expected.touch },
    { run: promptsThatAsk, tool: expected.touch },
    { run: completes, tool: expected.touch },
    { run: logs, tool: expected.logs.tool },
    { run: elicits, tool: 'ask-name' },
    { run: opensPage, tool: expected.page.tool },
    { run: samples, tool: expected.model.tool },
    { run: handlerFails, tool: expected.model.tool },
    { run: roots, tool: expected.roots.tool },
    { run: watches, tool: expected.touch },
    { run: listsChange, tool: expected.publish.tool },
    { run: runsTasks, tool: expected.tasks.optional.tool, why: ({ client }) => client.tasks.why },
    {
        run: tasksAsk, tool: expected.tasks.asks.tool,
        why: ({ client }) => client.tasks.why ?? client.tasks.whyNoInput
    },
    { run: cancelsTasks, tool: expected.tasks.long.tool, why: ({ client }) => client.tasks.why }
];
