/* hexmcp.tool/1: the table, and which function is which tool. */
#include "everything.h"

static const struct entry tools[] = {
    {"echo", tool_echo, NULL},
    {"add", tool_add, NULL},
    {"content", tool_content, NULL},
    {"count", tool_count, NULL},
    {"fail", tool_fail, NULL},
    {"touch", tool_touch, NULL},
    {"trace", tool_trace, NULL},
    {"publish", tool_publish, NULL},
    {"withdraw", tool_withdraw, NULL},
    {"slow-task", tool_slow_task, NULL},
    {"task-only", task_only_begin, task_only_resume},
    {"ask-name", ask_name_begin, ask_name_resume},
    {"ask-twice", ask_twice_begin, ask_twice_resume},
    {"open-page", open_page_begin, open_page_resume},
    {"ask-model", ask_model_begin, ask_model_resume},
    {"list-roots", list_roots_begin, list_roots_resume},
    {"ask-optional", ask_optional_begin, ask_optional_resume},
};

static const struct entry *find_tool(const struct round *r)
{
    return find_entry(tools, sizeof(tools) / sizeof(tools[0]), r->name);
}

static int32_t unknown(const struct round *r)
{
    return hexmcp_fail(r->err, HEXMCP_E_NOT_FOUND, "there is no tool %.*s here; list the tools",
                       (int)r->name.len, r->name.ptr);
}

/* What `publish` has made is not in the table. */
static int32_t call_other(const struct round *r)
{
    char text[80];
    if (!str_begins(r->name, "extra-"))
        return unknown(r);
    snprintf(text, sizeof(text), "this is %.*s", (int)(r->name.len < 64 ? r->name.len : 64),
             r->name.ptr);
    return answer_text(r, text);
}

static int32_t call_tool(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                         hexmcp_error *err)
{
    struct round r = {(struct everything *)self, call, name, args, {"", 0}, {"", 0}, err};
    const struct entry *tool = find_tool(&r);
    return tool ? tool->call(&r) : call_other(&r);
}

static int32_t resume_tool(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                           hexmcp_str state, hexmcp_str answers, hexmcp_error *err)
{
    struct round r = {(struct everything *)self, call, name, args, state, answers, err};
    const struct entry *tool = find_tool(&r);
    return tool && tool->resume ? tool->resume(&r) : unknown(&r);
}

static void cancel_tool(void *self, hexmcp_call call)
{
    count_cancel((struct everything *)self, call);
}

void tools_init(struct everything *self)
{
    self->tool.size = (uint32_t)sizeof(self->tool);
    self->tool.self = self;
    self->tool.call = call_tool;
    self->tool.cancel = cancel_tool;
    self->tool.resume = resume_tool;
}
