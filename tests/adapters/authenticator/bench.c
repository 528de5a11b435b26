#include "bench.h"

EVP_PKEY *signers[SIGNERS];
struct web *web;
char issuer[40], issuers[160], jwks_uri[80];
int64_t now_ms;
char keys_path[96], logged[4096];
unsigned log_lines;
struct auth *auth;
struct api_keys *api_keys;

static struct crypto_module *crypto;
static char root[64];

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

struct jobs jobs;

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

void run_jobs(void)
{
    while (jobs.work) {
        void (*work)(void *) = jobs.work, (*done)(void *) = jobs.done;
        jobs.work = NULL;
        work(jobs.arg);
        done(jobs.arg);
    }
}

/* ---- asking ---- */

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

void start(const char *header, struct answer *out)
{
    const struct authenticator *port = authenticator_port(auth);
    char *copy = strdup(header);
    *out = (struct answer){0};
    port->check(port->ctx, str_from(copy), take, out);
    /* Borrowed until return alone. */
    memset(copy, 'x', strlen(copy));
    free(copy);
}

struct answer ask(const char *header)
{
    struct answer got;
    start(header, &got);
    run_jobs();
    assert_int_equal(got.count, 1);
    return got;
}

void assert_answer(const char *header, enum credential_verdict verdict, const char *why)
{
    struct answer got = ask(header);
    assert_string_equal(got.why, why);
    assert_int_equal(got.verdict, verdict);
    assert_string_equal(got.id, "");
}

/* ---- tokens ---- */

const char *header_of(enum token_algorithm algorithm)
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

EVP_PKEY *signer_of(enum token_algorithm algorithm)
{
    return signers[algorithm == TOKEN_ES256   ? P256_A
                   : algorithm == TOKEN_ES384 ? P384_A
                   : algorithm == TOKEN_EDDSA ? ED_A
                                              : RSA_A];
}

const char *bearer(const char *header, const char *payload, EVP_PKEY *key,
                          enum token_algorithm algorithm)
{
    static char text[32768];
    struct buffer token = BUFFER_INIT;
    signer_token(&token, header, payload, key, algorithm);
    snprintf(text, sizeof(text), "Bearer %.*s", (int)token.len, token.data);
    buffer_clear(&token);
    return text;
}

const char *claims(const char *more)
{
    static char text[16384];
    snprintf(text, sizeof(text),
             "{\"iss\":\"%s\",\"aud\":\"" RESOURCE "\",\"sub\":\"ann\",\"exp\":1700000600%s}",
             issuer, more);
    return text;
}

const char *good_token(void)
{
    return bearer(header_of(TOKEN_ES256), claims(""), signers[P256_A], TOKEN_ES256);
}

const char *signed_claims(const char *payload)
{
    return bearer(header_of(TOKEN_ES256), payload, signers[P256_A], TOKEN_ES256);
}

/* ---- the authorization server ---- */

void put_keys(const char *headers, bool with_b)
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

void put_metadata(const char *from, const char *jwks)
{
    char text[512];
    snprintf(text, sizeof(text), "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"}", from, jwks);
    web_put(web, METADATA, "200 OK", "", text);
}

struct authenticator_config config_of(enum auth_mode mode)
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

void open_auth(const struct authenticator_config *config)
{
    struct error err = {0};
    authenticator_free(auth);
    auth = NULL;
    authenticator_new(config, &auth, &err);
    assert_string_equal(err.text, "");
}

int set_up(void **state)
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

int tear_down(void **state)
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

int make_signers(void **state)
{
    (void)state;
    static const enum key_kind kinds[SIGNERS] = {KEY_RSA, KEY_RSA, KEY_P256, KEY_P384, KEY_ED25519};
    for (size_t i = 0; i < SIGNERS; i++)
        signers[i] = signer_key(kinds[i]);
    return crypto_module_new(TEST_MODULES_DIR, &crypto, NULL);
}

int free_signers(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIGNERS; i++)
        EVP_PKEY_free(signers[i]);
    crypto_module_free(crypto);
    return 0;
}
