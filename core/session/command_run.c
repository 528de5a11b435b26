#include "core/session/command_run.h"

static int redact(void *ctx, struct json value, struct buffer *out, bool *found,
                  struct error *err)
{
    struct redact_report report = REDACT_REPORT_INIT;
    redact_json(ctx, value, REDACT_RECORD, out, &report);
    *found = report.count > 0;
    buffer_clear(&report.pointer);
    return buffer_failed(out) ? no_memory(err) : ST_OK;
}

struct session_world session_world_now(const struct sessions *sessions, struct str id)
{
    const struct sessions_parts *parts = &sessions->parts;
    return (struct session_world){
        .wall_ms = parts->clock->wall_ms(parts->clock->ctx),
        .id = id,
        .defaults = parts->limits,
        .redact = parts->redactor ? redact : NULL,
        .redact_ctx = (void *)(uintptr_t)parts->redactor,
    };
}

void command_run_clear(struct command_run *run)
{
    session_ask_stop(&run->ask);
    session_emit_clear(&run->emit);
}

static int decide(void *arg, const void *state, uint64_t version,
                  struct journal_decision *decision, struct error *err)
{
    struct command_run *run = arg;
    (void)version;
    session_emit_clear(&run->emit);
    run->emit.type = NULL;
    if (!session_is_of(state, run->caller->id, run->caller->tenant))
        return no_session(session_of_stream(run->stream), err);
    int rc = run->command(state, run->arguments, &run->world, &run->emit, err);
    if (!rc && run->emit.type &&
        !journal_emit(decision, str_from(run->emit.type), buffer_str(&run->emit.data)))
        rc = no_memory(err);
    return rc;
}

static void done(void *arg, const struct error *err, const struct journal_result *result,
                 const void *state);

static void commit(struct command_run *run)
{
    const struct journal_command what = {.kind = &session_kind,
                                         .stream = run->stream,
                                         .command = run->command_id,
                                         .decide = decide,
                                         .done = done,
                                         .arg = run};
    journal_execute(run->sessions->parts.journal, run->context, &what);
}

static const char *action_of(session_command *command)
{
    static const struct {
        session_command *command;
        const char *name;
    } all[] = {
        {session_send, "send"},       {session_respond, "respond"},   {session_call_begin, "call"},
        {session_call_end, "return"}, {session_optimize, "optimize"}, {session_tag, "tag"},
        {session_rename, "rename"},   {session_suspend, "suspend"},   {session_resume, "resume"},
        {session_close, "close"},     {session_erase, "erase"},     {session_attach, "attach"},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i].command == command)
            return all[i].name;
    return "change";
}

static void end(struct command_run *run, const struct error *err, const struct session *session,
                bool repeated);

static void asked(void *arg, const struct error *err, const struct str changed[2])
{
    struct command_run *run = arg;
    (void)changed;
    if (err)
        end(run, err, NULL, false);
    else
        commit(run);
}

/* From here on other commands on the session wait for it. */
static void enter(struct command_run *run)
{
    run->next = run->sessions->runs;
    run->sessions->runs = run;
}

static void execute(struct command_run *run)
{
    run->ask = (struct session_ask){.point = HOOK_SESSION_SAVE,
                                    .context = run->context,
                                    .id = session_of_stream(run->stream),
                                    .action = action_of(run->command),
                                    .arguments = run->arguments,
                                    .then = asked,
                                    .arg = run};
    session_ask(run->sessions, &run->ask);
}

/* Takes it off; returns the one that is next, with those that wait behind it. */
static struct command_run *leave(struct command_run *run)
{
    struct command_run **at = &run->sessions->runs;
    struct command_run *next = run->waiting;
    while (*at != run)
        at = &(*at)->next;
    *at = run->next;
    run->waiting = NULL;
    if (next)
        next->waiting = next->behind;
    return next;
}

static void end(struct command_run *run, const struct error *err, const struct session *session,
                bool repeated)
{
    struct command_run *next = leave(run);
    if (next)
        enter(next); /* what done() begins comes behind it */
    run->done(run, err, session, repeated);
    if (next)
        execute(next);
}

static void tell_end(struct command_run *run, const struct session *session)
{
    if (run->command != session_close && run->command != session_erase)
        return;
    run->ask.point = HOOK_SESSION_END;
    run->ask.version = session->version;
    run->ask.status = session_status_name(session->status);
    session_tell(run->sessions, &run->ask);
}

static void done(void *arg, const struct error *err, const struct journal_result *result,
                 const void *state)
{
    struct command_run *run = arg;
    struct error conflict;
    if (!err && result->conflict) {
        journal_conflict(result, &conflict);
        err = &conflict;
    }
    if (!err && result->position > run->sessions->seen)
        run->sessions->seen = result->position;
    if (!err && !result->repeated)
        tell_end(run, state);
    end(run, err, err ? NULL : state, !err && result->repeated);
}

static struct command_run *running(const struct command_run *run)
{
    struct command_run *other = run->sessions->runs;
    while (other && !str_eq(other->stream, run->stream))
        other = other->next;
    return other;
}

void command_run_begin(struct command_run *run, const struct call_context *context,
                       struct str command_id)
{
    struct command_run *other = running(run);
    run->context = context;
    run->command_id = command_id;
    run->waiting = run->behind = NULL;
    if (!other) {
        enter(run);
        execute(run);
        return;
    }
    struct command_run **end = &other->waiting;
    while (*end)
        end = &(*end)->behind;
    *end = run;
}
