/*
 * values.c - keys and values.
 *
 * SPDX-License-Identifier: MIT
 */
#include "side.h"

#define TTL_MAX ((uint64_t)1 << 50)
#define KEYS_AT_ONCE 50

int32_t values_change_encode(struct side *side, struct job *job, struct command *c, int *needed,
                             hexmcp_error *err)
{
    struct change *changes = NULL;
    size_t count = 0;
    int32_t status = request_changes(job, &changes, &count, err);
    if (status != HEXMCP_OK)
        return status;
    *needed = 1;
    command_begin(c, &job->arena, SCRIPT_CHANGE, &side->redis, (hexmcp_str){"", 0});
    command_add(c, job->space);
    for (size_t i = 0; i < count; i++) {
        command_add(c, changes[i].key);
        command_add(c, hexmcp_str_from(changes[i].remove ? "r" : "s"));
        if (changes[i].if_version)
            command_number(c, changes[i].version);
        else
            command_add(c, hexmcp_str_from(""));
        command_number(c, changes[i].ttl_ms < TTL_MAX ? changes[i].ttl_ms : TTL_MAX);
        command_add(c, changes[i].value);
    }
    return HEXMCP_OK;
}

int32_t values_change_decode(struct side *side, struct job *job, const redisReply *reply,
                             hexmcp_error *err)
{
    struct change *changes = NULL;
    size_t count = 0;
    int32_t status = request_changes(job, &changes, &count, err);
    (void)side;
    if (status != HEXMCP_OK)
        return status;
    if (reply_text(reply, 0).ptr[0] == 'c') {
        changes_conflict(job, &changes[reply_number(reply, 1)], reply_number(reply, 2));
        return HEXMCP_OK;
    }
    for (size_t i = 0; i < count; i++)
        changes[i].version = reply_number(reply, i + 1);
    changes_answer(job, changes, count);
    return HEXMCP_OK;
}

int32_t values_get_encode(struct side *side, struct job *job, struct command *c, int *needed,
                          hexmcp_error *err)
{
    (void)err;
    *needed = 1;
    command_begin(c, &job->arena, SCRIPT_GET, &side->redis, (hexmcp_str){"", 0});
    command_add(c, job->space);
    command_add(c, job->key);
    return HEXMCP_OK;
}

int32_t values_get_decode(struct side *side, struct job *job, const redisReply *reply,
                          hexmcp_error *err)
{
    (void)side;
    if (reply->elements < 3)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is no such key");
    bytes_add_text(&job->answer, "{\"version\":");
    bytes_add_number(&job->answer, reply_number(reply, 0));
    if (reply_number(reply, 1) > 0) {
        bytes_add_text(&job->answer, ",\"ttlMs\":");
        bytes_add_number(&job->answer, reply_number(reply, 1));
    }
    bytes_add_text(&job->answer, "}");
    return pieces_bytes(job, reply_text(reply, 2), job_emit, err);
}

/* A page of the list; *min moves behind its last key. */
static int32_t list_some(struct side *side, struct job *job, const struct list_query *query,
                         uint64_t count, hexmcp_str *min, hexmcp_str max, redisReply **out,
                         hexmcp_error *err)
{
    struct command c;
    int32_t status;
    command_begin(&c, &job->arena, SCRIPT_LIST, &side->redis, (hexmcp_str){"", 0});
    command_add(&c, job->space);
    command_add(&c, *min);
    command_add(&c, max);
    command_number(&c, count);
    command_number(&c, query->values ? VALUE_LISTED_MAX : 0);
    status = redis_ask(&side->redis, &c, out, err);
    if (status == HEXMCP_OK && (*out)->elements > 5)
        *min = bound(&job->arena, "(", reply_text(*out, (*out)->elements - 5));
    return status;
}

static int32_t give(struct job *job, struct pieces *pieces, const redisReply *reply, int values,
                    uint64_t *given, hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    for (size_t i = 1; status == HEXMCP_OK && i + 4 < reply->elements; i += 5) {
        if (values) {
            status = pieces_key(pieces, reply_text(reply, i), reply_number(reply, i + 1),
                                reply_number(reply, i + 2), reply_number(reply, i + 3), 1,
                                reply_text(reply, i + 4), err);
        } else {
            if (*given > 0)
                bytes_add_text(&job->answer, ",");
            key_write(&job->answer, reply_text(reply, i), reply_number(reply, i + 1),
                      reply_number(reply, i + 2), reply_number(reply, i + 3), 0);
        }
        (*given)++;
    }
    return status;
}

int32_t values_list(struct side *side, struct job *job, hexmcp_error *err)
{
    struct list_query query;
    struct pieces pieces = {.job = job, .emit = job_emit, .list = "keys"};
    hexmcp_str min, max;
    uint64_t given = 0;
    int more = 1;
    int32_t status = request_list(&job->arena, job->text, &query, err);
    if (status == HEXMCP_OK)
        status = bounds(&job->arena, query.prefix, query.after.len > 0, query.after, 0, &min, &max,
                        err);
    if (status != HEXMCP_OK)
        return status;
    if (!query.values)
        bytes_add_text(&job->answer, "{\"keys\":[");
    while (status == HEXMCP_OK && more && given < query.limit) {
        redisReply *reply;
        uint64_t count = query.limit - given;
        if (query.values && count > KEYS_AT_ONCE)
            count = KEYS_AT_ONCE;
        status = list_some(side, job, &query, count, &min, max, &reply, err);
        if (status != HEXMCP_OK)
            break;
        more = reply_number(reply, 0) == 1;
        status = give(job, &pieces, reply, query.values, &given, err);
        freeReplyObject(reply);
    }
    status = pieces_end(&pieces, status, err);
    bytes_add_text(&job->answer, query.values ? "{\"more\":" : "],\"more\":");
    bytes_add_text(&job->answer, more ? "true}" : "false}");
    return status;
}
