#include <stdlib.h>

#include "core/journal/inside.h"

void pending_link(struct journal *journal, struct pending *pending)
{
    pending->journal = journal;
    pending->next = journal->pending;
    pending->at = &journal->pending;
    if (pending->next)
        pending->next->at = &pending->next;
    journal->pending = pending;
}

void pending_unlink(struct pending *pending)
{
    if (!pending->journal)
        return;
    *pending->at = pending->next;
    if (pending->next)
        pending->next->at = pending->at;
    pending->journal = NULL;
}

int journal_new(const struct journal_parts *parts, struct journal **out, struct error *err)
{
    struct journal *journal = calloc(1, sizeof(*journal));
    if (!journal)
        return error_set(err, ST_NOMEM, "out of memory");
    journal->parts = *parts;
    *out = journal;
    return ST_OK;
}

void journal_free(struct journal *journal)
{
    if (!journal)
        return;
    while (journal->pending) {
        struct pending *pending = journal->pending;
        pending_unlink(pending);
        if (pending->drop)
            pending->drop(pending);
    }
    while (journal->newest)
        kept_drop(journal, journal->newest);
    str_index_clear(&journal->kept);
    str_index_clear(&journal->types);
    free(journal);
}

int journal_add_types(struct journal *journal, const struct event_type *types, size_t count,
                      struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct str name = str_from(types[i].name);
        if (str_index_get(&journal->types, name))
            return error_set(err, ST_INVALID, "the type of events %s is there twice",
                             types[i].name);
        /* The index holds what it never changes. */
        if (!str_index_put(&journal->types, name, (void *)(uintptr_t)&types[i]))
            return error_set(err, ST_NOMEM, "out of memory");
    }
    return ST_OK;
}

static bool is_id(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_' || c == '.' || c == ':' || c == '@' || c == '~';
}

static bool is_domain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool journal_stream_valid(struct str stream)
{
    const char *slash = stream.len ? memchr(stream.ptr, '/', stream.len) : NULL;
    if (!slash || slash == stream.ptr || slash + 1 == stream.ptr + stream.len ||
        stream.len > JOURNAL_STREAM_MAX)
        return false;
    for (const char *c = stream.ptr; c < slash; c++)
        if (!is_domain(*c))
            return false;
    for (const char *c = slash + 1; c < stream.ptr + stream.len; c++)
        if (!is_id(*c))
            return false;
    return true;
}
