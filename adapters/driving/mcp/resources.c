/* resources/read. */
#include "adapters/driving/mcp/call.h"
#include "adapters/driving/mcp/content.h"

/* What a read gave may be stale at once. */
#define READ_TTL_MS 0

void resource_answer_not_found(struct request *r, struct str uri, const char *why)
{
    struct buffer data = BUFFER_INIT;
    struct json_writer w = json_writer(&data);
    bool modern = revision_has(r->revision, FEATURE_RESULT_TYPE);
    json_begin_object(&w);
    json_put_string(&w, STR("uri"), uri);
    json_end_object(&w);
    answer_error_data(r, modern ? RPC_INVALID_PARAMS : RPC_RESOURCE_NOT_FOUND,
                      buffer_failed(&data) ? STR("") : buffer_str(&data), "%s", why);
    buffer_clear(&data);
}

static void answer_contents(struct request *r, struct json result, bool is_error)
{
    struct json_writer w;
    (void)is_error;
    result_begin(r, &w);
    json_key(&w, STR("contents"));
    json_begin_array(&w);
    struct json_iter it = json_iter(json_get(result, STR("contents")));
    while (json_next(&it))
        content_write_known(&w, r->revision, it.value);
    json_end_array(&w);
    if (revision_has(r->revision, FEATURE_RESULT_TYPE)) {
        json_put_i64(&w, STR("ttlMs"), READ_TTL_MS);
        json_put_string(&w, STR("cacheScope"), STR("private"));
    }
    result_send(r, &w, json_get(result, STR("_meta")));
}

static void unknown(struct request *r, struct str uri, const struct error *why)
{
    if (why->code == ST_NOT_FOUND)
        resource_answer_not_found(r, uri, why->text);
    else
        answer_error(r, RPC_INVALID_PARAMS, "\"uri\" is no URI to read: %s", why->text);
}

/* A plugin may find out late that there is no such resource. */
static void failed(struct request *r, const struct error *why)
{
    struct buffer scratch = BUFFER_INIT;
    struct str uri;
    if (why->code == ST_NOT_FOUND && json_string(json_get(r->params, STR("uri")), &scratch, &uri))
        resource_answer_not_found(r, uri, why->text);
    else
        answer_error(r, call_is_invalid(why->code) ? RPC_INVALID_PARAMS : RPC_INTERNAL_ERROR,
                     "%s", why->text);
    buffer_clear(&scratch);
}

static const struct call_method reading = {ACTION_READ, answer_contents, unknown, failed};

void resources_read_handle(struct request *r)
{
    r->target = json_get(r->params, STR("uri"));
    if (json_type(r->target) != JSON_STRING)
        answer_error(r, RPC_INVALID_PARAMS, "resources/read needs \"uri\", a string");
    else if (call_take_progress_token(r))
        call_start(r, &reading, &(struct call_request){0});
}
