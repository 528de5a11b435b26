/* Names of members: their words ("dbPassword", "db_password", "DB-PASSWORD" are two) against parts
 * that tell a secret. */
#include "core/redact/inside.h"

#define WORDS_MAX 16
#define NAME_MAX_BYTES 128

struct words {
    char text[NAME_MAX_BYTES]; /* lower case, without separators */
    size_t len;
    size_t start[WORDS_MAX + 1];
    size_t count;
};

struct part {
    struct str text;
    bool whole;      /* it must be whole words of the name */
    bool token_like;
};

/* "apikey" within a word is enough, "auth" must be one: "author" is none. */
static const struct part parts[] = {
    {STR_INIT("apikey"), false, false},      {STR_INIT("secret"), false, false},
    {STR_INIT("password"), false, false},    {STR_INIT("passwd"), false, false},
    {STR_INIT("passphrase"), false, false},  {STR_INIT("privatekey"), false, false},
    {STR_INIT("credential"), false, false},  {STR_INIT("authorization"), false, false},
    {STR_INIT("accesskey"), false, false},   {STR_INIT("signingkey"), false, false},
    {STR_INIT("encryptionkey"), false, false}, {STR_INIT("connectionstring"), false, false},
    {STR_INIT("token"), true, true},         {STR_INIT("authtoken"), false, true},
    {STR_INIT("accesstoken"), false, true},  {STR_INIT("refreshtoken"), false, true},
    {STR_INIT("auth"), true, true},          {STR_INIT("oauth"), true, true},
    {STR_INIT("bearer"), true, true},        {STR_INIT("jwt"), true, true},
    {STR_INIT("cookie"), true, true},        {STR_INIT("setcookie"), true, true},
    {STR_INIT("pwd"), true, false},          {STR_INIT("pin"), true, false},
    {STR_INIT("otp"), true, false},          {STR_INIT("cvv"), true, false},
    {STR_INIT("cvc"), true, false},          {STR_INIT("ssn"), true, false},
    {STR_INIT("pgpassword"), true, false},   {STR_INIT("cardnumber"), false, false},
};

/* A name that ends so is about a secret and holds none: "token_type", "passwordPolicy". */
static const struct str about[] = {
    STR_INIT("type"),   STR_INIT("name"),   STR_INIT("count"),  STR_INIT("limit"),
    STR_INIT("usage"),  STR_INIT("policy"), STR_INIT("length"), STR_INIT("hint"),
    STR_INIT("url"),    STR_INIT("uri"),    STR_INIT("path"),   STR_INIT("file"),
    STR_INIT("env"),    STR_INIT("id"),     STR_INIT("ids"),    STR_INIT("endpoint"),
    STR_INIT("expiry"), STR_INIT("at"),     STR_INIT("in"),     STR_INIT("mode"),
    STR_INIT("scope"),  STR_INIT("scopes"), STR_INIT("method"), STR_INIT("budget"),
};

static bool upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static void split(struct str name, struct words *w)
{
    bool boundary = true;
    *w = (struct words){.len = 0};
    for (size_t i = 0; i < name.len && w->len < NAME_MAX_BYTES; i++) {
        char c = name.ptr[i];
        if (!redact_word(c)) {
            boundary = true;
            continue;
        }
        bool after_lower = i && redact_word(name.ptr[i - 1]) && !upper(name.ptr[i - 1]);
        bool before_lower = i + 1 < name.len && redact_word(name.ptr[i + 1]) &&
                            !upper(name.ptr[i + 1]) && i && upper(name.ptr[i - 1]);
        if (upper(c) && (after_lower || before_lower))
            boundary = true;
        if (boundary && w->count < WORDS_MAX)
            w->start[w->count++] = w->len;
        boundary = false;
        w->text[w->len++] = upper(c) ? (char)(c - 'A' + 'a') : c;
    }
    w->start[w->count] = w->len;
}

static bool at_word(const struct words *w, size_t offset)
{
    for (size_t i = 0; i <= w->count; i++)
        if (w->start[i] == offset)
            return true;
    return false;
}

static bool holds(const struct words *w, const struct part *part)
{
    for (size_t i = 0; i + part->text.len <= w->len; i++)
        if (memcmp(w->text + i, part->text.ptr, part->text.len) == 0 &&
            (!part->whole || (at_word(w, i) && at_word(w, i + part->text.len))))
            return true;
    return false;
}

static bool is_about(const struct words *w)
{
    struct str last = {w->text + w->start[w->count - 1], w->len - w->start[w->count - 1]};
    for (size_t i = 0; i < sizeof(about) / sizeof(about[0]); i++)
        if (w->count > 1 && str_eq(last, about[i]))
            return true;
    return false;
}

bool redact_name(struct str name, bool *token_like)
{
    struct words w;
    split(name, &w);
    if (!w.count || is_about(&w))
        return false;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (holds(&w, &parts[i])) {
            *token_like = parts[i].token_like;
            return true;
        }
    return false;
}
