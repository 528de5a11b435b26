#include "adapters/driving/cli/about.h"

struct str about(struct json definition, struct buffer *scratch)
{
    struct str text = {"", 0};
    if (!json_string(json_get(definition, STR("description")), scratch, &text)) {
        json_string(json_get(definition, STR("title")), scratch, &text);
        return text;
    }
    const char *end = text.len ? memmem(text.ptr, text.len, ". ", 2) : NULL;
    if (end)
        text.len = (size_t)(end - text.ptr) + 1;
    return text;
}
