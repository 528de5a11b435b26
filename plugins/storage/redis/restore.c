/*
 * restore.c - records of a dump, into a generation of their own.
 *
 * SPDX-License-Identifier: MIT
 *
 * Nobody looks there until the last record has come; then it is the generation in use, by one command.
 */
#include "side.h"

#include "hexmcp/ext/draft/dump.h"

#include <stdlib.h>
#include <string.h>

/* Deletes all keys of a generation, a few at a time. What fails is left: nobody looks there. */
static void delete_generation(struct side *side, const char *generation)
{
    hexmcp_error err = {.size = sizeof(err)};
    char cursor[32] = "0", pattern[1100], *to = pattern;
    const char *from = side->redis.settings->prefix;
    for (; *from && to < pattern + 1000; from++) {
        if (strchr("*?[]\\", *from))
            *to++ = '\\';
        *to++ = *from;
    }
    snprintf(to, (size_t)(pattern + sizeof(pattern) - to), "%s:*", generation);
    do {
        redisReply *reply, *keys;
        if (redis_plain(&side->redis, &reply, &err, "SCAN %s MATCH %s COUNT 500", cursor, pattern) !=
            HEXMCP_OK)
            return;
        snprintf(cursor, sizeof(cursor), "%s", reply->elements == 2 ? reply->element[0]->str : "0");
        keys = reply->elements == 2 ? reply->element[1] : NULL;
        for (size_t i = 0; keys && side->redis.context && i < keys->elements; i++) {
            redisReply *gone;
            if (redis_plain(&side->redis, &gone, &err, "UNLINK %b", keys->element[i]->str,
                            keys->element[i]->len) == HEXMCP_OK)
                freeReplyObject(gone);
        }
        freeReplyObject(reply);
    } while (side->redis.context && strcmp(cursor, "0") != 0);
}

static void forget(struct side *side)
{
    struct restoring *r = side->restoring;
    if (!r)
        return;
    side->restoring = NULL;
    bytes_free(&r->value);
    arena_free(&r->blob.memory);
    free(r);
}

/* The restore has failed: what it has filled goes. */
static void drop(struct side *side)
{
    if (side->restoring && side->redis.context)
        delete_generation(side, side->restoring->generation);
    forget(side);
}

int32_t restore_begin(struct side *side, struct job *job, hexmcp_error *err)
{
    redisReply *reply;
    int32_t status;
    if (side->restoring)
        return hexmcp_fail(err, HEXMCP_E_BUSY, "the store is being restored already");
    status = redis_plain(&side->redis, &reply, err, "INCR %sgens", side->redis.settings->prefix);
    if (status != HEXMCP_OK)
        return status;
    side->restoring = calloc(1, sizeof(*side->restoring));
    if (side->restoring) {
        side->restoring->call = job->call;
        snprintf(side->restoring->generation, sizeof(side->restoring->generation), "%lld",
                 (long long)reply->integer);
        job->open = 1;
    }
    freeReplyObject(reply);
    return side->restoring ? HEXMCP_OK : job_no_memory(err);
}

static void begin(struct side *side, struct job *job, enum script script,
                  const struct record *record, struct command *c)
{
    command_begin(c, &job->arena, script, &side->redis,
                  hexmcp_str_from(side->restoring->generation));
    command_add(c, record->space);
}

static int32_t damaged(hexmcp_error *err, hexmcp_str key)
{
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "the parts of %.300s do not follow each other; the backup is damaged", key.ptr);
}

static int32_t ask(struct side *side, struct command *c, char *kind, hexmcp_error *err)
{
    redisReply *reply;
    int32_t status = redis_ask(&side->redis, c, &reply, err);
    if (status != HEXMCP_OK)
        return status;
    *kind = reply_text(reply, 0).ptr[0];
    freeReplyObject(reply);
    return HEXMCP_OK;
}

static int32_t load_event(struct side *side, struct job *job, const struct record *record,
                          hexmcp_error *err)
{
    struct command c;
    struct bytes quoted = {0};
    char kind = 0;
    int32_t status;
    bytes_add_quoted(&quoted, record->stream);
    begin(side, job, SCRIPT_LOAD_EVENT, record, &c);
    command_add(&c, record->stream);
    command_add(&c, bytes_str(&quoted));
    command_number(&c, record->version);
    command_number(&c, record->position);
    command_add(&c, record->event.type);
    command_add(&c, record->event.at);
    command_add(&c, record->event.body);
    status = ask(side, &c, &kind, err);
    bytes_free(&quoted);
    if (status == HEXMCP_OK && kind == 'o')
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "an event of the stream %.200s is not in order: version %llu, position "
                           "%llu; the backup is damaged",
                           record->stream.ptr, (unsigned long long)record->version,
                           (unsigned long long)record->position);
    return status;
}

static int32_t load_rows(struct side *side, struct job *job, const struct record *record,
                         hexmcp_error *err)
{
    const struct project *project = &record->project;
    struct command c;
    char kind;
    begin(side, job, SCRIPT_LOAD_ROWS, record, &c);
    command_add(&c, project->projection);
    command_number(&c, record->position);
    for (size_t i = 0; i < project->count; i++) {
        command_add(&c, project->rows[i].key);
        command_number(&c, project->rows[i].value.len > 0);
        command_add(&c, project->rows[i].value);
    }
    return ask(side, &c, &kind, err);
}

static int32_t load_value(struct side *side, struct job *job, const struct record *record,
                          hexmcp_error *err)
{
    struct bytes *value = &side->restoring->value;
    struct command c;
    char kind;
    int32_t status;
    if (record->offset != value->len)
        return damaged(err, record->key);
    bytes_add_str(value, job->bytes);
    if (value->failed)
        return job_no_memory(err);
    if (value->len < record->size)
        return HEXMCP_OK;
    begin(side, job, SCRIPT_LOAD_VALUE, record, &c);
    command_add(&c, record->key);
    command_number(&c, record->version);
    command_number(&c, (uint64_t)record->expires_ms);
    command_add(&c, bytes_str(value));
    status = ask(side, &c, &kind, err);
    value->len = 0;
    return status;
}

static int32_t begin_blob(struct upload *blob, const struct record *record, hexmcp_error *err)
{
    char name[33];
    arena_free(&blob->memory);
    blob->id = upload_name(name) ? arena_copy(&blob->memory, hexmcp_str_from(name))
                                 : (hexmcp_str){NULL, 0};
    blob->len = 0;
    blob->size = record->size;
    return blob->id.ptr ? HEXMCP_OK : job_no_memory(err);
}

static int32_t load_blob(struct side *side, struct job *job, const struct record *record,
                         hexmcp_error *err)
{
    struct upload *blob = &side->restoring->blob;
    struct command c;
    char kind = 0;
    int last = record->offset + job->bytes.len == record->size;
    int32_t status = HEXMCP_OK;
    if (blob->id.len == 0)
        status = begin_blob(blob, record, err);
    if (status != HEXMCP_OK)
        return status;
    if (record->offset != blob->len || record->size != blob->size)
        return damaged(err, record->key);
    blob->len += job->bytes.len;
    begin(side, job, last ? SCRIPT_BLOB_END : SCRIPT_BLOB_WRITE, record, &c);
    command_add(&c, blob->id);
    if (last) {
        command_add(&c, record->key);
        command_number(&c, record->size);
    }
    command_add(&c, job->bytes);
    if (last)
        blob->id.len = 0;
    return ask(side, &c, &kind, err);
}

static int32_t load_document(struct side *side, struct job *job, const struct record *record,
                             hexmcp_error *err)
{
    struct command c;
    char kind;
    int32_t status;
    begin(side, job, SCRIPT_INDEX, record, &c);
    status = document_add(&c, &job->arena, &record->document, err);
    if (status == HEXMCP_OK)
        return ask(side, &c, &kind, err);
    command_free(&c);
    return status;
}

static int32_t load_record(struct side *side, struct job *job, hexmcp_error *err)
{
    struct record record = {0};
    int32_t status = record_read(&job->arena, job->text, job->bytes.len, &record, err);
    if (status != HEXMCP_OK)
        return status;
    side->restoring->records++;
    switch (record.kind) {
    case RECORD_EVENT:
        return load_event(side, job, &record, err);
    case RECORD_PROJECTION:
        return load_rows(side, job, &record, err);
    case RECORD_VALUE:
        return load_value(side, job, &record, err);
    case RECORD_BLOB:
        return load_blob(side, job, &record, err);
    default:
        return load_document(side, job, &record, err);
    }
}

static int32_t finish(struct side *side, struct job *job, char before[24], hexmcp_error *err)
{
    struct restoring *r = side->restoring;
    struct record none = {0};
    struct command c;
    redisReply *reply;
    int32_t status;
    if (r->blob.id.len > 0 || r->value.len > 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "the records end in the middle of a value or blob; the backup is damaged");
    begin(side, job, SCRIPT_LOAD_END, &none, &c);
    status = redis_ask(&side->redis, &c, &reply, err);
    if (status != HEXMCP_OK)
        return status;
    snprintf(before, 24, "%s", reply_text(reply, 0).ptr);
    freeReplyObject(reply);
    bytes_add_text(&job->answer, "{\"records\":");
    bytes_add_number(&job->answer, r->records);
    bytes_add_text(&job->answer, "}");
    return HEXMCP_OK;
}

int32_t restore_load(struct side *side, struct job *job, hexmcp_error *err)
{
    int last = (job->flags & HEXMCP_DUMP_LAST) != 0;
    char before[24] = "";
    int32_t status = HEXMCP_OK;
    if (!side->restoring || side->restoring->call != job->call)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "nothing is restored by this call");
    if (job->text.len > 0)
        status = load_record(side, job, err);
    if (status == HEXMCP_OK && last)
        status = finish(side, job, before, err);
    job->open = !last;
    if (status != HEXMCP_OK) {
        drop(side);
    } else if (last) {
        forget(side);
        delete_generation(side, before);
    }
    return status;
}

int32_t restore_give_up(struct side *side, struct job *job, hexmcp_error *err)
{
    if (side->restoring && side->restoring->call == job->call)
        drop(side);
    return hexmcp_fail(err, HEXMCP_E_CANCELLED, "the call was cancelled");
}
