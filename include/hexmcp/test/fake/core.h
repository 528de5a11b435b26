/*
 * hexmcp/test/fake/core.h - the fake host itself; include hexmcp/test/fake_host.h.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HEXMCP_TEST_FAKE_CORE_H
#define HEXMCP_TEST_FAKE_CORE_H

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hexmcp/host.h"
#include "hexmcp/host/catalog.h"
#include "hexmcp/host/files.h"
#include "hexmcp/host/notify.h"
#include "hexmcp/host/schema.h"
#include "hexmcp/json.h"

#ifndef CLOCK_MONOTONIC
#error "hexmcp/test needs POSIX: use -std=gnu99 or newer, or define _POSIX_C_SOURCE 200809L first"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of the host: for hexmcp_fake_count and hexmcp_fake_fail. */
#define HEXMCP_FAKE_GET_INTERFACE 0u
#define HEXMCP_FAKE_LOG 1u
#define HEXMCP_FAKE_COMPLETE 2u
#define HEXMCP_FAKE_PROGRESS 3u
#define HEXMCP_FAKE_CALL_CANCELLED 4u /* fails: says that the call is cancelled */
#define HEXMCP_FAKE_CALL_REMAINING_MS 5u
#define HEXMCP_FAKE_CALL_TRACEPARENT 6u
#define HEXMCP_FAKE_CALL_TRACESTATE 7u
#define HEXMCP_FAKE_CALL_META 8u
#define HEXMCP_FAKE_IS_LOOP 9u
#define HEXMCP_FAKE_IS_WORKER 10u
#define HEXMCP_FAKE_TIMER_AFTER 11u
#define HEXMCP_FAKE_CATALOG_PUBLISH 12u
#define HEXMCP_FAKE_CATALOG_WITHDRAW 13u
#define HEXMCP_FAKE_NOTIFY_RESOURCE_UPDATED 14u
#define HEXMCP_FAKE_NOTIFY_ELICITATION_COMPLETE 15u
#define HEXMCP_FAKE_FILES_OPEN 16u
#define HEXMCP_FAKE_FILES_PARENT 17u
#define HEXMCP_FAKE_FILES_ROOTS 18u
#define HEXMCP_FAKE_SCHEMA_VALIDATE 19u
#define HEXMCP_FAKE_FUNCTIONS 20u

/* What the plugin told the host, in order: the kinds of hexmcp_fake_note. */
#define HEXMCP_FAKE_NOTE_LOG 0u       /* call, level, text                                        */
#define HEXMCP_FAKE_NOTE_PROGRESS 1u  /* call, progress, total, text; only those that rise on a call
                                         that runs                                                */
#define HEXMCP_FAKE_NOTE_COMPLETE 2u  /* call, level is the outcome, text is the json             */
#define HEXMCP_FAKE_NOTE_UPDATED 3u   /* text is the URI that changed                             */
#define HEXMCP_FAKE_NOTE_ELICITED 4u  /* text is the id of the elicitation that is done           */

typedef struct hexmcp_fake_record {
    struct hexmcp_fake_record *next_;
    uint32_t kind; /* HEXMCP_FAKE_NOTE_* */
    uint32_t level;
    hexmcp_call call;
    double progress;
    double total;
    size_t len;
    char *text; /* NUL-terminated */
} hexmcp_fake_record;

typedef struct hexmcp_fake_call_ {
    struct hexmcp_fake_call_ *next;
    hexmcp_call id;
    int cancelled;
    int given_up;
    int completed;
    double progress;
    uint32_t outcome;
    char *json;
    size_t len;
    const char *text[3]; /* traceparent, tracestate, meta: borrowed, or NULL */
} hexmcp_fake_call_;

/* A reply that waits for the loop: at once (due 0), or after a time. */
typedef struct hexmcp_fake_reply_ {
    struct hexmcp_fake_reply_ *next;
    int is_timer;
    uint64_t due;
    hexmcp_reply_fn reply;
    void *arg;
    int32_t status;
    char *json;
    size_t len;
} hexmcp_fake_reply_;

typedef struct hexmcp_fake_item_ {
    struct hexmcp_fake_item_ *next;
    uint32_t kind;
    char *name;
    char *definition;
    char *options;
} hexmcp_fake_item_;

#define HEXMCP_FAKE_OFFERS_ 32

typedef struct hexmcp_fake_offer_ {
    const char *id;
    const void *table;
} hexmcp_fake_offer_;

#define HEXMCP_FAKE_PATH_ 512
#define HEXMCP_FAKE_BREACH_TEXT_ 400

/* A fake host. Its members are private. */
typedef struct hexmcp_fake {
    hexmcp_host host;
    hexmcp_call_info_1 call_info;
    hexmcp_thread_check_1 thread_check;
    hexmcp_timer_1 timer;
    hexmcp_catalog_1 catalog;
    hexmcp_notify_1 notify;
    hexmcp_files_1 files;
    hexmcp_schema_1 schema;
    hexmcp_fake_offer_ offers[HEXMCP_FAKE_OFFERS_];
    unsigned offer_count;
    pthread_t loop;
    pthread_key_t worker; /* set on threads that count as workers */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* All below is guarded by the mutex. */
    int early; /* in create(): only log() is legal */
    int real_time;
    uint64_t limit_ms;
    uint64_t now;
    hexmcp_call next_id;
    hexmcp_fake_call_ *calls;
    hexmcp_call failed[16]; /* the last calls whose function returned an error */
    unsigned failed_count;
    hexmcp_fake_reply_ *replies;
    unsigned reply_count;
    unsigned timer_count;
    hexmcp_fake_item_ *items;
    hexmcp_fake_record *notes;
    hexmcp_fake_record **last_note;
    unsigned counts[HEXMCP_FAKE_FUNCTIONS];
    unsigned fail_at[HEXMCP_FAKE_FUNCTIONS]; /* the count at which it fails; 0: each time */
    int32_t fail_with[HEXMCP_FAKE_FUNCTIONS];
    char breach[HEXMCP_FAKE_BREACH_TEXT_]; /* the first that nobody has taken */
    unsigned breaches;
    unsigned stuck; /* threads in functions that did not return in time */
    const char *schema_answer;
    int read_only;
    char folder[HEXMCP_FAKE_PATH_]; /* "" until somebody asks */
} hexmcp_fake;

/* For faults of the test itself, and for a test that is out of memory. */
__attribute__((noreturn, format(printf, 1, 2))) static inline void hexmcp_fake_die_(const char *format,
                                                                                    ...)
{
    va_list args;
    va_start(args, format);
    fputs("hexmcp fake host: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}

static inline void *hexmcp_fake_alloc_(size_t size)
{
    void *block = calloc(1, size > 0 ? size : 1);
    if (!block)
        hexmcp_fake_die_("out of memory");
    return block;
}

static inline char *hexmcp_fake_copy_(const char *text, size_t len)
{
    char *copy = (char *)hexmcp_fake_alloc_(len + 1);
    if (len > 0)
        memcpy(copy, text, len);
    return copy;
}

/* With the mutex held. */
__attribute__((format(printf, 2, 3))) static inline void
hexmcp_fake_breach_(hexmcp_fake *fake, const char *format, ...)
{
    char text[HEXMCP_FAKE_BREACH_TEXT_];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    fprintf(stderr, "hexmcp fake host: breach: %s\n", text);
    if (fake->breaches++ == 0)
        memcpy(fake->breach, text, sizeof(text));
}

/* With the mutex held: counts a call of `function`. Returns what it must fail with, or HEXMCP_OK. */
static inline int32_t hexmcp_fake_counted_(hexmcp_fake *fake, uint32_t function)
{
    unsigned count = ++fake->counts[function];
    unsigned at = fake->fail_at[function];
    if (fake->early && function != HEXMCP_FAKE_LOG)
        hexmcp_fake_breach_(fake, "create() used the host; only log() is legal before init()");
    return at == 0 || at == count ? fake->fail_with[function] : HEXMCP_OK;
}

/* The same, for functions that need the mutex for nothing else. */
static inline int32_t hexmcp_fake_count_(hexmcp_fake *fake, uint32_t function)
{
    int32_t status;
    pthread_mutex_lock(&fake->mutex);
    status = hexmcp_fake_counted_(fake, function);
    pthread_mutex_unlock(&fake->mutex);
    return status;
}

/* With the mutex held. */
static inline hexmcp_fake_call_ *hexmcp_fake_find_call_(hexmcp_fake *fake, hexmcp_call id)
{
    hexmcp_fake_call_ *call = fake->calls;
    while (call && call->id != id)
        call = call->next;
    return call;
}

/* With the mutex held. */
static inline void hexmcp_fake_add_note_(hexmcp_fake *fake, uint32_t kind, hexmcp_call call,
                                         uint32_t level, hexmcp_str text)
{
    hexmcp_fake_record *note = (hexmcp_fake_record *)hexmcp_fake_alloc_(sizeof(*note));
    note->kind = kind;
    note->call = call;
    note->level = level;
    note->text = hexmcp_fake_copy_(text.ptr, text.len);
    note->len = text.len;
    *fake->last_note = note;
    fake->last_note = &note->next_;
}

static inline void hexmcp_fake_log_(void *ctx, hexmcp_call call, uint32_t level, hexmcp_str text)
{
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    pthread_mutex_lock(&fake->mutex);
    hexmcp_fake_counted_(fake, HEXMCP_FAKE_LOG);
    hexmcp_fake_add_note_(fake, HEXMCP_FAKE_NOTE_LOG, call, level, text);
    pthread_mutex_unlock(&fake->mutex);
}

/* With the mutex held: says why the call cannot be completed. */
static inline void hexmcp_fake_blame_(hexmcp_fake *fake, hexmcp_call id)
{
    unsigned long long n = (unsigned long long)id;
    unsigned i;
    for (i = 0; i < fake->failed_count && i < 16; i++)
        if (fake->failed[i] == id) {
            hexmcp_fake_breach_(fake, "call %llu was completed after its function had returned an "
                                "error", n);
            return;
        }
    if (id == 0 || id > fake->next_id)
        hexmcp_fake_breach_(fake, "call %llu was completed, but there is no such call", n);
    else
        hexmcp_fake_breach_(fake, "call %llu was completed twice", n);
}

static inline int hexmcp_fake_is_scalar_(hexmcp_str value, int type)
{
    int yes;
    double number;
    size_t len;
    if (type == HEXMCP_JSON_STRING)
        return hexmcp_json_string(value, NULL, 0, &len) != HEXMCP_E_INVALID;
    if (type == HEXMCP_JSON_NUMBER)
        return hexmcp_json_double(value, &number) != HEXMCP_E_INVALID;
    if (type == HEXMCP_JSON_BOOL)
        return hexmcp_json_bool(value, &yes) == HEXMCP_OK;
    return type == HEXMCP_JSON_NULL && hexmcp_str_equals(value, "null");
}

/* Is the text one whole JSON value, nested at most `depth` levels? */
static inline int hexmcp_fake_is_json_(hexmcp_str text, int depth)
{
    hexmcp_str key, value, whole = hexmcp_json_trim_(text);
    hexmcp_json_iter it;
    int type = hexmcp_json_type(whole);
    const char *end = whole.ptr + whole.len;
    if (type != HEXMCP_JSON_OBJECT && type != HEXMCP_JSON_ARRAY)
        return hexmcp_fake_is_scalar_(whole, type);
    if (depth == 0 || hexmcp_json_skip_value_(whole.ptr, end) != end)
        return 0;
    it = hexmcp_json_iter_begin(whole);
    while (hexmcp_json_next(&it, &key, &value))
        if (!hexmcp_fake_is_json_(value, depth - 1) ||
            (key.len > 0 && !hexmcp_fake_is_scalar_(key, HEXMCP_JSON_STRING)))
            return 0;
    return it.status == HEXMCP_OK;
}

/* With the mutex held: faults that the call's text and outcome show. */
static inline void hexmcp_fake_check_answer_(hexmcp_fake *fake, const hexmcp_fake_call_ *call)
{
    unsigned long long n = (unsigned long long)call->id;
    hexmcp_str json = hexmcp_str_from(call->json);
    if (call->outcome > HEXMCP_INPUT_REQUIRED)
        hexmcp_fake_breach_(fake, "call %llu was completed with the unknown outcome %u", n,
                            (unsigned)call->outcome);
    else if (call->outcome != HEXMCP_CANCELLED &&
             (json.len != call->len || hexmcp_json_type(json) != HEXMCP_JSON_OBJECT ||
              !hexmcp_fake_is_json_(json, 128)))
        hexmcp_fake_breach_(fake, "call %llu was completed with text that is no JSON object: %.100s",
                            n, call->json);
}

static inline int32_t hexmcp_fake_complete_(void *ctx, hexmcp_call id, uint32_t outcome,
                                            hexmcp_str json)
{
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    hexmcp_fake_call_ *call;
    int32_t status;
    pthread_mutex_lock(&fake->mutex);
    status = hexmcp_fake_counted_(fake, HEXMCP_FAKE_COMPLETE);
    call = id ? hexmcp_fake_find_call_(fake, id) : NULL;
    if (status == HEXMCP_OK && (!call || call->completed || call->given_up)) {
        if (!call || call->completed)
            hexmcp_fake_blame_(fake, id);
        status = HEXMCP_E_NOT_FOUND;
    }
    if (status == HEXMCP_OK) {
        hexmcp_fake_add_note_(fake, HEXMCP_FAKE_NOTE_COMPLETE, id, outcome, json);
        call->completed = 1;
        call->outcome = outcome;
        call->json = hexmcp_fake_copy_(json.ptr, json.len);
        call->len = json.len;
        hexmcp_fake_check_answer_(fake, call);
        if (outcome > HEXMCP_INPUT_REQUIRED)
            status = HEXMCP_E_INVALID;
        pthread_cond_broadcast(&fake->changed);
    }
    pthread_mutex_unlock(&fake->mutex);
    return status;
}

static inline int32_t hexmcp_fake_progress_(void *ctx, hexmcp_call id, double progress, double total,
                                            hexmcp_str message)
{
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    hexmcp_fake_call_ *call;
    int32_t status;
    pthread_mutex_lock(&fake->mutex);
    status = hexmcp_fake_counted_(fake, HEXMCP_FAKE_PROGRESS);
    call = id ? hexmcp_fake_find_call_(fake, id) : NULL;
    if (status == HEXMCP_OK && (!call || call->completed || call->given_up))
        status = HEXMCP_E_NOT_FOUND;
    if (status == HEXMCP_OK && progress > call->progress) {
        hexmcp_fake_record **end = fake->last_note;
        call->progress = progress;
        hexmcp_fake_add_note_(fake, HEXMCP_FAKE_NOTE_PROGRESS, id, 0, message);
        (*end)->progress = progress;
        (*end)->total = total;
    }
    pthread_mutex_unlock(&fake->mutex);
    return status;
}

/* The table for the plugin; lives as long as `fake`. */
static inline const hexmcp_host *hexmcp_fake_host(hexmcp_fake *fake)
{
    return &fake->host;
}

/* From now on the host has the service `table` for the interface `id`, both borrowed until
 * hexmcp_fake_free; NULL for `table` hides it. Comes before what the fake has itself, at most 32. */
static inline void hexmcp_fake_offer(hexmcp_fake *fake, const char *id, const void *table)
{
    unsigned i = 0;
    while (i < fake->offer_count && strcmp(fake->offers[i].id, id) != 0)
        i++;
    if (i == HEXMCP_FAKE_OFFERS_)
        hexmcp_fake_die_("more than %d interfaces offered", HEXMCP_FAKE_OFFERS_);
    if (i == fake->offer_count)
        fake->offer_count++;
    fake->offers[i].id = id;
    fake->offers[i].table = table;
}

/* From now on the host has its own service again for `id`, or none. */
static inline void hexmcp_fake_unoffer(hexmcp_fake *fake, const char *id)
{
    unsigned i;
    for (i = 0; i < fake->offer_count; i++)
        if (strcmp(fake->offers[i].id, id) == 0)
            fake->offers[i] = fake->offers[--fake->offer_count];
}

/* Lets `function`, one of HEXMCP_FAKE_*, fail with `status`: its `nth` call from now on (1 is the
 * next), or each if `nth` is 0. A function that returns no status: get_interface gives NULL, cancelled
 * says 1, remaining_ms 0; log, is_loop and is_worker do not fail. HEXMCP_OK ends it. */
static inline void hexmcp_fake_fail(hexmcp_fake *fake, uint32_t function, unsigned nth,
                                    int32_t status)
{
    if (function >= HEXMCP_FAKE_FUNCTIONS)
        hexmcp_fake_die_("there is no host function %u", (unsigned)function);
    pthread_mutex_lock(&fake->mutex);
    fake->fail_at[function] = nth > 0 ? fake->counts[function] + nth : 0;
    fake->fail_with[function] = status;
    pthread_mutex_unlock(&fake->mutex);
}

/* The same for every function of every service, each time: all but those of hexmcp_host itself and
 * hexmcp.call/1. */
static inline void hexmcp_fake_fail_services(hexmcp_fake *fake, int32_t status)
{
    uint32_t function;
    for (function = HEXMCP_FAKE_TIMER_AFTER; function < HEXMCP_FAKE_FUNCTIONS; function++)
        hexmcp_fake_fail(fake, function, 0, status);
}

/* How often the plugin called `function`. */
static inline unsigned hexmcp_fake_count(hexmcp_fake *fake, uint32_t function)
{
    unsigned count;
    pthread_mutex_lock(&fake->mutex);
    count = function < HEXMCP_FAKE_FUNCTIONS ? fake->counts[function] : 0;
    pthread_mutex_unlock(&fake->mutex);
    return count;
}

/* How many notes of the kind there are. */
static inline unsigned hexmcp_fake_notes(hexmcp_fake *fake, uint32_t kind)
{
    unsigned count = 0;
    const hexmcp_fake_record *note;
    pthread_mutex_lock(&fake->mutex);
    for (note = fake->notes; note; note = note->next_)
        count += note->kind == kind;
    pthread_mutex_unlock(&fake->mutex);
    return count;
}

/* The `index`th note of the kind, the first is 0; NULL if there are fewer. Borrowed until
 * hexmcp_fake_free. */
static inline const hexmcp_fake_record *hexmcp_fake_note(hexmcp_fake *fake, uint32_t kind,
                                                          unsigned index)
{
    const hexmcp_fake_record *note;
    pthread_mutex_lock(&fake->mutex);
    for (note = fake->notes; note; note = note->next_)
        if (note->kind == kind && index-- == 0)
            break;
    pthread_mutex_unlock(&fake->mutex);
    return note;
}

/* The last note of the kind, or NULL. */
static inline const hexmcp_fake_record *hexmcp_fake_last_note(hexmcp_fake *fake, uint32_t kind)
{
    unsigned count = hexmcp_fake_notes(fake, kind);
    return count > 0 ? hexmcp_fake_note(fake, kind, count - 1) : NULL;
}

/* How many breaches nobody has taken. */
static inline unsigned hexmcp_fake_breaches(hexmcp_fake *fake)
{
    unsigned count;
    pthread_mutex_lock(&fake->mutex);
    count = fake->breaches;
    pthread_mutex_unlock(&fake->mutex);
    return count;
}

/* Takes all breaches: copies the text of the first to `out`, of `size` bytes (at least 1),
 * "" if there was none, and forgets them.
 * Returns how many there were. */
static inline unsigned hexmcp_fake_take_breach(hexmcp_fake *fake, char *out, size_t size)
{
    unsigned count;
    size_t len;
    pthread_mutex_lock(&fake->mutex);
    count = fake->breaches;
    len = count > 0 ? strlen(fake->breach) : 0;
    if (len >= size)
        len = size - 1;
    memcpy(out, fake->breach, len);
    out[len] = '\0';
    fake->breaches = 0;
    pthread_mutex_unlock(&fake->mutex);
    return count;
}

/* The plugin's calls end within `ms` milliseconds, or it is a breach; 10,000 if nobody says. */
static inline void hexmcp_fake_limit(hexmcp_fake *fake, uint64_t ms)
{
    fake->limit_ms = ms;
}

/* [any] Has one more call begin, and returns its id. hexmcp_fake_run and its like do it themselves. */
static inline hexmcp_call hexmcp_fake_open(hexmcp_fake *fake)
{
    hexmcp_fake_call_ *call = (hexmcp_fake_call_ *)hexmcp_fake_alloc_(sizeof(*call));
    pthread_mutex_lock(&fake->mutex);
    call->id = ++fake->next_id;
    call->next = fake->calls;
    fake->calls = call;
    pthread_mutex_unlock(&fake->mutex);
    return call->id;
}

/* [any] Marks a call as cancelled: hexmcp.call/1 says so from now on. It does not call the plugin. */
static inline void hexmcp_fake_mark_cancelled(hexmcp_fake *fake, hexmcp_call id)
{
    hexmcp_fake_call_ *call;
    pthread_mutex_lock(&fake->mutex);
    call = hexmcp_fake_find_call_(fake, id);
    if (call)
        call->cancelled = 1;
    pthread_mutex_unlock(&fake->mutex);
}

/* [any] The host gives the call up, as after its deadline: to complete it later is no breach, the
 * plugin just hears HEXMCP_E_NOT_FOUND. */
static inline void hexmcp_fake_give_up(hexmcp_fake *fake, hexmcp_call id)
{
    hexmcp_fake_call_ *call;
    pthread_mutex_lock(&fake->mutex);
    call = hexmcp_fake_find_call_(fake, id);
    if (call)
        call->given_up = call->cancelled = 1;
    pthread_mutex_unlock(&fake->mutex);
}

/* What hexmcp.call/1 tells of the call: HEXMCP_FAKE_CALL_TRACEPARENT, _TRACESTATE or _META. `text` is
 * borrowed until the call ends; NULL: there is none. */
static inline void hexmcp_fake_set_text(hexmcp_fake *fake, hexmcp_call id, uint32_t which,
                                        const char *text)
{
    hexmcp_fake_call_ *call;
    pthread_mutex_lock(&fake->mutex);
    call = hexmcp_fake_find_call_(fake, id);
    if (call && which >= HEXMCP_FAKE_CALL_TRACEPARENT && which <= HEXMCP_FAKE_CALL_META)
        call->text[which - HEXMCP_FAKE_CALL_TRACEPARENT] = text;
    pthread_mutex_unlock(&fake->mutex);
}

#ifdef __cplusplus
}
#endif

#endif
