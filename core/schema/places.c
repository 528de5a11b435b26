/* JSON Pointers for messages. */
#include "core/schema/node.h"

void place_add_key(struct buffer *out, struct json key)
{
    struct buffer name = BUFFER_INIT;
    json_decode(key, &name);
    buffer_add_char(out, '/');
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == '~')
            buffer_add_str(out, STR("~0"));
        else if (name.data[i] == '/')
            buffer_add_str(out, STR("~1"));
        else
            buffer_add_char(out, name.data[i]);
    }
    buffer_clear(&name);
}

void place_add_index(struct buffer *out, uint32_t index)
{
    buffer_add_char(out, '/');
    buffer_add_u64(out, index);
}

static void add_steps(struct buffer *out, struct json here, struct json at)
{
    while (here.node != at.node) {
        struct json_iter it = json_iter(here);
        uint32_t index = 0;
        while (json_next(&it) && !json_contains(it.value, at))
            index++;
        if (!json_contains(it.value, at))
            return;
        if (json_exists(it.key))
            place_add_key(out, it.key);
        else
            place_add_index(out, index);
        here = it.value;
    }
}

void place_of_keyword(struct buffer *out, const struct schema *schema, const struct node *node,
                      struct str keyword)
{
    const struct document *document = node->resource->document;
    if (document->json != schema->json)
        buffer_add_str(out, document->uri);
    buffer_add_char(out, '#');
    add_steps(out, json_root(document->json), node->at);
    if (keyword.len) {
        buffer_add_char(out, '/');
        buffer_add_str(out, keyword);
    }
}
