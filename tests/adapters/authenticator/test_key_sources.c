/* The keys of issuers: found, fetched, kept, exchanged, and what cannot be fetched. */
#include "bench.h"

static void test_rotation(void **state)
{
    (void)state;
    const char *header = "{\"alg\":\"RS256\",\"kid\":\"rsa-b\"}";
    char payload[512];
    snprintf(payload, sizeof(payload),
             "{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\",\"exp\":1800000000}", issuer);
    assert_int_equal(ask(good_token()).verdict, CREDENTIALS_OK);
    char *token = strdup(bearer(header, payload, signers[RSA_B], TOKEN_RS256));
    put_keys("", true);
    now_ms += REFETCH_MS - 1;
    for (int i = 0; i < 100; i++)
        assert_answer(token, CREDENTIALS_INVALID,
                      NO_SUCH_KEY);
    assert_int_equal(web_asked(web, "/jwks"), 1);
    now_ms++;
    assert_int_equal(ask(token).verdict, CREDENTIALS_OK);
    assert_int_equal(web_asked(web, "/jwks"), 2);
    /* And away again, as soon as the old ones are too old. */
    put_keys("", false);
    now_ms += AUTH_KEYS_FRESH_MS - 1;
    assert_int_equal(ask(token).verdict, CREDENTIALS_OK);
    assert_int_equal(web_asked(web, "/jwks"), 2);
    now_ms++;
    assert_int_equal(ask(token).verdict, CREDENTIALS_OK);
    assert_int_equal(web_asked(web, "/jwks"), 3);
    assert_answer(token, CREDENTIALS_INVALID,
                  NO_SUCH_KEY);
    assert_int_equal(log_lines, 0);
    free(token);
}

/* What Cache-Control says counts between a minute and an hour. */
static void assert_fresh_for(const char *cache_control, int64_t ms)
{
    struct authenticator_config config = config_of(AUTH_JWT);
    char payload[512];
    snprintf(payload, sizeof(payload),
             "{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\",\"exp\":1800000000}", issuer);
    open_auth(&config);
    put_keys(cache_control, false);
    assert_int_equal(ask(signed_claims(payload)).verdict, CREDENTIALS_OK);
    unsigned asked = web_asked(web, "/jwks");
    now_ms += ms - 1;
    assert_int_equal(ask(signed_claims(payload)).verdict, CREDENTIALS_OK);
    assert_int_equal(web_asked(web, "/jwks"), asked);
    now_ms++;
    assert_int_equal(ask(signed_claims(payload)).verdict, CREDENTIALS_OK);
    assert_int_equal(web_asked(web, "/jwks"), asked + 1);
}

static void test_cache_control(void **state)
{
    (void)state;
    assert_fresh_for("", AUTH_KEYS_FRESH_MS);
    assert_fresh_for("Cache-Control: public, max-age=300\r\n", 300000);
    assert_fresh_for("cache-control:max-age=120, must-revalidate\r\n", 120000);
    assert_fresh_for("Cache-Control: max-age=1\r\n", AUTH_KEYS_FRESH_MIN_MS);
    assert_fresh_for("Cache-Control: no-store\r\n", AUTH_KEYS_FRESH_MIN_MS);
    assert_fresh_for("Cache-Control: max-age=99999999999999999999\r\n", AUTH_KEYS_FRESH_MAX_MS);
    assert_fresh_for("Cache-Control: s-maxage=70, x-max-age=80\r\n", AUTH_KEYS_FRESH_MS);
}

static void test_old_keys_while_there_are_no_new_ones(void **state)
{
    (void)state;
    char payload[512], wanted[1024];
    snprintf(payload, sizeof(payload),
             "{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\",\"exp\":1800000000}", issuer);
    assert_int_equal(ask(signed_claims(payload)).verdict, CREDENTIALS_OK);
    web_put(web, "/jwks", "500 Internal Server Error", "", "");
    now_ms += AUTH_KEYS_FRESH_MS;
    for (int i = 0; i < 10; i++, now_ms += REFETCH_MS)
        assert_int_equal(ask(signed_claims(payload)).verdict, CREDENTIALS_OK);
    assert_int_equal(web_asked(web, "/jwks"), 11);
    snprintf(wanted, sizeof(wanted),
             "the keys of %s cannot be fetched, so those of before are used for a day at most: "
             "%s: answered with status 500\n",
             issuer, jwks_uri);
    assert_string_equal(logged, wanted);
    now_ms = BEGIN_MS + AUTH_KEYS_STALE_MS;
    assert_int_equal(ask(signed_claims(payload)).verdict, CREDENTIALS_OK);
    now_ms++;
    assert_answer(signed_claims(payload), CREDENTIALS_UNAVAILABLE,
                  "The keys of the token's issuer cannot be had now.");
    put_keys("", false);
    now_ms += REFETCH_MS;
    assert_int_equal(ask(signed_claims(payload)).verdict, CREDENTIALS_OK);
    snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted),
             "the keys of %s can be fetched again\n", issuer);
    assert_string_equal(logged, wanted);
}

static void assert_fetch_fails(const char *reason)
{
    char wanted[1024];
    struct authenticator_config config = config_of(AUTH_JWT);
    open_auth(&config);
    logged[0] = '\0';
    for (int i = 0; i < 3; i++)
        assert_answer(good_token(), CREDENTIALS_UNAVAILABLE,
                      "The keys of the token's issuer cannot be had now.");
    snprintf(wanted, sizeof(wanted),
             "the keys of %s cannot be fetched, so nobody is let in by a token of it: %s%s\n", issuer,
             issuer, reason);
    assert_string_equal(logged, wanted);
}

static void test_fetches_that_fail(void **state)
{
    (void)state;
    char url[128];
    char *large = malloc(AUTH_FETCH_BYTES_MAX + 2);
    memset(large, ' ', AUTH_FETCH_BYTES_MAX + 1);
    large[AUTH_FETCH_BYTES_MAX + 1] = '\0';
    web_put(web, "/jwks", "200 OK", "", large);
    assert_fetch_fails("/jwks: the answer is longer than 262144 bytes");
    free(large);
    web_put(web, "/jwks", "200 OK", "", "<html>");
    assert_fetch_fails("/jwks: unexpected character at byte 0");
    web_put(web, "/jwks", "200 OK", "", "{\"keys\":[]}");
    assert_fetch_fails("/jwks: there is no key in it that a token can be signed with");
    web_put(web, "/jwks", "200 OK", "",
            "{\"keys\":[{\"kid\":\"secret\",\"kty\":\"oct\",\"k\":\"AAAA\"},"
            "{\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"AAAA\",\"e\":\"AQAB\"},"
            "{\"kid\":\"b\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"AAAA\"},7]}");
    assert_fetch_fails("/jwks: there is no key in it that a token can be signed with");
    web_put(web, "/jwks", "302 Found", "Location: https://evil.example.com/\r\n", "");
    assert_fetch_fails("/jwks: answered with a redirect (302), which is not followed");
    put_metadata("https://evil.example.com", jwks_uri);
    snprintf(url, sizeof(url), METADATA ": the answer is about another issuer than %s", issuer);
    assert_fetch_fails(url);
    static const char *const bad[] = {"http://192.0.2.1/jwks", "file:///etc/passwd",
                                      "ftp://127.0.0.1/", "https://user@example.com/", ""};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        put_metadata(issuer, bad[i]);
        assert_fetch_fails(METADATA ": its jwks_uri is missing, or is not one that can be trusted");
    }
    web_put(web, METADATA, "404 Not Found", "", "");
    assert_fetch_fails("/.well-known/openid-configuration: answered with status 404");
}

static void test_openid_discovery(void **state)
{
    (void)state;
    char text[512];
    snprintf(text, sizeof(text), "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"}", issuer, jwks_uri);
    web_put(web, METADATA, "404 Not Found", "", "");
    web_put(web, "/.well-known/openid-configuration", "200 OK", "", text);
    assert_int_equal(ask(good_token()).verdict, CREDENTIALS_OK);
    /* An issuer with a path. */
    char path[96];
    snprintf(path, sizeof(path), "%s/realms/a", issuer);
    snprintf(text, sizeof(text), "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"}", path, jwks_uri);
    web_put(web, "/realms/a/.well-known/openid-configuration", "200 OK", "", text);
    snprintf(issuers, sizeof(issuers), "[\"%s\"]", path);
    struct authenticator_config config = config_of(AUTH_JWT);
    open_auth(&config);
    snprintf(text, sizeof(text),
             "{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\",\"exp\":1700000600}", path);
    assert_int_equal(ask(signed_claims(text)).verdict, CREDENTIALS_OK);
    assert_int_equal(web_asked(web, METADATA "/realms/a"), 1);
    assert_int_equal(web_asked(web, "/.well-known/openid-configuration/realms/a"), 1);
}

static void test_jwks_uri_by_setting(void **state)
{
    (void)state;
    struct authenticator_config config = config_of(AUTH_JWT);
    config.jwks_uri = str_from(jwks_uri);
    open_auth(&config);
    assert_int_equal(ask(good_token()).verdict, CREDENTIALS_OK);
    assert_int_equal(web_asked(web, METADATA), 0);
}

/* Tokens of two issuers: each by its own keys, each tenant apart. */
static void test_tenants(void **state)
{
    (void)state;
    char other[64], text[512], wanted[160];
    struct web *second = web_start();
    struct buffer set = BUFFER_INIT;
    snprintf(other, sizeof(other), "http://127.0.0.1:%u", web_port(second));
    snprintf(text, sizeof(text), "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/jwks\"}", other, other);
    web_put(second, METADATA, "200 OK", "", text);
    buffer_add_str(&set, STR("{\"keys\":["));
    signer_jwk(&set, signers[RSA_B], "rsa-a", "");
    buffer_add_str(&set, STR("]}"));
    buffer_add_char(&set, '\0');
    web_put(second, "/jwks", "200 OK", "", set.data);
    buffer_clear(&set);
    snprintf(issuers, sizeof(issuers), "[\"%s\",\"%s\"]", issuer, other);
    struct authenticator_config config = config_of(AUTH_JWT);
    config.tenant_claim = STR("org");
    open_auth(&config);
    const char *header = header_of(TOKEN_RS256);
    struct answer got =
        ask(bearer(header, claims(",\"org\":\"acme\""), signers[RSA_A], TOKEN_RS256));
    snprintf(wanted, sizeof(wanted), "%s#acme", issuer);
    assert_string_equal(got.tenant, wanted);
    snprintf(text, sizeof(text),
             "{\"iss\":\"%s\",\"aud\":\"" RESOURCE
             "\",\"sub\":\"ann\",\"exp\":1700000600,\"org\":\"acme\"}",
             other);
    got = ask(bearer(header, text, signers[RSA_B], TOKEN_RS256));
    snprintf(wanted, sizeof(wanted), "%s#acme", other);
    assert_string_equal(got.tenant, wanted);
    snprintf(wanted, sizeof(wanted), "jwt:%s#ann", other);
    assert_string_equal(got.id, wanted);
    /* The key of the one does not speak for the other. */
    assert_answer(bearer(header, text, signers[RSA_A], TOKEN_RS256), CREDENTIALS_INVALID,
                  "The token's signature is wrong.");
    assert_answer(bearer(header, claims(",\"org\":\"acme\""), signers[RSA_B], TOKEN_RS256),
                  CREDENTIALS_INVALID, "The token's signature is wrong.");
    assert_answer(bearer(header, claims(""), signers[RSA_A], TOKEN_RS256), CREDENTIALS_INVALID,
                  "The token does not say to which tenant it belongs.");
    assert_answer(bearer(header, claims(",\"org\":[\"acme\"]"), signers[RSA_A], TOKEN_RS256),
                  CREDENTIALS_INVALID, "The token does not say to which tenant it belongs.");
    web_stop(second);
}

static void test_two_issuers_at_once(void **state)
{
    (void)state;
    char payload[512];
    struct answer first, second;
    snprintf(issuers, sizeof(issuers), "[\"%s\",\"http://127.0.0.1:1\"]", issuer);
    struct authenticator_config config = config_of(AUTH_JWT);
    open_auth(&config);
    snprintf(payload, sizeof(payload),
             "{\"iss\":\"http://127.0.0.1:1\",\"aud\":\"" RESOURCE
             "\",\"sub\":\"ann\",\"exp\":1700000600}");
    start(signed_claims(payload), &first);
    start(good_token(), &second);
    assert_int_equal(jobs.submitted, 1);
    run_jobs();
    assert_int_equal(jobs.submitted, 2);
    assert_int_equal(first.count, 1);
    assert_int_equal(first.verdict, CREDENTIALS_UNAVAILABLE);
    assert_int_equal(second.count, 1);
    assert_int_equal(second.verdict, CREDENTIALS_OK);
}

static void test_no_worker(void **state)
{
    (void)state;
    jobs.full = true;
    assert_answer(good_token(), CREDENTIALS_UNAVAILABLE,
                  "The keys of the token's issuer cannot be had now.");
    jobs.full = false;
    now_ms += REFETCH_MS;
    assert_int_equal(ask(good_token()).verdict, CREDENTIALS_OK);
}

static void test_no_module(void **state)
{
    (void)state;
    struct authenticator_config config = config_of(AUTH_JWT);
    config.modules = "/nowhere";
    open_auth(&config);
    assert_answer(good_token(), CREDENTIALS_UNAVAILABLE, "Tokens cannot be checked now.");
    assert_string_equal(logged,
                        "module auth cannot be loaded: /nowhere/hexmcp-auth.so: cannot open shared "
                        "object file: No such file or directory\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rotation),
        TEST(test_cache_control),
        TEST(test_old_keys_while_there_are_no_new_ones),
        TEST(test_fetches_that_fail),
        TEST(test_openid_discovery),
        TEST(test_jwks_uri_by_setting),
        TEST(test_tenants),
        TEST(test_two_issuers_at_once),
        TEST(test_no_worker),
        TEST(test_no_module),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_signers, free_signers);
}
