#include <stdlib.h>

#include "core/journal/inside.h"

/* No stream ever has this version: an append that expects it adds nothing, and is answered with the
 * first answer if its command was done before. */
#define NO_VERSION ((uint64_t)INT64_MAX)

struct journal_decision {
    struct arena arena;
    struct journal_event *events;
    size_t count, cap;
    bool failed;
};

struct execution {
    struct pending pending;
    struct journal_command what; /* its texts are in the arena */
    struct arena arena;
    struct caller caller;
    struct call_context context;
    bool fresh;    /* the state that is decided on was read from the store */
    bool asked;    /* whether the command was done before */
    unsigned tries;
    struct journal_decision decision;
    struct journal_result result; /* repeated: while the state is loaded */
    uint64_t version;
    /* of what decide() refused, or of the conflict with what the caller expected */
    struct error refused;
    uint64_t actual;
};

bool journal_emit(struct journal_decision *decision, struct str type, struct str data)
{
    if (decision->count == decision->cap) {
        size_t cap = decision->cap ? decision->cap * 2 : 8;
        struct journal_event *events = realloc(decision->events, cap * sizeof(*events));
        if (!events) {
            decision->failed = true;
            return false;
        }
        decision->events = events;
        decision->cap = cap;
    }
    decision->events[decision->count++] = (struct journal_event){
        .type = arena_copy(&decision->arena, type), .data = arena_copy(&decision->arena, data)};
    decision->failed = decision->failed || decision->arena.failed;
    return !decision->failed;
}

static void decision_clear(struct journal_decision *decision)
{
    free(decision->events);
    arena_clear(&decision->arena);
    *decision = (struct journal_decision){0};
}

static void execution_free(struct execution *x)
{
    decision_clear(&x->decision);
    arena_clear(&x->arena);
    free(x);
}

static void finish(struct execution *x, const struct error *err,
                   const struct journal_result *result, const void *state)
{
    pending_unlink(&x->pending);
    x->what.done(x->what.arg, err, result, state);
    execution_free(x);
}

/* The journal goes: neither loads nor commits come back. */
static void execution_drop(struct pending *pending)
{
    execution_free((struct execution *)pending);
}

static void look(struct execution *x, enum journal_fresh fresh);

/* ---- the end with the state ----------------------------------------------------------------- */

static void ended(void *arg, const struct error *err, const struct journal_loaded *loaded)
{
    struct execution *x = arg;
    finish(x, err, err ? NULL : &x->result, err ? NULL : loaded->state);
}

static void load_end(struct execution *x, const struct journal_result *result,
                     enum journal_fresh fresh)
{
    const struct journal_load load = {
        .kind = x->what.kind, .stream = x->what.stream, .fresh = fresh};
    x->result = *result;
    x->result.command = arena_copy(&x->arena, result->command);
    x->result.correlation = arena_copy(&x->arena, result->correlation);
    x->version = result->count ? result->versions[0] : 0;
    x->result.versions = &x->version;
    journal_load(x->pending.journal, &load, ended, x);
}

/* The state that is kept has the events now, or the next load reads them. */
static void done_once(struct execution *x, const struct journal_result *result)
{
    struct aggregate *a = kept_find(x->pending.journal, x->what.kind, x->what.stream);
    bool has = a && a->known && a->version >= result->versions[0];
    load_end(x, result, has ? JOURNAL_RECENT : JOURNAL_CURRENT);
}

/* ---- what was refused ----------------------------------------------------------------------- */

static void tell_refused(struct execution *x)
{
    const struct journal_result conflict = {.command = x->what.command,
                                            .conflict = true,
                                            .stream = x->what.stream,
                                            .expected = x->what.expected,
                                            .actual = x->actual};
    if (x->refused.code)
        finish(x, &x->refused, NULL, NULL);
    else
        finish(x, NULL, &conflict, NULL);
}

static void asked(void *arg, const struct error *err, const struct journal_result *result)
{
    struct execution *x = arg;
    if (!err && result->repeated)
        load_end(x, result, JOURNAL_CURRENT);
    else
        tell_refused(x);
}

/* A command that was done before is refused by the state that it has made itself: ask the store, which
 * knows the keys of commands, by a batch that it cannot append. */
static void ask_repeated(struct execution *x)
{
    if (x->asked || !x->what.command.len || !x->pending.journal->types.count) {
        tell_refused(x);
        return;
    }
    x->asked = true;
    struct str type = x->pending.journal->types.entries[0].key;
    const struct journal_event never = {.type = type, .data = STR("{}")};
    const struct journal_append append = {x->what.stream, EXPECT_VERSION, NO_VERSION, &never, 1};
    const struct journal_batch batch = {.command = x->what.command, .streams = &append, .count = 1};
    journal_commit(x->pending.journal, &x->context, &batch, asked, x);
}

/* ---- the way ------------------------------------------------------------------------------- */

static void committed(void *arg, const struct error *err, const struct journal_result *result)
{
    struct execution *x = arg;
    decision_clear(&x->decision);
    if (err)
        finish(x, err, NULL, NULL);
    else if (!result->conflict)
        done_once(x, result);
    else if (++x->tries < JOURNAL_TRIES)
        look(x, JOURNAL_CURRENT);
    else
        finish(x, NULL, result, NULL);
}

static void commit(struct execution *x, uint64_t version)
{
    const struct journal_append append = {x->what.stream,
                                          version ? EXPECT_VERSION : EXPECT_NONE, version,
                                          x->decision.events, x->decision.count};
    const struct journal_batch batch = {.command = x->what.command,
                                        .correlation = x->what.correlation,
                                        .cause = x->what.cause,
                                        .streams = &append,
                                        .count = 1};
    journal_commit(x->pending.journal, &x->context, &batch, committed, x);
}

static void nothing_to_do(struct execution *x, const struct journal_loaded *loaded)
{
    const struct journal_result result = {.versions = &loaded->version,
                                          .count = 1,
                                          .command = x->what.command};
    finish(x, NULL, &result, loaded->state);
}

static bool decide(struct execution *x, const struct journal_loaded *loaded)
{
    x->refused = (struct error){0};
    x->actual = loaded->version;
    if (x->what.expected && x->what.expected != loaded->version)
        return false;
    int rc = x->what.decide(x->what.arg, loaded->state, loaded->version, &x->decision, &x->refused);
    if (!rc && x->decision.failed)
        rc = error_set(&x->refused, ST_NOMEM, "out of memory");
    if (rc)
        x->refused.code = rc;
    return rc == ST_OK;
}

static void loaded(void *arg, const struct error *err, const struct journal_loaded *state)
{
    struct execution *x = arg;
    if (err) {
        finish(x, err, NULL, NULL);
        return;
    }
    bool yes = decide(x, state);
    if (yes && x->decision.count) {
        commit(x, state->version);
        return;
    }
    decision_clear(&x->decision);
    if (!x->fresh)
        look(x, JOURNAL_CURRENT); /* what was decided on may be old */
    else if (yes)
        nothing_to_do(x, state);
    else
        ask_repeated(x);
}

static void look(struct execution *x, enum journal_fresh fresh)
{
    const struct journal_load load = {
        .kind = x->what.kind, .stream = x->what.stream, .fresh = fresh};
    x->fresh = fresh == JOURNAL_CURRENT;
    journal_load(x->pending.journal, &load, loaded, x);
}

/* ---- the beginning -------------------------------------------------------------------------- */

static int copy(struct execution *x, const struct call_context *context,
                const struct journal_command *command, struct error *err)
{
    struct arena *a = &x->arena;
    x->what = *command;
    x->what.stream = arena_copy(a, command->stream);
    x->what.command = arena_copy(a, command->command);
    x->what.correlation = arena_copy(a, command->correlation);
    x->what.cause = arena_copy(a, command->cause);
    x->caller = (struct caller){.id = arena_copy(a, context->caller->id),
                                .tenant = arena_copy(a, context->caller->tenant)};
    x->context = (struct call_context){.caller = &x->caller,
                                       .traceparent = arena_copy(a, context->traceparent)};
    return a->failed ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

void journal_execute(struct journal *journal, const struct call_context *context,
                     const struct journal_command *command)
{
    struct error err;
    struct execution *x = calloc(1, sizeof(*x));
    int rc = x ? copy(x, context, command, &err) : error_set(&err, ST_NOMEM, "out of memory");
    if (rc) {
        if (x)
            execution_free(x);
        command->done(command->arg, &err, NULL, NULL);
        return;
    }
    x->pending.drop = execution_drop;
    pending_link(journal, &x->pending);
    look(x, JOURNAL_RECENT);
}
