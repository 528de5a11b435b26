/*
 * record.c - see record.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/record.h"

#include <string.h>

/* So much of a value or of rows is in one record. */
#define PART ((size_t)512 << 10)

static const char *const kinds[] = {"", "event", "projection", "value", "blob", "document"};

static enum record_kind kind_of(hexmcp_str value)
{
    enum record_kind kind;
    for (kind = RECORD_EVENT; kind <= RECORD_DOCUMENT; kind++)
        if (hexmcp_json_equals(value, kinds[kind]))
            return kind;
    return RECORD_NONE;
}

int32_t request_kinds(hexmcp_str json, uint32_t *out, hexmcp_error *err)
{
    hexmcp_str list, value;
    hexmcp_json_iter it;
    *out = RECORD_ALL;
    if (json.len == 0 || hexmcp_json_get(json, "kinds", &list) != HEXMCP_OK)
        return HEXMCP_OK;
    *out = 0;
    it = hexmcp_json_iter_begin(list);
    while (hexmcp_json_next(&it, NULL, &value)) {
        enum record_kind kind = kind_of(value);
        if (kind == RECORD_NONE)
            return hexmcp_fail(err, HEXMCP_E_INVALID,
                               "`kinds` are event, projection, value, blob and document");
        *out |= 1u << kind;
    }
    return HEXMCP_OK;
}

/* ---- reading ---- */

static int32_t read_event(struct arena *arena, hexmcp_str json, struct record *out,
                          hexmcp_error *err)
{
    hexmcp_str event;
    int32_t status;
    if (hexmcp_json_get(json, "event", &event) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "a record of an event has none");
    status = request_text(arena, event, "stream", &out->stream, err);
    if (status == HEXMCP_OK)
        status = request_number(event, "version", &out->version, err);
    if (status == HEXMCP_OK)
        status = request_number(event, "position", &out->position, err);
    if (status == HEXMCP_OK)
        status = request_event(arena, event, &out->event, err);
    if (status == HEXMCP_OK && (out->stream.len == 0 || !out->version || !out->position))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "a record of an event has no stream, version or position");
    return status;
}

static int32_t read_value(struct arena *arena, hexmcp_str json, struct record *out,
                          hexmcp_error *err)
{
    hexmcp_str expires;
    int32_t status = request_number(json, "version", &out->version, err);
    if (status == HEXMCP_OK)
        status = request_number(json, "size", &out->size, err);
    if (status == HEXMCP_OK)
        status = request_text(arena, json, "expires", &expires, err);
    if (status != HEXMCP_OK)
        return status;
    out->expires_ms = expires.len > 0 ? time_read(expires) : 0;
    if (out->version == 0 || out->expires_ms < 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "a record of a value has no version, or a bad time of expiry");
    return HEXMCP_OK;
}

static int32_t read_keyed(struct arena *arena, hexmcp_str json, size_t bytes, struct record *out,
                          hexmcp_error *err)
{
    int32_t status = request_text(arena, json, "key", &out->key, err);
    out->size = bytes;
    if (status == HEXMCP_OK)
        status = request_number(json, "offset", &out->offset, err);
    if (status == HEXMCP_OK && out->kind == RECORD_VALUE)
        status = read_value(arena, json, out, err);
    else if (status == HEXMCP_OK)
        status = request_number(json, "bytes", &out->size, err);
    if (status == HEXMCP_OK && (out->key.len == 0 || out->offset + bytes > out->size))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "a record has no key, or its part goes past the end of the whole");
    return status;
}

int32_t record_read(struct arena *arena, hexmcp_str json, size_t bytes, struct record *out,
                    hexmcp_error *err)
{
    hexmcp_str value;
    int32_t status = request_text(arena, json, "space", &out->space, err);
    if (status != HEXMCP_OK)
        return status;
    if (hexmcp_json_get(json, "kind", &value) == HEXMCP_OK)
        out->kind = kind_of(value);
    if (out->kind == RECORD_NONE || out->space.len == 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "a record has no space, or an unknown kind");
    if (out->kind == RECORD_EVENT)
        return read_event(arena, json, out, err);
    if (out->kind == RECORD_PROJECTION) {
        status = request_project(arena, json, &out->project, err);
        out->position = out->project.position;
        return status;
    }
    if (out->kind != RECORD_DOCUMENT)
        return read_keyed(arena, json, bytes, out, err);
    if (hexmcp_json_get(json, "document", &value) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "a record of a document has none");
    return request_document(arena, value, &out->document, err);
}

/* ---- writing ---- */

static int32_t give(struct record_sink *sink, struct bytes *json, hexmcp_str bytes,
                    hexmcp_error *err)
{
    int32_t status = json->failed ? job_no_memory(err)
                                  : sink->take(sink->arg, bytes_str(json), bytes, err);
    bytes_free(json);
    sink->count++;
    return status;
}

static void begin(struct bytes *json, enum record_kind kind, hexmcp_str space)
{
    bytes_add_text(json, "{\"kind\":\"");
    bytes_add_text(json, kinds[kind]);
    bytes_add_text(json, "\",\"space\":");
    bytes_add_quoted(json, space);
}

int32_t record_event(struct record_sink *sink, hexmcp_str space, hexmcp_str event,
                     hexmcp_error *err)
{
    struct bytes json = {0};
    begin(&json, RECORD_EVENT, space);
    bytes_add_text(&json, ",\"event\":");
    bytes_add_str(&json, event);
    bytes_add_text(&json, "}");
    return give(sink, &json, (hexmcp_str){"", 0}, err);
}

static int32_t value_part(struct record_sink *sink, struct bytes *json, uint64_t size, size_t offset,
                          hexmcp_str part, hexmcp_error *err)
{
    if (part.len < size) {
        bytes_add_text(json, ",\"size\":");
        bytes_add_number(json, size);
        bytes_add_text(json, ",\"offset\":");
        bytes_add_number(json, offset);
    }
    bytes_add_text(json, "}");
    return give(sink, json, part, err);
}

int32_t record_value(struct record_sink *sink, hexmcp_str space, hexmcp_str key, uint64_t version,
                     int64_t expires_ms, hexmcp_str value, hexmcp_error *err)
{
    size_t at = 0;
    int32_t status;
    do {
        struct bytes json = {0};
        size_t n = value.len - at < PART ? value.len - at : PART;
        begin(&json, RECORD_VALUE, space);
        bytes_add_text(&json, ",\"key\":");
        bytes_add_quoted(&json, key);
        bytes_add_text(&json, ",\"version\":");
        bytes_add_number(&json, version);
        if (expires_ms > 0) {
            char time[TIME_SIZE];
            time_write(expires_ms, time);
            bytes_add_text(&json, ",\"expires\":");
            bytes_add_quoted(&json, hexmcp_str_from(time));
        }
        status = value_part(sink, &json, value.len, at,
                            (hexmcp_str){value.ptr ? value.ptr + at : "", n}, err);
        at += n;
    } while (status == HEXMCP_OK && at < value.len);
    return status;
}

int32_t record_blob(struct record_sink *sink, hexmcp_str space, hexmcp_str key, uint64_t size,
                    uint64_t offset, hexmcp_str bytes, hexmcp_error *err)
{
    struct bytes json = {0};
    begin(&json, RECORD_BLOB, space);
    bytes_add_text(&json, ",\"key\":");
    bytes_add_quoted(&json, key);
    bytes_add_text(&json, ",\"bytes\":");
    bytes_add_number(&json, size);
    bytes_add_text(&json, ",\"offset\":");
    bytes_add_number(&json, offset);
    bytes_add_text(&json, "}");
    return give(sink, &json, bytes, err);
}

int32_t record_document(struct record_sink *sink, hexmcp_str space, hexmcp_str document,
                        hexmcp_error *err)
{
    struct bytes json = {0};
    begin(&json, RECORD_DOCUMENT, space);
    bytes_add_text(&json, ",\"document\":");
    bytes_add_str(&json, document);
    bytes_add_text(&json, "}");
    return give(sink, &json, (hexmcp_str){"", 0}, err);
}

static void rows_begin(struct record_rows *rows)
{
    begin(&rows->text, RECORD_PROJECTION, rows->space);
    bytes_add_text(&rows->text, ",\"projection\":");
    bytes_add_quoted(&rows->text, rows->projection);
    bytes_add_text(&rows->text, ",\"position\":");
    bytes_add_number(&rows->text, rows->position);
    bytes_add_text(&rows->text, ",\"rows\":[");
    rows->any = 0;
}

static int32_t rows_give(struct record_rows *rows, hexmcp_error *err)
{
    rows->said = 1;
    bytes_add_text(&rows->text, "]}");
    return give(rows->sink, &rows->text, (hexmcp_str){"", 0}, err);
}

int32_t record_rows_add(struct record_rows *rows, hexmcp_str key, hexmcp_str value,
                        hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    if (rows->text.len + value.len + key.len > PART && rows->any)
        status = rows_give(rows, err);
    if (rows->text.len == 0)
        rows_begin(rows);
    bytes_add_text(&rows->text, rows->any++ ? ",{\"key\":" : "{\"key\":");
    bytes_add_quoted(&rows->text, key);
    bytes_add_text(&rows->text, ",\"value\":");
    bytes_add_str(&rows->text, value);
    bytes_add_text(&rows->text, "}");
    return status;
}

int32_t record_rows_end(struct record_rows *rows, hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    if (rows->text.len == 0 && !rows->said)
        rows_begin(rows);
    if (rows->text.len > 0)
        status = rows_give(rows, err);
    bytes_free(&rows->text);
    return status;
}
