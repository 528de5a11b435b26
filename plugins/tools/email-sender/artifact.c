/*
 * SPDX-License-Identifier: MIT
 */
#include "artifact.h"

#include <stdio.h>

#include "hexmcp/ext/draft/operations.h"
#include "kit/wait.h"

static const char scheme[] = "hexmcp://artifact/";

struct asking {
    struct wait wait;
    size_t most;
    struct bytes bytes, told;
    int32_t status;
    bool too_large, short_of_memory;
};

static void on_piece(void *arg, hexmcp_str json, hexmcp_str bytes)
{
    struct asking *a = arg;
    (void)json;
    if (bytes.len > a->most - a->bytes.len)
        a->too_large = true;
    else if (!a->too_large && !bytes_add(&a->bytes, bytes.ptr, bytes.len))
        a->short_of_memory = true;
}

static void on_reply(void *arg, int32_t status, hexmcp_str json)
{
    struct asking *a = arg;
    a->status = status;
    if (!bytes_add(&a->told, json.ptr, json.len))
        a->short_of_memory = true;
    wait_over(&a->wait);
}

/* One byte more than what may be is asked for: so a larger one is noticed, and not read to its end. */
static int32_t ask(const hexmcp_round *r, const char *id, struct asking *a)
{
    const hexmcp_operations_1 *operations = hexmcp_round_service(r, HEXMCP_OPERATIONS_1);
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "id", id);
    hexmcp_json_put_int64(&w, "length", (int64_t)a->most + 1);
    hexmcp_json_end_object(&w);
    int32_t status = hexmcp_json_writer_status(&w);
    if (status == HEXMCP_OK)
        status = operations ? operations->execute(operations->ctx, r->call, hexmcp_str_from("artifact.get"),
                                                  hexmcp_json_writer_text(&w), (hexmcp_str){"", 0},
                                                  on_piece, on_reply, a, NULL)
                            : HEXMCP_E_UNAVAILABLE;
    hexmcp_json_writer_free(&w);
    if (status != HEXMCP_OK)
        return status;
    wait_for(&a->wait);
    return a->short_of_memory ? HEXMCP_E_NOMEM : a->status;
}

static void copy(hexmcp_str record, const char *key, char *out, size_t room)
{
    hexmcp_str value;
    if (hexmcp_json_get(record, key, &value) != HEXMCP_OK ||
        hexmcp_json_string(value, out, room, NULL) != HEXMCP_OK)
        out[0] = '\0';
}

/* Whoever stored it has chosen the type: what is more than a type would be a header. */
static bool is_type(const char *type)
{
    static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&^_.+-";
    size_t main = strspn(type, token), sub = type[main] == '/' ? strspn(type + main + 1, token) : 0;
    return main && sub && type[main + 1 + sub] == '\0';
}

static int32_t fail(const hexmcp_round *r, int32_t status, const char *id, const struct asking *a)
{
    char why[HEXMCP_ERROR_TEXT] = "this server keeps none";
    hexmcp_str message;
    if (hexmcp_json_get(bytes_str(&a->told), "message", &message) == HEXMCP_OK)
        hexmcp_json_string(message, why, sizeof(why), NULL);
    return hexmcp_fail(r->err, status, "the artifact %.100s cannot be attached: %.300s", id, why);
}

int32_t artifact_read(const hexmcp_round *r, const char *uri, size_t most, struct artifact *out)
{
    const char *id = strncmp(uri, scheme, sizeof(scheme) - 1) == 0 ? uri + sizeof(scheme) - 1 : uri;
    struct asking a = {.most = most};
    hexmcp_str record;
    wait_begin(&a.wait);
    int32_t status = ask(r, id, &a);
    if (status != HEXMCP_OK)
        fail(r, status, id, &a);
    else if (a.too_large)
        status = hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                             "the artifact %.100s has more than %zu bytes, the most that is left for "
                             "attachments; attach less", id, most);
    if (status == HEXMCP_OK && hexmcp_json_get(bytes_str(&a.told), "artifact", &record) == HEXMCP_OK) {
        copy(record, "name", out->name, sizeof(out->name));
        copy(record, "mimeType", out->type, sizeof(out->type));
    }
    if (!is_type(out->type))
        snprintf(out->type, sizeof(out->type), "application/octet-stream");
    if (status == HEXMCP_OK)
        out->bytes = a.bytes;
    else
        bytes_free(&a.bytes);
    bytes_free(&a.told);
    wait_end(&a.wait);
    return status;
}
