/*
 * hexmcp/test/fake/plugin.h - loads a plugin into the fake host, makes calls and waits for their end.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HEXMCP_TEST_FAKE_PLUGIN_H
#define HEXMCP_TEST_FAKE_PLUGIN_H

#include <dlfcn.h>
#include <sys/stat.h>

#include "hexmcp/entry.h"
#include "hexmcp/ext/prompt.h"
#include "hexmcp/ext/resource.h"
#include "hexmcp/ext/tool.h"
#include "hexmcp/test/fake/core.h"
#include "hexmcp/test/fake/services.h"

#ifdef __cplusplus
extern "C" {
#endif

/* On which thread calls run: on one that counts as a worker, made for the call, or on the loop thread,
 * as those of tools with "mode": "inline". */
#define HEXMCP_FAKE_ON_WORKER 0u
#define HEXMCP_FAKE_ON_LOOP 1u

/* An instance in a fake host. Read what you like; write `thread` alone. */
typedef struct hexmcp_fake_plugin {
    hexmcp_fake *fake;
    const hexmcp_plugin_info_1 *info;
    const hexmcp_plugin *plugin;       /* NULL before create and after destroy                    */
    const hexmcp_tool_1 *tool;         /* after init; NULL if the plugin does not provide it      */
    const hexmcp_resource_1 *resource; /* "                                                       */
    const hexmcp_prompt_1 *prompt;     /* "                                                       */
    uint32_t thread;                   /* HEXMCP_FAKE_ON_WORKER, or what you write                */
    int started_;
} hexmcp_fake_plugin;

/* How a call ended. */
typedef struct hexmcp_fake_answer {
    hexmcp_call call;
    int32_t status;     /* what the function returned; HEXMCP_E_TIMEOUT if the call did not end    */
    uint32_t outcome;   /* of complete(); HEXMCP_FAIL if `status` is an error                      */
    char *json;         /* of complete(), NUL-terminated; NULL if `status` is an error             */
    size_t len;         /* of json                                                                 */
    hexmcp_error error; /* what the function filled if `status` is an error                        */
} hexmcp_fake_answer;

/* The functions that serve calls; the texts that each takes. */
#define HEXMCP_FAKE_CALL 0u            /* tool: name, arguments                                   */
#define HEXMCP_FAKE_READ 1u            /* resource: URI, variables                                */
#define HEXMCP_FAKE_RENDER 2u          /* prompt: name, arguments                                 */
#define HEXMCP_FAKE_RESUME_CALL 3u     /* tool: name, arguments, state, answers                   */
#define HEXMCP_FAKE_RESUME_READ 4u     /* resource: URI, variables, state, answers                */
#define HEXMCP_FAKE_RESUME_RENDER 5u   /* prompt: name, arguments, state, answers                 */
#define HEXMCP_FAKE_COMPLETE_URI 6u    /* resource: template, variable, value, context            */
#define HEXMCP_FAKE_COMPLETE_PROMPT 7u /* prompt: name, argument, value, context                  */

#define HEXMCP_FAKE_TEXTS 6

/* A function that serves a call; `text` has HEXMCP_FAKE_TEXTS members, borrowed until return. */
typedef int32_t (*hexmcp_fake_fn)(void *arg, hexmcp_call call, const hexmcp_str *text,
                                  hexmcp_error *err);

/* A call on its way. Its members are private. */
typedef struct hexmcp_fake_asked {
    hexmcp_fake *fake;
    hexmcp_call call;
    hexmcp_fake_fn function;
    void *arg;
    const hexmcp_fake_plugin *plugin; /* NULL for a call of your own */
    uint32_t kind;
    hexmcp_str text[HEXMCP_FAKE_TEXTS];
    hexmcp_error err;
    pthread_t thread;
    int on_worker;
    int returned; /* guarded by the host's mutex */
    int32_t status;
} hexmcp_fake_asked;

/* ---- the lifecycle ---- */

static inline void hexmcp_fake_check_failure_(hexmcp_fake *fake, const char *function,
                                              int32_t status, const hexmcp_error *err)
{
    pthread_mutex_lock(&fake->mutex);
    if (status > HEXMCP_OK)
        hexmcp_fake_breach_(fake, "%s() returned the unknown status %d", function, (int)status);
    if (status < HEXMCP_OK && (err->code != status || err->text[0] == '\0'))
        hexmcp_fake_breach_(fake, "%s() returned %d, but its error says %d \"%s\"", function,
                            (int)status, (int)err->code, err->text);
    pthread_mutex_unlock(&fake->mutex);
}

static inline void hexmcp_fake_clear_(hexmcp_error *err)
{
    memset(err, 0, sizeof(*err));
    err->size = (uint32_t)sizeof(*err);
}

static inline void hexmcp_fake_set_early_(hexmcp_fake *fake, int early)
{
    pthread_mutex_lock(&fake->mutex);
    fake->early = early;
    pthread_mutex_unlock(&fake->mutex);
}

/* The info block as the real host checks it before anything of the plugin runs. */
static inline int32_t hexmcp_fake_check_info_(const hexmcp_plugin_info_1 *info, hexmcp_error *err)
{
    if (memcmp(info->magic, HEXMCP_MAGIC, sizeof(info->magic)) != 0 || info->size < sizeof(*info))
        return hexmcp_fail(err, HEXMCP_E_PROTOCOL,
                           "hexmcp_plugin_info is no info block; use HEXMCP_PLUGIN_DEFINE");
    if (info->abi_major != HEXMCP_ABI_MAJOR)
        return hexmcp_fail(err, HEXMCP_E_PROTOCOL, "the plugin has ABI version %u, the host %u",
                           (unsigned)info->abi_major, HEXMCP_ABI_MAJOR);
    if (!memchr(info->id, '\0', sizeof(info->id)) || info->id[0] == '\0' ||
        !memchr(info->version, '\0', sizeof(info->version)) || info->version[0] == '\0')
        return hexmcp_fail(err, HEXMCP_E_PROTOCOL, "the info block names no id or no version");
    return HEXMCP_OK;
}

/* Makes an instance of a plugin that is linked into the test:
 *
 *     extern const hexmcp_plugin_info_1 hexmcp_plugin_info;
 *     int32_t hexmcp_plugin_create(const hexmcp_host *, const hexmcp_plugin **, hexmcp_error *);
 *     hexmcp_fake_create(&p, hexmcp_fake_new(), &hexmcp_plugin_info, hexmcp_plugin_create, &err);
 *
 * *p borrows `fake`. Returns HEXMCP_OK, or fills *err and returns its code; then there is no
 * instance. */
static inline int32_t hexmcp_fake_create(hexmcp_fake_plugin *p, hexmcp_fake *fake,
                                         const hexmcp_plugin_info_1 *info,
                                         hexmcp_plugin_create_fn create, hexmcp_error *err)
{
    int32_t status;
    const hexmcp_plugin *plugin = NULL;
    memset(p, 0, sizeof(*p));
    hexmcp_fake_clear_(err);
    p->fake = fake;
    p->info = info;
    status = hexmcp_fake_check_info_(info, err);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_fake_set_early_(fake, 1);
    status = create(hexmcp_fake_host(fake), &plugin, err);
    hexmcp_fake_set_early_(fake, 0);
    hexmcp_fake_check_failure_(fake, "create", status, err);
    if (status != HEXMCP_OK)
        return status;
    if (!plugin || !HEXMCP_HAS(plugin, init) || !HEXMCP_HAS(plugin, get_interface) ||
        !HEXMCP_HAS(plugin, destroy))
        return hexmcp_fail(err, HEXMCP_E_PROTOCOL,
                           "the plugin's table lacks init, get_interface or destroy, or its size");
    p->plugin = plugin;
    return HEXMCP_OK;
}

/* The same for a bundle (a folder with plugin.so) or a plugin.so at `path`. It is never unloaded, as in
 * the real host. Errors: HEXMCP_E_NOT_FOUND if it cannot be loaded, and those above. */
static inline int32_t hexmcp_fake_create_from(hexmcp_fake_plugin *p, hexmcp_fake *fake,
                                              const char *path, hexmcp_error *err)
{
    char file[4200];
    struct stat st;
    void *library, *create;
    const void *info;
    hexmcp_plugin_create_fn function;
    int folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    memset(p, 0, sizeof(*p));
    p->fake = fake;
    hexmcp_fake_clear_(err);
    snprintf(file, sizeof(file), "%s%s%s", strchr(path, '/') ? "" : "./", path,
             folder ? "/plugin.so" : "");
    library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "%s", dlerror());
    info = dlsym(library, "hexmcp_plugin_info");
    create = dlsym(library, "hexmcp_plugin_create");
    if (!info || !create)
        return hexmcp_fail(err, HEXMCP_E_PROTOCOL,
                           "%s does not export hexmcp_plugin_info and hexmcp_plugin_create", file);
    memcpy(&function, &create, sizeof(function));
    return hexmcp_fake_create(p, fake, (const hexmcp_plugin_info_1 *)info, function, err);
}

/* One of the plugin's tables, or NULL. Legal after init. */
static inline const void *hexmcp_fake_interface(hexmcp_fake_plugin *p, const char *id)
{
    return p->plugin->get_interface(p->plugin->self, id);
}

static inline void hexmcp_fake_tables_(hexmcp_fake_plugin *p)
{
    if (hexmcp_fake_interface(p, "hexmcp.tool/1x") || hexmcp_fake_interface(p, "hexmcp.too") ||
        hexmcp_fake_interface(p, "")) {
        pthread_mutex_lock(&p->fake->mutex);
        hexmcp_fake_breach_(p->fake, "get_interface() knows an id that does not exist; compare ids "
                            "whole");
        pthread_mutex_unlock(&p->fake->mutex);
    }
    p->tool = (const hexmcp_tool_1 *)hexmcp_fake_interface(p, HEXMCP_TOOL_1);
    p->resource = (const hexmcp_resource_1 *)hexmcp_fake_interface(p, HEXMCP_RESOURCE_1);
    p->prompt = (const hexmcp_prompt_1 *)hexmcp_fake_interface(p, HEXMCP_PROMPT_1);
}

/* Gives the settings, a JSON object, and asks for the tables. */
static inline int32_t hexmcp_fake_init(hexmcp_fake_plugin *p, const char *config, hexmcp_error *err)
{
    char *copy = hexmcp_fake_copy_(config, strlen(config));
    hexmcp_str text = {copy, strlen(config)};
    int32_t status;
    hexmcp_fake_clear_(err);
    status = p->plugin->init(p->plugin->self, text, err);
    free(copy);
    hexmcp_fake_check_failure_(p->fake, "init", status, err);
    if (status == HEXMCP_OK)
        hexmcp_fake_tables_(p);
    return status;
}

/* Calls may be made from here on. */
static inline int32_t hexmcp_fake_start(hexmcp_fake_plugin *p, hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    hexmcp_fake_clear_(err);
    if (HEXMCP_HAS(p->plugin, start))
        status = p->plugin->start(p->plugin->self, err);
    hexmcp_fake_check_failure_(p->fake, "start", status, err);
    p->started_ = status == HEXMCP_OK;
    return status;
}

/* Answers what waits, as hexmcp_fake_quiesce, and stops the instance if it was started. */
static inline void hexmcp_fake_stop(hexmcp_fake_plugin *p)
{
    hexmcp_fake_quiesce(p->fake);
    if (p->started_ && HEXMCP_HAS(p->plugin, stop))
        p->plugin->stop(p->plugin->self);
    p->started_ = 0;
}

/* Destroys the instance, if there is one; stops it before. The host stays. */
static inline void hexmcp_fake_destroy(hexmcp_fake_plugin *p)
{
    if (p->plugin) {
        hexmcp_fake_stop(p);
        p->plugin->destroy(p->plugin->self);
    }
    p->plugin = NULL;
    p->tool = NULL;
    p->resource = NULL;
    p->prompt = NULL;
}

/* All of it: a new host, create, init with `config`, start. Aborts with the reason if a step fails. */
static inline void hexmcp_fake_load(hexmcp_fake_plugin *p, const char *path, const char *config)
{
    hexmcp_error err;
    if (hexmcp_fake_create_from(p, hexmcp_fake_new(), path, &err) != HEXMCP_OK ||
        hexmcp_fake_init(p, config, &err) != HEXMCP_OK || hexmcp_fake_start(p, &err) != HEXMCP_OK)
        hexmcp_fake_die_("%s: %s", path, err.text);
}

/* The same for a plugin that is linked into the test. */
static inline void hexmcp_fake_load_linked(hexmcp_fake_plugin *p, const hexmcp_plugin_info_1 *info,
                                           hexmcp_plugin_create_fn create, const char *config)
{
    hexmcp_error err;
    if (hexmcp_fake_create(p, hexmcp_fake_new(), info, create, &err) != HEXMCP_OK ||
        hexmcp_fake_init(p, config, &err) != HEXMCP_OK || hexmcp_fake_start(p, &err) != HEXMCP_OK)
        hexmcp_fake_die_("%s: %s", info->id, err.text);
}

/* Destroys the instance and frees its host, which aborts if there was a breach. */
static inline void hexmcp_fake_unload(hexmcp_fake_plugin *p)
{
    hexmcp_fake_destroy(p);
    hexmcp_fake_free(p->fake);
    p->fake = NULL;
}

/* ---- threads ---- */

typedef struct hexmcp_fake_work_ {
    hexmcp_fake *fake;
    void *(*function)(void *);
    void *arg;
} hexmcp_fake_work_;

static inline void *hexmcp_fake_work_main_(void *arg)
{
    hexmcp_fake_work_ work = *(hexmcp_fake_work_ *)arg;
    free(arg);
    pthread_setspecific(work.fake->worker, work.fake);
    return work.function(work.arg);
}

/* Runs function(arg) on a thread that counts as a worker; end it with pthread_join. */
static inline pthread_t hexmcp_fake_worker(hexmcp_fake *fake, void *(*function)(void *), void *arg)
{
    pthread_t thread;
    hexmcp_fake_work_ *work = (hexmcp_fake_work_ *)hexmcp_fake_alloc_(sizeof(*work));
    work->fake = fake;
    work->function = function;
    work->arg = arg;
    if (pthread_create(&thread, NULL, hexmcp_fake_work_main_, work) != 0)
        hexmcp_fake_die_("cannot make a thread");
    return thread;
}

/* ---- calls ---- */

static inline void hexmcp_fake_perform_(hexmcp_fake_asked *asked)
{
    int32_t status = asked->function(asked->arg, asked->call, asked->text, &asked->err);
    int i;
    /* arguments are borrowed until return, also by a call that is pending */
    for (i = 0; i < HEXMCP_FAKE_TEXTS; i++)
        free((char *)(uintptr_t)asked->text[i].ptr);
    pthread_mutex_lock(&asked->fake->mutex);
    asked->status = status;
    asked->returned = 1;
    pthread_cond_broadcast(&asked->fake->changed);
    pthread_mutex_unlock(&asked->fake->mutex);
}

static inline void *hexmcp_fake_worker_(void *arg)
{
    hexmcp_fake_asked *asked = (hexmcp_fake_asked *)arg;
    pthread_setspecific(asked->fake->worker, asked);
    hexmcp_fake_perform_(asked);
    return NULL;
}

static inline hexmcp_fake_asked *hexmcp_fake_asked_new_(hexmcp_fake *fake, const hexmcp_str *texts,
                                                        unsigned count)
{
    hexmcp_fake_asked *asked = (hexmcp_fake_asked *)hexmcp_fake_alloc_(sizeof(*asked));
    unsigned i;
    asked->fake = fake;
    asked->call = hexmcp_fake_open(fake);
    hexmcp_fake_clear_(&asked->err);
    for (i = 0; i < HEXMCP_FAKE_TEXTS; i++) {
        size_t len = i < count ? texts[i].len : 0;
        char *copy = (char *)hexmcp_fake_alloc_(len);
        if (len > 0)
            memcpy(copy, texts[i].ptr, len);
        asked->text[i].ptr = copy;
        asked->text[i].len = len;
    }
    return asked;
}

static inline void hexmcp_fake_launch_(hexmcp_fake_asked *asked, uint32_t thread)
{
    asked->on_worker = thread == HEXMCP_FAKE_ON_WORKER;
    if (!asked->on_worker)
        hexmcp_fake_perform_(asked);
    else if (pthread_create(&asked->thread, NULL, hexmcp_fake_worker_, asked) != 0)
        hexmcp_fake_die_("cannot make a thread");
}

/* Begins a call of your own, for tables that hexmcp_fake_begin does not know: `function` is called with
 * `arg`, a new call id and copies of `count` texts, each in a block of its own size that is gone when
 * the function returns, so that a sanitizer sees a read past the end or after it. `thread` is
 * HEXMCP_FAKE_ON_WORKER or HEXMCP_FAKE_ON_LOOP. Must be followed by hexmcp_fake_end. */
static inline hexmcp_fake_asked *hexmcp_fake_begin_with(hexmcp_fake *fake, uint32_t thread,
                                                        hexmcp_fake_fn function, void *arg,
                                                        const hexmcp_str *texts, unsigned count)
{
    hexmcp_fake_asked *asked = hexmcp_fake_asked_new_(fake, texts, count);
    asked->function = function;
    asked->arg = arg;
    hexmcp_fake_launch_(asked, thread);
    return asked;
}

static inline int32_t hexmcp_fake_resume_(const hexmcp_fake_plugin *p, uint32_t kind,
                                          hexmcp_call call, const hexmcp_str *t, hexmcp_error *err)
{
    if (kind == HEXMCP_FAKE_RESUME_CALL && p->tool && HEXMCP_HAS(p->tool, resume))
        return p->tool->resume(p->tool->self, call, t[0], t[1], t[2], t[3], err);
    if (kind == HEXMCP_FAKE_RESUME_READ && p->resource && HEXMCP_HAS(p->resource, resume))
        return p->resource->resume(p->resource->self, call, t[0], t[1], t[2], t[3], err);
    if (kind == HEXMCP_FAKE_RESUME_RENDER && p->prompt && HEXMCP_HAS(p->prompt, resume))
        return p->prompt->resume(p->prompt->self, call, t[0], t[1], t[2], t[3], err);
    if (kind == HEXMCP_FAKE_COMPLETE_URI && p->resource && HEXMCP_HAS(p->resource, complete))
        return p->resource->complete(p->resource->self, call, t[0], t[1], t[2], t[3], err);
    if (kind == HEXMCP_FAKE_COMPLETE_PROMPT && p->prompt && HEXMCP_HAS(p->prompt, complete))
        return p->prompt->complete(p->prompt->self, call, t[0], t[1], t[2], t[3], err);
    return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "the plugin's table has no such function");
}

static inline int32_t hexmcp_fake_serve_(void *arg, hexmcp_call call, const hexmcp_str *t,
                                         hexmcp_error *err)
{
    const hexmcp_fake_asked *asked = (const hexmcp_fake_asked *)arg;
    const hexmcp_fake_plugin *p = asked->plugin;
    if (asked->kind == HEXMCP_FAKE_CALL && p->tool && HEXMCP_HAS(p->tool, call))
        return p->tool->call(p->tool->self, call, t[0], t[1], err);
    if (asked->kind == HEXMCP_FAKE_READ && p->resource && HEXMCP_HAS(p->resource, read))
        return p->resource->read(p->resource->self, call, t[0], t[1], err);
    if (asked->kind == HEXMCP_FAKE_RENDER && p->prompt && HEXMCP_HAS(p->prompt, render))
        return p->prompt->render(p->prompt->self, call, t[0], t[1], err);
    return hexmcp_fake_resume_(p, asked->kind, call, t, err);
}

/* Begins a call of the plugin, on the thread that p->thread says. `kind` is HEXMCP_FAKE_CALL or one of
 * its neighbours, `texts` the texts of that kind, `count` how many are given. Must be followed by
 * hexmcp_fake_end. */
static inline hexmcp_fake_asked *hexmcp_fake_begin(const hexmcp_fake_plugin *p, uint32_t kind,
                                                   const hexmcp_str *texts, unsigned count)
{
    hexmcp_fake_asked *asked = hexmcp_fake_asked_new_(p->fake, texts, count);
    asked->function = hexmcp_fake_serve_;
    asked->arg = asked;
    asked->plugin = p;
    asked->kind = kind;
    hexmcp_fake_launch_(asked, p->thread);
    return asked;
}

/* The same for a tool, with NUL-terminated texts. */
static inline hexmcp_fake_asked *hexmcp_fake_begin_tool(const hexmcp_fake_plugin *p,
                                                        const char *name, const char *args)
{
    hexmcp_str texts[2];
    texts[0] = hexmcp_str_from(name);
    texts[1] = hexmcp_str_from(args);
    return hexmcp_fake_begin(p, HEXMCP_FAKE_CALL, texts, 2);
}

/* Cancels a call that hexmcp_fake_begin began, as the host does: hexmcp.call/1 says so from now on,
 * and the table's cancel(), if it has one, is called on this thread. */
static inline void hexmcp_fake_cancel(hexmcp_fake_asked *asked)
{
    const hexmcp_fake_plugin *p = asked->plugin;
    hexmcp_fake_mark_cancelled(asked->fake, asked->call);
    if (!p)
        return;
    if (asked->kind == HEXMCP_FAKE_CALL || asked->kind == HEXMCP_FAKE_RESUME_CALL) {
        if (p->tool && HEXMCP_HAS(p->tool, cancel))
            p->tool->cancel(p->tool->self, asked->call);
    } else if (asked->kind == HEXMCP_FAKE_READ || asked->kind == HEXMCP_FAKE_RESUME_READ ||
               asked->kind == HEXMCP_FAKE_COMPLETE_URI) {
        if (p->resource && HEXMCP_HAS(p->resource, cancel))
            p->resource->cancel(p->resource->self, asked->call);
    } else if (p->prompt && HEXMCP_HAS(p->prompt, cancel)) {
        p->prompt->cancel(p->prompt->self, asked->call);
    }
}

/* With the mutex held: when something is due next, `end` if nothing is before it. */
static inline uint64_t hexmcp_fake_next_due_(const hexmcp_fake *fake, uint64_t end)
{
    const hexmcp_fake_reply_ *r;
    uint64_t now = hexmcp_fake_now_(fake);
    for (r = fake->replies; r; r = r->next) {
        if (!r->is_timer || r->due <= now)
            return 0;
        if (fake->real_time && r->due < end)
            end = r->due;
    }
    return end;
}

/* With the mutex held: waits for a change until `until` on the real clock. */
static inline void hexmcp_fake_sleep_(hexmcp_fake *fake, uint64_t until)
{
    struct timespec t;
    t.tv_sec = (time_t)(until / 1000);
    t.tv_nsec = (long)(until % 1000) * 1000000;
    pthread_cond_timedwait(&fake->changed, &fake->mutex, &t);
}

/* With the mutex held: has the call ended? */
static inline int hexmcp_fake_ended_(const hexmcp_fake_asked *asked)
{
    const hexmcp_fake_call_ *call = hexmcp_fake_find_call_(asked->fake, asked->call);
    return asked->returned &&
           (asked->status != HEXMCP_PENDING || call->completed || call->given_up);
}

/* Turns the loop until the call has ended, and returns 1; 0 if it has not within the limit. */
static inline int hexmcp_fake_wait_(hexmcp_fake_asked *asked)
{
    hexmcp_fake *fake = asked->fake;
    uint64_t end = hexmcp_fake_clock_ms_() + fake->limit_ms;
    for (;;) {
        int ended;
        uint64_t due;
        hexmcp_fake_turn(fake);
        pthread_mutex_lock(&fake->mutex);
        ended = hexmcp_fake_ended_(asked);
        due = hexmcp_fake_next_due_(fake, end);
        if (!ended && due > 0)
            hexmcp_fake_sleep_(fake, due);
        pthread_mutex_unlock(&fake->mutex);
        if (ended)
            return 1;
        if (hexmcp_fake_clock_ms_() >= end)
            return 0;
    }
}

/* With the mutex held: what was wrong with the way in which the call ended. */
static inline void hexmcp_fake_check_end_(const hexmcp_fake_asked *asked,
                                          const hexmcp_fake_call_ *call)
{
    hexmcp_fake *fake = asked->fake;
    unsigned long long n = (unsigned long long)asked->call;
    int32_t status = asked->status;
    if (status < HEXMCP_OK && call->completed)
        hexmcp_fake_breach_(fake, "call %llu was completed, and its function returned the error %d",
                            n, (int)status);
    if (status < HEXMCP_OK && (asked->err.code != status || asked->err.text[0] == '\0'))
        hexmcp_fake_breach_(fake, "call %llu returned %d, but its error says %d \"%s\"", n,
                            (int)status, (int)asked->err.code, asked->err.text);
    if (status == HEXMCP_OK && !call->completed && !call->given_up)
        hexmcp_fake_breach_(fake, "call %llu returned HEXMCP_OK, but was not completed", n);
    if (status > HEXMCP_PENDING)
        hexmcp_fake_breach_(fake, "call %llu returned the unknown status %d", n, (int)status);
}

/* With the mutex held: fills *ret and forgets the call, unless it may still be completed late. */
static inline void hexmcp_fake_take_(const hexmcp_fake_asked *asked, hexmcp_fake_answer *ret)
{
    hexmcp_fake *fake = asked->fake;
    hexmcp_fake_call_ **at = &fake->calls;
    hexmcp_fake_call_ *call;
    while ((*at)->id != asked->call)
        at = &(*at)->next;
    call = *at;
    hexmcp_fake_check_end_(asked, call);
    ret->error = asked->err;
    if (call->given_up && !call->completed)
        return;
    *at = call->next;
    ret->status = asked->status;
    if (asked->status < HEXMCP_OK) {
        fake->failed[fake->failed_count++ % 16] = asked->call;
        free(call->json);
    } else {
        ret->outcome = call->completed ? call->outcome : HEXMCP_FAIL;
        ret->json = call->json;
        ret->len = call->len;
    }
    free(call);
}

/* The call did not end: it is given up. If its function has not even returned, its thread stays, and
 * with it all that it uses. Returns whether it has returned. */
static inline int hexmcp_fake_expire_(hexmcp_fake_asked *asked)
{
    hexmcp_fake *fake = asked->fake;
    int returned;
    pthread_mutex_lock(&fake->mutex);
    returned = asked->returned;
    if (!returned)
        fake->stuck++;
    hexmcp_fake_find_call_(fake, asked->call)->given_up = 1;
    hexmcp_fake_breach_(fake, "call %llu did not %s within %llu ms%s",
                        (unsigned long long)asked->call, returned ? "complete" : "return",
                        (unsigned long long)fake->limit_ms,
                        fake->timer_count > 0 && !fake->real_time
                            ? "; a timer waits: see hexmcp_fake_advance and hexmcp_fake_real_time"
                            : "");
    pthread_mutex_unlock(&fake->mutex);
    if (asked->on_worker && returned)
        pthread_join(asked->thread, NULL);
    else if (asked->on_worker)
        pthread_detach(asked->thread);
    return returned;
}

static inline void hexmcp_fake_answer_clear_(hexmcp_fake_answer *ret, hexmcp_call call)
{
    memset(ret, 0, sizeof(*ret));
    hexmcp_fake_clear_(&ret->error);
    ret->call = call;
    ret->status = HEXMCP_E_TIMEOUT;
    ret->outcome = HEXMCP_FAIL;
}

/* Waits for the end and writes *ret. Returns 0 if `asked` is still in use. */
static inline int hexmcp_fake_finish_(hexmcp_fake_asked *asked, hexmcp_fake_answer *ret)
{
    hexmcp_fake *fake = asked->fake;
    hexmcp_fake_answer_clear_(ret, asked->call);
    if (!hexmcp_fake_wait_(asked))
        return hexmcp_fake_expire_(asked);
    if (asked->on_worker)
        pthread_join(asked->thread, NULL);
    pthread_mutex_lock(&fake->mutex);
    hexmcp_fake_take_(asked, ret);
    pthread_mutex_unlock(&fake->mutex);
    return 1;
}

/* Turns the loop until the call has ended, notes breaches, and writes *ret, which
 * hexmcp_fake_answer_free frees. `asked` is consumed. A call that does not end within the limit
 * (hexmcp_fake_limit) is a breach, and *ret has the status HEXMCP_E_TIMEOUT, as it has for a call that
 * was given up. */
static inline void hexmcp_fake_end(hexmcp_fake_asked *asked, hexmcp_fake_answer *ret)
{
    if (hexmcp_fake_finish_(asked, ret))
        free(asked);
}

/* The same for a call that you made by hand: with an id from hexmcp_fake_open, by a function of the
 * plugin's that returned `status` and filled *err. */
static inline void hexmcp_fake_close(hexmcp_fake *fake, hexmcp_call id, int32_t status,
                                     const hexmcp_error *err, hexmcp_fake_answer *ret)
{
    hexmcp_fake_asked asked;
    memset(&asked, 0, sizeof(asked));
    asked.fake = fake;
    asked.call = id;
    asked.returned = 1;
    asked.status = status;
    asked.err = *err;
    hexmcp_fake_finish_(&asked, ret);
}

static inline void hexmcp_fake_answer_free(hexmcp_fake_answer *answer)
{
    free(answer->json);
    answer->json = NULL;
}

/* Makes a call and takes it to its end: hexmcp_fake_begin and hexmcp_fake_end. The texts are
 * NUL-terminated; NULL for those that the kind does not have. */
static inline void hexmcp_fake_ask(const hexmcp_fake_plugin *p, uint32_t kind, const char *a,
                                   const char *b, const char *c, const char *d,
                                   hexmcp_fake_answer *ret)
{
    hexmcp_str texts[4];
    texts[0] = hexmcp_str_from(a);
    texts[1] = hexmcp_str_from(b);
    texts[2] = hexmcp_str_from(c);
    texts[3] = hexmcp_str_from(d);
    hexmcp_fake_end(hexmcp_fake_begin(p, kind, texts, 4), ret);
}

/* Runs the tool `name` with the arguments `args`, a JSON object. */
static inline void hexmcp_fake_run(const hexmcp_fake_plugin *p, const char *name, const char *args,
                                   hexmcp_fake_answer *ret)
{
    hexmcp_fake_ask(p, HEXMCP_FAKE_CALL, name, args, NULL, NULL, ret);
}

#ifdef __cplusplus
}
#endif

#endif
