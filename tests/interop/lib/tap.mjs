// TAP output for the suites in JavaScript: the twin of tests/tools/tap.py.
import { isDeepStrictEqual } from 'node:util';

const flat = text => String(text).split(/\s+/).join(' ').trim().replace(/[\\#]/g, '\\$&');

export class Tap {
    constructor(prefix = '') {
        this.prefix = prefix;
        this.count = 0;
        this.failed = 0;
    }

    check(name, passed, diagnostic = '') {
        this.#line(passed ? 'ok' : 'not ok', name);
        if (!passed) {
            this.failed += 1;
            this.note(diagnostic);
        }
        return passed;
    }

    equal(name, got, expected) {
        const lines = `got:      ${JSON.stringify(got)}\nexpected: ${JSON.stringify(expected)}`;
        return this.check(name, isDeepStrictEqual(got, expected), lines);
    }

    skip(name, reason) {
        this.#line('ok', name, ` # SKIP ${flat(reason)}`);
    }

    note(text) {
        for (const line of String(text).split('\n').filter(Boolean))
            console.log(`# ${line}`);
    }

    // Prints the plan and returns the exit status.
    finish() {
        console.log(this.count ? `1..${this.count}` : 'Bail out! no check was made');
        return this.failed || !this.count ? 1 : 0;
    }

    #line(verdict, name, tail = '') {
        this.count += 1;
        console.log(`${verdict} ${this.count} - ${flat(this.prefix + name)}${tail}`);
    }
}
