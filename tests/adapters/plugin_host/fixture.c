#include "tests/adapters/plugin_host/fixture.h"

#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "adapters/driven/loop/loop.h"

/* Until something counts as lost: helpers under sanitizers on a busy machine take their time. */
#define PATIENCE_S 60

struct task {
    struct task *next;
    void (*fn)(void *arg);
    void *arg;
};

struct timer {
    struct timer *next;
    void (*fire)(void *arg);
    void *arg;
    uint64_t due_ms;
    bool set;
};

struct job {
    struct fixture *f;
    void (*work)(void *arg);
    void (*done)(void *arg);
    void *arg;
};

static int post(void *ctx, void (*fn)(void *arg), void *arg)
{
    struct fixture *f = ctx;
    struct task *task = calloc(1, sizeof(*task));
    *task = (struct task){NULL, fn, arg};
    pthread_mutex_lock(&f->lock);
    if (f->tasks_last)
        f->tasks_last->next = task;
    else
        f->tasks = task;
    f->tasks_last = task;
    pthread_cond_signal(&f->wake);
    pthread_mutex_unlock(&f->lock);
    return ST_OK;
}

static void *job_thread(void *arg)
{
    struct job *job = arg;
    job->work(job->arg);
    post(job->f, job->done, job->arg);
    free(job);
    return NULL;
}

static int submit(void *ctx, void (*work)(void *), void (*done)(void *), void *arg,
                  struct error *err)
{
    struct fixture *f = ctx;
    pthread_t thread;
    if (f->busy)
        return error_set(err, ST_BUSY, "the queue is full");
    struct job *job = calloc(1, sizeof(*job));
    *job = (struct job){f, work, done, arg};
    assert_int_equal(pthread_create(&thread, NULL, job_thread, job), 0);
    pthread_detach(thread);
    return ST_OK;
}

static struct task *take_task(struct fixture *f)
{
    pthread_mutex_lock(&f->lock);
    struct task *task = f->tasks;
    if (task) {
        f->tasks = task->next;
        if (!f->tasks)
            f->tasks_last = NULL;
    }
    pthread_mutex_unlock(&f->lock);
    return task;
}

/* Tasks and what helpers say. False after so many turns of a millisecond without either. */
static bool turn_with_helpers(struct fixture *f)
{
    struct task *task = take_task(f);
    struct pollfd fd = {.fd = uv_backend_fd(loop_uv(f->uv)), .events = POLLIN};
    if (task)
        task->fn(task->arg);
    else
        uv_run(loop_uv(f->uv), UV_RUN_NOWAIT); /* it begins to watch what is new */
    f->idle_turns = task || poll(&fd, 1, 1) > 0 ? 0 : f->idle_turns + 1;
    free(task);
    return f->idle_turns < PATIENCE_S * 1000;
}

bool fixture_passes(const struct fixture *f, const char *why)
{
    if (f->uv)
        printf("# not for helpers: %s\n", why);
    return f->uv != NULL;
}

bool fixture_isolated(const struct fixture *f)
{
    return f->uv != NULL;
}

bool fixture_turn(struct fixture *f)
{
    if (f->uv)
        return turn_with_helpers(f);
    struct timespec until;
    int rc = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&f->lock);
    while (!f->tasks && rc == 0)
        rc = pthread_cond_timedwait(&f->wake, &f->lock, &until);
    pthread_mutex_unlock(&f->lock);
    struct task *task = take_task(f);
    if (task)
        task->fn(task->arg);
    free(task);
    return task != NULL;
}

static uint64_t monotonic(void *ctx)
{
    struct fixture *f = ctx;
    pthread_mutex_lock(&f->lock);
    uint64_t now = f->now_ms * 1000000;
    pthread_mutex_unlock(&f->lock);
    return now;
}

static int64_t wall(void *ctx)
{
    (void)ctx;
    return 0;
}

static struct timer *timer_create_(void *ctx, void (*fire)(void *arg), void *arg)
{
    struct fixture *f = ctx;
    struct timer *t = calloc(1, sizeof(*t));
    *t = (struct timer){f->timers, fire, arg, 0, false};
    f->timers = t;
    return t;
}

static void timer_set(void *ctx, struct timer *t, uint64_t ms)
{
    struct fixture *f = ctx;
    t->due_ms = f->now_ms + ms;
    t->set = true;
}

static void timer_stop(void *ctx, struct timer *t)
{
    (void)ctx;
    t->set = false;
}

static void timer_free(void *ctx, struct timer *t)
{
    struct fixture *f = ctx;
    struct timer **at = &f->timers;
    if (!t)
        return;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    free(t);
}

static struct timer *next_due(struct fixture *f)
{
    struct timer *found = NULL;
    for (struct timer *t = f->timers; t; t = t->next)
        if (t->set && t->due_ms <= f->now_ms && (!found || t->due_ms < found->due_ms))
            found = t;
    return found;
}

void fixture_advance(struct fixture *f, uint64_t ms)
{
    struct timer *t;
    pthread_mutex_lock(&f->lock);
    f->now_ms += ms;
    pthread_mutex_unlock(&f->lock);
    while ((t = next_due(f))) {
        t->set = false;
        t->fire(t->arg);
    }
}

static void line(struct buffer *b, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buffer_add_str(b, str_from(text));
    buffer_add_char(b, '\n');
}

static void on_completed(void *ctx, uint64_t call, enum run_outcome outcome, struct str json)
{
    struct fixture *f = ctx;
    char begin[64];
    snprintf(begin, sizeof(begin), "completed %d %d ", (int)call, (int)outcome);
    buffer_add_str(&f->seen, str_from(begin));
    buffer_add_str(&f->seen, json);
    buffer_add_char(&f->seen, '\n');
}

static void on_failed(void *ctx, uint64_t call, const struct error *err)
{
    struct fixture *f = ctx;
    line(&f->seen, "failed %d %d %s", (int)call, err->code, err->text);
}

static void on_progress(void *ctx, uint64_t call, double progress, double total, struct str text)
{
    struct fixture *f = ctx;
    line(&f->seen, "progress %d %g/%g %.*s", (int)call, progress, total, STR_ARG(text));
}

static void on_log(void *ctx, uint64_t call, enum log_level level, struct str plugin,
                   struct str text)
{
    struct fixture *f = ctx;
    line(&f->seen, "log %d %d %.*s: %.*s", (int)call, (int)level, STR_ARG(plugin), STR_ARG(text));
}

static void on_released(void *ctx, uint64_t call)
{
    struct fixture *f = ctx;
    line(&f->seen, "released %d", (int)call);
}

static void write_log(void *ctx, enum log_level level, struct str component, struct str text)
{
    struct fixture *f = ctx;
    pthread_mutex_lock(&f->lock);
    line(&f->logs, "%d %.*s: %.*s", (int)level, STR_ARG(component), STR_ARG(text));
    pthread_mutex_unlock(&f->lock);
}

static void mark_lost(void *ctx, void *arg)
{
    struct fixture *f = ctx;
    (void)arg;
    f->lost++;
}

static int publish(void *ctx, const struct item *item, struct str *name, struct error *err)
{
    struct fixture *f = ctx;
    if (f->refusal)
        return error_set(err, ST_INVALID, "%s", f->refusal);
    assert_true(str_eq(item->name, item->local_name));
    line(&f->told, "%u publish %d %.*s %.*s %u %.*s", item->plugin, (int)item->kind,
         STR_ARG(item->local_name), STR_ARG(item->callers), item->timeout_ms, STR_ARG(item->json));
    *name = STR("as-clients-know-it");
    return ST_OK;
}

static int withdraw(void *ctx, uint32_t plugin, enum item_kind kind, struct str name,
                    struct error *err)
{
    struct fixture *f = ctx;
    if (str_eq(name, STR("absent")))
        return error_set(err, ST_NOT_FOUND, "there is none");
    line(&f->told, "%u withdraw %d %.*s", plugin, (int)kind, STR_ARG(name));
    return ST_OK;
}

static void resource_updated(void *ctx, uint32_t plugin, struct str uri)
{
    struct fixture *f = ctx;
    line(&f->told, "%u updated %.*s", plugin, STR_ARG(uri));
}

static void elicitation_complete(void *ctx, uint32_t plugin, struct str id)
{
    struct fixture *f = ctx;
    line(&f->told, "%u elicited %.*s", plugin, STR_ARG(id));
}

/* Not SHA-256, but a value that depends on the bytes: enough to tell files apart. */
static int digest(void *ctx, struct str data, uint8_t out[SHA256_BYTES], struct error *err)
{
    uint64_t sum = 1;
    (void)ctx;
    (void)err;
    for (size_t i = 0; i < data.len; i++)
        sum = sum * 31 + (unsigned char)data.ptr[i];
    memset(out, 0, SHA256_BYTES);
    memcpy(out, &sum, sizeof(sum));
    return ST_OK;
}

static void set_ports(struct fixture *f)
{
    f->clock = (struct clock_port){f, monotonic, wall};
    f->timer = (struct timer_port){f, timer_create_, timer_set, timer_stop, timer_free};
    f->executor = (struct executor_port){f, submit};
    f->log = (struct log_port){f, write_log};
    f->crypto = (struct crypto_port){.ctx = f, .sha256 = digest};
    f->lost_worker = (struct lost_worker_port){f, mark_lost};
    f->events = (struct run_events){f, on_completed, on_failed, on_progress, on_log, on_released};
    f->publisher =
        (struct publisher){f, publish, withdraw, resource_updated, elicitation_complete};
    f->config = (struct plugin_host_config){
        .places = &f->place,
        .place_count = 1,
        .version = "0.1.0",
        .clock = &f->clock,
        .timer = &f->timer,
        .executor = &f->executor,
        .log = &f->log,
        .crypto = &f->crypto,
        .lost_worker = &f->lost_worker,
        .post = post,
        .post_ctx = f,
    };
}

/* Times are those of the fixture's clock. */
static void set_isolation(struct fixture *f)
{
    const char *mode = getenv("HEXMCP_TEST_ISOLATION");
    struct error err;
    if (!mode || strcmp(mode, "isolated") != 0)
        return;
    assert_int_equal(loop_new(1, &f->uv, &err), ST_OK);
    f->isolation = (struct plugin_isolation){.loop = loop_uv(f->uv),
                                             .helper = getenv("TEST_HELPER"),
                                             .modules = getenv("TEST_MODULES"),
                                             .workers = 4,
                                             .start_ms = 10000,
                                             .ping_ms = 5000,
                                             .pong_ms = 10000,
                                             .term_ms = 2000,
                                             .crash_limit = 3,
                                             .crash_window_ms = 300000,
                                             .backoff_ms = 1000};
    f->config.isolation = &f->isolation;
    struct timespec now; /* helpers read deadlines by the real clock */
    clock_gettime(CLOCK_MONOTONIC, &now);
    f->now_ms = (uint64_t)now.tv_sec * 1000 + 10000;
}

int fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    const char *base = getenv("TMPDIR");
    umask(022);
    snprintf(f->dir, sizeof(f->dir), "%.40s/hexmcp-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(chmod(f->dir, 0755), 0);
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->wake, NULL);
    f->place = (struct plugin_place){f->dir, PLUGIN_USER, false, true};
    set_ports(f);
    set_isolation(f);
    *state = f;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    while (f->tasks)
        fixture_turn(f);
    while (f->timers)
        timer_free(f, f->timers);
    loop_free(f->uv);
    nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    buffer_clear(&f->seen);
    buffer_clear(&f->logs);
    buffer_clear(&f->told);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->wake);
    free(f);
    return 0;
}

const char *fixture_dir(struct fixture *f)
{
    return f->dir;
}

const char *fixture_path(struct fixture *f, const char *path)
{
    static char text[512];
    snprintf(text, sizeof(text), "%s/%s", f->dir, path);
    return text;
}

void fixture_write(struct fixture *f, const char *path, const char *text)
{
    char folder[512];
    snprintf(folder, sizeof(folder), "%s", fixture_path(f, path));
    char *slash = strrchr(folder, '/');
    *slash = '\0';
    mkdir(folder, 0755);
    FILE *file = fopen(fixture_path(f, path), "wb");
    assert_non_null(file);
    fwrite(text, 1, strlen(text), file);
    fclose(file);
}

static void copy(const char *from, const char *to)
{
    char bytes[65536];
    size_t n;
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
        fwrite(bytes, 1, n, out);
    fclose(in);
    fclose(out);
}

void fixture_bundle(struct fixture *f, const char *id)
{
    static const char *const files[] = {"plugin.json", "plugin.so"};
    char from[512], to[512];
    const char *bundles = getenv("TEST_PLUGINS");
    assert_non_null(bundles);
    snprintf(to, sizeof(to), "%s/%s", f->dir, id);
    mkdir(to, 0755);
    for (size_t i = 0; i < 2; i++) {
        snprintf(from, sizeof(from), "%s/%s/%s", bundles, id, files[i]);
        snprintf(to, sizeof(to), "%s/%s/%s", f->dir, id, files[i]);
        copy(from, to);
    }
}

void fixture_version(struct fixture *f, const char *name, const char *id)
{
    static const char *const files[] = {"plugin.json", "plugin.so"};
    char from[512], to[512], place[512];
    const char *bundles = getenv("TEST_PLUGINS");
    assert_non_null(bundles);
    snprintf(to, sizeof(to), "%s/%s", f->dir, id);
    mkdir(to, 0755);
    for (size_t i = 0; i < 2; i++) {
        snprintf(from, sizeof(from), "%s/versions/%s/%s/%s", bundles, name, id, files[i]);
        snprintf(to, sizeof(to), "%s/%s/new", f->dir, id);
        snprintf(place, sizeof(place), "%s/%s/%s", f->dir, id, files[i]);
        copy(from, to);
        assert_int_equal(rename(to, place), 0);
    }
}

void fixture_open(struct fixture *f)
{
    struct error err = {0};
    int rc = plugin_host_new(&f->config, &f->host, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, ST_OK);
    f->runtime = plugin_host_runtime(f->host);
    f->runtime->attach(f->runtime->ctx, &f->events);
    plugin_host_set_publisher(f->host, &f->publisher);
}

void fixture_close(struct fixture *f)
{
    if (!f->host)
        return;
    plugin_host_stop(f->host, 2000);
    while (f->tasks)
        fixture_turn(f);
    plugin_host_free(f->host);
    f->host = NULL;
}

/* Takes the last line, which begins so, out of the record. */
static bool take_line(struct fixture *f, const char *begin, struct error *err)
{
    size_t at = f->seen.len > 0 ? f->seen.len - 1 : 0;
    while (at > 0 && f->seen.data[at - 1] != '\n')
        at--;
    if (f->seen.len - at < strlen(begin) || memcmp(f->seen.data + at, begin, strlen(begin)) != 0)
        return false;
    const char *text = strstr(f->seen.data + at, " -10 ") + 5;
    error_set(err, ST_UNAVAILABLE, "%.*s", (int)(f->seen.data + f->seen.len - 1 - text), text);
    f->seen.len = at;
    return true;
}

static bool find(struct fixture *f, const char *id, struct plugin_facts *out, size_t *index)
{
    for (*index = 0; plugin_host_at(f->host, *index, out); (*index)++)
        if (str_eq(out->id, str_from(id)))
            return true;
    return false;
}

struct plugin_facts fixture_plugin(struct fixture *f, const char *id)
{
    struct plugin_facts facts;
    size_t index;
    if (!find(f, id, &facts, &index))
        fail_msg("no plugin %s", id);
    return facts;
}

#define PENDING_TURNS 200

static bool has_call(struct fixture *f, uint64_t call)
{
    char begin[3][32];
    snprintf(begin[0], sizeof(begin[0]), "completed %d ", (int)call);
    snprintf(begin[1], sizeof(begin[1]), "failed %d ", (int)call);
    snprintf(begin[2], sizeof(begin[2]), "released %d", (int)call);
    return fixture_count(f, begin[0]) || fixture_count(f, begin[1]) || fixture_count(f, begin[2]);
}

/* A plugin that cannot be loaded fails the call when it comes in this process, and in a helper as soon as
 * that is known. For calls on the loop, waits for the answer, so that both look the same. */
static int wait_for_helper(struct fixture *f, size_t index, const struct run_request *request,
                           struct error *err)
{
    struct plugin_facts facts;
    char begin[128];
    while (plugin_host_at(f->host, index, &facts) && facts.state == PLUGIN_STARTING)
        if (!fixture_turn(f))
            fail_msg("its helper does not start");
    snprintf(begin, sizeof(begin), "failed %d -10 plugin %.*s", (int)request->call,
             STR_ARG(facts.id));
    if (facts.state == PLUGIN_FAILED && take_line(f, begin, err))
        return err->code;
    /* One that is pending has no answer yet. */
    for (f->idle_turns = 0; request->on_loop && f->idle_turns < PENDING_TURNS;)
        if (has_call(f, request->call) || !fixture_turn(f))
            break;
    f->idle_turns = 0;
    return ST_OK;
}

void fixture_settle(struct fixture *f, const char *id)
{
    while (fixture_plugin(f, id).state == PLUGIN_STARTING)
        if (!fixture_turn(f))
            fail_msg("the helper of %s does not start", id);
}

int fixture_ask(struct fixture *f, const char *id, struct run_request *request, struct error *err)
{
    struct plugin_facts facts;
    size_t index;
    if (!find(f, id, &facts, &index))
        fail_msg("no plugin %s", id);
    request->plugin = (uint32_t)index;
    request->deadline_ns = monotonic(f) + 1000000000u;
    int rc = f->runtime->run(f->runtime->ctx, request, err);
    if (f->uv && !rc)
        rc = wait_for_helper(f, index, request, err);
    return rc;
}

int fixture_run(struct fixture *f, uint64_t call, const char *id, const char *tool,
                const char *args, bool on_loop, struct error *err)
{
    struct run_request request = {
        .call = call,
        .name = str_from(tool),
        .arguments = str_from(args),
        .on_loop = on_loop,
    };
    return fixture_ask(f, id, &request, err);
}

/* Lines that equal `text`, or begin with it. */
static size_t count_lines(struct fixture *f, const struct buffer *b, const char *text, bool begin)
{
    size_t found = 0, len = strlen(text);
    pthread_mutex_lock(&f->lock);
    for (size_t at = 0; at < b->len;) {
        const char *start = b->data + at;
        size_t length = (size_t)((char *)memchr(start, '\n', b->len - at) - start);
        found += (begin ? length >= len : length == len) && memcmp(start, text, len) == 0;
        at += length + 1;
    }
    pthread_mutex_unlock(&f->lock);
    return found;
}

static bool has_line(struct fixture *f, const struct buffer *b, const char *text)
{
    return count_lines(f, b, text, false) > 0;
}

size_t fixture_count(struct fixture *f, const char *begin)
{
    return count_lines(f, &f->seen, begin, true);
}

void fixture_wait_for(struct fixture *f, const char *begin)
{
    while (fixture_count(f, begin) == 0)
        if (!fixture_turn(f))
            fail_msg("waited in vain for: %s\nsaw: %.*s", begin, (int)f->seen.len, f->seen.data);
}

void fixture_wait(struct fixture *f, const char *text)
{
    while (!has_line(f, &f->seen, text))
        if (!fixture_turn(f))
            fail_msg("waited in vain for: %s\nsaw: %.*s", text, (int)f->seen.len, f->seen.data);
}

/* What a helper says comes when it comes. */
#define PATIENCE_TURNS 1000

static void turn_a_little(struct fixture *f)
{
    struct task *task = take_task(f);
    if (task)
        task->fn(task->arg);
    else
        usleep(1000);
    free(task);
    uv_run(loop_uv(f->uv), UV_RUN_NOWAIT);
}

void fixture_hear(struct fixture *f, unsigned ms)
{
    for (unsigned i = 0; f->uv && i < ms; i++)
        turn_a_little(f);
}

bool fixture_logged(struct fixture *f, const char *text)
{
    for (int i = 0; f->uv && i < PATIENCE_TURNS && !has_line(f, &f->logs, text); i++)
        turn_a_little(f);
    return has_line(f, &f->logs, text);
}

void fixture_wait_log(struct fixture *f, const char *text)
{
    for (int i = 0; i < 5000 && !has_line(f, &f->logs, text); i++)
        if (f->uv)
            turn_a_little(f);
        else
            usleep(1000);
    if (!has_line(f, &f->logs, text))
        fail_msg("waited in vain for the log: %s\nhave: %.*s", text, (int)f->logs.len,
                 f->logs.data);
}

static void holds(struct fixture *f, struct buffer *b, const char *text)
{
    for (int i = 0; f->uv && i < PATIENCE_TURNS && !str_eq(buffer_str(b), str_from(text)); i++)
        turn_a_little(f);
    buffer_add_char(b, '\0');
    assert_string_equal(b->data, text);
    buffer_clear(b);
}

void fixture_saw(struct fixture *f, const char *text)
{
    holds(f, &f->seen, text);
}

void fixture_told(struct fixture *f, const char *text)
{
    holds(f, &f->told, text);
}
