/*
 * Who is let in: every way in which a token can be wrong, keys that come and go, and API keys beside
 * them. The authorization server is a thread; the module, its libraries and the file of keys are real;
 * time is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/pem.h>

#include "adapters/driven/authenticator/authenticator.h"
#include "adapters/driven/crypto/crypto.h"
#include "adapters/driven/random/random.h"
#include "signer.h"
#include "web.h"

#define BEGIN_MS 1700000000000
#define BEGIN_S "1700000000"
#define REFETCH_MS 10000
#define CANARY "canary-Zx81-canary"
#define RESOURCE "https://mcp.example.com/mcp"
#define METADATA "/.well-known/oauth-authorization-server"
#define NO_SUCH_KEY "the token is signed with a key that its issuer does not have"

enum { RSA_A, RSA_B, P256_A, P384_A, ED_A, SIGNERS };

static EVP_PKEY *signers[SIGNERS];
static struct web *web;
static char issuer[40], issuers[160];
static int64_t now_ms;
static struct crypto_module *crypto;
static char root[64], keys_path[96], logged[4096];
static unsigned log_lines;
static struct auth *auth;
static struct api_keys *api_keys;

/* ---- ports ---- */

static int64_t wall_ms(void *ctx)
{
    (void)ctx;
    return now_ms;
}

static uint64_t monotonic_ns(void *ctx)
{
    (void)ctx;
    return (uint64_t)(now_ms - BEGIN_MS) * 1000000;
}

static const struct clock_port clock_source = {NULL, monotonic_ns, wall_ms};

static void write_log(void *ctx, enum log_level level, struct str component, struct str text)
{
    (void)ctx;
    (void)level;
    assert_true(str_eq(component, STR("auth")));
    snprintf(logged + strlen(logged), sizeof(logged) - strlen(logged), "%.*s\n", STR_ARG(text));
    log_lines++;
}

static const struct log_port log_sink = {.write = write_log};

static struct {
    void (*work)(void *arg);
    void (*done)(void *arg);
    void *arg;
    unsigned submitted;
    bool full;
} jobs;

static int submit(void *ctx, void (*work)(void *arg), void (*done)(void *arg), void *arg,
                  struct error *err)
{
    (void)ctx;
    (void)err;
    assert_null(jobs.work); /* one fetch at a time */
    if (jobs.full)
        return ST_BUSY;
    jobs.work = work;
    jobs.done = done;
    jobs.arg = arg;
    jobs.submitted++;
    return ST_OK;
}

static const struct executor_port executor = {NULL, submit};

/* Runs fetches until none is left. */
static void run_jobs(void)
{
    while (jobs.work) {
        void (*work)(void *) = jobs.work, (*done)(void *) = jobs.done;
        jobs.work = NULL;
        work(jobs.arg);
        done(jobs.arg);
    }
}

/* ---- asking ---- */

struct answer {
    unsigned count;
    enum credential_verdict verdict;
    char id[700], tenant[700], why[256], scope[128];
    bool authenticated;
};

static void take(void *arg, const struct credential_answer *answer)
{
    struct answer *to = arg;
    to->count++;
    to->verdict = answer->verdict;
    to->authenticated = answer->caller.authenticated;
    snprintf(to->id, sizeof(to->id), "%.*s", STR_ARG(answer->caller.id));
    snprintf(to->tenant, sizeof(to->tenant), "%.*s", STR_ARG(answer->caller.tenant));
    snprintf(to->why, sizeof(to->why), "%.*s", STR_ARG(answer->why));
    snprintf(to->scope, sizeof(to->scope), "%.*s", STR_ARG(answer->scope));
    assert_null(strstr(to->why, CANARY));
}

static void start(const char *header, struct answer *out)
{
    const struct authenticator *port = authenticator_port(auth);
    char *copy = strdup(header);
    *out = (struct answer){0};
    port->check(port->ctx, str_from(copy), take, out);
    /* Borrowed until return alone. */
    memset(copy, 'x', strlen(copy));
    free(copy);
}

static struct answer ask(const char *header)
{
    struct answer got;
    start(header, &got);
    run_jobs();
    assert_int_equal(got.count, 1);
    return got;
}

static void assert_answer(const char *header, enum credential_verdict verdict, const char *why)
{
    struct answer got = ask(header);
    assert_string_equal(got.why, why);
    assert_int_equal(got.verdict, verdict);
    assert_string_equal(got.id, "");
}

/* ---- tokens ---- */

static const char *header_of(enum token_algorithm algorithm)
{
    static const char *const headers[TOKEN_ALGORITHMS] = {
        "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"rsa-a\"}",
        "{\"alg\":\"RS384\",\"typ\":\"JWT\",\"kid\":\"rsa-a\"}",
        "{\"alg\":\"RS512\",\"typ\":\"JWT\",\"kid\":\"rsa-a\"}",
        "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"kid\":\"rsa-a\"}",
        "{\"alg\":\"PS384\",\"typ\":\"JWT\",\"kid\":\"rsa-a\"}",
        "{\"alg\":\"PS512\",\"typ\":\"JWT\",\"kid\":\"rsa-a\"}",
        "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"p256-a\"}",
        "{\"alg\":\"ES384\",\"typ\":\"application/at+jwt\",\"kid\":\"p384-a\"}",
        "{\"alg\":\"EdDSA\",\"kid\":\"ed-a\"}",
    };
    return headers[algorithm];
}

static EVP_PKEY *signer_of(enum token_algorithm algorithm)
{
    return signers[algorithm == TOKEN_ES256   ? P256_A
                   : algorithm == TOKEN_ES384 ? P384_A
                   : algorithm == TOKEN_EDDSA ? ED_A
                                              : RSA_A];
}

static const char *bearer(const char *header, const char *payload, EVP_PKEY *key,
                          enum token_algorithm algorithm)
{
    static char text[32768];
    struct buffer token = BUFFER_INIT;
    signer_token(&token, header, payload, key, algorithm);
    snprintf(text, sizeof(text), "Bearer %.*s", (int)token.len, token.data);
    buffer_clear(&token);
    return text;
}

/* A good payload but for `more`, which begins with a comma or is empty. */
static const char *claims(const char *more)
{
    static char text[16384];
    snprintf(text, sizeof(text),
             "{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\",\"exp\":1700000600%s}",
             issuer, more);
    return text;
}

static const char *good_token(void)
{
    return bearer(header_of(TOKEN_ES256), claims(""), signers[P256_A], TOKEN_ES256);
}

static const char *signed_claims(const char *payload)
{
    return bearer(header_of(TOKEN_ES256), payload, signers[P256_A], TOKEN_ES256);
}

/* ---- the authorization server ---- */

static void put_keys(const char *headers, bool with_b)
{
    struct buffer set = BUFFER_INIT;
    buffer_add_str(&set, STR("{\"keys\":["));
    signer_jwk(&set, signers[RSA_A], "rsa-a", ",\"use\":\"sig\"");
    buffer_add_char(&set, ',');
    signer_jwk(&set, signers[P256_A], "p256-a", ",\"alg\":\"ES256\",\"use\":\"sig\"");
    buffer_add_char(&set, ',');
    signer_jwk(&set, signers[P384_A], "p384-a", ",\"key_ops\":[\"sign\",\"verify\"]");
    buffer_add_char(&set, ',');
    signer_jwk(&set, signers[ED_A], "ed-a", "");
    buffer_add_str(&set, STR(",{\"kid\":\"secret\",\"kty\":\"oct\",\"k\":\"AAAA\"}"));
    if (with_b) {
        buffer_add_char(&set, ',');
        signer_jwk(&set, signers[RSA_B], "rsa-b", "");
    }
    buffer_add_str(&set, STR("]}"));
    buffer_add_char(&set, '\0');
    web_put(web, "/jwks", "200 OK", headers, set.data);
    buffer_clear(&set);
}

static void put_metadata(const char *from, const char *jwks)
{
    char text[512];
    snprintf(text, sizeof(text), "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"}", from, jwks);
    web_put(web, METADATA, "200 OK", "", text);
}

static char jwks_uri[80];

static struct authenticator_config config_of(enum auth_mode mode)
{
    return (struct authenticator_config){
        .mode = mode,
        .resource = STR(RESOURCE),
        .issuers = mode == AUTH_JWT || mode == AUTH_BOTH ? str_from(issuers) : STR("[]"),
        .algorithms = STR("[\"RS256\",\"ES256\",\"EdDSA\"]"),
        .required_scopes = STR("[]"),
        .leeway_ms = 30000,
        .refetch_ms = REFETCH_MS,
        .keys = api_keys,
        .modules = TEST_MODULES_DIR,
        .clock = &clock_source,
        .executor = &executor,
        .log = &log_sink,
    };
}

static void open_auth(const struct authenticator_config *config)
{
    struct error err = {0};
    authenticator_free(auth);
    auth = NULL;
    authenticator_new(config, &auth, &err);
    assert_string_equal(err.text, "");
}

static int set_up(void **state)
{
    (void)state;
    now_ms = BEGIN_MS;
    logged[0] = '\0';
    log_lines = 0;
    memset(&jobs, 0, sizeof(jobs));
    snprintf(root, sizeof(root), "/tmp/hexmcp-auth.XXXXXX");
    if (!mkdtemp(root))
        return -1;
    snprintf(keys_path, sizeof(keys_path), "%s/keys.json", root);
    web = web_start();
    snprintf(issuer, sizeof(issuer), "http://127.0.0.1:%u", web_port(web));
    snprintf(issuers, sizeof(issuers), "[\"%s\"]", issuer);
    snprintf(jwks_uri, sizeof(jwks_uri), "%s/jwks", issuer);
    put_metadata(issuer, jwks_uri);
    put_keys("", false);
    const struct api_keys_config keys = {keys_path, crypto_module_port(crypto),
                                         system_random_port(), &clock_source};
    if (api_keys_open(&keys, &api_keys, NULL))
        return -1;
    struct authenticator_config config = config_of(AUTH_JWT);
    open_auth(&config);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char path[128];
    authenticator_free(auth);
    auth = NULL;
    api_keys_free(api_keys);
    web_stop(web);
    unlink(keys_path);
    snprintf(path, sizeof(path), "%s.lock", keys_path);
    unlink(path);
    assert_null(strstr(logged, CANARY));
    return rmdir(root);
}

/* ---- tests ---- */

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
                      "credentials are needed: send \"Authorization: Bearer\" with them");
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        assert_answer(malformed[i], CREDENTIALS_MALFORMED,
                      "what follows Bearer cannot be a token");
    char *large = malloc(8 + 8193 + 1);
    memset(large, 'a', 8 + 8193);
    large[8 + 8193] = '\0';
    memcpy(large, "Bearer  ", 8);
    assert_answer(large, CREDENTIALS_MALFORMED, "what follows Bearer cannot be a token");
    large[8 + 8192] = '\0';
    assert_answer(large, CREDENTIALS_INVALID, "the token is damaged");
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
    assert_answer(signed_claims(text), CREDENTIALS_INVALID, "the token has expired");
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
         "the token is from an issuer that is not trusted"},
        {"{\"iss\":\"%s/\",\"aud\":\"" RESOURCE "\"," TIMED "}",
         "the token is from an issuer that is not trusted"},
        {"{\"aud\":\"" RESOURCE "\"," TIMED "}", "the token is from an issuer that is not trusted"},
        {"{\"iss\":[\"%s\"],\"aud\":\"" RESOURCE "\"," TIMED "}",
         "the token is from an issuer that is not trusted"},
        {"{\"iss\":\"%s\",\"iss\":\"%s\",\"aud\":\"" RESOURCE "\"," TIMED "}",
         "the token is damaged"},
        {"{\"iss\":\"%s\",\"aud\":\"https://mcp.example.com\"," TIMED "}",
         "the token is for another server"},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "/\"," TIMED "}", "the token is for another server"},
        {"{\"iss\":\"%s\",\"aud\":\"HTTPS://mcp.example.com/mcp\"," TIMED "}",
         "the token is for another server"},
        {"{\"iss\":\"%s\",\"aud\":{\"a\":\"" RESOURCE "\"}," TIMED "}",
         "the token is for another server"},
        {"{\"iss\":\"%s\",\"aud\":[]," TIMED "}", "the token is for another server"},
        {"{\"iss\":\"%s\"," TIMED "}", "the token is for another server"},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\"}",
         "the token does not say when it expires"},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\",\"exp\":\"1700000600\"}",
         "the token does not say when it expires"},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\",\"exp\":1e300}",
         "the token does not say when it expires"},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\",\"exp\":-1}",
         "the token does not say when it expires"},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\",\"exp\":1699999970}",
         "the token has expired"},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\"," TIMED ",\"nbf\":1700000031}",
         "the token is not valid yet"},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\"," TIMED ",\"nbf\":null}",
         "the token is not valid yet"},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\"," TIMED ",\"iat\":1700000031}",
         "the token is not valid yet"},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"exp\":1700000600}",
         "the token does not say who it is for (sub)"},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"\",\"exp\":1700000600}",
         "the token does not say who it is for (sub)"},
        {"{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":7,\"exp\":1700000600}",
         "the token does not say who it is for (sub)"},
        {"[\"%s\"]", "the token is damaged"},
        {"", "the token is damaged"},
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
        {"{\"alg\":\"none\",\"kid\":\"p256-a\"}", "the token is signed in a way that is not taken"},
        {"{\"alg\":\"None\",\"kid\":\"p256-a\"}", "the token is signed in a way that is not taken"},
        {"{\"alg\":\"\",\"kid\":\"p256-a\"}", "the token is signed in a way that is not taken"},
        {"{\"kid\":\"p256-a\"}", "the token is signed in a way that is not taken"},
        {"{\"alg\":[\"ES256\"],\"kid\":\"p256-a\"}",
         "the token is signed in a way that is not taken"},
        {"{\"alg\":\"HS256\",\"kid\":\"p256-a\"}", "the token is signed in a way that is not taken"},
        {"{\"alg\":\"HS256\",\"kid\":\"secret\"}", "the token is signed in a way that is not taken"},
        {"{\"alg\":\"ES384\",\"kid\":\"p384-a\"}", "the token is signed in a way that is not taken"},
        {"{\"alg\":\"ES256K\",\"kid\":\"p256-a\"}", "the token is signed in a way that is not taken"},
        {"{\"alg\":\"ES256\",\"alg\":\"ES256\",\"kid\":\"p256-a\"}", "the token is damaged"},
        {"{\"alg\":\"ES256\"}", "the token does not name its key"},
        {"{\"alg\":\"ES256\",\"kid\":\"\"}", "the token does not name its key"},
        {"{\"alg\":\"ES256\",\"kid\":7}", "the token does not name its key"},
        {"{\"alg\":\"ES256\",\"kid\":\"p256-a\",\"crit\":[\"b64\"],\"b64\":false}",
         "the token demands an extension that is not known"},
        {"{\"alg\":\"ES256\",\"kid\":\"p256-a\",\"typ\":\"dpop+jwt\"}",
         "the token is not an access token"},
        {"{\"alg\":\"ES256\",\"kid\":\"p256-a\",\"typ\":\"id+jwt\"}",
         "the token is not an access token"},
        {"{\"alg\":\"ES256\",\"kid\":\"p256-a\",\"typ\":null}", "the token is not an access token"},
        /* Keys of other kinds by that name are none. */
        {"{\"alg\":\"ES256\",\"kid\":\"rsa-a\"}",
         NO_SUCH_KEY},
        {"{\"alg\":\"ES256\",\"kid\":\"secret\"}",
         NO_SUCH_KEY},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-a\"}", "the token's signature is wrong"},
        {"{\"alg\":\"EdDSA\",\"kid\":\"ed-a\"}", "the token's signature is wrong"},
        {"{\"alg\":\"ES256\"", "the token is damaged"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_answer(bearer(wrong[i].header, claims(""), signers[P256_A], TOKEN_ES256),
                      CREDENTIALS_INVALID, wrong[i].why);
    assert_answer(bearer("{\"alg\":\"none\",\"kid\":\"p256-a\"}", claims(""), NULL, TOKEN_ES256),
                  CREDENTIALS_INVALID, "the token is signed in a way that is not taken");
    assert_answer(bearer(header_of(TOKEN_ES256), claims(""), NULL, TOKEN_ES256), CREDENTIALS_INVALID,
                  "the token's signature is wrong");
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
                  "the token's signature is wrong");
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
                          k ? "the token's signature is wrong"
                            : "the token is signed in a way that is not taken");
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
                  "the keys of the token's issuer cannot be had now");
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
                      "the keys of the token's issuer cannot be had now");
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
                  "the token's signature is wrong");
    assert_answer(bearer(header, claims(",\"org\":\"acme\""), signers[RSA_B], TOKEN_RS256),
                  CREDENTIALS_INVALID, "the token's signature is wrong");
    assert_answer(bearer(header, claims(""), signers[RSA_A], TOKEN_RS256), CREDENTIALS_INVALID,
                  "the token does not say to which tenant it belongs");
    assert_answer(bearer(header, claims(",\"org\":[\"acme\"]"), signers[RSA_A], TOKEN_RS256),
                  CREDENTIALS_INVALID, "the token does not say to which tenant it belongs");
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
        assert_string_equal(got.why, "the token does not have the scopes that are needed");
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
    assert_answer(good_token(), CREDENTIALS_INVALID, "only API keys are taken here");
    header[strlen(header) - 1] ^= 1;
    assert_answer(header, CREDENTIALS_INVALID, "the API key is not valid");
    header[strlen(header) - 1] ^= 1;
    config.required_scopes = STR("[\"mcp:admin\"]");
    open_auth(&config);
    assert_answer(header, CREDENTIALS_INSUFFICIENT,
                  "the API key does not have the scopes that are needed");
    config = config_of(AUTH_JWT);
    open_auth(&config);
    assert_answer(header, CREDENTIALS_INVALID, "API keys are not taken here");
    config = config_of(AUTH_BOTH);
    open_auth(&config);
    assert_int_equal(ask(header).verdict, CREDENTIALS_OK);
    assert_int_equal(ask(good_token()).verdict, CREDENTIALS_OK);
    assert_int_equal(
        api_keys_revoke(api_keys, (struct str){text + 4, API_KEY_ID_LEN}, &key, NULL), ST_OK);
    assert_answer(header, CREDENTIALS_INVALID, "the API key is not valid");
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
                      "API keys cannot be checked now");
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
    assert_string_equal(got[AUTH_WAITING_MAX].why, "too many tokens wait to be checked");
    assert_int_equal(got[0].count, 0);
    authenticator_stop(auth);
    for (size_t i = 0; i < AUTH_WAITING_MAX; i++) {
        assert_int_equal(got[i].count, 1);
        assert_string_equal(got[i].why, "the server ends");
    }
    run_jobs();
    assert_int_equal(got[0].count, 1);
    assert_int_equal(log_lines, 0);
}

static void test_no_worker(void **state)
{
    (void)state;
    jobs.full = true;
    assert_answer(good_token(), CREDENTIALS_UNAVAILABLE,
                  "the keys of the token's issuer cannot be had now");
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
    assert_answer(good_token(), CREDENTIALS_UNAVAILABLE, "tokens cannot be checked now");
    assert_string_equal(logged,
                        "module auth cannot be loaded: /nowhere/hexmcp-auth.so: cannot open shared "
                        "object file: No such file or directory\n");
}

static int make_signers(void **state)
{
    (void)state;
    static const enum key_kind kinds[SIGNERS] = {KEY_RSA, KEY_RSA, KEY_P256, KEY_P384, KEY_ED25519};
    for (size_t i = 0; i < SIGNERS; i++)
        signers[i] = signer_key(kinds[i]);
    return crypto_module_new(TEST_MODULES_DIR, &crypto, NULL);
}

static int free_signers(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIGNERS; i++)
        EVP_PKEY_free(signers[i]);
    crypto_module_free(crypto);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
        TEST(test_rotation),
        TEST(test_cache_control),
        TEST(test_old_keys_while_there_are_no_new_ones),
        TEST(test_fetches_that_fail),
        TEST(test_openid_discovery),
        TEST(test_jwks_uri_by_setting),
        TEST(test_tenants),
        TEST(test_two_issuers_at_once),
        TEST(test_scopes),
        TEST(test_api_keys),
        TEST(test_a_damaged_file_of_keys),
        TEST(test_canary),
        TEST(test_stop),
        TEST(test_no_worker),
        TEST(test_no_module),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_signers, free_signers);
}
