/*
 * SPDX-License-Identifier: MIT
 */
#include "params.h"

#include <stdio.h>
#include <strings.h>

#define DEPTH_MOST 20

struct filling {
    struct credentials *credentials; /* NULL: handles stay */
    hexmcp_json_writer w;
    int32_t status;
    unsigned depth;
};

static void fill_value(struct filling *f, hexmcp_str value);

static void fill_text(struct filling *f, hexmcp_str text)
{
    struct bytes filled = {0};
    if (f->credentials)
        f->status = credentials_fill(f->credentials, text, CREDENTIAL_PLAIN, &filled);
    else if (!bytes_add(&filled, text.ptr, text.len))
        f->status = HEXMCP_E_NOMEM;
    hexmcp_json_write_string(&f->w, filled.ptr ? bytes_str(&filled) : hexmcp_str_from(""));
    if (filled.ptr)
        explicit_bzero(filled.ptr, filled.len);
    bytes_free(&filled);
}

static void fill_string(struct filling *f, hexmcp_str value)
{
    char *text = NULL;
    size_t len;
    if (hexmcp_json_string_dup(value, &text, &len) != HEXMCP_OK) {
        f->status = HEXMCP_E_NOMEM;
        return;
    }
    fill_text(f, (hexmcp_str){text, len});
    free(text);
}

/* {"secret": NAME} and nothing beside it. */
static bool is_secret(hexmcp_str value, char name[SETTINGS_NAME])
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(value);
    hexmcp_str key, inner, more;
    return hexmcp_json_next(&it, &key, &inner) && hexmcp_json_equals(key, "secret") &&
           hexmcp_json_type(inner) == HEXMCP_JSON_STRING &&
           hexmcp_json_string(inner, name, SETTINGS_NAME, NULL) == HEXMCP_OK &&
           !hexmcp_json_next(&it, &key, &more);
}

static void fill_object(struct filling *f, hexmcp_str value)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(value);
    char name[SETTINGS_NAME], handle[SETTINGS_NAME + 12];
    hexmcp_str key, inner;
    if (is_secret(value, name)) {
        snprintf(handle, sizeof(handle), "{{secret:%s}}", name);
        fill_text(f, hexmcp_str_from(handle));
        return;
    }
    hexmcp_json_begin_object(&f->w);
    while (f->status == HEXMCP_OK && hexmcp_json_next(&it, &key, &inner)) {
        char *text = NULL;
        size_t len;
        if (hexmcp_json_string_dup(key, &text, &len) != HEXMCP_OK) {
            f->status = HEXMCP_E_NOMEM;
            return;
        }
        hexmcp_json_key(&f->w, text);
        free(text);
        fill_value(f, inner);
    }
    hexmcp_json_end_object(&f->w);
}

static void fill_array(struct filling *f, hexmcp_str value)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(value);
    hexmcp_str inner;
    hexmcp_json_begin_array(&f->w);
    while (f->status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &inner))
        fill_value(f, inner);
    hexmcp_json_end_array(&f->w);
}

static void fill_value(struct filling *f, hexmcp_str value)
{
    int type = hexmcp_json_type(value);
    if (++f->depth > DEPTH_MOST)
        f->status = HEXMCP_E_TOO_LARGE;
    else if (type == HEXMCP_JSON_OBJECT)
        fill_object(f, value);
    else if (type == HEXMCP_JSON_ARRAY)
        fill_array(f, value);
    else if (type == HEXMCP_JSON_STRING)
        fill_string(f, value);
    else
        hexmcp_json_write_raw(&f->w, value);
    f->depth--;
}

static int32_t fill(struct credentials *c, hexmcp_str json, struct bytes *out)
{
    struct filling f = {.credentials = c, .status = HEXMCP_OK};
    hexmcp_json_writer_init(&f.w);
    fill_value(&f, json);
    hexmcp_str text = hexmcp_json_writer_text(&f.w);
    if (f.status == HEXMCP_OK && (hexmcp_json_writer_status(&f.w) != HEXMCP_OK ||
                                  !bytes_add(out, text.ptr, text.len)))
        f.status = HEXMCP_E_NOMEM;
    if (text.ptr)
        explicit_bzero((char *)(uintptr_t)text.ptr, text.len);
    hexmcp_json_writer_free(&f.w);
    return f.status;
}

int32_t params_fill(struct credentials *c, hexmcp_str json, struct bytes *out)
{
    int32_t status = fill(c, json, out);
    if (status == HEXMCP_E_TOO_LARGE)
        return hexmcp_fail(c->r->err, status, "connection_params is nested more than %d deep; make it flatter",
                           DEPTH_MOST);
    if (status == HEXMCP_E_NOMEM)
        return hexmcp_fail(c->r->err, status, "out of memory for connection_params; try again");
    return status;
}

bool params_show(hexmcp_str json, struct bytes *out)
{
    return fill(NULL, json, out) == HEXMCP_OK;
}

/* ---- credentials as text ---- */

static bool is_credential(const char *name)
{
    static const char *const names[] = {"authorization", "authtoken", "auth_token", "accesstoken",
                                        "access_token",  "token",     "apikey",     "api_key",
                                        "x-api-key",     "password",  "secret",     "cookie"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

static void check_member(struct args *args, const char *name, hexmcp_str value)
{
    if (!is_credential(name) || hexmcp_json_type(value) != HEXMCP_JSON_STRING)
        return;
    const char *text = args_string(args, value, "connection_params", 8192);
    if (!strstr(text, "{{secret:"))
        args_fail(args, HEXMCP_E_INVALID,
                  "connection_params.%s is a credential, and those are not taken as text: the operator sets it "
                  "with \"secrets.sources\" and \"grants.secrets\" of the configuration; then give "
                  "{\"secret\": \"graphql-websocket\"} in its place", name);
}

void params_check(struct args *args)
{
    struct args params = args_object(args, "connection_params");
    hexmcp_json_iter it = hexmcp_json_iter_begin(params.json);
    hexmcp_str key, value;
    char name[40];
    while (args_status(args) == HEXMCP_OK && hexmcp_json_next(&it, &key, &value))
        if (hexmcp_json_string(key, name, sizeof(name), NULL) == HEXMCP_OK)
            check_member(args, name, value);
}
