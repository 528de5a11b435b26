#include "core/registry/entry.h"

#include <stdlib.h>

static struct str put(char **at, struct str text)
{
    struct str copy = {*at, text.len};
    if (text.len)
        memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return copy;
}

/* One block for everything that is not borrowed. */
static bool copy_text(struct entry *entry, const struct item *from, struct str name, bool all)
{
    struct item *item = &entry->item;
    size_t size = name.len + 1;
    if (all)
        size += from->local_name.len + from->plugin_id.len + from->json.len + from->callers.len +
                from->aliases.len + from->category.len;
    char *at = malloc(size);
    if (!at)
        return false;
    entry->text = at;
    item->name = put(&at, name);
    if (!all)
        return true;
    item->local_name = put(&at, from->local_name);
    item->plugin_id = put(&at, from->plugin_id);
    item->json = put(&at, from->json);
    item->callers = put(&at, from->callers);
    item->aliases = put(&at, from->aliases);
    item->category = put(&at, from->category);
    return true;
}

struct entry *entry_new(struct registry *r, const struct item *item, struct str name, bool copy)
{
    struct entry *entry = malloc(sizeof(*entry));
    if (!entry)
        return NULL;
    *entry = (struct entry){.item = *item, .registry = r, .users = 1};
    entry->item.name = item->local_name;
    if ((copy || !str_eq(name, item->local_name)) && !copy_text(entry, item, name, copy)) {
        free(entry);
        return NULL;
    }
    return entry;
}

void entry_free(struct entry *entry)
{
    free(entry->text);
    free(entry);
}
