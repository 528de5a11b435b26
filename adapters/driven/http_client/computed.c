#include "adapters/driven/http_client/computed.h"

#include "core/base/base64.h"
#include "core/base/hex.h"
#include "core/base/str.h"

/* ---- how it is asked for ---- */

static bool keep_text(struct json value, struct arena *arena, struct str *out)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    bool is_text = json_string(value, &scratch, &text);
    if (is_text)
        *out = arena_copy(arena, text);
    buffer_clear(&scratch);
    return is_text;
}

static bool read_member(struct json key, struct json value, struct arena *arena, struct computed *c)
{
    if (json_is(key, STR("base64")) && c->kind == COMPUTED_NOTHING) {
        c->kind = COMPUTED_BASE64;
        return keep_text(value, arena, &c->text);
    }
    if (json_is(key, STR("hmacSha256")) && c->kind == COMPUTED_NOTHING) {
        c->kind = COMPUTED_HMAC;
        return keep_text(value, arena, &c->text);
    }
    if (json_is(key, STR("of")))
        return keep_text(value, arena, &c->of);
    c->hex = json_is(value, STR("hex"));
    return json_is(key, STR("as")) && (c->hex || json_is(value, STR("base64")));
}

int computed_read(struct json value, struct arena *arena, struct computed *out, struct error *err)
{
    struct json_iter it = json_iter(value);
    struct computed c = {.of = STR(""), .hex = true};
    bool good = json_type(value) == JSON_OBJECT;
    while (good && json_next(&it))
        good = read_member(it.key, it.value, arena, &c);
    if (arena->failed)
        return error_set(err, ST_NOMEM, "out of memory");
    if (!good || c.kind == COMPUTED_NOTHING)
        return error_set(err, ST_INVALID, "\"headers\": the third element is neither {\"base64\": text} "
                         "nor {\"hmacSha256\": key, \"of\": text, \"as\": \"hex\" or \"base64\"}");
    *out = c;
    return ST_OK;
}

/* ---- how it is made ---- */

static int make_base64(const struct computed *c, struct secrets *secrets, struct str text,
                       struct buffer *out, struct error *err)
{
    struct buffer coded = BUFFER_INIT, shown = BUFFER_INIT;
    base64_encode(text, &coded);
    buffer_add_str(&shown, STR("{{base64:"));
    buffer_add_str(&shown, c->text);
    buffer_add_str(&shown, STR("}}"));
    int rc = buffer_failed(&coded) || buffer_failed(&shown)
                 ? error_set(err, ST_NOMEM, "out of memory")
                 : secrets_seek(secrets, buffer_str(&coded), buffer_str(&shown), err);
    buffer_reserve(out, coded.len);
    buffer_add_str(out, buffer_str(&coded));
    buffer_wipe(&coded);
    buffer_clear(&shown);
    return rc;
}

static int make_hmac(const struct computed *c, const struct crypto_port *crypto, struct str key,
                     struct str body, struct buffer *out, struct error *err)
{
    uint8_t mac[SHA256_BYTES];
    struct buffer text = BUFFER_INIT;
    if (!crypto)
        return error_set(err, ST_UNAVAILABLE, "nothing here makes signatures");
    if (key.len == 0)
        return error_set(err, ST_INVALID, "the key of a signature is empty");
    buffer_add_str(&text, c->of);
    buffer_add_str(&text, body);
    int rc = buffer_failed(&text) ? error_set(err, ST_NOMEM, "out of memory")
                                  : crypto->hmac_sha256(crypto->ctx, key, buffer_str(&text), mac, err);
    buffer_clear(&text);
    if (!rc && c->hex) {
        char digits[2 * SHA256_BYTES];
        hex_write(mac, sizeof(mac), digits);
        buffer_add_str(out, (struct str){digits, sizeof(digits)});
    }
    if (!rc && !c->hex)
        base64_encode((struct str){(const char *)mac, SHA256_BYTES}, out);
    return rc;
}

int computed_fill(const struct computed *computed, struct secrets *secrets,
                  const struct secret_source *source, const struct crypto_port *crypto,
                  struct str body, struct buffer *out, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    int rc = secrets_fill(secrets, source, computed->text, SECRET_PLAIN, &text, err);
    if (!rc && computed->kind == COMPUTED_BASE64)
        rc = make_base64(computed, secrets, buffer_str(&text), out, err);
    else if (!rc)
        rc = make_hmac(computed, crypto, buffer_str(&text), body, out, err);
    buffer_wipe(&text);
    return rc;
}
