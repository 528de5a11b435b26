/* What every primitive needs: reading arguments, and the ways to answer. */
#include "everything.h"

int str_is(hexmcp_str text, const char *wanted)
{
    return text.len == strlen(wanted) && memcmp(text.ptr, wanted, text.len) == 0;
}

int str_begins(hexmcp_str text, const char *start)
{
    return text.len >= strlen(start) && memcmp(text.ptr, start, strlen(start)) == 0;
}

const struct entry *find_entry(const struct entry *entries, size_t count, hexmcp_str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(name, entries[i].name))
            return &entries[i];
    return NULL;
}

int32_t read_text(const struct round *r, const char *key, char *buf, size_t cap)
{
    hexmcp_str value;
    if (hexmcp_json_get(r->args, key, &value) == HEXMCP_OK &&
        hexmcp_json_string(value, buf, cap, NULL) == HEXMCP_OK)
        return HEXMCP_OK;
    return hexmcp_fail(r->err, HEXMCP_E_INVALID,
                       "`%s` must be a text of at most %zu bytes without NUL", key, cap - 1);
}

int64_t read_int(const struct round *r, const char *key, int64_t otherwise)
{
    hexmcp_str value;
    int64_t number = otherwise;
    if (hexmcp_json_get(r->args, key, &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &number);
    return number;
}

int32_t answer_text(const struct round *r, const char *text)
{
    return hexmcp_complete_text(r->self->host, r->call, HEXMCP_RESULT, hexmcp_str_from(text));
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
