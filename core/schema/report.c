/* The words of a fault and the places that it names. */
#include <stdio.h>

#include "core/json/utf8.h"
#include "core/schema/evaluate.h"

/* Longer texts of values are cut. */
#define BRIEF_BYTES 64u

static void add_instance_path(struct buffer *out, const struct path *path)
{
    if (!path)
        return;
    add_instance_path(out, path->outer);
    if (json_exists(path->key))
        place_add_key(out, path->key);
    else
        place_add_index(out, path->index);
}

struct brief brief_of(struct json value)
{
    struct brief brief;
    struct str text = json_text(value);
    enum json_type type = json_type(value);
    size_t len = 0;
    if (type == JSON_OBJECT || type == JSON_NONE)
        return (struct brief){"an object"};
    if (type == JSON_ARRAY)
        return (struct brief){"an array"};
    while (len < text.len && len < BRIEF_BYTES)
        len += utf8_sequence(text.ptr + len, text.ptr + text.len);
    snprintf(brief.text, sizeof(brief.text), "%.*s%s", (int)len, text.ptr,
             len < text.len ? "..." : "");
    return brief;
}

/* `text` with an end that does not cut a character in two. */
static struct str whole_characters(const char *text)
{
    struct str all = str_from(text);
    size_t len = 0;
    for (size_t step; len < all.len; len += step) {
        step = utf8_sequence(all.ptr + len, all.ptr + all.len);
        if (step == 0)
            break;
    }
    return (struct str){text, len};
}

static void add_fault(struct schema_result *result, const struct check *c, const struct node *node,
                      struct str keyword, struct str message)
{
    struct buffer instance = BUFFER_INIT, schema = BUFFER_INIT, text = BUFFER_INIT;
    add_instance_path(&instance, c->path);
    if (node)
        place_of_keyword(&schema, c->schema, node, keyword);
    if (json_exists(c->name)) {
        buffer_add_str(&text, STR("property name "));
        buffer_add_str(&text, str_from(brief_of(c->name).text));
        buffer_add_char(&text, ' ');
    }
    buffer_add_str(&text, message);
    if (buffer_failed(&instance) || buffer_failed(&schema) || buffer_failed(&text))
        result->more = true;
    else
        result_add(result, (struct schema_fault){buffer_str(&instance), keyword,
                                                 buffer_str(&schema), buffer_str(&text)});
    buffer_clear(&instance);
    buffer_clear(&schema);
    buffer_clear(&text);
}

bool fault(struct check *c, const struct node *node, struct str keyword, const char *format, ...)
{
    char text[512];
    va_list args;
    if (!c->faults || c->stopped)
        return false;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    add_fault(c->faults, c, node, keyword, whole_characters(text));
    return false;
}

bool stop(struct check *c, int status, const char *format, ...)
{
    char text[512];
    va_list args;
    if (c->stopped)
        return false;
    c->stopped = status;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (c->result)
        add_fault(c->result, c, NULL, STR(""), whole_characters(text));
    return false;
}
