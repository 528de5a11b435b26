/*
 * SPDX-License-Identifier: MIT
 */
#include "report.h"

#include "token.h"

/* Where values are written, and the memory in which white space is taken out of them. */
struct report {
    const struct changes *changes;
    hexmcp_json_writer *writer;
    struct output value;
};

int32_t report_too_large(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                       "what changed takes more than %zu bytes; compare smaller parts",
                       RESULT_BYTES_MAX);
}

static void put_path(struct report *r, const char *key, struct path path)
{
    hexmcp_json_put_string(r->writer, key, changes_path(r->changes, path));
}

/* A document can hold line feeds between its values; the wire cannot. */
static void put_value(struct report *r, const char *key, const struct node *node)
{
    const char *at = node->raw.ptr;
    const char *end = at + node->raw.len;
    const char *bad;
    r->value.len = 0;
    while (at < end) {
        const char *next = *at == '"' ? token_string(at, end, &bad) : at + 1;
        output_put(&r->value, (hexmcp_str){at, (size_t)(next - at)});
        at = token_skip(next, end);
    }
    hexmcp_json_put_raw(r->writer, key, output_str(&r->value));
}

static int32_t report_status(const struct report *r, hexmcp_error *err)
{
    if (r->value.status == HEXMCP_E_TOO_LARGE || r->writer->len > RESULT_BYTES_MAX)
        return report_too_large(err);
    if (r->value.status != HEXMCP_OK)
        return hexmcp_fail(err, r->value.status, "out of memory for the result; try again");
    return HEXMCP_OK;
}

static void write_listed(struct report *r, const struct change *c)
{
    int modified = c->kind == CHANGE_MODIFIED;
    hexmcp_str old_path = changes_path(r->changes, c->old_path);
    hexmcp_str new_path = changes_path(r->changes, c->new_path);
    hexmcp_json_begin_object(r->writer);
    put_path(r, "path", c->new_value ? c->new_path : c->old_path);
    if (modified && (old_path.len != new_path.len ||
                     memcmp(old_path.ptr, new_path.ptr, old_path.len) != 0))
        put_path(r, "old_path", c->old_path);
    if (c->old_value)
        put_value(r, modified ? "old_value" : "value", c->old_value);
    if (c->new_value)
        put_value(r, modified ? "new_value" : "value", c->new_value);
    hexmcp_json_end_object(r->writer);
}

int32_t report_lists(const struct changes *changes, hexmcp_json_writer *writer, hexmcp_error *err)
{
    static const char *const names[] = {"added", "removed", "modified"};
    struct report report = {changes, writer, {.limit = RESULT_BYTES_MAX}};
    int32_t status = HEXMCP_OK;
    for (int kind = CHANGE_ADDED; kind <= (int)CHANGE_MODIFIED; kind++) {
        hexmcp_json_key(writer, names[kind]);
        hexmcp_json_begin_array(writer);
        for (size_t i = 0; i < changes->count && status == HEXMCP_OK; i++) {
            if ((int)changes->items[i].kind == kind)
                write_listed(&report, &changes->items[i]);
            status = report_status(&report, err);
        }
        hexmcp_json_end_array(writer);
    }
    output_clear(&report.value);
    return status;
}

static void write_operation(struct report *r, const struct change *c)
{
    static const char *const names[] = {"add", "remove", "replace"};
    hexmcp_json_begin_object(r->writer);
    hexmcp_json_put_text(r->writer, "op", names[c->kind]);
    put_path(r, "path", c->old_path);
    if (c->new_value)
        put_value(r, "value", c->new_value);
    hexmcp_json_end_object(r->writer);
}

int32_t report_patch(const struct changes *changes, hexmcp_json_writer *writer, hexmcp_error *err)
{
    struct report report = {changes, writer, {.limit = RESULT_BYTES_MAX}};
    int32_t status = HEXMCP_OK;
    hexmcp_json_key(writer, "patch");
    hexmcp_json_begin_array(writer);
    for (size_t i = changes->count; i > 0 && status == HEXMCP_OK; i--) {
        write_operation(&report, &changes->items[i - 1]);
        status = report_status(&report, err);
    }
    hexmcp_json_end_array(writer);
    output_clear(&report.value);
    return status;
}
