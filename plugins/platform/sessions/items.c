/* The tools and resources: each is an operation. */
#include "sessions.h"

static const hexmcp_str none = {"", 0};

#define TOOL(function, operation) \
    static int32_t function(const hexmcp_round *r) \
    { \
        return execute(r, operation, r->args, none); \
    }

TOOL(create, "session.create")
TOOL(send, "session.send")
TOOL(list, "session.list")
TOOL(history, "session.history")
TOOL(search, "session.search")
TOOL(fork_session, "session.fork")
TOOL(tag, "session.tag")
TOOL(close_session, "session.close")
TOOL(replay, "session.replay")
TOOL(usage, "session.usage")

static int32_t get(const hexmcp_round *r)
{
    hexmcp_str version;
    int then = hexmcp_json_get(r->args, "version", &version) == HEXMCP_OK;
    return execute(r, then ? "session.state_at" : "session.get", r->args, none);
}

const hexmcp_simple_item tools[] = {
    HEXMCP_ITEM("session-create", create),   HEXMCP_ITEM("session-send", send),
    HEXMCP_ITEM("session-list", list),       HEXMCP_ITEM("session-get", get),
    HEXMCP_ITEM("session-history", history), HEXMCP_ITEM("session-search", search),
    HEXMCP_ITEM("session-fork", fork_session), HEXMCP_ITEM("session-tag", tag),
    HEXMCP_ITEM("session-close", close_session), HEXMCP_ITEM("session-replay", replay),
    HEXMCP_ITEM("session-usage", usage),     HEXMCP_ITEM_END,
};

static int32_t read_list(const hexmcp_round *r)
{
    return execute(r, "session.list", hexmcp_str_from("{\"limit\":200}"), r->name);
}

/* Arguments of the operation from the variables of the template, which are all texts. */
static int32_t read_session(const hexmcp_round *r)
{
    hexmcp_json_writer w;
    hexmcp_str id, version;
    char digits[20];
    int is_history = r->name.len > 8 && memcmp(r->name.ptr + r->name.len - 8, "/history", 8) == 0;
    is_history = is_history || memmem(r->name.ptr, r->name.len, "/history?", 9) != NULL;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    if (hexmcp_json_get(r->args, "id", &id) == HEXMCP_OK)
        hexmcp_json_put_raw(&w, "id", id);
    if (is_history && hexmcp_json_get(r->args, "version", &version) == HEXMCP_OK &&
        hexmcp_json_string(version, digits, sizeof(digits), NULL) == HEXMCP_OK)
        hexmcp_json_put_int64(&w, "version", strtoll(digits, NULL, 10));
    if (is_history)
        hexmcp_json_put_int64(&w, "limit", 500);
    hexmcp_json_end_object(&w);
    int32_t status = hexmcp_json_writer_status(&w);
    if (status == HEXMCP_OK)
        status = execute(r, is_history ? "session.history" : "session.get",
                         hexmcp_json_writer_text(&w), r->name);
    else
        hexmcp_fail(r->err, status, "out of memory");
    hexmcp_json_writer_free(&w);
    return status;
}

const hexmcp_simple_item resources[] = {
    HEXMCP_ITEM("hexmcp://sessions", read_list),
    HEXMCP_ITEM_OTHERS(read_session),
};
