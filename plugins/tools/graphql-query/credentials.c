/*
 * SPDX-License-Identifier: MIT
 */
#include "credentials.h"

#include "kit/encode.h"
#include "kit/secret.h"

#include <stdio.h>

#define HIDDEN_LEAST 6 /* as the host has it: a shorter value is found everywhere */

static const char opening[] = "{{secret:", closing[] = "}}";

/* ---- may it go there? ---- */

static int32_t check_place(const struct credentials *c, const char *name)
{
    const struct place *place = c->place;
    if (!settings_allow(c->settings, name, place->host, place->port))
        return hexmcp_fail(c->r->err, HEXMCP_E_DENIED,
                           "the secret %.64s may not be sent to %s:%u over WebSocket; the operator allows it "
                           "with \"websocketSecrets\" in the settings of hexmcp.graphql-query, for the names "
                           SETTINGS_NAMES ", or use transport sse",
                           name, place->host, place->port);
    if (!place->tls && !place_is_here(place))
        return hexmcp_fail(c->r->err, HEXMCP_E_DENIED,
                           "the secret %.64s is not sent without TLS; give an endpoint with wss://", name);
    return HEXMCP_OK;
}

static int32_t find(struct credentials *c, const char *name, const struct credential **out)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->used[i].name, name) == 0) {
            *out = &c->used[i];
            return HEXMCP_OK;
        }
    struct credential *new = &c->used[c->count];
    int32_t status = check_place(c, name); /* which knows no more names than there is room for */
    if (status == HEXMCP_OK)
        status = secret_reveal(c->r, name, new->value, sizeof(new->value));
    if (status != HEXMCP_OK)
        return status;
    snprintf(new->name, sizeof(new->name), "%s", name);
    c->count++;
    *out = new;
    return HEXMCP_OK;
}

/* ---- values for handles ---- */

static bool is_one_line(const char *value)
{
    for (; *value; value++)
        if ((unsigned char)*value < ' ' || *value == 0x7f)
            return false;
    return true;
}

static int32_t add_value(struct credentials *c, const char *name, enum credential_coding coding,
                         struct bytes *out)
{
    const struct credential *one;
    int32_t status = find(c, name, &one);
    if (status != HEXMCP_OK)
        return status;
    if (coding == CREDENTIAL_HEADER && !is_one_line(one->value))
        return hexmcp_fail(c->r->err, HEXMCP_E_INVALID,
                           "the secret %.64s holds a control character and cannot stand in a header", name);
    hexmcp_str value = hexmcp_str_from(one->value);
    bool good = coding == CREDENTIAL_PERCENT ? encode_percent(out, value)
                                             : bytes_add(out, value.ptr, value.len);
    return good ? HEXMCP_OK : hexmcp_fail(c->r->err, HEXMCP_E_NOMEM, "out of memory; try again");
}

static const char *find_text(const char *from, const char *end, const char *what, size_t len)
{
    return memmem(from, (size_t)(end - from), what, len);
}

int32_t credentials_fill(struct credentials *c, hexmcp_str text, enum credential_coding coding,
                         struct bytes *out)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && at < end) {
        const char *open = find_text(at, end, opening, sizeof(opening) - 1);
        const char *name = open ? open + sizeof(opening) - 1 : NULL;
        const char *close = name ? find_text(name, end, closing, 2) : NULL;
        const char *stop = close ? open : end;
        char text_name[SETTINGS_NAME];
        if (stop > at && !bytes_add(out, at, (size_t)(stop - at)))
            return hexmcp_fail(c->r->err, HEXMCP_E_NOMEM, "out of memory; try again");
        if (!close)
            return HEXMCP_OK;
        snprintf(text_name, sizeof(text_name), "%.*s", (int)(close - name), name);
        status = add_value(c, text_name, coding, out);
        at = close + 2;
    }
    return status;
}

/* ---- handles for values ---- */

static bool replace(struct bytes *text, hexmcp_str value, const char *name)
{
    struct bytes out = {0};
    const char *at = text->ptr, *end = text->ptr + text->len, *found;
    bool good = true, any = false;
    while (good && (found = find_text(at, end, value.ptr, value.len))) {
        any = true;
        good = bytes_add(&out, at, (size_t)(found - at)) &&
               bytes_add(&out, opening, sizeof(opening) - 1) && bytes_add(&out, name, strlen(name)) &&
               bytes_add(&out, closing, 2);
        at = found + value.len;
    }
    good = good && bytes_add(&out, at, (size_t)(end - at));
    if (!any || !good) {
        bytes_free(&out);
        return good;
    }
    bytes_free(text);
    *text = out;
    return true;
}

/* As it stands in JSON, without the quotes. */
static bool quote(hexmcp_str value, struct bytes *out)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_write_string(&w, value);
    hexmcp_str text = hexmcp_json_writer_text(&w);
    bool good = text.len >= 2 && bytes_add(out, text.ptr + 1, text.len - 2);
    if (text.ptr)
        explicit_bzero((char *)(uintptr_t)text.ptr, text.len);
    hexmcp_json_writer_free(&w);
    return good;
}

static void wipe(struct bytes *b)
{
    if (b->ptr)
        explicit_bzero(b->ptr, b->len);
    bytes_free(b);
}

/* The text is JSON, and can have JSON in its strings. */
static bool hide_one(const struct credential *one, struct bytes *text)
{
    struct bytes coded[3] = {{0}, {0}, {0}};
    hexmcp_str value = hexmcp_str_from(one->value);
    if (value.len < HIDDEN_LEAST)
        return true;
    bool good = quote(value, &coded[0]) && quote(bytes_str(&coded[0]), &coded[1]) &&
                encode_percent(&coded[2], value);
    for (size_t i = 0; i < 3; i++) {
        good = good && replace(text, bytes_str(&coded[i]), one->name);
        wipe(&coded[i]);
    }
    return good;
}

bool credentials_hide(const struct credentials *c, hexmcp_str text, struct bytes *out)
{
    bool good = bytes_add(out, text.ptr ? text.ptr : "", text.len);
    for (size_t i = 0; good && i < c->count; i++)
        good = hide_one(&c->used[i], out);
    return good;
}

void credentials_forget(struct credentials *c)
{
    secret_forget((char *)c->used, sizeof(c->used));
    c->count = 0;
}
