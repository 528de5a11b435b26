/* Mcp-Param-...: the headers that repeat arguments of a tool. Its input schema says which: a property
 * with "x-mcp-header", reached by "properties" alone. */
#include <string.h>

#include "adapters/driving/mcp/http/head.h"
#include "adapters/driving/mcp/http/ladder.h"

#define HEADER_MAX 256
#define PLACE_MAX 512

/* A property of the schema and what the arguments hold there. */
struct argument {
    struct str name;   /* of the header, after Mcp-Param- */
    struct json value; /* nothing: absent */
    const char *place; /* "region", "a.b": where it stands in the arguments */
};

static void refuse(struct request *r, struct str header, const struct argument *a,
                   const char *what)
{
    answer_error(r, RPC_HEADER_MISMATCH, "the header %.*s %s params.arguments.%s",
                 STR_ARG(header), what, a->place);
}

/* 5, 5.0 and 5e0 are one number. */
static bool same_number(struct json value, struct str text)
{
    struct json_doc *doc;
    double a, b;
    if (str_eq(json_text(value), text))
        return true;
    if (json_parse(text, &doc, NULL))
        return false;
    bool same = json_double(json_root(doc), &a) && json_double(value, &b) && a == b;
    json_free(doc);
    return same;
}

static bool same_value(struct json value, struct str text)
{
    switch (json_type(value)) {
    case JSON_STRING:
        return json_is(value, text);
    case JSON_NUMBER:
        return same_number(value, text);
    case JSON_BOOL:
        return str_eq(json_text(value), text);
    default:
        return true; /* no value for a header; the schema refuses it */
    }
}

static bool compare(struct request *r, struct str header, const struct argument *a,
                    struct str text)
{
    struct buffer scratch = BUFFER_INIT;
    struct str decoded;
    struct error err;
    bool same = false;
    if (head_decode(text, &scratch, &decoded, &err))
        answer_error(r, err.code == ST_NOMEM ? RPC_INTERNAL_ERROR : RPC_HEADER_MISMATCH,
                     "the header %.*s %s", STR_ARG(header), err.text);
    else if (!(same = same_value(a->value, decoded)))
        refuse(r, header, a, "does not say the same as");
    buffer_clear(&scratch);
    return same;
}

/* The header of the argument is as it must be, or the request has been answered. */
static bool agrees(struct request *r, const struct argument *a)
{
    char name[HEADER_MAX] = HEADER_PARAM;
    size_t begin = sizeof(HEADER_PARAM) - 1;
    struct str text, header = {name, begin + a->name.len};
    if (header.len > sizeof(name))
        return true; /* the loader refuses such a name */
    memcpy(name + begin, a->name.ptr, a->name.len);
    bool expected = json_exists(a->value) && json_type(a->value) != JSON_NULL;
    enum head_found found = head_find(r->message->head, header, &text);
    if (found == HEAD_TWICE)
        refuse(r, header, a, "came more than once; it must repeat");
    else if (expected && found == HEAD_ABSENT)
        refuse(r, header, a, "is missing; it must repeat");
    else if (!expected && found == HEAD_THERE)
        refuse(r, header, a, "is there, but the body has no");
    else
        return found == HEAD_ABSENT || compare(r, header, a, text);
    return false;
}

/* Adds ".key" at `len`, as far as there is room; the new length. */
static size_t add_place(char place[PLACE_MAX], size_t len, struct str key)
{
    if (len + key.len + 2 > PLACE_MAX)
        key = (struct str){key.ptr, 0};
    if (len && len + 2 <= PLACE_MAX)
        place[len++] = '.';
    memcpy(place + len, key.ptr, key.len);
    place[len + key.len] = '\0';
    return len + key.len;
}

static bool walk(struct request *r, struct json schema, struct json arguments, char *place,
                 size_t len);

static bool walk_property(struct request *r, struct json key, struct json property,
                          struct json arguments, char *place, size_t len)
{
    struct buffer name = BUFFER_INIT, header = BUFFER_INIT;
    struct str text;
    bool good = json_string(key, &name, &text);
    if (good) {
        struct argument a = {.value = json_get(arguments, text), .place = place};
        size_t end = add_place(place, len, text);
        if (json_string(json_get(property, STR("x-mcp-header")), &header, &a.name))
            good = agrees(r, &a);
        good = good && walk(r, property, a.value, place, end);
    } else {
        answer_error(r, RPC_INTERNAL_ERROR, "out of memory");
    }
    buffer_clear(&name);
    buffer_clear(&header);
    return good;
}

/* The properties of an object in the schema; `place` is where the arguments have it. */
static bool walk(struct request *r, struct json schema, struct json arguments, char *place,
                 size_t len)
{
    struct json_iter it = json_iter(json_get(schema, STR("properties")));
    bool good = true;
    while (good && json_next(&it))
        good = walk_property(r, it.key, it.value, arguments, place, len);
    return good;
}

/* Most tools have none, and to parse a definition costs more than a call. */
static bool look_for_headers(struct str definition)
{
    return memmem(definition.ptr, definition.len, "x-mcp-header", 12) ||
           memmem(definition.ptr, definition.len, "\\u", 2);
}

/* Even to look through a definition is a tenth of a call, so it is remembered. */
static bool may_have_headers(struct mcp *mcp, const struct item *tool)
{
    const struct catalog_service *catalog = mcp->options.catalog;
    struct header_gate *gate = &mcp->header_gate;
    uint64_t generation = catalog->generation(catalog->ctx, ITEM_TOOL);
    size_t slot = ((uintptr_t)tool / sizeof(*tool)) % HEADER_GATE_SLOTS;
    if (gate->generation != generation)
        *gate = (struct header_gate){.generation = generation};
    if (gate->slots[slot].tool != tool) {
        gate->slots[slot].tool = tool;
        gate->slots[slot].open = look_for_headers(tool->json);
    }
    return gate->slots[slot].open;
}

bool http_params_agree(struct request *r, const struct item *tool)
{
    struct json_doc *doc;
    char place[PLACE_MAX] = "";
    if (!r->message->head || !tool || !may_have_headers(r->connection->mcp, tool))
        return true;
    if (json_parse(tool->json, &doc, NULL)) {
        answer_error(r, RPC_INTERNAL_ERROR, "out of memory");
        return false;
    }
    bool good = walk(r, json_get(json_root(doc), STR("inputSchema")), r->arguments, place, 0);
    json_free(doc);
    return good;
}
