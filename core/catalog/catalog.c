#include "core/catalog/catalog.h"

#include "core/catalog/resource_lookup.h"

#include <stdlib.h>

/* Whether some items of a kind are for certain callers alone, as of a generation of its list. */
struct restriction {
    uint64_t generation; /* 0: not looked yet */
    bool restricted;
};

struct catalog {
    struct restriction restrictions[ITEM_KINDS];
    struct catalog_parts parts;
    struct catalog_service service;
    struct publisher publisher;
};

static uint64_t generation(void *ctx, enum item_kind kind)
{
    struct catalog *catalog = ctx;
    return registry_generation(catalog->parts.registry, kind);
}

static bool is_same_for_all(void *ctx, enum item_kind kind)
{
    struct catalog *catalog = ctx;
    const struct registry *registry = catalog->parts.registry;
    struct restriction *known = &catalog->restrictions[kind];
    uint64_t now = registry_generation(registry, kind);
    if (known->generation == now)
        return !known->restricted;
    const struct item *item = registry_next(registry, kind, 0);
    while (item && item->callers.len == 0)
        item = registry_next(registry, kind, item->order);
    *known = (struct restriction){.generation = now, .restricted = item != NULL};
    return !item;
}

static bool may_reach(const struct catalog *catalog, const struct call_context *context,
                      const struct item *item)
{
    return policy_may_see(&catalog->parts.policy, context, item) &&
           (item->kind != ITEM_TOOL || tool_set_has(catalog->parts.tools, item));
}

static const struct item *reach(void *ctx, const struct call_context *context,
                                enum item_kind kind, uint64_t after)
{
    struct catalog *catalog = ctx;
    const struct item *item = registry_next(catalog->parts.registry, kind, after);
    while (item && !may_reach(catalog, context, item))
        item = registry_next(catalog->parts.registry, kind, item->order);
    return item;
}

static const struct item *next(void *ctx, const struct call_context *context, enum item_kind kind,
                               uint64_t after)
{
    struct catalog *catalog = ctx;
    const struct item *item = reach(ctx, context, kind, after);
    while (item && kind == ITEM_TOOL && !tool_set_lists(catalog->parts.tools, item))
        item = reach(ctx, context, kind, item->order);
    return item;
}

static const struct item *find(void *ctx, const struct call_context *context, enum item_kind kind,
                               struct str name)
{
    struct catalog *catalog = ctx;
    const struct item *item = registry_find(catalog->parts.registry, kind, name);
    return item && may_reach(catalog, context, item) ? item : NULL;
}

static int check_resource(void *ctx, const struct call_context *context, struct str uri,
                          struct error *err)
{
    struct catalog *catalog = ctx;
    struct buffer variables = BUFFER_INIT;
    const struct item *item;
    int rc = resource_lookup(catalog->parts.registry, &catalog->parts.policy, context, uri, &item,
                             &variables, err);
    buffer_clear(&variables);
    return rc;
}

static void tell(struct catalog *catalog, enum item_kind kind)
{
    changes_tell(catalog->parts.changes,
                 kind == ITEM_TOOL     ? CHANGE_TOOLS
                 : kind == ITEM_PROMPT ? CHANGE_PROMPTS
                                       : CHANGE_RESOURCES,
                 STR(""));
}

static int publish(void *ctx, const struct item *item, struct str *name, struct error *err)
{
    struct catalog *catalog = ctx;
    int rc = registry_add_copy(catalog->parts.registry, item, err);
    if (rc)
        return rc;
    *name = registry_last(catalog->parts.registry, item->kind)->name;
    tell(catalog, item->kind);
    return ST_OK;
}

static int withdraw(void *ctx, uint32_t plugin, enum item_kind kind, struct str local_name,
                    struct error *err)
{
    struct catalog *catalog = ctx;
    int rc = registry_remove(catalog->parts.registry, plugin, kind, local_name, err);
    if (!rc)
        tell(catalog, kind);
    return rc;
}

static void resource_updated(void *ctx, uint32_t plugin, struct str uri)
{
    struct catalog *catalog = ctx;
    (void)plugin;
    changes_tell(catalog->parts.changes, CHANGE_RESOURCE, uri);
}

static void elicitation_complete(void *ctx, uint32_t plugin, struct str elicitation)
{
    struct catalog *catalog = ctx;
    (void)plugin;
    changes_tell(catalog->parts.changes, CHANGE_ELICITATION, elicitation);
}

struct catalog *catalog_new(const struct catalog_parts *parts)
{
    struct catalog *catalog = calloc(1, sizeof(*catalog));
    if (!catalog)
        return NULL;
    catalog->parts = *parts;
    catalog->service = (struct catalog_service){.ctx = catalog,
                                                .generation = generation,
                                                .is_same_for_all = is_same_for_all,
                                                .next = next,
                                            .reach = reach,
                                                .find = find,
                                                .check_resource = check_resource};
    catalog->publisher = (struct publisher){.ctx = catalog,
                                            .publish = publish,
                                            .withdraw = withdraw,
                                            .resource_updated = resource_updated,
                                            .elicitation_complete = elicitation_complete};
    return catalog;
}

void catalog_free(struct catalog *catalog)
{
    free(catalog);
}

const struct catalog_service *catalog_service(struct catalog *catalog)
{
    return &catalog->service;
}

const struct publisher *catalog_publisher(struct catalog *catalog)
{
    return &catalog->publisher;
}
