/* Tries again what failed for a reason that may pass. */
#include <stdlib.h>

#include "core/hook/builtin/kinds.h"

enum backoff { FIXED, LINEAR, EXPONENTIAL, FIBONACCI };
enum jitter { NONE, FULL, EQUAL, DECORRELATED };

struct retry {
    const struct random_port *random;
    uint32_t attempts, delay_ms, max_delay_ms;
    unsigned backoff, jitter;
    bool all;         /* also tools that are neither read-only nor idempotent   */
    bool tool_errors; /* also what a tool itself calls an error                 */
};

static uint64_t grown(const struct retry *r, uint32_t attempt)
{
    uint64_t ms = r->delay_ms, before = 0;
    for (uint32_t i = 1; i < attempt && ms < r->max_delay_ms; i++) {
        uint64_t next = r->backoff == FIXED         ? ms
                        : r->backoff == LINEAR      ? ms + r->delay_ms
                        : r->backoff == EXPONENTIAL ? ms * 2
                        : before                    ? ms + before
                                                    : ms;
        before = ms;
        ms = next;
    }
    return ms < r->max_delay_ms ? ms : r->max_delay_ms;
}

/* Evenly from `low` to `high`. */
static uint64_t pick(const struct retry *r, uint64_t low, uint64_t high)
{
    uint64_t drawn = 0;
    struct error err;
    if (high <= low || r->random->fill(r->random->ctx, &drawn, sizeof(drawn), &err))
        return high;
    return low + drawn % (high - low + 1);
}

static uint32_t delay_of(const struct retry *r, uint32_t attempt)
{
    uint64_t ms = grown(r, attempt);
    if (r->jitter == FULL)
        ms = pick(r, 0, ms);
    else if (r->jitter == EQUAL)
        ms = pick(r, ms / 2, ms);
    else if (r->jitter == DECORRELATED)
        ms = pick(r, r->delay_ms, ms * 3);
    return (uint32_t)(ms < r->max_delay_ms ? ms : r->max_delay_ms);
}

static bool may_pass(const struct retry *r, struct hook_turn *turn)
{
    static const struct str codes[] = {STR_INIT("timeout"), STR_INIT("busy"), STR_INIT("unavailable")};
    struct buffer code = BUFFER_INIT;
    bool found = false;
    if (!builtin_text(turn, STR("/error/code"), &code))
        found = r->tool_errors && builtin_flag(turn, STR("/isError"));
    for (size_t i = 0; i < 3; i++)
        found = found || str_eq(buffer_str(&code), codes[i]);
    buffer_clear(&code);
    return found;
}

static uint32_t attempt_of(struct hook_turn *turn)
{
    struct buffer text = BUFFER_INIT;
    uint32_t attempt = 1;
    if (hook_turn_read(turn, STR("/attempt"), &text) && text.len == 1)
        attempt = (uint32_t)(text.data[0] - '0');
    else if (text.len > 1)
        attempt = 10;
    buffer_clear(&text);
    return attempt;
}

static enum hook_result run(void *self, struct hook_turn *turn)
{
    const struct retry *r = self;
    if (!(hook_point_facts(turn->event->point)->may & HOOK_MAY_RETRY) || !may_pass(r, turn))
        return HOOK_SKIPPED;
    if (!r->all && !builtin_flag(turn, STR("/readOnly")) && !builtin_flag(turn, STR("/idempotent")))
        return HOOK_SKIPPED;
    turn->says.attempts = r->attempts;
    turn->says.delay_ms = delay_of(r, attempt_of(turn));
    return HOOK_RETRY;
}

static int make(const struct builtin_parts *parts, struct parameters *p, struct hook_definition *d)
{
    static const char *const backoffs[] = {"fixed", "linear", "exponential", "fibonacci", NULL};
    static const char *const jitters[] = {"none", "full", "equal", "decorrelated", NULL};
    struct retry r = {parts->random, 3, 100, 60000, EXPONENTIAL, FULL, false, false};
    parameter_u32(p, "attempts", 1, 10, &r.attempts);
    parameter_u32(p, "delayMs", 0, 60000, &r.delay_ms);
    parameter_u32(p, "maxDelayMs", 0, 60000, &r.max_delay_ms);
    parameter_word(p, "backoff", backoffs, &r.backoff);
    parameter_word(p, "jitter", jitters, &r.jitter);
    parameter_bool(p, "all", &r.all);
    parameter_bool(p, "toolErrors", &r.tool_errors);
    struct retry *self = p->rc ? NULL : malloc(sizeof(*self));
    if (!self)
        return p->rc ? p->rc : error_set(p->err, ST_NOMEM, "out of memory");
    *self = r;
    d->self = self;
    d->run = run;
    d->free = free;
    d->gates = true;
    return ST_OK;
}

const struct builtin builtin_retry = {
    .name = "retry",
    .keys = (const char *const[]){"attempts", "delayMs", "maxDelayMs", "backoff", "jitter", "all",
                                  "toolErrors", NULL},
    .points = (const char *const[]){"ToolError", "AfterToolExecution", NULL},
    .make = make,
};
