/* Where a reference leads. */
#include "core/schema/node.h"
#include "core/uri/reference.h"

/* Many references into large objects: about a tenth of a second. */
#define MAX_LOOKUPS UINT64_C(20000000)

static struct resource *find_resource(const struct schema *schema, struct str uri)
{
    for (struct resource *r = schema->resources; r; r = r->next)
        if (str_eq(r->uri, uri) || (r->found.len && str_eq(r->found, uri)))
            return r;
    return NULL;
}

/* Brings the document under `uri` in, if there is one in this process. */
static int load_resource(struct schema *schema, struct str uri, struct resource **out,
                         struct error *err)
{
    struct json_doc *json = library_find(schema->library, uri);
    struct str text = metaschema_text(uri);
    bool own = !json;
    if (!json && text.len == 0)
        return ST_NOT_FOUND;
    if (!json) {
        int rc = json_parse(text, &json, err);
        if (rc)
            return rc;
    }
    return scan_document(schema, json, uri, own, out, err);
}

/* One step of a JSON Pointer, with ~0 and ~1 decoded. */
static struct json step(struct json at, struct str token)
{
    struct buffer name = BUFFER_INIT;
    struct json found = json_none();
    for (size_t i = 0; i < token.len; i++) {
        bool escape = token.ptr[i] == '~' && i + 1 < token.len;
        buffer_add_char(&name, !escape ? token.ptr[i] : token.ptr[++i] == '1' ? '/' : '~');
    }
    if (buffer_failed(&name)) {
        found = json_none();
    } else if (json_type(at) == JSON_OBJECT) {
        found = json_get(at, buffer_str(&name));
    } else if (json_type(at) == JSON_ARRAY && name.len && name.len < 10 &&
               (name.data[0] != '0' || name.len == 1)) {
        uint32_t index = 0;
        bool digits = true;
        for (size_t i = 0; i < name.len; i++) {
            digits = digits && name.data[i] >= '0' && name.data[i] <= '9';
            index = index * 10 + (uint32_t)(name.data[i] - '0');
        }
        found = digits ? json_at(at, index) : json_none();
    }
    buffer_clear(&name);
    return found;
}

static struct json follow_pointer(struct schema *schema, struct json at, struct str pointer)
{
    while (pointer.len && json_exists(at)) {
        schema->lookups += json_count(at);
        struct str token = {pointer.ptr + 1, 0};
        while (token.len + 1 < pointer.len && token.ptr[token.len] != '/')
            token.len++;
        at = step(at, token);
        pointer.ptr += token.len + 1;
        pointer.len -= token.len + 1;
    }
    return at;
}

static struct anchor *find_anchor(const struct resource *r, struct str name)
{
    struct anchor *anchor = r->anchors;
    while (anchor && !str_eq(anchor->name, name))
        anchor = anchor->next;
    return anchor;
}

static struct json follow(struct schema *schema, const struct resource *r, struct str fragment,
                          struct anchor **anchor)
{
    struct str name = uri_decode(&schema->arena, fragment);
    if (name.len == 0)
        return r->root;
    if (name.ptr[0] == '/')
        return follow_pointer(schema, r->root, name);
    *anchor = find_anchor(r, name);
    return *anchor ? (*anchor)->at : json_none();
}

int resolve_reference(struct schema *schema, const struct resource *from, struct json reference,
                      struct json *at, struct anchor **anchor, struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text, uri, fragment;
    if (!json_string(reference, &scratch, &text)) {
        buffer_clear(&scratch);
        return error_set(err, ST_INVALID, "a reference must be a string");
    }
    struct str whole = uri_resolve(&schema->arena, from->uri, text);
    buffer_clear(&scratch);
    if (!whole.ptr && schema->arena.failed)
        return error_set(err, ST_NOMEM, "out of memory");
    if (!whole.ptr)
        return error_set(err, ST_TOO_LARGE, "a reference is longer than %d bytes", URI_REFERENCE_MAX_BYTES);
    if (schema->lookups > MAX_LOOKUPS)
        return error_set(err, ST_TOO_LARGE, "the references need too many steps to follow");
    uri_split(whole, &uri, &fragment);
    struct resource *target = find_resource(schema, uri);
    int rc = target ? ST_OK : load_resource(schema, uri, &target, err);
    *anchor = NULL;
    if (!rc) {
        *at = follow(schema, target, fragment, anchor);
        if (!json_exists(*at))
            rc = ST_NOT_FOUND;
    }
    if (rc == ST_NOT_FOUND && !target)
        return error_set(err, ST_NOT_FOUND,
                         "%.*s leads nowhere: there is no schema \"%.*s\" here, and schemas are "
                         "never fetched; put it below $defs",
                         STR_ARG(json_text(reference)), STR_ARG(uri));
    if (rc == ST_NOT_FOUND)
        return error_set(err, ST_NOT_FOUND, "%.*s leads nowhere: the schema has no such place",
                         STR_ARG(json_text(reference)));
    return rc;
}
