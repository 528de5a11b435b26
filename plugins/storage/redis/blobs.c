/*
 * blobs.c - large bytes, each in one string of Redis.
 *
 * SPDX-License-Identifier: MIT
 *
 * Bytes on their way are in a string of their own, which Redis forgets after a day. It is renamed when
 * the blob is whole.
 */
#include "side.h"

#include "hexmcp/ext/draft/blob.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* The longest string of Redis. */
#define BLOB_MAX ((uint64_t)512 << 20)

int upload_name(char out[33])
{
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return 0;
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    return 1;
}

static struct upload **find(struct side *side, hexmcp_call call)
{
    struct upload **at = &side->uploads;
    while (*at && (*at)->call != call)
        at = &(*at)->next;
    return at;
}

void blobs_forget(struct side *side, hexmcp_call call)
{
    struct upload **at = find(side, call), *upload = *at;
    if (!upload)
        return;
    *at = upload->next;
    arena_free(&upload->memory);
    free(upload);
}

int32_t blobs_put_encode(struct side *side, struct job *job, struct command *c, int *needed,
                         hexmcp_error *err)
{
    struct upload *upload;
    char name[33];
    uint64_t size = UINT64_MAX;
    int32_t status = request_number(job->text, "bytes", &size, err);
    (void)c;
    (void)needed;
    if (status != HEXMCP_OK)
        return status;
    if (size == UINT64_MAX)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "to put a blob takes the number of its `bytes`");
    if (size > BLOB_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "a blob of %llu bytes does not fit into Redis, which takes at most %llu; "
                           "keep large things in another store",
                           (unsigned long long)size, (unsigned long long)BLOB_MAX);
    upload = calloc(1, sizeof(*upload));
    if (!upload || !upload_name(name)) {
        free(upload);
        return job_no_memory(err);
    }
    upload->next = side->uploads;
    side->uploads = upload;
    upload->call = job->call;
    upload->size = size;
    upload->space = arena_copy(&upload->memory, job->space);
    upload->key = arena_copy(&upload->memory, job->key);
    upload->id = arena_copy(&upload->memory, hexmcp_str_from(name));
    job->open = 1;
    return upload->space.ptr && upload->key.ptr && upload->id.ptr ? HEXMCP_OK : job_no_memory(err);
}

static void append_piece(struct side *side, struct job *job, const struct upload *upload,
                         struct command *c)
{
    command_begin(c, &job->arena, SCRIPT_BLOB_WRITE, &side->redis, (hexmcp_str){"", 0});
    command_add(c, upload->space);
    command_add(c, upload->id);
    command_add(c, job->bytes);
}

/* The last bytes come with the command that ends the put; without a key it is dropped. */
static void end(struct side *side, struct job *job, const struct upload *upload, hexmcp_str key,
                struct command *c)
{
    command_begin(c, &job->arena, SCRIPT_BLOB_END, &side->redis, (hexmcp_str){"", 0});
    command_add(c, upload->space);
    command_add(c, upload->id);
    command_add(c, key);
    command_number(c, upload->size);
    command_add(c, job->bytes);
}

int32_t blobs_write_encode(struct side *side, struct job *job, struct command *c, int *needed,
                           hexmcp_error *err)
{
    struct upload *upload = *find(side, job->call);
    int last = (job->flags & HEXMCP_BLOB_LAST) != 0;
    if (!upload)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "the call has ended");
    if (job->bytes.len > upload->size - upload->len ||
        (last && job->bytes.len != upload->size - upload->len))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "a blob has not the %llu bytes that were announced",
                           (unsigned long long)upload->size);
    upload->len += job->bytes.len;
    *needed = last || job->bytes.len > 0;
    job->open = !last;
    if (last)
        end(side, job, upload, upload->key, c);
    else if (*needed)
        append_piece(side, job, upload, c);
    return HEXMCP_OK;
}

int32_t blobs_write_decode(struct side *side, struct job *job, const redisReply *reply,
                           hexmcp_error *err)
{
    char kind = reply_text(reply, 0).ptr[0];
    if (!(job->flags & HEXMCP_BLOB_LAST))
        return HEXMCP_OK;
    if (kind == 'l')
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "Redis has lost bytes of a blob that was being put; put it again");
    bytes_add_text(&job->answer, kind == '1' ? "{\"stored\":true}" : "{\"stored\":false}");
    blobs_forget(side, job->call);
    return HEXMCP_OK;
}

int32_t blobs_give_up_encode(struct side *side, struct job *job, struct command *c, int *needed,
                             hexmcp_error *err)
{
    const struct upload *upload = *find(side, job->call);
    if (!upload)
        return hexmcp_fail(err, HEXMCP_E_CANCELLED, "the call was cancelled");
    *needed = 1;
    end(side, job, upload, (hexmcp_str){"", 0}, c);
    return HEXMCP_OK;
}

int32_t blobs_give_up_decode(struct side *side, struct job *job, const redisReply *reply,
                             hexmcp_error *err)
{
    (void)reply;
    blobs_forget(side, job->call);
    return hexmcp_fail(err, HEXMCP_E_CANCELLED, "the call was cancelled");
}

int32_t blobs_remove_encode(struct side *side, struct job *job, struct command *c, int *needed,
                            hexmcp_error *err)
{
    (void)err;
    *needed = 1;
    command_begin(c, &job->arena, SCRIPT_BLOB_REMOVE, &side->redis, (hexmcp_str){"", 0});
    command_add(c, job->space);
    command_add(c, job->key);
    return HEXMCP_OK;
}

int32_t blobs_remove_decode(struct side *side, struct job *job, const redisReply *reply,
                            hexmcp_error *err)
{
    (void)side;
    (void)err;
    bytes_add_text(&job->answer,
                   reply_number(reply, 0) > 0 ? "{\"removed\":true}" : "{\"removed\":false}");
    return HEXMCP_OK;
}

/* ---- reads ---- */

/* The bytes from `from` to before `to`; none if they are the same: then only the size is asked. */
static int32_t read_range(struct side *side, struct job *job, uint64_t from, uint64_t to,
                          redisReply **out, hexmcp_error *err)
{
    struct command c;
    int32_t status;
    command_begin(&c, &job->arena, SCRIPT_BLOB_READ, &side->redis, (hexmcp_str){"", 0});
    command_add(&c, job->space);
    command_add(&c, job->key);
    command_number(&c, to > from ? from : 1);
    command_number(&c, to > from ? to - 1 : 0);
    status = redis_ask(&side->redis, &c, out, err);
    if (status != HEXMCP_OK || (*out)->elements == 2)
        return status;
    freeReplyObject(*out);
    return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is no such blob");
}

static int32_t size_of(struct side *side, struct job *job, uint64_t *size, hexmcp_error *err)
{
    redisReply *reply;
    int32_t status = read_range(side, job, 0, 0, &reply, err);
    if (status != HEXMCP_OK)
        return status;
    *size = reply_number(reply, 0);
    freeReplyObject(reply);
    return HEXMCP_OK;
}

int32_t blobs_get(struct side *side, struct job *job, hexmcp_error *err)
{
    struct range range;
    uint64_t size = 0, at, last;
    int32_t status = request_range(job->text, &range, err);
    if (status == HEXMCP_OK)
        status = size_of(side, job, &size, err);
    if (status != HEXMCP_OK)
        return status;
    at = range.offset < size ? range.offset : size;
    last = range.length < size - at ? at + range.length : size;
    while (status == HEXMCP_OK && at < last) {
        redisReply *reply;
        uint64_t n = last - at < PIECE_BYTES ? last - at : PIECE_BYTES;
        status = read_range(side, job, at, at + n, &reply, err);
        if (status != HEXMCP_OK)
            break;
        if (reply_text(reply, 1).len == n)
            status = job_emit(job, (hexmcp_str){"{}", 2}, reply_text(reply, 1), err);
        else
            status = hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "the blob was removed while it was read");
        freeReplyObject(reply);
        at += n;
    }
    bytes_add_text(&job->answer, "{\"bytes\":");
    bytes_add_number(&job->answer, size);
    bytes_add_text(&job->answer, "}");
    return status;
}

static void sizes(struct job *job, uint64_t size)
{
    bytes_add_text(&job->answer, "\"bytes\":");
    bytes_add_number(&job->answer, size);
    bytes_add_text(&job->answer, ",\"storedBytes\":");
    bytes_add_number(&job->answer, size);
    bytes_add_text(&job->answer, "}");
}

int32_t blobs_stat(struct side *side, struct job *job, hexmcp_error *err)
{
    uint64_t size = 0;
    int32_t status = size_of(side, job, &size, err);
    if (status != HEXMCP_OK)
        return status;
    bytes_add_text(&job->answer, "{");
    sizes(job, size);
    return HEXMCP_OK;
}

int32_t blobs_list(struct side *side, struct job *job, hexmcp_error *err)
{
    struct list_query query;
    struct command c;
    redisReply *reply;
    size_t i;
    int32_t status = request_list(&job->arena, job->text, &query, err);
    if (status != HEXMCP_OK)
        return status;
    command_begin(&c, &job->arena, SCRIPT_BLOB_LIST, &side->redis, (hexmcp_str){"", 0});
    command_add(&c, job->space);
    command_add(&c, query.after.len > 0 ? bound(&job->arena, "(", query.after) : hexmcp_str_from("-"));
    command_number(&c, query.limit + 1);
    status = redis_ask(&side->redis, &c, &reply, err);
    if (status != HEXMCP_OK)
        return status;
    bytes_add_text(&job->answer, "{\"blobs\":[");
    for (i = 0; i + 1 < reply->elements && i < 2 * query.limit; i += 2) {
        bytes_add_text(&job->answer, i > 0 ? ",{\"key\":" : "{\"key\":");
        bytes_add_quoted(&job->answer, reply_text(reply, i));
        bytes_add_text(&job->answer, ",");
        sizes(job, reply_number(reply, i + 1));
    }
    bytes_add_text(&job->answer, i < reply->elements ? "],\"more\":true}" : "],\"more\":false}");
    freeReplyObject(reply);
    return HEXMCP_OK;
}
