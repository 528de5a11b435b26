/*
 * events.c - streams of events.
 *
 * SPDX-License-Identifier: MIT
 */
#include "side.h"

/* One script gives so many bytes of events, and some more; then the next is asked. */
#define BYTES_AT_ONCE 1000000
#define EVENTS_AT_ONCE 1000

static hexmcp_str quoted(struct arena *arena, hexmcp_str text)
{
    struct bytes b = {0};
    hexmcp_str copy = {NULL, 0};
    bytes_add_quoted(&b, text);
    if (!b.failed)
        copy = arena_copy(arena, bytes_str(&b));
    bytes_free(&b);
    return copy;
}

static int32_t add_stream(struct job *job, struct command *c, const struct append_stream *stream,
                          hexmcp_error *err)
{
    hexmcp_str name = quoted(&job->arena, stream->name);
    if (!name.ptr)
        return job_no_memory(err);
    command_add(c, stream->name);
    command_add(c, name);
    if (stream->expect == EXPECT_ANY)
        command_add(c, hexmcp_str_from("any"));
    else
        command_number(c, stream->version);
    command_number(c, stream->count);
    for (size_t i = 0; i < stream->count; i++) {
        command_add(c, stream->events[i].type);
        command_add(c, stream->events[i].at);
        command_add(c, stream->events[i].body);
    }
    return HEXMCP_OK;
}

int32_t events_append_encode(struct side *side, struct job *job, struct command *c, int *needed,
                             hexmcp_error *err)
{
    struct append append;
    int32_t status = request_append(&job->arena, job->text, &append, err);
    if (status != HEXMCP_OK)
        return status;
    *needed = 1;
    command_begin(c, &job->arena, SCRIPT_APPEND, &side->redis, (hexmcp_str){"", 0});
    command_add(c, job->space);
    command_add(c, append.key);
    command_number(c, append.count);
    for (size_t i = 0; status == HEXMCP_OK && i < append.count; i++)
        status = add_stream(job, c, &append.streams[i], err);
    return status;
}

int32_t events_append_decode(struct side *side, struct job *job, const redisReply *reply,
                             hexmcp_error *err)
{
    struct append append;
    char kind = reply_text(reply, 0).ptr[0];
    int32_t status;
    (void)side;
    if (kind != 'c') {
        bytes_add_str(&job->answer, reply_text(reply, 1));
        append_answer_end(&job->answer, kind == 'r');
        return HEXMCP_OK;
    }
    status = request_append(&job->arena, job->text, &append, err);
    if (status == HEXMCP_OK)
        append_conflict(&job->answer, &append.streams[reply_number(reply, 1)],
                        reply_number(reply, 2));
    return status;
}

/* Gives the events from `first` on: stream, version, position, body. */
static int32_t give(struct pieces *pieces, const redisReply *reply, size_t first, uint64_t *given,
                    hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    for (size_t i = first; status == HEXMCP_OK && i + 3 < reply->elements; i += 4) {
        (*given)++;
        status = pieces_event(pieces, reply_text(reply, i), reply_number(reply, i + 1),
                              reply_number(reply, i + 2), reply_text(reply, i + 3), err);
    }
    return status;
}

static uint64_t at_once(uint64_t left)
{
    return left < EVENTS_AT_ONCE ? left : EVENTS_AT_ONCE;
}

/* The range of what is left to read: `query` moves on. One event is asked for beyond the limit, to know
 * whether there is more. */
static int32_t read_some(struct side *side, struct job *job, struct read_query *query, uint64_t count,
                         redisReply **out, hexmcp_error *err)
{
    struct command c;
    command_begin(&c, &job->arena, SCRIPT_READ, &side->redis, (hexmcp_str){"", 0});
    command_add(&c, job->space);
    command_add(&c, query->stream);
    command_number(&c, query->from);
    command_number(&c, query->to < INT64_MAX ? query->to : INT64_MAX);
    command_add(&c, hexmcp_str_from(query->backward ? "-1" : "1"));
    command_add(&c, query->until);
    command_number(&c, count);
    command_number(&c, BYTES_AT_ONCE);
    return redis_ask(&side->redis, &c, out, err);
}

/* Takes the last event of a reply away. */
static void cut_last(redisReply *reply)
{
    for (int i = 0; i < 4; i++)
        freeReplyObject(reply->element[--reply->elements]);
}

int32_t events_read(struct side *side, struct job *job, hexmcp_error *err)
{
    struct read_query query;
    struct pieces pieces = {.job = job, .emit = job_emit, .list = "events"};
    int32_t status = request_read(&job->arena, job->text, &query, err);
    uint64_t given = 0, last = 0;
    int over = 0, more = 0;
    if (status != HEXMCP_OK)
        return status;
    while (status == HEXMCP_OK && !over && !more) {
        redisReply *reply;
        uint64_t left = query.limit - given;
        status = read_some(side, job, &query, at_once(left + 1), &reply, err);
        if (status != HEXMCP_OK)
            break;
        last = reply_number(reply, 0);
        over = reply_number(reply, 1) == 1;
        if (query.backward)
            query.to = reply_number(reply, 2);
        else
            query.from = reply_number(reply, 2);
        more = (reply->elements - 3) / 4 > left;
        if (more)
            cut_last(reply);
        status = give(&pieces, reply, 3, &given, err);
        freeReplyObject(reply);
    }
    status = pieces_end(&pieces, status, err);
    bytes_add_text(&job->answer, "{\"version\":");
    bytes_add_number(&job->answer, last);
    bytes_add_text(&job->answer, more ? ",\"more\":true}" : ",\"more\":false}");
    return status;
}

int32_t events_read_all(struct side *side, struct job *job, hexmcp_error *err)
{
    struct read_all_query query;
    struct pieces pieces = {.job = job, .emit = job_emit, .list = "events"};
    int32_t status = request_read_all(&job->arena, job->text, &query, err);
    uint64_t given = 0;
    int over = 0;
    while (status == HEXMCP_OK && !over && given < query.limit) {
        struct command c;
        redisReply *reply;
        command_begin(&c, &job->arena, SCRIPT_READ_ALL, &side->redis, (hexmcp_str){"", 0});
        command_add(&c, job->space);
        command_number(&c, query.after);
        command_number(&c, at_once(query.limit - given));
        command_number(&c, BYTES_AT_ONCE);
        for (size_t i = 0; i < query.type_count; i++)
            command_add(&c, query.types[i]);
        status = redis_ask(&side->redis, &c, &reply, err);
        if (status != HEXMCP_OK)
            break;
        query.after = reply_number(reply, 0);
        over = reply_number(reply, 1) == 1;
        status = give(&pieces, reply, 2, &given, err);
        freeReplyObject(reply);
    }
    status = pieces_end(&pieces, status, err);
    bytes_add_text(&job->answer, "{\"position\":");
    bytes_add_number(&job->answer, query.after);
    bytes_add_text(&job->answer, over ? ",\"more\":false}" : ",\"more\":true}");
    return status;
}
