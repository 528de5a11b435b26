#include "adapters/driven/authenticator/token.h"

#include "adapters/driven/authenticator/algorithms.h"
#include "core/base/base64url.h"

static int refuse(struct error *err, const char *why)
{
    return error_set(err, ST_INVALID, "%s", why);
}

bool token_is_one(struct str text)
{
    size_t dots = 0;
    for (size_t i = 0; i < text.len; i++)
        dots += text.ptr[i] == '.';
    return dots == 2 && str_starts(text, STR("ey"));
}

/* The part in front of the first dot, or all; `text` is left with what is behind it. */
static struct str take_part(struct str *text)
{
    const char *dot = text->len ? memchr(text->ptr, '.', text->len) : NULL;
    struct str part = {text->ptr, dot ? (size_t)(dot - text->ptr) : text->len};
    size_t used = part.len + (dot != NULL);
    *text = (struct str){text->ptr + used, text->len - used};
    return part;
}

static bool read_object(struct str part, struct buffer *text, struct json_doc **doc)
{
    return base64url_decode(part, text) && json_parse(buffer_str(text), doc, NULL) == ST_OK &&
           json_type(json_root(*doc)) == JSON_OBJECT;
}

static bool same_word(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if ((a.ptr[i] | 0x20) != (b.ptr[i] | 0x20))
            return false;
    return true;
}

/* An access token (RFC 9068), or one that does not say more than that it is a token. */
static bool has_good_type(struct json header)
{
    struct json type = json_get(header, STR("typ"));
    struct str text;
    if (!json_exists(type))
        return true;
    return json_plain(type, &text) &&
           (same_word(text, STR("JWT")) || same_word(text, STR("at+jwt")) ||
            same_word(text, STR("application/at+jwt")));
}

static int read_header(struct token *t, struct error *err)
{
    struct json header = json_root(t->header);
    struct str name;
    if (!json_plain(json_get(header, STR("alg")), &name) ||
        !algorithm_parse(name, &t->algorithm))
        return refuse(err, "The token is signed in a way that is not taken.");
    if (json_exists(json_get(header, STR("crit"))))
        return refuse(err, "The token demands an extension that is not known.");
    if (!has_good_type(header))
        return refuse(err, "The token is not an access token.");
    if (!json_string(json_get(header, STR("kid")), &t->kid_text, &t->kid) || t->kid.len == 0 ||
        t->kid.len > TOKEN_KID_MAX)
        return refuse(err, "The token does not name its key.");
    return ST_OK;
}

static int parse(struct str text, struct token *t, struct error *err)
{
    struct str rest = text;
    struct str header = take_part(&rest), payload = take_part(&rest);
    t->signed_part = (struct str){text.ptr, header.len + 1 + payload.len};
    if (!read_object(header, &t->header_text, &t->header) ||
        !read_object(payload, &t->payload_text, &t->payload) ||
        !base64url_decode(rest, &t->signature))
        return refuse(err, "The token is damaged.");
    return read_header(t, err);
}

int token_parse(struct str text, struct token *out, struct error *err)
{
    struct token t = {.header_text = BUFFER_INIT};
    if (!token_is_one(text))
        return refuse(err, "The token is damaged.");
    int rc = parse(text, &t, err);
    if (rc)
        token_clear(&t);
    else
        *out = t;
    return rc;
}

void token_clear(struct token *t)
{
    json_free(t->header);
    json_free(t->payload);
    buffer_clear(&t->header_text);
    buffer_clear(&t->payload_text);
    buffer_clear(&t->signature);
    buffer_clear(&t->kid_text);
    t->header = t->payload = NULL;
}
