/*
 * {{title}}: a plugin for hexmcp that stores keys and values, in memory: all is gone when the server
 * ends. What lies behind find() and put() is the part to replace by a database.
 *
 * The interface is a draft; hexmcp/ext/draft/kv.h describes all of it. A store that hexmcp itself is to use
 * (setting storage.plugin) also provides the others of ext/draft: eventstore, blob, search, dump.
 */
#include "hexmcp/ext/draft/kv.h"
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

struct entry {
    struct entry *next; /* in the order of space and key */
    int64_t version;    /* rises with each change, also over a removal */
    size_t space_len, key_len, value_len;
    char *space, *key, *value; /* value NULL: it was removed */
    struct entry *next_change; /* of an apply() */
    char *planned;             /* its value there, NULL to remove it */
    size_t planned_len;
};

/* One instance: the tables that the host calls, and what they need. */
struct plugin {
    hexmcp_plugin plugin;
    hexmcp_kv_store_1 store;
    const hexmcp_host *host;
    const hexmcp_stream_1 *stream;
    struct entry *first;
};

/* ---- the storage ---- */

static int compare(const char *a, size_t a_len, hexmcp_str b)
{
    size_t common = a_len < b.len ? a_len : b.len;
    int order = common ? memcmp(a, b.ptr, common) : 0;
    return order ? order : a_len < b.len ? -1 : a_len > b.len;
}

/* Where the entry is, or would be. */
static struct entry **place(struct plugin *p, hexmcp_str space, hexmcp_str key)
{
    struct entry **at = &p->first;
    for (; *at; at = &(*at)->next) {
        int order = compare((*at)->space, (*at)->space_len, space);
        if (!order)
            order = compare((*at)->key, (*at)->key_len, key);
        if (order >= 0)
            break;
    }
    return at;
}

static struct entry *find(struct plugin *p, hexmcp_str space, hexmcp_str key)
{
    struct entry *e = *place(p, space, key);
    return e && !compare(e->space, e->space_len, space) && !compare(e->key, e->key_len, key) ? e
                                                                                            : NULL;
}

static char *copy(hexmcp_str text)
{
    char *made = (char *)malloc(text.len + 1);
    if (made && text.len)
        memcpy(made, text.ptr, text.len);
    return made;
}

static struct entry *add(struct plugin *p, hexmcp_str space, hexmcp_str key)
{
    struct entry **at = place(p, space, key);
    struct entry *e = (struct entry *)calloc(1, sizeof(*e));
    char *space_copy = copy(space), *key_copy = copy(key);
    if (!e || !space_copy || !key_copy) {
        free(e);
        free(space_copy);
        free(key_copy);
        return NULL;
    }
    e->space = space_copy;
    e->space_len = space.len;
    e->key = key_copy;
    e->key_len = key.len;
    e->next = *at;
    *at = e;
    return e;
}

/* ---- answers ---- */

static int32_t complete(const struct plugin *p, hexmcp_call call, hexmcp_json_writer *w)
{
    hexmcp_json_end_object(w);
    int32_t status = p->host->complete(p->host->ctx, call, HEXMCP_RESULT,
                                       hexmcp_json_writer_text(w));
    hexmcp_json_writer_free(w);
    /* A call that the host has given up meanwhile is no fault. */
    return status == HEXMCP_E_NOT_FOUND ? HEXMCP_OK : status;
}

static int32_t complete_number(const struct plugin *p, hexmcp_call call, const char *name,
                               int64_t value)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_int64(&w, name, value);
    return complete(p, call, &w);
}

/* Does the caller expect another version than the one that is there? */
static int conflicts(const struct entry *e, hexmcp_str options, int64_t *there)
{
    hexmcp_str value;
    int64_t wanted;
    *there = e && e->value ? e->version : 0;
    return hexmcp_json_get(options, "ifVersion", &value) == HEXMCP_OK &&
           hexmcp_json_int64(value, &wanted) == HEXMCP_OK && wanted != *there;
}

/* ---- what the host calls: all on its loop, where nothing may wait. A database that waits needs threads of
 * its own: copy the request, return HEXMCP_PENDING, and complete() the call from there. ---- */

static int32_t get(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                   hexmcp_error *err)
{
    struct plugin *p = (struct plugin *)self;
    int64_t version = 0;
    int32_t status = HEXMCP_OK;
    struct entry *e = find(p, space, key);
    if (!e || !e->value)
        status = hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is no such key");
    else if (!p->stream)
        status = hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "the host takes no bytes");
    else {
        hexmcp_str value = {e->value, e->value_len};
        version = e->version;
        status = p->stream->emit(p->stream->ctx, call, hexmcp_str_from("{}"), value);
        if (status != HEXMCP_OK)
            hexmcp_fail(err, status, "the value could not be given");
    }
    return status ? status : complete_number(p, call, "version", version);
}

static int32_t set(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key, hexmcp_str value,
                   hexmcp_str options, hexmcp_error *err)
{
    struct plugin *p = (struct plugin *)self;
    int64_t version = 0;
    hexmcp_str ttl;
    if (hexmcp_json_get(options, "ttlMs", &ttl) == HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "keys do not end by themselves here");
    char *kept = copy(value);
    if (!kept)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
    struct entry *e = find(p, space, key);
    int conflict = conflicts(e, options, &version);
    if (!conflict && !e)
        e = add(p, space, key);
    if (!conflict && e) {
        char *old = e->value;
        e->value = kept;
        e->value_len = value.len;
        version = ++e->version;
        kept = old;
    }
    free(kept);
    if (conflict)
        return complete_number(p, call, "conflict", version);
    return e ? complete_number(p, call, "version", version)
             : hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
}

static int32_t remove_key(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                          hexmcp_str options, hexmcp_error *err)
{
    struct plugin *p = (struct plugin *)self;
    char *old = NULL;
    int64_t version;
    (void)err;
    struct entry *e = find(p, space, key);
    int conflict = conflicts(e, options, &version);
    if (!conflict && e && e->value) {
        old = e->value;
        e->value = NULL;
        e->version++;
    }
    if (conflict)
        return complete_number(p, call, "conflict", version);
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_bool(&w, "removed", old != NULL);
    free(old);
    return complete(p, call, &w);
}

/* Several changes, all or none: first all that can fail, into `planned`, then the changes. */
struct changes {
    struct entry *first, **end;
    struct entry *conflict;
    int64_t there; /* the version that `conflict` has */
};

static int32_t plan(struct plugin *p, hexmcp_str space, hexmcp_str json, hexmcp_str *values,
                    struct changes *c, hexmcp_error *err)
{
    hexmcp_str member;
    char *key = NULL;
    size_t key_len = 0;
    int64_t bytes = -1;
    if (hexmcp_json_get(json, "key", &member) != HEXMCP_OK ||
        hexmcp_json_string_dup(member, &key, &key_len) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "a change without a key");
    hexmcp_str name = {key, key_len};
    struct entry *e = find(p, space, name);
    if (!e)
        e = add(p, space, name);
    free(key);
    if (!e)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
    e->planned = NULL;
    e->next_change = NULL;
    *c->end = e;
    c->end = &e->next_change;
    if (!c->conflict && conflicts(e, json, &c->there))
        c->conflict = e;
    if (hexmcp_json_get(json, "ttlMs", &member) == HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "keys do not end by themselves here");
    if (hexmcp_json_get(json, "remove", &member) == HEXMCP_OK)
        return HEXMCP_OK;
    if (hexmcp_json_get(json, "bytes", &member) != HEXMCP_OK ||
        hexmcp_json_int64(member, &bytes) != HEXMCP_OK || bytes < 0 ||
        (uint64_t)bytes > values->len)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "a change whose bytes are not there");
    hexmcp_str value = {values->ptr, (size_t)bytes};
    e->planned = copy(value);
    e->planned_len = value.len;
    values->ptr += value.len;
    values->len -= value.len;
    return e->planned ? HEXMCP_OK : hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
}

static void forget(const struct changes *c)
{
    for (struct entry *e = c->first; e; e = e->next_change)
        free(e->planned);
}

static int32_t make_changes(const struct plugin *p, hexmcp_call call, const struct changes *c)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "versions");
    hexmcp_json_begin_array(&w);
    for (struct entry *e = c->first; e; e = e->next_change) {
        int changes = e->value || e->planned;
        free(e->value);
        e->value = e->planned;
        e->value_len = e->planned_len;
        e->version += changes;
        hexmcp_json_write_int64(&w, changes ? e->version : 0);
    }
    hexmcp_json_end_array(&w);
    return complete(p, call, &w);
}

static int32_t complete_conflict(const struct plugin *p, hexmcp_call call, const struct changes *c)
{
    hexmcp_json_writer w;
    hexmcp_str key = {c->conflict->key, c->conflict->key_len};
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "conflict");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_string(&w, "key", key);
    hexmcp_json_put_int64(&w, "version", c->there);
    hexmcp_json_end_object(&w);
    return complete(p, call, &w);
}

static int32_t apply(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str json,
                     hexmcp_str values, hexmcp_error *err)
{
    struct plugin *p = (struct plugin *)self;
    struct changes c = {NULL, NULL, NULL, 0};
    hexmcp_str all, one;
    int32_t status = HEXMCP_OK;
    c.end = &c.first;
    if (hexmcp_json_get(json, "changes", &all) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "there are no changes");
    hexmcp_json_iter it = hexmcp_json_iter_begin(all);
    while (status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &one))
        status = plan(p, space, one, &values, &c, err);
    if (status != HEXMCP_OK || c.conflict)
        forget(&c);
    if (status != HEXMCP_OK)
        return status;
    return c.conflict ? complete_conflict(p, call, &c) : make_changes(p, call, &c);
}

/* What is asked for by list(). */
struct query {
    char *prefix, *after; /* "" if there is none */
    size_t prefix_len, after_len;
    int64_t limit;
    int values; /* they are asked for, too */
};

static int32_t read_query(hexmcp_str json, struct query *q, hexmcp_error *err)
{
    hexmcp_str value = hexmcp_str_from("\"\"");
    hexmcp_json_get(json, "prefix", &value);
    if (hexmcp_json_string_dup(value, &q->prefix, &q->prefix_len) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "`prefix` cannot be read");
    value = hexmcp_str_from("\"\"");
    hexmcp_json_get(json, "after", &value);
    if (hexmcp_json_string_dup(value, &q->after, &q->after_len) != HEXMCP_OK) {
        free(q->prefix);
        return hexmcp_fail(err, HEXMCP_E_INVALID, "`after` cannot be read");
    }
    if (hexmcp_json_get(json, "limit", &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &q->limit);
    if (hexmcp_json_get(json, "values", &value) == HEXMCP_OK)
        hexmcp_json_bool(value, &q->values);
    return HEXMCP_OK;
}

static int matches(const struct entry *e, hexmcp_str space, const struct query *q)
{
    hexmcp_str after = {q->after, q->after_len};
    return e->value && !compare(e->space, e->space_len, space) && e->key_len >= q->prefix_len &&
           memcmp(e->key, q->prefix, q->prefix_len) == 0 &&
           (q->after_len == 0 || compare(e->key, e->key_len, after) > 0);
}

/* Values longer than this are left to get(). */
#define LISTED_MAX 65536u

static void write_entry(hexmcp_json_writer *w, const struct entry *e, int values)
{
    hexmcp_str key = {e->key, e->key_len};
    hexmcp_json_begin_object(w);
    hexmcp_json_put_string(w, "key", key);
    hexmcp_json_put_int64(w, "version", e->version);
    hexmcp_json_put_int64(w, "bytes", (int64_t)e->value_len);
    if (values && e->value_len > LISTED_MAX)
        hexmcp_json_put_bool(w, "left", 1);
    hexmcp_json_end_object(w);
}

/* One key with its value as a piece. */
static int32_t emit_entry(const struct plugin *p, hexmcp_call call, const struct entry *e)
{
    hexmcp_json_writer w;
    hexmcp_str value = {e->value, e->value_len > LISTED_MAX ? 0 : e->value_len};
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "keys");
    hexmcp_json_begin_array(&w);
    write_entry(&w, e, 1);
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    int32_t status =
        p->stream->emit(p->stream->ctx, call, hexmcp_json_writer_text(&w), value);
    hexmcp_json_writer_free(&w);
    return status;
}

/* Lists what matches: as pieces with their values, or into `w`. What does not fit into the queue of the call
 * any more comes with the next list(). */
static int64_t list_entries(const struct plugin *p, hexmcp_call call, hexmcp_str space,
                            const struct query *q, hexmcp_json_writer *w)
{
    int64_t found = 0;
    for (const struct entry *e = p->first; e && found <= q->limit; e = e->next) {
        if (!matches(e, space, q) || found++ >= q->limit)
            continue;
        if (!q->values)
            write_entry(w, e, 0);
        else if (emit_entry(p, call, e) != HEXMCP_OK)
            return q->limit + 1;
    }
    return found;
}

static int32_t list(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query,
                    hexmcp_error *err)
{
    struct plugin *p = (struct plugin *)self;
    struct query q = {NULL, NULL, 0, 0, 1000, 0};
    hexmcp_json_writer w;
    int32_t status = read_query(query, &q, err);
    if (status)
        return status;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    if (!q.values) {
        hexmcp_json_key(&w, "keys");
        hexmcp_json_begin_array(&w);
    }
    int64_t found = list_entries(p, call, space, &q, &w);
    if (!q.values)
        hexmcp_json_end_array(&w);
    hexmcp_json_put_bool(&w, "more", found > q.limit);
    free(q.prefix);
    free(q.after);
    return complete(p, call, &w);
}

/* ---- the instance ---- */

/* The host's services may be asked for from here on. */
static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    struct plugin *p = (struct plugin *)self;
    (void)config; /* the settings; plugin.json can have a schema for them */
    (void)err;
    p->stream = (const hexmcp_stream_1 *)p->host->get_interface(p->host->ctx, HEXMCP_STREAM_1);
    return HEXMCP_OK;
}

static const void *get_interface(void *self, const char *id)
{
    return strcmp(id, HEXMCP_KV_STORE_1) == 0 ? &((struct plugin *)self)->store : NULL;
}

static void destroy(void *self)
{
    struct plugin *p = (struct plugin *)self;
    while (p->first) {
        struct entry *e = p->first;
        p->first = e->next;
        free(e->space);
        free(e->key);
        free(e->value);
        free(e);
    }
    free(p);
}

static int32_t create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct plugin *p = (struct plugin *)calloc(1, sizeof(*p));
    if (!p)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
    p->host = host;
    p->plugin.size = sizeof(p->plugin);
    p->plugin.self = p;
    p->plugin.init = init;
    p->plugin.get_interface = get_interface;
    p->plugin.destroy = destroy;
    p->store.size = sizeof(p->store);
    p->store.self = p;
    p->store.get = get;
    p->store.set = set;
    p->store.remove = remove_key;
    p->store.list = list;
    p->store.apply = apply;
    *out = &p->plugin;
    return HEXMCP_OK;
}

/* The id and the version stand in plugin.json, too, and must be equal. */
HEXMCP_PLUGIN_DEFINE("{{id}}", "0.1.0", create);
