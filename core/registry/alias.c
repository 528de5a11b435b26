/* Other names of tools. They are looked for when no tool has the name itself, so they cost those
 * nothing who call tools by their names. */
#include "core/json/json.h"
#include "core/registry/entry.h"

static bool has_alias(const struct item *item, struct str name)
{
    struct json_doc *doc;
    bool found = false;
    if (item->aliases.len == 0 || json_parse(item->aliases, &doc, NULL))
        return false;
    struct json_iter it = json_iter(json_root(doc));
    while (!found && json_next(&it))
        found = json_is(it.value, name);
    json_free(doc);
    return found;
}

ptrdiff_t item_list_alias(const struct item_list *list, struct str name)
{
    for (size_t i = 0; i < list->count; i++)
        if (has_alias(&list->entries[i]->item, name))
            return (ptrdiff_t)i;
    return -1;
}
