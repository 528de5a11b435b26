#include "core/catalog/resource_lookup.h"

#include "core/uri/uri.h"
#include "core/uri/uri_template.h"

static int find_template(const struct registry *registry, const struct policy *policy,
                         const struct call_context *context, struct str uri,
                         const struct item **out, struct buffer *variables)
{
    const struct item *item = NULL;
    while ((item = registry_next(registry, ITEM_TEMPLATE, item ? item->order : 0))) {
        struct json_writer w = json_writer(variables);
        if (!policy_may_see(policy, context, item))
            continue;
        int rc = uri_template_match(item->name, uri, &w);
        if (rc == ST_NOT_FOUND)
            continue;
        *out = item;
        return rc;
    }
    return ST_NOT_FOUND;
}

int resource_lookup(const struct registry *registry, const struct policy *policy,
                    const struct call_context *context, struct str uri, const struct item **out,
                    struct buffer *variables, struct error *err)
{
    const struct item *item = registry_find(registry, ITEM_RESOURCE, uri);
    if (uri_check(uri, err))
        return err->code = ST_INVALID; /* one that is too long, too */
    if (item && policy_may_see(policy, context, item)) {
        *out = item;
        return ST_OK;
    }
    int rc = find_template(registry, policy, context, uri, &item, variables);
    if (rc)
        return error_set(err, rc,
                         rc == ST_NOT_FOUND ? "there is no resource \"%.*s\""
                                            : "out of memory for resource \"%.*s\"",
                         STR_ARG(uri));
    *out = item;
    return ST_OK;
}
