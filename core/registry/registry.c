#include "core/registry/registry.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/registry/entry.h"

struct registry {
    struct item_list lists[ITEM_KINDS];
    uint64_t order; /* of the newest item */
    void (*free_state)(void *state);
    void (*fill)(void *ctx); /* NULL: it has been called */
    void *fill_ctx;
};

struct registry *registry_new(void)
{
    struct registry *r = calloc(1, sizeof(*r));
    for (size_t i = 0; r && i < ITEM_KINDS; i++)
        r->lists[i].generation = 1;
    return r;
}

void registry_fill_later(struct registry *r, void (*fill)(void *ctx), void *ctx)
{
    r->fill = fill;
    r->fill_ctx = ctx;
}

static void ready(const struct registry *r)
{
    void (*fill)(void *ctx) = r->fill;
    if (!fill)
        return;
    /* Who looks cannot tell when it was filled. */
    ((struct registry *)(uintptr_t)r)->fill = NULL;
    fill(r->fill_ctx);
}

static struct entry *entry_of(const struct item *item)
{
    /* Every item that is handed out is the head of an entry of ours. */
    return (struct entry *)(uintptr_t)item;
}

void registry_ref(const struct item *item)
{
    entry_of(item)->users++;
}

void registry_unref(const struct item *item)
{
    struct entry *entry = entry_of(item);
    if (--entry->users)
        return;
    if (entry->state && entry->registry->free_state)
        entry->registry->free_state(entry->state);
    entry_free(entry);
}

void registry_free(struct registry *r)
{
    if (!r)
        return;
    for (size_t kind = 0; kind < ITEM_KINDS; kind++) {
        for (size_t i = 0; i < r->lists[kind].count; i++)
            registry_unref(&r->lists[kind].entries[i]->item);
        item_list_clear(&r->lists[kind]);
    }
    free(r);
}

void **registry_state(const struct item *item)
{
    return &entry_of(item)->state;
}

void registry_on_free(struct registry *r, void (*free_state)(void *state))
{
    r->free_state = free_state;
}

/* The entry that the plugin registered under this name of its own, or -1. */
static ptrdiff_t index_of_local(const struct item_list *list, uint32_t plugin, struct str local)
{
    ptrdiff_t index = item_list_index(list, local);
    if (index >= 0 && list->entries[index]->item.plugin == plugin &&
        str_eq(list->entries[index]->item.local_name, local))
        return index;
    for (size_t i = 0; i < list->count; i++)
        if (list->entries[i]->item.plugin == plugin &&
            str_eq(list->entries[i]->item.local_name, local))
            return (ptrdiff_t)i;
    return -1;
}

static int taken_uri(const struct item *item, struct str owner, struct error *err)
{
    return error_set(err, ST_INVALID, "%s \"%.*s\" is taken by plugin %.*s; leave one of them out",
                     item_kind_name(item->kind), STR_ARG(item->local_name), STR_ARG(owner));
}

static int too_long(const struct item *item, struct str owner, struct error *err)
{
    const char *kind = item_kind_name(item->kind);
    return error_set(err, ST_INVALID,
                     "%s \"%.*s\" is taken by plugin %.*s and \"%.*s.%.*s\" is longer than %d "
                     "characters; rename the %s or leave one of the plugins out",
                     kind, STR_ARG(item->local_name), STR_ARG(owner), STR_ARG(item->plugin_id),
                     STR_ARG(item->local_name), ITEM_NAME_MAX, kind);
}

static int registered_twice(const struct item *item, struct error *err)
{
    return error_set(err, ST_INVALID, "plugin %.*s registers %s \"%.*s\" twice",
                     STR_ARG(item->plugin_id), item_kind_name(item->kind),
                     STR_ARG(item->local_name));
}

/* Writes "<plugin id>.<name>" for an item whose name `taken` has. */
static int make_long_name(const struct item_list *list, const struct item *item,
                          const struct item *taken, char text[ITEM_NAME_MAX + 1], struct error *err)
{
    size_t len = item->plugin_id.len + 1 + item->local_name.len;
    if (item->kind == ITEM_RESOURCE || item->kind == ITEM_TEMPLATE)
        return taken_uri(item, taken->plugin_id, err);
    if (len > ITEM_NAME_MAX)
        return too_long(item, taken->plugin_id, err);
    snprintf(text, ITEM_NAME_MAX + 1, "%.*s.%.*s", STR_ARG(item->plugin_id),
             STR_ARG(item->local_name));
    if (item_list_index(list, (struct str){text, len}) >= 0)
        return registered_twice(item, err);
    return ST_OK;
}

static int check_count(const struct item_list *list, const struct item *item, struct error *err)
{
    size_t count = 0;
    if (list->count < ITEMS_OF_PLUGIN_MAX)
        return ST_OK;
    for (size_t i = 0; i < list->count; i++)
        count += list->entries[i]->item.plugin == item->plugin;
    if (count < ITEMS_OF_PLUGIN_MAX)
        return ST_OK;
    return error_set(err, ST_TOO_LARGE, "plugin %.*s has %zu %ss already, which is the limit",
                     STR_ARG(item->plugin_id), count, item_kind_name(item->kind));
}

/* True if the plugin has published it under its long name: the short one was taken then. */
static bool has_long_name(const struct item_list *list, const struct item *item)
{
    char text[ITEM_NAME_MAX + 1];
    size_t len = item->plugin_id.len + 1 + item->local_name.len;
    if (!list->long_names || len > ITEM_NAME_MAX)
        return false;
    snprintf(text, sizeof(text), "%.*s.%.*s", STR_ARG(item->plugin_id), STR_ARG(item->local_name));
    ptrdiff_t index = item_list_index(list, (struct str){text, len});
    return index >= 0 && str_eq(list->entries[index]->item.plugin_id, item->plugin_id) &&
           str_eq(list->entries[index]->item.local_name, item->local_name);
}

/* The name to publish; `text` holds it if it had to be made. */
static int choose_name(const struct item_list *list, const struct item *item,
                       char text[ITEM_NAME_MAX + 1], struct str *name, struct error *err)
{
    ptrdiff_t index = item_list_index(list, item->local_name);
    *name = item->local_name;
    if (has_long_name(list, item))
        return registered_twice(item, err);
    if (index < 0)
        return ST_OK;
    const struct item *taken = &list->entries[index]->item;
    if (str_eq(taken->plugin_id, item->plugin_id))
        return registered_twice(item, err);
    int rc = make_long_name(list, item, taken, text, err);
    *name = str_from(text);
    return rc;
}

static int add(struct registry *r, const struct item *item, bool copy, struct error *err)
{
    struct item_list *list = &r->lists[item->kind];
    char text[ITEM_NAME_MAX + 1] = "";
    struct str name;
    int rc = item_name_check(item->kind, item->local_name, err);
    if (!rc)
        rc = check_count(list, item, err);
    if (!rc)
        rc = choose_name(list, item, text, &name, err);
    if (rc)
        return rc;
    struct entry *entry = entry_new(r, item, name, copy);
    if (!entry || item_list_append(list, entry)) {
        if (entry)
            entry_free(entry);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    entry->item.order = ++r->order;
    return ST_OK;
}

int registry_add(struct registry *r, const struct item *item, struct error *err)
{
    ready(r);
    return add(r, item, false, err);
}

int registry_add_copy(struct registry *r, const struct item *item, struct error *err)
{
    ready(r);
    return add(r, item, true, err);
}

int registry_remove(struct registry *r, uint32_t plugin, enum item_kind kind,
                    struct str local_name, struct error *err)
{
    ready(r);
    struct item_list *list = &r->lists[kind];
    ptrdiff_t index = index_of_local(list, plugin, local_name);
    if (index < 0)
        return error_set(err, ST_NOT_FOUND, "the plugin has no %s \"%.*s\"", item_kind_name(kind),
                         STR_ARG(local_name));
    const struct item *item = &list->entries[index]->item;
    item_list_remove(list, (size_t)index);
    registry_unref(item);
    return ST_OK;
}

size_t registry_count(const struct registry *r, enum item_kind kind)
{
    ready(r);
    return r->lists[kind].count;
}

const struct item *registry_next(const struct registry *r, enum item_kind kind, uint64_t after)
{
    ready(r);
    const struct item_list *list = &r->lists[kind];
    size_t index = item_list_behind(list, after);
    return index < list->count ? &list->entries[index]->item : NULL;
}

const struct item *registry_last(const struct registry *r, enum item_kind kind)
{
    ready(r);
    const struct item_list *list = &r->lists[kind];
    return list->count ? &list->entries[list->count - 1]->item : NULL;
}

const struct item *registry_find(const struct registry *r, enum item_kind kind, struct str name)
{
    ready(r);
    ptrdiff_t index = item_list_index(&r->lists[kind], name);
    if (index < 0 && kind == ITEM_TOOL)
        index = item_list_alias(&r->lists[kind], name);
    return index < 0 ? NULL : &r->lists[kind].entries[index]->item;
}

uint64_t registry_generation(const struct registry *r, enum item_kind kind)
{
    ready(r);
    return r->lists[kind].generation;
}
