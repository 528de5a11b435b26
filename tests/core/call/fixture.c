#include "tests/core/call/fixture.h"

#include <stdio.h>
#include <string.h>

static int fake_run(void *ctx, const struct run_request *request, struct error *err)
{
    struct world *w = ctx;
    if (w->next_run_fails) {
        int code = w->next_run_fails;
        w->next_run_fails = 0;
        return error_set(err, code, "no worker");
    }
    w->runs[w->run_count++ % 64] = *request;
    if (request->on_loop && w->inline_result)
        w->events->completed(w->events->ctx, request->call, RUN_RESULT,
                             str_from(w->inline_result));
    return ST_OK;
}

static void fake_abandon(void *ctx, uint64_t call)
{
    struct world *w = ctx;
    w->cancelled[w->abandon_count++ % 64] = call;
    if (w->release_on_abandon)
        w->events->released(w->events->ctx, call);
}

static void fake_attach(void *ctx, const struct run_events *events)
{
    ((struct world *)ctx)->events = events;
}

static uint64_t fake_now(void *ctx)
{
    return ((struct world *)ctx)->now_ns;
}

static struct timer *fake_timer_create(void *ctx, void (*fire)(void *), void *arg)
{
    struct world *w = ctx;
    w->timer = (struct timer){.fire = fire, .arg = arg};
    return &w->timer;
}

static struct timer *fake_hook_timer_create(void *ctx, void (*fire)(void *), void *arg)
{
    struct world *w = ctx;
    w->hook_timer = (struct timer){.fire = fire, .arg = arg};
    return &w->hook_timer;
}

static void fake_timer_set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    timer->set = true;
    timer->delay_ms = delay_ms;
}

static void fake_timer_free(void *ctx, struct timer *timer)
{
    (void)ctx;
    timer->set = false;
}

static int fake_submit(void *ctx, void (*work)(void *), void (*done)(void *), void *arg,
                       struct error *err)
{
    struct world *w = ctx;
    if (w->executor_full)
        return error_set(err, ST_BUSY, "all workers are busy; try again later");
    w->jobs[w->job_count++] = (struct job){work, done, arg};
    return ST_OK;
}

void run_jobs(struct world *w)
{
    for (int i = 0; i < w->job_count; i++) {
        w->jobs[i].work(w->jobs[i].arg);
        w->jobs[i].done(w->jobs[i].arg);
    }
    w->job_count = 0;
}

static struct plugin_runtime runtime;
static struct clock_port clock_fake;
static struct timer_port timer_fake, hook_timer_fake;
static struct executor_port executor_fake;
static struct regex_port regex_fake;

/* ---- one recorded call ------------------------------------------------------------------- */

static void on_progress(void *user, double progress, double total, struct str message)
{
    struct record *r = user;
    (void)total;
    (void)message;
    assert_int_equal(r->done, 0);
    r->progress++;
    r->last_progress = progress;
}

static void on_done(void *user, const struct call_outcome *outcome)
{
    struct record *r = user;
    r->done++;
    r->end = outcome->end;
    if (outcome->end == CALL_FAILED) {
        r->code = outcome->error->code;
        snprintf(r->text, sizeof(r->text), "%s", outcome->error->text);
    } else if (outcome->end != CALL_CANCELLED) {
        struct str text = json_text(outcome->result);
        snprintf(r->text, sizeof(r->text), "%.*s", STR_ARG(text));
    }
    if (r->at_done)
        r->at_done(r);
}

static void on_release(void *hold)
{
    struct record *r = hold;
    r->released++;
    json_free(r->doc);
    r->doc = NULL;
}

static const struct call_observer observer = {.progress = on_progress, .done = on_done};
static const struct caller somebody = {.id = STR_INIT("stdio"), .tenant = STR_INIT("local")};

static struct str copy(const char *text)
{
    return text ? (struct str){strdup(text), strlen(text)} : STR("");
}

static void drop(struct str text, const char *from)
{
    if (!from)
        return;
    char *mine = (char *)(uintptr_t)text.ptr;
    memset(mine, '#', text.len);
    free(mine);
}

int start_call(struct world *w, struct record *r, struct wanted wanted, struct error *err)
{
    struct record fresh = {.world = w, .at_done = r->at_done, .other = r->other};
    *r = fresh;
    if (wanted.arguments)
        assert_int_equal(json_parse(str_from(wanted.arguments), &r->doc, err), ST_OK);
    struct call_request call = {
        .action = wanted.action,
        .of = wanted.of,
        .target = copy(wanted.target),
        .arguments = r->doc ? json_root(r->doc) : json_none(),
        .argument = copy(wanted.argument),
        .value = copy(wanted.value),
        .resume = wanted.answers != NULL,
        .state = copy(wanted.state),
        .answers = copy(wanted.answers),
        .context = {.caller = wanted.caller ? wanted.caller : &somebody,
                    .monotonic_ns = w->now_ns,
                    .roots = {wanted.roots, copy(wanted.root_list)}},
        .observer = &observer,
        .user = r,
        .release = on_release,
        .hold = r,
    };
    int rc = w->service->call(w->service->ctx, &call, &r->id, err);
    drop(call.target, wanted.target);
    drop(call.argument, wanted.argument);
    drop(call.value, wanted.value);
    drop(call.state, wanted.state);
    drop(call.answers, wanted.answers);
    drop(call.context.roots.list, wanted.root_list);
    if (rc) {
        assert_int_equal(r->done + r->released, 0);
        json_free(r->doc);
        r->doc = NULL;
    }
    return rc;
}

int start(struct world *w, struct record *r, const char *name, const char *arguments)
{
    struct error err;
    r->at_done = NULL;
    r->other = NULL;
    return start_call(w, r, (struct wanted){.target = name, .arguments = arguments}, &err);
}

/* The plugin's text is gone when the report returns. */
void complete_as(struct world *w, uint64_t id, enum run_outcome outcome, const char *json)
{
    struct str text = copy(json);
    w->events->completed(w->events->ctx, id, outcome, text);
    drop(text, json);
}

void complete(struct world *w, uint64_t id, const char *json)
{
    complete_as(w, id, RUN_RESULT, json);
}

void expect_text(struct str text, const char *expected)
{
    char *mine = strndup(text.ptr ? text.ptr : "", text.len);
    assert_string_equal(mine, expected);
    free(mine);
}

char *large_object(void)
{
    size_t len = DISPATCHER_LARGE + 100;
    char *text = malloc(len + 1);
    assert_non_null(text);
    memset(text, ' ', len);
    text[0] = '{';
    text[len - 1] = '}';
    text[len] = '\0';
    return text;
}

static void complain(void *ctx, struct str hook, struct str text)
{
    struct world *w = ctx;
    snprintf(w->complaint, sizeof(w->complaint), "%.*s: %.*s", STR_ARG(hook), STR_ARG(text));
}

/* The same tests with a hook at every point that reads all and lets all go on. */
#ifdef TEST_WITH_HOOKS
static enum hook_result let_go_on(void *self, struct hook_turn *turn)
{
    struct buffer all = BUFFER_INIT;
    struct json_doc *doc;
    struct error err;
    (void)self;
    assert_true(hook_turn_read(turn, STR(""), &all));
    if (json_parse(buffer_str(&all), &doc, &err))
        fail_msg("%s", err.text);
    json_free(doc);
    buffer_clear(&all);
    return HOOK_CONTINUE;
}

static void hook_everything(struct world *w)
{
    static const struct str all[] = {STR_INIT("*")};
    const struct hook_definition d = {.name = STR("all"),
                                      .kind = STR("test"),
                                      .points = all,
                                      .point_count = 1,
                                      .gates = true,
                                      .required = true,
                                      .run = let_go_on};
    struct error err;
    assert_int_equal(hooks_add(w->hooks, &d, &err), ST_OK);
}
#else
static void hook_everything(struct world *w)
{
    (void)w;
}
#endif

/* ---- set-up ------------------------------------------------------------------------------ */

struct item item_of(enum item_kind kind, const char *name, const char *json)
{
    return (struct item){
        .kind = kind,
        .local_name = str_from(name),
        .plugin_id = STR("org.example.test"),
        .json = str_from(json),
        .plugin = 7,
        .inline_bytes = 4096,
        .timeout_ms = 1000,
        .slots = 2,
        .queue = 2,
        .plugin_slots = 3,
    };
}

void add(struct world *w, struct item item)
{
    struct error err;
    if (registry_add(w->registry, &item, &err))
        fail_msg("%s", err.text);
}

void publish(struct world *w, struct item item)
{
    struct error err;
    if (registry_add_copy(w->registry, &item, &err))
        fail_msg("%s", err.text);
}

void withdraw(struct world *w, enum item_kind kind, const char *name)
{
    struct error err;
    if (registry_remove(w->registry, 7, kind, str_from(name), &err))
        fail_msg("%s", err.text);
}

int set_up_empty(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    struct error err;
    assert_non_null(w);
    runtime = (struct plugin_runtime){w, fake_attach, fake_run, fake_abandon, fake_abandon};
    clock_fake = (struct clock_port){.ctx = w, .monotonic_ns = fake_now};
    timer_fake = (struct timer_port){.ctx = w,
                                     .create = fake_timer_create,
                                     .set = fake_timer_set,
                                     .free = fake_timer_free};
    executor_fake = (struct executor_port){w, fake_submit};
    w->now_ns = 5 * (uint64_t)MS;
    w->registry = registry_new();
    const struct hooks_parts hook_parts = {
        .clock = &clock_fake, .timer = &hook_timer_fake, .complain = complain, .complain_ctx = w};
    hook_timer_fake = timer_fake;
    hook_timer_fake.create = fake_hook_timer_create;
    assert_int_equal(hooks_new(&hook_parts, &w->hooks, &err), ST_OK);
    hook_everything(w);
    struct dispatcher_parts parts = {.registry = w->registry,
                                     .policy = {.paths = &w->grants},
                                     .runtime = &runtime,
                                     .clock = &clock_fake,
                                     .timer = &timer_fake,
                                     .executor = &executor_fake,
                                     .regex = &regex_fake,
                                     .hooks = w->hooks};
    assert_int_equal(dispatcher_new(&parts, &w->dispatcher, &err), ST_OK);
    w->service = dispatcher_service(w->dispatcher);
    *state = w;
    return 0;
}

int tear_down(void **state)
{
    struct world *w = *state;
    dispatcher_free(w->dispatcher);
    hooks_free(w->hooks);
    registry_free(w->registry);
    free(w);
    return 0;
}
