#include "adapters/driven/authenticator/claims.h"

static struct json claim(const struct token *token, struct str name)
{
    return json_get(json_root(token->payload), name);
}

bool claims_issuer(const struct token *token, const struct auth_rules *rules, size_t *index)
{
    struct json issuer = claim(token, STR("iss"));
    for (*index = 0; *index < rules->issuer_count; (*index)++)
        if (json_is(issuer, rules->issuers[*index]))
            return true;
    return false;
}

static bool is_for(struct json audience, struct str us)
{
    struct json_iter it = json_iter(audience);
    if (json_type(audience) == JSON_STRING)
        return json_is(audience, us);
    while (json_type(audience) == JSON_ARRAY && json_next(&it))
        if (json_is(it.value, us))
            return true;
    return false;
}

/* ---- time ---- */

/* A NumericDate in milliseconds. */
static bool read_time(struct json at, double *out_ms)
{
    double seconds;
    if (!json_double(at, &seconds) || !(seconds >= 0 && seconds < 1e12))
        return false;
    *out_ms = seconds * 1000;
    return true;
}

/* True if a time is given and is none, or is later than now. */
static bool is_ahead(struct json at, double now_ms)
{
    double time;
    return json_exists(at) && (!read_time(at, &time) || time > now_ms);
}

static const char *judge_time(const struct token *token, int64_t now_ms, int64_t leeway_ms)
{
    double expires;
    if (!read_time(claim(token, STR("exp")), &expires))
        return "The token does not say when it expires.";
    if ((double)(now_ms - leeway_ms) >= expires)
        return "The token has expired.";
    if (is_ahead(claim(token, STR("nbf")), (double)(now_ms + leeway_ms)) ||
        is_ahead(claim(token, STR("iat")), (double)(now_ms + leeway_ms)))
        return "The token is not valid yet.";
    return NULL;
}

/* ---- scopes ---- */

static bool has_word(struct str text, struct str word)
{
    for (size_t at = 0; at < text.len;) {
        const char *space = memchr(text.ptr + at, ' ', text.len - at);
        size_t end = space ? (size_t)(space - text.ptr) : text.len;
        if (str_eq((struct str){text.ptr + at, end - at}, word))
            return true;
        at = end + 1;
    }
    return false;
}

bool scopes_suffice(const struct auth_rules *rules, struct str text)
{
    for (size_t i = 0; i < rules->scope_count; i++)
        if (!has_word(text, rules->scopes[i]))
            return false;
    return true;
}

/* `scope` (RFC 8693) is one text; `scp`, which some servers use, a text or an array. */
static void add_scopes(struct json scopes, struct buffer *out)
{
    struct json_iter it = json_iter(scopes);
    json_decode(scopes, out);
    while (json_type(scopes) == JSON_ARRAY && json_next(&it)) {
        buffer_add_char(out, ' ');
        json_decode(it.value, out);
    }
    buffer_add_char(out, ' ');
}

static bool has_scopes(const struct token *token, const struct auth_rules *rules)
{
    struct buffer text = BUFFER_INIT;
    add_scopes(claim(token, STR("scope")), &text);
    add_scopes(claim(token, STR("scp")), &text);
    bool good = !buffer_failed(&text) && scopes_suffice(rules, buffer_str(&text));
    buffer_clear(&text);
    return good;
}

/* ---- who ---- */

/* "<first><issuer>#<claim>" */
static bool name(struct buffer *out, struct str first, struct str issuer, struct json value)
{
    buffer_add_str(out, first);
    buffer_add_str(out, issuer);
    buffer_add_char(out, '#');
    size_t before = out->len;
    json_decode(value, out);
    return !buffer_failed(out) && out->len > before && out->len - before <= SUBJECT_MAX;
}

static const char *fill(const struct token *token, const struct auth_rules *rules, size_t issuer,
                        struct claimed *out)
{
    const struct str from = rules->issuers[issuer];
    if (!name(&out->id, STR("jwt:"), from, claim(token, STR("sub"))))
        return "The token does not say who it is for (sub).";
    if (rules->tenant_claim.len == 0)
        buffer_add_str(&out->tenant, from);
    else if (!name(&out->tenant, STR(""), from, claim(token, rules->tenant_claim)))
        return "The token does not say to which tenant it belongs.";
    return buffer_failed(&out->tenant) ? "There is no memory left." : NULL;
}

enum credential_verdict claims_judge(const struct token *token, const struct auth_rules *rules,
                                     size_t issuer, int64_t now_ms, struct claimed *out,
                                     const char **why)
{
    *why = NULL;
    if (!is_for(claim(token, STR("aud")), rules->audience))
        *why = "The token is for another server.";
    else
        *why = judge_time(token, now_ms, rules->leeway_ms);
    if (!*why)
        *why = fill(token, rules, issuer, out);
    if (*why)
        return CREDENTIALS_INVALID;
    if (has_scopes(token, rules))
        return CREDENTIALS_OK;
    *why = "The token does not have the scopes that are needed.";
    return CREDENTIALS_INSUFFICIENT;
}
