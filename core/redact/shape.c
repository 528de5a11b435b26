/* Keys of known shapes. */
#include "core/redact/inside.h"

enum letters { WORD, UPPER, DASH, TOKEN68 };

struct shape {
    struct str prefix;
    enum letters letters;
    uint16_t least; /* characters behind the prefix */
    uint16_t most;  /* exactly that many at most, and no letter behind; 0: any number */
    const char *what;
};

/* Longer prefixes before those that they begin with. */
static const struct shape shapes[] = {
    {STR_INIT("sk-ant-"), DASH, 20, 0, "an Anthropic key"},
    {STR_INIT("sk_live_"), WORD, 16, 0, "a Stripe key"},
    {STR_INIT("rk_live_"), WORD, 16, 0, "a Stripe key"},
    {STR_INIT("sk_test_"), WORD, 16, 0, "a Stripe key"},
    {STR_INIT("sk-"), DASH, 20, 0, "an OpenAI key"},
    {STR_INIT("whsec_"), TOKEN68, 24, 0, "a webhook secret"},
    {STR_INIT("AKIA"), UPPER, 16, 16, "an AWS access key id"},
    {STR_INIT("ASIA"), UPPER, 16, 16, "an AWS access key id"},
    {STR_INIT("ghp_"), WORD, 36, 0, "a GitHub token"},
    {STR_INIT("gho_"), WORD, 36, 0, "a GitHub token"},
    {STR_INIT("ghu_"), WORD, 36, 0, "a GitHub token"},
    {STR_INIT("ghs_"), WORD, 36, 0, "a GitHub token"},
    {STR_INIT("ghr_"), WORD, 36, 0, "a GitHub token"},
    {STR_INIT("github_pat_"), DASH, 22, 0, "a GitHub token"},
    {STR_INIT("glpat-"), DASH, 20, 0, "a GitLab token"},
    {STR_INIT("xoxb-"), DASH, 10, 0, "a Slack token"},
    {STR_INIT("xoxp-"), DASH, 10, 0, "a Slack token"},
    {STR_INIT("xoxa-"), DASH, 10, 0, "a Slack token"},
    {STR_INIT("xoxs-"), DASH, 10, 0, "a Slack token"},
    {STR_INIT("xapp-"), DASH, 10, 0, "a Slack token"},
    {STR_INIT("AIza"), DASH, 35, 35, "a Google key"},
    {STR_INIT("ya29."), DASH, 20, 0, "a Google token"},
    {STR_INIT("hf_"), WORD, 30, 0, "a Hugging Face token"},
    {STR_INIT("npm_"), WORD, 36, 36, "an npm token"},
    {STR_INIT("pypi-AgE"), DASH, 40, 0, "a PyPI token"},
    {STR_INIT("gsk_"), WORD, 40, 0, "a Groq key"},
    {STR_INIT("xai-"), WORD, 40, 0, "an xAI key"},
    {STR_INIT("r8_"), WORD, 37, 37, "a Replicate token"},
    {STR_INIT("dop_v1_"), WORD, 64, 64, "a DigitalOcean token"},
    {STR_INIT("shpat_"), WORD, 32, 32, "a Shopify token"},
    {STR_INIT("hvs."), DASH, 24, 0, "a Vault token"},
    {STR_INIT("AGE-SECRET-KEY-1"), UPPER, 58, 58, "an age key"},
};

/* Words in front of a secret, and the fewest characters that one has. */
static const struct shape introductions[] = {
    {STR_INIT("Bearer "), TOKEN68, 16, 0, "a bearer token"},
    {STR_INIT("bearer "), TOKEN68, 16, 0, "a bearer token"},
    {STR_INIT("Basic "), TOKEN68, 12, 0, "a user name with a password"},
};

static bool letter(char c, enum letters letters)
{
    switch (letters) {
    case WORD:
        return redact_word(c);
    case UPPER:
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    case DASH:
        return redact_word(c) || c == '-' || c == '_';
    default:
        return redact_word(c) || (c && strchr("-._~+/=", c));
    }
}

static size_t run(struct str text, size_t at, enum letters letters)
{
    size_t len = 0;
    while (at + len < text.len && letter(text.ptr[at + len], letters))
        len++;
    return len;
}

static bool has(struct str text, size_t at, struct str what)
{
    return text.len - at >= what.len && memcmp(text.ptr + at, what.ptr, what.len) == 0;
}

static size_t shaped(struct str text, size_t at, const struct shape *shape)
{
    if (!has(text, at, shape->prefix))
        return 0;
    size_t len = run(text, at + shape->prefix.len, shape->letters);
    if (len < shape->least || (shape->most && len > shape->most))
        return 0;
    return shape->prefix.len + len;
}

/* Three parts of base64url, the first two of which are JSON objects. */
static size_t json_web_token(struct str text, size_t at)
{
    size_t first = run(text, at, DASH);
    if (first < 10 || !has(text, at + first, STR(".eyJ")))
        return 0;
    size_t second = run(text, at + first + 1, DASH);
    size_t behind = at + first + 1 + second;
    if (second < 10 || !has(text, behind, STR(".")))
        return 0;
    size_t third = run(text, behind + 1, DASH);
    return third < 10 ? 0 : first + second + third + 2;
}

static size_t private_key(struct str text, size_t at)
{
    static const struct str end = STR_INIT("PRIVATE KEY-----");
    struct str head = {text.ptr + at, text.len - at < 64 ? text.len - at : 64};
    bool found = false;
    for (size_t i = 10; i < head.len && !found; i++)
        found = has(head, i, end);
    if (!found)
        return 0;
    for (size_t i = at + 11; i < text.len; i++)
        if (has(text, i, STR("-----END ")))
            for (size_t e = i; e < text.len && e < i + 64; e++)
                if (has(text, e, end))
                    return e + end.len - at;
    return text.len - at; /* it is cut off: so is all that there is of it */
}

/* A password in "scheme://user:password@host": `at` is at "://". */
static size_t url_password(struct str text, size_t at, size_t *skip)
{
    size_t i = at + 3, colon = 0;
    for (; i < text.len && (unsigned char)text.ptr[i] > ' ' && !strchr("/?#\"'<>", text.ptr[i]); i++) {
        if (text.ptr[i] == ':' && !colon)
            colon = i;
        if (text.ptr[i] == '@') {
            if (!colon || i == colon + 1)
                return 0;
            *skip = colon + 1 - at;
            return i - at;
        }
    }
    return 0;
}

static bool ends_value(char c)
{
    return (unsigned char)c <= ' ' || strchr("\"'`&;,)}]<>", c);
}

static size_t value_of(struct str text, size_t at, size_t from, bool equals, size_t *skip)
{
    size_t end = from;
    bool odd = false;
    for (; end < text.len && !ends_value(text.ptr[end]); end++)
        odd = odd || !((text.ptr[end] | 32) >= 'a' && (text.ptr[end] | 32) <= 'z');
    struct str value = {text.ptr + from, end - from};
    /* "password: see below" is prose, "password=letmein" is not. */
    if (value.len < (equals ? 4u : 6u) || (!equals && !odd) || redact_harmless(value))
        return 0;
    *skip = from - at;
    return end - at;
}

/* A word that tells a secret, then '=' or ':', then a value; `at` is where the word begins. */
static size_t named_value(struct str text, size_t at, size_t *skip)
{
    bool token_like;
    size_t len = run(text, at, DASH), i = at + len;
    if (len < 3 || len > 64 || i >= text.len)
        return 0;
    while (i < text.len && (text.ptr[i] == ' ' || text.ptr[i] == '"' || text.ptr[i] == '\''))
        i++;
    if (i >= text.len || (text.ptr[i] != '=' && text.ptr[i] != ':'))
        return 0;
    bool equals = text.ptr[i] == '=';
    if (!redact_name((struct str){text.ptr + at, len}, &token_like))
        return 0;
    for (i++; i < text.len && (text.ptr[i] == ' ' || text.ptr[i] == '"' || text.ptr[i] == '\'');)
        i++;
    return value_of(text, at, i, equals, skip);
}

static size_t introduced(struct str text, size_t at, size_t *skip, const char **what)
{
    for (size_t i = 0; i < sizeof(introductions) / sizeof(introductions[0]); i++) {
        size_t len = shaped(text, at, &introductions[i]);
        struct str value = {text.ptr + at + introductions[i].prefix.len,
                            len ? len - introductions[i].prefix.len : 0};
        if (len && !redact_harmless(value)) {
            *skip = introductions[i].prefix.len;
            *what = introductions[i].what;
            return len;
        }
    }
    return 0;
}

static size_t at_word(struct str text, size_t at, size_t *skip, const char **what)
{
    size_t len = introduced(text, at, skip, what);
    for (size_t i = 0; !len && i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        len = shaped(text, at, &shapes[i]);
        *what = shapes[i].what;
    }
    if (!len && has(text, at, STR("eyJ"))) {
        len = json_web_token(text, at);
        *what = "a JSON Web Token";
    }
    if (!len) {
        len = named_value(text, at, skip);
        *what = "a value behind the name of a secret";
    }
    return len;
}

/* "--password" begins a word behind its dashes, "task-sk-1" none behind the first one. */
static bool begins_word(struct str text, size_t at)
{
    if (!at || !letter(text.ptr[at - 1], DASH))
        return true;
    while (at && text.ptr[at - 1] == '-')
        at--;
    return !at || (text.ptr[at] == '-' && !letter(text.ptr[at - 1], DASH));
}

size_t redact_shape(struct str text, size_t at, size_t *skip, const char **what)
{
    *skip = 0;
    char c = text.ptr[at];
    if (c == ':' && has(text, at, STR("://"))) {
        *what = "a password in a URL";
        return url_password(text, at, skip);
    }
    if (c == '-' && has(text, at, STR("-----BEGIN "))) {
        *what = "a private key";
        return private_key(text, at);
    }
    if (!redact_word(c) || !begins_word(text, at))
        return 0;
    return at_word(text, at, skip, what);
}
