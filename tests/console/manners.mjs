// For everybody: keyboard, screen reader, phone, dark, and nothing from elsewhere.
import { connected, finished, openPage, openTool } from './browser.mjs';

const parts = ['server', 'tools/count', 'resources', 'prompts/arguments', 'log', 'traffic', 'connections'];

async function go(page, part) {
    await page.evaluate(hash => { location.hash = hash; }, `#/${part}`);
    await page.locator('main h1').waitFor();
}

/** Runs in the page: the texts whose contrast with what is behind them is below 4.5. */
function weakTexts() {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const channels = colour => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return canvas.getImageData(0, 0, 1, 1).data;
    };
    const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const colour = channels(getComputedStyle(at).backgroundColor);
            if (colour[3] === 255)
                return colour;
        }
        return [255, 255, 255];
    };
    const weak = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('option, noscript, :disabled'))
            continue;
        const pair = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))];
        const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
        if (ratio < 4.5)
            weak.push(`${ratio.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 40)}`);
    }
    return weak;
}

/** Runs in the page: the controls that a screen reader could not name. */
function nameless() {
    const named = control => control.getAttribute('aria-label') || control.textContent.trim() ||
        [...(control.labels ?? [])].some(label => label.textContent.trim());
    return [...document.querySelectorAll('button, a, input, select, textarea, summary, img')]
        .filter(one => (one.tagName === 'IMG' ? !one.hasAttribute('alt') : !named(one)))
        .map(one => one.outerHTML.slice(0, 120));
}

async function colours(tap, browser, base) {
    for (const scheme of ['light', 'dark']) {
        const { page, context } = await openPage(browser, base, { colorScheme: scheme });
        await connected(page, base);
        const weak = [];
        for (const part of parts) {
            await go(page, part);
            weak.push(...await page.evaluate(weakTexts));
        }
        tap.equal(`every text is readable when the system is ${scheme}`, weak, []);
        const other = scheme === 'light' ? 'dark' : 'light';
        const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        const before = await ground();
        await page.getByLabel('Colours').selectOption(other);
        tap.check(`a switch makes it ${other}`, await ground() !== before);
        tap.equal(`and every text readable`, await page.evaluate(weakTexts), []);
        await page.reload();
        tap.equal('it is remembered', await page.getByLabel('Colours').inputValue(), other);
        await context.close();
    }
}

async function phone(tap, browser, base) {
    const { page, context } = await openPage(browser, base, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
    await connected(page, base);
    for (const part of parts) {
        await go(page, part);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        tap.equal(`${part} fits 360 pixels`, width, 360);
    }
    await openTool(page, 'add');
    const small = await page.evaluate(() => [...document.querySelectorAll('button, select, nav a, .lists a, input')]
        .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 24 && one.type !== 'checkbox')
        .map(one => one.outerHTML));
    tap.equal('what is touched is at least 24 pixels high', small, []);
    await context.close();
}

/** Tab until `found` is true of what has the focus; notes what shows no focus. */
async function tabTo(page, found, unseen) {
    for (let i = 0; i < 80; i++) {
        await page.keyboard.press('Tab');
        const seen = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== 'none' ||
            document.activeElement === document.body);
        if (!seen)
            unseen.push(await page.evaluate(() => document.activeElement.outerHTML.slice(0, 120)));
        if (await page.evaluate(found.test, found.with))
            return;
    }
    throw new Error(`the Tab key does not lead to ${found.with}`);
}

const textOf = text => ({ with: text, test: wanted => document.activeElement.textContent.trim().startsWith(wanted) });
const fieldOf = label => ({ with: label, test: wanted => [...(document.activeElement.labels ?? [])]
    .some(one => one.textContent.trim().startsWith(wanted)) });

async function keyboard(tap, browser, base) {
    const { page, context } = await openPage(browser, base);
    const unseen = [];
    await connected(page, base, '');
    await page.keyboard.press('Tab');
    tap.equal('the first stop skips to the content', await page.evaluate(() => document.activeElement.textContent),
              'Skip to the content');
    await tabTo(page, textOf('Tools'), unseen);
    await page.keyboard.press('Enter');
    await page.locator('.lists a').first().waitFor();
    await tabTo(page, fieldOf('Filter'), unseen);
    await page.keyboard.type('adds two');
    await tabTo(page, textOf('Add'), unseen);
    await page.keyboard.press('Enter');
    await page.locator('.detail h2 code', { hasText: 'add' }).waitFor();
    tap.equal('choosing leads to what was chosen', await page.evaluate(() => document.activeElement.tagName), 'H2');
    await tabTo(page, fieldOf('a'), unseen);
    await page.keyboard.type('20');
    await tabTo(page, fieldOf('b'), unseen);
    await page.keyboard.type('22');
    await page.keyboard.press('Control+Enter');
    const result = await finished(page);
    tap.check('a tool is called with the keyboard alone', result.includes('42'), result);
    tap.equal('the result has the focus', await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Result');
    tap.equal('every stop shows the focus', unseen, []);
    await context.close();
}

async function names(tap, browser, base) {
    const { page, context } = await openPage(browser, base, { reducedMotion: 'reduce' });
    await connected(page, base);
    const found = [];
    for (const part of [...parts, 'tools/text-manipulator', 'tools/publish', 'resources/everything%3A%2F%2Fcounter']) {
        await go(page, part);
        found.push(...await page.evaluate(nameless));
    }
    tap.equal('every control has a name', found, []);
    tap.equal('nothing moves', await page.evaluate(() => document.getAnimations().length), 0);
    await context.close();
}

/** A plugin's text is never markup, and its addresses are never followed. */
async function hostile(tap, browser, base) {
    const { page, context, faults, outside } = await openPage(browser, base);
    await connected(page, base);
    await openTool(page, 'echo');
    const text = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    await page.getByLabel('text required').fill(text);
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    const shown = await finished(page);
    tap.check('markup is shown as text', shown.includes(text), shown);
    const blocked = await page.evaluate(() => new Promise(resolve => {
        document.addEventListener('securitypolicyviolation', event => resolve(event.effectiveDirective), { once: true });
        const script = document.createElement('script');
        script.textContent = 'document.title = 3';
        document.head.append(script);
    }));
    tap.equal('the policy holds back a script that gets in', blocked, 'script-src-elem');
    const image = await page.evaluate(() => new Promise(resolve => {
        document.addEventListener('securitypolicyviolation', event => resolve(event.effectiveDirective), { once: true });
        new Image().src = 'https://example.com/x.png';
    }));
    tap.equal('and an image from elsewhere', image, 'img-src');
    tap.equal('no script ran', await page.title(), 'tools – hexmcp console');
    tap.equal('no other fault', faults.filter(one => !one.includes('Content Security Policy')), []);
    tap.equal('nothing was asked of others', outside().filter(url => url !== 'https://example.com/x.png'), []);
    await context.close();
}

export async function manners(tap, browser, base) {
    for (const one of [colours, phone, keyboard, names, hostile]) {
        try {
            await one(tap, browser, base);
        } catch (error) {
            tap.check(`${one.name} goes through`, false, error.stack);
        }
    }
}
