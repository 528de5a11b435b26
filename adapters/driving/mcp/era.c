/* Which era a request belongs to, and what a modern one must say of itself. */
#include "adapters/driving/mcp/http/ladder.h"

#define META_VERSION "io.modelcontextprotocol/protocolVersion"
#define META_CAPABILITIES "io.modelcontextprotocol/clientCapabilities"
#define META_LOG_LEVEL "io.modelcontextprotocol/logLevel"

bool era_has_claim(bool in_session, struct json params)
{
    struct json meta = json_get(params, STR("_meta"));
    if (json_exists(json_get(meta, STR(META_VERSION))))
        return true;
    return !in_session && json_exists(json_get(meta, STR(META_CAPABILITIES)));
}

bool era_is_handshake(struct json method, struct json meta)
{
    bool modern = json_is(json_get(meta, STR(META_VERSION)), revision_name(REV_2026_07_28)) &&
                  json_type(json_get(meta, STR(META_CAPABILITIES))) == JSON_OBJECT;
    return !modern && json_is(method, STR("initialize"));
}

static void unsupported_version(struct request *r, struct json version)
{
    struct buffer data = BUFFER_INIT;
    struct json_writer w = json_writer(&data);
    json_begin_object(&w);
    json_key(&w, STR("supported"));
    json_begin_array(&w);
    json_write_string(&w, revision_name(REV_2026_07_28));
    json_end_array(&w);
    json_put_raw(&w, STR("requested"), json_text(version));
    json_end_object(&w);
    answer_error_data(r, RPC_UNSUPPORTED_VERSION,
                      buffer_failed(&data) ? STR("") : buffer_str(&data),
                      "protocol version %.*s is not supported here; older revisions are reached "
                      "by initialize",
                      STR_ARG(json_text(version)));
    buffer_clear(&data);
}

struct client_abilities era_abilities(const struct request *r)
{
    if (r->revision != REV_2026_07_28)
        return r->connection->abilities;
    return client_abilities_read(json_get(r->meta, STR(META_CAPABILITIES)), r->revision);
}

struct str era_capabilities(const struct request *r)
{
    if (r->revision != REV_2026_07_28)
        return buffer_str(&r->connection->capabilities);
    return json_text(json_get(r->meta, STR(META_CAPABILITIES)));
}

bool era_check_modern(struct request *r)
{
    struct json version = json_get(r->meta, STR(META_VERSION));
    struct json capabilities = json_get(r->meta, STR(META_CAPABILITIES));
    r->revision = REV_2026_07_28;
    if (json_type(version) != JSON_STRING) {
        answer_error(r, RPC_INVALID_PARAMS, "params._meta needs \"" META_VERSION "\", a string");
        return false;
    }
    if (json_type(capabilities) != JSON_OBJECT) {
        answer_error(r, RPC_INVALID_PARAMS,
                     "params._meta needs \"" META_CAPABILITIES "\", an object");
        return false;
    }
    if (!http_version_agrees(r, version))
        return false;
    if (!json_is(version, revision_name(REV_2026_07_28))) {
        unsupported_version(r, version);
        return false;
    }
    return true;
}

bool era_take_log_level(struct request *r)
{
    struct json level = json_get(r->meta, STR(META_LOG_LEVEL));
    if (!json_exists(level))
        return true;
    int lowest = log_level_of(level);
    if (lowest < 0) {
        answer_error(r, RPC_INVALID_PARAMS,
                     "params._meta[\"" META_LOG_LEVEL "\"] must be one of debug, info, notice, "
                     "warning, error, critical, alert, emergency");
        return false;
    }
    r->log_level = lowest;
    return true;
}
