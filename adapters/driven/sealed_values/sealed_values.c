#include "adapters/driven/sealed_values/sealed_values.h"

#include <stdlib.h>

#include "adapters/driven/sealed_values/inside.h"
#include "core/base/arena.h"
#include "core/json/json.h"
#include "core/state/place.h"

/* "state/TENANT/SCOPE...", and copies of values that a migration keeps. */
bool sealed_space(const struct sealed_values *s, struct str space)
{
    if (!s->keys.count || !s->any_scope)
        return false;
    if (str_starts(space, STR("migration/")))
        return true;
    if (!str_starts(space, STR("state/")))
        return false;
    struct str rest = {space.ptr + 6, space.len - 6};
    const char *slash = memchr(rest.ptr, '/', rest.len);
    if (!slash)
        return false;
    size_t from = (size_t)(slash + 1 - rest.ptr);
    rest = (struct str){rest.ptr + from, rest.len - from};
    slash = rest.len ? memchr(rest.ptr, '/', rest.len) : NULL;
    if (slash)
        rest.len = (size_t)(slash - rest.ptr);
    enum state_scope scope;
    return state_scope_from(rest, &scope) && s->scopes[scope];
}

struct asked {
    struct sealed_values *s;
    struct arena memory;
    struct str space, key;
    struct kv_change *changes; /* as they go into the store; values are in `values` */
    size_t count;
    struct buffer values;
    void (*got)(void *arg, const struct error *err, const struct kv_value *value);
    void (*applied)(void *arg, const struct error *err, const struct kv_applied *r);
    void (*listed)(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                   bool more);
    void *arg;
};

static void asked_free(struct asked *a)
{
    arena_clear(&a->memory);
    buffer_clear(&a->values);
    free(a);
}

static struct asked *asked_new(struct sealed_values *s, struct str space, void *arg)
{
    struct asked *a = calloc(1, sizeof(*a));
    if (!a)
        return NULL;
    a->s = s;
    a->arg = arg;
    a->space = arena_copy(&a->memory, space);
    if (!a->space.ptr) {
        asked_free(a);
        return NULL;
    }
    return a;
}

static const struct error *no_memory(struct error *err)
{
    error_set(err, ST_NOMEM, "out of memory");
    return err;
}

static void got(void *arg, const struct error *err, const struct kv_value *value)
{
    struct asked *a = arg;
    struct buffer clear = BUFFER_INIT;
    struct error failed;
    if (err) {
        a->got(a->arg, err, NULL);
    } else {
        struct kv_value out = *value;
        int rc = sealed_open(a->s, a->space, a->key, value->value, &clear, &out.value, &failed);
        a->got(a->arg, rc ? &failed : NULL, rc ? NULL : &out);
    }
    buffer_wipe(&clear);
    asked_free(a);
}

static void get(void *ctx, struct str space, struct str key,
                void (*done)(void *arg, const struct error *err, const struct kv_value *value),
                void *arg)
{
    const struct face *face = ctx;
    struct error err;
    struct asked *a = asked_new(face->s, space, arg);
    if (a)
        a->key = arena_copy(&a->memory, key);
    if (!a || !a->key.ptr) {
        if (a)
            asked_free(a);
        done(arg, no_memory(&err), NULL);
        return;
    }
    a->got = done;
    face->s->store->get(face->s->store->ctx, space, key, got, a);
}

static void applied(void *arg, const struct error *err, const struct kv_applied *r)
{
    struct asked *a = arg;
    a->applied(a->arg, err, r);
    asked_free(a);
}

static bool is_marked(const struct sealed_values *s, struct str space)
{
    return str_index_get(&s->marked, space) != NULL;
}

/* To forget it costs no more than to mark it again. */
static void remember(struct sealed_values *s, struct str space)
{
    char *name = malloc(space.len);
    if (!name)
        return;
    memcpy(name, space.ptr, space.len);
    if (!str_index_put(&s->marked, (struct str){name, space.len}, name))
        free(name);
}

static void put(struct asked *a)
{
    a->s->store->apply(a->s->store->ctx, a->space, a->changes, a->count, applied, a);
}

static void marked(void *arg, const struct error *err, const struct kv_applied *r)
{
    struct asked *a = arg;
    (void)r;
    if (err) {
        a->applied(a->arg, err, NULL);
        asked_free(a);
        return;
    }
    if (!is_marked(a->s, a->space))
        remember(a->s, a->space);
    put(a);
}

/* A rotation finds what is encrypted by these names: they stand before the first value does. */
static void mark(struct asked *a)
{
    const struct kv_change change = {.key = a->space, .value = STR("1")};
    a->s->store->apply(a->s->store->ctx, STR(SEALED_SPACES), &change, 1, marked, a);
}

static int close_changes(struct asked *a, const struct kv_change *changes, bool encrypt,
                         struct error *err)
{
    size_t *ends = calloc(a->count, sizeof(*ends));
    a->changes = arena_alloc(&a->memory, a->count * sizeof(*a->changes));
    int rc = ends && a->changes ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
    for (size_t i = 0; !rc && i < a->count; i++) {
        a->changes[i] = changes[i];
        a->changes[i].key = arena_copy(&a->memory, changes[i].key);
        if (!changes[i].remove)
            rc = sealed_close(a->s, a->space, changes[i].key, encrypt, changes[i].value, &a->values,
                              err);
        ends[i] = a->values.len;
    }
    if (!rc && a->memory.failed)
        rc = error_set(err, ST_NOMEM, "out of memory");
    for (size_t i = 0, from = 0; !rc && i < a->count; from = ends[i++])
        a->changes[i].value = buffer_part(&a->values, from, ends[i] - from);
    free(ends);
    return rc;
}

static void apply(void *ctx, struct str space, const struct kv_change *changes, size_t count,
                  void (*done)(void *arg, const struct error *err, const struct kv_applied *r),
                  void *arg)
{
    const struct face *face = ctx;
    struct error err;
    struct asked *a = asked_new(face->s, space, arg);
    if (!a) {
        done(arg, no_memory(&err), NULL);
        return;
    }
    bool encrypt = face->all || sealed_space(face->s, space);
    a->applied = done;
    a->count = count;
    if (close_changes(a, changes, encrypt, &err)) {
        done(arg, &err, NULL);
        asked_free(a);
    } else if (encrypt && !is_marked(face->s, space)) {
        mark(a);
    } else {
        put(a);
    }
}

static int open_entries(struct asked *a, const struct kv_entry *entries, size_t count,
                        struct kv_entry *out, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct buffer clear = BUFFER_INIT;
        out[i] = entries[i];
        if (!entries[i].value.ptr || !sealed_has_header(entries[i].value))
            continue;
        int rc = sealed_open(a->s, a->space, entries[i].key, entries[i].value, &clear, &out[i].value,
                             err);
        out[i].bytes = clear.len;
        out[i].value = rc || clear.len > VALUE_LISTED_MAX
                           ? (struct str){NULL, 0}
                           : arena_copy(&a->memory, buffer_str(&clear));
        buffer_wipe(&clear);
        if (rc || a->memory.failed)
            return rc ? rc : error_set(err, ST_NOMEM, "out of memory");
    }
    return ST_OK;
}

static void listed(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                   bool more)
{
    struct asked *a = arg;
    struct error failed;
    struct kv_entry *out = NULL;
    if (!err) {
        out = arena_alloc(&a->memory, count * sizeof(*out) + 1);
        if (!out)
            err = no_memory(&failed);
        else if (open_entries(a, entries, count, out, &failed))
            err = &failed;
    }
    a->listed(a->arg, err, err ? NULL : out, err ? 0 : count, !err && more);
    asked_free(a);
}

static void list(void *ctx, struct str space, const struct kv_query *query,
                 void (*done)(void *arg, const struct error *err, const struct kv_entry *entries,
                              size_t count, bool more),
                 void *arg)
{
    const struct face *face = ctx;
    struct error err;
    struct asked *a = asked_new(face->s, space, arg);
    if (!a) {
        done(arg, no_memory(&err), NULL, 0, false);
        return;
    }
    a->listed = done;
    face->s->store->list(face->s->store->ctx, space, query, listed, a);
}

static int read_scopes(struct sealed_values *s, struct str setting, struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(setting.len ? setting : STR("[]"), &doc, err);
    if (rc)
        return error_prefix(err, "encryption.scopes: ");
    struct json_iter it = json_iter(json_root(doc));
    while (!rc && json_next(&it)) {
        struct str name = {NULL, 0};
        enum state_scope scope;
        json_plain(it.value, &name);
        if (state_scope_from(name, &scope))
            s->any_scope = s->scopes[scope] = true;
        else
            rc = error_set(err, ST_CONFIG,
                           "encryption.scopes: there is no scope \"%.*s\"; there are global, user, "
                           "session, workflow and component",
                           (int)(name.len > 60 ? 60 : name.len), name.ptr ? name.ptr : "");
    }
    json_free(doc);
    if (!rc && s->any_scope && !s->keys.count)
        rc = error_set(err, ST_CONFIG, "encryption.scopes names a scope and encryption.keys no key");
    return rc;
}

int sealed_values_new(const struct sealed_values_options *options, struct sealed_values **out,
                      struct error *err)
{
    struct sealed_values *s = calloc(1, sizeof(*s));
    if (!s)
        return error_set(err, ST_NOMEM, "out of memory");
    s->store = options->store;
    s->modules = options->modules;
    s->by_space_ctx.s = s->all_ctx.s = s;
    s->all_ctx.all = true;
    s->by_space = (struct key_value_store){&s->by_space_ctx, get, apply, list};
    s->all = (struct key_value_store){&s->all_ctx, get, apply, list};
    int rc = encryption_keys_new(options->keys, options->key, &s->keys, err);
    if (!rc)
        rc = read_scopes(s, options->scopes, err);
    if (rc) {
        sealed_values_free(s);
        return rc;
    }
    *out = s;
    return ST_OK;
}

void sealed_values_free(struct sealed_values *s)
{
    if (!s)
        return;
    encryption_keys_free(&s->keys);
    for (size_t i = 0; i < s->marked.count; i++)
        free(s->marked.entries[i].value);
    str_index_clear(&s->marked);
    free(s);
}

const struct key_value_store *sealed_values_port(struct sealed_values *s)
{
    return &s->by_space;
}

const struct key_value_store *sealed_values_sealing(struct sealed_values *s)
{
    return s->keys.count ? &s->all : NULL;
}
