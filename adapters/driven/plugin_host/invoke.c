/* Calling a plugin's function, and what may go wrong with its answer. */
#include <stdio.h>

#include "adapters/driven/plugin_host/runs.h"

/* One flag a thread, so that a plugin's threads are told from the pool's. */
static _Thread_local bool on_worker;

bool run_on_worker(void)
{
    return on_worker;
}

void run_mark_worker(bool on)
{
    on_worker = on;
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

static hexmcp_str theirs_of(struct str text)
{
    return (hexmcp_str){text.ptr, text.len};
}

static int32_t unsupported(hexmcp_error *theirs, const char *what)
{
    snprintf(theirs->text, sizeof(theirs->text), "the plugin %s", what);
    return HEXMCP_E_UNSUPPORTED;
}

#define NO_ANSWERS "takes no answers"
#define NO_COMPLETION "completes nothing"

static int32_t call_tool(const struct run *run, hexmcp_error *theirs)
{
    const hexmcp_tool_1 *tools = run->plugin->tools;
    const struct run_request *q = &run->request;
    hexmcp_str name = theirs_of(q->name), args = theirs_of(q->arguments);
    if (!q->resume)
        return tools->call(tools->self, run->id, name, args, theirs);
    if (!HEXMCP_HAS(tools, resume))
        return unsupported(theirs, NO_ANSWERS);
    return tools->resume(tools->self, run->id, name, args, theirs_of(q->state),
                         theirs_of(q->answers), theirs);
}

static int32_t read_resource(const struct run *run, hexmcp_error *theirs)
{
    const hexmcp_resource_1 *resources = run->plugin->resources;
    const struct run_request *q = &run->request;
    hexmcp_str uri = theirs_of(q->name), variables = theirs_of(q->arguments);
    if (!q->resume)
        return resources->read(resources->self, run->id, uri, variables, theirs);
    if (!HEXMCP_HAS(resources, resume))
        return unsupported(theirs, NO_ANSWERS);
    return resources->resume(resources->self, run->id, uri, variables, theirs_of(q->state),
                             theirs_of(q->answers), theirs);
}

static int32_t render_prompt(const struct run *run, hexmcp_error *theirs)
{
    const hexmcp_prompt_1 *prompts = run->plugin->prompts;
    const struct run_request *q = &run->request;
    hexmcp_str name = theirs_of(q->name), args = theirs_of(q->arguments);
    if (!q->resume)
        return prompts->render(prompts->self, run->id, name, args, theirs);
    if (!HEXMCP_HAS(prompts, resume))
        return unsupported(theirs, NO_ANSWERS);
    return prompts->resume(prompts->self, run->id, name, args, theirs_of(q->state),
                           theirs_of(q->answers), theirs);
}

static int32_t complete_argument(const struct run *run, hexmcp_error *theirs)
{
    const hexmcp_resource_1 *resources = run->plugin->resources;
    const hexmcp_prompt_1 *prompts = run->plugin->prompts;
    const struct run_request *q = &run->request;
    hexmcp_str name = theirs_of(q->name), argument = theirs_of(q->argument);
    hexmcp_str value = theirs_of(q->value), known = theirs_of(q->arguments);
    if (q->kind == ITEM_PROMPT && HEXMCP_HAS(prompts, complete))
        return prompts->complete(prompts->self, run->id, name, argument, value, known, theirs);
    if (q->kind == ITEM_TEMPLATE && HEXMCP_HAS(resources, complete))
        return resources->complete(resources->self, run->id, name, argument, value, known, theirs);
    return unsupported(theirs, NO_COMPLETION);
}

static int32_t test_itself(const struct run *run, hexmcp_error *theirs)
{
    const hexmcp_selftest_1 *test = run->plugin->self_test;
    return test ? test->run(test->self, run->id, theirs) : unsupported(theirs, "has no self-test");
}

static int32_t run_hook(const struct run *run, hexmcp_error *theirs)
{
    const hexmcp_hook_1 *hooks = run->plugin->hooks;
    const struct run_request *q = &run->request;
    return hooks ? hooks->run(hooks->self, run->id, theirs_of(q->name), theirs_of(q->argument),
                              theirs_of(q->arguments), theirs)
                 : unsupported(theirs, "has no hooks");
}

static int32_t call_plugin(const struct run *run, hexmcp_error *theirs)
{
    switch (run->request.action) {
    case ACTION_CALL:
        return call_tool(run, theirs);
    case ACTION_READ:
        return read_resource(run, theirs);
    case ACTION_RENDER:
        return render_prompt(run, theirs);
    case ACTION_SELF_TEST:
        return test_itself(run, theirs);
    case ACTION_HOOK:
        return run_hook(run, theirs);
    default:
        return complete_argument(run, theirs);
    }
}

void run_cancel(const struct run *run)
{
    const struct plugin *p = run->plugin;
    if (run->request.action == ACTION_HOOK) {
        if (HEXMCP_HAS(p->hooks, cancel))
            p->hooks->cancel(p->hooks->self, run->id);
        return;
    }
    switch (run->request.kind) {
    case ITEM_TOOL:
        if (HEXMCP_HAS(p->tools, cancel))
            p->tools->cancel(p->tools->self, run->id);
        break;
    case ITEM_PROMPT:
        if (HEXMCP_HAS(p->prompts, cancel))
            p->prompts->cancel(p->prompts->self, run->id);
        break;
    default:
        if (HEXMCP_HAS(p->resources, cancel))
            p->resources->cancel(p->resources->self, run->id);
    }
}

const char *run_subject(const struct run *run, char text[RUN_SUBJECT_SIZE])
{
    static const char *const kinds[ITEM_KINDS] = {"tool", "resource", "resource", "prompt"};
    struct str name = run->request.name;
    size_t len = name.len > RUN_SUBJECT_SIZE - 16 ? RUN_SUBJECT_SIZE - 16 : name.len;
    while (len && len < name.len && ((unsigned char)name.ptr[len] & 0xC0) == 0x80)
        len--; /* not inside a character: templates may hold any */
    const char *kind = run->request.action == ACTION_HOOK ? "hook" : kinds[run->request.kind];
    snprintf(text, RUN_SUBJECT_SIZE, "%s \"%.*s\"", kind, (int)len, name.ptr);
    return text;
}

/* With the lock held: what the function returned must fit to whether it completed the call. */
static void settle(struct run *run, int32_t status, const hexmcp_error *theirs)
{
    const struct plugin *p = run->plugin;
    struct error *failure = &run->failure;
    char subject[RUN_SUBJECT_SIZE];
    if (failure->code)
        return;
    if (status == HEXMCP_OK && !run->answered)
        breach(p, failure, "%s returned HEXMCP_OK without completing the call",
               run_subject(run, subject));
    else if (status < 0 && run->answered)
        breach(p, failure, "%s returned the error %d after it completed the call",
               run_subject(run, subject), status);
    else if (status < 0)
        plugin_error(p, status, theirs, failure);
    else if (status > HEXMCP_PENDING)
        breach(p, failure, "%s returned the unknown status %d", run_subject(run, subject), status);
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
