// The Inspector's web page in Chromium, connected to the server over HTTP.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { ServerUnderTest } from './lib/server.mjs';
import { Tap } from './lib/tap.mjs';

const home = process.env.INTEROP_NODE_HOME;
const { chromium } = await import(`${home}/node_modules/playwright-core/index.mjs`);
const LAUNCHER = 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js';
const RESULT = 'Hello, Ann!';

// One that is free now: the Inspector wants to be told.
const freePort = () => new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
        const { port } = probe.address();
        probe.close(() => resolve(String(port)));
    });
});

// Its state stays in the server's throw-away home.
async function startInspector(server) {
    const child = spawn(process.execPath, [`${home}/${LAUNCHER}`, '--web', '--transport', 'http',
                                           '--server-url', server.url.href], {
        env: { ...process.env, HOME: server.home, CLIENT_PORT: await freePort(),
               MCP_SANDBOX_PORT: await freePort(), MCP_APP_ORIGIN_PORT: await freePort(), MCP_AUTO_OPEN_ENABLED: 'false',
               MCP_INSPECTOR_SECRET_STORE: 'memory' },
        stdio: ['ignore', 'pipe', 'inherit']
    });
    for await (const line of createInterface({ input: child.stdout })) {
        const found = /(http:\S*API_TOKEN=\S+)/.exec(line);
        if (found) {
            child.stdout.resume();
            return { child, url: found[1] };
        }
    }
    throw new Error('the Inspector ended before it listened');
}

async function flow(tap, page, url) {
    await page.goto(url);
    await page.getByRole('switch').first().click({ force: true });
    await page.getByText('Connected', { exact: true }).waitFor();
    tap.check('connects', true);
    await page.getByText('Tools', { exact: true }).first().click();
    await page.getByText('hello', { exact: true }).first().click();
    const button = page.getByRole('button', { name: 'Execute Tool' });
    await button.waitFor();
    const text = await page.locator('body').innerText();
    tap.check('shows the tool and its hints', text.includes('Greets a person by name.') &&
              text.includes('READ-ONLY') && text.includes('IDEMPOTENT'), text);
    await page.getByRole('textbox', { name: /^name/ }).fill('Ann');
    await button.click();
    await page.getByText(RESULT).first().waitFor();
    tap.check('calls it and shows the result', true);
    for (const [list, heading] of [['Prompts', /^Prompts \([1-9]/], ['Resources', /^URIs \([1-9]/]]) {
        await page.getByText(list, { exact: true }).first().click();
        await page.getByText(heading).first().waitFor();
        tap.check(`lists the ${list.toLowerCase()}`, true);
    }
}

const tap = new Tap();
const server = new ServerUnderTest();
let inspector, browser;
try {
    await server.start();
    inspector = await startInspector(server);
    const args = process.getuid() === 0 ? ['--no-sandbox'] : [];
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
    const page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    await flow(tap, page, inspector.url);
} catch (error) {
    tap.check('runs to its end', false, error.stack);
} finally {
    await browser?.close();
    inspector?.child.kill();
    server.stop();
}
await server.remaining([], 1000);
server.remove();
process.exit(tap.finish());
