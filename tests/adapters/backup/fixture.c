#include "tests/adapters/backup/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/backup/container.h"
#include "core/base/error.h"
#include "core/base/str.h"

static int64_t wall(void *ctx)
{
    return ((struct world *)ctx)->now_ms;
}

static int chance(void *ctx, void *out, size_t len, struct error *err)
{
    struct world *w = ctx;
    (void)err;
    w->chance++;
    memset(out, 0, len);
    memcpy(out, &w->chance, len < sizeof(w->chance) ? len : sizeof(w->chance));
    return ST_OK;
}

static int submit(void *ctx, void (*work)(void *arg), void (*done)(void *arg), void *arg,
                  struct error *err)
{
    struct world *w = ctx;
    if (w->no_workers)
        return error_set(err, ST_BUSY, "all workers have work");
    assert_true(w->job_count < 16);
    w->jobs[w->job_count++] = (struct job){work, done, arg};
    return ST_OK;
}

static void pump(struct world *w)
{
    while (w->job_count) {
        struct job job = w->jobs[0];
        memmove(w->jobs, w->jobs + 1, --w->job_count * sizeof(*w->jobs));
        job.work(job.arg);
        job.done(job.arg);
    }
}

static int find_key(void *ctx, const char *name, uint8_t key[STREAM_KEY_BYTES], struct error *err)
{
    struct world *w = ctx;
    if (strcmp(name, "main") != 0)
        return error_set(err, ST_NOT_FOUND, "there is no key \"%s\"", name);
    memset(key, w->key_byte, STREAM_KEY_BYTES);
    return ST_OK;
}

/* ---- the store ---- */

static void pour(struct world *w)
{
    struct str json, bytes;
    bool more = true;
    while (more && w->rest.len) {
        assert_true(record_next(&w->rest, &json, &bytes));
        more = w->sink.record(w->sink.arg, json, bytes);
        if (w->meanwhile)
            w->meanwhile(w);
    }
    if (w->rest.len || !w->dumping)
        return;
    w->dumping = false;
    w->sink.done(w->sink.arg, NULL, 1, 1);
}

static uint64_t dump(void *ctx, struct str query, const struct dump_sink *sink)
{
    struct world *w = ctx;
    assert_int_equal(query.len, 0);
    buffer_clear(&w->snapshot);
    buffer_add_str(&w->snapshot, buffer_str(&w->store));
    w->rest = buffer_str(&w->snapshot);
    w->sink = *sink;
    w->dumping = true;
    pour(w);
    return 7;
}

static void resume(void *ctx, uint64_t id)
{
    assert_int_equal(id, 7);
    pour(ctx);
}

static void stop(void *ctx, uint64_t id)
{
    struct world *w = ctx;
    struct error err;
    (void)id;
    if (!w->dumping)
        return;
    w->dumping = false;
    error_set(&err, ST_CANCELLED, "stopped");
    w->sink.done(w->sink.arg, &err, 0, 0);
}

static int begin_restore(void *ctx, struct store_restore **out, struct error *err)
{
    (void)err;
    buffer_clear(&((struct world *)ctx)->loading);
    *out = ctx;
    return ST_OK;
}

static void load(void *ctx, struct store_restore *handle, struct str json, struct str bytes, bool last,
                 void (*done)(void *arg, const struct error *err), void *arg)
{
    struct world *w = ctx;
    struct error err;
    assert_ptr_equal(handle, ctx);
    if (w->fail_load >= 0 && w->fail_load-- == 0) {
        error_set(&err, ST_UNAVAILABLE, "the disk is full");
        done(arg, &err);
        return;
    }
    if (last) {
        buffer_clear(&w->store);
        buffer_add_str(&w->store, buffer_str(&w->loading));
    } else {
        record_append(&w->loading, json, bytes);
    }
    done(arg, NULL);
}

static void drop(void *ctx, struct store_restore *handle)
{
    assert_ptr_equal(handle, ctx);
}

void event(struct world *w, unsigned position, const char *data)
{
    char json[300];
    int len = snprintf(json, sizeof(json),
                       "{\"kind\":\"event\",\"space\":\"events\",\"event\":{\"position\":%u,\"data\":"
                       "\"%s\"}}",
                       position, data);
    record_append(&w->store, (struct str){json, (size_t)len}, (struct str){NULL, 0});
}

void value(struct world *w, const char *key, unsigned version, const char *data, size_t len)
{
    char json[300];
    int used = snprintf(json, sizeof(json),
                        "{\"kind\":\"value\",\"space\":\"s\",\"key\":\"%s\",\"version\":%u}", key, version);
    record_append(&w->store, (struct str){json, (size_t)used}, (struct str){data, len});
}

void forget(struct world *w)
{
    buffer_clear(&w->store);
}

/* ---- questions ---- */

static void note(struct world *w, const struct error *err)
{
    w->told++;
    w->code = err ? err->code : ST_OK;
    snprintf(w->text, sizeof(w->text), "%s", err ? err->text : "");
}

static void created(void *arg, const struct error *err, const struct backup_facts *facts)
{
    struct world *w = arg;
    note(w, err);
    if (!err)
        w->facts = *facts;
}

static void restored(void *arg, const struct error *err, const struct restore_result *result)
{
    struct world *w = arg;
    note(w, err);
    if (!err)
        w->result = *result;
}

static void progress(void *arg, const struct restore_progress *progress)
{
    struct world *w = arg;
    size_t len = strlen(w->phases);
    char phase = "csld"[progress->phase];
    if (len + 1 < sizeof(w->phases) && (len == 0 || w->phases[len - 1] != phase))
        w->phases[len] = phase;
}

static void listed(void *arg, const struct error *err, const struct backup_facts *all, size_t count)
{
    struct world *w = arg;
    note(w, err);
    w->count = count;
    for (size_t i = 0; i < count; i++)
        w->all[i] = all[i];
}

static void pruned(void *arg, const struct error *err, const struct backup_facts *all, const bool *gone,
                   size_t count)
{
    struct world *w = arg;
    listed(w, err, all, count);
    for (size_t i = 0; i < count; i++)
        w->gone[i] = gone[i];
}

static int answer(struct world *w)
{
    pump(w);
    assert_int_equal(w->told, 1);
    return w->code;
}

int create(struct world *w, enum backup_kind kind)
{
    w->told = 0;
    w->now_ms += 1000;
    backups_create(w->backups, kind, BACKUP_STANDARD, created, w);
    return answer(w);
}

int verify(struct world *w, const char *id)
{
    w->told = 0;
    backups_verify(w->backups, id, created, w);
    return answer(w);
}

int restore(struct world *w, const char *id, bool dry_run, const char *kinds)
{
    const struct restore_options options = {id, dry_run, kinds, progress};
    w->told = 0;
    w->now_ms += 1000;
    memset(w->phases, 0, sizeof(w->phases));
    backups_restore(w->backups, &options, restored, w);
    return answer(w);
}

int list(struct world *w)
{
    w->told = 0;
    backups_list(w->backups, listed, w);
    return answer(w);
}

int prune(struct world *w, bool dry_run)
{
    w->told = 0;
    backups_prune(w->backups, dry_run, pruned, w);
    return answer(w);
}

void path_of(struct world *w, const char *id, char path[200])
{
    snprintf(path, 200, "%s/backups/%s.hexmcpb", w->folder, id);
}

void world_configure(struct world *w, const char *key)
{
    char folder[100];
    struct error err;
    const struct backup_ports ports = {
        &w->dump,  &w->executor, zstd_module_port(w->zstd), secretstream_module_port(w->secretstream),
        &w->clock, &w->random,   &w->keys};
    snprintf(folder, sizeof(folder), "%s/backups", w->folder);
    const struct backup_options options = {
        folder, "memory", key, {3, (int64_t)30 * 86400000, (int64_t)7 * 86400000}};
    backups_free(w->backups);
    assert_int_equal(backups_new(&ports, &options, &w->backups, &err), ST_OK);
}

int world_open(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    snprintf(w->folder, sizeof(w->folder), "/tmp/hexmcp-backup-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    assert_int_equal(zstd_module_new(TEST_MODULES_DIR, &w->zstd, NULL), ST_OK);
    assert_int_equal(secretstream_module_new(TEST_MODULES_DIR, &w->secretstream, NULL), ST_OK);
    w->now_ms = 1795262400000;
    w->fail_load = -1;
    w->key_byte = 1;
    w->clock = (struct clock_port){w, NULL, wall};
    w->random = (struct random_port){w, chance};
    w->executor = (struct executor_port){w, submit};
    w->keys = (struct backup_keys){w, find_key};
    w->dump = (struct store_dump){w, dump, resume, stop, begin_restore, load, drop};
    world_configure(w, "");
    *state = w;
    return 0;
}

int world_close(void **state)
{
    struct world *w = *state;
    char command[200];
    backups_free(w->backups);
    snprintf(command, sizeof(command), "rm -rf '%s'", w->folder);
    assert_int_equal(system(command), 0);
    zstd_module_free(w->zstd);
    secretstream_module_free(w->secretstream);
    buffer_clear(&w->store);
    buffer_clear(&w->loading);
    buffer_clear(&w->snapshot);
    free(w);
    return 0;
}
