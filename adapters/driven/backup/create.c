/*
 * Making a backup. The dump's records come on the loop into `filling`; when that is a batch it becomes
 * `working` and goes to a worker, which takes out what the parents have, compresses, seals and writes.
 * The dump waits when both are full.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/backup/inside.h"
#include "core/base/str.h"

struct create {
    struct backups *b;
    backup_done *done;
    void *arg;
    enum backup_kind kind;
    struct backup_facts facts;
    struct backup_facts parent;
    struct chain chain;    /* of the parent; no paths: a full one */
    struct container_writer writer;
    struct stream_cipher *stream;
    int fd;
    char *part;            /* the file while it is written; NULL when it has its name */
    struct buffer filling, working, frame, prints;
    uint64_t dump, position;
    bool dumping, full, busy, failed, parent_seen;
    struct error err;
    struct error refusal; /* of the executor */
};

static void create_free(struct create *c)
{
    struct backups *b = c->b;
    if (c->fd >= 0)
        close(c->fd);
    if (c->part)
        unlink(c->part);
    free(c->part);
    chain_clear(&c->chain);
    container_writer_clear(&c->writer);
    if (c->stream)
        b->ports.cipher->end(c->stream);
    buffer_clear(&c->filling);
    buffer_clear(&c->working);
    buffer_clear(&c->frame);
    buffer_clear(&c->prints);
    free(c);
    backups_release(b);
}

/* [loop] */
static void end(struct create *c)
{
    bool tell = !c->b->closed;
    c->b->busy = false;
    if (tell && c->failed && c->err.code == ST_UNSUPPORTED && c->kind == BACKUP_AUTO && c->parent.id[0])
        backups_create(c->b, BACKUP_FULL, c->facts.importance, c->done, c->arg);
    else if (tell && c->failed)
        c->done(c->arg, &c->err, NULL);
    else if (tell)
        c->done(c->arg, NULL, &c->facts);
    create_free(c);
}

/* ---- on workers ---- */

static int flush(struct create *c, struct error *err)
{
    struct buffer *out = &c->writer.out;
    for (size_t at = 0; at < out->len;) {
        ssize_t put = write(c->fd, out->data + at, out->len - at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return error_set(err, ST_UNAVAILABLE, "the backup %s cannot be written: %s", c->part,
                             strerror(errno));
        at += (size_t)put;
    }
    buffer_reset(out, 2 * BATCH_BYTES);
    return ST_OK;
}

/* The backup that this one adds to, whose files are read whole: a damaged one is found now. */
static int choose_parent(struct create *c, struct error *err)
{
    struct backups *b = c->b;
    struct backup_list list;
    const struct backup_facts *parent = NULL;
    int rc = folder_list(b->folder, &list, err);
    if (rc)
        return rc;
    if (c->kind != BACKUP_FULL)
        parent = backup_parent(list.all, list.count, &b->options.rules, b->key, c->facts.created_ms);
    if (c->kind == BACKUP_INCREMENTAL && !parent)
        rc = error_set(err, ST_UNSUPPORTED, "there is no backup that this one could add to: none, too "
                                            "old, or with another key; make a full one");
    if (parent)
        rc = chain_load(b, &list, parent->id, &c->chain, err);
    if (rc && parent && c->kind == BACKUP_AUTO) /* a full one helps more than an error */
        rc = ST_OK;
    else if (!rc && parent) {
        c->parent = *parent;
        memcpy(c->facts.parent, parent->id, sizeof(c->facts.parent));
    }
    free(list.all);
    return rc;
}

static int begin_stream(struct create *c, struct error *err)
{
    struct backups *b = c->b;
    uint8_t key[STREAM_KEY_BYTES];
    if (!b->key[0])
        return ST_OK;
    if (!b->ports.keys)
        return error_set(err, ST_NOT_FOUND, "there is no key \"%s\" to encrypt the backup", b->key);
    int rc = b->ports.keys->find(b->ports.keys->ctx, b->key, key, err);
    if (!rc)
        rc = b->ports.cipher->seal_begin(b->ports.cipher->ctx, key, c->facts.start, &c->stream, err);
    explicit_bzero(key, sizeof(key));
    memcpy(c->facts.key, b->key, strlen(b->key) + 1);
    return rc;
}

static int begin_file(struct create *c, struct error *err)
{
    struct buffer header = BUFFER_INIT;
    c->part = folder_path(c->b->folder, c->facts.id, true);
    if (!c->part)
        return error_set(err, ST_NOMEM, "out of memory");
    c->fd = open(c->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (c->fd < 0) {
        int code = errno;
        char *part = c->part;
        c->part = NULL; /* not ours to remove */
        error_set(err, ST_UNAVAILABLE, "the backup %s cannot be made: %s", part, strerror(code));
        free(part);
        return ST_UNAVAILABLE;
    }
    backup_write_header(&c->facts, &header);
    int rc = container_begin(&c->writer, c->b->ports.codec, c->b->ports.cipher, c->stream,
                             buffer_str(&header), err);
    buffer_clear(&header);
    return rc ? rc : flush(c, err);
}

static int prepare(struct create *c, struct error *err)
{
    struct backups *b = c->b;
    uint32_t chance;
    int rc = folder_make(b->folder, err);
    if (!rc)
        rc = b->ports.random->fill(b->ports.random->ctx, &chance, sizeof(chance), err);
    if (rc)
        return rc;
    folder_sweep(b->folder);
    backup_make_id(c->facts.created_ms, chance, c->facts.id);
    rc = choose_parent(c, err);
    if (!rc)
        rc = begin_stream(c, err);
    return rc ? rc : begin_file(c, err);
}

static int write_frame(struct create *c, struct error *err)
{
    if (!c->frame.len)
        return ST_OK;
    if (buffer_failed(&c->frame))
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = container_frame(&c->writer, FRAME_RECORDS, buffer_str(&c->frame), err);
    buffer_reset(&c->frame, 2 * BATCH_BYTES);
    return rc ? rc : flush(c, err);
}

/* The newest event of the parent must be one of the store, or the store is not the one that the parent
 * was made of (any more). */
static int take_event(struct create *c, uint64_t position, struct str record, bool *take,
                      struct error *err)
{
    uint8_t digest[BLAKE3_BYTES];
    *take = position > c->parent.position;
    if (position >= c->position || position == c->parent.position)
        blake3(record, digest);
    if (position >= c->position) {
        c->position = position;
        memcpy(c->facts.newest, digest, sizeof(digest));
    }
    if (position != c->parent.position)
        return ST_OK;
    c->parent_seen = memcmp(digest, c->parent.newest, sizeof(digest)) == 0;
    return c->parent_seen ? ST_OK
                          : error_set(err, ST_UNSUPPORTED,
                                      "the store has gone another way since the backup %s; make a "
                                      "full one",
                                      c->parent.id);
}

static int take_record(struct create *c, struct str json, struct str record, struct error *err)
{
    char kind[16];
    uint64_t position;
    uint8_t print[PRINT_BYTES];
    bool take;
    int rc = record_kind(json, kind, &position, err);
    if (rc)
        return rc;
    c->facts.records++;
    if (strcmp(kind, "event") == 0) {
        rc = take_event(c, position, record, &take, err);
    } else {
        print_of(record, print);
        buffer_add(&c->prints, print, sizeof(print));
        take = !chain_find(&c->chain, print);
    }
    if (rc || !take)
        return rc;
    c->facts.written++;
    if (c->frame.len && c->frame.len + record.len > BATCH_BYTES)
        rc = write_frame(c, err);
    buffer_add_str(&c->frame, record);
    return rc;
}

static int write_batch(struct create *c, struct error *err)
{
    struct str rest = buffer_str(&c->working), json, bytes;
    int rc = buffer_failed(&c->working) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
    while (!rc && rest.len) {
        const char *from = rest.ptr;
        if (!record_next(&rest, &json, &bytes))
            return error_set(err, ST_GENERIC, "a record of the store is not whole");
        rc = take_record(c, json, (struct str){from, (size_t)(rest.ptr - from)}, err);
    }
    buffer_reset(&c->working, 2 * BATCH_BYTES);
    return rc;
}

static int write_prints(struct create *c, struct error *err)
{
    int rc = buffer_failed(&c->prints) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
    for (size_t at = 0; !rc && at < c->prints.len; at += BATCH_BYTES) {
        size_t left = c->prints.len - at;
        rc = container_frame(&c->writer, FRAME_PRINTS,
                             buffer_part(&c->prints, at, left < BATCH_BYTES ? left : BATCH_BYTES),
                             err);
        if (!rc)
            rc = flush(c, err);
    }
    return rc;
}

/* What was written is read back from the file: each part by its digest, and that all is there. */
static int verify_part(struct create *c, struct error *err)
{
    struct backup_file file;
    enum frame_kind kind = FRAME_RECORDS;
    struct str bytes;
    uint64_t prints = 0;
    int rc = file_open(c->b, c->part, &file, err);
    if (rc)
        return rc;
    while (!rc && kind != FRAME_END) {
        rc = container_next(&file.reader, &kind, &bytes, err);
        if (!rc && kind == FRAME_PRINTS)
            prints += bytes.len;
    }
    if (!rc && prints != c->prints.len)
        rc = error_set(err, ST_INVALID, "not all of it is there");
    c->facts.bytes = file.facts.bytes;
    file_close(&file);
    return rc ? error_prefix(err, "the backup was not written as it should be: ") : ST_OK;
}

static int finish_file(struct create *c, struct error *err)
{
    struct buffer summary = BUFFER_INIT;
    char *path = folder_path(c->b->folder, c->facts.id, false);
    c->facts.position = c->position;
    backup_write_summary(&c->facts, &summary);
    int rc = path ? write_frame(c, err) : error_set(err, ST_NOMEM, "out of memory");
    if (!rc && c->parent.position && !c->parent_seen)
        rc = error_set(err, ST_UNSUPPORTED,
                       "the store is not the one that the backup %s was made of; make a full one",
                       c->parent.id);
    if (!rc)
        rc = write_prints(c, err);
    if (!rc)
        rc = container_end(&c->writer, buffer_str(&summary), err);
    if (!rc)
        rc = flush(c, err);
    if (!rc && fsync(c->fd) != 0)
        rc = error_set(err, ST_UNAVAILABLE, "the backup %s cannot be written to the disk: %s", c->part,
                       strerror(errno));
    buffer_clear(&summary);
    if (!rc)
        rc = verify_part(c, err);
    if (!rc && rename(c->part, path) != 0)
        rc = error_set(err, ST_UNAVAILABLE, "the backup %s cannot get its name: %s", c->part,
                       strerror(errno));
    if (!rc) {
        free(c->part);
        c->part = NULL;
        rc = folder_sync(c->b->folder, err);
    }
    free(path);
    return rc;
}

/* ---- on the loop ---- */

static void fail(struct create *c, const struct error *err)
{
    if (!c->failed)
        c->err = *err;
    c->failed = true;
}

static void work_prepare(void *arg)
{
    struct create *c = arg;
    struct error err;
    if (prepare(c, &err))
        fail(c, &err);
}

static void work_batch(void *arg)
{
    struct create *c = arg;
    struct error err;
    if (write_batch(c, &err))
        fail(c, &err);
}

static void work_finish(void *arg)
{
    struct create *c = arg;
    struct error err;
    if (finish_file(c, &err))
        fail(c, &err);
}

static void finished(void *arg)
{
    end(arg);
}

static void submit(struct create *c, void (*work)(void *arg), void (*done)(void *arg))
{
    const struct executor_port *executor = c->b->ports.executor;
    c->busy = true;
    if (!executor->submit(executor->ctx, work, done, c, &c->refusal))
        return;
    fail(c, &c->refusal);
    done(c);
}

static void batch_written(void *arg);

/* What can be done next: a batch, the end, or nothing but wait. */
static void go_on(struct create *c)
{
    if (c->busy)
        return;
    if (c->b->closed && !c->failed) {
        error_set(&c->err, ST_CANCELLED, "hexmcp ends");
        c->failed = true;
    }
    if (c->failed && c->dumping) {
        c->b->ports.dump->stop(c->b->ports.dump->ctx, c->dump); /* done() comes */
        return;
    }
    if (c->failed) {
        end(c);
        return;
    }
    if (c->filling.len >= BATCH_BYTES || (!c->dumping && c->filling.len)) {
        struct buffer empty = c->working;
        c->working = c->filling;
        c->filling = empty;
        submit(c, work_batch, batch_written);
    } else if (!c->dumping) {
        submit(c, work_finish, finished);
        return;
    }
    if (c->full && c->dumping) {
        c->full = false;
        c->b->ports.dump->resume(c->b->ports.dump->ctx, c->dump);
    }
}

static void batch_written(void *arg)
{
    struct create *c = arg;
    c->busy = false;
    go_on(c);
}

static bool record(void *arg, struct str json, struct str bytes)
{
    struct create *c = arg;
    if (c->failed) /* it is being stopped */
        return true;
    record_append(&c->filling, json, bytes);
    if (c->filling.len < BATCH_BYTES)
        return true;
    c->full = c->busy;
    if (!c->busy)
        go_on(c);
    return !c->full;
}

static void dumped(void *arg, const struct error *err, uint64_t position, uint64_t records)
{
    struct create *c = arg;
    (void)position;
    (void)records;
    c->dumping = false;
    if (err)
        fail(c, err);
    go_on(c);
}

static void prepared(void *arg)
{
    struct create *c = arg;
    const struct store_dump *dump = c->b->ports.dump;
    const struct dump_sink sink = {c, record, dumped};
    c->busy = false;
    if (c->failed || c->b->closed) {
        end(c);
        return;
    }
    c->dumping = true;
    c->busy = true; /* until the number of the dump is known */
    uint64_t id = dump->dump(dump->ctx, STR(""), &sink);
    c->dump = id;
    c->busy = false;
    go_on(c);
}

void backups_create(struct backups *b, enum backup_kind kind, enum backup_importance importance,
                    backup_done *done, void *arg)
{
    struct error err;
    struct create *c = b->busy ? NULL : calloc(1, sizeof(*c));
    if (!c) {
        if (b->busy)
            error_set(&err, ST_BUSY, "a backup or a restore is under way; wait for its end");
        else
            error_set(&err, ST_NOMEM, "out of memory");
        done(arg, &err, NULL);
        return;
    }
    backups_hold(b);
    b->busy = true;
    c->b = b;
    c->done = done;
    c->arg = arg;
    c->kind = kind;
    c->fd = -1;
    c->facts.importance = importance;
    c->facts.created_ms = b->ports.clock->wall_ms(b->ports.clock->ctx);
    memcpy(c->facts.store, b->store, strlen(b->store) + 1);
    submit(c, work_prepare, prepared);
}
