/* A call of tool_call is a call of the tool that it names, from here on. */
#include "core/call/call.h"
#include "core/toolset/facade.h"

const struct call_request *call_forward(const struct dispatcher *d,
                                        const struct call_request *request,
                                        struct call_request *forwarded, struct buffer *scratch)
{
    struct facade_call meant;
    /* What a hook may call was decided by the tool that it named. */
    bool may = d->parts.tools && tool_set_wants_facade(d->parts.tools) &&
               request->action == ACTION_CALL && !d->forking;
    const struct item *tool = may
                                  ? registry_find(d->parts.registry, ITEM_TOOL, request->target)
                                  : NULL;
    if (!tool || !item_is_facade(tool) || !tool_set_has(d->parts.tools, tool) ||
        !facade_unwrap(tool, request->arguments, &meant))
        return request;
    *forwarded = *request;
    forwarded->arguments = meant.arguments;
    return json_string(meant.name, scratch, &forwarded->target) ? forwarded : request;
}
