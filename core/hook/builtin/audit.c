/*
 * A record of what happened that shows when something is missing: each entry holds the digest of the
 * one before it and its own. Entries of one process are one stream of the event store, "audit/ID";
 * without a store they are lines of the log.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/hex.h"
#include "core/base/uuid.h"
#include "core/hook/builtin/kinds.h"
#include "core/json/writer.h"

#define DIGEST_SIZE (2 * SHA256_BYTES + 1)
#define NAME_SIZE 48

struct audit;

struct entry_write {
    struct entry_write *next, *before;
    struct audit *audit;    /* NULL: it has gone             */
    struct hook_turn *turn; /* NULL: nobody waits for it     */
};

struct audit {
    const struct builtin_parts *parts;
    char stream[NAME_SIZE]; /* empty before the first entry */
    char last[DIGEST_SIZE]; /* of the entry before          */
    struct uuid_source ids;
    uint64_t sequence;
    bool waits; /* what is recorded goes on when the record is durable */
    uint32_t bytes;
    struct entry_write *writes;
};

/* What hooks may see of the event, without secrets; cut away if it is too long. */
static void put_data(const struct audit *a, struct hook_turn *turn, struct json_writer *w)
{
    struct buffer data = BUFFER_INIT, clean = BUFFER_INIT;
    struct json_doc *doc = NULL;
    if (hook_turn_read(turn, STR(""), &data) && !buffer_failed(&data) &&
        json_parse(buffer_str(&data), &doc, NULL) == ST_OK)
        redact_json(&a->parts->redactor, json_root(doc), REDACT_RECORD, &clean, NULL);
    if (clean.len && !buffer_failed(&clean) && clean.len <= a->bytes)
        json_put_raw(w, STR("data"), buffer_str(&clean));
    else
        json_put_bool(w, STR("dataLeftOut"), true);
    json_free(doc);
    buffer_clear(&clean);
    buffer_clear(&data);
}

static void put_who(const struct hook_event *event, struct json_writer *w)
{
    const struct caller *caller = event->context ? event->context->caller : NULL;
    if (!caller)
        return;
    json_put_string(w, STR("caller"), caller->id);
    json_put_string(w, STR("tenant"), caller->tenant);
}

/* {"sequence", "point", ..., "previous", "digest"}: the digest is of all before it. */
static int write_entry(struct audit *a, struct hook_turn *turn, struct buffer *out, struct error *err)
{
    const struct hook_event *event = turn->event;
    const struct crypto_port *crypto = a->parts->crypto;
    struct json_writer w = json_writer(out);
    uint8_t digest[SHA256_BYTES];
    char text[DIGEST_SIZE];
    json_begin_object(&w);
    json_put_i64(&w, STR("sequence"), (int64_t)a->sequence + 1);
    json_put_string(&w, STR("point"), str_from(hook_point_facts(event->point)->name));
    if (event->custom.len)
        json_put_string(&w, STR("custom"), event->custom);
    if (event->target.len)
        json_put_string(&w, STR("target"), event->target);
    put_who(event, &w);
    json_put_i64(&w, STR("atMs"), a->parts->clock->wall_ms(a->parts->clock->ctx));
    put_data(a, turn, &w);
    json_put_string(&w, STR("previous"), str_from(a->last));
    if (buffer_failed(out))
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = crypto->sha256(crypto->ctx, buffer_str(out), digest, err);
    if (rc)
        return rc;
    hex_write(digest, SHA256_BYTES, text);
    text[DIGEST_SIZE - 1] = '\0';
    json_put_string(&w, STR("digest"), str_from(text));
    json_end_object(&w);
    if (buffer_failed(out))
        return error_set(err, ST_NOMEM, "out of memory");
    memcpy(a->last, text, sizeof(text));
    a->sequence++;
    return ST_OK;
}

static void log_line(const struct audit *a, enum log_level level, struct str text)
{
    a->parts->log->write(a->parts->log->ctx, level, STR("audit"), text);
}

static void unlink_write(struct entry_write *write)
{
    if (write->next)
        write->next->before = write->before;
    if (write->before)
        write->before->next = write->next;
    else
        write->audit->writes = write->next;
}

static void written(void *arg, const struct error *err, const struct append_result *result)
{
    struct entry_write *write = arg;
    struct hook_turn *turn = write->turn;
    (void)result;
    if (write->audit) {
        unlink_write(write);
        if (err)
            log_line(write->audit, LOG_LEVEL_ERROR, str_from(err->text));
    }
    free(write);
    if (turn && err)
        hook_fail(turn, err);
    else if (turn)
        hook_answer(turn, HOOK_CONTINUE);
}

static struct entry_write *begin_write(struct audit *a, struct hook_turn *turn)
{
    struct entry_write *write = malloc(sizeof(*write));
    if (!write)
        return NULL;
    *write = (struct entry_write){a->writes, NULL, a, a->waits ? turn : NULL};
    if (a->writes)
        a->writes->before = write;
    a->writes = write;
    return write;
}

static int draw_id(struct audit *a, char out[UUID_TEXT_SIZE], struct error *err)
{
    return uuid_next(&a->ids, a->parts->clock, a->parts->random, out, err);
}

static int append(struct audit *a, struct hook_turn *turn, struct str entry, struct error *err)
{
    const struct event_store *store = a->parts->events;
    const struct hook_event *event = turn->event;
    const struct caller *caller = event->context ? event->context->caller : NULL;
    char id[UUID_TEXT_SIZE];
    int rc = draw_id(a, id, err);
    struct entry_write *write = rc ? NULL : begin_write(a, turn);
    if (!write)
        return rc ? rc : error_set(err, ST_NOMEM, "out of memory");
    const struct stored_event stored = {
        .id = str_from(id),
        .type = STR("Audited"),
        .schema = 1,
        .at_ms = a->parts->clock->wall_ms(a->parts->clock->ctx),
        .caller = caller ? caller->id : STR(""),
        .tenant = caller ? caller->tenant : STR(""),
        .data = entry,
    };
    const struct stream_append stream = {
        .stream = str_from(a->stream), .expect = EXPECT_ANY, .events = &stored, .count = 1};
    const struct event_batch batch = {.key = stored.id, .streams = &stream, .count = 1};
    store->append(store->ctx, &batch, written, write);
    return ST_OK;
}

static int name_stream(struct audit *a, struct error *err)
{
    char id[UUID_TEXT_SIZE];
    int rc = a->stream[0] ? ST_OK : draw_id(a, id, err);
    if (!rc && !a->stream[0])
        snprintf(a->stream, sizeof(a->stream), "audit/%s", id);
    return rc;
}

static enum hook_result run(void *self, struct hook_turn *turn)
{
    struct audit *a = self;
    struct buffer entry = BUFFER_INIT;
    struct error err;
    int rc = name_stream(a, &err);
    if (!rc)
        rc = write_entry(a, turn, &entry, &err);
    if (!rc && !a->parts->events)
        log_line(a, LOG_LEVEL_NOTICE, buffer_str(&entry));
    else if (!rc)
        rc = append(a, turn, buffer_str(&entry), &err);
    buffer_clear(&entry);
    if (rc) {
        hook_fail(turn, &err);
        return HOOK_LATER;
    }
    return a->waits && a->parts->events ? HOOK_LATER : HOOK_CONTINUE;
}

static void on_cancel(void *self, struct hook_turn *turn)
{
    struct audit *a = self;
    for (struct entry_write *write = a->writes; write; write = write->next)
        if (write->turn == turn)
            write->turn = NULL;
}

static void free_it(void *self)
{
    struct audit *a = self;
    for (struct entry_write *write = a->writes; write; write = write->next) {
        write->audit = NULL;
        write->turn = NULL;
    }
    free(a);
}

static int make(const struct builtin_parts *parts, struct parameters *p, struct hook_definition *d)
{
    struct audit a = {.parts = parts, .bytes = 10000};
    parameter_bool(p, "required", &a.waits);
    parameter_u32(p, "bytes", 0, 262144, &a.bytes);
    struct audit *self = p->rc ? NULL : malloc(sizeof(*self));
    if (!self)
        return p->rc ? p->rc : error_set(p->err, ST_NOMEM, "out of memory");
    *self = a;
    d->self = self;
    d->run = run;
    d->cancel = on_cancel;
    d->free = free_it;
    d->gates = a.waits;
    d->priority = INT32_MAX;
    d->budget_ms = 5000; /* a durable write may take long, and is not slow */
    d->first_ms = 10000;
    return ST_OK;
}

const struct builtin builtin_audit = {
    .name = "audit",
    .keys = (const char *const[]){"bytes", NULL},
    .points = (const char *const[]){"BeforeToolExecution", "AfterToolExecution", "ToolError",
                                    "SecurityViolation", NULL},
    .make = make,
};
