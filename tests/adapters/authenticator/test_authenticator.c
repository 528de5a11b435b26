/* Who is let in: every way in which a token can be wrong, and API keys beside them. */
#include <openssl/pem.h>

#include "bench.h"

static void test_mode_none(void **state)
{
    (void)state;
    struct authenticator_config config = config_of(AUTH_NONE);
    open_auth(&config);
    struct answer got = ask("");
    assert_int_equal(got.verdict, CREDENTIALS_OK);
    assert_string_equal(got.id, "anonymous");
    assert_string_equal(got.tenant, "local");
    assert_false(got.authenticated);
    assert_false(authenticator_port(auth)->needs_credentials(auth));
    assert_int_equal(ask(good_token()).verdict, CREDENTIALS_OK);
    assert_int_equal(jobs.submitted, 0);
}

static void test_headers(void **state)
{
    (void)state;
    static const char *const none[] = {"", "Basic Zm9vOmJhcg==", "bear x", "Bearerx y", "  Bearer x"};
    static const char *const malformed[] = {
        "Bearer",          "Bearer ",     "Bearer a b",  "Bearer a,b",     "Bearer \"a\"",
        "Bearer =",        "Bearer a=b",  "Bearer a\tb", "Bearer \xc3\xa4", "bearer a\r\nb",
        "Bearer token\x01"};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_answer(none[i], CREDENTIALS_MISSING,
                      "Credentials are needed: send \"Authorization: Bearer\" with them.");
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        assert_answer(malformed[i], CREDENTIALS_MALFORMED,
                      "What follows Bearer cannot be a token.");
    char *large = malloc(8 + 8193 + 1);
    memset(large, 'a', 8 + 8193);
    large[8 + 8193] = '\0';
    memcpy(large, "Bearer  ", 8);
    assert_answer(large, CREDENTIALS_MALFORMED, "What follows Bearer cannot be a token.");
    large[8 + 8192] = '\0';
    assert_answer(large, CREDENTIALS_INVALID, "The token is damaged.");
    free(large);
    assert_int_equal(jobs.submitted, 0);
    assert_true(authenticator_port(auth)->needs_credentials(auth));
}

static void test_good_tokens(void **state)
{
    (void)state;
    char wanted[128];
    struct authenticator_config config = config_of(AUTH_JWT);
    config.algorithms = STR("[\"RS256\",\"RS384\",\"RS512\",\"PS256\",\"PS384\",\"PS512\","
                            "\"ES256\",\"ES384\",\"EdDSA\"]");
    open_auth(&config);
    snprintf(wanted, sizeof(wanted), "jwt:%s#ann", issuer);
    for (unsigned i = 0; i < TOKEN_ALGORITHMS; i++) {
        struct answer got =
            ask(bearer(header_of((enum token_algorithm)i), claims(""),
                       signer_of((enum token_algorithm)i), (enum token_algorithm)i));
        assert_string_equal(got.why, "");
        assert_int_equal(got.verdict, CREDENTIALS_OK);
        assert_string_equal(got.id, wanted);
        assert_string_equal(got.tenant, issuer);
        assert_true(got.authenticated);
    }
    assert_int_equal(jobs.submitted, 1);
    assert_int_equal(log_lines, 0);
}

static void test_claims_that_suffice(void **state)
{
    (void)state;
    static const char *const more[] = {
        ",\"nbf\":" BEGIN_S ",\"iat\":" BEGIN_S,
        ",\"nbf\":1700000030,\"iat\":1700000030.0",
        ",\"iat\":1.7e9,\"scope\":\"a b\",\"azp\":\"x\"",
    };
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
        assert_int_equal(ask(signed_claims(claims(more[i]))).verdict, CREDENTIALS_OK);
    char text[512];
    snprintf(text, sizeof(text),
             "{\"iss\":\"%s\",\"aud\":[\"other\",\"" RESOURCE
             "\"],\"sub\":\"ann\",\"exp\":1699999970.5}",
             issuer);
    assert_int_equal(ask(signed_claims(text)).verdict, CREDENTIALS_OK);
    now_ms += 500;
    assert_answer(signed_claims(text), CREDENTIALS_INVALID, "The token has expired.");
}

static void test_claims_that_do_not(void **state)
{
    (void)state;
#define TIMED "\"sub\":\"ann\",\"exp\":1700000600"
    static const struct {
        const char *payload; /* %s: the issuer */
        const char *why;
    } wrong[] = {
        {"{\"iss\":\"http://127.0.0.1:1\",\"aud\":\"" RESOURCE "\"," TIMED "}",
         "The token is from an issuer that is not trusted."},
        {"{\"iss\":\"%s/\",\"aud\":\"" RESOURCE "\"," TIMED "}",
         "The token is from an issuer that is not trusted."},
        {"{\"aud\":\"" RESOURCE "\"," TIMED "}", "The token is from an issuer that is not trusted."},
        {"{\"iss\":[\"%s\"],\"aud\":\"" RESOURCE "\"," TIMED "}",
         "The token is from an issuer that is not trusted."},
        {"{\"iss\":\"%s\",\"iss\":\"%s\",\"aud\":\"" RESOURCE "\"," TIMED "}",
         "The token is damaged."},
        {"{\"iss\":\"%s\",\"aud\":\"https://mcp.example.com\"," TIMED "}",
         "The token is for another server."},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "/\"," TIMED "}", "The token is for another server."},
        {"{\"iss\":\"%s\",\"aud\":\"HTTPS://mcp.example.com/mcp\"," TIMED "}",
         "The token is for another server."},
        {"{\"iss\":\"%s\",\"aud\":{\"a\":\"" RESOURCE "\"}," TIMED "}",
         "The token is for another server."},
        {"{\"iss\":\"%s\",\"aud\":[]," TIMED "}", "The token is for another server."},
        {"{\"iss\":\"%s\"," TIMED "}", "The token is for another server."},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\"}",
         "The token does not say when it expires."},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\",\"exp\":\"1700000600\"}",
         "The token does not say when it expires."},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\",\"exp\":1e300}",
         "The token does not say when it expires."},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\",\"exp\":-1}",
         "The token does not say when it expires."},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\",\"exp\":1699999970}",
         "The token has expired."},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\"," TIMED ",\"nbf\":1700000031}",
         "The token is not valid yet."},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\"," TIMED ",\"nbf\":null}",
         "The token is not valid yet."},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\"," TIMED ",\"iat\":1700000031}",
         "The token is not valid yet."},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"exp\":1700000600}",
         "The token does not say who it is for (sub)."},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"\",\"exp\":1700000600}",
         "The token does not say who it is for (sub)."},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":7,\"exp\":1700000600}",
         "The token does not say who it is for (sub)."},
        {"[\"%s\"]", "The token is damaged."},
        {"", "The token is damaged."},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char payload[512];
        struct buffer text = BUFFER_INIT;
        for (const char *at = wrong[i].payload; *at; at++) {
            if (at[0] == '%' && at[1] == 's') {
                buffer_add_str(&text, str_from(issuer));
                at++;
            } else {
                buffer_add_char(&text, *at);
            }
        }
        snprintf(payload, sizeof(payload), "%.*s", (int)text.len, text.len ? text.data : "");
        buffer_clear(&text);
        assert_answer(signed_claims(payload), CREDENTIALS_INVALID, wrong[i].why);
    }
}

static void test_headers_of_tokens(void **state)
{
    (void)state;
    static const struct {
        const char *header, *why;
    } wrong[] = {
        {"{\"alg\":\"none\",\"kid\":\"p256-a\"}", "The token is signed in a way that is not taken."},
        {"{\"alg\":\"None\",\"kid\":\"p256-a\"}", "The token is signed in a way that is not taken."},
        {"{\"alg\":\"\",\"kid\":\"p256-a\"}", "The token is signed in a way that is not taken."},
        {"{\"kid\":\"p256-a\"}", "The token is signed in a way that is not taken."},
        {"{\"alg\":[\"ES256\"],\"kid\":\"p256-a\"}",
         "The token is signed in a way that is not taken."},
        {"{\"alg\":\"HS256\",\"kid\":\"p256-a\"}", "The token is signed in a way that is not taken."},
        {"{\"alg\":\"HS256\",\"kid\":\"secret\"}", "The token is signed in a way that is not taken."},
        {"{\"alg\":\"ES384\",\"kid\":\"p384-a\"}", "The token is signed in a way that is not taken."},
        {"{\"alg\":\"ES256K\",\"kid\":\"p256-a\"}", "The token is signed in a way that is not taken."},
        {"{\"alg\":\"ES256\",\"alg\":\"ES256\",\"kid\":\"p256-a\"}", "The token is damaged."},
        {"{\"alg\":\"ES256\"}", "The token does not name its key."},
        {"{\"alg\":\"ES256\",\"kid\":\"\"}", "The token does not name its key."},
        {"{\"alg\":\"ES256\",\"kid\":7}", "The token does not name its key."},
        {"{\"alg\":\"ES256\",\"kid\":\"p256-a\",\"crit\":[\"b64\"],\"b64\":false}",
         "The token demands an extension that is not known."},
        {"{\"alg\":\"ES256\",\"kid\":\"p256-a\",\"typ\":\"dpop+jwt\"}",
         "The token is not an access token."},
        {"{\"alg\":\"ES256\",\"kid\":\"p256-a\",\"typ\":\"id+jwt\"}",
         "The token is not an access token."},
        {"{\"alg\":\"ES256\",\"kid\":\"p256-a\",\"typ\":null}", "The token is not an access token."},
        /* Keys of other kinds by that name are none. */
        {"{\"alg\":\"ES256\",\"kid\":\"rsa-a\"}",
         NO_SUCH_KEY},
        {"{\"alg\":\"ES256\",\"kid\":\"secret\"}",
         NO_SUCH_KEY},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-a\"}", "The token's signature is wrong."},
        {"{\"alg\":\"EdDSA\",\"kid\":\"ed-a\"}", "The token's signature is wrong."},
        {"{\"alg\":\"ES256\"", "The token is damaged."},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_answer(bearer(wrong[i].header, claims(""), signers[P256_A], TOKEN_ES256),
                      CREDENTIALS_INVALID, wrong[i].why);
    assert_answer(bearer("{\"alg\":\"none\",\"kid\":\"p256-a\"}", claims(""), NULL, TOKEN_ES256),
                  CREDENTIALS_INVALID, "The token is signed in a way that is not taken.");
    assert_answer(bearer(header_of(TOKEN_ES256), claims(""), NULL, TOKEN_ES256), CREDENTIALS_INVALID,
                  "The token's signature is wrong.");
}

/* Addresses and keys in a token change nothing. */
static void test_keys_that_a_token_brings(void **state)
{
    (void)state;
    char header[2048];
    struct buffer own = BUFFER_INIT;
    signer_jwk(&own, signers[RSA_B], "rsa-a", "");
    snprintf(header, sizeof(header),
             "{\"alg\":\"RS256\",\"kid\":\"rsa-a\",\"jwk\":%.*s,\"jku\":\"%s/own\",\"x5u\":\"%s/own\"}",
             (int)own.len, own.data, issuer, issuer);
    buffer_clear(&own);
    assert_answer(bearer(header, claims(""), signers[RSA_B], TOKEN_RS256), CREDENTIALS_INVALID,
                  "The token's signature is wrong.");
    assert_int_equal(ask(bearer(header, claims(""), signers[RSA_A], TOKEN_RS256)).verdict,
                     CREDENTIALS_OK);
    assert_int_equal(web_asked(web, "/own"), 0);
}

/* The public key as a shared secret, in each form in which somebody may have it. */
static void test_key_confusion(void **state)
{
    (void)state;
    unsigned char *der = NULL;
    int der_len = i2d_PUBKEY(signers[RSA_A], &der);
    BIO *pem = BIO_new(BIO_s_mem());
    char *pem_text, header[1024] = "Bearer ";
    assert_int_equal(PEM_write_bio_PUBKEY(pem, signers[RSA_A]), 1);
    long pem_len = BIO_get_mem_data(pem, &pem_text);
    const struct str secrets[] = {{(char *)der, (size_t)der_len}, {pem_text, (size_t)pem_len}};
    for (size_t i = 0; i < 2; i++) {
        static const char *const headers[] = {"{\"alg\":\"HS256\",\"kid\":\"rsa-a\"}",
                                              "{\"alg\":\"RS256\",\"kid\":\"rsa-a\"}"};
        for (size_t k = 0; k < 2; k++) {
            struct buffer token = BUFFER_INIT;
            signer_token_hs256(&token, headers[k], claims(""), secrets[i]);
            snprintf(header, sizeof(header), "Bearer %.*s", (int)token.len, token.data);
            buffer_clear(&token);
            assert_answer(header, CREDENTIALS_INVALID,
                          k ? "The token's signature is wrong."
                            : "The token is signed in a way that is not taken.");
        }
    }
    BIO_free(pem);
    OPENSSL_free(der);
}

/* A token with any one character changed is not the same token. */
static void test_every_changed_character(void **state)
{
    (void)state;
    char *good = strdup(good_token()), bent[2048];
    assert_true(strlen(good) < sizeof(bent));
    assert_int_equal(ask(good).verdict, CREDENTIALS_OK);
    unsigned fetched = jobs.submitted;
    for (size_t i = 7; good[i]; i++)
        for (const char *to = "A_.0z"; *to; to++) {
            memcpy(bent, good, strlen(good) + 1);
            bent[i] = *to;
            if (good[i] != *to)
                assert_int_equal(ask(bent).verdict, CREDENTIALS_INVALID);
        }
    for (size_t len = 8; len < strlen(good); len++) {
        snprintf(bent, sizeof(bent), "%.*s", (int)len, good);
        assert_int_equal(ask(bent).verdict, CREDENTIALS_INVALID);
    }
    assert_int_equal(jobs.submitted, fetched);
    assert_int_equal(ask(good).verdict, CREDENTIALS_OK);
    free(good);
}

static void test_scopes(void **state)
{
    (void)state;
    static const char *const few[] = {"", ",\"scope\":\"mcp:use\"", ",\"scope\":\"mcp:admin mcp:use2\"",
                                      ",\"scope\":\"mcp:use,mcp:admin\"", ",\"scp\":[7]",
                                      ",\"scope\":{\"mcp:use\":\"mcp:admin\"}"};
    static const char *const enough[] = {",\"scope\":\"mcp:admin x mcp:use\"",
                                         ",\"scp\":[\"mcp:use\",\"mcp:admin\"]",
                                         ",\"scp\":\"mcp:use mcp:admin\""};
    struct authenticator_config config = config_of(AUTH_JWT);
    config.required_scopes = STR("[\"mcp:use\",\"mcp:admin\"]");
    open_auth(&config);
    for (size_t i = 0; i < sizeof(few) / sizeof(few[0]); i++) {
        struct answer got = ask(signed_claims(claims(few[i])));
        assert_int_equal(got.verdict, CREDENTIALS_INSUFFICIENT);
        assert_string_equal(got.why, "The token does not have the scopes that are needed.");
        assert_string_equal(got.scope, "mcp:use mcp:admin");
        assert_string_equal(got.id, "");
    }
    for (size_t i = 0; i < sizeof(enough) / sizeof(enough[0]); i++)
        assert_int_equal(ask(signed_claims(claims(enough[i]))).verdict, CREDENTIALS_OK);
    assert_string_equal(ask("").scope, "mcp:use mcp:admin");
    assert_string_equal(ask("Bearer ,").scope, "");
}

static void test_api_keys(void **state)
{
    (void)state;
    const struct api_key_wish wish = {STR("a"), STR("acme"), STR("mcp:use"), 0};
    char text[API_KEY_LEN + 1], header[128], wanted[32];
    const struct api_key *key;
    struct authenticator_config config = config_of(AUTH_KEYS);
    assert_int_equal(api_keys_create(api_keys, &wish, text, &key, NULL), ST_OK);
    snprintf(wanted, sizeof(wanted), "key:%.*s", API_KEY_ID_LEN, text + 4);
    snprintf(header, sizeof(header), "bearer %s", text);
    open_auth(&config);
    struct answer got = ask(header);
    assert_int_equal(got.verdict, CREDENTIALS_OK);
    assert_string_equal(got.id, wanted);
    assert_string_equal(got.tenant, "acme");
    assert_true(got.authenticated);
    assert_answer(good_token(), CREDENTIALS_INVALID, "Only API keys are taken here.");
    char *last = &header[strlen(header) - 1], right = *last;
    *last = right == 'A' ? 'E' : 'A';
    assert_answer(header, CREDENTIALS_INVALID, "The API key is not valid.");
    *last = right;
    config.required_scopes = STR("[\"mcp:admin\"]");
    open_auth(&config);
    assert_answer(header, CREDENTIALS_INSUFFICIENT,
                  "The API key does not have the scopes that are needed.");
    config = config_of(AUTH_JWT);
    open_auth(&config);
    assert_answer(header, CREDENTIALS_INVALID, "API keys are not taken here.");
    config = config_of(AUTH_BOTH);
    open_auth(&config);
    assert_int_equal(ask(header).verdict, CREDENTIALS_OK);
    assert_int_equal(ask(good_token()).verdict, CREDENTIALS_OK);
    assert_int_equal(
        api_keys_revoke(api_keys, (struct str){text + 4, API_KEY_ID_LEN}, &key, NULL), ST_OK);
    assert_answer(header, CREDENTIALS_INVALID, "The API key is not valid.");
    assert_int_equal(ask(good_token()).verdict, CREDENTIALS_OK);
}

static void test_a_damaged_file_of_keys(void **state)
{
    (void)state;
    struct authenticator_config config = config_of(AUTH_KEYS);
    FILE *file = fopen(keys_path, "w");
    fputs(CANARY, file);
    fclose(file);
    open_auth(&config);
    for (int i = 0; i < 3; i++)
        assert_answer("Bearer hxk_" CANARY, CREDENTIALS_UNAVAILABLE,
                      "API keys cannot be checked now.");
    assert_int_equal(log_lines, 1);
}

/* No sentence and no line may hold what somebody sent as a secret. */
static void test_canary(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "Bearer " CANARY, "Bearer hxk_" CANARY, "Basic " CANARY, CANARY, "Bearer ey." CANARY ".x",
        "Bearer eyJ9." CANARY "." CANARY};
    struct authenticator_config config = config_of(AUTH_BOTH);
    open_auth(&config);
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        assert_int_not_equal(ask(headers[i]).verdict, CREDENTIALS_OK);
    static const char *const fields[] = {
        "{\"alg\":\"" CANARY "\",\"kid\":\"p256-a\"}", "{\"alg\":\"ES256\",\"kid\":\"" CANARY "\"}",
        "{\"alg\":\"ES256\",\"kid\":\"p256-a\",\"typ\":\"" CANARY "\"}"};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        assert_int_equal(
            ask(bearer(fields[i], claims(""), signers[P256_A], TOKEN_ES256)).verdict,
            CREDENTIALS_INVALID);
    assert_int_equal(ask(signed_claims("{\"iss\":\"" CANARY "\"}")).verdict, CREDENTIALS_INVALID);
    /* tear_down looks at the log, take() at each answer. */
}

static void test_stop(void **state)
{
    (void)state;
    struct answer got[AUTH_WAITING_MAX + 1];
    for (size_t i = 0; i <= AUTH_WAITING_MAX; i++)
        start(good_token(), &got[i]);
    assert_int_equal(got[AUTH_WAITING_MAX].verdict, CREDENTIALS_UNAVAILABLE);
    assert_string_equal(got[AUTH_WAITING_MAX].why, "Too many tokens wait to be checked.");
    assert_int_equal(got[0].count, 0);
    authenticator_stop(auth);
    for (size_t i = 0; i < AUTH_WAITING_MAX; i++) {
        assert_int_equal(got[i].count, 1);
        assert_string_equal(got[i].why, "The server ends.");
    }
    run_jobs();
    assert_int_equal(got[0].count, 1);
    assert_int_equal(log_lines, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_mode_none),
        TEST(test_headers),
        TEST(test_good_tokens),
        TEST(test_claims_that_suffice),
        TEST(test_claims_that_do_not),
        TEST(test_headers_of_tokens),
        TEST(test_keys_that_a_token_brings),
        TEST(test_key_confusion),
        TEST(test_every_changed_character),
        TEST(test_scopes),
        TEST(test_api_keys),
        TEST(test_a_damaged_file_of_keys),
        TEST(test_canary),
        TEST(test_stop),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_signers, free_signers);
}
