#include "adapters/driving/cli/call/run.h"

#include <stdio.h>
#include <stdlib.h>

#include "adapters/driving/cli/call/ask.h"
#include "adapters/driving/cli/call/interrupt.h"
#include "adapters/driving/cli/call/output.h"
#include "adapters/driving/cli/call/progress_bar.h"

/* Questions without end would keep a script for ever. */
#define ROUNDS_MAX 32

struct run {
    struct app *app;
    const struct run_request *what;
    struct progress_bar bar;
    uint64_t id; /* of the call that runs; 0: none */
    bool done;
    bool asks;           /* the round ended with requests ... */
    struct buffer asked; /* ... which are these, with the state */
    struct buffer answers;
    unsigned rounds;
    unsigned holds; /* rounds whose plugin may still look at the arguments */
    int exit_code;
};

/* ---- while it runs ---- */

static void on_progress(void *user, double progress, double total, struct str message)
{
    struct run *run = user;
    progress_bar_draw(&run->bar, progress, total, message);
    app_log_over_line(run->app, run->bar.shown);
}

static void on_interrupt(void *arg)
{
    struct run *run = arg;
    const struct call_service *calls = app_calls(run->app);
    if (run->id)
        calls->cancel(calls->ctx, run->id);
}

/* A tool error of the server's own making says more than "the tool failed". */
static int exit_code_of_tool_error(const struct error *err)
{
    bool telling = err && (err->code == ST_DENIED || err->code == ST_TIMEOUT);
    return telling ? exit_code_of(err->code) : EXIT_TOOL_FAILED;
}

static int tell_cancelled(void)
{
    fputs("hexmcp: the call was cancelled\n", stderr);
    return EXIT_INTERRUPTED;
}

static void on_done(void *user, const struct call_outcome *outcome)
{
    struct run *run = user;
    run->done = true;
    progress_bar_clear(&run->bar);
    app_log_over_line(run->app, false);
    switch (outcome->end) {
    case CALL_RESULT:
    case CALL_TOOL_ERROR:
        output_result(run->what->action, outcome->result, run->what->as_json);
        run->exit_code = outcome->end == CALL_RESULT ? EXIT_DONE
                                                     : exit_code_of_tool_error(outcome->error);
        break;
    case CALL_INPUT_REQUIRED:
        run->asks = true;
        buffer_reset(&run->asked, 0);
        buffer_add_str(&run->asked, json_text(outcome->result));
        break;
    case CALL_CANCELLED:
        run->exit_code = tell_cancelled();
        break;
    default:
        run->exit_code = report_error(outcome->error);
    }
}

/* ---- a round ---- */

static void on_release(void *hold)
{
    struct run *run = hold;
    run->holds--;
}

/* Calls, or goes on with state and answers; returns when the round is over. */
static int play_round(struct run *run, struct str state, struct error *err)
{
    static const struct call_observer observer = {.progress = on_progress, .done = on_done};
    const struct call_service *calls = app_calls(run->app);
    struct call_request call = {
        .action = run->what->action,
        .target = run->what->target,
        .arguments = run->what->arguments ? json_root(run->what->arguments) : json_none(),
        .resume = run->rounds > 0,
        .state = state,
        .answers = buffer_str(&run->answers),
        .context = app_context(run->app),
        .observer = &observer,
        .user = run,
        .release = on_release,
        .hold = run,
    };
    run->done = run->asks = false;
    if (interrupt_seen())
        return error_set(err, ST_CANCELLED, "the call was cancelled");
    run->holds++;
    int rc = calls->call(calls->ctx, &call, &run->id, err);
    if (rc) {
        run->holds--;
        return rc;
    }
    app_run_until(run->app, &run->done);
    run->id = 0;
    return ST_OK;
}

static int ask(struct run *run, struct json wanted, struct error *err)
{
    buffer_reset(&run->answers, 0);
    if (++run->rounds > ROUNDS_MAX)
        return error_set(err, ST_PROTOCOL, "%.*s asked for input %d times and was stopped",
                         STR_ARG(run->what->target), ROUNDS_MAX);
    int rc = ask_round(app_loop(run->app), run->what->target, json_get(wanted, STR("requests")),
                       &run->answers, err);
    if (rc && rc != ST_CANCELLED)
        error_prefix(err, "%.*s cannot go on: ", STR_ARG(run->what->target));
    return rc;
}

/* What was asked is answered, and the call goes on. */
static int answer_round(struct run *run, struct error *err)
{
    struct json_doc *wanted;
    int rc = json_parse(buffer_str(&run->asked), &wanted, err);
    if (rc)
        return rc;
    rc = ask(run, json_root(wanted), err);
    if (!rc) {
        struct buffer state = BUFFER_INIT;
        buffer_add_str(&state, json_text(json_get(json_root(wanted), STR("state"))));
        rc = play_round(run, buffer_str(&state), err);
        buffer_clear(&state);
    }
    json_free(wanted);
    return rc;
}

static int play(struct run *run, struct error *err)
{
    int rc = play_round(run, STR(""), err);
    while (!rc && run->asks)
        rc = answer_round(run, err);
    return rc;
}

int run_call(struct app *app, const struct run_request *what)
{
    struct error err;
    struct run *run = calloc(1, sizeof(*run));
    if (!run) {
        json_free(what->arguments);
        return report_error((error_set(&err, ST_NOMEM, "out of memory"), &err));
    }
    run->app = app;
    run->what = what;
    int rc = interrupt_begin(app_loop(app), on_interrupt, run, &err);
    if (!rc) {
        rc = play(run, &err);
        interrupt_end(app_loop(app));
    }
    if (rc == ST_CANCELLED)
        run->exit_code = tell_cancelled();
    else if (rc)
        run->exit_code = err.code == ST_UNSUPPORTED ? (report_error(&err), EXIT_TOOL_FAILED)
                                                    : report_error(&err);
    int code = run->exit_code;
    buffer_clear(&run->asked);
    buffer_clear(&run->answers);
    /* A plugin that hangs may still read its arguments, and says later that it is done. */
    if (run->holds)
        return code;
    json_free(what->arguments);
    free(run);
    return code;
}
