/* What every primitive needs: the tables, reading arguments, and the ways to answer. */
#include <stdarg.h>
#include <stdio.h>

#include "conformance.h"

static int str_is(hexmcp_str text, const char *wanted)
{
    return text.len == strlen(wanted) && memcmp(text.ptr, wanted, text.len) == 0;
}

int str_begins(hexmcp_str text, const char *start)
{
    return text.len >= strlen(start) && memcmp(text.ptr, start, strlen(start)) == 0;
}

static const struct entry *find(const struct entry *entries, size_t count, hexmcp_str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(name, entries[i].name))
            return &entries[i];
    return NULL;
}

static int32_t unknown(const struct round *r)
{
    return hexmcp_fail(r->err, HEXMCP_E_NOT_FOUND, "there is no %.*s here; look at the list",
                       (int)(r->name.len < 300 ? r->name.len : 300), r->name.ptr);
}

int32_t entries_begin(const struct entry *entries, size_t count, const struct round *r)
{
    const struct entry *entry = find(entries, count, r->name);
    if (!entry)
        return unknown(r);
    if (entry->begin)
        return entry->begin(r);
    return answer_json(r, entry->go_on ? HEXMCP_INPUT_REQUIRED : HEXMCP_RESULT,
                       hexmcp_str_from(entry->fixed));
}

int32_t entries_go_on(const struct entry *entries, size_t count, const struct round *r)
{
    const struct entry *entry = find(entries, count, r->name);
    return entry && entry->go_on ? entry->go_on(r) : unknown(r);
}

hexmcp_str argument(const struct round *r, const char *key, const char *otherwise)
{
    hexmcp_str value;
    if (hexmcp_json_get(r->args, key, &value) != HEXMCP_OK)
        return hexmcp_str_from(otherwise);
    return value;
}

char *text_of(hexmcp_str json)
{
    char *text;
    size_t len;
    return hexmcp_json_string_dup(json, &text, &len) == HEXMCP_OK ? text : NULL;
}

int32_t answer_text(const struct round *r, const char *format, ...)
{
    va_list args;
    char *text;
    int len;
    int32_t status;
    va_start(args, format);
    len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the answer; try again");
    status = hexmcp_complete_text(r->self->host, r->call, HEXMCP_RESULT,
                                  (hexmcp_str){text, (size_t)len});
    free(text);
    return status;
}

/* That the host has given the call up meanwhile is no fault of ours. */
int32_t answer_json(const struct round *r, uint32_t outcome, hexmcp_str json)
{
    const hexmcp_host *host = r->self->host;
    int32_t status = host->complete(host->ctx, r->call, outcome, json);
    return status == HEXMCP_E_NOT_FOUND ? HEXMCP_OK : status;
}

int32_t answer_writer(const struct round *r, uint32_t outcome, hexmcp_json_writer *w)
{
    int32_t status = hexmcp_json_writer_status(w);
    if (status == HEXMCP_OK)
        status = answer_json(r, outcome, hexmcp_json_writer_text(w));
    else
        hexmcp_fail(r->err, status, "the answer could not be written; try again");
    hexmcp_json_writer_free(w);
    return status;
}
