// Small things that all TypeScript suites share.
export const STRUCTURED_SINCE = '2025-06-18';

export const pick = (object, keys) => Object.fromEntries(keys.map(key => [key, object?.[key]]));

export const outcome = promise => promise.then(value => ({ value }), error => ({ error }));

// The entries of a list, page by page.
export async function allPages(request, member) {
    const entries = [];
    let cursor;
    do {
        const page = await request(cursor === undefined ? {} : { cursor });
        entries.push(...page[member]);
        cursor = page.nextCursor;
    } while (cursor !== undefined);
    return entries;
}

// What a client remembers: what went wrong, what it was asked and told, and what it answers.
export const anyAnswer = () => ({
    errors: [],
    asked: [],
    answer: method => {
        throw new Error(`${method} was not expected`);
    },
    heard: { updated: [], logs: [], lists: [] }
});
