// What a person does with the console, in either era of the protocol.
import { connected, finished, openTool, outcome, run } from './browser.mjs';

async function lists(tap, page) {
    const links = page.locator('.lists a');
    const all = await links.count();
    tap.check('the tools are listed', all > 10, `${all}`);
    await page.getByLabel('Filter').fill('camelcase');
    tap.equal('the filter looks into descriptions',
              await links.locator('.hint').allInnerTexts(), ['text-manipulator']);
    await page.getByLabel('Filter').fill('');
}

async function forms(tap, page) {
    await openTool(page, 'add');
    await page.getByLabel('a required').fill('x');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    tap.equal('what is no number is said', await page.getByRole('alert').innerText(), 'a must be a number.');
    tap.equal('and the field has the focus', await page.evaluate(() => document.activeElement.value), 'x');
    await page.getByLabel('a required').fill('0.5');
    await page.getByLabel('b required').fill('41.5');
    const result = await run(page);
    tap.check('a form is sent and the result shown', result.includes('42'), result);
    await page.getByRole('button', { name: 'Edit as JSON' }).click();
    tap.equal('the form as JSON', JSON.parse(await page.locator('textarea.json').inputValue()),
              { a: 0.5, b: 41.5 });
    await page.locator('textarea.json').fill('{"a": 1, "b": ');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    tap.check('broken JSON is said', (await page.getByRole('alert').innerText())
        .startsWith('arguments is not JSON: '));
    await page.locator('textarea.json').fill('{"a": 1, "b": 2}');
    const json = await run(page);
    tap.check('JSON is sent', json.includes('3'), json);
    await page.getByRole('button', { name: 'Edit as a form' }).click();
    tap.equal('JSON as a form', await page.getByLabel('b required').inputValue(), '2');
}

async function kinds(tap, page) {
    await openTool(page, 'text-manipulator');
    await page.getByLabel('Operation operation required').selectOption('replace');
    await page.locator('fieldset').filter({ hasText: 'kind of input' }).locator('textarea').first().fill('a-b\nc-d');
    await page.getByLabel('send options').check();
    await page.getByLabel('Search text from').fill('-');
    await page.getByLabel('Replacement to').fill('+');
    const replaced = await run(page);
    tap.check('nested objects, choices and several lines', replaced.includes('a+b') && replaced.includes('c+d'), replaced);
    await openTool(page, 'publish');
    await page.getByLabel('kind required').selectOption('tool');
    await page.getByLabel('name required').fill('console');
    await page.getByRole('button', { name: 'Add an entry to callers' }).click();
    await page.getByLabel('callers[0]').fill('nobody');
    await page.getByRole('button', { name: 'Remove an entry of callers' }).click();
    await run(page);
    await page.locator('.lists a', { hasText: 'extra-console' }).waitFor();
    tap.check('a list that changes is drawn anew', true);
    await openTool(page, 'withdraw');
    await page.getByLabel('kind required').selectOption('tool');
    await page.getByLabel('name required').fill('console');
    await run(page);
    await page.locator('.lists a', { hasText: 'extra-console' }).waitFor({ state: 'detached' });
}

async function progressAndCancel(tap, page) {
    await openTool(page, 'count');
    await page.getByLabel('to', { exact: true }).fill('3');
    await page.getByLabel('delayMs').fill('30');
    await page.getByLabel('warning', { exact: true }).check();
    const counted = await run(page);
    tap.check('a call with progress ends', counted.includes('3'), counted);
    const log = await page.getByRole('list', { name: 'Log of the call' }).innerText();
    tap.check('its log is shown', log.includes('warning'), log);
    await openTool(page, 'slow');
    await page.getByLabel('steps').fill('600');
    await page.getByLabel('delay_ms').fill('100');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByText(/^[1-9]\d* of 600/).waitFor();
    tap.check('progress is shown as it comes',
              await page.getByRole('progressbar').evaluate(bar => bar.max === 600 && bar.value > 0));
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    tap.equal('a call is cancelled', await finished(page), 'Cancelled.');
    tap.check('and can be made again',
              await page.getByRole('button', { name: 'Call', exact: true }).isEnabled());
}

async function questions(tap, page) {
    const ask = async name => {
        await openTool(page, name);
        await page.getByRole('button', { name: 'Call', exact: true }).click();
        await page.getByRole('region', { name: 'The server asks' }).waitFor();
    };
    const question = page.getByRole('region', { name: 'The server asks' });
    const answer = () => question.getByRole('button', { name: 'Answer' }).click();
    await ask('ask-name');
    tap.check('the question has the focus',
              await question.evaluate(node => node === document.activeElement));
    await question.getByLabel(/^(Name )?name/).fill('Ada');
    for (const field of await question.getByRole('combobox').all())
        await field.selectOption({ index: 1 });
    await question.getByLabel(/age/).fill('36');
    await answer();
    const named = await finished(page);
    tap.check('a form that the server asks for', named.includes('Ada'), named);
    await ask('ask-name');
    await question.getByRole('button', { name: 'Decline' }).click();
    tap.check('a question is declined', !(await finished(page)).includes('Ada'));
    await ask('open-page');
    tap.equal('a page is not opened by itself', page.context().pages().length, 1);
    tap.check('its address is shown', /https?:\/\//.test(await question.locator('code').innerText()));
    await question.getByRole('button', { name: 'I agree' }).click();
    await finished(page);
    await ask('list-roots');
    await question.getByLabel('Roots').fill('/tmp');
    await answer();
    tap.equal('a root that is none', await question.getByRole('alert').innerText(),
              '/tmp: a root begins with file://');
    await question.getByLabel('Roots').fill('file:///somewhere');
    await answer();
    const roots = await finished(page);
    tap.check('roots are given', roots.includes('file:///somewhere'), roots);
}

async function sampling(tap, page) {
    await openTool(page, 'ask-model');
    await page.getByLabel('prompt required').fill('What is six by seven?');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    const question = page.getByRole('region', { name: 'The server asks' });
    tap.check('what a model is asked', (await question.innerText()).includes('What is six by seven?'));
    await question.getByLabel('Your answer, in the place of the model').fill('Forty-two.');
    await question.getByRole('button', { name: 'Answer' }).click();
    const said = await finished(page);
    tap.check('a person answers for the model', said.includes('Forty-two.'), said);
}

async function results(tap, page) {
    await openTool(page, 'content');
    await run(page);
    const loaded = await outcome(page).locator('img').evaluate(async image => {
        await image.decode();
        return image.naturalWidth;
    });
    tap.check('an image is shown', loaded > 0, `${loaded}`);
    tap.equal('a sound can be played', await outcome(page).locator('audio').count(), 1);
    tap.equal('bytes can be saved', await outcome(page).getByRole('link', { name: /^Save / }).count(), 3);
    await outcome(page).getByRole('link', { name: 'text', exact: true }).click();
    await page.getByRole('button', { name: 'Read', exact: true }).waitFor();
    tap.check('a link leads to its resource', page.url().endsWith('#/resources/everything%3A%2F%2Ftext'));
    await openTool(page, 'fail');
    await page.getByLabel('how required').selectOption('result');
    const failed = await run(page);
    tap.check('a failure of the tool is said', failed.startsWith('The tool says that it failed.'), failed);
}

async function resources(tap, page) {
    const open = async uri => {
        await page.evaluate(hash => { location.hash = hash; }, `#/resources/${encodeURIComponent(uri)}`);
        await page.locator('.detail h2').waitFor();
    };
    await open('everything://several');
    const several = await run(page, 'Read');
    tap.check('each of the contents is shown', several.includes('application/json'), several);
    tap.check('JSON as a tree', await outcome(page).locator('.tree').count() > 0);
    await open('everything://greeting/{name}');
    await page.getByLabel('name', { exact: true }).pressSequentially('A');
    await page.locator('datalist option').first().waitFor({ state: 'attached' });
    tap.check('a variable is completed', await page.locator('datalist option').count() > 0);
    await page.getByLabel('name', { exact: true }).fill('Ada Ö');
    tap.equal('the template is expanded as one types', await page.locator('.detail form p code').innerText(),
              'everything://greeting/Ada%20%C3%96');
    await page.getByRole('button', { name: 'Open' }).click();
    const greeting = await run(page, 'Read');
    tap.check('and read', greeting.includes('Ada Ö'), greeting);
    await open('everything://counter');
    await page.getByRole('button', { name: 'Tell me of changes' }).click();
    await page.locator('button[aria-pressed="true"]').waitFor();
    await openTool(page, 'touch');
    await run(page);
    await open('everything://counter');
    await page.getByText(/^It changed at /).waitFor();
    tap.check('a change of a resource is told', true);
    await page.getByRole('button', { name: 'Tell me of changes' }).click();
    await page.locator('button[aria-pressed="false"]').waitFor();
}

async function prompts(tap, page) {
    await page.evaluate(() => { location.hash = '#/prompts/arguments'; });
    await page.getByRole('button', { name: 'Get', exact: true }).click();
    tap.equal('an argument that is required', await page.getByRole('alert').innerText(), 'country is required.');
    await page.getByLabel('Country country required').pressSequentially('F');
    await page.locator('datalist option').first().waitFor({ state: 'attached' });
    const first = await page.locator('datalist option').first().getAttribute('value');
    tap.check('an argument is completed', first.startsWith('F'), first);
    await page.getByLabel('Country country required').fill(first);
    const prompt = await run(page, 'Get');
    tap.check('a prompt is rendered', prompt.includes('user') && prompt.includes(first), prompt);
}

async function tasks(tap, page) {
    await openTool(page, 'task-only');
    await page.getByLabel('delayMs').fill('10');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    const question = page.getByRole('region', { name: 'The server asks' });
    await question.waitFor();
    for (const box of await question.getByRole('checkbox').all())
        await box.check();
    for (const choice of await question.getByRole('combobox').all())
        await choice.selectOption({ index: 1 });
    await question.getByRole('button', { name: 'Answer' }).click();
    const done = await finished(page);
    tap.check('a task is followed to its end', done.length > 0 && !done.includes('code -'), done);
}

async function traffic(tap, page, era) {
    await page.evaluate(() => { location.hash = '#/traffic'; });
    const table = page.getByRole('region', { name: 'This page' });
    await table.getByRole('button', { name: /^Show tools\/call / }).first().click();
    const shown = await page.locator('section').innerText();
    tap.check('a request is shown with its headers', shown.includes(`MCP-Protocol-Version: ${era}`), shown);
    tap.check('and its answer', shown.includes('Answer: HTTP status 200'));
    tap.check('the key is in none of it', !/authorization/i.test(shown));
    await page.getByRole('button', { name: 'Clear' }).click();
    tap.equal('the list is cleared', await table.locator('tbody tr').count(), 0);
}

/** All of it, in one era. */
export async function flows(tap, page, base, era) {
    await connected(page, base);
    if (era !== '2026-07-28') {
        await page.getByLabel('Protocol').selectOption(era);
        await page.getByText(`Connected, protocol ${era}`).waitFor();
    }
    const steps = { lists, forms, kinds, progressAndCancel, questions, sampling, results, resources, prompts, tasks, traffic };
    for (const [name, step] of Object.entries(steps)) {
        try {
            await step(tap, page, era);
        } catch (error) {
            tap.check(`${name} goes through`, false, error.stack);
        }
    }
}
