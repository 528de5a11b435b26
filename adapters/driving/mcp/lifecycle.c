/* initialize, server/discover, ping. */
#include "adapters/driving/mcp/subscriptions.h"

/* How long a client may keep what discover told it: it cannot change while the server runs. */
#define DISCOVER_TTL_MS 3600000

/* What is really served: every list can change, and every method answers, if only with nothing. */
static void write_capabilities(const struct request *r, struct json_writer *w)
{
    json_begin_object(w);
    if (revision_has(r->revision, FEATURE_COMPLETIONS))
        json_put_raw(w, STR("completions"), STR("{}"));
    json_put_raw(w, STR("logging"), STR("{}"));
    json_put_raw(w, STR("prompts"), STR("{\"listChanged\":true}"));
    json_put_raw(w, STR("resources"), STR("{\"listChanged\":true,\"subscribe\":true}"));
    json_put_raw(w, STR("tools"), STR("{\"listChanged\":true}"));
    task_write_capability(r, w);
    json_end_object(w);
}

static void put_instructions(struct request *r, struct json_writer *w)
{
    struct str text = r->connection->mcp->options.instructions;
    if (text.len)
        json_put_string(w, STR("instructions"), text);
}

static void write_legacy_info(struct request *r, struct json_writer *w)
{
    const struct mcp_options *options = &r->connection->mcp->options;
    json_begin_object(w);
    json_put_string(w, STR("name"), options->server_name);
    if (revision_has(r->revision, FEATURE_TITLE) && options->server_title.len)
        json_put_string(w, STR("title"), options->server_title);
    json_put_string(w, STR("version"), options->server_version);
    json_end_object(w);
}

/* The revision that was asked for, if it has a handshake; else the latest one that has. */
static enum revision negotiate(struct json version)
{
    enum revision asked = REV_2024_11_05;
    while (asked < REV_LATEST_LEGACY && !json_is(version, revision_name(asked)))
        asked++;
    return asked;
}

void initialize_handle(struct request *r)
{
    struct connection *c = r->connection;
    struct json version = json_get(r->params, STR("protocolVersion"));
    if (c->initialized) {
        answer_error(r, RPC_INVALID_REQUEST, "this connection is initialized already");
        return;
    }
    if (json_type(version) != JSON_STRING) {
        answer_error(r, RPC_INVALID_PARAMS, "initialize needs \"protocolVersion\", a string");
        return;
    }
    if (json_type(json_get(r->params, STR("capabilities"))) != JSON_OBJECT ||
        json_type(json_get(r->params, STR("clientInfo"))) != JSON_OBJECT) {
        answer_error(r, RPC_INVALID_PARAMS,
                     "initialize needs \"capabilities\" and \"clientInfo\", objects");
        return;
    }
    r->revision = c->revision = negotiate(version);
    c->initialized = true;
    buffer_add_str(&c->capabilities, json_text(json_get(r->params, STR("capabilities"))));
    subscriptions_begin_session(c);
    c->abilities = client_abilities_read(json_get(r->params, STR("capabilities")), r->revision);
    struct json_writer w = answer_begin(r);
    json_begin_object(&w);
    json_put_string(&w, STR("protocolVersion"), revision_name(r->revision));
    json_key(&w, STR("capabilities"));
    write_capabilities(r, &w);
    json_key(&w, STR("serverInfo"));
    write_legacy_info(r, &w);
    put_instructions(r, &w);
    json_end_object(&w);
    answer_send(r);
}

void discover_handle(struct request *r)
{
    struct json_writer w = answer_begin(r);
    json_begin_object(&w);
    json_put_string(&w, STR("resultType"), STR("complete"));
    json_key(&w, STR("supportedVersions"));
    json_begin_array(&w);
    json_write_string(&w, revision_name(REV_2026_07_28));
    json_end_array(&w);
    json_key(&w, STR("capabilities"));
    write_capabilities(r, &w);
    put_instructions(r, &w);
    json_put_i64(&w, STR("ttlMs"), DISCOVER_TTL_MS);
    json_put_string(&w, STR("cacheScope"), STR("private"));
    answer_modern_meta(r, &w, json_none());
    json_end_object(&w);
    answer_send(r);
}

void ping_handle(struct request *r)
{
    answer_empty(r);
}
