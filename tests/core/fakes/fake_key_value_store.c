#include "tests/core/fakes/fake_key_value_store.h"

#include <stdlib.h>

#include "core/base/error.h"

struct fake_kv_row {
    char *space, *key;
    size_t space_len, key_len;
    char *value; /* NULL: removed */
    size_t value_len;
    uint64_t version;
    uint64_t ends_ms; /* 0: never */
};

enum what { GET, APPLY, LIST };

struct fake_kv_call {
    struct fake_kv_call *next;
    enum what what;
    char *space, *key;
    size_t space_len, key_len;
    struct kv_change *changes;
    size_t count;
    struct kv_query query;
    void (*done)(void);
    void *arg;
};

static char *copy(struct str s)
{
    char *out = malloc(s.len + 1);
    if (!out)
        abort();
    if (s.len)
        memcpy(out, s.ptr, s.len);
    out[s.len] = '\0';
    return out;
}

static struct str space_of(const struct fake_kv_row *row)
{
    return (struct str){row->space, row->space_len};
}

static struct str key_of(const struct fake_kv_row *row)
{
    return (struct str){row->key, row->key_len};
}

static bool lives(const struct fake_kv *kv, const struct fake_kv_row *row)
{
    return row->value && (!row->ends_ms || row->ends_ms > kv->now_ms);
}

static uint64_t ttl_of(const struct fake_kv *kv, const struct fake_kv_row *row)
{
    return row->ends_ms ? row->ends_ms - kv->now_ms : 0;
}

/* The first row that is not before space and key. */
static size_t place(const struct fake_kv *kv, struct str space, struct str key)
{
    size_t low = 0, high = kv->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(space_of(&kv->rows[middle]), space);
        if (!order)
            order = str_cmp(key_of(&kv->rows[middle]), key);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Also rows whose value is gone. NULL if the key was never there. */
static struct fake_kv_row *find(const struct fake_kv *kv, struct str space, struct str key)
{
    size_t at = place(kv, space, key);
    if (at == kv->row_count || !str_eq(space_of(&kv->rows[at]), space) ||
        !str_eq(key_of(&kv->rows[at]), key))
        return NULL;
    return &kv->rows[at];
}

static struct fake_kv_row *row_for(struct fake_kv *kv, struct str space, struct str key)
{
    struct fake_kv_row *row = find(kv, space, key);
    if (row)
        return row;
    size_t at = place(kv, space, key);
    if (kv->row_count == kv->row_cap) {
        kv->row_cap = kv->row_cap ? kv->row_cap * 2 : 64;
        kv->rows = realloc(kv->rows, kv->row_cap * sizeof(*kv->rows));
        if (!kv->rows)
            abort();
    }
    memmove(&kv->rows[at + 1], &kv->rows[at], (kv->row_count - at) * sizeof(*kv->rows));
    kv->row_count++;
    kv->rows[at] = (struct fake_kv_row){.space = copy(space), .space_len = space.len,
                                        .key = copy(key), .key_len = key.len};
    return &kv->rows[at];
}

static uint64_t version_of(const struct fake_kv *kv, struct str space, struct str key)
{
    const struct fake_kv_row *row = find(kv, space, key);
    return row && lives(kv, row) ? row->version : 0;
}

static void set(struct fake_kv *kv, struct str space, struct str key, struct str value,
                uint64_t ttl_ms)
{
    struct fake_kv_row *row = row_for(kv, space, key);
    free(row->value);
    row->value = copy(value);
    row->value_len = value.len;
    row->version = ++kv->last_version;
    row->ends_ms = ttl_ms ? kv->now_ms + ttl_ms : 0;
}

static uint64_t change(struct fake_kv *kv, struct str space, const struct kv_change *c)
{
    if (!c->remove) {
        set(kv, space, c->key, c->value, c->ttl_ms);
        return kv->last_version;
    }
    struct fake_kv_row *row = find(kv, space, c->key);
    if (!row || !lives(kv, row))
        return 0;
    free(row->value);
    row->value = NULL;
    row->version = ++kv->last_version;
    return row->version;
}

/* *err stays NULL for what succeeds. False: the operation is not to be done. */
static bool goes_well(struct fake_kv *kv, struct error *made, const struct error **err)
{
    if (kv->fail_after < 0 || kv->fail_after-- > 0)
        return true;
    error_set(made, kv->fail_code, "the store is away");
    *err = made;
    return kv->fail_done;
}

typedef void got(void *arg, const struct error *err, const struct kv_value *value);
typedef void applied(void *arg, const struct error *err, const struct kv_applied *r);
typedef void listed(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                    bool more);

static void do_get(struct fake_kv *kv, struct fake_kv_call *call)
{
    got *done = (got *)call->done;
    struct error made;
    const struct error *err = NULL;
    const struct fake_kv_row *row =
        find(kv, (struct str){call->space, call->space_len}, (struct str){call->key, call->key_len});
    goes_well(kv, &made, &err);
    if (!err && (!row || !lives(kv, row))) {
        error_set(&made, ST_NOT_FOUND, "there is no key \"%s\" in %s", call->key, call->space);
        err = &made;
    }
    if (err) {
        done(call->arg, err, NULL);
        return;
    }
    char *value = copy((struct str){row->value, row->value_len});
    struct kv_value out = {{value, row->value_len}, row->version, ttl_of(kv, row)};
    done(call->arg, NULL, &out);
    free(value);
}

static void do_apply(struct fake_kv *kv, struct fake_kv_call *call)
{
    applied *done = (applied *)call->done;
    struct str space = {call->space, call->space_len};
    struct error made;
    const struct error *err = NULL;
    struct kv_applied r = {.count = call->count};
    if (kv->between)
        kv->between(kv->between_arg);
    bool go = goes_well(kv, &made, &err);
    for (size_t i = 0; i < call->count && !r.conflict; i++) {
        const struct kv_change *c = &call->changes[i];
        uint64_t there = version_of(kv, space, c->key);
        if (c->if_version && c->version != there)
            r = (struct kv_applied){.conflict = true, .key = c->key, .actual = there};
    }
    uint64_t *versions = calloc(call->count, sizeof(*versions));
    if (!versions)
        abort();
    for (size_t i = 0; go && !r.conflict && i < call->count; i++, kv->changes++)
        versions[i] = change(kv, space, &call->changes[i]);
    r.versions = versions;
    done(call->arg, err, err ? NULL : &r);
    free(versions);
}

static void do_list(struct fake_kv *kv, struct fake_kv_call *call)
{
    listed *done = (listed *)call->done;
    struct error made;
    const struct error *err = NULL;
    struct str space = {call->space, call->space_len};
    struct kv_entry *entries = calloc(call->query.limit, sizeof(*entries));
    size_t count = 0;
    bool more = false;
    if (!entries)
        abort();
    goes_well(kv, &made, &err);
    for (size_t i = place(kv, space, call->query.prefix); i < kv->row_count && !more; i++) {
        const struct fake_kv_row *row = &kv->rows[i];
        if (!str_eq(space_of(row), space) || !str_starts(key_of(row), call->query.prefix))
            break;
        if (!lives(kv, row) ||
            (call->query.after.len && str_cmp(key_of(row), call->query.after) <= 0))
            continue;
        if (count == call->query.limit) {
            more = true;
            break;
        }
        struct kv_entry *entry = &entries[count++];
        *entry = (struct kv_entry){{copy(key_of(row)), row->key_len}, row->version,
                                   row->value_len, ttl_of(kv, row), {NULL, 0}};
        if (call->query.values && row->value_len <= VALUE_LISTED_MAX)
            entry->value = (struct str){copy((struct str){row->value, row->value_len}),
                                        row->value_len};
    }
    done(call->arg, err, err ? NULL : entries, err ? 0 : count, !err && more);
    for (size_t i = 0; i < count; i++) {
        free((char *)entries[i].key.ptr);
        free((char *)entries[i].value.ptr);
    }
    free(entries);
}

static void call_free(struct fake_kv_call *call)
{
    for (size_t i = 0; i < call->count; i++) {
        free((char *)call->changes[i].key.ptr);
        free((char *)call->changes[i].value.ptr);
    }
    free(call->changes);
    free((char *)call->query.prefix.ptr);
    free((char *)call->query.after.ptr);
    free(call->space);
    free(call->key);
    free(call);
}

static void carry_out(struct fake_kv *kv, struct fake_kv_call *call)
{
    static void (*const ways[])(struct fake_kv *, struct fake_kv_call *) = {
        [GET] = do_get, [APPLY] = do_apply, [LIST] = do_list};
    ways[call->what](kv, call);
    call_free(call);
}

static void begin(struct fake_kv *kv, struct fake_kv_call *call)
{
    if (!kv->hold) {
        carry_out(kv, call);
        return;
    }
    struct fake_kv_call **at = &kv->held;
    while (*at)
        at = &(*at)->next;
    *at = call;
}

static struct fake_kv_call *call_new(enum what what, struct str space, void (*done)(void), void *arg)
{
    struct fake_kv_call *call = calloc(1, sizeof(*call));
    if (!call)
        abort();
    call->what = what;
    call->space = copy(space);
    call->space_len = space.len;
    call->done = done;
    call->arg = arg;
    return call;
}

static void get(void *ctx, struct str space, struct str key, got *done, void *arg)
{
    struct fake_kv *kv = ctx;
    struct fake_kv_call *call = call_new(GET, space, (void (*)(void))done, arg);
    call->key = copy(key);
    call->key_len = key.len;
    kv->gets++;
    begin(kv, call);
}

static void apply(void *ctx, struct str space, const struct kv_change *changes, size_t count,
                  applied *done, void *arg)
{
    struct fake_kv *kv = ctx;
    struct fake_kv_call *call = call_new(APPLY, space, (void (*)(void))done, arg);
    if (count == 0 || count > 1000)
        abort();
    call->changes = calloc(count, sizeof(*call->changes));
    if (!call->changes)
        abort();
    for (size_t i = 0; i < count; i++) {
        if (changes[i].key.len == 0 || changes[i].key.len > 512 || changes[i].value.len > VALUE_MAX)
            abort();
        call->changes[i] = changes[i];
        call->changes[i].key.ptr = copy(changes[i].key);
        call->changes[i].value.ptr = copy(changes[i].value);
    }
    call->count = count;
    kv->applies++;
    begin(kv, call);
}

static void list(void *ctx, struct str space, const struct kv_query *query, listed *done, void *arg)
{
    struct fake_kv *kv = ctx;
    struct fake_kv_call *call = call_new(LIST, space, (void (*)(void))done, arg);
    if (query->limit == 0 || query->limit > 1000)
        abort();
    call->query = *query;
    call->query.prefix.ptr = copy(query->prefix);
    call->query.after.ptr = copy(query->after);
    kv->lists++;
    begin(kv, call);
}

void fake_kv_init(struct fake_kv *kv)
{
    *kv = (struct fake_kv){.port = {kv, get, apply, list}, .now_ms = 1, .fail_after = -1,
                           .fail_code = ST_UNAVAILABLE};
}

void fake_kv_clear(struct fake_kv *kv)
{
    while (kv->held) {
        struct fake_kv_call *call = kv->held;
        kv->held = call->next;
        call_free(call);
    }
    for (size_t i = 0; i < kv->row_count; i++) {
        free(kv->rows[i].space);
        free(kv->rows[i].key);
        free(kv->rows[i].value);
    }
    free(kv->rows);
    kv->rows = NULL;
    kv->row_count = kv->row_cap = 0;
}

size_t fake_kv_release(struct fake_kv *kv)
{
    size_t done = 0;
    struct fake_kv_call *calls = kv->held;
    kv->held = NULL;
    while (calls) {
        struct fake_kv_call *call = calls;
        calls = call->next;
        call->next = NULL;
        carry_out(kv, call);
        done++;
    }
    return done;
}

void fake_kv_put(struct fake_kv *kv, struct str space, struct str key, struct str value)
{
    set(kv, space, key, value, 0);
}

struct str fake_kv_value(const struct fake_kv *kv, struct str space, struct str key)
{
    const struct fake_kv_row *row = find(kv, space, key);
    if (!row || !lives(kv, row))
        return (struct str){NULL, 0};
    return (struct str){row->value, row->value_len};
}

size_t fake_kv_count(const struct fake_kv *kv, struct str space)
{
    size_t count = 0;
    for (size_t i = 0; i < kv->row_count; i++)
        if (lives(kv, &kv->rows[i]) && (!space.len || str_eq(space_of(&kv->rows[i]), space)))
            count++;
    return count;
}
