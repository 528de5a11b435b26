/* JSON Pointers for messages. */
#include <stdio.h>

#include "core/schema/node.h"

static void add(char *out, size_t size, struct str token, uint32_t index, bool in_array)
{
    size_t used = strlen(out);
    if (in_array)
        snprintf(out + used, size - used, "/%u", index);
    else
        snprintf(out + used, size - used, "/%.*s", STR_ARG(token));
}

void place_of(const struct resource *resource, struct json at, char *out, size_t size)
{
    struct json here = json_root(resource->document->json);
    out[0] = '\0';
    while (here.node != at.node) {
        struct json_iter it = json_iter(here);
        uint32_t index = 0;
        while (json_next(&it) && !json_contains(it.value, at))
            index++;
        if (!json_contains(it.value, at))
            return;
        struct str key = json_text(it.key);
        struct str name = key.len >= 2 ? (struct str){key.ptr + 1, key.len - 2} : key;
        add(out, size, name, index, !json_exists(it.key));
        here = it.value;
    }
}
