#include "core/json/pretty.h"

static void new_line(struct buffer *out, unsigned depth)
{
    buffer_add_char(out, '\n');
    for (unsigned i = 0; i < depth; i++)
        buffer_add_str(out, STR("  "));
}

/* The parser bounds the depth, and so this recursion. */
static void add(struct buffer *out, struct json v, unsigned depth)
{
    bool object = json_type(v) == JSON_OBJECT;
    if (json_count(v) == 0) {
        if (object || json_type(v) == JSON_ARRAY)
            buffer_add_str(out, object ? STR("{}") : STR("[]"));
        else
            buffer_add_str(out, json_text(v));
        return;
    }
    struct json_iter it = json_iter(v);
    for (char mark = object ? '{' : '['; json_next(&it); mark = ',') {
        buffer_add_char(out, mark);
        new_line(out, depth + 1);
        if (object) {
            buffer_add_str(out, json_text(it.key));
            buffer_add_str(out, STR(": "));
        }
        add(out, it.value, depth + 1);
    }
    new_line(out, depth);
    buffer_add_char(out, object ? '}' : ']');
}

void json_pretty(struct buffer *out, struct json v)
{
    add(out, v, 0);
}
