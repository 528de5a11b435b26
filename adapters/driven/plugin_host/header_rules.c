#include "adapters/driven/plugin_host/header_rules.h"

#include <strings.h>

#define MAX_HEADERS 64

struct walk {
    struct reader *r;
    struct str seen[MAX_HEADERS];
    size_t count;
};

/* How the value of a keyword holds schemas. */
enum holds { HOLDS_NONE, HOLDS_SCHEMA, HOLDS_LIST, HOLDS_MAP, HOLDS_PROPERTIES };

static enum holds keyword_holds(struct str key)
{
    static const struct {
        const char *name;
        enum holds holds;
    } keywords[] = {
        {"properties", HOLDS_PROPERTIES},
        {"$defs", HOLDS_MAP},
        {"definitions", HOLDS_MAP},
        {"patternProperties", HOLDS_MAP},
        {"dependentSchemas", HOLDS_MAP},
        {"dependencies", HOLDS_MAP},
        {"items", HOLDS_SCHEMA},
        {"additionalItems", HOLDS_SCHEMA},
        {"additionalProperties", HOLDS_SCHEMA},
        {"unevaluatedItems", HOLDS_SCHEMA},
        {"unevaluatedProperties", HOLDS_SCHEMA},
        {"propertyNames", HOLDS_SCHEMA},
        {"contains", HOLDS_SCHEMA},
        {"contentSchema", HOLDS_SCHEMA},
        {"not", HOLDS_SCHEMA},
        {"if", HOLDS_SCHEMA},
        {"then", HOLDS_SCHEMA},
        {"else", HOLDS_SCHEMA},
        {"allOf", HOLDS_LIST},
        {"anyOf", HOLDS_LIST},
        {"oneOf", HOLDS_LIST},
        {"prefixItems", HOLDS_LIST},
    };
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
        if (str_eq(key, str_from(keywords[i].name)))
            return keywords[i].holds;
    return HOLDS_NONE;
}

static bool is_token(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alnum && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return text.len > 0;
}

static int check_unique(struct walk *w, struct str name)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->seen[i].len == name.len && strncasecmp(w->seen[i].ptr, name.ptr, name.len) == 0)
            return reader_fail(w->r, "the header \"%.*s\" is used twice in this tool",
                               STR_ARG(name));
    if (w->count == MAX_HEADERS)
        return reader_fail(w->r, "more than %d headers in one tool", MAX_HEADERS);
    w->seen[w->count++] = name;
    return ST_OK;
}

static bool plain_type(struct json schema)
{
    struct json type = json_get(schema, STR("type"));
    return json_is(type, STR("string")) || json_is(type, STR("integer")) ||
           json_is(type, STR("boolean"));
}

static int check_mark(struct walk *w, struct json schema, struct json mark, bool reachable)
{
    struct str name;
    if (!reachable)
        return reader_fail(w->r, "may stand only on a property that is reached through "
                                 "\"properties\" alone");
    if (!json_plain(mark, &name) || !is_token(name))
        return reader_fail(w->r, "must be a header name: letters, digits and !#$%%&'*+-.^_`|~");
    if (!plain_type(schema))
        return reader_fail(w->r, "the property must have the type string, integer or boolean");
    return check_unique(w, name);
}

static int walk_schema(struct walk *w, struct json schema, bool on_path, bool property);

static int walk_children(struct walk *w, struct json parent, bool on_path)
{
    struct buffer scratch = BUFFER_INIT;
    struct json_iter it = json_iter(parent);
    int rc = ST_OK;
    for (size_t i = 0; !rc && json_next(&it); i++) {
        struct str key;
        size_t mark = json_string(it.key, &scratch, &key) ? reader_enter(w->r, key)
                                                          : reader_enter_index(w->r, i);
        rc = walk_schema(w, it.value, on_path, on_path);
        reader_leave(w->r, mark);
    }
    buffer_clear(&scratch);
    return rc;
}

static int walk_keyword(struct walk *w, struct json schema, struct str key, struct json value,
                        bool on_path, bool property)
{
    if (str_eq(key, STR("x-mcp-header")))
        return check_mark(w, schema, value, property);
    switch (keyword_holds(key)) {
    case HOLDS_NONE:
        return ST_OK;
    case HOLDS_PROPERTIES:
        return json_type(value) == JSON_OBJECT ? walk_children(w, value, on_path) : ST_OK;
    case HOLDS_MAP:
    case HOLDS_LIST:
        return walk_children(w, value, false);
    case HOLDS_SCHEMA:
        /* In old drafts `items` may be a list. */
        return json_type(value) == JSON_ARRAY ? walk_children(w, value, false)
                                              : walk_schema(w, value, false, false);
    }
    return ST_OK;
}

/* Recursion is bounded by JSON_MAX_DEPTH. `on_path`: reached through properties alone. */
static int walk_schema(struct walk *w, struct json schema, bool on_path, bool property)
{
    if (json_type(schema) != JSON_OBJECT)
        return ST_OK;
    struct buffer scratch = BUFFER_INIT;
    struct json_iter it = json_iter(schema);
    int rc = ST_OK;
    while (!rc && json_next(&it)) {
        struct str key;
        if (!json_string(it.key, &scratch, &key)) {
            rc = error_set(w->r->err, ST_NOMEM, "out of memory");
            break;
        }
        size_t mark = reader_enter(w->r, key);
        rc = walk_keyword(w, schema, key, it.value, on_path, property);
        reader_leave(w->r, mark);
    }
    buffer_clear(&scratch);
    return rc;
}

int header_rules_check(struct reader *r, struct json schema)
{
    struct walk w = {.r = r};
    return walk_schema(&w, schema, true, false);
}
