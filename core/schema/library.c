#include <stdlib.h>

#include "core/schema/node.h"

struct schema_library *schema_library_new(void)
{
    return calloc(1, sizeof(struct schema_library));
}

void schema_library_free(struct schema_library *library)
{
    if (!library)
        return;
    for (struct library_entry *e = library->entries; e; e = e->next)
        json_free(e->json);
    arena_clear(&library->arena);
    free(library);
}

int schema_library_add(struct schema_library *library, struct str uri, struct str text,
                       struct error *err)
{
    struct library_entry *entry = arena_alloc(&library->arena, sizeof(*entry));
    struct str name = arena_copy(&library->arena, uri);
    struct str copy = arena_copy(&library->arena, text);
    if (!entry || library->arena.failed)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = json_parse(copy, &entry->json, err);
    if (rc)
        return rc;
    entry->uri = name;
    entry->next = library->entries;
    library->entries = entry;
    return ST_OK;
}

struct json_doc *library_find(const struct schema_library *library, struct str uri)
{
    for (struct library_entry *e = library ? library->entries : NULL; e; e = e->next)
        if (str_eq(e->uri, uri))
            return e->json;
    return NULL;
}
