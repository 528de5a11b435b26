#include "tests/core/task/fixture.h"

#include "core/json/json.h"

static const struct caller callers[] = {
    {STR_INIT("stdio"), STR_INIT("local"), true, NULL},
    {STR_INIT("other"), STR_INIT("local"), false, NULL},
    {STR_INIT("stdio"), STR_INIT("elsewhere"), true, NULL},
};
const struct call_context somebody = {.caller = &callers[0],
                                      .traceparent = STR_INIT("00-trace"),
                                      .deadline_ns = 1};
const struct call_context stranger = {.caller = &callers[1]};
const struct call_context other_tenant = {.caller = &callers[2]};

/* ---- clock, randomness, timer ------------------------------------------------------------ */

static uint64_t fake_monotonic(void *ctx)
{
    return ((struct world *)ctx)->now_ns;
}

static int64_t fake_wall(void *ctx)
{
    return ((struct world *)ctx)->wall_ms;
}

static int fake_fill(void *ctx, void *out, size_t len, struct error *err)
{
    struct world *w = ctx;
    if (w->random_fails)
        return error_set(err, ST_UNAVAILABLE, "no randomness");
    w->next_random = (uint8_t)(w->next_random + !w->random_repeats);
    memset(out, w->next_random, len);
    return ST_OK;
}

static struct timer *fake_create(void *ctx, void (*fire)(void *), void *arg)
{
    struct world *w = ctx;
    struct timer *timer = &w->timers[w->timer_count++];
    *timer = (struct timer){.fire = fire, .arg = arg};
    return timer;
}

static void fake_set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    timer->set = true;
    timer->delay_ms = delay_ms;
}

static void fake_stop(void *ctx, struct timer *timer)
{
    (void)ctx;
    timer->set = false;
}

static void fake_free(void *ctx, struct timer *timer)
{
    (void)ctx;
    if (timer)
        timer->set = false;
}

static struct clock_port clock_fake;
static struct random_port random_fake;
static struct timer_port timer_fake;

struct timer *task_timer(struct world *w)
{
    return &w->timers[w->timer_count - 1];
}

void pass(struct world *w, uint64_t ms)
{
    struct timer *timer = task_timer(w);
    w->now_ns += ms * NS_PER_MS;
    w->wall_ms += (int64_t)ms;
    if (timer->set && timer->delay_ms <= ms) {
        timer->set = false;
        timer->fire(timer->arg);
    } else {
        timer->delay_ms -= ms;
    }
}

/* ---- calls ------------------------------------------------------------------------------- */

static void copy(char *to, size_t size, struct str text)
{
    snprintf(to, size, "%.*s", STR_ARG(text));
}

static int fake_call(void *ctx, const struct call_request *request, uint64_t *id,
                     struct error *err)
{
    struct world *w = ctx;
    struct task_view view;
    if (w->call_fails)
        return error_set(err, w->call_fails, "there is no such tool");
    int index = w->call_count++;
    struct fake_call *call = &w->calls[index];
    *call = (struct fake_call){.request = *request, .id = 100 + (uint64_t)index};
    copy(call->target, sizeof(call->target), request->target);
    copy(call->arguments, sizeof(call->arguments), json_text(request->arguments));
    copy(call->state, sizeof(call->state), request->state);
    copy(call->answers, sizeof(call->answers), request->answers);
    copy(call->caller, sizeof(call->caller), request->context.caller->id);
    copy(call->traceparent, sizeof(call->traceparent), request->context.traceparent);
    if (w->inline_result) {
        const char *result = w->inline_result;
        w->inline_result = NULL;
        finish(w, index, w->inline_end, result);
        release(w, index);
    }
    if (w->cancel_inside)
        assert_int_equal(cancel(w, ID_1, &view), ST_OK);
    *id = call->done ? 0 : call->id;
    return ST_OK;
}

static void fake_cancel(void *ctx, uint64_t id)
{
    struct world *w = ctx;
    struct fake_call *call = &w->calls[id - 100];
    assert_true(id >= 100 && id < 100 + (uint64_t)w->call_count);
    call->cancelled = true;
    if (!w->done_late && !call->done)
        finish(w, (int)(id - 100), CALL_CANCELLED, NULL);
}

static struct call_service calls_fake;

void finish_error(struct world *w, int index, enum call_end end, const char *json, int code,
                  const char *text)
{
    struct fake_call *call = &w->calls[index];
    struct json_doc *doc = NULL;
    struct error err;
    error_set(&err, code, "%s", text ? text : "");
    if (json)
        assert_int_equal(json_parse(str_from(json), &doc, NULL), ST_OK);
    assert_false(call->done);
    call->done = true;
    call->request.observer->done(
        call->request.user,
        &(struct call_outcome){.end = end,
                               .result = doc ? json_root(doc) : json_none(),
                               .error = text ? &err : NULL});
    json_free(doc);
}

void finish(struct world *w, int index, enum call_end end, const char *json)
{
    finish_error(w, index, end, json, ST_OK, NULL);
}

void release(struct world *w, int index)
{
    struct fake_call *call = &w->calls[index];
    assert_true(call->done);
    assert_false(call->released);
    call->released = true;
    call->request.release(call->request.hold);
}

/* ---- the store with faults, the listener ------------------------------------------------- */

static int faulty_put(void *ctx, const struct task_record *record, struct error *err)
{
    struct world *w = ctx;
    const struct task_store *store = task_store_memory_port(w->memory);
    w->puts++;
    if (w->puts_until_fault == 0 && w->faults) {
        w->faults--;
        return error_set(err, ST_UNAVAILABLE, "the disk is full");
    }
    if (w->puts_until_fault > 0)
        w->puts_until_fault--;
    return store->put(store->ctx, record, err);
}

static int plain_get(void *ctx, struct str id, const struct task_record **out, struct error *err)
{
    const struct task_store *store = task_store_memory_port(((struct world *)ctx)->memory);
    return store->get(store->ctx, id, out, err);
}

static int plain_remove(void *ctx, struct str id, struct error *err)
{
    const struct task_store *store = task_store_memory_port(((struct world *)ctx)->memory);
    return store->remove(store->ctx, id, err);
}

static int plain_next(void *ctx, const struct task_owner *owner, uint64_t after,
                      const struct task_record **out, struct error *err)
{
    const struct task_store *store = task_store_memory_port(((struct world *)ctx)->memory);
    return store->next(store->ctx, owner, after, out, err);
}

static int plain_count(void *ctx, const struct task_owner *owner, size_t *out, struct error *err)
{
    const struct task_store *store = task_store_memory_port(((struct world *)ctx)->memory);
    return store->count(store->ctx, owner, out, err);
}

static void changed(void *user, const struct change *change)
{
    static const char *const names[] = {"working", "input_required", "completed", "failed",
                                        "cancelled"};
    struct world *w = user;
    size_t len = strlen(w->told);
    struct task_view view;
    assert_int_equal(change->kind, CHANGE_TASK);
    assert_int_equal(change->subject.len, 32);
    assert_int_equal(
        w->service->get(w->service->ctx, &somebody, change->subject, &view, &w->err), ST_OK);
    snprintf(w->told + len, sizeof(w->told) - len, "%.2s %s\n", change->subject.ptr,
             names[view.status]);
    if (w->cancel_when_told) {
        w->cancel_when_told = false;
        assert_int_equal(
            w->service->cancel(w->service->ctx, &somebody, change->subject, &view, &w->err),
            ST_OK);
    }
}

/* ---- set-up ------------------------------------------------------------------------------ */

void make_service(struct world *w)
{
    assert_int_equal(tasks_new(&w->parts, &w->tasks, &w->err), ST_OK);
    w->service = tasks_service(w->tasks);
}

void restart(struct world *w)
{
    tasks_free(w->tasks);
    make_service(w);
}

int set_up(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    clock_fake = (struct clock_port){w, fake_monotonic, fake_wall};
    random_fake = (struct random_port){w, fake_fill};
    timer_fake = (struct timer_port){w, fake_create, fake_set, fake_stop, fake_free};
    calls_fake = (struct call_service){w, fake_call, fake_cancel};
    w->now_ns = 5 * (uint64_t)NS_PER_MS;
    w->wall_ms = START_MS;
    w->puts_until_fault = -1;
    w->memory = task_store_memory_new();
    w->store = (struct task_store){.ctx = w,
                                   .put = faulty_put,
                                   .get = plain_get,
                                   .remove = plain_remove,
                                   .next = plain_next,
                                   .count = plain_count};
    assert_int_equal(changes_new(&timer_fake, &w->changes, &w->err), ST_OK);
    w->listener = (struct change_listener){.changed = changed, .user = w};
    const struct change_service *hub = changes_service(w->changes);
    hub->listen(hub->ctx, &w->listener);
    w->parts = (struct task_parts){.calls = &calls_fake,
                                   .store = &w->store,
                                   .clock = &clock_fake,
                                   .timer = &timer_fake,
                                   .random = &random_fake,
                                   .changes = w->changes,
                                   .limits = task_limits_default()};
    make_service(w);
    *state = w;
    return 0;
}

int tear_down(void **state)
{
    struct world *w = *state;
    tasks_free(w->tasks);
    changes_free(w->changes);
    task_store_memory_free(w->memory);
    free(w);
    return 0;
}

/* ---- what tests do ----------------------------------------------------------------------- */

/* The text is gone when this returns, as a client's message is. */
int start_with(struct world *w, const struct call_context *who, const char *tool,
               const char *arguments, const struct task_options *options, struct task_view *out)
{
    struct json_doc *doc = NULL;
    char *name = calloc(1, strlen(tool) + 1);
    memcpy(name, tool, strlen(tool));
    if (arguments) {
        char *text = malloc(strlen(arguments));
        memcpy(text, arguments, strlen(arguments));
        assert_int_equal(json_parse_take(text, strlen(arguments), &doc, &w->err), ST_OK);
    }
    struct call_request request = {.action = ACTION_CALL,
                                   .target = str_from(name),
                                   .arguments = doc ? json_root(doc) : json_none(),
                                   .context = *who};
    int rc = w->service->start(w->service->ctx, &request, options, out, &w->err);
    free(name);
    json_free(doc);
    return rc;
}

struct task_view start(struct world *w, const char *tool, const char *arguments)
{
    struct task_view view;
    assert_int_equal(
        start_with(w, &somebody, tool, arguments, &(struct task_options){0}, &view), ST_OK);
    return view;
}

struct task_view get(struct world *w, const char *id)
{
    struct task_view view;
    assert_int_equal(w->service->get(w->service->ctx, &somebody, str_from(id), &view, &w->err),
                     ST_OK);
    return view;
}

int get_as(struct world *w, const struct call_context *who, const char *id)
{
    struct task_view view;
    return w->service->get(w->service->ctx, who, str_from(id), &view, &w->err);
}

int cancel(struct world *w, const char *id, struct task_view *out)
{
    return w->service->cancel(w->service->ctx, &somebody, str_from(id), out, &w->err);
}

int answer(struct world *w, const char *id, const char *answers)
{
    struct json_doc *doc = NULL;
    assert_int_equal(json_parse(str_from(answers), &doc, &w->err), ST_OK);
    int rc = w->service->answer(w->service->ctx, &somebody, str_from(id), json_root(doc), &w->err);
    json_free(doc);
    return rc;
}

void assert_text(struct str text, const char *expected)
{
    char copy_of[1024];
    copy(copy_of, sizeof(copy_of), text);
    assert_string_equal(copy_of, expected);
}

void assert_told(struct world *w, const char *expected)
{
    assert_string_equal(w->told, expected);
    w->told[0] = '\0';
}
