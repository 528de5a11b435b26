/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/keep.h"

#include "hexmcp/await.h"
#include "hexmcp/ext/draft/operations.h"

#define PREVIEW ((size_t)2000)

static int32_t fail(const hexmcp_round *r, int32_t status, const char *why, const char *otherwise)
{
    return hexmcp_fail(r->err, status, "the result is too large for an answer and cannot be kept as an "
                       "artifact: %.200s; %s", why, otherwise);
}

/* Asks and waits; *told is the answer, to be freed. */
static int32_t put(const hexmcp_round *r, hexmcp_str arguments, hexmcp_str bytes, char **told,
                   size_t *len)
{
    const hexmcp_operations_1 *operations = hexmcp_round_service(r, HEXMCP_OPERATIONS_1);
    hexmcp_await *wait = operations ? hexmcp_await_new(r->host) : NULL;
    if (!wait)
        return HEXMCP_E_UNAVAILABLE;
    int32_t asked = operations->execute(operations->ctx, r->call, hexmcp_str_from("artifact.put"),
                                        arguments, bytes, NULL, hexmcp_await_reply, wait, NULL);
    uint64_t most = r->calls ? r->calls->remaining_ms(r->calls->ctx, r->call) : 30000;
    return hexmcp_await_wait(wait, asked, most, told, len);
}

static bool read_id(hexmcp_str told, char *id, size_t room)
{
    hexmcp_str artifact, value;
    return hexmcp_json_get(told, "artifact", &artifact) == HEXMCP_OK &&
           hexmcp_json_get(artifact, "id", &value) == HEXMCP_OK &&
           hexmcp_json_string(value, id, room, NULL) == HEXMCP_OK;
}

static void read_message(hexmcp_str told, char *text, size_t room)
{
    hexmcp_str value;
    if (hexmcp_json_get(told, "message", &value) == HEXMCP_OK)
        hexmcp_json_string(value, text, room, NULL);
}

int32_t keep(struct answer *a, hexmcp_str bytes, const char *name, const char *mime,
             const char *otherwise, struct kept *kept)
{
    char id[100], why[HEXMCP_ERROR_TEXT] = "this server keeps none";
    hexmcp_json_writer w;
    char *told = NULL;
    size_t len = 0;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "name", name);
    if (mime)
        hexmcp_json_put_text(&w, "mimeType", mime);
    hexmcp_json_put_text(&w, "kind", "tool_result");
    hexmcp_json_end_object(&w);
    int32_t status = bytes.len > KEEP_MOST
                         ? HEXMCP_E_TOO_LARGE
                         : put(a->r, hexmcp_json_writer_text(&w), bytes, &told, &len);
    hexmcp_json_writer_free(&w);
    if (status == HEXMCP_OK && !read_id((hexmcp_str){told, len}, id, sizeof(id)))
        status = HEXMCP_E_PROTOCOL;
    if (told && status != HEXMCP_OK)
        read_message((hexmcp_str){told, len}, why, sizeof(why));
    free(told);
    if (status == HEXMCP_E_TOO_LARGE && bytes.len > KEEP_MOST)
        snprintf(why, sizeof(why), "it has %zu bytes", bytes.len);
    if (status != HEXMCP_OK)
        return fail(a->r, status, why, otherwise);
    snprintf(kept->uri, sizeof(kept->uri), "hexmcp://artifact/%s", id);
    kept->bytes = bytes.len;
    answer_link(a, kept->uri, name, mime, bytes.len);
    return HEXMCP_OK;
}

static void put_preview(hexmcp_json_writer *w, hexmcp_str text)
{
    size_t len = text.len < PREVIEW ? text.len : PREVIEW;
    while (len > 0 && len < text.len && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
        len--;
    hexmcp_json_put_string(w, "preview", (hexmcp_str){text.ptr, len});
}

int32_t keep_large(struct answer *a, hexmcp_str bytes, const char *name, const char *mime,
                   const char *otherwise)
{
    struct kept kept;
    int32_t status = keep(a, bytes, name, mime, otherwise, &kept);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_put_text(&a->json, "uri", kept.uri);
    hexmcp_json_put_int64(&a->json, "bytes", (int64_t)kept.bytes);
    hexmcp_json_put_bool(&a->json, "truncated", true);
    put_preview(&a->json, bytes);
    return HEXMCP_OK;
}

int32_t keep_text(struct answer *a, const char *member, hexmcp_str text, const char *name,
                  const char *mime, const char *otherwise)
{
    if (text.len > KEEP_ABOVE)
        return keep_large(a, text, name, mime, otherwise);
    hexmcp_json_put_string(&a->json, member, text);
    return HEXMCP_OK;
}
