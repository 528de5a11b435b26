#include "adapters/driven/authenticator/bearer.h"

static const char scheme[] = "bearer";

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_token_char(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~' ||
           c == '+' || c == '/';
}

/* b64token: characters, then "=" for padding. */
static bool is_token(struct str text)
{
    size_t at = 0;
    while (at < text.len && is_token_char(text.ptr[at]))
        at++;
    size_t filled = at;
    while (at < text.len && text.ptr[at] == '=')
        at++;
    return filled > 0 && at == text.len && text.len <= BEARER_MAX;
}

static bool is_bearer(struct str word)
{
    if (word.len != sizeof(scheme) - 1)
        return false;
    for (size_t i = 0; i < word.len; i++)
        if ((word.ptr[i] | 0x20) != scheme[i])
            return false;
    return true;
}

enum bearer_kind bearer_parse(struct str header, struct str *token)
{
    size_t at = 0;
    while (at < header.len && header.ptr[at] != ' ')
        at++;
    if (!is_bearer((struct str){header.ptr, at}))
        return BEARER_NONE;
    while (at < header.len && header.ptr[at] == ' ')
        at++;
    *token = (struct str){header.ptr + at, header.len - at};
    return is_token(*token) ? BEARER_TOKEN : BEARER_MALFORMED;
}
