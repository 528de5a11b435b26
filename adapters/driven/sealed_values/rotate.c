/* Encrypting anew with the key of now: space by space, page by page, each value only if nobody changed
 * it in between. */
#include <stdlib.h>

#include "adapters/driven/sealed_values/inside.h"
#include "core/base/arena.h"
#include "core/state/page.h"

#define PAGE 100u
#define PAGE_BYTES ((size_t)4 << 20)
#define TRIES 16

struct rotation {
    struct sealed_values *s;
    struct sealed_rotation result;
    struct arena here;   /* of the space */
    struct arena page;   /* of the page in it */
    struct str space;
    struct str after;    /* key in it */
    struct buffer next_after;
    struct kv_change *changes;
    size_t count;
    struct buffer values;
    bool more;
    int tries;
    void (*progress)(void *arg, const struct sealed_rotation *so_far);
    void (*done)(void *arg, const struct error *err, const struct sealed_rotation *r);
    void *arg;
    void (*again)(struct rotation *r); /* as in core/state: no nesting by a store that answers at once */
    bool turning, ended;
};

static void drop(struct rotation *r)
{
    arena_clear(&r->here);
    arena_clear(&r->page);
    buffer_clear(&r->next_after);
    buffer_clear(&r->values);
    free(r);
}

static void end(struct rotation *r, const struct error *err)
{
    r->done(r->arg, err, err ? NULL : &r->result);
    r->ended = true;
    if (!r->turning)
        drop(r);
}

static void turn(struct rotation *r, void (*step)(struct rotation *r))
{
    r->again = step;
    if (r->turning)
        return;
    r->turning = true;
    while (!r->ended && r->again) {
        step = r->again;
        r->again = NULL;
        step(r);
    }
    r->turning = false;
    if (r->ended)
        drop(r);
}

static void no_memory(struct rotation *r)
{
    struct error err;
    error_set(&err, ST_NOMEM, "out of memory");
    end(r, &err);
}

static void ask_space(struct rotation *r);
static void ask_page(struct rotation *r);

static void applied(void *arg, const struct error *err, const struct kv_applied *a)
{
    struct rotation *r = arg;
    struct error busy;
    if (err) {
        end(r, err);
        return;
    }
    if (a->conflict && ++r->tries == TRIES) {
        error_set(&busy, ST_BUSY, "others change %.*s all the time; rotate again later",
                  (int)(r->space.len > 200 ? 200 : r->space.len), r->space.ptr);
        end(r, &busy);
        return;
    }
    if (!a->conflict) {
        r->result.rotated += r->count;
        r->tries = 0;
        r->after = arena_copy(&r->here, buffer_str(&r->next_after));
        if (r->progress)
            r->progress(r->arg, &r->result);
        if (!r->more) {
            turn(r, ask_space);
            return;
        }
    }
    turn(r, ask_page);
}

/* True if the value is not as it would be written now. */
static bool is_old(const struct rotation *r, struct str value)
{
    struct sealed_header h;
    if (!sealed_has_header(value) || sealed_header_read(value, &h, NULL))
        return sealed_space(r->s, r->space);
    if (!(h.flags & SEALED_ENCRYPTED))
        return sealed_space(r->s, r->space);
    return !str_eq(h.key_id, str_from(r->s->keys.list[r->s->keys.current].id));
}

static int renew(struct rotation *r, const struct kv_entry *entry, size_t *end_at,
                 struct error *err)
{
    struct buffer clear = BUFFER_INIT;
    struct str value;
    int rc = sealed_open(r->s, r->space, entry->key, entry->value, &clear, &value, err);
    if (!rc)
        rc = sealed_close(r->s, r->space, entry->key, true, value, &r->values, err);
    buffer_wipe(&clear);
    if (rc)
        return rc;
    r->changes[r->count++] = (struct kv_change){.key = arena_copy(&r->page, entry->key),
                                                .ttl_ms = entry->ttl_ms,
                                                .if_version = true,
                                                .version = entry->version};
    *end_at = r->values.len;
    return ST_OK;
}

static int renew_page(struct rotation *r, const struct page *page, struct error *err)
{
    size_t ends[PAGE];
    int rc = ST_OK;
    arena_clear(&r->page);
    r->page = (struct arena)ARENA_INIT;
    buffer_reset(&r->values, PAGE_BYTES);
    buffer_reset(&r->next_after, SIZE_MAX);
    buffer_add_str(&r->next_after, page->last);
    r->count = 0;
    r->changes = arena_alloc(&r->page, page->count * sizeof(*r->changes) + 1);
    for (size_t i = 0; i < page->count && !rc && !r->page.failed; i++)
        if (is_old(r, page->entries[i].value))
            rc = renew(r, &page->entries[i], &ends[r->count], err);
    if (!rc && (r->page.failed || buffer_failed(&r->values) || buffer_failed(&r->next_after)))
        rc = error_set(err, ST_NOMEM, "out of memory");
    for (size_t i = 0, from = 0; !rc && i < r->count; from = ends[i++])
        r->changes[i].value = buffer_part(&r->values, from, ends[i] - from);
    return rc;
}

static void paged(void *arg, const struct error *err, const struct page *page)
{
    static const uint64_t none = 0;
    struct rotation *r = arg;
    struct error failed;
    const struct kv_applied nothing = {.versions = &none};
    if (err || renew_page(r, page, &failed)) {
        end(r, err ? err : &failed);
        return;
    }
    r->more = page->more;
    if (!r->tries)
        r->result.values += page->count;
    if (r->count)
        r->s->store->apply(r->s->store->ctx, r->space, r->changes, r->count, applied, r);
    else
        applied(r, NULL, &nothing);
}

static void ask_page(struct rotation *r)
{
    const struct page_query query = {r->space, {NULL, 0}, r->after, PAGE, PAGE_BYTES};
    page_read(r->s->store, &query, paged, r);
}

static void next_space(void *arg, const struct error *err, const struct kv_entry *entries,
                       size_t count, bool more)
{
    struct rotation *r = arg;
    struct arena here = ARENA_INIT;
    (void)more;
    if (err || !count) {
        end(r, err);
        return;
    }
    r->space = arena_copy(&here, entries[0].key);
    arena_clear(&r->here);
    r->here = here;
    r->after = (struct str){NULL, 0};
    r->result.spaces++;
    if (r->space.ptr)
        turn(r, ask_page);
    else
        no_memory(r);
}

static void ask_space(struct rotation *r)
{
    const struct kv_query query = {{NULL, 0}, r->space, 1, false};
    r->s->store->list(r->s->store->ctx, STR(SEALED_SPACES), &query, next_space, r);
}

void sealed_values_rotate(struct sealed_values *s,
                          void (*progress)(void *arg, const struct sealed_rotation *so_far),
                          void (*done)(void *arg, const struct error *err,
                                       const struct sealed_rotation *r),
                          void *arg)
{
    struct error err;
    const struct encryption_key *first;
    struct rotation *r = NULL;
    int rc = s->keys.count ? ST_OK
                              : error_set(&err, ST_CONFIG,
                                          "encryption.keys names no key to encrypt with");
    if (!rc)
        rc = encryption_keys_find(&s->keys, str_from(s->keys.list[s->keys.current].id), &first, &err);
    if (!rc) {
        r = calloc(1, sizeof(*r));
        if (!r)
            rc = error_set(&err, ST_NOMEM, "out of memory");
    }
    if (rc) {
        done(arg, &err, NULL);
        return;
    }
    r->s = s;
    r->progress = progress;
    r->done = done;
    r->arg = arg;
    turn(r, ask_space);
}
