/*
 * {{title}}: a plugin for hexmcp that stores keys and values, in memory: all is gone when the server
 * ends. What lies behind find() and put() is the part to replace by a database.
 *
 * The interface is a draft: this version of hexmcp asks no storage yet. hexmcp/ext/draft/kv.h describes
 * all of it.
 */
#include <pthread.h>

#include "hexmcp/ext/draft/kv.h"
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

struct entry {
    struct entry *next; /* in the order of space and key */
    int64_t version;    /* rises with each change, also over a removal */
    size_t space_len, key_len, value_len;
    char *space, *key, *value; /* value NULL: it was removed */
};

/* One instance: the tables that the host calls, and what they need. */
struct plugin {
    hexmcp_plugin plugin;
    hexmcp_kv_store_1 store;
    const hexmcp_host *host;
    const hexmcp_stream_1 *stream;
    pthread_mutex_t lock; /* calls come on several threads at once */
    struct entry *first;
};

/* ---- the storage; with the lock held ---- */

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

/* ---- what the host calls: all on worker threads ---- */

static int32_t get(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                   hexmcp_error *err)
{
    struct plugin *p = (struct plugin *)self;
    int64_t version = 0;
    int32_t status = HEXMCP_OK;
    pthread_mutex_lock(&p->lock);
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
    pthread_mutex_unlock(&p->lock);
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
    pthread_mutex_lock(&p->lock);
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
    pthread_mutex_unlock(&p->lock);
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
    pthread_mutex_lock(&p->lock);
    struct entry *e = find(p, space, key);
    int conflict = conflicts(e, options, &version);
    if (!conflict && e && e->value) {
        old = e->value;
        e->value = NULL;
        e->version++;
    }
    pthread_mutex_unlock(&p->lock);
    if (conflict)
        return complete_number(p, call, "conflict", version);
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_bool(&w, "removed", old != NULL);
    free(old);
    return complete(p, call, &w);
}

/* What is asked for by list(). */
struct query {
    char *prefix, *after; /* "" if there is none */
    size_t prefix_len, after_len;
    int64_t limit;
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
    return HEXMCP_OK;
}

static int matches(const struct entry *e, hexmcp_str space, const struct query *q)
{
    hexmcp_str after = {q->after, q->after_len};
    return e->value && !compare(e->space, e->space_len, space) && e->key_len >= q->prefix_len &&
           memcmp(e->key, q->prefix, q->prefix_len) == 0 &&
           (q->after_len == 0 || compare(e->key, e->key_len, after) > 0);
}

static int32_t list(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query,
                    hexmcp_error *err)
{
    struct plugin *p = (struct plugin *)self;
    struct query q = {NULL, NULL, 0, 0, 1000};
    hexmcp_json_writer w;
    int64_t found = 0;
    int32_t status = read_query(query, &q, err);
    if (status)
        return status;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "keys");
    hexmcp_json_begin_array(&w);
    pthread_mutex_lock(&p->lock);
    for (const struct entry *e = p->first; e; e = e->next) {
        if (!matches(e, space, &q) || found++ >= q.limit)
            continue;
        hexmcp_str key = {e->key, e->key_len};
        hexmcp_json_begin_object(&w);
        hexmcp_json_put_string(&w, "key", key);
        hexmcp_json_put_int64(&w, "version", e->version);
        hexmcp_json_put_int64(&w, "bytes", (int64_t)e->value_len);
        hexmcp_json_end_object(&w);
    }
    pthread_mutex_unlock(&p->lock);
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
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static int32_t create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct plugin *p = (struct plugin *)calloc(1, sizeof(*p));
    if (!p)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
    pthread_mutex_init(&p->lock, NULL);
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
    *out = &p->plugin;
    return HEXMCP_OK;
}

/* The id and the version stand in plugin.json, too, and must be equal. */
HEXMCP_PLUGIN_DEFINE("{{id}}", "0.1.0", create);
