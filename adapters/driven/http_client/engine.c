/* The thread: gives libcurl its turns and brings it what other threads say. */
#include "adapters/driven/http_client/engine.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "adapters/driven/http_client/exchange.h"

/* As good as for ever. */
#define LONG_MS (24 * 3600 * 1000)

#define KEPT_CONNECTIONS 32L

struct http_engine {
    struct http_engine_config config;
    pthread_t thread;
    pthread_mutex_t lock;
    struct http_exchange *mail; /* guarded by lock, as stopping and over of exchanges */
    bool stopping;
    int wake;
    CURLM *multi;
    struct http_exchange *running;
    bool keeps; /* connections, perhaps */
};

const struct http_events *exchange_events(const struct http_exchange *x)
{
    return &x->engine->config.events;
}

const struct http_engine_config *exchange_config(const struct http_exchange *x)
{
    return &x->engine->config;
}

static void wake(struct http_engine *engine)
{
    uint64_t one = 1;
    ssize_t written = write(engine->wake, &one, sizeof(one));
    (void)written; /* it fails only if the thread has not looked for 2^64 times */
}

/* ---- the end of an exchange ---- */

static void forget_transfer(struct http_exchange *x)
{
    if (x->easy) {
        curl_multi_remove_handle(x->engine->multi, x->easy);
        curl_easy_cleanup(x->easy);
    }
    curl_url_cleanup(x->url);
    curl_slist_free_all(x->lines);
    free(x->location);
    unpack_clear(&x->unpacker);
    x->easy = NULL;
    x->url = NULL;
    x->lines = NULL;
    x->location = NULL;
}

static void unlink_running(struct http_exchange *x)
{
    if (x->previous)
        x->previous->next = x->next;
    else
        x->engine->running = x->next;
    if (x->next)
        x->next->previous = x->previous;
}

/* The exchange may be freed by another thread from here on. */
static void end(struct http_exchange *x, const struct error *err)
{
    struct http_engine *engine = x->engine;
    struct http_end told = {.bytes = x->bytes, .redirects = x->redirects};
    void *arg = x->request.arg;
    if (err)
        told.error = *err;
    forget_transfer(x);
    unlink_running(x);
    pthread_mutex_lock(&engine->lock);
    x->over = true;
    pthread_mutex_unlock(&engine->lock);
    engine->config.events.end(arg, &told);
}

/* Which place it was that failed is what a person asks first. */
static void fail(struct http_exchange *x, struct error *err)
{
    char place[300];
    place_text(&x->place, place);
    error_prefix(err, "%s: ", place);
    end(x, err);
}

static void end_cancelled(struct http_exchange *x)
{
    struct error err;
    error_set(&err, ST_CANCELLED, "the request was ended");
    end(x, &err);
}

static void complete(struct http_exchange *x)
{
    struct error err;
    if (exchange_check_end(x, &err))
        fail(x, &err);
    else
        end(x, NULL);
}

/* ---- hops ---- */

static int add(struct http_exchange *x, struct error *err)
{
    int rc = exchange_prepare(x, err);
    if (!rc && curl_multi_add_handle(x->engine->multi, x->easy))
        rc = error_set(err, ST_NOMEM, "out of memory");
    return rc;
}

static int read_request(struct http_exchange *x, struct error *err)
{
    x->easy = curl_easy_init();
    int rc = x->easy ? url_parse(x->request.url, &x->url, err)
                     : error_set(err, ST_NOMEM, "out of memory");
    return rc ? rc : url_place(x->url, &x->place, err);
}

/* False: it is over already. */
static bool start(struct http_exchange *x)
{
    struct http_engine *engine = x->engine;
    struct error err;
    x->next = engine->running;
    if (x->next)
        x->next->previous = x;
    engine->running = x;
    engine->keeps = true;
    if (read_request(x, &err)) {
        end(x, &err);
        return false;
    }
    if (add(x, &err)) {
        fail(x, &err);
        return false;
    }
    return true;
}

static void turn(struct http_exchange *x)
{
    struct error err;
    if (exchange_turn(x, &err) || add(x, &err))
        fail(x, &err);
}

static void hop_done(struct http_exchange *x, CURLcode code)
{
    struct error err;
    curl_multi_remove_handle(x->engine->multi, x->easy);
    x->resolving = false;
    if (x->cancelled) {
        end_cancelled(x);
        return;
    }
    if (x->location && !x->failure.code) {
        turn(x);
        return;
    }
    if (code) {
        exchange_explain(x, code, &err);
        fail(x, &err);
        return;
    }
    x->transferred = true;
    if (!exchange_waits(x))
        complete(x);
}

static void look_for_done(struct http_engine *engine)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(engine->multi, &left))) {
        struct http_exchange *x = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&x);
        hop_done(x, code);
    }
}

/* ---- mail ---- */

static void go_on(struct http_exchange *x)
{
    struct error err;
    CURLcode code = CURLE_OK;
    bool drained = exchange_drain(x);
    if (drained && exchange_waits(x))
        return;
    if (drained && x->transferred) {
        complete(x);
        return;
    }
    if (drained)
        code = curl_easy_pause(x->easy, CURLPAUSE_CONT);
    if (code == CURLE_BAD_FUNCTION_ARGUMENT)
        return; /* it has no connection yet, so nothing that could pause */
    if (!drained || code) {
        exchange_explain(x, code, &err);
        fail(x, &err);
    }
}

static void take_written(struct http_exchange *x, struct exchange_mail *mail)
{
    buffer_add(&x->upload, mail->written.data, mail->written.len);
    if (buffer_failed(&x->upload))
        error_set(&x->failure, ST_NOMEM, "out of memory");
    buffer_clear(&mail->written);
    x->upload_complete = x->upload_complete || mail->finished;
}

static void read_mail(struct http_exchange *x, struct exchange_mail *mail)
{
    take_written(x, mail);
    if (mail->fresh && !start(x))
        return;
    x->cancelled = x->cancelled || mail->cancelled;
    if (x->cancelled) {
        /* A thread that resolves cannot be ended; the request holds its place as long as it runs. */
        if (!x->resolving)
            end_cancelled(x);
        return;
    }
    x->ahead -= mail->granted < x->ahead ? mail->granted : x->ahead;
    go_on(x);
}

/* An exchange that is over may be freed as soon as the lock is open. */
static struct http_exchange *next_mail(struct http_engine *engine, struct exchange_mail *mail)
{
    pthread_mutex_lock(&engine->lock);
    struct http_exchange *x = engine->mail;
    while (x && x->over) {
        x->in_mail = false;
        x = x->next_mail;
    }
    engine->mail = x ? x->next_mail : NULL;
    if (x) {
        x->in_mail = false;
        *mail = x->mail;
        x->mail = (struct exchange_mail){.fresh = false};
    }
    pthread_mutex_unlock(&engine->lock);
    return x;
}

static bool is_stopping(struct http_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    bool stopping = engine->stopping;
    pthread_mutex_unlock(&engine->lock);
    return stopping;
}

/* The lock is held. */
static void post(struct http_exchange *x)
{
    if (x->in_mail || x->over)
        return;
    x->in_mail = true;
    x->next_mail = x->engine->mail;
    x->engine->mail = x;
    wake(x->engine);
}

/* ---- the thread ---- */

static void read_all_mail(struct http_engine *engine)
{
    struct exchange_mail mail;
    struct http_exchange *x;
    while ((x = next_mail(engine, &mail)))
        read_mail(x, &mail);
}

static void end_all(struct http_engine *engine)
{
    struct error err;
    while (engine->running) {
        error_set(&err, ST_CANCELLED, "hexmcp ends");
        end(engine->running, &err);
    }
}

/* Closes the connections that were kept. Without memory they stay. */
static void renew(struct http_engine *engine)
{
    CURLM *multi = curl_multi_init();
    if (!multi)
        return;
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, KEPT_CONNECTIONS);
    curl_multi_cleanup(engine->multi);
    engine->multi = multi;
    engine->keeps = false;
}

static void wait_for_something(struct http_engine *engine)
{
    struct curl_waitfd extra = {.fd = engine->wake, .events = CURL_WAIT_POLLIN};
    uint64_t count;
    int ready = 0;
    curl_multi_poll(engine->multi, &extra, 1, engine->keeps ? engine->config.idle_ms : LONG_MS, &ready);
    if (ready == 0 && !engine->running)
        renew(engine);
    while (read(engine->wake, &count, sizeof(count)) < 0 && errno == EINTR)
        continue;
}

static void *run(void *arg)
{
    struct http_engine *engine = arg;
    int running;
    for (;;) {
        read_all_mail(engine);
        if (is_stopping(engine))
            break;
        curl_multi_perform(engine->multi, &running);
        look_for_done(engine);
        wait_for_something(engine);
    }
    end_all(engine);
    return NULL;
}

static int start_thread(struct http_engine *engine, struct error *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&engine->thread, NULL, run, engine);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed ? error_set(err, ST_UNAVAILABLE, "the thread for requests cannot be started: %s",
                              strerror(failed))
                  : ST_OK;
}

static void free_parts(struct http_engine *engine)
{
    curl_multi_cleanup(engine->multi);
    if (engine->wake >= 0)
        close(engine->wake);
    pthread_mutex_destroy(&engine->lock);
    free(engine);
}

int engine_start(const struct http_engine_config *config, struct http_engine **out,
                 struct error *err)
{
    struct http_engine *engine = calloc(1, sizeof(*engine));
    if (!engine)
        return error_set(err, ST_NOMEM, "out of memory");
    engine->config = *config;
    pthread_mutex_init(&engine->lock, NULL);
    engine->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    renew(engine);
    int rc = engine->wake < 0 || !engine->multi
                 ? error_set(err, ST_UNAVAILABLE, "libcurl cannot be set up: %s", strerror(errno))
                 : start_thread(engine, err);
    if (rc)
        free_parts(engine);
    else
        *out = engine;
    return rc;
}

void engine_stop(struct http_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->stopping = true;
    wake(engine);
    pthread_mutex_unlock(&engine->lock);
    pthread_join(engine->thread, NULL);
}

void engine_free(struct http_engine *engine)
{
    free_parts(engine);
}

/* ---- what others say ---- */

int engine_begin(struct http_engine *engine, const struct http_request *request,
                 struct http_exchange **out, struct error *err)
{
    struct http_exchange *x = calloc(1, sizeof(*x));
    if (!x)
        return error_set(err, ST_NOMEM, "out of memory");
    x->engine = engine;
    x->request = *request;
    x->sends_body = request->body.len > 0 || request->streams;
    memcpy(x->method, request->method, strlen(request->method) + 1);
    x->mail.fresh = true;
    pthread_mutex_lock(&engine->lock);
    *out = x;
    post(x);
    pthread_mutex_unlock(&engine->lock);
    return ST_OK;
}

void engine_grant(struct http_exchange *x, size_t bytes)
{
    pthread_mutex_lock(&x->engine->lock);
    x->mail.granted += bytes;
    post(x);
    pthread_mutex_unlock(&x->engine->lock);
}

bool engine_write(struct http_exchange *x, struct str piece)
{
    pthread_mutex_lock(&x->engine->lock);
    if (!x->over)
        buffer_add_str(&x->mail.written, piece);
    bool failed = buffer_failed(&x->mail.written);
    post(x);
    pthread_mutex_unlock(&x->engine->lock);
    return !failed;
}

void engine_finish(struct http_exchange *x)
{
    pthread_mutex_lock(&x->engine->lock);
    x->mail.finished = true;
    post(x);
    pthread_mutex_unlock(&x->engine->lock);
}

void engine_cancel(struct http_exchange *x)
{
    pthread_mutex_lock(&x->engine->lock);
    x->mail.cancelled = true;
    post(x);
    pthread_mutex_unlock(&x->engine->lock);
}

static void leave_mail(struct http_exchange *x)
{
    struct http_exchange **at = &x->engine->mail;
    while (*at && *at != x)
        at = &(*at)->next_mail;
    if (*at)
        *at = x->next_mail;
}

void engine_free_exchange(struct http_exchange *x)
{
    pthread_mutex_lock(&x->engine->lock);
    leave_mail(x);
    pthread_mutex_unlock(&x->engine->lock);
    buffer_clear(&x->mail.written);
    buffer_clear(&x->upload);
    buffer_clear(&x->rest);
    buffer_clear(&x->head.text);
    buffer_clear(&x->head.lengths);
    free(x);
}
