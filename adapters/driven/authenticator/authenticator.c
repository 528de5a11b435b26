#include "adapters/driven/authenticator/authenticator.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/driven/authenticator/bearer.h"
#include "adapters/driven/authenticator/claims.h"
#include "adapters/driven/authenticator/key_sources.h"
#include "adapters/driven/authenticator/metadata.h"
#include "adapters/driven/module/module.h"

typedef void done_fn(void *arg, const struct credential_answer *answer);

/* A token that waits for the keys of its issuer. */
struct waiting {
    struct waiting *next;
    size_t issuer;
    done_fn *done;
    void *arg;
    size_t len;
    char token[];
};

struct auth {
    struct authenticator port;
    struct authenticator_config config;
    struct auth_rules rules;
    struct metadata *metadata;
    struct key_sources *sources;
    struct auth_module module;
    bool loaded;
    bool keys_failing; /* the operator was told that the file of keys cannot be used */
    struct waiting *waiting;
    size_t waiting_count;
};

static void tell(struct auth *a, enum log_level level, const char *text)
{
    if (a->config.log)
        a->config.log->write(a->config.log->ctx, level, STR("auth"), str_from(text));
}

/* ---- answers ---- */

static void refuse(const struct auth *a, enum credential_verdict verdict, const char *why,
                   done_fn *done, void *arg)
{
    /* An answer about malformed credentials, or none now, says nothing of scopes. */
    bool scopes = verdict != CREDENTIALS_MALFORMED && verdict != CREDENTIALS_UNAVAILABLE;
    const struct credential_answer answer = {.verdict = verdict,
                                             .why = str_from(why),
                                             .scope = scopes ? a->rules.scope_text : STR("")};
    done(arg, &answer);
}

static void admit(struct str id, struct str tenant, bool authenticated, done_fn *done, void *arg)
{
    const struct credential_answer answer = {
        .verdict = CREDENTIALS_OK,
        .caller = {.id = id, .tenant = tenant, .authenticated = authenticated}};
    done(arg, &answer);
}

/* ---- API keys ---- */

static void check_key(struct auth *a, struct str text, done_fn *done, void *arg)
{
    char id[sizeof("key:") + API_KEY_ID_LEN] = "key:";
    const struct api_key *key;
    struct error err;
    int rc = api_keys_find(a->config.keys, text, &key, &err);
    bool failing = rc != ST_OK && rc != ST_DENIED;
    if (failing && !a->keys_failing)
        tell(a, LOG_LEVEL_ERROR, err.text);
    a->keys_failing = failing;
    if (failing) {
        refuse(a, CREDENTIALS_UNAVAILABLE, "API keys cannot be checked now.", done, arg);
    } else if (rc) {
        refuse(a, CREDENTIALS_INVALID, "The API key is not valid.", done, arg);
    } else if (!scopes_suffice(&a->rules, key->scopes)) {
        refuse(a, CREDENTIALS_INSUFFICIENT,
               "The API key does not have the scopes that are needed.", done, arg);
    } else {
        memcpy(id + 4, key->id.ptr, API_KEY_ID_LEN);
        admit((struct str){id, 4 + API_KEY_ID_LEN}, key->tenant, true, done, arg);
    }
}

/* ---- tokens ---- */

typedef int (*auth_entry)(struct auth_module *out, struct error *err);

/* A module that cannot be loaded may be there later: an installation under way. */
static bool load(struct auth *a)
{
    struct error err;
    module_entry *entry;
    if (a->loaded)
        return true;
    int rc = module_open(a->config.modules, "auth", &entry, &err);
    if (!rc)
        rc = ((auth_entry)entry)(&a->module, &err);
    if (rc)
        tell(a, LOG_LEVEL_ERROR, err.text);
    else
        key_sources_set_module(a->sources, &a->module);
    a->loaded = !rc;
    return a->loaded;
}

static void wait_for_keys(struct auth *a, struct str text, size_t issuer, done_fn *done, void *arg)
{
    struct waiting *w = NULL;
    if (a->waiting_count < AUTH_WAITING_MAX)
        w = malloc(sizeof(*w) + text.len);
    if (!w) {
        refuse(a, CREDENTIALS_UNAVAILABLE, "Too many tokens wait to be checked.", done, arg);
        return;
    }
    *w = (struct waiting){a->waiting, issuer, done, arg, text.len};
    memcpy(w->token, text.ptr, text.len);
    a->waiting = w;
    a->waiting_count++;
}

static void free_waiting(struct waiting *w)
{
    explicit_bzero(w->token, w->len);
    free(w);
}

static void judge(struct auth *a, const struct token *token, size_t issuer, done_fn *done,
                  void *arg)
{
    struct claimed claimed = {BUFFER_INIT, BUFFER_INIT};
    const char *why;
    int64_t now = a->config.clock->wall_ms(a->config.clock->ctx);
    enum credential_verdict verdict =
        claims_judge(token, &a->rules, issuer, now, &claimed, &why);
    if (verdict == CREDENTIALS_OK)
        admit(buffer_str(&claimed.id), buffer_str(&claimed.tenant), true, done, arg);
    else
        refuse(a, verdict, why, done, arg);
    buffer_clear(&claimed.id);
    buffer_clear(&claimed.tenant);
}

static void check_signed(struct auth *a, const struct token *token, struct str text, bool settled,
                         done_fn *done, void *arg)
{
    const struct public_key *key;
    size_t issuer;
    if (!(a->rules.algorithms & 1u << token->algorithm)) {
        refuse(a, CREDENTIALS_INVALID, "The token is signed in a way that is not taken.", done,
               arg);
        return;
    }
    if (!claims_issuer(token, &a->rules, &issuer)) {
        refuse(a, CREDENTIALS_INVALID, "The token is from an issuer that is not trusted.", done,
               arg);
        return;
    }
    switch (key_sources_find(a->sources, issuer, token->kid, token->algorithm, settled, &key)) {
    case KEY_LATER:
        wait_for_keys(a, text, issuer, done, arg);
        break;
    case KEY_UNAVAILABLE:
        refuse(a, CREDENTIALS_UNAVAILABLE, "The keys of the token's issuer cannot be had now.",
               done, arg);
        break;
    case KEY_UNKNOWN:
        refuse(a, CREDENTIALS_INVALID,
               "The token is signed with a key that its issuer does not have.", done, arg);
        break;
    default:
        if (a->module.verify(key, token->algorithm, token->signed_part,
                             buffer_str(&token->signature)))
            judge(a, token, issuer, done, arg);
        else
            refuse(a, CREDENTIALS_INVALID, "The token's signature is wrong.", done, arg);
    }
}

static void check_token(struct auth *a, struct str text, bool settled, done_fn *done, void *arg)
{
    struct token token;
    struct error err;
    if (token_parse(text, &token, &err)) {
        refuse(a, CREDENTIALS_INVALID, err.text, done, arg);
        return;
    }
    if (load(a))
        check_signed(a, &token, text, settled, done, arg);
    else
        refuse(a, CREDENTIALS_UNAVAILABLE, "Tokens cannot be checked now.", done, arg);
    token_clear(&token);
}

/* Takes those that wait for the issuer out of the queue, oldest first. */
static struct waiting *take_waiting(struct auth *a, size_t issuer)
{
    struct waiting *taken = NULL;
    for (struct waiting **at = &a->waiting; *at;) {
        struct waiting *w = *at;
        if (w->issuer != issuer) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        w->next = taken;
        taken = w;
        a->waiting_count--;
    }
    return taken;
}

static void settled(void *ctx, size_t issuer)
{
    struct auth *a = ctx;
    for (struct waiting *w = take_waiting(a, issuer), *next; w; w = next) {
        next = w->next;
        check_token(a, (struct str){w->token, w->len}, true, w->done, w->arg);
        free_waiting(w);
    }
}

/* ---- the port ---- */

static void check_text(struct auth *a, struct str text, done_fn *done, void *arg)
{
    bool key = api_key_is_one(text);
    if (key && rules_take_keys(&a->rules))
        check_key(a, text, done, arg);
    else if (!key && rules_take_tokens(&a->rules))
        check_token(a, text, false, done, arg);
    else
        refuse(a, CREDENTIALS_INVALID,
               key ? "API keys are not taken here." : "Only API keys are taken here.", done, arg);
}

static void check(void *ctx, struct str authorization, done_fn *done, void *arg)
{
    struct auth *a = ctx;
    struct str text;
    if (a->rules.mode == AUTH_NONE) {
        admit(STR("anonymous"), STR("local"), false, done, arg);
        return;
    }
    switch (bearer_parse(authorization, &text)) {
    case BEARER_NONE:
        refuse(a, CREDENTIALS_MISSING,
               "Credentials are needed: send \"Authorization: Bearer\" with them.", done, arg);
        break;
    case BEARER_MALFORMED:
        refuse(a, CREDENTIALS_MALFORMED, "What follows Bearer cannot be a token.", done, arg);
        break;
    default:
        check_text(a, text, done, arg);
    }
}

static bool needs_credentials(void *ctx)
{
    const struct auth *a = ctx;
    return a->rules.mode != AUTH_NONE;
}

static struct str challenge(void *ctx)
{
    const struct auth *a = ctx;
    return metadata_challenge(a->metadata);
}

/* ---- all of it ---- */

static int open_parts(struct auth *a, struct error *err)
{
    const struct authenticator_config *c = &a->config;
    const struct key_sources_parts parts = {&a->rules, c->refetch_ms, c->clock, c->executor,
                                            c->log,    settled,       a};
    int rc = rules_read(c, &a->rules, err);
    if (!rc)
        rc = metadata_new(&a->rules, &a->metadata, err);
    return rc ? rc : key_sources_new(&parts, &a->sources, err);
}

int authenticator_new(const struct authenticator_config *config, struct auth **out,
                      struct error *err)
{
    struct auth *a = calloc(1, sizeof(*a));
    if (!a)
        return error_set(err, ST_NOMEM, "out of memory");
    a->config = *config;
    a->port = (struct authenticator){a, check, needs_credentials, challenge};
    int rc = open_parts(a, err);
    if (rc)
        authenticator_free(a);
    else
        *out = a;
    return rc;
}

void authenticator_stop(struct auth *a)
{
    key_sources_stop(a->sources);
    while (a->waiting) {
        struct waiting *w = a->waiting;
        a->waiting = w->next;
        a->waiting_count--;
        refuse(a, CREDENTIALS_UNAVAILABLE, "The server ends.", w->done, w->arg);
        free_waiting(w);
    }
}

void authenticator_free(struct auth *a)
{
    if (!a)
        return;
    for (struct waiting *w = a->waiting, *next; w; w = next) {
        next = w->next;
        free_waiting(w);
    }
    key_sources_free(a->sources);
    metadata_free(a->metadata);
    rules_clear(&a->rules);
    free(a);
}

const struct authenticator *authenticator_port(const struct auth *a)
{
    return &a->port;
}

const struct http_route *authenticator_metadata_route(const struct auth *a)
{
    return metadata_route(a->metadata);
}
