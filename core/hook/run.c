/* One event through its chain. */
#include "core/hook/hook.h"

/* Hooks that are quick are timed each so many runs. */
#define TIMED_EACH 16u

static uint64_t now(const struct hooks *hooks)
{
    return hooks->parts.clock->monotonic_ns(hooks->parts.clock->ctx);
}

/* When the hook that is asked next begins; read when somebody needs it. */
static uint64_t run_now(struct hook_run *run)
{
    if (!run->now_ns)
        run->now_ns = now(run->hooks);
    return run->now_ns;
}

static bool wants(const struct hook *hook, const struct hook_event *event)
{
    const struct hook_definition *d = &hook->definition;
    struct str caller = event->context && event->context->caller ? event->context->caller->id : STR("");
    bool named = event->point != HOOK_CUSTOM;
    for (size_t i = 0; !named && i < d->point_count; i++)
        named = hook_pattern_takes(d->points[i], HOOK_CUSTOM, event->custom);
    bool of_tools = str_eq(str_from(hook_point_facts(event->point)->group), STR("tool"));
    return named &&
           (!d->tool.len || (of_tools && hook_pattern_matches(d->tool, event->target))) &&
           (!d->target.len || hook_pattern_matches(d->target, event->target)) &&
           (!d->caller.len || hook_pattern_matches(d->caller, caller));
}

/* ---- the passes that answer later ---------------------------------------------------------------- */

static void unlink_late(struct hook_pass *pass)
{
    if (pass->next)
        pass->next->before = pass->before;
    if (pass->before)
        pass->before->next = pass->next;
    else
        pass->hooks->late = pass->next;
}

static void unlink_run(struct hook_run *run)
{
    if (!run->waiting)
        return;
    run->waiting = false;
    if (run->next)
        run->next->before = run->before;
    if (run->before)
        run->before->next = run->next;
    else
        run->hooks->running = run->next;
}

static void set_timer(struct hooks *hooks, uint64_t due_ns, uint64_t now_ns)
{
    const struct timer_port *timer = hooks->parts.timer;
    if (hooks->timer_ns && hooks->timer_ns <= due_ns)
        return;
    hooks->timer_ns = due_ns;
    timer->set(timer->ctx, hooks->timer, due_ns > now_ns ? (due_ns - now_ns + 999999) / 1000000 : 0);
}

static void release(struct hook_pass *pass)
{
    struct hook *hook = pass->hook;
    hook_pass_recycle(pass);
    hook_unref(hook);
}

/* The run waits for the pass, unless the hook observes. */
static void let_wait(struct hook_run *run, struct hook_pass *pass)
{
    struct hooks *hooks = run->hooks;
    const struct hook_definition *d = &pass->hook->definition;
    if (!pass->began_ns)
        pass->began_ns = now(hooks);
    uint32_t budget_ms = d->budget_ms + (pass->hook->has_run ? 0 : d->first_ms);
    pass->due_ns = pass->began_ns + (uint64_t)budget_ms * 1000000u;
    pass->before = NULL;
    pass->next = hooks->late;
    if (hooks->late)
        hooks->late->before = pass;
    hooks->late = pass;
    bool waits = d->gates && !run->telling;
    pass->run = waits ? run : NULL;
    if (waits)
        run->waits_for = pass;
    else
        pass->turn.event = NULL;
    set_timer(hooks, pass->due_ns, pass->began_ns);
}

/* ---- the chain ---------------------------------------------------------------------------------- */

static void take_answer(struct hook_run *run, struct hook *hook, const struct hook_says *says,
                        enum hook_result result, struct error *failure)
{
    const struct hook_definition *d = &hook->definition;
    bool counts = d->gates && !run->telling;
    if (!failure->code && counts)
        hook_combine(run, hook, says, result, failure);
    if (failure->code && counts && d->required)
        hook_refuse(run, hook, failure->text);
}

/* The hook has answered, or never will. */
static void settle(struct hook_run *run, struct hook_pass *pass)
{
    struct hook *hook = pass->hook;
    bool untimed = run && !pass->began_ns && !pass->failure.code;
    if (untimed && pass->result == HOOK_CONTINUE) {
        hook->runs++;
        hook->results[HOOK_CONTINUE]++;
        return;
    }
    if (run && !run->stopped)
        take_answer(run, hook, &pass->turn.says, pass->result, &pass->failure);
    if (untimed && !pass->failure.code) {
        hook->runs++;
        hook->results[pass->result]++;
        return;
    }
    if (!pass->began_ns)
        pass->began_ns = now(pass->hooks);
    uint64_t now_ns = now(pass->hooks);
    hook_count(pass->hooks, hook, pass->began_ns, now_ns, pass->result, &pass->failure);
    if (run)
        run->now_ns = now_ns;
}

static struct hook_pass *begin_pass(struct hook_run *run, struct hook *hook)
{
    struct hook_pass *pass = hook_pass_take(run->hooks);
    if (!pass)
        return NULL;
    struct buffer own = pass->turn.says.own;
    pass->turn = (struct hook_turn){.event = &run->event, .says = {.own = own}};
    pass->hook = hook;
    pass->run = run;
    bool timed = !hook->definition.quick || hook->runs % TIMED_EACH == 0 ||
                 hook->breaker.state != BREAKER_CLOSED;
    pass->began_ns = timed ? run_now(run) : 0;
    pass->inside = true;
    pass->answered = false;
    pass->failure.code = ST_OK;
    hook->refs++;
    return pass;
}

static void ask(struct hook_run *run, struct hook *hook)
{
    if (hook->breaker.state != BREAKER_CLOSED && !breaker_allows(&hook->breaker, run_now(run))) {
        hook->skipped++;
        if (hook->definition.required && hook->definition.gates && !run->telling)
            hook_refuse(run, hook, hook->last_error);
        return;
    }
    struct hook_pass *pass = begin_pass(run, hook);
    if (!pass)
        return;
    run->now_ns = 0; /* time passes */
    enum hook_result result = hook->definition.run(hook->definition.self, &pass->turn);
    pass->inside = false;
    if (result == HOOK_LATER && !pass->answered) {
        let_wait(run, pass);
        return;
    }
    if (result != HOOK_LATER)
        pass->result = result;
    settle(run, pass);
    release(pass);
}

static void finish(struct hook_run *run)
{
    struct hook_chain *chain = run->chain;
    unlink_run(run);
    if (run->done && !run->stopped)
        run->done(run->event.arg, &run->outcome);
    hook_run_recycle(run);
    hook_chain_unref(chain);
}

/* True if the run waits now. */
static bool go_on(struct hook_run *run)
{
    const struct hook_chain *chain = run->chain;
    run->looping = true;
    while (run->at < chain->count && !run->waits_for && !run->stopped &&
           run->outcome.end == HOOK_CONTINUE) {
        struct hook *hook = chain->hooks[run->at++];
        if (hook->enabled && !hook->removed && (!hook->filters || wants(hook, &run->event)))
            ask(run, hook);
    }
    run->looping = false;
    if (run->waits_for)
        return true;
    finish(run);
    return false;
}

static const struct hook_outcome nothing = {.end = HOOK_CONTINUE};
static const struct hook_outcome no_memory = {
    .end = HOOK_CANCEL, .hook = STR_INIT("hexmcp"), .reason = STR_INIT("out of memory")};

static bool has_required(const struct hook_chain *chain)
{
    for (uint32_t i = 0; i < chain->count; i++)
        if (chain->hooks[i]->definition.required)
            return true;
    return false;
}

static struct hook_run *begin(struct hooks *hooks, struct hook_chain *chain,
                              const struct hook_event *event)
{
    struct hook_run *run = hook_run_take(hooks);
    if (!run)
        return NULL;
    run->id = ++hooks->last_id;
    run->chain = chain;
    run->at = 0;
    run->telling = run->looping = run->stopped = run->waiting = false;
    run->waits_for = NULL;
    run->event = *event;
    run->done = NULL;
    run->outcome = nothing;
    run->now_ns = 0;
    chain->refs++;
    return run;
}

uint64_t hooks_run(struct hooks *hooks, const struct hook_event *event, hooks_done_fn *done)
{
    struct hook_chain *chain = hooks ? hooks->chains[event->point] : NULL;
    struct hook_run *run = chain ? begin(hooks, chain, event) : NULL;
    if (!run) {
        done(event->arg, chain && has_required(chain) ? &no_memory : &nothing);
        return 0;
    }
    uint64_t id = run->id;
    run->done = done;
    if (!go_on(run))
        return 0;
    run->waiting = true;
    run->before = NULL;
    run->next = hooks->running;
    if (hooks->running)
        hooks->running->before = run;
    hooks->running = run;
    return id;
}

void hooks_tell(struct hooks *hooks, const struct hook_event *event)
{
    struct hook_chain *chain = hooks ? hooks->chains[event->point] : NULL;
    struct hook_run *run = chain ? begin(hooks, chain, event) : NULL;
    if (!run)
        return;
    run->telling = true;
    go_on(run);
}

/* ---- answers that come later -------------------------------------------------------------------- */

static struct hook_pass *pass_of(struct hook_turn *turn)
{
    return (struct hook_pass *)(void *)turn; /* its first member */
}

static void end_late(struct hook_pass *pass)
{
    struct hook_run *run = pass->run;
    unlink_late(pass);
    settle(run, pass);
    if (run)
        run->waits_for = NULL;
    release(pass);
    if (run)
        go_on(run);
}

static void answered(struct hook_pass *pass)
{
    if (pass->inside)
        pass->answered = true;
    else
        end_late(pass);
}

void hook_answer(struct hook_turn *turn, enum hook_result result)
{
    struct hook_pass *pass = pass_of(turn);
    pass->result = result;
    answered(pass);
}

void hook_fail(struct hook_turn *turn, const struct error *err)
{
    struct hook_pass *pass = pass_of(turn);
    pass->result = HOOK_CONTINUE;
    pass->failure = *err;
    answered(pass);
}

void hook_answer_json(struct hook_turn *turn, struct str json)
{
    struct hook_pass *pass = pass_of(turn);
    pass->result = HOOK_CONTINUE;
    hook_says_read(json, &turn->says, &pass->result, &pass->failure);
    answered(pass);
}

bool hook_turn_read(struct hook_turn *turn, struct str pointer, struct buffer *out)
{
    const struct hook_pass *pass = pass_of(turn);
    const struct hooks *hooks = pass->hooks;
    if (!turn->event)
        return false;
    if (!hooks->hide || pass->hook->definition.trusted)
        return hook_data_read(pass->run, pointer, out);
    struct buffer value = BUFFER_INIT;
    bool there = hook_data_read(pass->run, pointer, &value) && !buffer_failed(&value);
    if (there && !hooks->hide(hooks->hide_ctx, buffer_str(&value), out))
        buffer_add_str(out, buffer_str(&value));
    buffer_clear(&value);
    return there;
}

bool hook_turn_cached(struct hook_turn *turn, struct str key, struct buffer *out)
{
    return turn->event && hooks_cache_get(pass_of(turn)->hooks, turn->event, key, out);
}

/* ---- giving up ---------------------------------------------------------------------------------- */

static void give_up(struct hook_pass *pass)
{
    const struct hook_definition *d = &pass->hook->definition;
    d->cancel(d->self, &pass->turn);
}

void hooks_stop(struct hooks *hooks, uint64_t id)
{
    struct hook_run *run = hooks && id ? hooks->running : NULL;
    while (run && run->id != id)
        run = run->next;
    if (!run)
        return;
    run->stopped = true;
    struct hook_pass *pass = run->waits_for;
    if (!pass)
        return; /* from inside of the chain: it ends soon */
    give_up(pass);
    unlink_late(pass);
    release(pass);
    finish(run);
}

static void overdue(struct hook_pass *pass, uint64_t now_ns)
{
    pass->result = HOOK_CONTINUE;
    error_set(&pass->failure, ST_TIMEOUT, "did not answer within %llu ms",
              (unsigned long long)((now_ns - pass->began_ns) / 1000000));
    give_up(pass);
    end_late(pass);
}

static struct hook_pass *first_due(const struct hooks *hooks, uint64_t now_ns, uint64_t *next_ns)
{
    *next_ns = 0;
    for (struct hook_pass *pass = hooks->late; pass; pass = pass->next) {
        if (pass->due_ns <= now_ns)
            return pass;
        if (!*next_ns || pass->due_ns < *next_ns)
            *next_ns = pass->due_ns;
    }
    return NULL;
}

void hook_runs_expire(void *arg)
{
    struct hooks *hooks = arg;
    struct hook_pass *pass;
    uint64_t now_ns = now(hooks), next_ns;
    hooks->timer_ns = 0;
    while ((pass = first_due(hooks, now_ns, &next_ns)))
        overdue(pass, now_ns);
    if (next_ns)
        set_timer(hooks, next_ns, now_ns);
}

void hook_runs_leave(struct hooks *hooks, const struct hook *hook)
{
    struct hook_pass *pass = hooks->late;
    while (pass && pass->hook != hook)
        pass = pass->next;
    if (!pass)
        return;
    struct hook_run *run = pass->run;
    give_up(pass);
    unlink_late(pass);
    if (run)
        run->waits_for = NULL;
    release(pass);
    if (run)
        go_on(run);
    hook_runs_leave(hooks, hook);
}

void hook_runs_free(struct hooks *hooks)
{
    while (hooks->late) {
        struct hook_pass *pass = hooks->late;
        give_up(pass);
        unlink_late(pass);
        release(pass);
    }
    while (hooks->running) {
        struct hook_run *run = hooks->running;
        run->stopped = true;
        finish(run);
    }
}
