/*
 * events.c - the requests of an event store.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/job.h"
#include "kit/request.h"

#include "hexmcp/json.h"

#include <string.h>

#define STREAMS_MAX 1000
#define NAME_MAX_BYTES 512
/* A piece holds an event whole: with its stream, version and position, and in a dump its space. */
#define BODY_MAX (HEXMCP_STREAM_PIECE_MAX - 12 * NAME_MAX_BYTES - 256)

/* In this order an event is kept, whatever the order in which it came. */
static const char *const members[] = {"id",        "type",   "schema", "at",  "correlation",
                                      "causation", "caller", "tenant", "data"};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

static int is_time(hexmcp_str at)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
    size_t i;
    if (at.len != sizeof(form) - 1)
        return 0;
    for (i = 0; i < at.len; i++)
        if (form[i] == 'd' ? at.ptr[i] < '0' || at.ptr[i] > '9' : at.ptr[i] != form[i])
            return 0;
    return 1;
}

static char *put(char *to, const char *text, size_t len)
{
    memcpy(to, text, len);
    return to + len;
}

/* The values of the members, found in one walk. */
static void find(hexmcp_str json, hexmcp_str values[MEMBERS])
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    hexmcp_str key, value;
    size_t i;
    memset(values, 0, MEMBERS * sizeof(values[0]));
    while (hexmcp_json_next(&it, &key, &value))
        for (i = 0; i < MEMBERS; i++)
            if (hexmcp_json_equals(key, members[i])) {
                values[i] = value;
                break;
            }
}

static int32_t write_body(struct arena *arena, const hexmcp_str values[MEMBERS], hexmcp_str *out,
                          hexmcp_error *err)
{
    size_t i, size = 16;
    char *body, *at;
    for (i = 0; i < MEMBERS; i++)
        size += values[i].len + 16;
    if (size > BODY_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "an event has %zu bytes, at most %d fit; keep what is large as an artifact",
                           size, BODY_MAX);
    body = at = arena_get(arena, size);
    if (!body)
        return job_no_memory(err);
    for (i = 0; i < MEMBERS; i++) {
        if (!values[i].ptr)
            continue;
        if (at != body)
            *at++ = ',';
        *at++ = '"';
        at = put(at, members[i], strlen(members[i]));
        at = put(at, "\":", 2);
        at = put(at, values[i].ptr, values[i].len);
    }
    *at++ = '}';
    *out = (hexmcp_str){body, (size_t)(at - body)};
    return HEXMCP_OK;
}

static int32_t decode(struct arena *arena, hexmcp_str value, hexmcp_str *out)
{
    char *text = arena_get(arena, value.len + 1);
    size_t len;
    if (!text)
        return HEXMCP_E_NOMEM;
    if (!value.ptr || hexmcp_json_string(value, text, value.len + 1, &len) != HEXMCP_OK || len == 0)
        return HEXMCP_E_INVALID;
    *out = (hexmcp_str){text, len};
    return HEXMCP_OK;
}

int32_t request_event(struct arena *arena, hexmcp_str json, struct append_event *out,
                      hexmcp_error *err)
{
    hexmcp_str values[MEMBERS], id;
    int32_t status;
    find(json, values);
    status = decode(arena, values[0], &id);
    if (status == HEXMCP_OK)
        status = decode(arena, values[1], &out->type);
    if (status == HEXMCP_OK)
        status = decode(arena, values[3], &out->at);
    if (status == HEXMCP_E_NOMEM)
        return job_no_memory(err);
    if (status != HEXMCP_OK || !is_time(out->at) || out->type.len > NAME_MAX_BYTES ||
        !values[2].ptr || !values[8].ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "an event needs id, type, schema, data, and as `at` a time like "
                           "2026-01-31T12:00:00.000Z");
    return write_body(arena, values, &out->body, err);
}

static int32_t read_expected(hexmcp_str json, struct append_stream *out, hexmcp_error *err)
{
    hexmcp_str value;
    int64_t number = -1;
    out->expect = EXPECT_VERSION;
    if (hexmcp_json_get(json, "expected", &value) == HEXMCP_OK) {
        if (hexmcp_json_equals(value, "any"))
            out->expect = EXPECT_ANY;
        else if (hexmcp_json_equals(value, "none"))
            out->expect = EXPECT_NONE;
        else if (hexmcp_json_int64(value, &number) != HEXMCP_OK)
            number = -1;
    }
    if (out->expect == EXPECT_VERSION && number < 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "`expected` of a stream is a version, \"none\" or \"any\"");
    out->version = number > 0 ? (uint64_t)number : 0;
    return HEXMCP_OK;
}

static size_t count(hexmcp_str json)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    size_t n = 0;
    while (hexmcp_json_next(&it, NULL, NULL))
        n++;
    return n;
}

static int32_t read_events(struct arena *arena, hexmcp_str json, struct append_stream *out,
                           hexmcp_error *err)
{
    hexmcp_str list = {0}, event;
    hexmcp_json_iter it;
    int32_t status = HEXMCP_OK;
    if (hexmcp_json_get(json, "events", &list) == HEXMCP_OK)
        out->count = count(list);
    if (out->count == 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "the stream %.200s gets no events", out->name.ptr);
    out->events = arena_get(arena, out->count * sizeof(*out->events));
    if (!out->events)
        return job_no_memory(err);
    it = hexmcp_json_iter_begin(list);
    for (size_t i = 0; status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &event); i++)
        status = request_event(arena, event, &out->events[i], err);
    return status;
}

static int32_t read_stream(struct arena *arena, hexmcp_str json, struct append_stream *out,
                           hexmcp_error *err)
{
    int32_t status = request_text(arena, json, "stream", &out->name, err);
    if (status != HEXMCP_OK)
        return status;
    if (out->name.len == 0 || out->name.len > NAME_MAX_BYTES)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "the name of a stream has 1 to %d bytes",
                           NAME_MAX_BYTES);
    status = read_expected(json, out, err);
    return status == HEXMCP_OK ? read_events(arena, json, out, err) : status;
}

static int32_t refuse_twice(const struct append *append, hexmcp_error *err)
{
    size_t i, j;
    for (i = 0; i < append->count; i++)
        for (j = 0; j < i; j++)
            if (append->streams[i].name.len == append->streams[j].name.len &&
                memcmp(append->streams[i].name.ptr, append->streams[j].name.ptr,
                       append->streams[i].name.len) == 0)
                return hexmcp_fail(err, HEXMCP_E_INVALID, "the batch names the stream %.200s twice",
                                   append->streams[i].name.ptr);
    return HEXMCP_OK;
}

int32_t request_append(struct arena *arena, hexmcp_str json, struct append *out, hexmcp_error *err)
{
    hexmcp_str list = {0}, stream;
    hexmcp_json_iter it;
    int32_t status = request_text(arena, json, "key", &out->key, err);
    size_t i;
    if (status != HEXMCP_OK)
        return status;
    out->events = 0;
    out->count = hexmcp_json_get(json, "streams", &list) == HEXMCP_OK ? count(list) : 0;
    if (out->count == 0 || out->count > STREAMS_MAX || out->key.len > NAME_MAX_BYTES)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "a batch has 1 to %d streams, and a key of at most %d bytes", STREAMS_MAX,
                           NAME_MAX_BYTES);
    out->streams = arena_get(arena, out->count * sizeof(*out->streams));
    if (!out->streams)
        return job_no_memory(err);
    it = hexmcp_json_iter_begin(list);
    for (i = 0; status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &stream); i++) {
        status = read_stream(arena, stream, &out->streams[i], err);
        out->events += out->streams[i].count;
    }
    return status == HEXMCP_OK ? refuse_twice(out, err) : status;
}

int append_fits(const struct append_stream *stream, uint64_t actual)
{
    return stream->expect == EXPECT_ANY || actual == stream->version;
}

void append_answer(struct bytes *out, const struct append *append, uint64_t position)
{
    size_t i;
    bytes_add_text(out, "{\"position\":");
    bytes_add_number(out, position);
    bytes_add_text(out, ",\"versions\":{");
    for (i = 0; i < append->count; i++) {
        if (i > 0)
            bytes_add_text(out, ",");
        bytes_add_quoted(out, append->streams[i].name);
        bytes_add_text(out, ":");
        bytes_add_number(out, append->streams[i].version);
    }
    bytes_add_text(out, "},");
}

void append_answer_end(struct bytes *out, int repeated)
{
    bytes_add_text(out, repeated ? "\"repeated\":true}" : "\"repeated\":false}");
}

void append_conflict(struct bytes *out, const struct append_stream *stream, uint64_t actual)
{
    bytes_add_text(out, "{\"conflict\":{\"stream\":");
    bytes_add_quoted(out, stream->name);
    bytes_add_text(out, ",\"expected\":");
    if (stream->expect == EXPECT_NONE)
        bytes_add_text(out, "\"none\"");
    else
        bytes_add_number(out, stream->version);
    bytes_add_text(out, ",\"actual\":");
    bytes_add_number(out, actual);
    bytes_add_text(out, "}}");
}

int32_t request_read(struct arena *arena, hexmcp_str json, struct read_query *out,
                     hexmcp_error *err)
{
    int32_t status = request_text(arena, json, "stream", &out->stream, err);
    out->from = 1;
    out->to = UINT64_MAX;
    out->backward = 0;
    out->limit = 0;
    if (status == HEXMCP_OK)
        status = request_text(arena, json, "until", &out->until, err);
    if (status == HEXMCP_OK)
        status = request_number(json, "from", &out->from, err);
    if (status == HEXMCP_OK)
        status = request_number(json, "to", &out->to, err);
    if (status == HEXMCP_OK)
        status = request_number(json, "limit", &out->limit, err);
    if (status == HEXMCP_OK)
        status = request_flag(json, "backward", &out->backward, err);
    if (status != HEXMCP_OK)
        return status;
    if (out->from == 0)
        out->from = 1;
    if (out->stream.len == 0 || out->limit == 0 || (out->until.len > 0 && !is_time(out->until)))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "to read a stream takes its name, a limit of 1 or more, and as `until` a "
                           "time like 2026-01-31T12:00:00.000Z");
    return HEXMCP_OK;
}

static int32_t read_types(struct arena *arena, hexmcp_str json, struct read_all_query *out,
                          hexmcp_error *err)
{
    hexmcp_str list = {0}, value;
    hexmcp_json_iter it;
    out->type_count = hexmcp_json_get(json, "types", &list) == HEXMCP_OK ? count(list) : 0;
    out->types = arena_get(arena, out->type_count * sizeof(*out->types) + 1);
    if (!out->types)
        return job_no_memory(err);
    it = hexmcp_json_iter_begin(list);
    for (size_t i = 0; i < out->type_count && hexmcp_json_next(&it, NULL, &value); i++) {
        int32_t status = decode(arena, value, &out->types[i]);
        if (status == HEXMCP_E_NOMEM)
            return job_no_memory(err);
        if (status != HEXMCP_OK)
            return hexmcp_fail(err, HEXMCP_E_INVALID, "`types` of the request are texts");
    }
    return HEXMCP_OK;
}

int32_t request_read_all(struct arena *arena, hexmcp_str json, struct read_all_query *out,
                         hexmcp_error *err)
{
    int32_t status;
    out->after = 0;
    out->limit = 0;
    status = request_number(json, "after", &out->after, err);
    if (status == HEXMCP_OK)
        status = request_number(json, "limit", &out->limit, err);
    if (status != HEXMCP_OK)
        return status;
    if (out->limit == 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "to read all streams takes a limit of 1 or more");
    return read_types(arena, json, out, err);
}
