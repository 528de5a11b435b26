/*
 * What comes from outside to say who somebody is. The first byte says what follows it: the value of an
 * Authorization header; the header and the payload of a token, with a line break between; a key set; a
 * URL.
 */
#include <stdlib.h>

#include "adapters/driven/authenticator/bearer.h"
#include "adapters/driven/authenticator/claims.h"
#include "adapters/driven/authenticator/key_set.h"
#include "adapters/driven/authenticator/url.h"
#include "core/base/base64url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct auth_rules rules = {
    .audience = STR_INIT("us"),
    .issuers = {STR_INIT("i"), STR_INIT("j")},
    .issuer_count = 2,
    .scopes = {STR_INIT("s")},
    .scope_count = 1,
    .tenant_claim = STR_INIT("t"),
    .leeway_ms = 1000,
};

static void check(bool good)
{
    if (!good)
        abort();
}

static void judge(const struct token *token)
{
    struct claimed claimed = {BUFFER_INIT, BUFFER_INIT};
    const char *why = NULL;
    size_t issuer;
    check(token->kid.len > 0 && token->kid.len <= TOKEN_KID_MAX);
    check(token->algorithm < TOKEN_ALGORITHMS);
    if (!claims_issuer(token, &rules, &issuer))
        return;
    enum credential_verdict verdict =
        claims_judge(token, &rules, issuer, 1700000000000, &claimed, &why);
    check((verdict == CREDENTIALS_OK) == (why == NULL));
    if (verdict == CREDENTIALS_OK) {
        check(str_starts(buffer_str(&claimed.id), issuer ? STR("jwt:j#") : STR("jwt:i#")));
        check(claimed.id.len > 6 && claimed.tenant.len > 2);
    }
    buffer_clear(&claimed.id);
    buffer_clear(&claimed.tenant);
}

static void read_token(struct str text)
{
    struct token token;
    struct error err = {0};
    if (token_parse(text, &token, &err)) {
        check(err.code == ST_INVALID && err.text[0] != '\0');
        return;
    }
    check(token_is_one(text));
    judge(&token);
    token_clear(&token);
}

static void read_header(struct str header)
{
    struct str text;
    if (bearer_parse(header, &text) != BEARER_TOKEN)
        return;
    check(text.len > 0 && text.len <= BEARER_MAX && memchr(text.ptr, ' ', text.len) == NULL);
    read_token(text);
}

static void read_parts(struct str text)
{
    struct buffer token = BUFFER_INIT;
    const char *line = text.len ? memchr(text.ptr, '\n', text.len) : NULL;
    size_t first = line ? (size_t)(line - text.ptr) : text.len, used = first + (line != NULL);
    base64url_encode((struct str){text.ptr, first}, &token);
    buffer_add_char(&token, '.');
    base64url_encode((struct str){text.ptr + used, text.len - used}, &token);
    buffer_add_str(&token, STR(".c2ln"));
    read_token(buffer_str(&token));
    buffer_clear(&token);
}

/* Every key is one, and must be freed once. */
static int import_key(const struct key_material *material, struct public_key **out,
                      struct error *err)
{
    (void)err;
    check(material->kind <= KEY_ED25519);
    *out = malloc(1);
    return *out ? ST_OK : ST_NOMEM;
}

static void free_key(struct public_key *key)
{
    free(key);
}

static void read_keys(struct str text)
{
    static const struct auth_module module = {.import_key = import_key, .free_key = free_key};
    struct key_set *set;
    if (key_set_parse(text, &module, &set, NULL))
        return;
    key_set_find(set, STR("a"), TOKEN_ES256);
    key_set_free(set);
}

static void read_url(struct str text)
{
    struct url url;
    if (!url_parse(text, &url))
        return;
    check(url.origin.len + url.path.len == text.len);
    check(str_starts(text, STR("https://")) || url.loopback);
    check(memchr(text.ptr, '@', url.origin.len) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(struct str) = {read_header, read_parts, read_keys, read_url};
    if (size > 0)
        readers[data[0] % 4]((struct str){(const char *)data + 1, size - 1});
    return 0;
}
