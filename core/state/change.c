/* Setting and removing. A change of a stored key and of what its place uses are made together, or not
 * at all, and only if nobody else has changed either in between. */
#include <stdio.h>
#include <stdlib.h>

#include "core/json/writer.h"
#include "core/state/inside.h"

/* Others came between so often in a row before the change is given up. */
#define TRIES 16

struct change {
    struct state_job job;
    struct str key, value; /* of JSON */
    bool remove, if_version, seal;
    uint64_t version, ttl_ms;
    enum state_class value_class;
    uint32_t schema;

    uint64_t usage_version, bytes, keys; /* of the place */
    bool counted;
    uint64_t old_version, old_bytes; /* 0: there is no such key */
    struct buffer stored;
    int64_t expires_ms;
    int tries;

    struct state_changed changed;
    void (*done)(void *arg, const struct error *err, const struct state_changed *changed);
    void *arg;
};

static void end(struct change *c, const struct error *err)
{
    if (c->job.state)
        c->done(c->arg, err, err ? NULL : &c->changed);
    buffer_clear(&c->stored);
    job_end(&c->job);
}

static void fail(struct change *c, int code, const char *text)
{
    struct error err;
    error_set(&err, code, "%s", text);
    end(c, &err);
}

/* True if the state is gone, or something failed: the change is over. */
static bool over(struct change *c, const struct error *err)
{
    if (!c->job.state || (err && err->code != ST_NOT_FOUND)) {
        end(c, err);
        return true;
    }
    return false;
}

static void begin(struct change *c);

static void conflict(struct change *c, uint64_t actual)
{
    c->changed = (struct state_changed){.conflict = true, .version = actual};
    end(c, NULL);
}

static void made(struct change *c, uint64_t version)
{
    struct state *state = c->job.state;
    c->changed.version = version;
    c->changed.removed = c->remove;
    c->changed.sealed = c->seal;
    ephemeral_remove(state, c->job.space, c->key);
    state_tell(state, &c->job.place, c->key, version, c->remove ? "removed" : "set");
    end(c, NULL);
}

static void applied(void *arg, const struct error *err, const struct kv_applied *r)
{
    struct change *c = arg;
    if (over(c, err))
        return;
    if (!r->conflict)
        made(c, r->versions[0]);
    else if (c->if_version && str_eq(r->key, c->key))
        conflict(c, r->actual);
    else if (++c->tries == TRIES)
        fail(c, ST_BUSY, "other processes change this state all the time; try again later");
    else
        begin(c);
}

static void counted(void *arg, const struct error *err, uint64_t bytes, uint64_t keys);

static bool within(const struct change *c, uint64_t bytes, uint64_t keys)
{
    const struct state_parts *parts = &c->job.state->parts;
    /* Below the quota, or less than before: who is above it can make room. */
    return c->remove || (bytes <= parts->max_bytes && keys <= parts->max_keys) ||
           (bytes <= c->bytes && keys <= c->keys);
}

static uint64_t less(uint64_t from, uint64_t what)
{
    return from > what ? from - what : 0;
}

static void refuse_quota(struct change *c)
{
    struct error err;
    const struct state_parts *parts = &c->job.state->parts;
    error_set(&err, ST_TOO_LARGE,
              "state of this %s may take %llu bytes in %llu keys, has %llu in %llu, and would take "
              "more; remove some of it, or raise state.max_bytes or state.max_keys",
              state_scope_owner(c->job.place.scope), (unsigned long long)parts->max_bytes,
              (unsigned long long)parts->max_keys, (unsigned long long)c->bytes,
              (unsigned long long)c->keys);
    end(c, &err);
}

static void apply(struct change *c)
{
    const struct state_parts *parts = &c->job.state->parts;
    const struct key_value_store *values = c->seal ? parts->sealing : parts->values;
    size_t size = c->remove ? 0 : c->key.len + c->stored.len;
    uint64_t bytes = less(c->bytes, c->old_bytes) + size;
    uint64_t keys = less(c->keys, c->old_version ? 1 : 0) + !c->remove;
    char usage[64];
    if (!within(c, bytes, keys)) {
        if (c->counted) {
            refuse_quota(c);
            return;
        }
        /* Values that ended by themselves may still be in the figures. */
        usage_count(parts->values, c->job.space, counted, c);
        return;
    }
    int len = snprintf(usage, sizeof(usage), "{\"bytes\":%llu,\"keys\":%llu}",
                       (unsigned long long)bytes, (unsigned long long)keys);
    const struct kv_change both[] = {
        {.key = c->key, .remove = c->remove, .value = buffer_str(&c->stored), .ttl_ms = c->ttl_ms,
         .if_version = true, .version = c->old_version},
        {.key = USAGE_KEY, .value = {usage, (size_t)len}, .if_version = true,
         .version = c->usage_version},
    };
    values->apply(values->ctx, c->job.space, both, 2, applied, c);
}

static void counted(void *arg, const struct error *err, uint64_t bytes, uint64_t keys)
{
    struct change *c = arg;
    if (over(c, err))
        return;
    c->counted = true;
    c->bytes = bytes;
    c->keys = keys;
    apply(c);
}

static bool write_entry(struct change *c, uint32_t old_schema)
{
    struct state *state = c->job.state;
    int64_t now = state_now(state);
    c->expires_ms = c->ttl_ms ? now + (int64_t)c->ttl_ms : 0;
    const struct state_facts facts = {c->value_class, c->schema ? c->schema : old_schema, now,
                                      c->expires_ms};
    buffer_reset(&c->stored, SIZE_MAX);
    state_entry_write(&c->stored, &facts, c->value);
    return !buffer_failed(&c->stored);
}

/* The key is at `version`, perhaps 0, with an entry of that schema. */
static void decide(struct change *c, uint64_t version, uint32_t schema)
{
    if (c->if_version && c->version != version) {
        conflict(c, version);
    } else if (c->remove && !version) {
        end(c, NULL);
    } else if (!c->remove && !write_entry(c, schema)) {
        fail(c, ST_NOMEM, "out of memory");
    } else {
        apply(c);
    }
}

static void got_old(void *arg, const struct error *err, const struct kv_value *value)
{
    struct change *c = arg;
    struct state_facts facts = {.schema = 1};
    struct str ignored;
    if (over(c, err))
        return;
    if (!err) {
        c->old_version = value->version;
        c->old_bytes = c->key.len + value->value.len;
        /* What cannot be read can be replaced. */
        state_entry_read(value->value, &facts, &ignored, NULL);
    }
    decide(c, c->old_version, facts.schema);
}

static void ask_old(struct change *c)
{
    const struct key_value_store *values = c->job.state->parts.values;
    values->get(values->ctx, c->job.space, c->key, got_old, c);
}

static void first_count(void *arg, const struct error *err, uint64_t bytes, uint64_t keys)
{
    struct change *c = arg;
    if (over(c, err))
        return;
    c->counted = true;
    c->bytes = bytes;
    c->keys = keys;
    ask_old(c);
}

static bool read_usage(struct change *c, struct str text)
{
    struct json_doc *doc;
    int64_t bytes, keys;
    if (json_parse(text, &doc, NULL))
        return false;
    bool good = json_int64(json_get(json_root(doc), STR("bytes")), &bytes) && bytes >= 0 &&
                json_int64(json_get(json_root(doc), STR("keys")), &keys) && keys >= 0;
    json_free(doc);
    if (good) {
        c->bytes = (uint64_t)bytes;
        c->keys = (uint64_t)keys;
    }
    return good;
}

static void got_usage(void *arg, const struct error *err, const struct kv_value *value)
{
    struct change *c = arg;
    if (over(c, err))
        return;
    c->usage_version = err ? 0 : value->version;
    if (!err && read_usage(c, value->value))
        ask_old(c);
    else
        usage_count(c->job.state->parts.values, c->job.space, first_count, c);
}

static void begin(struct change *c)
{
    const struct key_value_store *values = c->job.state->parts.values;
    c->old_version = c->old_bytes = 0;
    c->counted = false;
    values->get(values->ctx, c->job.space, USAGE_KEY, got_usage, c);
}

static void set_ephemeral(struct change *c, const struct ephemeral *old)
{
    struct state *state = c->job.state;
    struct error err;
    uint64_t version = old ? old->version : 0;
    struct state_facts facts = {.schema = 1};
    struct str ignored;
    if (old)
        state_entry_read((struct str){old->stored, old->stored_len}, &facts, &ignored, NULL);
    if (c->if_version && c->version != version) {
        conflict(c, version);
    } else if (!write_entry(c, facts.schema)) {
        fail(c, ST_NOMEM, "out of memory");
    } else if (ephemeral_set(state, c->job.space, c->key, buffer_str(&c->stored), c->expires_ms,
                             &version, &err)) {
        end(c, &err);
    } else {
        c->changed.version = version;
        state_tell(state, &c->job.place, c->key, version, "set");
        end(c, NULL);
    }
}

static void remove_ephemeral(struct change *c, uint64_t version)
{
    struct state *state = c->job.state;
    if (c->if_version && c->version != version) {
        conflict(c, version);
        return;
    }
    ephemeral_remove(state, c->job.space, c->key);
    c->changed = (struct state_changed){.removed = true, .version = version};
    state_tell(state, &c->job.place, c->key, version, "removed");
    end(c, NULL);
}

static void start(struct state_job *job)
{
    struct change *c = (struct change *)job;
    const struct ephemeral *e = ephemeral_get(job->state, job->space, c->key);
    if (!c->remove && c->value_class == STATE_EPHEMERAL)
        set_ephemeral(c, e);
    else if (c->remove && e)
        remove_ephemeral(c, e->version);
    else
        begin(c);
}

static int refuse_secret(const struct change *c, const struct redact_report *report,
                         const char *why, struct error *err)
{
    struct str at = buffer_str(&report->pointer);
    return error_set(err, ST_DENIED,
                     "the value of \"%.*s\" holds %s%s%.*s, which is not kept in clear%s; name secrets "
                     "by their handles, {{secret:NAME}}, or see the setting state.secrets",
                     (int)(c->key.len > 60 ? 60 : c->key.len), c->key.ptr, report->what,
                     at.len ? " at " : "", (int)(at.len > 100 ? 100 : at.len),
                     at.ptr ? at.ptr : "", why);
}

static int found_secret(struct change *c, struct json value, unsigned detectors,
                        struct redact_report *report, struct error *err)
{
    const struct state_parts *parts = &c->job.state->parts;
    struct buffer clean = BUFFER_INIT;
    if (parts->secrets == STATE_SECRETS_REFUSE)
        return refuse_secret(c, report, "", err);
    if (parts->secrets == STATE_SECRETS_ENCRYPT) {
        c->seal = true;
        return parts->sealing ? ST_OK
                              : refuse_secret(c, report, ", and no key is configured", err);
    }
    report->count = 0;
    redact_json(&parts->redactor, value, detectors, &clean, report);
    c->changed.redacted = report->count;
    c->value = arena_copy(&c->job.memory, buffer_str(&clean));
    buffer_clear(&clean);
    return c->value.ptr ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}

static int look_at(struct change *c, struct json value, struct error *err)
{
    struct redact_report report = REDACT_REPORT_INIT;
    struct redact_hit hit;
    unsigned detectors = c->value_class == STATE_EXTERNAL ? REDACT_LOG : REDACT_STATE;
    int rc = ST_OK;
    if (c->value_class == STATE_TRUSTED || c->value_class == STATE_EPHEMERAL || c->remove)
        return ST_OK;
    if (redact_find(c->key, 0, REDACT_PATTERNS, &hit))
        return error_set(err, ST_DENIED, "the key holds %s; keys are never encrypted", hit.what);
    c->seal = c->value_class == STATE_SENSITIVE;
    if (c->seal && !c->job.state->parts.sealing)
        return error_set(err, ST_DENIED,
                         "values of the class sensitive are kept encrypted, and no key is configured; "
                         "name one in encryption.keys");
    if (!c->seal && redact_check(value, detectors, &report))
        rc = found_secret(c, value, detectors, &report, err);
    buffer_clear(&report.pointer);
    return rc;
}

static int take(struct change *c, const struct state_change *change, struct error *err)
{
    c->remove = change->remove;
    c->if_version = change->if_version;
    c->version = change->version;
    c->ttl_ms = change->ttl_ms;
    c->value_class = change->value_class;
    c->schema = change->schema;
    int rc = state_key_check(change->key, err);
    struct str text = json_text(change->value);
    if (!rc && text.len > STATE_VALUE_MAX)
        rc = error_set(err, ST_TOO_LARGE, "a value of state has at most %zu bytes, this one %zu",
                       STATE_VALUE_MAX, text.len);
    if (rc)
        return rc;
    c->key = arena_copy(&c->job.memory, change->key);
    rc = look_at(c, change->value, err);
    if (!rc && !c->value.ptr && !change->remove)
        c->value = arena_copy(&c->job.memory, text);
    if (!rc && c->job.memory.failed)
        rc = error_set(err, ST_NOMEM, "out of memory");
    return rc;
}

void state_set(struct state *state, const struct state_place *place,
               const struct state_change *change,
               void (*done)(void *arg, const struct error *err, const struct state_changed *changed),
               void *arg)
{
    struct error err;
    struct change *c = job_new(state, sizeof(*c), place, &err);
    if (!c) {
        done(arg, &err, NULL);
        return;
    }
    if (take(c, change, &err)) {
        done(arg, &err, NULL);
        job_drop(&c->job);
        return;
    }
    c->job.start = start;
    c->job.changes = true;
    c->done = done;
    c->arg = arg;
    state_job_begin(&c->job);
}
