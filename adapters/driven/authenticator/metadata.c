#include "adapters/driven/authenticator/metadata.h"

#include <stdlib.h>

#include "adapters/driven/authenticator/url.h"
#include "core/json/writer.h"

#define WELL_KNOWN "/.well-known/oauth-protected-resource"

struct metadata {
    const struct auth_rules *rules;
    struct http_route route;
    struct buffer document, challenge;
    struct str path; /* of the resource */
};

static void put_list(struct json_writer *w, struct str key, const struct str *list, size_t count)
{
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        json_write_string(w, list[i]);
    json_end_array(w);
}

static void write_document(const struct auth_rules *rules, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("resource"), rules->resource);
    put_list(&w, STR("authorization_servers"), rules->issuers, rules->issuer_count);
    if (rules->scope_count)
        put_list(&w, STR("scopes_supported"), rules->scopes, rules->scope_count);
    put_list(&w, STR("bearer_methods_supported"), &STR("header"), 1);
    json_end_object(&w);
}

static void write_challenge(const struct url *resource, struct buffer *out)
{
    buffer_add_str(out, STR("resource_metadata=\""));
    buffer_add_str(out, resource->origin);
    buffer_add_str(out, STR(WELL_KNOWN));
    buffer_add_str(out, resource->path);
    buffer_add_char(out, '"');
}

static void respond(const struct http_request *request, int status, struct http_header header,
                    struct str body)
{
    const struct http_header headers[] = {{STR("Content-Type"), STR("application/json")}, header};
    request->answer->respond(request->exchange, status, headers, 2, body);
}

/* At the root, at the resource's own path, and at the path that is usual for MCP. */
static bool is_here(const struct metadata *m, struct str path)
{
    const struct str root = STR(WELL_KNOWN);
    struct str rest = {path.ptr + root.len, path.len - root.len};
    return rest.len == 0 || str_eq(rest, m->path) || str_eq(rest, STR("/mcp"));
}

static void handle(void *ctx, struct http_request *request)
{
    const struct metadata *m = ctx;
    const struct http_header no_store = {STR("Cache-Control"), STR("no-store")};
    if (!rules_take_tokens(m->rules) || !is_here(m, request->path))
        respond(request, 404, no_store, STR("{\"error\":\"there is nothing here\"}"));
    else if (!str_eq(request->method, STR("GET")) && !str_eq(request->method, STR("HEAD")))
        respond(request, 405, (struct http_header){STR("Allow"), STR("GET, HEAD")},
                STR("{\"error\":\"only GET is allowed here\"}"));
    else
        respond(request, 200,
                (struct http_header){STR("Cache-Control"), STR("public, max-age=300")},
                buffer_str(&m->document));
}

int metadata_new(const struct auth_rules *rules, struct metadata **out, struct error *err)
{
    struct metadata *m = calloc(1, sizeof(*m));
    struct url resource;
    if (!m)
        return error_set(err, ST_NOMEM, "out of memory");
    m->rules = rules;
    m->route = (struct http_route){
        .path = STR(WELL_KNOWN), .beneath = true, .open = true, .ctx = m, .handle = handle};
    if (rules_take_tokens(rules) && url_parse(rules->resource, &resource)) {
        m->path = resource.path;
        write_document(rules, &m->document);
        write_challenge(&resource, &m->challenge);
    }
    if (buffer_failed(&m->document) || buffer_failed(&m->challenge)) {
        metadata_free(m);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *out = m;
    return ST_OK;
}

void metadata_free(struct metadata *m)
{
    if (!m)
        return;
    buffer_clear(&m->document);
    buffer_clear(&m->challenge);
    free(m);
}

const struct http_route *metadata_route(const struct metadata *m)
{
    return &m->route;
}

struct str metadata_challenge(const struct metadata *m)
{
    return buffer_str(&m->challenge);
}
