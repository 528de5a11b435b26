// What the server tells of itself: plugins, connections, the requests of everybody.
import { connected, openPage, openTool, run } from './browser.mjs';

export async function watching(tap, browser, base) {
    const { page, context } = await openPage(browser, base);
    await connected(page, base, '#/server');
    await page.getByText('hexmcp.calculator').waitFor();
    tap.check('the plugins are listed', true);
    await page.evaluate(() => { location.hash = '#/connections'; });
    await page.locator('main td', { hasText: /^http$/ }).first().waitFor();
    tap.check('one\'s own connection is there', true);
    await page.evaluate(() => { location.hash = '#/traffic'; });
    const table = page.getByRole('region', { name: 'The server' });
    await table.locator('tbody tr').first().waitFor();
    tap.check('what was answered before is told', (await table.innerText()).includes('server/discover'));
    const second = await openPage(browser, base);
    await connected(second.page, base);
    await openTool(second.page, 'echo');
    await second.page.getByLabel('text required').fill('between us');
    await run(second.page);
    const row = table.locator('tbody tr', { hasText: 'tools/call' }).first();
    await row.waitFor();
    const cells = await row.locator('td').allInnerTexts();
    tap.equal('a call of somebody else is told as it comes', [cells[1], cells[2], cells[3], cells[5]],
              ['tools/call echo', '2026-07-28', 'http', 'result']);
    tap.check('without what it held', !(await table.innerText()).includes('between us'));
    await second.context.close();
    await page.getByLabel('Protocol').selectOption('2025-11-25');
    await page.getByText('Connected, protocol 2025-11-25').waitFor();
    await page.evaluate(() => { location.hash = '#/connections'; });
    await page.locator('main td', { hasText: 'hexmcp-console' }).first().waitFor();
    tap.check('one\'s own session is there', true);
    await context.close();
}
