/* What an operation says, as the result of a tool, a resource or a completion. */
#include "artifacts.h"

static void finish(const struct asked *asked, uint32_t outcome, hexmcp_json_writer *w)
{
    if (hexmcp_json_writer_status(w) == HEXMCP_OK)
        asked->host->complete(asked->host->ctx, asked->call, outcome, hexmcp_json_writer_text(w));
    else
        hexmcp_complete_fail(asked->host, asked->call, HEXMCP_E_NOMEM, "out of memory; try again");
    hexmcp_json_writer_free(w);
}

/* A tool says what is wrong to the model; a resource that is not there is not found. */
static void answer_error(const struct asked *asked, int32_t status, hexmcp_str json)
{
    hexmcp_str message;
    char *text = NULL;
    const char *said;
    if (hexmcp_json_get(json, "message", &message) == HEXMCP_OK)
        hexmcp_json_string_dup(message, &text, NULL);
    said = text ? text : "the operation failed";
    if (asked->shape == TOOL_ANSWER || asked->shape == TOOL_BYTES)
        hexmcp_complete_text(asked->host, asked->call, HEXMCP_TOOL_ERROR, hexmcp_str_from(said));
    else
        hexmcp_complete_fail(asked->host, asked->call, status, said);
    free(text);
}

/* The ids of the list that begin with what was typed. */
static void answer_ids(const struct asked *asked, hexmcp_str json)
{
    hexmcp_json_writer w;
    hexmcp_str list = {"", 0}, key, artifact, id;
    hexmcp_json_get(json, "artifacts", &list);
    hexmcp_json_iter it = hexmcp_json_iter_begin(list);
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "values");
    hexmcp_json_begin_array(&w);
    for (int count = 0; count < 100 && hexmcp_json_next(&it, &key, &artifact);)
        if (hexmcp_json_get(artifact, "id", &id) == HEXMCP_OK && id.len > asked->text_len &&
            memcmp(id.ptr + 1, asked->text, asked->text_len) == 0) {
            hexmcp_json_write_raw(&w, id);
            count++;
        }
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    finish(asked, HEXMCP_RESULT, &w);
}

static void answer_list(const struct asked *asked, hexmcp_str json)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "contents");
    hexmcp_json_begin_array(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_string(&w, "uri", (hexmcp_str){asked->text, asked->text_len});
    hexmcp_json_put_text(&w, "mimeType", "application/json");
    hexmcp_json_put_string(&w, "text", json);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    finish(asked, HEXMCP_RESULT, &w);
}

/* The members of the record that are needed here; raw JSON. */
struct record {
    hexmcp_str id, name, mime;
    int64_t size, offset, length;
};

static int parse(hexmcp_str json, struct record *out)
{
    hexmcp_str artifact, size, offset, length;
    return hexmcp_json_get(json, "artifact", &artifact) == HEXMCP_OK &&
           hexmcp_json_get(artifact, "id", &out->id) == HEXMCP_OK &&
           hexmcp_json_get(artifact, "name", &out->name) == HEXMCP_OK &&
           hexmcp_json_get(artifact, "mimeType", &out->mime) == HEXMCP_OK &&
           hexmcp_json_get(artifact, "size", &size) == HEXMCP_OK &&
           hexmcp_json_int64(size, &out->size) == HEXMCP_OK &&
           hexmcp_json_get(json, "offset", &offset) == HEXMCP_OK &&
           hexmcp_json_int64(offset, &out->offset) == HEXMCP_OK &&
           hexmcp_json_get(json, "length", &length) == HEXMCP_OK &&
           hexmcp_json_int64(length, &out->length) == HEXMCP_OK;
}

static void put_uri(hexmcp_json_writer *w, const struct record *record)
{
    char uri[128];
    int len = snprintf(uri, sizeof(uri), "hexmcp://artifact/%.*s", (int)record->id.len - 2,
                       record->id.ptr + 1);
    hexmcp_json_put_string(w, "uri", (hexmcp_str){uri, (size_t)len});
}

/* "text" or "blob". */
static void put_bytes(hexmcp_json_writer *w, const struct asked *asked, const struct record *record)
{
    size_t len = 0;
    if (is_text(record->mime, asked->bytes, asked->len)) {
        hexmcp_json_put_string(w, "text", (hexmcp_str){asked->bytes ? asked->bytes : "", asked->len});
        return;
    }
    char *base64 = base64_encode(asked->bytes ? asked->bytes : "", asked->len, &len);
    if (base64)
        hexmcp_json_put_string(w, "blob", (hexmcp_str){base64, len});
    free(base64);
}

static void put_content(hexmcp_json_writer *w, const struct asked *asked, const struct record *record)
{
    hexmcp_json_begin_object(w);
    if (asked->shape == RESOURCE_BYTES)
        hexmcp_json_put_string(w, "uri", (hexmcp_str){asked->text, asked->text_len});
    else
        put_uri(w, record);
    hexmcp_json_put_raw(w, "mimeType", record->mime);
    put_bytes(w, asked, record);
    hexmcp_json_end_object(w);
}

/* What is too large for one answer is linked to. */
static void put_link(hexmcp_json_writer *w, const struct record *record)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "type", "resource_link");
    put_uri(w, record);
    hexmcp_json_put_raw(w, "name", record->name);
    hexmcp_json_put_raw(w, "mimeType", record->mime);
    hexmcp_json_put_int64(w, "size", record->size);
    hexmcp_json_end_object(w);
}

static void answer_tool_bytes(const struct asked *asked, const struct record *record, int cut)
{
    hexmcp_json_writer w;
    char said[200];
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "content");
    hexmcp_json_begin_array(&w);
    if (cut) {
        int len = snprintf(said, sizeof(said),
                           "The artifact has %lld bytes; read it in parts of at most %d with offset and "
                           "length, or by the link.",
                           (long long)record->size, READ_MAX);
        hexmcp_json_begin_object(&w);
        hexmcp_json_put_text(&w, "type", "text");
        hexmcp_json_put_string(&w, "text", (hexmcp_str){said, (size_t)len});
        hexmcp_json_end_object(&w);
        put_link(&w, record);
    } else {
        hexmcp_json_begin_object(&w);
        hexmcp_json_put_text(&w, "type", "resource");
        hexmcp_json_key(&w, "resource");
        put_content(&w, asked, record);
        hexmcp_json_end_object(&w);
    }
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    finish(asked, HEXMCP_RESULT, &w);
}

static void answer_bytes(const struct asked *asked, hexmcp_str json)
{
    struct record record;
    hexmcp_json_writer w;
    char said[200];
    if (!parse(json, &record) || asked->failed) {
        hexmcp_complete_fail(asked->host, asked->call, HEXMCP_E_NOMEM,
                             "the artifact could not be read; try again");
        return;
    }
    int cut = !asked->ranged && record.offset + record.length < record.size;
    if (asked->shape == TOOL_BYTES) {
        answer_tool_bytes(asked, &record, cut);
        return;
    }
    if (cut) {
        snprintf(said, sizeof(said),
                 "the artifact has %lld bytes; read it in parts of at most %d: add "
                 "?offset=0&length=%d to its URI",
                 (long long)record.size, READ_MAX, READ_MAX);
        hexmcp_complete_fail(asked->host, asked->call, HEXMCP_E_TOO_LARGE, said);
        return;
    }
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "contents");
    hexmcp_json_begin_array(&w);
    put_content(&w, asked, &record);
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    finish(asked, HEXMCP_RESULT, &w);
}

void answer(struct asked *asked, int32_t status, hexmcp_str json)
{
    if (status != HEXMCP_OK)
        answer_error(asked, status, json);
    else if (asked->shape == COMPLETION)
        answer_ids(asked, json);
    else if (asked->shape == RESOURCE_LIST)
        answer_list(asked, json);
    else if (asked->shape == TOOL_ANSWER)
        hexmcp_complete_structured(asked->host, asked->call, json);
    else
        answer_bytes(asked, json);
}
