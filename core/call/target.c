/* What a request is for. */
#include "core/call/call.h"
#include "core/uri/uri.h"
#include "core/uri/uri_template.h"

static const struct item *visible(struct dispatcher *d, const struct call_request *request,
                                  const struct item *item)
{
    return item && policy_may_see(&d->parts.policy, &request->context, item) ? item : NULL;
}

static const struct item *find_named(struct dispatcher *d, const struct call_request *request,
                                     enum item_kind kind)
{
    const struct item *item = registry_find(d->parts.registry, kind, request->target);
    return kind == ITEM_TOOL ? item : visible(d, request, item);
}

/* The first template that the URI fits, its variables written as an object. */
static int find_template(struct dispatcher *d, const struct call_request *request,
                         const struct item **out, struct buffer *variables)
{
    const struct registry *registry = d->parts.registry;
    const struct item *item = NULL;
    uint64_t at = 0;
    while ((item = registry_next(registry, ITEM_TEMPLATE, at))) {
        struct json_writer w = json_writer(variables);
        at = item->order;
        int rc = visible(d, request, item)
                     ? uri_template_match(item->name, request->target, &w)
                     : ST_NOT_FOUND;
        if (rc == ST_OK)
            *out = item;
        if (rc != ST_NOT_FOUND)
            return rc;
    }
    return ST_NOT_FOUND;
}

static int find_resource(struct dispatcher *d, const struct call_request *request,
                         const struct item **out, struct buffer *variables, struct error *err)
{
    int rc = uri_check(request->target, err);
    if (rc)
        return rc;
    *out = find_named(d, request, ITEM_RESOURCE);
    if (*out)
        return ST_OK;
    rc = find_template(d, request, out, variables);
    return rc ? error_set(err, rc, "there is no resource \"%.*s\"", STR_ARG(request->target))
              : ST_OK;
}

int call_find_target(struct dispatcher *d, const struct call_request *request,
                     const struct item **out, struct buffer *variables, struct error *err)
{
    enum item_kind kind = request->action == ACTION_CALL     ? ITEM_TOOL
                          : request->action == ACTION_RENDER ? ITEM_PROMPT
                                                             : request->of;
    if (request->action == ACTION_READ)
        return find_resource(d, request, out, variables, err);
    *out = find_named(d, request, kind);
    if (!*out)
        return error_set(err, ST_NOT_FOUND, "there is no %s \"%.*s\"",
                         kind == ITEM_TOOL       ? "tool"
                         : kind == ITEM_PROMPT   ? "prompt"
                         : kind == ITEM_TEMPLATE ? "resource template"
                                                 : "resource",
                         STR_ARG(request->target));
    return request->action == ACTION_COMPLETE
               ? call_check_argument_name(*out, request->argument, err)
               : ST_OK;
}
