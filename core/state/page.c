#include "core/state/page.h"

#include <stdlib.h>

#include "core/base/str.h"

struct reading {
    const struct key_value_store *values;
    struct arena memory;
    struct str space;
    struct kv_entry *entries;
    size_t count, at, bytes, max_bytes;
    bool more;
    void (*told)(void *arg, const struct error *err, const struct page *page);
    void *arg;
    bool inside, again; /* got() was called before get() returned: no recursion over a whole page */
    bool failed;
    struct error failure;
};

static void finish(struct reading *r, const struct error *err)
{
    struct page page = {.more = r->more};
    size_t kept = 0;
    if (r->count)
        page.last = r->entries[r->count - 1].key;
    for (size_t i = 0; i < r->count; i++)
        if (r->entries[i].value.ptr)
            r->entries[kept++] = r->entries[i];
    page.entries = r->entries;
    page.count = kept;
    r->told(r->arg, err, err ? NULL : &page);
    arena_clear(&r->memory);
    free(r);
}

static void no_memory(struct reading *r)
{
    struct error err;
    error_set(&err, ST_NOMEM, "out of memory");
    finish(r, &err);
}

static void next(struct reading *r);

static void got(void *arg, const struct error *err, const struct kv_value *value)
{
    struct reading *r = arg;
    struct kv_entry *entry = &r->entries[r->at++];
    if (err && err->code != ST_NOT_FOUND) {
        r->failed = true;
        r->failure = *err;
    } else if (!err) {
        entry->value = arena_copy(&r->memory, value->value);
        entry->version = value->version;
        entry->ttl_ms = value->ttl_ms;
        r->bytes += value->value.len;
    }
    if (r->inside)
        r->again = true;
    else
        next(r);
}

/* Cuts the page before the entry that would make it too long. */
static bool full(struct reading *r)
{
    if (!r->at || r->bytes + r->entries[r->at].bytes <= r->max_bytes)
        return false;
    r->count = r->at;
    r->more = true;
    return true;
}

/* True if the page is complete or cannot be. */
static bool over(struct reading *r)
{
    while (!r->failed && r->at < r->count && !full(r) && r->entries[r->at].value.ptr)
        r->bytes += r->entries[r->at++].value.len;
    if (r->memory.failed)
        no_memory(r);
    else if (r->failed)
        finish(r, &r->failure);
    else if (r->at >= r->count)
        finish(r, NULL);
    else
        return false;
    return true;
}

static void next(struct reading *r)
{
    do {
        if (over(r))
            return;
        r->again = false;
        r->inside = true;
        r->values->get(r->values->ctx, r->space, r->entries[r->at].key, got, r);
        r->inside = false;
    } while (r->again);
}

static void listed(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                   bool more)
{
    struct reading *r = arg;
    if (err) {
        finish(r, err);
        return;
    }
    r->entries = arena_alloc(&r->memory, count * sizeof(*entries) + 1);
    for (size_t i = 0; i < count && r->entries; i++) {
        r->entries[i] = entries[i];
        r->entries[i].key = arena_copy(&r->memory, entries[i].key);
        if (entries[i].value.ptr)
            r->entries[i].value = arena_copy(&r->memory, entries[i].value);
    }
    if (r->memory.failed) {
        no_memory(r);
        return;
    }
    r->count = count;
    r->more = more;
    next(r);
}

void page_read(const struct key_value_store *values, const struct page_query *query,
               void (*told)(void *arg, const struct error *err, const struct page *page), void *arg)
{
    struct error err;
    struct reading *r = calloc(1, sizeof(*r));
    if (!r) {
        error_set(&err, ST_NOMEM, "out of memory");
        told(arg, &err, NULL);
        return;
    }
    *r = (struct reading){.values = values, .memory = ARENA_INIT, .max_bytes = query->max_bytes,
                          .told = told, .arg = arg};
    r->space = arena_copy(&r->memory, query->space);
    if (!r->space.ptr) {
        no_memory(r);
        return;
    }
    const struct kv_query list = {query->prefix, query->after, query->limit, true};
    values->list(values->ctx, r->space, &list, listed, r);
}
