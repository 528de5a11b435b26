/*
 * SPDX-License-Identifier: MIT
 */
#include "multipart.h"
#include "body.h"

#include <sys/random.h>

#include "kit/source.h"

#define PARTS_MOST 50

struct multipart {
    const hexmcp_round *r;
    struct args *args;
    struct bytes *body;
    char boundary[48];
};

static void make_boundary(char out[48])
{
    unsigned char random[12];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        memset(random, 0x5a, sizeof(random));
    size_t at = (size_t)snprintf(out, 48, "hexmcp-");
    for (size_t i = 0; i < sizeof(random); i++)
        at += (size_t)snprintf(out + at, 48 - at, "%02x", random[i]);
}

static void add(struct multipart *m, hexmcp_str data)
{
    if (args_status(m->args) != HEXMCP_OK)
        return;
    if (data.len > BODY_MOST || m->body->len > BODY_MOST - data.len)
        args_fail(m->args, HEXMCP_E_TOO_LARGE,
                  "multipart has more than %zu bytes, which is the most that is sent; send less",
                  BODY_MOST);
    else if (!bytes_add(m->body, data.ptr ? data.ptr : "", data.len))
        args_fail(m->args, HEXMCP_E_NOMEM, "out of memory for the body; try again");
}

static void add_text(struct multipart *m, const char *text)
{
    add(m, hexmcp_str_from(text));
}

/* Quotes and line breaks as browsers write them (WHATWG, multipart/form-data). */
static void add_quoted(struct multipart *m, const char *key, const char *text)
{
    add_text(m, key);
    add_text(m, "=\"");
    for (; *text; text++) {
        if (*text == '"')
            add_text(m, "%22");
        else if (*text == '\r')
            add_text(m, "%0D");
        else if (*text == '\n')
            add_text(m, "%0A");
        else
            add(m, (hexmcp_str){text, 1});
    }
    add_text(m, "\"");
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static const char *type_of(struct args *part, bool file)
{
    const char *type = args_text(part, "content_type", 200, file ? "application/octet-stream" : "");
    for (const char *c = type; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            args_fail(part, HEXMCP_E_INVALID, "%scontent_type holds a control character; leave it out",
                      part->name);
    return type;
}

static void add_head(struct multipart *m, const char *name, const char *filename, const char *type)
{
    add_text(m, "--");
    add_text(m, m->boundary);
    add_text(m, "\r\nContent-Disposition: form-data; ");
    add_quoted(m, "name", name);
    if (filename) {
        add_text(m, "; ");
        add_quoted(m, "filename", filename);
    }
    if (*type) {
        add_text(m, "\r\nContent-Type: ");
        add_text(m, type);
    }
    add_text(m, "\r\n\r\n");
}

static void add_file(struct multipart *m, const char *path)
{
    struct bytes file = {0};
    if (args_status(m->args) != HEXMCP_OK)
        return;
    int32_t status = source_read_file(m->r, path, BODY_MOST, &file);
    if (status != HEXMCP_OK)
        args_fail(m->args, status, "%s", m->r->err->text);
    else
        add(m, bytes_str(&file));
    bytes_free(&file);
}

static void add_part(struct multipart *m, hexmcp_str json)
{
    struct args part = {.json = json, .name = "multipart: ", .top = &m->args->root};
    bool file = args_has(&part, "path");
    const char *name = args_needed(&part, "name", 200);
    const char *path = args_text(&part, "path", 4096, "");
    const char *filename = args_text(&part, "filename", 255, file ? last_name(path) : NULL);
    const char *type = type_of(&part, file);
    if (file == args_has(&part, "value"))
        args_fail(&part, HEXMCP_E_INVALID,
                  "multipart: the part %.100s needs a value or a path, and one of them alone", name);
    if (args_status(m->args) != HEXMCP_OK)
        return;
    add_head(m, name, filename, type);
    if (file)
        add_file(m, path);
    else
        add(m, args_bytes(&part, "value", BODY_MOST));
    add_text(m, "\r\n");
}

void multipart_read(const hexmcp_round *r, struct args *args, struct headers *h, struct bytes *body)
{
    struct multipart m = {.r = r, .args = args, .body = body};
    hexmcp_json_iter it = hexmcp_json_iter_begin(args_raw(args, "multipart"));
    char type[100];
    hexmcp_str part;
    unsigned count = 0;
    if (headers_have(h, "Content-Type"))
        args_fail(args, HEXMCP_E_INVALID, "headers has a Content-Type, but that of multipart has to name "
                  "its boundary; leave it out");
    make_boundary(m.boundary);
    while (args_status(args) == HEXMCP_OK && hexmcp_json_next(&it, NULL, &part)) {
        if (++count > PARTS_MOST)
            args_fail(args, HEXMCP_E_TOO_LARGE, "multipart has more than %d parts; send fewer",
                      PARTS_MOST);
        else
            add_part(&m, part);
    }
    add_text(&m, "--");
    add_text(&m, m.boundary);
    add_text(&m, "--\r\n");
    snprintf(type, sizeof(type), "multipart/form-data; boundary=%s", m.boundary);
    headers_put(h, "Content-Type", type);
}
