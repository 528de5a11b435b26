/*
 * hexmcp/test/fake/services.h - the fake host's services, and its beginning and end.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HEXMCP_TEST_FAKE_SERVICES_H
#define HEXMCP_TEST_FAKE_SERVICES_H

#include "hexmcp/test/fake/core.h"
#include "hexmcp/test/fake/files.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As the real host has them. */
#define HEXMCP_FAKE_REPLIES_MAX_ 1024u
#define HEXMCP_FAKE_DELAY_MAX_ 86400000u
#define HEXMCP_FAKE_DEFINITION_MAX_ ((size_t)256 << 10)
#define HEXMCP_FAKE_NAME_MAX_ 8192u
#define HEXMCP_FAKE_ELICITATION_MAX_ 64u

static inline int32_t hexmcp_fake_cancelled_(void *ctx, hexmcp_call id)
{
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    const hexmcp_fake_call_ *call;
    int32_t cancelled;
    pthread_mutex_lock(&fake->mutex);
    cancelled = hexmcp_fake_counted_(fake, HEXMCP_FAKE_CALL_CANCELLED) != HEXMCP_OK;
    call = id ? hexmcp_fake_find_call_(fake, id) : NULL;
    cancelled = cancelled || !call || call->cancelled;
    pthread_mutex_unlock(&fake->mutex);
    return cancelled;
}

static inline uint64_t hexmcp_fake_remaining_ms_(void *ctx, hexmcp_call id)
{
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    const hexmcp_fake_call_ *call;
    int fails;
    pthread_mutex_lock(&fake->mutex);
    fails = hexmcp_fake_counted_(fake, HEXMCP_FAKE_CALL_REMAINING_MS) != HEXMCP_OK;
    call = id ? hexmcp_fake_find_call_(fake, id) : NULL;
    pthread_mutex_unlock(&fake->mutex);
    return fails || !call || call->cancelled ? 0 : 30000;
}

static inline int32_t hexmcp_fake_text_(hexmcp_fake *fake, uint32_t which, hexmcp_call id, char *out,
                                        size_t size, size_t *len)
{
    const hexmcp_fake_call_ *call;
    int32_t status;
    pthread_mutex_lock(&fake->mutex);
    status = hexmcp_fake_counted_(fake, which);
    call = id ? hexmcp_fake_find_call_(fake, id) : NULL;
    if (status == HEXMCP_OK) {
        const char *text = call ? call->text[which - HEXMCP_FAKE_CALL_TRACEPARENT] : NULL;
        size_t need = text ? strlen(text) : 0;
        status = !text ? HEXMCP_E_NOT_FOUND : need > size ? HEXMCP_E_TOO_LARGE : HEXMCP_OK;
        if (status == HEXMCP_OK) {
            memcpy(out, text, need);
            *len = need;
        }
    }
    pthread_mutex_unlock(&fake->mutex);
    return status;
}

static inline int32_t hexmcp_fake_traceparent_(void *ctx, hexmcp_call id, char *out, size_t size,
                                               size_t *len)
{
    return hexmcp_fake_text_((hexmcp_fake *)ctx, HEXMCP_FAKE_CALL_TRACEPARENT, id, out, size, len);
}

static inline int32_t hexmcp_fake_tracestate_(void *ctx, hexmcp_call id, char *out, size_t size,
                                              size_t *len)
{
    return hexmcp_fake_text_((hexmcp_fake *)ctx, HEXMCP_FAKE_CALL_TRACESTATE, id, out, size, len);
}

static inline int32_t hexmcp_fake_meta_(void *ctx, hexmcp_call id, char *out, size_t size,
                                        size_t *len)
{
    return hexmcp_fake_text_((hexmcp_fake *)ctx, HEXMCP_FAKE_CALL_META, id, out, size, len);
}

static inline int32_t hexmcp_fake_is_loop_(void *ctx)
{
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    hexmcp_fake_count_(fake, HEXMCP_FAKE_IS_LOOP);
    return pthread_equal(pthread_self(), fake->loop) != 0;
}

static inline int32_t hexmcp_fake_is_worker_(void *ctx)
{
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    hexmcp_fake_count_(fake, HEXMCP_FAKE_IS_WORKER);
    return pthread_getspecific(fake->worker) != NULL;
}

/* With the mutex held: adds to the end of what waits for the loop. */
static inline void hexmcp_fake_queue_(hexmcp_fake *fake, hexmcp_fake_reply_ r, hexmcp_str json)
{
    hexmcp_fake_reply_ *entry = (hexmcp_fake_reply_ *)hexmcp_fake_alloc_(sizeof(*entry));
    hexmcp_fake_reply_ **end = &fake->replies;
    *entry = r;
    entry->next = NULL;
    entry->json = hexmcp_fake_copy_(json.ptr, json.len);
    entry->len = json.len;
    while (*end)
        end = &(*end)->next;
    *end = entry;
    *(r.is_timer ? &fake->timer_count : &fake->reply_count) += 1;
    pthread_cond_broadcast(&fake->changed);
}

/* With the mutex held. */
static inline void hexmcp_fake_post_(hexmcp_fake *fake, hexmcp_reply_fn reply, void *arg,
                                     int32_t status, hexmcp_str json)
{
    hexmcp_fake_reply_ r;
    memset(&r, 0, sizeof(r));
    r.reply = reply;
    r.arg = arg;
    r.status = status;
    hexmcp_fake_queue_(fake, r, json);
}

/* [any] For services that you fake and offer: reply(arg, status, json) is called once, on the loop,
 * when it turns next (hexmcp_fake_turn, or while hexmcp_fake_run waits). `json` is copied. */
static inline void hexmcp_fake_post(hexmcp_fake *fake, hexmcp_reply_fn reply, void *arg,
                                    int32_t status, hexmcp_str json)
{
    pthread_mutex_lock(&fake->mutex);
    hexmcp_fake_post_(fake, reply, arg, status, json);
    pthread_mutex_unlock(&fake->mutex);
}

static inline uint64_t hexmcp_fake_clock_ms_(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* With the mutex held: the time for timers. */
static inline uint64_t hexmcp_fake_now_(const hexmcp_fake *fake)
{
    return fake->real_time ? hexmcp_fake_clock_ms_() : fake->now;
}

static inline int32_t hexmcp_fake_after_(void *ctx, uint64_t delay_ms, hexmcp_reply_fn reply,
                                         void *arg)
{
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    hexmcp_fake_reply_ r;
    int32_t status;
    memset(&r, 0, sizeof(r));
    pthread_mutex_lock(&fake->mutex);
    status = hexmcp_fake_counted_(fake, HEXMCP_FAKE_TIMER_AFTER);
    if (status == HEXMCP_OK && delay_ms > HEXMCP_FAKE_DELAY_MAX_)
        status = HEXMCP_E_INVALID;
    if (status == HEXMCP_OK && fake->timer_count >= HEXMCP_FAKE_REPLIES_MAX_)
        status = HEXMCP_E_BUSY;
    if (status == HEXMCP_OK) {
        r.is_timer = 1;
        r.due = hexmcp_fake_now_(fake) + delay_ms;
        r.reply = reply;
        r.arg = arg;
        hexmcp_fake_queue_(fake, r, hexmcp_str_from(""));
    }
    pthread_mutex_unlock(&fake->mutex);
    return status;
}

/* With the mutex held. */
static inline hexmcp_fake_item_ *hexmcp_fake_find_item_(hexmcp_fake *fake, uint32_t kind,
                                                        const char *name)
{
    hexmcp_fake_item_ *item = fake->items;
    while (item && (item->kind != kind || strcmp(item->name, name) != 0))
        item = item->next;
    return item;
}

/* With the mutex held. */
static inline void hexmcp_fake_drop_item_(hexmcp_fake *fake, hexmcp_fake_item_ *item)
{
    hexmcp_fake_item_ **at = &fake->items;
    while (*at != item)
        at = &(*at)->next;
    *at = item->next;
    free(item->name);
    free(item->definition);
    free(item->options);
    free(item);
}

/* With the mutex held: replies {key: text}, or {} without a key. */
static inline void hexmcp_fake_answer_with_(hexmcp_fake *fake, hexmcp_reply_fn reply, void *arg,
                                            int32_t status, const char *key, const char *text)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    if (key)
        hexmcp_json_put_text(&w, key, text);
    hexmcp_json_end_object(&w);
    hexmcp_fake_post_(fake, reply, arg, status, hexmcp_json_writer_text(&w));
    hexmcp_json_writer_free(&w);
}

/* With the mutex held: what the real host refuses at once. */
static inline int32_t hexmcp_fake_check_words_(hexmcp_fake *fake, uint32_t function, uint32_t kind,
                                               size_t len, size_t max)
{
    int32_t status = hexmcp_fake_counted_(fake, function);
    if (status != HEXMCP_OK)
        return status;
    if (kind > HEXMCP_KIND_PROMPT)
        return HEXMCP_E_INVALID;
    if (len > max)
        return HEXMCP_E_TOO_LARGE;
    return fake->reply_count < HEXMCP_FAKE_REPLIES_MAX_ ? HEXMCP_OK : HEXMCP_E_BUSY;
}

/* With the mutex held. Takes `name` over, which may be NULL. Returns why not, or NULL. */
static inline const char *hexmcp_fake_keep_(hexmcp_fake *fake, uint32_t kind, char *name,
                                            hexmcp_str definition, hexmcp_str options)
{
    hexmcp_fake_item_ *item;
    const char *fault = !name ? "the definition names nothing" : NULL;
    if (name && hexmcp_fake_find_item_(fake, kind, name))
        fault = "it is published already";
    if (fault) {
        free(name);
        return fault;
    }
    item = (hexmcp_fake_item_ *)hexmcp_fake_alloc_(sizeof(*item));
    item->kind = kind;
    item->name = name;
    item->definition = hexmcp_fake_copy_(definition.ptr, definition.len);
    item->options = hexmcp_fake_copy_(options.ptr, options.len);
    item->next = fake->items;
    fake->items = item;
    return NULL;
}

static inline int32_t hexmcp_fake_publish_(void *ctx, uint32_t kind, hexmcp_str definition,
                                           hexmcp_str options, hexmcp_reply_fn reply, void *arg)
{
    static const char *const keys[] = {"name", "uri", "uriTemplate", "name"};
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    size_t longer = definition.len > options.len ? definition.len : options.len;
    int32_t status;
    pthread_mutex_lock(&fake->mutex);
    status = hexmcp_fake_check_words_(fake, HEXMCP_FAKE_CATALOG_PUBLISH, kind, longer,
                                      HEXMCP_FAKE_DEFINITION_MAX_);
    if (status == HEXMCP_OK) {
        hexmcp_str value;
        char *name = NULL;
        const char *fault;
        size_t len;
        if (hexmcp_json_get(definition, keys[kind], &value) == HEXMCP_OK)
            hexmcp_json_string_dup(value, &name, &len);
        fault = hexmcp_fake_keep_(fake, kind, name, definition, options);
        hexmcp_fake_answer_with_(fake, reply, arg, fault ? HEXMCP_E_INVALID : HEXMCP_OK,
                                 fault ? "message" : "name", fault ? fault : name);
    }
    pthread_mutex_unlock(&fake->mutex);
    return status;
}

static inline int32_t hexmcp_fake_withdraw_(void *ctx, uint32_t kind, hexmcp_str name,
                                            hexmcp_reply_fn reply, void *arg)
{
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    int32_t status;
    pthread_mutex_lock(&fake->mutex);
    status = hexmcp_fake_check_words_(fake, HEXMCP_FAKE_CATALOG_WITHDRAW, kind, name.len,
                                      HEXMCP_FAKE_NAME_MAX_);
    if (status == HEXMCP_OK) {
        char *text = hexmcp_fake_copy_(name.ptr, name.len);
        hexmcp_fake_item_ *item = hexmcp_fake_find_item_(fake, kind, text);
        if (item)
            hexmcp_fake_drop_item_(fake, item);
        hexmcp_fake_answer_with_(fake, reply, arg, item ? HEXMCP_OK : HEXMCP_E_NOT_FOUND,
                                 item ? NULL : "message", "the plugin has no such item");
        free(text);
    }
    pthread_mutex_unlock(&fake->mutex);
    return status;
}

static inline int32_t hexmcp_fake_tell_(hexmcp_fake *fake, uint32_t function, uint32_t kind,
                                        hexmcp_str text, size_t max)
{
    int32_t status;
    pthread_mutex_lock(&fake->mutex);
    status = hexmcp_fake_counted_(fake, function);
    if (status == HEXMCP_OK && text.len > max)
        status = HEXMCP_E_TOO_LARGE;
    if (status == HEXMCP_OK)
        hexmcp_fake_add_note_(fake, kind, 0, 0, text);
    pthread_mutex_unlock(&fake->mutex);
    return status;
}

static inline int32_t hexmcp_fake_resource_updated_(void *ctx, hexmcp_str uri)
{
    return hexmcp_fake_tell_((hexmcp_fake *)ctx, HEXMCP_FAKE_NOTIFY_RESOURCE_UPDATED,
                             HEXMCP_FAKE_NOTE_UPDATED, uri, HEXMCP_FAKE_NAME_MAX_);
}

static inline int32_t hexmcp_fake_elicitation_complete_(void *ctx, hexmcp_str id)
{
    if (id.len == 0)
        return HEXMCP_E_INVALID;
    return hexmcp_fake_tell_((hexmcp_fake *)ctx, HEXMCP_FAKE_NOTIFY_ELICITATION_COMPLETE,
                             HEXMCP_FAKE_NOTE_ELICITED, id, HEXMCP_FAKE_ELICITATION_MAX_);
}

static inline int32_t hexmcp_fake_validate_(void *ctx, hexmcp_str schema, hexmcp_str value,
                                            uint32_t flags,
                                            void (*told)(void *arg, hexmcp_str json), void *arg,
                                            hexmcp_error *err)
{
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    int32_t status = hexmcp_fake_count_(fake, HEXMCP_FAKE_SCHEMA_VALIDATE);
    if (status != HEXMCP_OK)
        return hexmcp_fail(err, status, "the fake host was told to refuse");
    if (!hexmcp_fake_is_json_(schema, 128))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "the schema is no JSON");
    if (!hexmcp_fake_is_json_(value, 128))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "the value is no JSON");
    if (flags & ~HEXMCP_SCHEMA_FORMATS)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "unknown flags");
    told(arg, hexmcp_str_from(fake->schema_answer));
    return HEXMCP_OK;
}

/* What hexmcp.schema/1 answers to two JSON texts; borrowed. It does not check them itself: at first
 * every value is valid. */
static inline void hexmcp_fake_schema_answer(hexmcp_fake *fake, const char *json)
{
    fake->schema_answer = json;
}

static inline const void *hexmcp_fake_own_interface_(hexmcp_fake *fake, const char *id)
{
    if (strcmp(id, HEXMCP_CALL_1) == 0)
        return &fake->call_info;
    if (strcmp(id, HEXMCP_THREAD_CHECK_1) == 0)
        return &fake->thread_check;
    if (strcmp(id, HEXMCP_TIMER_1) == 0)
        return &fake->timer;
    if (strcmp(id, HEXMCP_CATALOG_1) == 0)
        return &fake->catalog;
    if (strcmp(id, HEXMCP_NOTIFY_1) == 0)
        return &fake->notify;
    if (strcmp(id, HEXMCP_FILES_1) == 0)
        return &fake->files;
    return strcmp(id, HEXMCP_SCHEMA_1) == 0 ? &fake->schema : NULL;
}

static inline const void *hexmcp_fake_get_interface_(void *ctx, const char *id)
{
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    unsigned i;
    if (hexmcp_fake_count_(fake, HEXMCP_FAKE_GET_INTERFACE) != HEXMCP_OK)
        return NULL;
    for (i = 0; i < fake->offer_count; i++)
        if (strcmp(fake->offers[i].id, id) == 0)
            return fake->offers[i].table;
    return hexmcp_fake_own_interface_(fake, id);
}

/* With the mutex held: takes out what is due, replies first, then timers by their time. */
static inline hexmcp_fake_reply_ *hexmcp_fake_take_due_(hexmcp_fake *fake, uint64_t now)
{
    hexmcp_fake_reply_ **at, **best = NULL, *due;
    for (at = &fake->replies; *at; at = &(*at)->next)
        if (!(*at)->is_timer || (*at)->due <= now)
            if (!best || (!(*at)->is_timer && (*best)->is_timer) ||
                ((*at)->is_timer && (*best)->is_timer && (*at)->due < (*best)->due))
                best = at;
    if (!best)
        return NULL;
    due = *best;
    *best = due->next;
    *(due->is_timer ? &fake->timer_count : &fake->reply_count) -= 1;
    return due;
}

/* Gives what is due at `now`; a status other than HEXMCP_OK takes the place of each of its own.
 * Returns how many there were. */
static inline unsigned hexmcp_fake_deliver_(hexmcp_fake *fake, uint64_t now, int32_t timers,
                                            int32_t replies)
{
    static const char stopped[] = "{\"message\":\"the plugin is not running\"}";
    hexmcp_fake_reply_ *r;
    unsigned count = 0;
    for (;;) {
        int32_t other;
        hexmcp_str json;
        pthread_mutex_lock(&fake->mutex);
        r = hexmcp_fake_take_due_(fake, now);
        pthread_mutex_unlock(&fake->mutex);
        if (!r)
            return count;
        count++;
        other = r->is_timer ? timers : replies;
        json.ptr = r->json;
        json.len = r->len;
        if (r->reply)
            r->reply(r->arg, other == HEXMCP_OK ? r->status : other,
                     other == HEXMCP_OK || r->is_timer ? json : hexmcp_str_from(stopped));
        free(r->json);
        free(r);
    }
}

/* One turn of the loop: gives the replies that wait and the timers that are due. */
static inline void hexmcp_fake_turn(hexmcp_fake *fake)
{
    uint64_t now;
    pthread_mutex_lock(&fake->mutex);
    now = hexmcp_fake_now_(fake);
    pthread_mutex_unlock(&fake->mutex);
    hexmcp_fake_deliver_(fake, now, HEXMCP_OK, HEXMCP_OK);
}

/* Moves the clock on by `ms` and gives what is due then. */
static inline void hexmcp_fake_advance(hexmcp_fake *fake, uint64_t ms)
{
    pthread_mutex_lock(&fake->mutex);
    fake->now += ms;
    pthread_mutex_unlock(&fake->mutex);
    hexmcp_fake_turn(fake);
}

/* From now on time goes on as outside while hexmcp_fake_run waits. For plugins whose calls need
 * timers to end; hexmcp_fake_advance does not move the clock any more. */
static inline void hexmcp_fake_real_time(hexmcp_fake *fake)
{
    hexmcp_fake_reply_ *r;
    pthread_mutex_lock(&fake->mutex);
    for (r = fake->replies; r && !fake->real_time; r = r->next)
        r->due = r->due - fake->now + hexmcp_fake_clock_ms_();
    fake->real_time = 1;
    pthread_mutex_unlock(&fake->mutex);
}

/* How many timers wait. */
static inline unsigned hexmcp_fake_timers(hexmcp_fake *fake)
{
    unsigned count;
    pthread_mutex_lock(&fake->mutex);
    count = fake->timer_count;
    pthread_mutex_unlock(&fake->mutex);
    return count;
}

/* As a host that stops a plugin: each timer is answered with HEXMCP_E_CANCELLED, each other reply with
 * HEXMCP_E_UNAVAILABLE, and what was published goes. */
static inline void hexmcp_fake_quiesce(hexmcp_fake *fake)
{
    hexmcp_fake_deliver_(fake, UINT64_MAX, HEXMCP_E_CANCELLED, HEXMCP_E_UNAVAILABLE);
    pthread_mutex_lock(&fake->mutex);
    while (fake->items)
        hexmcp_fake_drop_item_(fake, fake->items);
    pthread_mutex_unlock(&fake->mutex);
}

/* What the plugin publishes as `name`, its own name for it: the definition and the options, NULL if it
 * does not. Borrowed until it is withdrawn. */
static inline const char *hexmcp_fake_published(hexmcp_fake *fake, uint32_t kind, const char *name)
{
    const hexmcp_fake_item_ *item;
    pthread_mutex_lock(&fake->mutex);
    item = hexmcp_fake_find_item_(fake, kind, name);
    pthread_mutex_unlock(&fake->mutex);
    return item ? item->definition : NULL;
}

static inline const char *hexmcp_fake_options(hexmcp_fake *fake, uint32_t kind, const char *name)
{
    const hexmcp_fake_item_ *item;
    pthread_mutex_lock(&fake->mutex);
    item = hexmcp_fake_find_item_(fake, kind, name);
    pthread_mutex_unlock(&fake->mutex);
    return item ? item->options : NULL;
}

static inline void hexmcp_fake_fill_host_(hexmcp_fake *fake)
{
    fake->host.size = (uint32_t)sizeof(fake->host);
    fake->host.abi_minor = HEXMCP_ABI_MINOR;
    fake->host.ctx = fake;
    fake->host.name = "hexmcp";
    fake->host.version = "0.0.0-test";
    fake->host.get_interface = hexmcp_fake_get_interface_;
    fake->host.log = hexmcp_fake_log_;
    fake->host.complete = hexmcp_fake_complete_;
    fake->host.progress = hexmcp_fake_progress_;
    fake->call_info.size = (uint32_t)sizeof(fake->call_info);
    fake->call_info.ctx = fake;
    fake->call_info.cancelled = hexmcp_fake_cancelled_;
    fake->call_info.remaining_ms = hexmcp_fake_remaining_ms_;
    fake->call_info.traceparent = hexmcp_fake_traceparent_;
    fake->call_info.tracestate = hexmcp_fake_tracestate_;
    fake->call_info.meta = hexmcp_fake_meta_;
}

static inline void hexmcp_fake_fill_services_(hexmcp_fake *fake)
{
    fake->thread_check.size = (uint32_t)sizeof(fake->thread_check);
    fake->thread_check.ctx = fake;
    fake->thread_check.is_loop = hexmcp_fake_is_loop_;
    fake->thread_check.is_worker = hexmcp_fake_is_worker_;
    fake->timer.size = (uint32_t)sizeof(fake->timer);
    fake->timer.ctx = fake;
    fake->timer.after = hexmcp_fake_after_;
    fake->catalog.size = (uint32_t)sizeof(fake->catalog);
    fake->catalog.ctx = fake;
    fake->catalog.publish = hexmcp_fake_publish_;
    fake->catalog.withdraw = hexmcp_fake_withdraw_;
    fake->notify.size = (uint32_t)sizeof(fake->notify);
    fake->notify.ctx = fake;
    fake->notify.resource_updated = hexmcp_fake_resource_updated_;
    fake->notify.elicitation_complete = hexmcp_fake_elicitation_complete_;
    fake->schema.size = (uint32_t)sizeof(fake->schema);
    fake->schema.ctx = fake;
    fake->schema.validate = hexmcp_fake_validate_;
    fake->files.size = (uint32_t)sizeof(fake->files);
    fake->files.ctx = fake;
    fake->files.open = hexmcp_fake_files_open_;
    fake->files.parent = hexmcp_fake_files_parent_;
    fake->files.roots = hexmcp_fake_files_roots_;
}

/* Makes a host; this thread is its loop thread. Never NULL: without memory the program aborts. */
static inline hexmcp_fake *hexmcp_fake_new(void)
{
    hexmcp_fake *fake = (hexmcp_fake *)hexmcp_fake_alloc_(sizeof(*fake));
    pthread_condattr_t attr;
    hexmcp_fake_fill_host_(fake);
    hexmcp_fake_fill_services_(fake);
    fake->loop = pthread_self();
    fake->limit_ms = 10000;
    fake->last_note = &fake->notes;
    fake->schema_answer = "{\"valid\":true,\"faults\":[],\"more\":false}";
    if (pthread_key_create(&fake->worker, NULL) != 0)
        hexmcp_fake_die_("no thread key left: free the hosts that you made");
    pthread_mutex_init(&fake->mutex, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&fake->changed, &attr);
    pthread_condattr_destroy(&attr);
    return fake;
}

static inline void hexmcp_fake_free_calls_(hexmcp_fake *fake)
{
    while (fake->calls) {
        hexmcp_fake_call_ *call = fake->calls;
        fake->calls = call->next;
        if (!call->given_up)
            hexmcp_fake_breach_(fake, "call %llu was never completed",
                                (unsigned long long)call->id);
        free(call->json);
        free(call);
    }
}

/* Ends the host, after the plugin: what waits is answered as by hexmcp_fake_quiesce, the temporary
 * folder goes. Aborts with the text if there was a breach that hexmcp_fake_take_breach did not
 * take. NULL is fine. */
static inline void hexmcp_fake_free(hexmcp_fake *fake)
{
    if (!fake)
        return;
    hexmcp_fake_quiesce(fake);
    hexmcp_fake_free_calls_(fake);
    if (fake->folder[0] != '\0')
        hexmcp_fake_remove_(AT_FDCWD, fake->folder);
    if (fake->breaches > 0)
        hexmcp_fake_die_("%u breaches of the contract, the first: %s", fake->breaches, fake->breach);
    if (fake->stuck > 0)
        return; /* a thread still uses it */
    while (fake->notes) {
        hexmcp_fake_record *note = fake->notes;
        fake->notes = note->next_;
        free(note->text);
        free(note);
    }
    pthread_cond_destroy(&fake->changed);
    pthread_mutex_destroy(&fake->mutex);
    pthread_key_delete(fake->worker);
    free(fake);
}

#ifdef __cplusplus
}
#endif

#endif
