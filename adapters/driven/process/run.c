/* The life of one run. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/driven/process/inside.h"
#include "core/json/writer.h"

static uint64_t now_ns(const struct processes *all)
{
    return all->config.clock->monotonic_ns(all->config.clock->ctx);
}

static void set_timer(struct run *r, uint64_t ms)
{
    const struct timer_port *timers = r->all->config.timers;
    timers->set(timers->ctx, r->timer, ms);
}

void process_run_say(struct run *r, enum process_event kind, struct str text, struct str bytes)
{
    const struct service_event event = {.kind = kind, .text = text, .bytes = bytes, .fd = -1};
    bool before = r->busy;
    r->busy = true;
    if (r->sink.event)
        r->sink.event(r->sink.ctx, &event);
    r->busy = before;
}

/* The last word; nobody is told anything afterwards. */
static void say_end(struct run *r, int status, struct str json)
{
    const struct service_sink sink = r->sink;
    const struct service_event event = {.status = status, .text = json, .fd = -1, .last = true};
    r->sink.event = NULL;
    if (sink.event)
        sink.event(sink.ctx, &event);
}

/* ---- the end -------------------------------------------------------------------------------- */

static void run_free(struct run *r)
{
    struct run **at = &r->all->runs;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    buffer_clear(&r->plan);
    free(r->folder);
    free(r->owner);
    free(r);
}

static void remove_work(void *arg)
{
    struct run *r = arg;
    process_folder_remove(r->folder);
}

static void removed(void *arg)
{
    run_free(arg);
}

/* All but the folder. */
static void let_go(struct run *r)
{
    const struct timer_port *timers = r->all->config.timers;
    timers->free(timers->ctx, r->timer);
    r->timer = NULL;
    process_watch_close(r->exit);
    process_watch_close(r->in);
    process_watch_close(r->streams[0]);
    process_watch_close(r->streams[1]);
    r->exit = r->in = r->streams[0] = r->streams[1] = NULL;
    buffer_clear(&r->input);
    r->over = true;
}

static void retire(struct run *r)
{
    const struct executor_port *executor = r->all->config.executor;
    let_go(r);
    if (executor->submit(executor->ctx, remove_work, removed, r, NULL)) {
        process_folder_remove(r->folder);
        run_free(r);
    }
}

void process_run_destroy(struct run *r)
{
    if (!r->over && !r->exited) {
        kill(-r->child.pid, SIGKILL);
        while (waitpid(r->child.pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (!r->over)
        let_go(r);
    process_folder_remove(r->folder);
    run_free(r);
}

static uint64_t milliseconds(const struct timeval *t)
{
    return (uint64_t)t->tv_sec * 1000 + (uint64_t)t->tv_usec / 1000;
}

static void put_signal(struct json_writer *w, int number)
{
    const char *name = sigabbrev_np(number);
    char text[16];
    snprintf(text, sizeof(text), "%d", number);
    json_put_string(w, STR("signal"), str_from(name ? name : text));
}

static void tell_end(struct run *r)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    if (r->plan.len) {
        say_end(r, ST_OK, buffer_str(&r->plan));
        return;
    }
    uint64_t cpu = milliseconds(&r->usage.ru_utime) + milliseconds(&r->usage.ru_stime);
    json_begin_object(&w);
    if (WIFEXITED(r->status))
        json_put_i64(&w, STR("exitCode"), WEXITSTATUS(r->status));
    else
        put_signal(&w, WTERMSIG(r->status));
    json_put_bool(&w, STR("timedOut"), r->timed_out);
    json_put_bool(&w, STR("truncated"), r->truncated);
    json_put_i64(&w, STR("cpuMs"), (int64_t)cpu);
    json_put_i64(&w, STR("wallMs"), (int64_t)((now_ns(r->all) - r->started_ns) / 1000000));
    json_end_object(&w);
    say_end(r, ST_OK, buffer_failed(&text) ? STR("{}") : buffer_str(&text));
    buffer_clear(&text);
}

static void terminate(struct run *r)
{
    if (r->exited || r->terminated)
        return;
    r->terminated = true;
    kill(-r->child.pid, SIGTERM);
    set_timer(r, GRACE_MS);
}

void process_run_abandon(struct run *r)
{
    r->sink.event = NULL;
    r->unread = 0;
    terminate(r);
    process_run_pump(r);
}

void process_run_fail(struct run *r, int status, const char *text)
{
    struct buffer json = BUFFER_INIT;
    say_end(r, status, json_message(&json, str_from(text)));
    buffer_clear(&json);
    process_run_abandon(r);
}

/* ---- what happens --------------------------------------------------------------------------- */

void process_run_pump(struct run *r)
{
    if (r->busy || r->over)
        return;
    r->busy = true;
    process_run_write(r);
    for (int stream = 0; stream < 2; stream++)
        process_run_read(r, stream);
    r->busy = false;
    if (!r->exited || r->streams[0] || r->streams[1] || (r->unread && r->sink.event))
        return;
    r->busy = true;
    tell_end(r);
    r->busy = false;
    retire(r);
}

static void ready(void *arg)
{
    process_run_pump(arg);
}

/* As long as it is not reaped its number, and that of its group, cannot become another's. */
static void ended(void *arg)
{
    struct run *r = arg;
    kill(-r->child.pid, SIGKILL);
    if (wait4(r->child.pid, &r->status, WNOHANG, &r->usage) != r->child.pid)
        return;
    r->exited = true;
    process_watch_close(r->exit);
    process_watch_close(r->in);
    r->exit = r->in = NULL;
    r->all->config.timers->stop(r->all->config.timers->ctx, r->timer);
    process_run_pump(r);
}

static void time_is_over(void *arg)
{
    struct run *r = arg;
    if (r->plan.len) {
        process_run_pump(r);
        return;
    }
    if (r->exited)
        return;
    if (r->terminated) {
        kill(-r->child.pid, SIGKILL);
        return;
    }
    r->timed_out = true;
    terminate(r);
}

/* ---- the words of the plugin ---------------------------------------------------------------- */

static bool number_of(struct str text, uint64_t *out)
{
    uint64_t number = 0;
    if (text.len == 0 || text.len > 18)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *out = number;
    return true;
}

static void send_signal(const struct run *r, uint64_t number)
{
    bool known = number == SIGINT || number == SIGTERM || number == SIGKILL;
    if (known && !r->exited)
        kill(-r->child.pid, (int)number);
}

void process_run_tell(struct run *r, uint32_t kind, struct str text, struct str bytes)
{
    uint64_t number;
    bool before = r->busy;
    r->busy = true; /* it is pumped, and perhaps freed, at the end */
    switch (kind) {
    case PROCESS_TAKEN:
        if (number_of(text, &number))
            r->unread -= number < r->unread ? number : r->unread;
        break;
    case PROCESS_WRITE:
        process_run_add_input(r, bytes);
        break;
    case PROCESS_FINISH:
        r->input_ends = true;
        break;
    case PROCESS_SIGNAL:
        if (number_of(text, &number))
            send_signal(r, number);
        break;
    case PROCESS_RESUME:
        process_run_say(r, PROCESS_RESUMED, STR(""), STR(""));
        break;
    default:
        break;
    }
    r->busy = before;
    process_run_pump(r);
}

/* ---- the start ------------------------------------------------------------------------------ */

static int count_runs(const struct processes *all, struct str plugin,
                      const struct plugin_grants *grants, struct error *err)
{
    size_t running = 0, own = 0, most = grants->processes ? grants->processes : RUNS_PER_PLUGIN;
    for (const struct run *r = all->runs; r; r = r->next) {
        running += !r->exited;
        own += !r->exited && str_eq(r->plugin, plugin);
    }
    if (own >= most)
        return error_set(err, ST_BUSY, "%zu programs of the plugin run; no more are allowed at once",
                         own);
    if (running >= RUNS_MAX)
        return error_set(err, ST_BUSY, "%zu programs of plugins run; no more are allowed at once",
                         running);
    return ST_OK;
}

/* Begins to watch; what fails here leaves the descriptors to child_drop. */
static bool watch_child(struct run *r)
{
    uv_loop_t *loop = r->all->config.loop;
    int *const fds[] = {&r->child.pidfd, &r->child.out, &r->child.err, &r->child.in};
    struct watch **const watches[] = {&r->exit, &r->streams[0], &r->streams[1], &r->in};
    for (size_t i = 0; i < 4; i++) {
        if (*fds[i] < 0)
            continue;
        *watches[i] = process_watch_new(loop, *fds[i], i ? ready : ended, r);
        if (!*watches[i])
            return false;
        *fds[i] = -1;
        process_watch_set(*watches[i], i < 3 ? UV_READABLE : 0);
    }
    r->timer = r->all->config.timers->create(r->all->config.timers->ctx, time_is_over, r);
    return r->timer != NULL;
}

static void drop_descriptors(struct child *c)
{
    const int fds[] = {c->pidfd, c->out, c->err, c->in};
    for (size_t i = 0; i < 4; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

static uint64_t time_for(const struct processes *all, const struct command *c, uint64_t deadline_ns)
{
    uint64_t now = now_ns(all);
    uint64_t left = deadline_ns > now ? (deadline_ns - now) / 1000000 : 0;
    return deadline_ns && left < c->timeout_ms ? left : c->timeout_ms;
}

static struct run *run_new(struct processes *all, const struct service_request *q,
                           const struct command *c, struct error *err)
{
    struct run *r = calloc(1, sizeof(*r));
    char *owner = r ? strndup(q->plugin.ptr, q->plugin.len) : NULL;
    if (!owner) {
        free(r);
        error_set(err, ST_NOMEM, "out of memory");
        return NULL;
    }
    *r = (struct run){.all = all,
                      .owner = owner,
                      .plugin = str_from(owner),
                      .room = c->max_output,
                      .writable_stream = c->stdin_mode == STDIN_STREAM,
                      .input_ends = c->stdin_mode != STDIN_STREAM};
    buffer_add_str(&r->input, q->bytes);
    r->folder = buffer_failed(&r->input) ? NULL : process_folder_make(all->config.temporary, err);
    r->next = all->runs;
    all->runs = r;
    return r;
}

static int spawn(struct run *r, const struct service_request *q, const struct command *c,
                 struct error *err)
{
    struct confinement confinement;
    int rc = ST_OK;
    if (c->sandboxed)
        rc = process_confine(r->all->config.files, q, c, r->folder, &confinement, err);
    if (rc)
        return rc;
    if (!c->check)
        rc = process_spawn(c, c->sandboxed ? &confinement : NULL, r->folder, &r->child, err);
    if (c->sandboxed)
        process_confinement_clear(&confinement);
    return rc;
}

/* Nothing was started: it is over on the next turn of the loop. */
static int end_check(struct run *r, const struct service_request *q, const struct command *c,
                     struct error *err)
{
    const struct timer_port *timers = r->all->config.timers;
    r->exited = true;
    buffer_clear(&r->input);
    process_plan_write(c, q->grants, q->paths, &r->plan);
    r->timer = timers->create(timers->ctx, time_is_over, r);
    return buffer_failed(&r->plan) || !r->timer ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

static int begin(struct processes *all, const struct service_request *q, const struct command *c,
                 const struct service_sink *sink, uint64_t *id, struct error *err)
{
    struct run *r = run_new(all, q, c, err);
    if (!r)
        return err->code;
    if (!r->folder) {
        buffer_clear(&r->input);
        run_free(r);
        return err->code;
    }
    r->started_ns = now_ns(all);
    int rc = spawn(r, q, c, err);
    if (rc)
        r->exited = true; /* there is nobody to kill */
    else if (c->check)
        rc = end_check(r, q, c, err);
    else if (!watch_child(r))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (rc) {
        if (!r->exited)
            drop_descriptors(&r->child);
        process_run_destroy(r);
        return rc;
    }
    r->id = ++all->last_id;
    r->sink = *sink;
    set_timer(r, c->check ? 0 : time_for(all, c, q->deadline_ns));
    if (r->in)
        process_watch_set(r->in, r->input.len || r->input_ends ? UV_WRITABLE : 0);
    *id = r->id;
    return ST_OK;
}

int process_run_start(struct processes *all, const struct service_request *q,
              const struct service_sink *sink, uint64_t *id, struct error *err)
{
    struct command command;
    int rc = process_command_read(q, &command, err);
    if (rc)
        return rc;
    rc = count_runs(all, q->plugin, q->grants, err);
    if (!rc)
        rc = begin(all, q, &command, sink, id, err);
    process_command_clear(&command);
    return rc;
}
