// The pictures of docs/console.md, into the folder that is named.
import { join } from 'node:path';
import { ServerUnderTest } from '../interop/lib/server.mjs';
import { connected, openBrowser, openPage, openTool, run } from './browser.mjs';

const folder = process.argv[2];
const server = new ServerUnderTest();
await server.start();
const base = process.env.CONSOLE_URL ?? server.url.origin;
const browser = await openBrowser();
const shot = (page, name) => page.screenshot({ path: join(folder, `${name}.png`) });

async function tool(options, name) {
    const { page } = await openPage(browser, base, options);
    await connected(page, base);
    await openTool(page, 'slow');
    await page.getByLabel('steps').fill('20');
    await page.getByLabel('delay_ms').fill('100');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByText(/^1\d of 20/).waitFor();
    await shot(page, name);
}

async function question() {
    const { page } = await openPage(browser, base, { viewport: { width: 1000, height: 760 } });
    await connected(page, base);
    await openTool(page, 'ask-name');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByRole('region', { name: 'The server asks' }).waitFor();
    await shot(page, 'console-question');
}

async function traffic() {
    const { page } = await openPage(browser, base, { viewport: { width: 1000, height: 900 } });
    await connected(page, base);
    await openTool(page, 'add');
    await page.getByLabel('a required').fill('20');
    await page.getByLabel('b required').fill('22');
    await run(page);
    await page.evaluate(() => { location.hash = '#/traffic'; });
    await page.getByRole('button', { name: /^Show tools\/call / }).first().waitFor();
    await shot(page, 'console-traffic');
}

try {
    await tool({ viewport: { width: 1000, height: 640 } }, 'console-tool');
    await tool({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' }, 'console-phone');
    await question();
    await traffic();
} finally {
    await browser.close();
    server.stop();
    server.remove();
}
