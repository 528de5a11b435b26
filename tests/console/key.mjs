// The key: asked for when the server wants one, kept in the tab, sent to the server alone. What a server
// with credentials answers is put in its place here; that it answers so is tested where it is made.
import { openPage } from './browser.mjs';

const wrong = JSON.stringify({ jsonrpc: '2.0', error: { code: -32600, message: 'the API key is not known here' } });
const none = JSON.stringify({ jsonrpc: '2.0', error: { code: -32600, message: 'credentials are needed' } });

async function guard(context) {
    await context.route(/\/(mcp|console\/api\/.*)$/, async route => {
        const { authorization } = await route.request().allHeaders();
        if (authorization === 'Bearer hxk_good')
            return route.fallback();
        return route.fulfill({ status: 401, contentType: 'application/json', body: authorization ? wrong : none });
    });
}

export async function key(tap, browser, base) {
    const { page, context, requests, outside } = await openPage(browser, base);
    await guard(context);
    await page.goto(`${base}/console`);
    const dialog = page.getByRole('dialog', { name: 'Key' });
    await dialog.waitFor();
    tap.equal('a server that wants a key is believed', await page.locator('#key-why').innerText(), 'credentials are needed');
    tap.equal('the field has the focus', await page.evaluate(() => document.activeElement.id), 'key');
    tap.equal('and hides what is typed', await dialog.getByLabel('API key').getAttribute('type'), 'password');
    await page.keyboard.type('hxk_bad');
    await page.keyboard.press('Enter');
    await page.getByText('the API key is not known here').waitFor();
    tap.check('a wrong one is said', true);
    await dialog.getByLabel('API key').fill('hxk_good');
    await page.keyboard.press('Enter');
    await page.getByText('Connected, protocol 2026-07-28').waitFor();
    tap.check('the right one opens the console', true);
    const kept = await page.evaluate(() => ({ tab: JSON.stringify(sessionStorage), all: JSON.stringify(localStorage),
        cookie: document.cookie, page: document.documentElement.outerHTML, field: document.getElementById('key').value }));
    tap.check('it is kept in the tab', kept.tab.includes('hxk_good'));
    tap.check('and nowhere else', !`${kept.all}${kept.cookie}${kept.page}${kept.field}`.includes('hxk_good'));
    tap.check('it is in no address', !requests.some(request => request.url().includes('hxk_')));
    tap.equal('it is sent to nobody else', outside(), []);
    await page.reload();
    await page.getByText('Connected, protocol 2026-07-28').waitFor();
    const other = await context.newPage();
    await other.goto(`${base}/console`);
    await other.getByRole('dialog', { name: 'Key' }).waitFor();
    tap.check('another tab has to ask', true);
    await page.getByRole('button', { name: 'Key…' }).click();
    await dialog.getByRole('button', { name: 'Forget the key' }).click();
    await page.locator('#key-why', { hasText: 'credentials are needed' }).waitFor();
    tap.equal('it is forgotten', await page.evaluate(() => sessionStorage.getItem('hexmcp.key')), null);
    await page.keyboard.press('Escape');
    tap.equal('without a key', await page.getByRole('status').first().innerText(), 'A key is needed.');
    await context.close();
}
