#include "adapters/driven/storage/storage.h"

#include <stdlib.h>

#include "adapters/driven/storage/inside.h"

/* What the texts of requests keep of their memory. */
#define KEPT ((size_t)65536)

int storage_new(const struct plugin_store *store, const struct timer_port *timers,
                struct storage **out, struct error *err)
{
    struct storage *s = calloc(1, sizeof(*s));
    if (!s)
        return error_set(err, ST_NOMEM, "out of memory");
    s->store = store;
    s->timers = timers;
    events_init(s);
    values_init(s);
    blobs_init(s);
    search_init(s);
    dump_init(s);
    *out = s;
    return ST_OK;
}

void storage_free(struct storage *s)
{
    if (!s)
        return;
    buffer_clear(&s->text);
    buffer_clear(&s->values);
    free(s);
}

const struct event_store *storage_events(struct storage *s)
{
    return &s->events;
}

const struct key_value_store *storage_values(struct storage *s)
{
    return &s->values_port;
}

const struct blob_store *storage_blobs(struct storage *s)
{
    return &s->blobs;
}

const struct search_index *storage_search(struct storage *s)
{
    return &s->search;
}

const struct store_dump *storage_dump(struct storage *s)
{
    return &s->dump;
}

struct json_writer ask_writer(struct storage *s)
{
    buffer_reset(&s->text, KEPT);
    buffer_reset(&s->values, KEPT);
    return json_writer(&s->text);
}

void ask_no_memory(const struct store_sink *sink)
{
    struct error err;
    error_set(&err, ST_NOMEM, "out of memory");
    sink->done(sink->arg, &err, STR(""));
}

uint64_t ask_begin(struct storage *s, const struct store_request *request,
                       const struct store_sink *sink)
{
    if (!buffer_failed(&s->text) && !buffer_failed(&s->values))
        return s->store->begin(s->store->ctx, request, sink);
    ask_no_memory(sink);
    return 0;
}

int answer_broken(struct error *err, const char *what)
{
    return error_set(err, ST_PROTOCOL, "the store's answer to %s does not fit", what);
}

int answer_parse(struct str json, const char *what, struct json_doc **out, struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(json, &doc, err);
    if (rc == ST_INVALID)
        return answer_broken(err, what);
    if (!rc && json_type(json_root(doc)) != JSON_OBJECT) {
        json_free(doc);
        return answer_broken(err, what);
    }
    if (!rc)
        *out = doc;
    return rc;
}

bool answer_number(struct json object, struct str key, uint64_t *out)
{
    int64_t number;
    if (!json_int64(json_get(object, key), &number) || number < 0)
        return false;
    *out = (uint64_t)number;
    return true;
}

bool answer_bool(struct json object, struct str key)
{
    bool value = false;
    json_bool(json_get(object, key), &value);
    return value;
}
