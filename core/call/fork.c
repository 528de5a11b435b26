/* Calls that a hook asks for beside the one that it looks at. Their results go nowhere but to hooks. */
#include <stdlib.h>

#include "core/call/call.h"

static void ended(void *user, const struct call_outcome *outcome)
{
    (void)user;
    (void)outcome;
}

static const struct call_observer nobody = {.done = ended};

static void release(void *hold)
{
    json_free(hold);
}

/* Never with more rights than the call that it stands beside. */
static bool may(const struct call *call, struct str target)
{
    const struct item *item = registry_find(call->dispatcher->parts.registry, ITEM_TOOL, target);
    return item && item->level <= call->item->definition->level;
}

static struct json_doc *arguments_of(struct json operation)
{
    struct json data = json_get(operation, STR("data"));
    struct buffer copy = BUFFER_INIT;
    struct json_doc *doc;
    size_t len;
    buffer_add_str(&copy, json_type(data) == JSON_OBJECT ? json_text(data) : STR("{}"));
    char *own = buffer_take(&copy, &len);
    return own && json_parse_take(own, len, &doc, NULL) == ST_OK ? doc : NULL;
}

static void begin(struct call *call, struct str target, struct json_doc *arguments)
{
    struct dispatcher *d = call->dispatcher;
    struct call_request request = {
        .action = ACTION_CALL,
        .target = target,
        .arguments = json_root(arguments),
        .context = call->request.context,
        .observer = &nobody,
        .release = release,
        .hold = arguments,
    };
    uint64_t id;
    struct error err;
    request.context.traceparent = request.context.tracestate = request.context.meta = STR("");
    request.context.monotonic_ns = d->parts.clock->monotonic_ns(d->parts.clock->ctx);
    /* What the client told of its roots may be gone; who has to be asked is not. */
    if (request.context.roots.state == ROOTS_KNOWN)
        request.context.roots.state = ROOTS_UNKNOWN;
    bool was = d->forking;
    d->forking = true;
    if (d->service.call(d->service.ctx, &request, &id, &err))
        json_free(arguments);
    d->forking = was;
}

void call_fork(struct call *call, struct str operations)
{
    struct json_doc *doc;
    if (call->hooks.forked || json_parse(operations, &doc, NULL))
        return;
    uint32_t left = HOOK_FORKS_MAX;
    struct json_iter it = json_iter(json_root(doc));
    while (left-- && json_next(&it)) {
        struct buffer scratch = BUFFER_INIT;
        struct str target;
        struct json_doc *arguments =
            json_string(json_get(it.value, STR("target")), &scratch, &target) && may(call, target)
                ? arguments_of(it.value)
                : NULL;
        if (arguments)
            begin(call, target, arguments);
        buffer_clear(&scratch);
    }
    json_free(doc);
}
