/*
 * SPDX-License-Identifier: MIT
 */
#include "body.h"
#include "multipart.h"

#include "kit/encode.h"
#include "kit/source.h"

static void no_memory(struct args *args)
{
    args_fail(args, HEXMCP_E_NOMEM, "out of memory for the body; try again");
}

static void add(struct args *args, struct bytes *body, hexmcp_str data)
{
    if (!bytes_add(body, data.ptr ? data.ptr : "", data.len))
        no_memory(args);
}

static void read_text(const hexmcp_round *r, struct args *args, struct headers *h, struct bytes *body)
{
    (void)r;
    add(args, body, args_bytes(args, "body", BODY_MOST));
    headers_put(h, "Content-Type", "text/plain; charset=utf-8");
}

static void read_base64(const hexmcp_round *r, struct args *args, struct headers *h,
                        struct bytes *body)
{
    (void)r;
    hexmcp_str text = args_bytes(args, "body_base64", BODY_MOST / 3 * 4 + 4);
    if (args_status(args) == HEXMCP_OK && !decode_base64(body, text))
        args_fail(args, HEXMCP_E_INVALID,
                  "body_base64 is no base64: A-Z, a-z, 0-9, + and /, with = at the end; give text as "
                  "body");
    headers_put(h, "Content-Type", "application/octet-stream");
}

static void read_json(const hexmcp_round *r, struct args *args, struct headers *h, struct bytes *body)
{
    (void)r;
    add(args, body, args_raw(args, "json"));
    headers_put(h, "Content-Type", "application/json");
}

/* A text, a number or a truth value as text. */
static hexmcp_str value_text(struct args *args, hexmcp_str value, const char *what)
{
    int type = hexmcp_json_type(value);
    if (type == HEXMCP_JSON_NUMBER || type == HEXMCP_JSON_BOOL)
        return value;
    return hexmcp_str_from(args_string(args, value, what, BODY_MOST));
}

static void read_form(const hexmcp_round *r, struct args *args, struct headers *h, struct bytes *body)
{
    struct args form = args_object(args, "form");
    hexmcp_json_iter it = hexmcp_json_iter_begin(form.json);
    hexmcp_str key, value;
    (void)r;
    while (args_status(args) == HEXMCP_OK && hexmcp_json_next(&it, &key, &value)) {
        hexmcp_str name = hexmcp_str_from(args_string(&form, key, "a name", 1000));
        hexmcp_str text = value_text(&form, value, "a value");
        if ((body->len > 0 && !bytes_add(body, "&", 1)) || !encode_percent(body, name) ||
            !bytes_add(body, "=", 1) || !encode_percent(body, text))
            no_memory(args);
    }
    headers_put(h, "Content-Type", "application/x-www-form-urlencoded");
}

static void read_file(const hexmcp_round *r, struct args *args, struct headers *h, struct bytes *body)
{
    const char *path = args_needed(args, "path", 4096);
    if (args_status(args) != HEXMCP_OK)
        return;
    int32_t status = source_read_file(r, path, BODY_MOST, body);
    if (status != HEXMCP_OK)
        args_fail(args, status, "%s", r->err->text);
    headers_put(h, "Content-Type", "application/octet-stream");
}

void body_read(const hexmcp_round *r, struct args *args, struct headers *h, struct bytes *body)
{
    static const struct {
        const char *key;
        void (*read)(const hexmcp_round *, struct args *, struct headers *, struct bytes *);
    } kinds[] = {{"body", read_text},      {"body_base64", read_base64}, {"json", read_json},
                 {"form", read_form},      {"multipart", multipart_read}, {"path", read_file}};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!args_has(args, kinds[i].key))
            continue;
        if (found) {
            args_fail(args, HEXMCP_E_INVALID, "%s and %s are both given; a request has one body: give "
                      "one of them", found, kinds[i].key);
            return;
        }
        found = kinds[i].key;
        kinds[i].read(r, args, h, body);
    }
    if (args_status(args) == HEXMCP_OK && body->len > BODY_MOST)
        args_fail(args, HEXMCP_E_TOO_LARGE, "the body has %zu bytes, but at most %zu are sent; send less",
                  body->len, BODY_MOST);
}
