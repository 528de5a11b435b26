/* Settings that do not go together are refused with what to do, and what clients are told of the
 * authorization server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/driven/authenticator/authenticator.h"
#include "core/base/str.h"

#define RESOURCE "https://mcp.example.com/team/mcp"

static const struct authenticator_config good = {
    .mode = AUTH_JWT,
    .resource = STR_INIT(RESOURCE),
    .issuers = STR_INIT("[\"https://auth.example.com\"]"),
    .algorithms = STR_INIT("[\"ES256\"]"),
    .required_scopes = STR_INIT("[]"),
};

static void assert_refused(const struct authenticator_config *config, const char *text)
{
    struct auth *auth;
    struct error err = {0};
    assert_int_equal(authenticator_new(config, &auth, &err), ST_CONFIG);
    assert_string_equal(err.text, text);
}

static void assert_taken(const struct authenticator_config *config)
{
    struct auth *auth;
    struct error err = {0};
    assert_int_equal(authenticator_new(config, &auth, &err), ST_OK);
    authenticator_free(auth);
}

static void test_resource(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "mcp.example.com",         "http://mcp.example.com/mcp",   "https://MCP.example.com",
        "https://a@example.com",   "https://mcp.example.com/",     "https://mcp.example.com/mcp?a",
        "https://example.com/#a",  "https://",                     "http://localhost.example.com",
        "https://example.com/a b", "https://example.com/\"",       "ftp://example.com",
        "http://127.0.0.1.evil",   "https://mcp.example.com/mcp/"};
    static const char *const right[] = {"https://mcp.example.com", "https://mcp.example.com:8443/mcp",
                                        "http://127.0.0.1:8000/mcp", "http://localhost:8000/mcp",
                                        "http://[::1]:8000/mcp"};
    struct authenticator_config config = good;
    char text[512];
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        config.resource = str_from(wrong[i]);
        snprintf(text, sizeof(text),
                 "auth.resource: %.*s cannot name this server: expected https, or http to loopback, "
                 "the host in small letters, without user, query, fragment and slash at the end",
                 STR_ARG(config.resource));
        assert_refused(&config, text);
    }
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        config.resource = str_from(right[i]);
        assert_taken(&config);
    }
    config.resource = STR("");
    assert_refused(&config, "auth.mode is jwt, so auth.resource must be the URL under which clients "
                            "know this server, e.g. https://mcp.example.com/mcp");
}

static void test_issuers(void **state)
{
    (void)state;
    struct authenticator_config config = good;
    config.issuers = STR("[\"http://auth.example.com\"]");
    assert_refused(&config,
                   "auth.issuers: http://auth.example.com is no issuer that can be trusted: expected "
                   "https, or http to loopback, without user, query and fragment");
    config.issuers = STR("[]");
    config.mode = AUTH_BOTH;
    assert_refused(&config,
                   "auth.mode is both, but auth.issuers is empty, so no token could be taken: add "
                   "the issuer URL of an authorization server");
    config = good;
    config.mode = AUTH_KEYS;
    assert_refused(&config,
                   "auth.issuers is set, but auth.mode is keys, so no token would be taken: set "
                   "auth.mode to jwt or both, or leave it out");
    config.mode = AUTH_NONE;
    config.issuers = STR("[]");
    config.jwks_uri = STR("https://auth.example.com/jwks");
    assert_refused(&config,
                   "auth.jwks_uri is set, but auth.mode is none, so no token would be taken: set "
                   "auth.mode to jwt or both, or leave it out");
}

static void test_jwks_uri(void **state)
{
    (void)state;
    struct authenticator_config config = good;
    config.jwks_uri = STR("http://auth.example.com/jwks");
    assert_refused(&config,
                   "auth.jwks_uri: keys from http://auth.example.com/jwks cannot be trusted: "
                   "expected https, or http to loopback, without user and fragment");
    config.jwks_uri = STR("https://auth.example.com/jwks?a=b");
    assert_taken(&config);
    config.issuers = STR("[\"https://a.example.com\",\"https://b.example.com/x\"]");
    assert_refused(&config, "auth.jwks_uri is for one issuer, and auth.issuers has several: leave it "
                            "out, then each is asked for its own");
}

static void test_algorithms(void **state)
{
    (void)state;
    static const char *const never[] = {"none", "HS256", "HS512", "rs256", "ES256K", "ES512", ""};
    struct authenticator_config config = good;
    char list[64], text[512];
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        snprintf(list, sizeof(list), "[\"RS256\",\"%s\"]", never[i]);
        snprintf(text, sizeof(text),
                 "auth.algorithms: %s is none of RS256, RS384, RS512, PS256, PS384, PS512, ES256, "
                 "ES384, EdDSA; others, shared secrets among them, are never taken",
                 never[i]);
        config.algorithms = str_from(list);
        assert_refused(&config, text);
    }
    config.algorithms = STR("[]");
    assert_refused(&config, "auth.algorithms is empty, so no token could be taken: leave it out for "
                            "RS256, ES256 and EdDSA");
}

static void test_scopes(void **state)
{
    (void)state;
    struct authenticator_config config = good;
    config.required_scopes = STR("[\"a b\"]");
    assert_refused(&config, "auth.required_scopes: \"a b\" is no scope: expected visible ASCII "
                            "without spaces, \" and \\");
    config.required_scopes = STR("[\"\"]");
    assert_refused(&config, "auth.required_scopes: \"\" is no scope: expected visible ASCII without "
                            "spaces, \" and \\");
}

/* ---- metadata ---- */

static struct {
    int status;
    char header[128], body[512];
} answered;

static void respond(struct http_exchange *exchange, int status, const struct http_header *headers,
                    size_t count, struct str body)
{
    (void)exchange;
    assert_int_equal(count, 2);
    assert_true(str_eq(headers[0].name, STR("Content-Type")));
    assert_true(str_eq(headers[0].value, STR("application/json")));
    answered.status = status;
    snprintf(answered.header, sizeof(answered.header), "%.*s: %.*s", STR_ARG(headers[1].name),
             STR_ARG(headers[1].value));
    snprintf(answered.body, sizeof(answered.body), "%.*s", STR_ARG(body));
}

static const struct http_answer answers = {.respond = respond};

static void request(const struct auth *auth, const char *method, const char *path)
{
    const struct http_route *route = authenticator_metadata_route(auth);
    struct http_request r = {
        .method = str_from(method), .path = str_from(path), .answer = &answers};
    assert_true(route->open && route->beneath);
    assert_true(str_eq(route->path, STR("/.well-known/oauth-protected-resource")));
    assert_true(str_starts(r.path, route->path));
    answered.status = 0;
    route->handle(route->ctx, &r);
}

static void test_metadata(void **state)
{
    (void)state;
    static const char *const paths[] = {"/.well-known/oauth-protected-resource",
                                        "/.well-known/oauth-protected-resource/mcp",
                                        "/.well-known/oauth-protected-resource/team/mcp"};
    struct authenticator_config config = good;
    struct auth *auth;
    config.required_scopes = STR("[\"mcp:use\",\"b\"]");
    assert_int_equal(authenticator_new(&config, &auth, NULL), ST_OK);
    for (size_t i = 0; i < 3; i++) {
        request(auth, i ? "GET" : "HEAD", paths[i]);
        assert_int_equal(answered.status, 200);
        assert_string_equal(answered.header, "Cache-Control: public, max-age=300");
        assert_string_equal(answered.body,
                            "{\"resource\":\"" RESOURCE "\","
                            "\"authorization_servers\":[\"https://auth.example.com\"],"
                            "\"scopes_supported\":[\"mcp:use\",\"b\"],"
                            "\"bearer_methods_supported\":[\"header\"]}");
    }
    request(auth, "GET", "/.well-known/oauth-protected-resource/other");
    assert_int_equal(answered.status, 404);
    assert_string_equal(answered.body, "{\"error\":\"there is nothing here\"}");
    request(auth, "POST", paths[0]);
    assert_int_equal(answered.status, 405);
    assert_string_equal(answered.header, "Allow: GET, HEAD");
    struct str challenge = authenticator_port(auth)->challenge(authenticator_port(auth)->ctx);
    assert_true(str_eq(challenge, STR("resource_metadata=\"https://mcp.example.com/.well-known/"
                                      "oauth-protected-resource/team/mcp\"")));
    authenticator_free(auth);
}

static void test_no_metadata(void **state)
{
    (void)state;
    static const enum auth_mode modes[] = {AUTH_NONE, AUTH_KEYS};
    struct authenticator_config config = good;
    config.issuers = STR("[]");
    for (size_t i = 0; i < 2; i++) {
        struct auth *auth;
        config.mode = modes[i];
        assert_int_equal(authenticator_new(&config, &auth, NULL), ST_OK);
        request(auth, "GET", "/.well-known/oauth-protected-resource/mcp");
        assert_int_equal(answered.status, 404);
        assert_int_equal(authenticator_port(auth)->challenge(authenticator_port(auth)->ctx).len, 0);
        authenticator_free(auth);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resource),   cmocka_unit_test(test_issuers),
        cmocka_unit_test(test_jwks_uri),   cmocka_unit_test(test_algorithms),
        cmocka_unit_test(test_scopes),     cmocka_unit_test(test_metadata),
        cmocka_unit_test(test_no_metadata),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
