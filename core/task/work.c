#include <stdlib.h>

#include "core/task/entry.h"

static int copy_arguments(struct json arguments, struct json_doc **out, struct error *err)
{
    struct str text = json_text(arguments);
    if (!json_exists(arguments))
        return ST_OK;
    char *copy = malloc(text.len);
    if (!copy)
        return error_set(err, ST_NOMEM, "out of memory for arguments of %zu bytes", text.len);
    memcpy(copy, text.ptr, text.len);
    return json_parse_take(copy, text.len, out, err);
}

static struct str place(char **at, struct str text)
{
    struct str copy = {*at, text.len};
    if (text.len)
        memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return copy;
}

static int copy_texts(struct task_work *work, const struct call_request *what, struct error *err)
{
    const struct call_context *context = &what->context;
    const struct caller *caller = context->caller;
    work->text = malloc(1 + what->target.len + caller->id.len + caller->tenant.len +
                        context->traceparent.len + context->tracestate.len +
                        context->meta.len + context->roots.list.len);
    if (!work->text)
        return error_set(err, ST_NOMEM, "out of memory");
    char *at = work->text;
    work->tool = place(&at, what->target);
    work->caller = (struct caller){.id = place(&at, caller->id),
                                   .tenant = place(&at, caller->tenant),
                                   .authenticated = caller->authenticated,
                                   .paths = caller->paths};
    work->context = (struct call_context){.caller = &work->caller,
                                          .traceparent = place(&at, context->traceparent),
                                          .tracestate = place(&at, context->tracestate),
                                          .meta = place(&at, context->meta),
                                          .roots = {.state = context->roots.state,
                                                    .list = place(&at, context->roots.list)}};
    return ST_OK;
}

int task_work_new(const struct call_request *what, struct task_work **out, struct error *err)
{
    struct task_work *work = calloc(1, sizeof(*work));
    if (!work)
        return error_set(err, ST_NOMEM, "out of memory");
    work->users = 1;
    int rc = copy_texts(work, what, err);
    if (!rc)
        rc = copy_arguments(what->arguments, &work->arguments, err);
    if (rc)
        task_work_unuse(work);
    else
        *out = work;
    return rc;
}

void task_work_unuse(struct task_work *work)
{
    if (!work || --work->users)
        return;
    json_free(work->arguments);
    free(work->text);
    free(work);
}
