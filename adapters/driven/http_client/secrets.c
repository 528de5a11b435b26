#include "adapters/driven/http_client/secrets.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define OPENING "{{secret:"
#define OPENING_LEN (sizeof(OPENING) - 1)
#define NAME_BYTES_MAX 128u

/* ---- handles to values ---- */

bool secrets_in(struct str text)
{
    return text.len && memmem(text.ptr, text.len, OPENING, OPENING_LEN);
}

static bool is_granted(const struct plugin_grants *grants, struct str name)
{
    for (size_t i = 0; i < grants->secret_count; i++)
        if (str_eq(grants->secrets[i], name))
            return true;
    return false;
}

static void escape(struct str value, struct buffer *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            buffer_add_char(out, (char)c);
        } else {
            buffer_add_char(out, '%');
            buffer_add_char(out, digits[c >> 4]);
            buffer_add_char(out, digits[c & 15]);
        }
    }
}

static int check_value(struct str value, struct str name, struct error *err)
{
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] < 0x20 || (unsigned char)value.ptr[i] == 0x7f)
            return error_set(err, ST_CONFIG, "the secret %.*s holds a line break or another control "
                             "character and cannot be sent", STR_ARG(name));
    return value.len ? ST_OK
                     : error_set(err, ST_CONFIG, "the secret %.*s is empty", STR_ARG(name));
}

static int fetch(struct secret *secret, const struct secret_source *source, struct str name,
                 struct str handle, struct error *err)
{
    if (!is_granted(source->grants, name))
        return error_set(err, ST_DENIED, "the secret %.*s is not granted; plugin.json must ask for it: "
                         "\"grants\": {\"secrets\": [\"%.*s\"]}", STR_ARG(name), STR_ARG(name));
    if (!source->get)
        return error_set(err, ST_UNAVAILABLE, "there is no secret %.*s", STR_ARG(name));
    int rc = source->get(source->ctx, source->plugin, name, source->host, &secret->value, err);
    if (!rc)
        rc = check_value(buffer_str(&secret->value), name, err);
    if (rc)
        return rc;
    escape(buffer_str(&secret->value), &secret->escaped);
    secret->handle = strndup(handle.ptr, handle.len);
    return secret->handle && !buffer_failed(&secret->escaped) && !buffer_failed(&secret->value)
               ? ST_OK
               : error_set(err, ST_NOMEM, "out of memory");
}

static struct secret *known(struct secrets *secrets, struct str handle)
{
    for (size_t i = 0; i < secrets->count; i++)
        if (str_eq(str_from(secrets->list[i].handle), handle))
            return &secrets->list[i];
    return NULL;
}

static int find(struct secrets *secrets, const struct secret_source *source, struct str name,
                struct str handle, struct secret **out, struct error *err)
{
    *out = known(secrets, handle);
    if (*out)
        return ST_OK;
    if (secrets->count == SECRETS_MAX)
        return error_set(err, ST_INVALID, "a request may have at most %u secrets", SECRETS_MAX);
    *out = &secrets->list[secrets->count++];
    return fetch(*out, source, name, handle, err);
}

/* The handle that begins at text.ptr, and its name. */
static int read_handle(struct str text, struct str *handle, struct str *name, struct error *err)
{
    const char *end = memmem(text.ptr, text.len, "}}", 2);
    size_t len = end ? (size_t)(end - text.ptr) - OPENING_LEN : 0;
    if (len == 0 || len > NAME_BYTES_MAX)
        return error_set(err, ST_INVALID, "a handle of a secret is not {{secret:NAME}}");
    *name = (struct str){text.ptr + OPENING_LEN, len};
    *handle = (struct str){text.ptr, OPENING_LEN + len + 2};
    return ST_OK;
}

int secrets_fill(struct secrets *secrets, const struct secret_source *source, struct str text,
                 bool escapes, struct buffer *out, struct error *err)
{
    const char *at;
    while (text.len && (at = memmem(text.ptr, text.len, OPENING, OPENING_LEN))) {
        struct str handle = {NULL, 0}, name = {NULL, 0};
        struct secret *secret;
        size_t before = (size_t)(at - text.ptr);
        int rc = read_handle((struct str){at, text.len - before}, &handle, &name, err);
        if (!rc)
            rc = find(secrets, source, name, handle, &secret, err);
        if (rc)
            return rc;
        buffer_add(out, text.ptr, before);
        buffer_add_str(out, buffer_str(escapes ? &secret->escaped : &secret->value));
        text = (struct str){at + handle.len, text.len - before - handle.len};
    }
    buffer_add_str(out, text);
    return buffer_failed(out) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

/* ---- values to handles ---- */

struct sought {
    struct str value;
    const char *handle;
};

static size_t sought_of(const struct secrets *secrets, struct sought out[2 * SECRETS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < secrets->count; i++) {
        const struct secret *s = &secrets->list[i];
        if (s->value.len < SECRET_SOUGHT_MIN || !s->handle)
            continue;
        out[count++] = (struct sought){buffer_str(&s->value), s->handle};
        if (!str_eq(buffer_str(&s->value), buffer_str(&s->escaped)))
            out[count++] = (struct sought){buffer_str(&s->escaped), s->handle};
    }
    return count;
}

/* The longest value that begins here; *cut if the text ends before one of them does. */
static const struct sought *at_value(const struct sought *list, size_t count, struct str text,
                                     bool *cut)
{
    const struct sought *found = NULL;
    *cut = false;
    for (size_t i = 0; i < count; i++) {
        if (str_starts(text, list[i].value) &&
            (!found || found->value.len < list[i].value.len))
            found = &list[i];
        *cut = *cut || (text.len < list[i].value.len && str_starts(list[i].value, text));
    }
    return found;
}

size_t secrets_hide(const struct secrets *secrets, struct str text, bool last, struct buffer *out)
{
    struct sought list[2 * SECRETS_MAX];
    size_t count = sought_of(secrets, list), at = 0, plain = 0;
    while (count && at < text.len) {
        bool cut;
        struct str rest = {text.ptr + at, text.len - at};
        const struct sought *found = at_value(list, count, rest, &cut);
        if (cut && !last)
            break;
        if (!found) {
            at++;
            continue;
        }
        buffer_add(out, text.ptr + plain, at - plain);
        buffer_add_str(out, str_from(found->handle));
        at += found->value.len;
        plain = at;
    }
    if (!count)
        at = text.len;
    buffer_add(out, text.ptr + plain, at - plain);
    return at;
}

void secrets_clear(struct secrets *secrets)
{
    for (size_t i = 0; i < secrets->count; i++) {
        struct secret *s = &secrets->list[i];
        if (s->value.data)
            explicit_bzero(s->value.data, s->value.cap);
        if (s->escaped.data)
            explicit_bzero(s->escaped.data, s->escaped.cap);
        buffer_clear(&s->value);
        buffer_clear(&s->escaped);
        free(s->handle);
    }
    secrets->count = 0;
}
