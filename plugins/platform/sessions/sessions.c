/*
 * Sessions as tools and resources. All is done by operations of the platform (hexmcp.operations/1),
 * which run as the one who made the call.
 */
#include "sessions.h"

/* What is needed when the operation has ended. */
struct asked {
    const hexmcp_host *host;
    hexmcp_call call;
    int completes;     /* ids */
    size_t typed_len;
    char *typed;
    size_t uri_len;    /* 0: a tool */
    char uri[];
};

static void answer(const struct asked *asked, uint32_t outcome, hexmcp_json_writer *w)
{
    if (hexmcp_json_writer_status(w) == HEXMCP_OK)
        asked->host->complete(asked->host->ctx, asked->call, outcome, hexmcp_json_writer_text(w));
    else
        asked->host->complete(asked->host->ctx, asked->call, HEXMCP_FAIL,
                              hexmcp_str_from("{\"message\":\"out of memory\"}"));
    hexmcp_json_writer_free(w);
}

static void answer_tool(const struct asked *asked, hexmcp_str json)
{
    hexmcp_complete_structured(asked->host, asked->call, json);
}

static void answer_resource(const struct asked *asked, hexmcp_str json)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "contents");
    hexmcp_json_begin_array(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_string(&w, "uri", (hexmcp_str){asked->uri, asked->uri_len});
    hexmcp_json_put_text(&w, "mimeType", "application/json");
    hexmcp_json_put_string(&w, "text", json);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    answer(asked, HEXMCP_RESULT, &w);
}

/* The ids of the list that begin with what was typed. */
static void answer_ids(const struct asked *asked, hexmcp_str json)
{
    hexmcp_json_writer w;
    hexmcp_json_iter it;
    hexmcp_str sessions = {"", 0}, key, session, id;
    hexmcp_json_get(json, "sessions", &sessions);
    it = hexmcp_json_iter_begin(sessions);
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "values");
    hexmcp_json_begin_array(&w);
    for (int count = 0; count < 100 && hexmcp_json_next(&it, &key, &session);)
        if (hexmcp_json_get(session, "id", &id) == HEXMCP_OK && id.len > asked->typed_len &&
            memcmp(id.ptr + 1, asked->typed, asked->typed_len) == 0) {
            hexmcp_json_write_raw(&w, id);
            count++;
        }
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    answer(asked, HEXMCP_RESULT, &w);
}

/* A tool says what is wrong to the model; a resource that is not there is not found. */
static void answer_error(const struct asked *asked, int32_t status, hexmcp_str json)
{
    hexmcp_str message;
    char *text = NULL;
    if (hexmcp_json_get(json, "message", &message) == HEXMCP_OK)
        hexmcp_json_string_dup(message, &text, NULL);
    if (asked->uri_len == 0 && !asked->completes) {
        hexmcp_complete_text(asked->host, asked->call, HEXMCP_TOOL_ERROR,
                             hexmcp_str_from(text ? text : "the operation failed"));
    } else {
        hexmcp_json_writer w;
        hexmcp_json_writer_init(&w);
        hexmcp_json_begin_object(&w);
        hexmcp_json_put_int64(&w, "code", status);
        hexmcp_json_put_text(&w, "message", text ? text : "the operation failed");
        hexmcp_json_end_object(&w);
        answer(asked, HEXMCP_FAIL, &w);
    }
    free(text);
}

static void replied(void *arg, int32_t status, hexmcp_str json)
{
    struct asked *asked = (struct asked *)arg;
    if (status != HEXMCP_OK)
        answer_error(asked, status, json);
    else if (asked->completes)
        answer_ids(asked, json);
    else if (asked->uri_len)
        answer_resource(asked, json);
    else
        answer_tool(asked, json);
    free(asked->typed);
    free(asked);
}

static int32_t begin(const hexmcp_round *r, const char *operation, hexmcp_str arguments,
                     struct asked *asked)
{
    const struct sessions *self = (const struct sessions *)r->self;
    int32_t status = HEXMCP_E_UNAVAILABLE;
    if (self->operations)
        status = self->operations->execute(self->operations->ctx, r->call,
                                           hexmcp_str_from(operation), arguments,
                                           hexmcp_str_from(""), NULL, replied, asked, NULL);
    if (status == HEXMCP_OK)
        return HEXMCP_PENDING;
    free(asked->typed);
    free(asked);
    return hexmcp_fail(r->err, status,
                       self->operations ? "the host did not take %s; try again"
                                        : "the host does not let this plugin execute %s; the setting "
                                          "grants.operations does",
                       operation);
}

static struct asked *asked_new(const hexmcp_round *r, hexmcp_str uri)
{
    struct asked *asked = (struct asked *)calloc(1, sizeof(*asked) + uri.len + 1);
    if (!asked)
        return NULL;
    asked->host = r->host;
    asked->call = r->call;
    asked->uri_len = uri.len;
    if (uri.len)
        memcpy(asked->uri, uri.ptr, uri.len);
    return asked;
}

int32_t execute(const hexmcp_round *r, const char *operation, hexmcp_str arguments, hexmcp_str uri)
{
    struct asked *asked = asked_new(r, uri);
    if (!asked)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory; try again");
    return begin(r, operation, arguments, asked);
}

int32_t suggest(const hexmcp_round *r, hexmcp_str argument, hexmcp_str typed)
{
    struct asked *asked;
    if (!hexmcp_str_equals(argument, "id"))
        return hexmcp_round_suggest(r, NULL, 0, typed);
    asked = asked_new(r, hexmcp_str_from(""));
    if (asked)
        asked->typed = (char *)calloc(1, typed.len + 1);
    if (!asked || !asked->typed) {
        free(asked);
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory; try again");
    }
    if (typed.len)
        memcpy(asked->typed, typed.ptr, typed.len);
    asked->typed_len = typed.len;
    asked->completes = 1;
    return begin(r, "session.list", hexmcp_str_from("{\"limit\":200}"), asked);
}

static int32_t init(void *arg, const hexmcp_host *host, hexmcp_str config, hexmcp_error *err)
{
    struct sessions *self = (struct sessions *)arg;
    (void)config;
    (void)err;
    self->operations =
        (const hexmcp_operations_1 *)host->get_interface(host->ctx, HEXMCP_OPERATIONS_1);
    return HEXMCP_OK;
}

static const hexmcp_simple plugin = {
    .self_size = sizeof(struct sessions),
    .init = init,
    .tools = tools,
    .resources = resources,
    .suggest_for_template = suggest,
};

HEXMCP_SIMPLE_PLUGIN("hexmcp.sessions", "0.1.0", plugin);
