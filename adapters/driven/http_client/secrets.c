#include "adapters/driven/http_client/secrets.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/json/writer.h"

#define OPENING_LEN (sizeof(SECRET_HANDLE_OPEN) - 1)
#define CLOSE_LEN (sizeof(SECRET_HANDLE_CLOSE) - 1)

enum { FORM_PLAIN, FORM_URL, FORM_JSON };

/* ---- handles to values ---- */

bool secrets_in(struct str text)
{
    return text.len && memmem(text.ptr, text.len, SECRET_HANDLE_OPEN, OPENING_LEN);
}

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

static void unescape(struct str text, struct buffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        bool escaped = text.ptr[i] == '%' && i + 2 < text.len;
        if (!escaped) {
            buffer_add_char(out, text.ptr[i]);
            continue;
        }
        buffer_add_char(out, (char)(hex_digit(text.ptr[i + 1]) << 4 | hex_digit(text.ptr[i + 2])));
        i += 2;
    }
}

static void escape(struct str text, struct buffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (isalnum(c) || memchr("-._~", c, 4)) {
            buffer_add_char(out, (char)c);
            continue;
        }
        buffer_add_char(out, '%');
        buffer_add_char(out, "0123456789ABCDEF"[c >> 4]);
        buffer_add_char(out, "0123456789ABCDEF"[c & 15]);
    }
}

/* Without its quotes. */
static void json_form(struct str value, struct buffer *out)
{
    json_quote(out, value);
    if (buffer_failed(out))
        return;
    buffer_drop_front(out, 1);
    out->len--;
}

static int fetch(struct secret *secret, const struct secret_source *source, struct str handle,
                 struct error *err)
{
    const struct secret_store_port *store = source->store;
    struct buffer *forms = secret->forms;
    if (!store)
        return error_set(err, ST_NOT_FOUND, "there is no %.*s", STR_ARG(handle));
    int rc = store->fill(store->ctx, &source->use, SECRET_PERCENT, handle, &forms[FORM_URL], err);
    if (rc)
        return rc;
    buffer_reserve(&forms[FORM_PLAIN], forms[FORM_URL].len);
    unescape(buffer_str(&forms[FORM_URL]), &forms[FORM_PLAIN]);
    json_form(buffer_str(&forms[FORM_PLAIN]), &forms[FORM_JSON]);
    secret->handle = strndup(handle.ptr, handle.len);
    return secret->handle && !buffer_failed(&forms[FORM_PLAIN]) && !buffer_failed(&forms[FORM_JSON])
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

static int too_many(struct error *err)
{
    return error_set(err, ST_INVALID, "a request may have at most %u secrets", SECRETS_MAX);
}

static int learn(struct secrets *secrets, const struct secret_source *source, struct str handle,
                 struct error *err)
{
    if (known(secrets, handle))
        return ST_OK;
    if (secrets->count == SECRETS_MAX)
        return too_many(err);
    return fetch(&secrets->list[secrets->count++], source, handle, err);
}

/* The handle that begins at text.ptr. */
static int read_handle(struct str text, struct str *handle, struct error *err)
{
    const char *end = memmem(text.ptr, text.len, SECRET_HANDLE_CLOSE, CLOSE_LEN);
    if (!end || (size_t)(end - text.ptr) > OPENING_LEN + SECRET_NAME_MAX)
        return error_set(err, ST_INVALID, "a handle of a secret is not {{secret:NAME}}");
    *handle = (struct str){text.ptr, (size_t)(end - text.ptr) + CLOSE_LEN};
    return ST_OK;
}

int secrets_fill(struct secrets *secrets, const struct secret_source *source, struct str text,
                 enum secret_coding coding, struct buffer *out, struct error *err)
{
    const struct secret_store_port *store = source->store;
    const char *at;
    while (text.len && (at = memmem(text.ptr, text.len, SECRET_HANDLE_OPEN, OPENING_LEN))) {
        struct str handle = {NULL, 0};
        size_t before = (size_t)(at - text.ptr);
        int rc = read_handle((struct str){at, text.len - before}, &handle, err);
        if (!rc)
            rc = learn(secrets, source, handle, err);
        buffer_add(out, text.ptr, before);
        if (!rc)
            rc = store->fill(store->ctx, &source->use, coding, handle, out, err);
        if (rc)
            return rc;
        text = (struct str){at + handle.len, text.len - before - handle.len};
    }
    buffer_add_str(out, text);
    return buffer_failed(out) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

int secrets_seek(struct secrets *secrets, struct str value, struct str shown, struct error *err)
{
    if (secrets->count == SECRETS_MAX)
        return too_many(err);
    struct secret *secret = &secrets->list[secrets->count++];
    struct buffer *forms = secret->forms;
    buffer_reserve(&forms[FORM_PLAIN], value.len);
    buffer_add_str(&forms[FORM_PLAIN], value);
    buffer_reserve(&forms[FORM_URL], 3 * value.len);
    escape(value, &forms[FORM_URL]);
    json_form(value, &forms[FORM_JSON]);
    secret->handle = strndup(shown.ptr, shown.len);
    return secret->handle && !buffer_failed(&forms[FORM_PLAIN]) && !buffer_failed(&forms[FORM_URL])
               ? ST_OK
               : error_set(err, ST_NOMEM, "out of memory");
}

/* ---- values to handles ---- */

struct sought {
    struct str value;
    const char *handle;
};

static size_t sought_of(const struct secrets *secrets, struct sought out[SECRET_FORMS * SECRETS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < secrets->count; i++) {
        const struct secret *s = &secrets->list[i];
        struct str plain = buffer_str(&s->forms[FORM_PLAIN]);
        for (size_t form = 0; s->handle && plain.len >= SECRET_SOUGHT_MIN && form < SECRET_FORMS; form++)
            if (form == FORM_PLAIN || !str_eq(plain, buffer_str(&s->forms[form])))
                out[count++] = (struct sought){buffer_str(&s->forms[form]), s->handle};
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
    struct sought list[SECRET_FORMS * SECRETS_MAX];
    size_t count, at = 0, plain = 0;
    if (text.len == 0)
        return 0; /* and perhaps nowhere */
    count = sought_of(secrets, list);
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
        for (size_t form = 0; form < SECRET_FORMS; form++)
            buffer_wipe(&secrets->list[i].forms[form]);
        free(secrets->list[i].handle);
    }
    secrets->count = 0;
}
