#include "core/events/durable.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/buffer.h"
#include "core/base/str.h"
#include "core/json/json.h"

struct durable {
    struct durable_parts parts;
    struct durable_sink sink;
    struct arena arena; /* of the texts */
    struct str *types;
    size_t type_count;
    bool from_start;
    struct str place;      /* "subscription/NAME" */
    struct str lease;      /* "subscription/NAME/lease" */
    char owner[40];        /* JSON string: who we are */
    struct timer *timer;
    struct follower *follower; /* NULL: another process is told, or we do not know yet */
    uint64_t lease_version;    /* 0: we have none */
    uint64_t place_version;
    uint64_t kept;  /* position in the store */
    uint64_t done;  /* position up to which all is done with */
    bool saving, reading;
    bool fresh;     /* the store has no position yet: 0 is one, too */
    bool gone;
    size_t waits;   /* answers of the store that are to come */
};

static void drop(struct durable *d)
{
    if (!d->gone || d->waits)
        return;
    arena_clear(&d->arena);
    free(d);
}

static void tell_failed(const struct durable *d, const struct error *err)
{
    if (d->sink.failed && !d->gone)
        d->sink.failed(d->sink.arg, err);
}

/* Another process goes on, or we do when the lease is over. */
static void lose(struct durable *d, bool conflict)
{
    follow_stop(d->follower);
    d->follower = NULL;
    if (conflict)
        d->lease_version = 0;
    if (!d->gone)
        d->parts.timers->set(d->parts.timers->ctx, d->timer, DURABLE_RENEW_MS);
}

/* ---- the position --------------------------------------------------------------------------- */

static void save(struct durable *d);

static void saved(void *arg, const struct error *err, const struct kv_applied *applied)
{
    struct durable *d = arg;
    d->waits--;
    d->saving = false;
    if (d->gone) {
        drop(d);
        return;
    }
    if (err || applied->conflict) {
        if (err)
            tell_failed(d, err);
        lose(d, !err);
        return;
    }
    d->place_version = applied->versions[0];
    save(d);
}

static void save(struct durable *d)
{
    char text[60];
    if (d->saving || (d->done <= d->kept && !d->fresh) || !d->follower)
        return;
    int len = snprintf(text, sizeof(text), "{\"position\":%llu}", (unsigned long long)d->done);
    const struct kv_change change = {.key = d->place,
                                     .value = {text, (size_t)len},
                                     .if_version = true,
                                     .version = d->place_version};
    d->saving = true;
    d->fresh = false;
    d->kept = d->done;
    d->waits++;
    d->parts.values->apply(d->parts.values->ctx, STR(DURABLE_SPACE), &change, 1, saved, d);
}

/* ---- following ------------------------------------------------------------------------------ */

static bool told(void *arg, const struct stored_event *event)
{
    struct durable *d = arg;
    return d->sink.event(d->sink.arg, event);
}

static void reached(void *arg, uint64_t position)
{
    struct durable *d = arg;
    d->done = position;
    save(d);
}

static void follow_failed(void *arg, const struct error *err)
{
    tell_failed(arg, err);
}

static void begin(struct durable *d, bool is_new, uint64_t position)
{
    const struct follow_what what = {.after = position,
                                     .from_end = is_new && !d->from_start,
                                     .types = d->types,
                                     .type_count = d->type_count};
    const struct follow_sink sink = {d, told, reached, follow_failed};
    struct error err;
    d->kept = d->done = position;
    d->fresh = is_new;
    if (follow_start(d->parts.followers, &what, &sink, &d->follower, &err)) {
        tell_failed(d, &err);
        lose(d, false);
    }
}

static void got_place(void *arg, const struct error *err, const struct kv_value *value)
{
    struct durable *d = arg;
    struct json_doc *doc = NULL;
    int64_t position = 0;
    d->waits--;
    d->reading = false;
    if (d->gone) {
        drop(d);
        return;
    }
    if (err && err->code != ST_NOT_FOUND) {
        tell_failed(d, err);
        lose(d, false);
        return;
    }
    if (!err && json_parse(value->value, &doc, NULL) == ST_OK)
        json_int64(json_get(json_root(doc), STR("position")), &position);
    json_free(doc);
    d->place_version = err ? 0 : value->version;
    begin(d, err != NULL, (uint64_t)position);
}

/* ---- the lease ------------------------------------------------------------------------------ */

static void leased(void *arg, const struct error *err, const struct kv_applied *applied)
{
    struct durable *d = arg;
    d->waits--;
    if (d->gone) {
        drop(d);
        return;
    }
    if (err || applied->conflict) {
        if (err)
            tell_failed(d, err);
        lose(d, !err);
        return;
    }
    d->lease_version = applied->versions[0];
    d->parts.timers->set(d->parts.timers->ctx, d->timer, DURABLE_RENEW_MS);
    if (d->follower || d->reading)
        return;
    d->reading = true;
    d->waits++;
    d->parts.values->get(d->parts.values->ctx, STR(DURABLE_SPACE), d->place, got_place, d);
}

static void ask_lease(void *arg)
{
    struct durable *d = arg;
    const struct kv_change change = {.key = d->lease,
                                     .value = str_from(d->owner),
                                     .ttl_ms = DURABLE_LEASE_MS,
                                     .if_version = true,
                                     .version = d->lease_version};
    d->waits++;
    d->parts.values->apply(d->parts.values->ctx, STR(DURABLE_SPACE), &change, 1, leased, d);
}

/* ---- what is asked for ---------------------------------------------------------------------- */

static bool is_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
            return false;
    }
    return name.len >= 1 && name.len <= DURABLE_NAME_MAX;
}

static int copy(struct durable *d, const struct durable_what *what, struct error *err)
{
    char text[DURABLE_NAME_MAX + 30];
    uint64_t random[2];
    int rc = d->parts.random->fill(d->parts.random->ctx, random, sizeof(random), err);
    if (rc)
        return rc;
    snprintf(d->owner, sizeof(d->owner), "\"%016llx%016llx\"",
             (unsigned long long)random[0], (unsigned long long)random[1]);
    snprintf(text, sizeof(text), "subscription/%.*s", STR_ARG(what->name));
    d->place = arena_copy(&d->arena, str_from(text));
    snprintf(text, sizeof(text), "subscription/%.*s/lease", STR_ARG(what->name));
    d->lease = arena_copy(&d->arena, str_from(text));
    d->types = arena_alloc(&d->arena, what->type_count * sizeof(*d->types) + 1);
    for (size_t i = 0; d->types && i < what->type_count; i++)
        d->types[i] = arena_copy(&d->arena, what->types[i]);
    d->type_count = what->type_count;
    d->from_start = what->from_start;
    return d->arena.failed ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

int durable_open(const struct durable_parts *parts, const struct durable_what *what,
                 const struct durable_sink *sink, struct durable **out, struct error *err)
{
    if (!is_name(what->name))
        return error_set(err, ST_INVALID,
                         "\"%.*s\" is no name of a subscription: 1 to %u small letters, digits, '-' "
                         "and '.'",
                         STR_ARG(what->name), DURABLE_NAME_MAX);
    struct durable *d = calloc(1, sizeof(*d));
    if (!d)
        return error_set(err, ST_NOMEM, "out of memory");
    d->parts = *parts;
    d->sink = *sink;
    int rc = copy(d, what, err);
    if (!rc && !(d->timer = parts->timers->create(parts->timers->ctx, ask_lease, d)))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (rc) {
        d->gone = true;
        drop(d);
        return rc;
    }
    parts->timers->set(parts->timers->ctx, d->timer, 0);
    *out = d;
    return ST_OK;
}

void durable_resume(struct durable *durable)
{
    if (durable->follower)
        follow_resume(durable->follower);
}

bool durable_active(const struct durable *durable)
{
    return durable->follower != NULL;
}

static void given_back(void *arg, const struct error *err, const struct kv_applied *applied)
{
    struct durable *d = arg;
    (void)err;
    (void)applied;
    d->waits--;
    drop(d);
}

void durable_close(struct durable *durable)
{
    if (!durable)
        return;
    const struct kv_change change = {.key = durable->lease,
                                     .remove = true,
                                     .if_version = true,
                                     .version = durable->lease_version};
    durable->parts.timers->free(durable->parts.timers->ctx, durable->timer);
    follow_stop(durable->follower);
    durable->follower = NULL;
    durable->gone = true;
    durable->waits++;
    if (durable->lease_version)
        durable->parts.values->apply(durable->parts.values->ctx, STR(DURABLE_SPACE), &change, 1,
                                     given_back, durable);
    else
        given_back(durable, NULL, NULL);
}
