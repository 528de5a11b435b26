/*
 * SPDX-License-Identifier: MIT
 */
#include "events.h"
#include "times.h"

#define KEY_LIFE_MS ((int64_t)24 * 3600 * 1000)
#define BATCH_EVENTS_MAX 100000u

/* "expected": a version, or one of these. */
#define EXPECT_ANY (-1)
#define EXPECT_NONE 0

struct stream {
    hexmcp_str name;
    hexmcp_str expected_json;
    int64_t expected;
    size_t first; /* of the batch's events */
    size_t count;
    int64_t number; /* as it was found */
    int64_t version;
};

struct batch {
    hexmcp_str key;
    size_t stream_count;
    size_t event_count;
    struct stream *streams;
    struct event *events;
    /* both lie behind */
};

static int32_t parse_expected(hexmcp_str json, struct stream *stream, hexmcp_error *err)
{
    stream->expected_json = json;
    stream->expected = EXPECT_ANY;
    if (!json.ptr || hexmcp_json_equals(json, "any"))
        return HEXMCP_OK;
    if (hexmcp_json_equals(json, "none")) {
        stream->expected = EXPECT_NONE;
        return HEXMCP_OK;
    }
    if (hexmcp_json_int64(json, &stream->expected) != HEXMCP_OK || stream->expected < 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "\"expected\" of a stream must be a version, \"none\" or \"any\"");
    return HEXMCP_OK;
}

static int32_t parse_events(hexmcp_str json, struct batch *batch, struct stream *stream,
                            hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    hexmcp_str value;
    stream->first = batch->event_count;
    while (hexmcp_json_next(&it, NULL, &value)) {
        if (event_parse(value, &batch->events[batch->event_count], NULL, err) != HEXMCP_OK)
            return err->code;
        batch->event_count++;
    }
    stream->count = batch->event_count - stream->first;
    if (it.status != HEXMCP_OK || it.is_object || stream->count == 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "\"events\" of a stream must be an array of one event or more");
    return HEXMCP_OK;
}

static int32_t parse_stream(hexmcp_str json, struct batch *batch, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("stream"), LIT("expected"), LIT("events")};
    struct stream *stream = &batch->streams[batch->stream_count];
    hexmcp_str v[3];
    if (text_members(json, names, v, 3, "a stream of the batch", err) != HEXMCP_OK ||
        text_take(v[0], 1, NAME_BYTES_MAX, "\"stream\"", &stream->name, err) != HEXMCP_OK ||
        parse_expected(v[1], stream, err) != HEXMCP_OK)
        return err->code;
    for (size_t i = 0; i < batch->stream_count; i++) {
        if (text_same(batch->streams[i].name, stream->name))
            return hexmcp_fail(err, HEXMCP_E_INVALID,
                               "the stream %.*s stands in the batch twice; join its events",
                               SHORT(stream->name));
    }
    batch->stream_count++;
    return parse_events(v[2], batch, stream, err);
}

/* At most so many streams and events are in the text, told by their braces. */
static size_t count_objects(hexmcp_str json)
{
    size_t count = 0;
    const char *at = json.ptr, *end = json.ptr + json.len;
    while ((at = memchr(at, '{', (size_t)(end - at)))) {
        at++;
        count++;
    }
    return count < BATCH_EVENTS_MAX ? count : BATCH_EVENTS_MAX;
}

static int32_t parse_streams(hexmcp_str json, struct batch *batch, size_t room, hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    hexmcp_str value;
    while (hexmcp_json_next(&it, NULL, &value)) {
        if (batch->stream_count + batch->event_count >= room)
            return hexmcp_fail(err, HEXMCP_E_TOO_LARGE, "a batch may have at most %u events",
                               BATCH_EVENTS_MAX / 2);
        if (parse_stream(value, batch, err) != HEXMCP_OK)
            return err->code;
    }
    if (it.status != HEXMCP_OK || it.is_object || batch->stream_count == 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "\"streams\" must be an array of one stream or more");
    return HEXMCP_OK;
}

static int32_t parse(struct request *r, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("key"), LIT("streams")};
    hexmcp_str v[2];
    size_t room = count_objects(r->json);
    struct batch *batch = request_parsed(
        r, sizeof(*batch) + room * (sizeof(struct stream) + sizeof(struct event)), err);
    if (!batch)
        return err->code;
    batch->streams = (struct stream *)(batch + 1);
    batch->events = (struct event *)(batch->streams + room);
    if (text_members(r->json, names, v, 2, "the batch", err) != HEXMCP_OK ||
        (v[0].ptr && text_take(v[0], 0, NAME_BYTES_MAX, "\"key\"", &batch->key, err) != HEXMCP_OK))
        return err->code;
    return parse_streams(v[1], batch, room, err);
}

/* 1: the batch was appended before, and its answer is written. */
static int32_t find_key(struct db *db, struct request *r, const struct batch *batch, hexmcp_error *err)
{
    sqlite3_stmt *s = batch->key.len > 0 ? db_sql(db, SQL_KEY_FIND, err) : NULL;
    if (!s)
        return batch->key.len > 0 ? err->code : 0;
    db_bind_text(s, 1, r->space);
    db_bind_text(s, 2, batch->key);
    db_bind_number(s, 3, time_now_ms() - KEY_LIFE_MS);
    int32_t status = db_step(db, s, err);
    if (status > 0) {
        out_raw(&r->answer, db_text(s, 0));
        OUT(&r->answer, "true}");
    }
    db_end(s);
    return status;
}

/* What the answer says but for its end, which is "false}" now and "true}" when it is repeated. */
static int32_t keep_key(struct db *db, const struct request *r, const struct batch *batch,
                        hexmcp_error *err)
{
    sqlite3_stmt *s = batch->key.len > 0 ? db_sql(db, SQL_KEY_ADD, err) : NULL;
    if (!s)
        return batch->key.len > 0 ? err->code : HEXMCP_OK;
    db_bind_text(s, 1, r->space);
    db_bind_text(s, 2, batch->key);
    db_bind_number(s, 3, time_now_ms());
    db_bind_text(s, 4, out_text(&r->answer));
    return db_do(db, s, err);
}

static void write_conflict(struct out *o, const struct stream *stream)
{
    OUT(o, "{\"conflict\":{\"stream\":");
    out_string(o, stream->name);
    OUT(o, ",\"expected\":");
    out_raw(o, stream->expected_json);
    OUT(o, ",\"actual\":");
    out_number(o, stream->version);
    OUT(o, "}}");
}

/* 1: a stream is not where it is expected, and the answer says so. */
static int32_t find_streams(struct db *db, struct request *r, struct batch *batch, hexmcp_error *err)
{
    for (size_t i = 0; i < batch->stream_count; i++) {
        struct stream *stream = &batch->streams[i];
        int32_t status =
            stream_find(db, r->space, stream->name, &stream->number, &stream->version, err);
        if (status != HEXMCP_OK)
            return status;
        if (stream->expected != EXPECT_ANY && stream->expected != stream->version) {
            write_conflict(&r->answer, stream);
            return 1;
        }
    }
    return 0;
}

static int32_t add_stream(struct db *db, const struct request *r, const struct batch *batch,
                          struct stream *stream, hexmcp_error *err)
{
    int64_t version = stream->version;
    int32_t status = stream_move(db, r->space, stream->name, &stream->number,
                                 version + (int64_t)stream->count, err);
    for (size_t i = 0; i < stream->count && status == HEXMCP_OK; i++)
        status = event_add(db, stream->number, ++version, 0, &batch->events[stream->first + i], err);
    stream->version = version;
    return status;
}

static void write_answer(struct out *o, const struct batch *batch, int64_t position)
{
    OUT(o, "{\"position\":");
    out_number(o, position);
    for (size_t i = 0; i < batch->stream_count; i++) {
        if (i == 0)
            OUT(o, ",\"versions\":{");
        else
            OUT(o, ",");
        out_string(o, batch->streams[i].name);
        OUT(o, ":");
        out_number(o, batch->streams[i].version);
    }
    OUT(o, "},\"repeated\":");
}

static int32_t append(struct db *db, struct request *r, hexmcp_error *err)
{
    struct batch *batch = r->parsed;
    int32_t status = find_key(db, r, batch, err);
    if (status == 0)
        status = find_streams(db, r, batch, err);
    if (status != 0)
        return status > 0 ? HEXMCP_OK : status;
    for (size_t i = 0; i < batch->stream_count && status == HEXMCP_OK; i++)
        status = add_stream(db, r, batch, &batch->streams[i], err);
    if (status != HEXMCP_OK)
        return status;
    write_answer(&r->answer, batch, sqlite3_last_insert_rowid(db->handle));
    status = keep_key(db, r, batch, err);
    OUT(&r->answer, "false}");
    return status;
}

const struct operation events_append = {parse, append};
