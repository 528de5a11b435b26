/*
 * Records in the place of all that is in the file. They are put into a file beside it, which nobody else
 * sees and which needs no care to survive a crash; when all are there its pages are copied over those of
 * the store in one transaction (sqlite3_backup). So the store goes on to be used meanwhile, other
 * processes see the old or the new and nothing between, and what is killed has changed nothing.
 *
 * SPDX-License-Identifier: MIT
 */
#include "blobs.h"
#include "documents.h"
#include "events.h"
#include "job.h"
#include "projections.h"
#include "schema.h"
#include "times.h"
#include "values.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

struct restore {
    struct job *job;
    struct config config; /* that of the store, but for its path */
    int lock;             /* of the file beside: one restore at a time */
    struct db db;
    int64_t records;
    struct blob blob;    /* of which the parts come */
    int64_t blob_received;
    uint32_t blob_parts;
    struct out part;
    struct out value;    /* that comes in several pieces */
    bool replaced;
    hexmcp_error err;
};

static int32_t damaged(struct restore *x, const char *what)
{
    return hexmcp_fail(&x->err, HEXMCP_E_INVALID,
                       "record %lld cannot be restored: %s; nothing was changed",
                       (long long)x->records + 1, what);
}

/* Numbers that a record must have. */
static int32_t number(struct restore *x, hexmcp_str json, const char *what, int64_t *ret)
{
    if (!json.ptr)
        return damaged(x, "a number is missing");
    return text_number(json, 0, INT64_MAX, what, ret, &x->err);
}

static int32_t restore_event(struct restore *x, hexmcp_str space, const hexmcp_str *v)
{
    struct event event;
    struct event_place place;
    hexmcp_str name;
    int64_t stream, last, version, position;
    if (event_parse(v[0], &event, &place, &x->err) != HEXMCP_OK ||
        text_take(place.stream, 1, NAME_BYTES_MAX, "\"stream\"", &name, &x->err) != HEXMCP_OK ||
        number(x, place.version, "\"version\"", &version) != HEXMCP_OK ||
        number(x, place.position, "\"position\"", &position) != HEXMCP_OK ||
        stream_find(&x->db, space, name, &stream, &last, &x->err) != HEXMCP_OK)
        return x->err.code;
    if (version != last + 1 || position < 1)
        return damaged(x, "the events of a stream are not in their order");
    int32_t status = stream_move(&x->db, space, name, &stream, version, &x->err);
    return status == HEXMCP_OK ? event_add(&x->db, stream, version, position, &event, &x->err) : status;
}

static int32_t restore_row(struct restore *x, int64_t projection, hexmcp_str json)
{
    static const hexmcp_str names[] = {LIT("key"), LIT("value")};
    hexmcp_str v[2], key;
    if (text_members(json, names, v, 2, "a row", &x->err) != HEXMCP_OK ||
        text_take(v[0], 1, NAME_BYTES_MAX, "\"key\"", &key, &x->err) != HEXMCP_OK)
        return x->err.code;
    return v[1].ptr ? projection_set(&x->db, projection, key, v[1], &x->err) : HEXMCP_OK;
}

static int32_t restore_projection(struct restore *x, hexmcp_str space, const hexmcp_str *v)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(v[3]);
    hexmcp_str name, row;
    int64_t found, before, position;
    if (text_take(v[1], 1, NAME_BYTES_MAX, "\"projection\"", &name, &x->err) != HEXMCP_OK ||
        number(x, v[2], "\"position\"", &position) != HEXMCP_OK ||
        projection_find(&x->db, space, name, &found, &before, &x->err) != HEXMCP_OK)
        return x->err.code;
    int32_t status =
        found ? HEXMCP_OK : projection_add(&x->db, space, name, position, &found, &x->err);
    while (status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &row))
        status = restore_row(x, found, row);
    return status;
}

static int32_t add_value(struct restore *x, hexmcp_str space, hexmcp_str key, const hexmcp_str *v,
                         hexmcp_str bytes)
{
    struct value value = {0};
    hexmcp_str expires;
    if (number(x, v[5], "\"version\"", &value.version) != HEXMCP_OK ||
        (v[6].ptr &&
         (text_take(v[6], 1, NAME_BYTES_MAX, "\"expires\"", &expires, &x->err) != HEXMCP_OK ||
          time_read(expires, "\"expires\"", &value.expires, &x->err) != HEXMCP_OK)))
        return x->err.code;
    return value_add(&x->db, space, key, &value, bytes, &x->err);
}

static int32_t restore_value(struct restore *x, hexmcp_str space, const hexmcp_str *v, hexmcp_str bytes)
{
    hexmcp_str key;
    int64_t size = (int64_t)bytes.len, offset = 0;
    if (text_take(v[4], 1, NAME_BYTES_MAX, "\"key\"", &key, &x->err) != HEXMCP_OK ||
        text_number(v[7], 0, (int64_t)VALUE_BYTES_MAX, "\"size\"", &size, &x->err) != HEXMCP_OK ||
        text_number(v[9], 0, INT64_MAX, "\"offset\"", &offset, &x->err) != HEXMCP_OK)
        return x->err.code;
    if (size == (int64_t)bytes.len && x->value.len == 0)
        return add_value(x, space, key, v, bytes);
    if (offset != (int64_t)x->value.len || offset + (int64_t)bytes.len > size)
        return damaged(x, "the pieces of a value are not in their order");
    out_raw(&x->value, bytes);
    if (x->value.failed)
        return hexmcp_fail(&x->err, HEXMCP_E_NOMEM, "out of memory; try again");
    if ((int64_t)x->value.len < size)
        return HEXMCP_OK;
    int32_t status = add_value(x, space, key, v, out_text(&x->value));
    x->value.len = 0;
    return status;
}

static int32_t flush_part(struct restore *x)
{
    int32_t status = x->part.failed
                         ? hexmcp_fail(&x->err, HEXMCP_E_NOMEM, "out of memory; try again")
                         : blob_add_part(&x->db, x->blob.number, x->blob_parts++,
                                         out_text(&x->part), &x->err);
    x->part.len = 0;
    return status;
}

/* Bytes of a blob, which come in pieces of any size, cut into the parts of this store. */
static int32_t add_bytes(struct restore *x, hexmcp_str bytes)
{
    int32_t status = HEXMCP_OK;
    x->blob_received += (int64_t)bytes.len;
    while (bytes.len > 0 && status == HEXMCP_OK) {
        size_t room = PART_BYTES - x->part.len;
        hexmcp_str more = {bytes.ptr, bytes.len < room ? bytes.len : room};
        out_raw(&x->part, more);
        bytes.ptr += more.len;
        bytes.len -= more.len;
        if (x->part.len == PART_BYTES)
            status = flush_part(x);
    }
    if (status != HEXMCP_OK || x->blob_received < x->blob.bytes)
        return status;
    if (x->part.len > 0)
        status = flush_part(x);
    return status == HEXMCP_OK ? blob_show(&x->db, x->blob.number, x->blob.bytes, &x->err) : status;
}

static int32_t restore_blob(struct restore *x, hexmcp_str space, const hexmcp_str *v, hexmcp_str bytes)
{
    hexmcp_str key;
    int64_t total, offset;
    if (text_take(v[4], 1, NAME_BYTES_MAX, "\"key\"", &key, &x->err) != HEXMCP_OK ||
        number(x, v[8], "\"bytes\"", &total) != HEXMCP_OK ||
        number(x, v[9], "\"offset\"", &offset) != HEXMCP_OK)
        return x->err.code;
    if (offset == 0) {
        x->blob_received = 0;
        x->blob_parts = 0;
        x->part.len = 0;
        x->blob.bytes = total;
        if (blob_begin(&x->db, space, key, &x->blob.number, &x->err) != HEXMCP_OK)
            return x->err.code;
    }
    if (offset != x->blob_received || total != x->blob.bytes || offset + (int64_t)bytes.len > total)
        return damaged(x, "the pieces of a blob are not in their order");
    return add_bytes(x, bytes);
}

static int32_t restore_document(struct restore *x, hexmcp_str space, const hexmcp_str *v)
{
    struct document document;
    int32_t status = document_parse(v[10], &document, &x->err);
    return status == HEXMCP_OK ? document_set(&x->db, space, &document, &x->err) : status;
}

static int32_t restore_record(struct restore *x, const struct request *r)
{
    static const hexmcp_str names[] = {
        LIT("event"),   LIT("projection"), LIT("position"), LIT("rows"),   LIT("key"),
        LIT("version"), LIT("expires"),    LIT("size"),     LIT("bytes"),  LIT("offset"),
        LIT("document"), LIT("kind"),      LIT("space"),
    };
    hexmcp_str v[13], space;
    if (text_members(r->json, names, v, 13, "a record", &x->err) != HEXMCP_OK ||
        text_take(v[12], 1, NAME_BYTES_MAX, "\"space\" of a record", &space, &x->err) != HEXMCP_OK)
        return x->err.code;
    if (hexmcp_json_equals(v[11], "event"))
        return restore_event(x, space, v);
    if (hexmcp_json_equals(v[11], "projection"))
        return restore_projection(x, space, v);
    if (hexmcp_json_equals(v[11], "value"))
        return restore_value(x, space, v, r->bytes);
    if (hexmcp_json_equals(v[11], "blob"))
        return restore_blob(x, space, v, r->bytes);
    if (hexmcp_json_equals(v[11], "document"))
        return restore_document(x, space, v);
    return damaged(x, "its kind is unknown");
}

/* The file beside: empty, and ours alone while it is locked. */
static int32_t make_beside(struct restore *x)
{
    x->lock = open(x->config.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (x->lock < 0)
        return hexmcp_fail(&x->err, HEXMCP_E_UNAVAILABLE,
                           "cannot make %.300s for the restore: %s; check the folder and the disk",
                           x->config.path, strerror(errno));
    if (flock(x->lock, LOCK_EX | LOCK_NB) != 0)
        return hexmcp_fail(&x->err, HEXMCP_E_BUSY,
                           "another restore of this store is under way; wait for its end");
    if (ftruncate(x->lock, 0) != 0)
        return hexmcp_fail(&x->err, HEXMCP_E_UNAVAILABLE, "cannot empty %.300s: %s; remove it",
                           x->config.path, strerror(errno));
    return HEXMCP_OK;
}

static int32_t open_beside(struct restore *x)
{
    int32_t status = make_beside(x);
    if (status == HEXMCP_OK)
        status = db_open(&x->db, &x->config, DB_WRITER, &x->err);
    if (status == HEXMCP_OK)
        status = db_exec(&x->db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN", &x->err);
    return status == HEXMCP_OK ? schema_make(&x->db, &x->err) : status;
}

static int32_t read_records(struct restore *x)
{
    struct request *r;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && (r = job_record(x->job))) {
        status = restore_record(x, r);
        x->records += status == HEXMCP_OK;
        request_free(r);
    }
    if (status == HEXMCP_OK && x->value.len > 0)
        status = damaged(x, "the last pieces of a value are missing");
    /* What was removed before the dump has left no record: new keys begin above all that there are. */
    if (status == HEXMCP_OK)
        status = db_exec(&x->db, "INSERT INTO floors SELECT space, max(version) FROM entries "
                                 "GROUP BY space", &x->err);
    if (status == HEXMCP_OK)
        status = db_exec(&x->db, "COMMIT", &x->err);
    return status;
}

/* The copy waits for others as any write does, and is durable or has not been made. */
static int32_t copy_over(struct restore *x, struct db *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to->handle, "main", x->db.handle, "main");
    int code = backup ? sqlite3_backup_step(backup, -1) : SQLITE_ERROR;
    int end = sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE && end == SQLITE_OK)
        return HEXMCP_OK;
    return db_fail(to, "restore", &x->err);
}

static int32_t replace(struct restore *x)
{
    struct db to;
    int32_t status = db_open(&to, &x->job->store->config, DB_WRITER, &x->err);
    if (status == HEXMCP_OK)
        status = copy_over(x, &to);
    db_close(&to);
    x->replaced = status == HEXMCP_OK;
    return status;
}

static void close_beside(struct restore *x)
{
    db_close(&x->db);
    if (x->lock >= 0 && x->err.code != HEXMCP_E_BUSY)
        unlink(x->config.path);
    if (x->lock >= 0)
        close(x->lock);
}

static int32_t restore_all(struct restore *x)
{
    int32_t status = open_beside(x);
    if (status == HEXMCP_OK)
        status = read_records(x);
    if (status == HEXMCP_OK && !job_cancelled(x->job))
        status = replace(x);
    close_beside(x);
    return status;
}

void restore_run(struct job *job)
{
    struct restore x = {.job = job, .config = job->store->config, .lock = -1,
                        .err = {.size = sizeof(x.err)}};
    struct out answer = {0};
    char path[4200];
    snprintf(path, sizeof(path), "%s-restore", job->store->config.path);
    x.config.path = path;
    int32_t status = restore_all(&x);
    OUT(&answer, "{\"records\":");
    out_number(&answer, x.records);
    OUT(&answer, "}");
    job_complete(job, x.replaced, status, &answer, &x.err);
    out_free(&answer);
    out_free(&x.part);
    out_free(&x.value);
}
