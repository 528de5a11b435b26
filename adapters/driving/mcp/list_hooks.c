/* Hooks on lists of tools: BeforeToolDiscovery is told, AfterToolDiscovery may leave tools out. */
#include <stdlib.h>

#include "adapters/driving/mcp/connection.h"
#include "adapters/driving/mcp/list.h"
#include "core/hook/hooks.h"
#include "core/json/writer.h"

/* A page that hooks look at. */
struct listing {
    struct request *request; /* NULL: it has gone */
    struct call_context context;
    uint64_t after;
    uint64_t run; /* hooks_stop */
    bool asking;  /* hooks_run has not returned */
};

enum { NAMES, CALLER };

static const struct hook_member members[] = {{"names", true}, {"caller", false}};

static struct hooks *hooks_of(const struct request *r)
{
    return r->connection->mcp->options.hooks;
}

static void put_names(const struct listing *l, struct buffer *out)
{
    const struct mcp *mcp = l->request->connection->mcp;
    const struct catalog_service *catalog = mcp->options.catalog;
    struct json_writer w = json_writer(out);
    const struct item *item;
    size_t left = mcp->options.page_size;
    uint64_t at = l->after;
    json_begin_array(&w);
    while (left-- && (item = catalog->next(catalog->ctx, &l->context, ITEM_TOOL, at))) {
        json_write_string(&w, item->name);
        at = item->order;
    }
    json_end_array(&w);
}

static bool read_member(void *arg, uint32_t member, struct buffer *out)
{
    const struct listing *l = arg;
    if (member == NAMES)
        put_names(l, out);
    else
        json_quote(out, l->context.caller->id);
    return true;
}

bool list_keeps(struct json kept, struct str name)
{
    struct json_iter it = json_iter(kept);
    if (json_type(kept) != JSON_ARRAY)
        return true;
    while (json_next(&it))
        if (json_is(it.value, name))
            return true;
    return false;
}

static void looked_at(void *arg, const struct hook_outcome *outcome)
{
    struct listing *l = arg;
    struct request *r = l->request;
    struct json_doc *kept = NULL;
    uint64_t after = l->after;
    r->listing = NULL;
    if (outcome->changed[NAMES].len)
        json_parse(outcome->changed[NAMES], &kept, NULL);
    if (!l->asking)
        free(l);
    list_answer(r, ITEM_TOOL, after, kept ? json_root(kept) : json_none());
    json_free(kept);
}

static struct hook_event event_of(struct listing *l, enum hook_point point)
{
    return (struct hook_event){.point = point,
                               .target = STR("tools"),
                               .context = &l->context,
                               .members = members,
                               .count = 2,
                               .read = read_member,
                               .arg = l};
}

bool list_ask_hooks(struct request *r, uint64_t after)
{
    struct hooks *hooks = hooks_of(r);
    bool before = hooks_any(hooks, HOOK_BEFORE_TOOL_DISCOVERY);
    bool look = hooks_any(hooks, HOOK_AFTER_TOOL_DISCOVERY);
    struct listing *l = before || look ? malloc(sizeof(*l)) : NULL;
    if (!l)
        return false;
    *l = (struct listing){r, {.caller = &r->connection->client->caller}, after, 0, true};
    struct hook_event event = event_of(l, HOOK_BEFORE_TOOL_DISCOVERY);
    if (before)
        hooks_tell(hooks, &event);
    if (!look) {
        free(l);
        return false;
    }
    r->listing = l;
    event.point = HOOK_AFTER_TOOL_DISCOVERY;
    uint64_t run = hooks_run(hooks, &event, looked_at);
    l->asking = false;
    l->run = run;
    if (!run)
        free(l); /* it has been answered */
    return true;
}

void list_forget(struct request *r)
{
    struct listing *l = r->listing;
    if (!l)
        return;
    hooks_stop(hooks_of(r), l->run);
    free(l);
}
