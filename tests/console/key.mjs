// The key: asked for when the server wants one, kept in the tab, sent to the server alone.
import { execFileSync } from 'node:child_process';
import { ServerUnderTest } from '../interop/lib/server.mjs';
import { openPage } from './browser.mjs';

/** A server that asks for a key, and a key that it knows. */
async function guarded() {
    const server = new ServerUnderTest();
    const { command, env, cwd } = server.parameters;
    const made = JSON.parse(execFileSync(command, ['key', 'create', 'console', '--json'], { env, cwd }));
    process.env.HEXMCP_ARGS = 'serve --set auth.mode=keys';
    await server.start();
    return { server, good: made.key };
}

export async function key(tap, browser) {
    const { server, good } = await guarded();
    try {
        await asks(tap, browser, server.url.origin, good);
    } finally {
        server.stop();
        server.remove();
    }
}

const needed = 'Credentials are needed: send "Authorization: Bearer" with them.';

async function asks(tap, browser, base, good) {
    const { page, context, requests, outside } = await openPage(browser, base);
    await page.goto(`${base}/console`);
    const dialog = page.getByRole('dialog', { name: 'Key' });
    await dialog.waitFor();
    tap.equal('a server that wants a key is believed', await page.locator('#key-why').innerText(), needed);
    tap.equal('the field has the focus', await page.evaluate(() => document.activeElement.id), 'key');
    tap.equal('and hides what is typed', await dialog.getByLabel('API key').getAttribute('type'), 'password');
    await page.keyboard.type('hxk_bad');
    await page.keyboard.press('Enter');
    await page.getByText('The API key is not valid.').waitFor();
    tap.check('a wrong one is said', true);
    await dialog.getByLabel('API key').fill(good);
    await page.keyboard.press('Enter');
    await page.getByText('Connected, protocol 2026-07-28').waitFor();
    tap.check('the right one opens the console', true);
    const kept = await page.evaluate(() => ({ tab: JSON.stringify(sessionStorage), all: JSON.stringify(localStorage),
        cookie: document.cookie, page: document.documentElement.outerHTML, field: document.getElementById('key').value }));
    tap.check('it is kept in the tab', kept.tab.includes(good));
    tap.check('and nowhere else', !`${kept.all}${kept.cookie}${kept.page}${kept.field}`.includes(good));
    tap.check('it is in no address', !requests.some(request => /hxk_/.test(request.url())));
    tap.equal('it is sent to nobody else', outside(), []);
    await page.reload();
    await page.getByText('Connected, protocol 2026-07-28').waitFor();
    const other = await context.newPage();
    await other.goto(`${base}/console`);
    await other.getByRole('dialog', { name: 'Key' }).waitFor();
    tap.check('another tab has to ask', true);
    await page.getByRole('button', { name: 'Key…' }).click();
    await dialog.getByRole('button', { name: 'Forget the key' }).click();
    await page.locator('#key-why', { hasText: needed }).waitFor();
    tap.equal('it is forgotten', await page.evaluate(() => sessionStorage.getItem('hexmcp.key')), null);
    await page.keyboard.press('Escape');
    tap.equal('without a key', await page.getByRole('status').first().innerText(), 'A key is needed.');
    await context.close();
}
