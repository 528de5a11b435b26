/* What a request is for. */
#include "core/call/call.h"
#include "core/catalog/resource_lookup.h"

static const struct item *visible(struct dispatcher *d, const struct call_request *request,
                                  const struct item *item)
{
    return item && policy_may_see(&d->parts.policy, &request->context, item) ? item : NULL;
}

static const struct item *find_named(struct dispatcher *d, const struct call_request *request,
                                     enum item_kind kind)
{
    const struct item *item = registry_find(d->parts.registry, kind, request->target);
    if (kind != ITEM_TOOL)
        return visible(d, request, item);
    /* A tool above the level is refused later, with the reason. */
    return item && policy_is_for(&request->context, item) ? item : NULL;
}

static int is_missing(const struct dispatcher *d, const struct call_request *request,
                      enum item_kind kind, struct error *err)
{
    const struct missing_tools *missing = kind == ITEM_TOOL ? d->parts.missing : NULL;
    int rc = missing ? missing->explain(missing->ctx, request->target, err) : ST_NOT_FOUND;
    if (rc != ST_NOT_FOUND)
        return rc;
    return error_set(err, ST_NOT_FOUND, "there is no %s \"%.*s\"",
                     kind == ITEM_TOOL       ? "tool"
                     : kind == ITEM_PROMPT   ? "prompt"
                     : kind == ITEM_TEMPLATE ? "resource template"
                                             : "resource",
                     STR_ARG(request->target));
}

int call_find_target(struct dispatcher *d, const struct call_request *request,
                     const struct item **out, struct buffer *variables, struct error *err)
{
    enum item_kind kind = request->action == ACTION_CALL     ? ITEM_TOOL
                          : request->action == ACTION_RENDER ? ITEM_PROMPT
                                                             : request->of;
    if (request->action == ACTION_READ)
        return resource_lookup(d->parts.registry, &d->parts.policy, &request->context,
                               request->target, out, variables, err);
    *out = find_named(d, request, kind);
    if (!*out)
        return is_missing(d, request, kind, err);
    if (kind == ITEM_TOOL && !tool_set_has(d->parts.tools, *out))
        return tool_set_refuse(d->parts.tools, *out, err);
    return request->action == ACTION_COMPLETE
               ? call_check_argument_name(*out, request->argument, err)
               : ST_OK;
}
