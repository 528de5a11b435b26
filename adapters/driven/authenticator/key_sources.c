#include "adapters/driven/authenticator/key_sources.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "adapters/driven/authenticator/discovery.h"

#define NS_PER_MS UINT64_C(1000000)

struct source {
    struct key_set *keys; /* NULL: none were fetched, or too long ago */
    uint64_t fetched_ns, fresh_ns;
    uint64_t tried_ns;
    bool tried, wanted, running, failing;
};

/* What a worker works on; only it touches the results while it runs. */
struct job {
    struct key_sources *owner;
    bool running;
    size_t issuer;
    struct key_request request;
    struct key_set *keys;
    int64_t max_age_s;
    struct error error;
    int rc;
};

struct key_sources {
    struct key_sources_parts parts;
    const struct auth_module *module;
    atomic_bool stopped;
    struct job job;
    struct source list[ISSUERS_MAX];
};

static uint64_t now_ns(const struct key_sources *s)
{
    return s->parts.clock->monotonic_ns(s->parts.clock->ctx);
}

static bool is_stopped(const void *ctx)
{
    const struct key_sources *s = ctx;
    return atomic_load(&s->stopped);
}

/* ---- fetching ---- */

static void work(void *arg)
{
    struct job *job = arg;
    job->rc = keys_fetch(&job->request, &job->keys, &job->max_age_s, &job->error);
}

static void log_change(struct key_sources *s, const struct job *job, struct source *source)
{
    const struct log_port *log = s->parts.log;
    const struct str issuer = s->parts.rules->issuers[job->issuer];
    const bool was_failing = source->failing;
    struct error text;
    source->failing = job->rc != ST_OK;
    if (!log || source->failing == was_failing || atomic_load(&s->stopped))
        return;
    if (source->failing)
        error_set(&text, ST_UNAVAILABLE, "the keys of %.*s cannot be fetched, %s: %s",
                  STR_ARG(issuer),
                  source->keys ? "so those of before are used for a day at most"
                               : "so nobody is let in by a token of it",
                  job->error.text);
    else
        error_set(&text, ST_OK, "the keys of %.*s can be fetched again", STR_ARG(issuer));
    log->write(log->ctx, source->failing ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE, STR("auth"),
               str_from(text.text));
}

static uint64_t fresh_ns(int64_t max_age_s)
{
    int64_t ms = max_age_s < 0 ? AUTH_KEYS_FRESH_MS : max_age_s * 1000;
    if (ms < AUTH_KEYS_FRESH_MIN_MS)
        ms = AUTH_KEYS_FRESH_MIN_MS;
    if (ms > AUTH_KEYS_FRESH_MAX_MS)
        ms = AUTH_KEYS_FRESH_MAX_MS;
    return (uint64_t)ms * NS_PER_MS;
}

static void take_result(struct key_sources *s, struct source *source)
{
    struct job *job = &s->job;
    log_change(s, job, source);
    if (job->rc)
        return;
    key_set_free(source->keys);
    source->keys = job->keys;
    source->fetched_ns = now_ns(s);
    source->fresh_ns = fresh_ns(job->max_age_s);
    job->keys = NULL;
}

static void begin_next(struct key_sources *s);

static void done(void *arg)
{
    struct job *job = arg;
    struct key_sources *s = job->owner;
    struct source *source = &s->list[job->issuer];
    size_t issuer = job->issuer;
    job->running = source->running = false;
    take_result(s, source);
    begin_next(s);
    s->parts.settled(s->parts.ctx, issuer);
}

static bool begin(struct key_sources *s, size_t issuer)
{
    struct source *source = &s->list[issuer];
    struct job *job = &s->job;
    *job = (struct job){.owner = s, .issuer = issuer};
    job->request = (struct key_request){.module = s->module,
                                        .issuer = s->parts.rules->issuers[issuer],
                                        .jwks_uri = s->parts.rules->jwks_uri,
                                        .stopped = is_stopped,
                                        .ctx = s};
    source->wanted = false;
    source->tried = true;
    source->tried_ns = now_ns(s);
    job->running = source->running =
        s->parts.executor->submit(s->parts.executor->ctx, work, done, job, NULL) == ST_OK;
    return job->running;
}

/* Those that waited for their turn. */
static void begin_next(struct key_sources *s)
{
    for (size_t i = 0; i < s->parts.rules->issuer_count && !atomic_load(&s->stopped); i++)
        if (s->list[i].wanted) {
            if (begin(s, i))
                return;
            s->parts.settled(s->parts.ctx, i);
        }
}

/* True if `settled` will be called for the issuer. */
static bool want(struct key_sources *s, size_t issuer)
{
    struct source *source = &s->list[issuer];
    if (source->running || source->wanted)
        return true;
    if (atomic_load(&s->stopped) ||
        (source->tried && now_ns(s) - source->tried_ns < s->parts.refetch_ms * NS_PER_MS))
        return false;
    if (!s->job.running)
        return begin(s, issuer);
    source->wanted = true;
    return true;
}

/* ---- asking ---- */

static void drop_stale(const struct key_sources *s, struct source *source)
{
    if (!source->keys || now_ns(s) - source->fetched_ns <= AUTH_KEYS_STALE_MS * NS_PER_MS)
        return;
    key_set_free(source->keys);
    source->keys = NULL;
}

enum key_answer key_sources_find(struct key_sources *s, size_t issuer, struct str kid,
                                 enum token_algorithm algorithm, bool settled,
                                 const struct public_key **key)
{
    struct source *source = &s->list[issuer];
    drop_stale(s, source);
    *key = key_set_find(source->keys, kid, algorithm);
    if (*key) {
        /* Old keys are good until new ones are there. */
        if (now_ns(s) - source->fetched_ns >= source->fresh_ns)
            want(s, issuer);
        return KEY_FOUND;
    }
    if (!settled && want(s, issuer))
        return KEY_LATER;
    return source->keys ? KEY_UNKNOWN : KEY_UNAVAILABLE;
}

/* ---- all of it ---- */

int key_sources_new(const struct key_sources_parts *parts, struct key_sources **out,
                    struct error *err)
{
    struct key_sources *s = calloc(1, sizeof(*s));
    if (!s)
        return error_set(err, ST_NOMEM, "out of memory");
    s->parts = *parts;
    atomic_init(&s->stopped, false);
    *out = s;
    return ST_OK;
}

void key_sources_stop(struct key_sources *s)
{
    atomic_store(&s->stopped, true);
}

void key_sources_free(struct key_sources *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < ISSUERS_MAX; i++)
        key_set_free(s->list[i].keys);
    key_set_free(s->job.keys);
    free(s);
}

void key_sources_set_module(struct key_sources *s, const struct auth_module *module)
{
    s->module = module;
}
