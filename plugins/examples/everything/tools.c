/* The tools, and which function is which. */
#include "everything.h"

static int32_t unknown(const hexmcp_round *r)
{
    return hexmcp_fail(r->err, HEXMCP_E_NOT_FOUND, "there is no tool %.*s here; list the tools",
                       (int)r->name.len, r->name.ptr);
}

/* What `publish` has made is not in the table. */
static int32_t call_other(const hexmcp_round *r)
{
    if (!hexmcp_str_begins(r->name, "extra-"))
        return unknown(r);
    return hexmcp_round_textf(r, "this is %.*s", (int)(r->name.len < 64 ? r->name.len : 64),
                              r->name.ptr);
}

const hexmcp_simple_item tools[] = {
    HEXMCP_ITEM("echo", tool_echo),
    HEXMCP_ITEM("add", tool_add),
    HEXMCP_ITEM("content", tool_content),
    HEXMCP_ITEM("count", tool_count),
    HEXMCP_ITEM("fail", tool_fail),
    HEXMCP_ITEM("touch", tool_touch),
    HEXMCP_ITEM("trace", tool_trace),
    HEXMCP_ITEM("publish", tool_publish),
    HEXMCP_ITEM("withdraw", tool_withdraw),
    HEXMCP_ITEM("slow-task", tool_slow_task),
    HEXMCP_ITEM_ASKS("task-only", task_only_begin, task_only_resume),
    HEXMCP_ITEM_ASKS("ask-name", ask_name_begin, ask_name_resume),
    HEXMCP_ITEM_ASKS("ask-twice", ask_twice_begin, ask_twice_resume),
    HEXMCP_ITEM_ASKS("open-page", open_page_begin, open_page_resume),
    HEXMCP_ITEM_ASKS("ask-model", ask_model_begin, ask_model_resume),
    HEXMCP_ITEM_ASKS("list-roots", list_roots_begin, list_roots_resume),
    HEXMCP_ITEM_ASKS("ask-optional", ask_optional_begin, ask_optional_resume),
    HEXMCP_ITEM_OTHERS(call_other),
};
