#include "adapters/driven/authenticator/rules.h"

#include "adapters/driven/authenticator/algorithms.h"
#include "adapters/driven/authenticator/url.h"
#include "core/json/json.h"

static const char *const mode_names[] = {"none", "keys", "jwt", "both"};

static int refuse(struct error *err, const char *text)
{
    return error_set(err, ST_CONFIG, "%s", text);
}

typedef int take_fn(struct auth_rules *rules, struct str text, struct error *err);

/* Calls take() with each string of a JSON array. */
static int each(struct str list, take_fn *take, struct auth_rules *rules, struct error *err)
{
    struct json_doc *doc;
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    int rc = json_parse(list, &doc, err);
    if (rc)
        return rc;
    struct json_iter it = json_iter(json_root(doc));
    while (!rc && json_next(&it)) {
        buffer_reset(&scratch, 256);
        rc = json_string(it.value, &scratch, &text)
                 ? take(rules, text, err)
                 : error_set(err, ST_CONFIG, "a setting of auth is no list of texts");
    }
    buffer_clear(&scratch);
    json_free(doc);
    return rc;
}

static int keep(struct auth_rules *rules, struct str text, struct str *out, struct error *err)
{
    *out = arena_copy(&rules->arena, text);
    return rules->arena.failed ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

/* ---- lists ---- */

static int take_issuer(struct auth_rules *rules, struct str text, struct error *err)
{
    struct url url;
    if (!url_parse(text, &url) || url.has_query)
        return error_set(err, ST_CONFIG,
                         "auth.issuers: %.*s is no issuer that can be trusted: expected https, or "
                         "http to loopback, without user, query and fragment",
                         STR_ARG(text));
    if (rules->issuer_count == ISSUERS_MAX)
        return error_set(err, ST_CONFIG, "auth.issuers has more than %d issuers", ISSUERS_MAX);
    return keep(rules, text, &rules->issuers[rules->issuer_count++], err);
}

static int take_algorithm(struct auth_rules *rules, struct str text, struct error *err)
{
    enum token_algorithm algorithm;
    if (!algorithm_parse(text, &algorithm))
        return error_set(err, ST_CONFIG,
                         "auth.algorithms: %.*s is none of RS256, RS384, RS512, PS256, PS384, PS512, "
                         "ES256, ES384, EdDSA; others, shared secrets among them, are never taken",
                         STR_ARG(text));
    rules->algorithms |= 1u << algorithm;
    return ST_OK;
}

static int take_scope(struct auth_rules *rules, struct str text, struct error *err)
{
    bool good = text.len > 0;
    for (size_t i = 0; i < text.len; i++)
        good = good && text.ptr[i] > 0x20 && text.ptr[i] < 0x7f && text.ptr[i] != '"' &&
               text.ptr[i] != '\\';
    if (!good)
        return error_set(err, ST_CONFIG,
                         "auth.required_scopes: \"%.*s\" is no scope: expected visible ASCII without "
                         "spaces, \" and \\",
                         STR_ARG(text));
    if (rules->scope_count == SCOPES_MAX)
        return error_set(err, ST_CONFIG, "auth.required_scopes has more than %d scopes", SCOPES_MAX);
    return keep(rules, text, &rules->scopes[rules->scope_count++], err);
}

static int join_scopes(struct auth_rules *rules, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    for (size_t i = 0; i < rules->scope_count; i++) {
        buffer_add_str(&text, i ? STR(" ") : STR(""));
        buffer_add_str(&text, rules->scopes[i]);
    }
    int rc = buffer_failed(&text) ? error_set(err, ST_NOMEM, "out of memory")
                                  : keep(rules, buffer_str(&text), &rules->scope_text, err);
    buffer_clear(&text);
    return rc;
}

/* ---- what goes together ---- */

static int check_resource(const struct auth_rules *rules, struct error *err)
{
    struct url url;
    if (rules->resource.len == 0)
        return error_set(err, ST_CONFIG,
                         "auth.mode is %s, so auth.resource must be the URL under which clients know "
                         "this server, e.g. https://mcp.example.com/mcp",
                         mode_names[rules->mode]);
    if (!url_parse(rules->resource, &url) || url.has_query ||
        str_ends(rules->resource, STR("/")))
        return error_set(err, ST_CONFIG,
                         "auth.resource: %.*s cannot name this server: expected https, or http to "
                         "loopback, the host in small letters, without user, query, fragment and "
                         "slash at the end",
                         STR_ARG(rules->resource));
    return ST_OK;
}

static int check_jwks_uri(const struct auth_rules *rules, struct error *err)
{
    struct url url;
    if (rules->jwks_uri.len == 0)
        return ST_OK;
    if (rules->issuer_count != 1)
        return refuse(err, "auth.jwks_uri is for one issuer, and auth.issuers has several: leave it "
                           "out, then each is asked for its own");
    if (!url_parse(rules->jwks_uri, &url))
        return error_set(err, ST_CONFIG,
                         "auth.jwks_uri: keys from %.*s cannot be trusted: expected https, or http "
                         "to loopback, without user and fragment",
                         STR_ARG(rules->jwks_uri));
    return ST_OK;
}

static int check_tokens(const struct auth_rules *rules, struct error *err)
{
    int rc = check_resource(rules, err);
    if (rc)
        return rc;
    if (rules->issuer_count == 0)
        return error_set(err, ST_CONFIG,
                         "auth.mode is %s, but auth.issuers is empty, so no token could be taken: "
                         "add the issuer URL of an authorization server",
                         mode_names[rules->mode]);
    if (rules->algorithms == 0)
        return refuse(err, "auth.algorithms is empty, so no token could be taken: leave it out for "
                           "RS256, ES256 and EdDSA");
    return check_jwks_uri(rules, err);
}

static int check(const struct auth_rules *rules, struct error *err)
{
    if (rules_take_tokens(rules))
        return check_tokens(rules, err);
    if (rules->issuer_count || rules->jwks_uri.len)
        return error_set(err, ST_CONFIG,
                         "%s is set, but auth.mode is %s, so no token would be taken: set auth.mode "
                         "to jwt or both, or leave it out",
                         rules->issuer_count ? "auth.issuers" : "auth.jwks_uri",
                         mode_names[rules->mode]);
    return ST_OK;
}

static int read_all(const struct authenticator_config *config, struct auth_rules *rules,
                    struct error *err)
{
    struct str audience = config->audience.len ? config->audience : config->resource;
    int rc = each(config->issuers, take_issuer, rules, err);
    if (!rc)
        rc = each(config->algorithms, take_algorithm, rules, err);
    if (!rc)
        rc = each(config->required_scopes, take_scope, rules, err);
    if (!rc)
        rc = keep(rules, config->resource, &rules->resource, err);
    if (!rc)
        rc = keep(rules, audience, &rules->audience, err);
    if (!rc)
        rc = keep(rules, config->jwks_uri, &rules->jwks_uri, err);
    if (!rc)
        rc = keep(rules, config->tenant_claim, &rules->tenant_claim, err);
    if (!rc)
        rc = join_scopes(rules, err);
    return rc ? rc : check(rules, err);
}

int rules_read(const struct authenticator_config *config, struct auth_rules *out,
               struct error *err)
{
    struct auth_rules rules = {.mode = config->mode, .leeway_ms = config->leeway_ms};
    int rc = read_all(config, &rules, err);
    if (rc)
        rules_clear(&rules);
    else
        *out = rules;
    return rc;
}

void rules_clear(struct auth_rules *rules)
{
    arena_clear(&rules->arena);
}
