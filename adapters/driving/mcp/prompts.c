/* prompts/get. */
#include "adapters/driving/mcp/call.h"
#include "adapters/driving/mcp/content.h"

static void write_message(struct json_writer *w, enum revision revision, struct json message)
{
    json_begin_object(w);
    json_put_raw(w, STR("role"), json_text(json_get(message, STR("role"))));
    json_key(w, STR("content"));
    content_write_block(w, revision, json_get(message, STR("content")));
    json_end_object(w);
}

static void answer_messages(struct request *r, struct json result, bool is_error)
{
    struct json description = json_get(result, STR("description"));
    struct json_writer w;
    (void)is_error;
    result_begin(r, &w);
    if (json_exists(description))
        json_put_raw(&w, STR("description"), json_text(description));
    json_key(&w, STR("messages"));
    json_begin_array(&w);
    struct json_iter it = json_iter(json_get(result, STR("messages")));
    while (json_next(&it))
        write_message(&w, r->revision, it.value);
    json_end_array(&w);
    result_send(r, &w, json_get(result, STR("_meta")));
}

static void unknown(struct request *r, struct str name, const struct error *why)
{
    (void)why;
    call_answer_unknown(r, ITEM_PROMPT, name);
}

static const struct call_method rendering = {ACTION_RENDER, answer_messages, unknown, NULL};

void prompts_get_handle(struct request *r)
{
    r->target = json_get(r->params, STR("name"));
    r->arguments = json_get(r->params, STR("arguments"));
    if (json_type(r->target) != JSON_STRING)
        answer_error(r, RPC_INVALID_PARAMS, "prompts/get needs \"name\", a string");
    else if (json_exists(r->arguments) && json_type(r->arguments) != JSON_OBJECT)
        answer_error(r, RPC_INVALID_PARAMS, "\"arguments\" must be an object of strings");
    else if (call_take_progress_token(r))
        call_start(r, &rendering, &(struct call_request){0});
}
