/*
 * graphql-query: any text as a document; any bytes as events of a stream, which are the same however they
 * come in pieces; any bytes as arguments.
 */
#include "plugins/tools/graphql-query/document.h"
#include "plugins/tools/graphql-query/events.h"
#include "tests/fuzz/tool.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_document(hexmcp_str text)
{
    struct document *d = malloc(sizeof(*d));
    hexmcp_error err = {.size = sizeof(err)};
    struct definition *operation;
    unsigned depth = 0;
    assert(d);
    int32_t status = document_read(text, d, &err);
    if (status == HEXMCP_OK)
        status = document_find(d, "", &operation, &err);
    if (status == HEXMCP_OK)
        status = document_depth(d, operation, &depth, &err);
    assert(status == HEXMCP_OK ? depth >= operation->depth && depth >= 1 : err.text[0] != '\0');
    free(d);
}

static bool add(void *arg, const char *type, hexmcp_str data)
{
    struct bytes *all = arg;
    return bytes_add(all, type, strlen(type) + 1) && bytes_add(all, data.ptr, data.len) &&
           bytes_add(all, "|", 1);
}

static void take(hexmcp_str text, size_t piece, struct bytes *all)
{
    struct events e = {.told = add, .arg = all};
    for (size_t at = 0; at < text.len; at += piece)
        assert(events_take(&e, text.ptr + at, text.len - at < piece ? text.len - at : piece));
    events_free(&e);
}

static void check_events(hexmcp_str text)
{
    struct bytes whole = {0}, pieces = {0};
    take(text, text.len + 1, &whole);
    take(text, 1, &pieces);
    assert(whole.len == pieces.len &&
           (whole.len == 0 || memcmp(whole.ptr, pieces.ptr, whole.len) == 0));
    bytes_free(&whole);
    bytes_free(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hexmcp_str text = {(const char *)data, size};
    check_document(text);
    check_events(text);
    tool_fuzz("graphql-query", data, size);
    return 0;
}
