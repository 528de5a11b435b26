/* Calling a plugin's function, and what may go wrong with its answer. */
#include <stdio.h>

#include "adapters/driven/plugin_host/runs.h"

/* One flag a thread, so that a plugin's threads are told from the pool's. */
static _Thread_local bool on_worker;

bool run_on_worker(void)
{
    return on_worker;
}

int breach(const struct plugin *p, struct error *err, const char *format, ...)
{
    char text[ERROR_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return error_set(err, ST_PROTOCOL, "plugin %.*s broke its contract: %s", STR_ARG(plugin_id(p)),
                     text);
}

int plugin_error(const struct plugin *p, int32_t status, const hexmcp_error *theirs,
                 struct error *err)
{
    int code = status >= HEXMCP_E_CONFIG ? status : ST_GENERIC;
    if (!memchr(theirs->text, '\0', sizeof(theirs->text)))
        return breach(p, err, "its error text is longer than %d bytes", HEXMCP_ERROR_TEXT - 1);
    return error_set(err, code, "%s", theirs->text[0] ? theirs->text : "the plugin gave no reason");
}

static int32_t call_plugin(const struct run *run, hexmcp_error *theirs)
{
    const hexmcp_tool_1 *tools = run->plugin->tools;
    const struct run_request *q = &run->request;
    hexmcp_str name = {q->name.ptr, q->name.len};
    hexmcp_str args = {q->arguments.ptr, q->arguments.len};
    hexmcp_str state = {q->state.ptr, q->state.len};
    hexmcp_str answers = {q->answers.ptr, q->answers.len};
    if (!q->resume)
        return tools->call(tools->self, run->id, name, args, theirs);
    if (HEXMCP_HAS(tools, resume))
        return tools->resume(tools->self, run->id, name, args, state, answers, theirs);
    snprintf(theirs->text, sizeof(theirs->text), "the tool takes no answers");
    return HEXMCP_E_UNSUPPORTED;
}

/* With the lock held: what the function returned must fit to whether it completed the call. */
static void settle(struct run *run, int32_t status, const hexmcp_error *theirs)
{
    const struct plugin *p = run->plugin;
    struct error *failure = &run->failure;
    if (failure->code)
        return;
    if (status == HEXMCP_OK && !run->answered)
        breach(p, failure, "tool \"%.*s\" returned HEXMCP_OK without completing the call",
               STR_ARG(run->request.name));
    else if (status < 0 && run->answered)
        breach(p, failure, "tool \"%.*s\" returned the error %d after it completed the call",
               STR_ARG(run->request.name), status);
    else if (status < 0)
        plugin_error(p, status, theirs, failure);
    else if (status > HEXMCP_PENDING)
        breach(p, failure, "tool \"%.*s\" returned the unknown status %d",
               STR_ARG(run->request.name), status);
}

/* Enters the plugin, unless the call or the plugin has ended meanwhile. */
static bool enter(struct run *run)
{
    struct plugin *p = run->plugin;
    pthread_mutex_lock(&p->host->lock);
    bool go = !run->cancelled && !run->abandoned && !p->stopping;
    if (go) {
        run->entered = true;
        p->inside++;
    } else {
        run->answered = true;
        run->outcome = RUN_CANCELLED;
    }
    pthread_mutex_unlock(&p->host->lock);
    return go;
}

void run_invoke(struct run *run)
{
    struct plugin *p = run->plugin;
    hexmcp_error theirs = {.size = sizeof(theirs)};
    if (!enter(run))
        return;
    bool was = on_worker;
    on_worker = !run->request.on_loop;
    int32_t status = call_plugin(run, &theirs);
    on_worker = was;
    pthread_mutex_lock(&p->host->lock);
    p->inside--;
    settle(run, status, &theirs);
    pthread_mutex_unlock(&p->host->lock);
}
