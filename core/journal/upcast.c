#include "core/journal/inside.h"

static int too_new(const struct stored_event *event, uint32_t known, struct error *err)
{
    if (!known)
        return error_set(err, ST_UNSUPPORTED,
                         "the event %.*s in %.*s (version %llu) has schema %u"
                         ", and this hexmcp does not know the type; a newer hexmcp or a plugin that "
                         "is missing wrote it: use that one",
                         STR_ARG(event->type), STR_ARG(event->stream), (unsigned long long)event->version,
                         event->schema);
    return error_set(err, ST_UNSUPPORTED,
                     "the event %.*s in %.*s (version %llu) has schema %u"
                     ", and this hexmcp knows up to %u"
                     ": a newer hexmcp wrote it; use that one or a later one",
                     STR_ARG(event->type), STR_ARG(event->stream), (unsigned long long)event->version,
                     event->schema, known);
}

static int cannot(const struct stored_event *event, struct error *err)
{
    return error_prefix(err, "the event %.*s in %.*s (version %llu): ",
                        STR_ARG(event->type), STR_ARG(event->stream),
                        (unsigned long long)event->version);
}

/* Takes *doc and gives the one of the next schema. */
static int raise_one(const struct event_type *type, struct stored_event *event,
                     struct json_doc **doc, struct error *err)
{
    struct buffer raised = BUFFER_INIT;
    size_t len;
    int rc = type->upcasts[event->schema - 1](type->ctx, event, json_root(*doc), &raised, err);
    char *text = rc ? NULL : buffer_take(&raised, &len);
    buffer_clear(&raised);
    if (!rc && !text)
        rc = error_set(err, ST_NOMEM, "out of memory");
    struct json_doc *next;
    if (!rc)
        rc = json_parse_take(text, len, &next, err);
    if (rc)
        return rc;
    json_free(*doc);
    *doc = next;
    event->schema++;
    event->data = json_text(json_root(next));
    return ST_OK;
}

int journal_upcast(const struct journal *journal, const struct stored_event *event,
                   struct stored_event *out, struct json_doc **doc, struct error *err)
{
    const struct event_type *type = str_index_get(&journal->types, event->type);
    uint32_t known = type ? type->schema : 1;
    struct json_doc *data;
    struct stored_event raised = *event;
    if (event->schema > known)
        return too_new(event, type ? known : 0, err);
    int rc = json_parse(event->data, &data, err);
    if (rc) {
        cannot(event, err);
        return rc;
    }
    while (!rc && raised.schema < known && raised.schema > 0)
        rc = raise_one(type, &raised, &data, err);
    if (rc) {
        json_free(data);
        cannot(event, err);
        return rc;
    }
    *out = raised;
    *doc = data;
    return ST_OK;
}
