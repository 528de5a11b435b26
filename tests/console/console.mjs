// The console in Chromium, against the real server.
import { ServerUnderTest } from '../interop/lib/server.mjs';
import { Tap } from '../interop/lib/tap.mjs';
import { openBrowser, openPage } from './browser.mjs';
import { flows } from './flows.mjs';
import { key } from './key.mjs';
import { manners } from './manners.mjs';
import { watching } from './watching.mjs';

const tap = new Tap();
const server = new ServerUnderTest();
await server.start();
server.child?.on('exit', (code, signal) => tap.note(`the server ended: ${signal ?? code}`));
const base = process.env.CONSOLE_URL ?? server.url.origin;
const browser = await openBrowser();
browser.on('disconnected', () => tap.note('the browser ended'));
try {
    for (const era of ['2026-07-28', '2025-11-25']) {
        tap.prefix = `${era}: `;
        const { page, context, faults, outside } = await openPage(browser, base);
        await flows(tap, page, base, era);
        tap.equal('no fault and no violation of the policy', faults, []);
        tap.equal('nothing is asked of others', outside(), []);
        await context.close();
    }
    tap.prefix = '';
    for (const part of [manners, watching, key]) {
        try {
            await part(tap, browser, base);
        } catch (error) {
            tap.check(`${part.name} goes through`, false, error.stack);
        }
    }
} finally {
    await browser.close();
    server.stop();
    server.remove();
}
process.exitCode = tap.finish();
