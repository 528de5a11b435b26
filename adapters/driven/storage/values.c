/* Keys and values. */
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/storage/inside.h"

#define GET "get"
#define APPLY "apply"
#define LIST "list"

static void no_memory(struct error *err)
{
    error_set(err, ST_NOMEM, "out of memory");
}

/* ---- get -------------------------------------------------------------------------------------- */

struct getting {
    void (*done)(void *arg, const struct error *err, const struct kv_value *value);
    void *arg;
    struct buffer value;
};

static bool got_bytes(void *arg, struct str json, struct str bytes)
{
    struct getting *g = arg;
    (void)json;
    buffer_add_str(&g->value, bytes);
    return true;
}

static int read_value(const struct getting *g, struct str json, struct kv_value *out,
                      struct error *err)
{
    struct json_doc *doc;
    int rc = answer_parse(json, GET, &doc, err);
    if (rc)
        return rc;
    *out = (struct kv_value){.value = buffer_str(&g->value)};
    if (buffer_failed(&g->value))
        rc = error_set(err, ST_NOMEM, "out of memory");
    else if (!answer_number(json_root(doc), STR("version"), &out->version))
        rc = answer_broken(err, GET);
    answer_number(json_root(doc), STR("ttlMs"), &out->ttl_ms);
    json_free(doc);
    return rc;
}

static void got(void *arg, const struct error *failure, struct str json)
{
    struct getting *g = arg;
    struct kv_value value;
    struct error err;
    if (!failure && read_value(g, json, &value, &err))
        failure = &err;
    g->done(g->arg, failure, failure ? NULL : &value);
    buffer_clear(&g->value);
    free(g);
}

static void values_get(void *ctx, struct str space, struct str key,
                       void (*done)(void *arg, const struct error *err,
                                    const struct kv_value *value),
                       void *arg)
{
    struct storage *s = ctx;
    struct getting *g = malloc(sizeof(*g));
    struct error err;
    if (!g) {
        no_memory(&err);
        done(arg, &err, NULL);
        return;
    }
    *g = (struct getting){done, arg, BUFFER_INIT};
    const struct store_request request = {.op = STORE_VALUES_GET, .space = space, .key = key};
    s->store->begin(s->store->ctx, &request, &(struct store_sink){g, got_bytes, got});
}

/* ---- apply ------------------------------------------------------------------------------------ */

struct applying {
    void (*done)(void *arg, const struct error *err, const struct kv_applied *r);
    void *arg;
    size_t count;
    uint64_t versions[];
};

static int read_applied(struct applying *a, struct json root, struct buffer *scratch,
                        struct kv_applied *out, struct error *err)
{
    struct json conflict = json_get(root, STR("conflict"));
    struct json_iter it = json_iter(json_get(root, STR("versions")));
    size_t count = 0;
    int64_t version;
    *out = (struct kv_applied){.conflict = json_exists(conflict)};
    if (out->conflict)
        return json_string(json_get(conflict, STR("key")), scratch, &out->key) &&
                       answer_number(conflict, STR("version"), &out->actual)
                   ? ST_OK
                   : answer_broken(err, APPLY);
    while (count < a->count && json_next(&it) && json_int64(it.value, &version))
        a->versions[count++] = (uint64_t)version;
    out->versions = a->versions;
    out->count = count;
    return count == a->count ? ST_OK : answer_broken(err, APPLY);
}

static void applied(void *arg, const struct error *failure, struct str json)
{
    struct applying *a = arg;
    struct json_doc *doc = NULL;
    struct buffer scratch = BUFFER_INIT;
    struct kv_applied result;
    struct error err;
    if (!failure) {
        int rc = answer_parse(json, APPLY, &doc, &err);
        if (!rc)
            rc = read_applied(a, json_root(doc), &scratch, &result, &err);
        failure = rc ? &err : NULL;
    }
    a->done(a->arg, failure, failure ? NULL : &result);
    buffer_clear(&scratch);
    json_free(doc);
    free(a);
}

static void write_change(struct json_writer *w, const struct kv_change *change)
{
    json_begin_object(w);
    json_put_string(w, STR("key"), change->key);
    if (change->remove)
        json_put_bool(w, STR("remove"), true);
    else
        json_put_i64(w, STR("bytes"), (int64_t)change->value.len);
    if (change->if_version)
        json_put_i64(w, STR("ifVersion"), (int64_t)change->version);
    if (change->ttl_ms && !change->remove)
        json_put_i64(w, STR("ttlMs"), (int64_t)change->ttl_ms);
    json_end_object(w);
}

/* The values one behind the other; one alone is not copied. */
static struct str join_values(struct storage *s, const struct kv_change *changes, size_t count)
{
    if (count == 1)
        return changes->remove ? STR("") : changes->value;
    for (size_t i = 0; i < count; i++)
        if (!changes[i].remove)
            buffer_add_str(&s->values, changes[i].value);
    return buffer_str(&s->values);
}

static int check_changes(const struct kv_change *changes, size_t count, struct error *err)
{
    size_t all = 0;
    for (size_t i = 0; i < count; i++) {
        all += changes[i].remove ? 0 : changes[i].value.len;
        if (all > VALUE_MAX)
            return error_set(err, ST_TOO_LARGE,
                             "the values are too large for the store, up to %.*s they have more than "
                             "16 MiB",
                             (int)(changes[i].key.len < 200 ? changes[i].key.len : 200),
                             changes[i].key.ptr);
    }
    if (count < 1 || count > 1000)
        return error_set(err, ST_INVALID, "%zu changes at once; 1 to 1,000 are allowed", count);
    return ST_OK;
}

static void values_apply(void *ctx, struct str space, const struct kv_change *changes, size_t count,
                         void (*done)(void *arg, const struct error *err,
                                      const struct kv_applied *r),
                         void *arg)
{
    struct storage *s = ctx;
    struct error err;
    int rc = check_changes(changes, count, &err);
    struct applying *a = rc ? NULL : malloc(sizeof(*a) + count * sizeof(a->versions[0]));
    if (!a) {
        if (!rc)
            no_memory(&err);
        done(arg, &err, NULL);
        return;
    }
    *a = (struct applying){done, arg, count};
    struct json_writer w = ask_writer(s);
    json_begin_object(&w);
    json_key(&w, STR("changes"));
    json_begin_array(&w);
    for (size_t i = 0; i < count; i++)
        write_change(&w, &changes[i]);
    json_end_array(&w);
    json_end_object(&w);
    struct str values = join_values(s, changes, count);
    const struct store_request request = {.op = STORE_VALUES_APPLY,
                                          .space = space,
                                          .json = buffer_str(&s->text),
                                          .bytes = values};
    ask_begin(s, &request, &(struct store_sink){a, NULL, applied});
}

/* ---- list ------------------------------------------------------------------------------------- */

struct listing {
    void (*done)(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                 bool more);
    void *arg;
    bool failed; /* `err` says how */
    struct error err;
    struct kv_entry *entries; /* until the end the texts are places in `text`, as numbers */
    size_t count, cap;
    struct buffer text;
};

static bool add_entry(struct listing *l)
{
    if (l->count == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 32;
        struct kv_entry *entries = realloc(l->entries, cap * sizeof(*entries));
        if (!entries)
            return false;
        l->entries = entries;
        l->cap = cap;
    }
    l->entries[l->count++] = (struct kv_entry){0};
    return true;
}

/* *values is what of the bytes is left. */
static int read_entry(struct listing *l, struct json value, struct str *values, struct error *err)
{
    if (!add_entry(l))
        return error_set(err, ST_NOMEM, "out of memory");
    struct kv_entry *e = &l->entries[l->count - 1];
    struct json key = json_get(value, STR("key"));
    size_t at = l->text.len;
    json_decode(key, &l->text);
    e->key.len = l->text.len - at;
    if (json_type(key) != JSON_STRING || !answer_number(value, STR("version"), &e->version) ||
        !answer_number(value, STR("bytes"), &e->bytes))
        return answer_broken(err, LIST);
    answer_number(value, STR("ttlMs"), &e->ttl_ms);
    if (!values || answer_bool(value, STR("left")))
        return ST_OK;
    if (e->bytes > values->len)
        return answer_broken(err, LIST);
    e->value.len = (size_t)e->bytes;
    buffer_add_str(&l->text, (struct str){values->ptr, e->value.len});
    *values = (struct str){values->ptr + e->value.len, values->len - e->value.len};
    return ST_OK;
}

static int read_entries(struct listing *l, struct json root, struct str *values, struct error *err)
{
    struct json_iter it = json_iter(json_get(root, STR("keys")));
    int rc = ST_OK;
    while (!rc && json_next(&it))
        rc = read_entry(l, it.value, values, err);
    return rc;
}

static bool got_entries(void *arg, struct str json, struct str bytes)
{
    struct listing *l = arg;
    struct json_doc *doc = NULL;
    if (l->failed)
        return true;
    int rc = answer_parse(json, LIST, &doc, &l->err);
    if (!rc)
        rc = read_entries(l, json_root(doc), &bytes, &l->err);
    l->failed = rc != ST_OK;
    json_free(doc);
    return true;
}

static void place_texts(struct listing *l)
{
    const char *at = l->text.data;
    for (size_t i = 0; i < l->count; i++) {
        struct kv_entry *e = &l->entries[i];
        e->key.ptr = at;
        at += e->key.len;
        e->value.ptr = at;
        at += e->value.len;
    }
}

static int read_list_end(struct listing *l, struct str json, bool *more, struct error *err)
{
    struct json_doc *doc;
    int rc = answer_parse(json, LIST, &doc, err);
    if (rc)
        return rc;
    rc = read_entries(l, json_root(doc), NULL, err);
    *more = answer_bool(json_root(doc), STR("more"));
    json_free(doc);
    if (!rc && buffer_failed(&l->text))
        rc = error_set(err, ST_NOMEM, "out of memory");
    return rc;
}

static void list_done(void *arg, const struct error *failure, struct str json)
{
    struct listing *l = arg;
    bool more = false;
    if (!failure && !l->failed)
        l->failed = read_list_end(l, json, &more, &l->err) != ST_OK;
    if (!failure && l->failed)
        failure = &l->err;
    if (failure)
        l->count = 0;
    place_texts(l);
    l->done(l->arg, failure, l->entries, l->count, more);
    buffer_clear(&l->text);
    free(l->entries);
    free(l);
}

static void values_list(void *ctx, struct str space, const struct kv_query *query,
                        void (*done)(void *arg, const struct error *err,
                                     const struct kv_entry *entries, size_t count, bool more),
                        void *arg)
{
    struct storage *s = ctx;
    struct listing *l = calloc(1, sizeof(*l));
    struct error err;
    if (!l) {
        no_memory(&err);
        done(arg, &err, NULL, 0, false);
        return;
    }
    l->done = done;
    l->arg = arg;
    struct json_writer w = ask_writer(s);
    json_begin_object(&w);
    if (query->prefix.len)
        json_put_string(&w, STR("prefix"), query->prefix);
    if (query->after.len)
        json_put_string(&w, STR("after"), query->after);
    json_put_i64(&w, STR("limit"), query->limit);
    if (query->values)
        json_put_bool(&w, STR("values"), true);
    json_end_object(&w);
    const struct store_request request = {
        .op = STORE_VALUES_LIST, .space = space, .json = buffer_str(&s->text)};
    ask_begin(s, &request, &(struct store_sink){l, got_entries, list_done});
}

void values_init(struct storage *s)
{
    s->values_port = (struct key_value_store){
        .ctx = s, .get = values_get, .apply = values_apply, .list = values_list};
}
