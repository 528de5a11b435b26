/*
 * plugin.c - the tool "file-watcher" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include <poll.h>
#include <time.h>

#include "kit/answer.h"
#include "kit/source.h"
#include "session.h"

/* How long to wait until it is asked again whether the call was given up. */
#define SLICE_MS 50u

/* Of the time of the call, what is left for the answer. */
#define ANSWER_MS 1000u

static void put_time(hexmcp_json_writer *w, int64_t ms)
{
    char day[32], text[48];
    time_t seconds = (time_t)(ms / 1000);
    struct tm parts;
    if (!gmtime_r(&seconds, &parts))
        return;
    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, sizeof(text), "%s.%03dZ", day, (int)(ms % 1000));
    hexmcp_json_put_text(w, "timestamp", text);
}

static void tell(struct session *s, const struct change *change)
{
    char words[400];
    hexmcp_json_writer *w = &s->out;
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "event_type", change_names[change->kind]);
    hexmcp_json_put_text(w, "path", change->path);
    if (change->old_path)
        hexmcp_json_put_text(w, "old_path", change->old_path);
    hexmcp_json_put_bool(w, "is_dir", change->is_dir);
    put_time(w, change->when_ms);
    hexmcp_json_end_object(w);
    s->events++;
    snprintf(words, sizeof(words), "%s %.200s", change_names[change->kind], change->path);
    s->r->host->progress(s->r->host->ctx, s->r->call, (double)s->events, 0, hexmcp_str_from(words));
}

static void forget(void *arg, const char *path)
{
    session_forget(arg, path);
}

/* Tells what has become quiet, or all. */
static void flush(struct session *s, bool all)
{
    struct change change;
    /* Moved to where nobody watches: perhaps out of what is granted. That does not wait for the quiet. */
    if (s->drained)
        changes_settle(&s->changes, forget, s);
    while (s->events < s->max_events && changes_take(&s->changes, all, &change)) {
        if (change.cookie != 0 && change.is_dir && !change.settled)
            session_forget(s, change.path);
        if (change.shown)
            tell(s, &change);
        change_free(&change);
    }
}

static uint64_t wait_ms(const struct session *s)
{
    uint64_t left = s->end_ms > s->changes.now_ms ? s->end_ms - s->changes.now_ms : 0;
    return changes_due(&s->changes, left < SLICE_MS ? left : SLICE_MS);
}

/* Why it ended, in *why. */
static int32_t watch(struct session *s, const char **why)
{
    int32_t status = HEXMCP_OK;
    *why = NULL;
    while (status == HEXMCP_OK && !*why) {
        struct pollfd ready = {.fd = s->inotify, .events = POLLIN};
        poll(&ready, 1, (int)wait_ms(s));
        session_clock(s);
        status = session_take(s);
        if (status == HEXMCP_OK)
            status = pace_step(&s->pace, (double)s->events, 0, NULL);
        flush(s, s->changes.count > EVENTS_MAX);
        if (s->events >= s->max_events)
            *why = "max_events";
        else if (s->changes.now_ms >= s->end_ms)
            *why = "timeout";
        else if (s->watches.count == 0 && s->drained)
            *why = "gone";
    }
    if (status == HEXMCP_OK)
        flush(s, true);
    return status;
}

static void put_message(const struct session *s, hexmcp_json_writer *w)
{
    if (s->overflow)
        hexmcp_json_put_text(w, "message",
                             "There were more changes at once than the system keeps, so some are missing; "
                             "list the folders to see what is there.");
    else if (s->full)
        hexmcp_json_put_text(w, "message",
                             "There are more folders than are watched at once, or deeper ones; watch the "
                             "others by a call of their own.");
}

static int32_t complete(struct session *s, const char *why, uint64_t folders)
{
    struct answer answer;
    hexmcp_json_writer *w = answer_begin(&answer, s->r);
    hexmcp_json_end_array(&s->out);
    hexmcp_json_put_text(w, "operation", "watch");
    hexmcp_json_put_raw(w, "events", hexmcp_json_writer_text(&s->out));
    hexmcp_json_put_int64(w, "event_count", (int64_t)s->events);
    hexmcp_json_put_text(w, "ended_by", why);
    hexmcp_json_put_int64(w, "watched_folders", (int64_t)folders);
    hexmcp_json_put_int64(w, "denied_folders", (int64_t)s->denied);
    hexmcp_json_put_bool(w, "overflow", s->overflow);
    hexmcp_json_put_int64(w, "duration_ms", (int64_t)pace_ms(&s->pace));
    put_message(s, w);
    answer_text(&answer, "Saw %llu changes in %.1f s.", (unsigned long long)s->events,
                pace_ms(&s->pace) / 1000);
    return answer_end(&answer);
}

static int32_t run_watch(struct session *s)
{
    const hexmcp_round *r = s->r;
    const char *why;
    char words[80];
    uint64_t left = r->calls ? r->calls->remaining_ms(r->calls->ctx, r->call) : UINT64_MAX;
    int32_t status = session_begin(s);
    if (status != HEXMCP_OK)
        return status;
    if (left < s->timeout_ms + ANSWER_MS)
        s->end_ms -= s->timeout_ms + ANSWER_MS - left < s->timeout_ms ? s->timeout_ms + ANSWER_MS - left
                                                                      : s->timeout_ms;
    uint64_t folders = s->watches.count;
    snprintf(words, sizeof(words), "watching %llu folders", (unsigned long long)folders);
    r->host->progress(r->host->ctx, r->call, 0, 0, hexmcp_str_from(words));
    status = watch(s, &why);
    return status == HEXMCP_OK ? complete(s, why, folders) : status;
}

static int32_t operation_watch(const hexmcp_round *r, struct args *args)
{
    struct session s = {.r = r, .inotify = -1, .pace = pace_begin(r)};
    int32_t status = session_read(&s, args);
    hexmcp_json_writer_init(&s.out);
    hexmcp_json_begin_array(&s.out);
    if (status == HEXMCP_OK)
        status = run_watch(&s);
    session_clear(&s);
    return status;
}

static int32_t operation_config(const hexmcp_round *r, struct args *args)
{
    struct answer answer;
    hexmcp_json_writer *w = answer_begin(&answer, r);
    (void)args;
    hexmcp_json_put_text(w, "operation", "config");
    hexmcp_json_key(w, "defaults");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_bool(w, "recursive", true);
    hexmcp_json_put_int64(w, "debounce_ms", DEBOUNCE_MS);
    hexmcp_json_put_int64(w, "timeout_ms", TIMEOUT_MS_MAX);
    hexmcp_json_put_int64(w, "max_events", EVENTS_MAX);
    hexmcp_json_end_object(w);
    hexmcp_json_key(w, "limits");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "paths", PATHS_MAX);
    hexmcp_json_put_int64(w, "folders", FOLDERS_MAX);
    hexmcp_json_put_int64(w, "depth", DEPTH_MAX);
    hexmcp_json_put_int64(w, "debounce_ms", DEBOUNCE_MS_MAX);
    hexmcp_json_put_int64(w, "timeout_ms", TIMEOUT_MS_MAX);
    hexmcp_json_put_int64(w, "max_events", EVENTS_MAX);
    hexmcp_json_end_object(w);
    answer_text(&answer, "Watches at most %d paths for %d seconds.", PATHS_MAX, TIMEOUT_MS_MAX / 1000);
    return answer_end(&answer);
}

static int32_t handle(const hexmcp_round *r)
{
    static const char *const names[] = {"watch", "config", NULL};
    struct args args = args_begin(r->args, r->err);
    args_needed(&args, "operation", 20);
    size_t which = args_choice(&args, "operation", names, 0);
    int32_t status = args_status(&args);
    if (status == HEXMCP_OK)
        status = which == 0 ? operation_watch(r, &args) : operation_config(r, &args);
    args_end(&args);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("file-watcher", handle), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.file-watcher", "0.1.0", plugin);
