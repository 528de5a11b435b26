/* The end of a helper's process, asked for or not. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/isolated/remote.h"
#include "adapters/driven/plugin_host/offer.h"
#include "adapters/driven/plugin_host/published.h"
#include "adapters/driven/plugin_host/reload.h"

#define BACKOFF_MAX_MS 30000u
#define WORDS_MAX 200u
#define WHAT_SIZE (ERROR_TEXT_SIZE)

/* ---- what happened -------------------------------------------------------------------------- */

static void name_signal(int signal, char out[64])
{
    const char *name = strsignal(signal);
    snprintf(out, 64, "%s", name ? name : "unknown");
    if (out[0] && islower((unsigned char)out[1]))
        out[0] = (char)tolower((unsigned char)out[0]);
}

/* "crashed with signal 11 (segmentation fault)" */
static void describe(const struct remote *r, char what[WHAT_SIZE])
{
    char name[64];
    int status = r->end.si_status;
    bool killed = r->end.si_code != CLD_EXITED;
    if (r->fault[0])
        snprintf(what, WHAT_SIZE, "%.460s", r->fault);
    else if (killed && status == SIGKILL)
        snprintf(what, WHAT_SIZE,
                 "was killed (signal 9), by somebody or because the machine has no memory left");
    else if (!killed)
        snprintf(what, WHAT_SIZE, "ended its process with exit code %d", status);
    else {
        name_signal(status, name);
        snprintf(what, WHAT_SIZE, "crashed with signal %d (%s)", status, name);
    }
}

/* One line for those who called. */
static void explain(const struct remote *r, const char *what, const char *when, struct error *err)
{
    struct str id = plugin_id(r->owner->plugin);
    struct str words = output_last_line(&r->output, WORDS_MAX);
    if (words.len)
        error_set(err, ST_UNAVAILABLE, "plugin %.*s %s%s; its last words: %.*s", STR_ARG(id), what,
                  when, STR_ARG(words));
    else
        error_set(err, ST_UNAVAILABLE, "plugin %.*s %s%s", STR_ARG(id), what, when);
}

/* ---- what follows --------------------------------------------------------------------------- */

/* Without memory it counts as the worst. */
static size_t recent_crashes(struct isolated *iso, uint64_t now)
{
    uint64_t window = (uint64_t)settings_of(iso)->crash_window_ms * 1000000u;
    struct past *past = isolated_past(iso);
    size_t old = 0;
    if (!past)
        return CRASHES_MAX;
    while (old < past->crash_count && now - past->crashes[old] > window)
        old++;
    past->crash_count -= old;
    memmove(past->crashes, past->crashes + old, past->crash_count * sizeof(past->crashes[0]));
    if (past->crash_count == CRASHES_MAX) {
        memmove(past->crashes, past->crashes + 1, (CRASHES_MAX - 1) * sizeof(past->crashes[0]));
        past->crash_count--;
    }
    past->crashes[past->crash_count++] = now;
    return past->crash_count;
}

/* The first time it may start again at once. */
static void back_off(struct isolated *iso, size_t crashes, uint64_t now)
{
    uint32_t ms = 0, first = settings_of(iso)->backoff_ms;
    for (size_t i = 1; first && i < crashes && ms < BACKOFF_MAX_MS; i++)
        ms = ms ? ms * 2 : first;
    ms = ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
    iso->may_start_ns = now + (uint64_t)ms * 1000000u;
}

static void quarantine(struct isolated *iso, size_t crashes, const char *what)
{
    struct plugin *p = iso->plugin;
    char text[ERROR_TEXT_SIZE];
    snprintf(text, sizeof(text), "its helper ended %zu times within %u s, the last time it %.200s; restart hexmcp to use it again",
             crashes, settings_of(iso)->crash_window_ms / 1000, what);
    if (p->state == PLUGIN_VERIFIED)
        plugin_move(p, PLUGIN_STARTING);
    plugin_move(p, PLUGIN_QUARANTINED);
    plugin_reason(p, text);
    plugin_log(p, LOG_LEVEL_ERROR, "quarantined: %s", text);
}

static void log_crash(const struct remote *r, const char *what)
{
    struct plugin *p = r->owner->plugin;
    plugin_log(p, LOG_LEVEL_ERROR, "its helper %d %.400s, with %zu calls", (int)r->pid, what,
               r->live_count);
    if (r->output.words_len)
        plugin_write(p, LOG_LEVEL_ERROR, (struct str){r->output.words, r->output.words_len});
}

/* Ids of all calls that the helper has, or that wait for it if it was not ready. */
static uint64_t *take_calls(struct remote *r, size_t *count)
{
    size_t n = r->live_count;
    for (const struct waiting_call *w = r->waiting; w; w = w->next)
        n++;
    uint64_t *ids = calloc(n + 1, sizeof(*ids));
    *count = 0;
    for (size_t i = 0; ids && i < LIVE_BUCKETS; i++)
        for (const struct live_call *c = r->live[i]; c; c = c->next)
            if (!c->abandoned)
                ids[(*count)++] = c->id;
    for (const struct waiting_call *w = r->waiting; ids && w; w = w->next)
        ids[(*count)++] = w->id;
    return ids;
}

static void withdraw_all(struct plugin *p)
{
    published_clear(p);
    offers_close(p);
}

static void crashed(struct remote *r)
{
    struct isolated *iso = r->owner;
    struct plugin *p = iso->plugin;
    uint64_t now = isolated_now(iso);
    char what[WHAT_SIZE];
    struct error err;
    size_t count;
    bool was_ready = r->state == REMOTE_READY, counts = !r->asked_too_much;
    describe(r, what);
    explain(r, what, was_ready ? " while this call ran" : " while it started", &err);
    log_crash(r, what);
    uint64_t *calls = take_calls(r, &count);
    remote_free(r);
    plugin_reason(p, err.text);
    size_t crashes = counts ? recent_crashes(iso, now) : 0;
    uint32_t limit = settings_of(iso)->crash_limit;
    isolated_settle(iso);
    bool usable = p->state == PLUGIN_VERIFIED || p->state == PLUGIN_STARTING || p->state == PLUGIN_ACTIVE;
    if (usable && limit && crashes >= limit)
        quarantine(iso, crashes, what);
    else
        back_off(iso, crashes, now);
    withdraw_all(p);
    isolated_saved(iso, ST_UNAVAILABLE, str_from(err.text));
    for (size_t i = 0; i < count; i++)
        live_fail(p, calls[i], err.code, err.text);
    free(calls);
    struct error ignored;
    if (isolated_retired(iso))
        return;
    plugin_settled(p);
    if (p->state == PLUGIN_VERIFIED && !p->replaced && p->record->flags & RECORD_DYNAMIC && p->enabled)
        plugin_load(p, &ignored);
}

/* It was told to end, and did: calls that it still had were given up before. */
static void left(struct remote *r)
{
    struct isolated *iso = r->owner;
    remote_free(r);
    isolated_settle(iso);
    isolated_retired(iso);
}

void remote_ended(struct remote *r)
{
    struct isolated *iso = r->owner;
    uint64_t number = r->number;
    wire_read_rest(r->wire);
    if (r->out)
        output_read(&r->output, watch_fd(r->out));
    output_end(&r->output);
    if (remote_numbered(iso, number) != r)
        return; /* what came last has freed it */
    if (r->state == REMOTE_ENDING)
        left(r);
    else
        crashed(r);
}
