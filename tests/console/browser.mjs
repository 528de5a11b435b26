// A Chromium on the console, which notes what a console must not do.
const { chromium } = await import(`${process.env.INTEROP_NODE_HOME}/node_modules/playwright-core/index.mjs`);

// Debian's.
const program = process.env.CHROMIUM ?? '/usr/bin/chromium';

export async function openBrowser() {
    // As root, as in a container, Chromium's own sandbox does not start.
    const args = process.getuid() === 0 ? ['--no-sandbox'] : [];
    return chromium.launch({ executablePath: program, args });
}

/** A page of its own, with its own storage. `faults` fills with what should not be. */
export async function openPage(browser, base, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1200, height: 850 }, ...options });
    const page = await context.newPage();
    const faults = [];
    const requests = [];
    page.on('console', message => {
        // What the page does about a status is tested where it happens.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
            faults.push(message.text());
    });
    page.on('pageerror', error => faults.push(error.stack));
    page.on('request', request => requests.push(request));
    page.setDefaultTimeout(10_000);
    const outside = () => requests.map(request => request.url())
        .filter(url => !url.startsWith(base) && !/^(data|blob):/.test(url));
    return { page, context, faults, requests, outside };
}

export async function connected(page, base, hash = '#/tools', protocol = '2026-07-28') {
    await page.goto(`${base}/console${hash}`);
    await page.getByText(`Connected, protocol ${protocol}`).waitFor();
}

export async function openTool(page, name) {
    await page.evaluate(hash => { location.hash = hash; }, `#/tools/${name}`);
    await page.locator('.detail h2 code', { hasText: new RegExp(`^${name}$`) }).waitFor();
}

export const outcome = page => page.getByRole('region', { name: 'Result' });

/** Presses the button and gives the text of the result. */
export async function run(page, label = 'Call') {
    await page.getByRole('button', { name: label, exact: true }).click();
    return finished(page);
}

export async function finished(page) {
    await outcome(page).locator('> *').first().waitFor();
    const text = await outcome(page).innerText();
    return text.split('\n').slice(1).map(line => line.trim()).filter(line => line && line !== 'Copy').join('\n');
}
