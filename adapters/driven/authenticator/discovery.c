#include "adapters/driven/authenticator/discovery.h"

#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/authenticator/authenticator.h"
#include "adapters/driven/authenticator/url.h"

#define URL_MAX 2048

/* The metadata's places, in the order in which MCP clients try them. */
static const struct {
    const char *name;
    bool behind; /* behind the issuer's path instead of in front of it */
} places[] = {
    {"/.well-known/oauth-authorization-server", false},
    {"/.well-known/openid-configuration", false},
    {"/.well-known/openid-configuration", true},
};
#define PLACES (sizeof(places) / sizeof(places[0]))

static int get(const struct key_request *request, const char *url, struct buffer *out,
               int64_t *max_age_s, struct error *err)
{
    const struct fetch fetch = {.url = url,
                                .most_bytes = AUTH_FETCH_BYTES_MAX,
                                .timeout_ms = AUTH_FETCH_TIMEOUT_MS,
                                .stopped = request->stopped,
                                .ctx = request->ctx};
    return request->module->get(&fetch, out, max_age_s, err);
}

static bool place_of(const struct url *issuer, size_t place, char out[URL_MAX])
{
    struct str path = issuer->path;
    if (str_ends(path, STR("/")))
        path.len--;
    if (places[place].behind && path.len == 0)
        return false; /* the same as the one before */
    struct str name = str_from(places[place].name);
    struct str first = places[place].behind ? path : name;
    struct str second = places[place].behind ? name : path;
    int len = snprintf(out, URL_MAX, "%.*s%.*s%.*s", STR_ARG(issuer->origin), STR_ARG(first),
                       STR_ARG(second));
    return len > 0 && len < URL_MAX;
}

/* Metadata that speaks for another issuer must not be used (RFC 8414, 3.3). */
static int read_metadata(const struct key_request *request, const char *place, struct str text,
                         char out[URL_MAX], struct error *err)
{
    struct json_doc *doc;
    struct buffer scratch = BUFFER_INIT;
    struct str uri = {NULL, 0};
    struct url issuer, url;
    int rc = ST_OK;
    if (json_parse(text, &doc, NULL))
        return error_set(err, ST_UNAVAILABLE, "%s: the answer is no JSON", place);
    url_parse(request->issuer, &issuer);
    if (!json_is(json_get(json_root(doc), STR("issuer")), request->issuer))
        rc = error_set(err, ST_UNAVAILABLE, "%s: the answer is about another issuer than %.*s",
                       place, STR_ARG(request->issuer));
    else if (!json_string(json_get(json_root(doc), STR("jwks_uri")), &scratch, &uri) ||
             uri.len >= URL_MAX || !url_parse(uri, &url) || (url.loopback && !issuer.loopback))
        rc = error_set(err, ST_UNAVAILABLE,
                       "%s: its jwks_uri is missing, or is not one that can be trusted", place);
    else
        snprintf(out, URL_MAX, "%.*s", STR_ARG(uri));
    buffer_clear(&scratch);
    json_free(doc);
    return rc;
}

/* The first place that answers decides. */
static int discover(const struct key_request *request, char out[URL_MAX], struct error *err)
{
    struct url issuer;
    char place[URL_MAX];
    int64_t ignored;
    int rc = error_set(err, ST_UNAVAILABLE, "the issuer is no URL");
    if (!url_parse(request->issuer, &issuer))
        return rc;
    for (size_t i = 0; rc && i < PLACES; i++) {
        struct buffer text = BUFFER_INIT;
        if (!place_of(&issuer, i, place))
            continue;
        rc = get(request, place, &text, &ignored, err);
        if (!rc) {
            rc = read_metadata(request, place, buffer_str(&text), out, err);
            buffer_clear(&text);
            return rc;
        }
        buffer_clear(&text);
    }
    return rc;
}

int keys_fetch(const struct key_request *request, struct key_set **out, int64_t *max_age_s,
               struct error *err)
{
    char url[URL_MAX];
    struct buffer text = BUFFER_INIT;
    struct error fault;
    int rc = ST_OK;
    if (request->jwks_uri.len == 0)
        rc = discover(request, url, err);
    else if (snprintf(url, sizeof(url), "%.*s", STR_ARG(request->jwks_uri)) >= URL_MAX)
        rc = error_set(err, ST_UNAVAILABLE, "auth.jwks_uri is longer than %d bytes", URL_MAX - 1);
    if (!rc)
        rc = get(request, url, &text, max_age_s, err);
    if (!rc && key_set_parse(buffer_str(&text), request->module, out, &fault))
        rc = error_set(err, ST_UNAVAILABLE, "%s: %s", url, fault.text);
    buffer_clear(&text);
    return rc;
}
