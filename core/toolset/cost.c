#include "core/toolset/cost.h"

#include "core/base/str.h"
#include "core/json/compact.h"
#include "core/json/json.h"

/* A definition is in braces, behind a comma, and has its name. */
#define FRAME_BYTES (sizeof("{\"name\":\"\"},") - 1)
/* Quotes of a key, its colon and its comma. */
#define MEMBER_BYTES 4

#define BYTES_PER_TEN_TOKENS 42

uint32_t tool_cost(const struct item *tool)
{
    struct json_doc *doc;
    size_t bytes = FRAME_BYTES + tool->name.len;
    if (json_parse(tool->json, &doc, NULL))
        return 0;
    struct json_iter it = json_iter(json_root(doc));
    while (json_next(&it))
        if (!json_is(it.key, STR("name")) && !json_is(it.key, STR("run")))
            bytes += json_text(it.key).len - 2 + MEMBER_BYTES + json_compact(NULL, json_text(it.value));
    json_free(doc);
    return (uint32_t)((bytes * 10 + BYTES_PER_TEN_TOKENS - 1) / BYTES_PER_TEN_TOKENS);
}
