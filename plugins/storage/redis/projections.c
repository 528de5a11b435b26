/*
 * projections.c - rows that are made of events, and how far they are.
 *
 * SPDX-License-Identifier: MIT
 */
#include "side.h"

int32_t projections_write_encode(struct side *side, struct job *job, struct command *c, int *needed,
                                 hexmcp_error *err)
{
    struct project project;
    int32_t status = request_project(&job->arena, job->text, &project, err);
    if (status != HEXMCP_OK)
        return status;
    *needed = 1;
    command_begin(c, &job->arena, SCRIPT_PROJECT, &side->redis, (hexmcp_str){"", 0});
    command_add(c, job->space);
    command_add(c, project.projection);
    command_number(c, project.expected);
    command_number(c, project.position);
    command_number(c, project.reset ? 1 : 0);
    command_add(c, project.replaces);
    for (size_t i = 0; i < project.count; i++) {
        command_add(c, project.rows[i].key);
        command_number(c, project.rows[i].value.len > 0);
        command_add(c, project.rows[i].value);
    }
    return HEXMCP_OK;
}

static void say(struct job *job, const char *before, uint64_t position, const char *behind)
{
    bytes_add_text(&job->answer, before);
    bytes_add_number(&job->answer, position);
    bytes_add_text(&job->answer, behind);
}

int32_t projections_write_decode(struct side *side, struct job *job, const redisReply *reply,
                                 hexmcp_error *err)
{
    uint64_t position = 0;
    int32_t status = HEXMCP_OK;
    (void)side;
    if (reply_text(reply, 0).ptr[0] == 'c') {
        say(job, "{\"conflict\":{\"actual\":", reply_number(reply, 1), "}}");
        return HEXMCP_OK;
    }
    status = request_number(job->text, "position", &position, err);
    say(job, "{\"position\":", position, "}");
    return status;
}

int32_t projections_read(struct side *side, struct job *job, hexmcp_error *err)
{
    struct rows_query query;
    struct command c;
    redisReply *reply;
    hexmcp_str min = {"=", 1}, max;
    uint64_t given = 0, i;
    int32_t status = request_rows(&job->arena, job->text, &query, err);
    max = query.key;
    if (status == HEXMCP_OK && !query.one)
        status = bounds(&job->arena, query.prefix, query.behind, query.after, query.backward, &min,
                        &max, err);
    if (status != HEXMCP_OK)
        return status;
    command_begin(&c, &job->arena, SCRIPT_ROWS, &side->redis, (hexmcp_str){"", 0});
    command_add(&c, job->space);
    command_add(&c, query.projection);
    command_add(&c, min);
    command_add(&c, max);
    command_number(&c, query.backward ? 1 : 0);
    command_number(&c, query.limit < 1000000 ? query.limit + 1 : 1000000);
    status = redis_ask(&side->redis, &c, &reply, err);
    if (status != HEXMCP_OK)
        return status;
    say(job, "{\"position\":", reply_number(reply, 0), ",\"rows\":[");
    for (i = 1; i + 1 < reply->elements && given < query.limit; i += 2) {
        bytes_add_text(&job->answer, given++ > 0 ? ",{\"key\":" : "{\"key\":");
        bytes_add_quoted(&job->answer, reply_text(reply, i));
        bytes_add_text(&job->answer, ",\"value\":");
        bytes_add_str(&job->answer, reply_text(reply, i + 1));
        bytes_add_text(&job->answer, "}");
    }
    bytes_add_text(&job->answer, i + 1 < reply->elements ? "],\"more\":true}" : "],\"more\":false}");
    freeReplyObject(reply);
    return HEXMCP_OK;
}
