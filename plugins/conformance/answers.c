/* Asking the client, and reading what it answered. The host has checked the answers against what was
 * asked. */
#include <stdio.h>

#include "conformance.h"

hexmcp_str argument(const hexmcp_round *r, const char *key, const char *otherwise)
{
    hexmcp_str value;
    if (hexmcp_json_get(r->args, key, &value) != HEXMCP_OK)
        return hexmcp_str_from(otherwise);
    return value;
}

char *text_of(hexmcp_str json)
{
    char *text;
    size_t len;
    return hexmcp_json_string_dup(json, &text, &len) == HEXMCP_OK ? text : NULL;
}

int32_t answer_useless(const hexmcp_round *r)
{
    return hexmcp_round_tool_error(r, "the client did not answer the question");
}

hexmcp_str answer_field(const hexmcp_round *r, const char *key, const char *field)
{
    hexmcp_str answer, content, value = {"", 0};
    if (hexmcp_json_get(r->answers, key, &answer) == HEXMCP_OK &&
        hexmcp_json_get(answer, "content", &content) == HEXMCP_OK)
        hexmcp_json_get(content, field, &value);
    return value;
}

char *answer_field_text(const hexmcp_round *r, const char *key, const char *field)
{
    return text_of(answer_field(r, key, field));
}

/* `content` is one block or, since 2025-11-25, several; the first counts. */
char *answer_model_text(const hexmcp_round *r, const char *key)
{
    hexmcp_str answer, content = {"", 0}, text = {"", 0};
    if (hexmcp_json_get(r->answers, key, &answer) != HEXMCP_OK)
        return NULL;
    hexmcp_json_get(answer, "content", &content);
    if (hexmcp_json_type(content) == HEXMCP_JSON_ARRAY) {
        hexmcp_json_iter it = hexmcp_json_iter_begin(content);
        hexmcp_json_next(&it, NULL, &content);
    }
    hexmcp_json_get(content, "text", &text);
    return text_of(text);
}

static char *append(char *list, hexmcp_str root)
{
    hexmcp_str value = {"", 0};
    char *uri, *longer = NULL;
    hexmcp_json_get(root, "uri", &value);
    uri = text_of(value);
    if (!list || !uri || asprintf(&longer, "%s%s%s", list, *list ? ", " : "", uri) < 0)
        longer = NULL;
    free(uri);
    free(list);
    return longer;
}

char *answer_roots_text(const hexmcp_round *r, const char *key, size_t *ret_count)
{
    hexmcp_str answer, roots, root;
    hexmcp_json_iter it;
    char *list = strdup("");
    size_t count = 0;
    if (hexmcp_json_get(r->answers, key, &answer) != HEXMCP_OK ||
        hexmcp_json_get(answer, "roots", &roots) != HEXMCP_OK) {
        free(list);
        return NULL;
    }
    it = hexmcp_json_iter_begin(roots);
    while (hexmcp_json_next(&it, NULL, &root)) {
        list = append(list, root);
        count++;
    }
    *ret_count = count;
    return list;
}
