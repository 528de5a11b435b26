#include "core/session/compare.h"
#include "core/session/digest.h"
#include "core/session/modify.h"
#include "core/session/steps.h"

#define TIMEOUT_MS 30000u
#define DIFFERENCES_MAX 100u

enum mode { EXACT, LIVE, MODIFIED, SIMULATE };

struct replay_work {
    struct session_work work;
    enum mode mode;
    struct steps steps;
    size_t at; /* the step that is replayed */
    uint64_t call_id;
    struct json_doc *arguments; /* of the running call */
    bool released, ended;       /* of it */
    struct buffer out, differences;
    struct json_writer w;
    uint64_t identical, different, failed, skipped, told;
    double similarity; /* of all that were compared */
    bool running;      /* next_step is on the stack */
    bool again;
};

static void clear(struct session_work *work)
{
    struct replay_work *x = (struct replay_work *)work;
    steps_clear(&x->steps);
    json_free(x->arguments);
    buffer_clear(&x->out);
    buffer_clear(&x->differences);
}

static void next_step(struct replay_work *x);

/* ---- what is told of a step ---- */

static void begin_step(struct replay_work *x, const char *outcome)
{
    const struct step *step = &x->steps.list[x->at];
    json_begin_object(&x->w);
    json_put_i64(&x->w, STR("call"), (int64_t)x->at + 1);
    json_put_string(&x->w, STR("callId"), step->call_id);
    json_put_i64(&x->w, STR("version"), (int64_t)step->version);
    json_put_string(&x->w, STR("target"), step->target);
    json_put_string(&x->w, STR("outcome"), str_from(outcome));
}

static void skip(struct replay_work *x, const char *why)
{
    x->skipped++;
    begin_step(x, "skipped");
    json_put_string(&x->w, STR("reason"), str_from(why));
    json_end_object(&x->w);
    next_step(x);
}

static void fail_step(struct replay_work *x, struct str why)
{
    x->failed++;
    begin_step(x, "failed");
    json_put_string(&x->w, STR("reason"), why);
    json_end_object(&x->w);
}

static void differs(void *arg, const struct difference *difference)
{
    struct replay_work *x = arg;
    if (x->told++ >= DIFFERENCES_MAX)
        return;
    if (x->differences.len)
        buffer_add_char(&x->differences, ',');
    difference_write(&x->differences, difference);
}

static void finish(struct replay_work *x)
{
    uint64_t compared = x->identical + x->different;
    struct buffer out;
    json_end_array(&x->w);
    json_put_i64(&x->w, STR("calls"), (int64_t)x->steps.count);
    json_put_i64(&x->w, STR("identical"), (int64_t)x->identical);
    json_put_i64(&x->w, STR("different"), (int64_t)x->different);
    json_put_i64(&x->w, STR("failed"), (int64_t)x->failed);
    json_put_i64(&x->w, STR("skipped"), (int64_t)x->skipped);
    json_key(&x->w, STR("similarity"));
    json_write_double(&x->w, compared ? x->similarity / (double)compared : 1.0);
    json_end_object(&x->w);
    out = x->out;
    x->out = (struct buffer)BUFFER_INIT;
    work_answer(&x->work, &out);
}

/* ---- from the record ---- */

static void exact_step(struct replay_work *x)
{
    const struct step *step = &x->steps.list[x->at];
    char digest[DIGEST_TEXT];
    bool known = step->digest.len && digest_text(x->work.sessions->parts.crypto, step->result, digest);
    if (step->redacted) {
        skip(x, "secrets of it are not in the record");
        return;
    }
    if (step->result.len == 0 && step->digest.len) {
        skip(x, "its result was too long to be recorded");
        return;
    }
    if (known && !str_eq(step->digest, (struct str){digest, DIGEST_TEXT})) {
        fail_step(x, STR("the recorded result does not have the digest that it had"));
        next_step(x);
        return;
    }
    x->identical++;
    x->similarity += 1;
    begin_step(x, "identical");
    json_put_string(&x->w, STR("end"), step->end);
    if (step->result.len)
        json_put_raw(&x->w, STR("result"), step->result);
    json_end_object(&x->w);
    next_step(x);
}

/* ---- again ---- */

static void tell_compared(struct replay_work *x, const char *now, double similarity)
{
    const struct step *step = &x->steps.list[x->at];
    bool same = x->told == 0 && str_eq(step->end, str_from(now));
    x->similarity += similarity;
    *(same ? &x->identical : &x->different) += 1;
    begin_step(x, same ? "identical" : "different");
    json_put_string(&x->w, STR("end"), str_from(now));
    if (!str_eq(step->end, str_from(now)))
        json_put_string(&x->w, STR("recordedEnd"), step->end);
    json_key(&x->w, STR("similarity"));
    json_write_double(&x->w, similarity);
    if (x->told) {
        json_key(&x->w, STR("differences"));
        buffer_add_char(&x->out, '[');
        buffer_add_str(&x->out, buffer_str(&x->differences));
        buffer_add_char(&x->out, ']');
        x->w.comma = true;
        json_put_i64(&x->w, STR("differenceCount"), (int64_t)x->told);
    }
    json_end_object(&x->w);
}

static void compare_step(struct replay_work *x, const struct call_outcome *outcome)
{
    static const char *const words[] = {
        [CALL_RESULT] = "completed",         [CALL_TOOL_ERROR] = "failed",
        [CALL_FAILED] = "failed",            [CALL_CANCELLED] = "cancelled",
        [CALL_INPUT_REQUIRED] = "inputRequired",
    };
    const struct step *step = &x->steps.list[x->at];
    const struct comparison how = {
        .ignored = compare_times,
        .ignored_list = json_get(operation_arguments(x->work.call), STR("ignore")),
        .differs = differs,
        .arg = x};
    struct json_doc *recorded = NULL;
    double similarity = 1;
    x->told = 0;
    x->differences.len = 0;
    if (step->result.len && json_parse(step->result, &recorded, NULL) == ST_OK) {
        if (json_exists(outcome->result))
            similarity = json_compare(json_root(recorded), outcome->result, &how);
        else
            similarity = 0;
    }
    json_free(recorded);
    tell_compared(x, words[outcome->end], similarity);
}

/* The call has ended and its arguments are free. */
static void step_over(struct replay_work *x)
{
    if (!x->released || !x->ended)
        return;
    json_free(x->arguments);
    x->arguments = NULL;
    next_step(x);
}

static void on_done(void *user, const struct call_outcome *outcome)
{
    struct replay_work *x = user;
    x->call_id = 0;
    x->ended = true;
    compare_step(x, outcome);
    step_over(x);
}

static void on_release(void *hold)
{
    struct replay_work *x = hold;
    x->released = true;
    step_over(x);
}

static const struct call_observer observer = {.done = on_done};

static enum action action_of(struct str word)
{
    return str_eq(word, STR("read"))     ? ACTION_READ
           : str_eq(word, STR("render")) ? ACTION_RENDER
                                         : ACTION_CALL;
}

static bool is_for(struct json change, size_t call)
{
    int64_t number;
    return !json_int64(json_get(change, STR("call")), &number) || number == (int64_t)call + 1;
}

/* The arguments with the changes that are meant for this call. */
static int change_arguments(struct replay_work *x, struct error *err)
{
    struct json_iter it = json_iter(json_get(operation_arguments(x->work.call), STR("changes")));
    struct buffer scratch = BUFFER_INIT;
    struct str path;
    int rc = ST_OK;
    while (!rc && x->mode == MODIFIED && json_next(&it)) {
        struct buffer changed = BUFFER_INIT;
        size_t len;
        if (!is_for(it.value, x->at) ||
            !json_string(json_get(it.value, STR("path")), &scratch, &path))
            continue;
        rc = json_replace(json_root(x->arguments), path, json_get(it.value, STR("value")), &changed,
                          err);
        if (!rc) {
            char *text = buffer_take(&changed, &len);
            json_free(x->arguments);
            x->arguments = NULL;
            rc = text ? json_parse_take(text, len, &x->arguments, err) : no_memory(err);
        }
        buffer_clear(&changed);
        scratch.len = 0;
    }
    buffer_clear(&scratch);
    return rc;
}

static void call_again(struct replay_work *x)
{
    const struct sessions_parts *parts = &x->work.sessions->parts;
    const struct step *step = &x->steps.list[x->at];
    struct error err;
    uint64_t timeout = work_count(&x->work, "timeoutMs");
    int rc = json_parse(step->arguments, &x->arguments, &err);
    if (!rc)
        rc = change_arguments(x, &err);
    if (rc) {
        fail_step(x, str_from(err.text));
        next_step(x);
        return;
    }
    struct call_request request = {.action = action_of(step->action),
                                   .target = step->target,
                                   .arguments = json_root(x->arguments),
                                   .context = *operation_context(x->work.call),
                                   .observer = &observer,
                                   .user = x,
                                   .release = on_release,
                                   .hold = x};
    request.context.monotonic_ns = parts->clock->monotonic_ns(parts->clock->ctx);
    request.context.deadline_ns =
        request.context.monotonic_ns + (timeout ? timeout : TIMEOUT_MS) * 1000000u;
    x->released = x->ended = false;
    rc = parts->calls->call(parts->calls->ctx, &request, &x->call_id, &err);
    if (rc) {
        fail_step(x, str_from(err.text));
        next_step(x);
    }
}

static bool is_read_only(const struct replay_work *x, const struct step *step)
{
    const struct catalog_service *catalog = x->work.sessions->parts.catalog;
    struct json_doc *doc;
    bool read_only = false;
    if (!str_eq(step->action, STR("call")))
        return true;
    const struct item *item =
        catalog->find(catalog->ctx, operation_context(x->work.call), ITEM_TOOL, step->target);
    if (!item || json_parse(item->json, &doc, NULL))
        return false;
    json_bool(json_get(json_get(json_root(doc), STR("annotations")), STR("readOnlyHint")),
              &read_only);
    json_free(doc);
    return read_only;
}

static void run_step(struct replay_work *x)
{
    const struct step *step = &x->steps.list[x->at];
    if (!step->returned)
        skip(x, "it has no end in the record");
    else if (!step->redacted && step->ref.len && step->result.len == 0)
        skip(x, "the artifact that has its result is not there");
    else if (x->mode == EXACT)
        exact_step(x);
    else if (step->redacted)
        skip(x, "secrets of it are not in the record");
    else if (x->mode == SIMULATE && !is_read_only(x, step))
        skip(x, "it may change things, and a simulation has no effects");
    else
        call_again(x);
}

/* Steps that end at once must not pile up on the stack. */
static void next_step(struct replay_work *x)
{
    x->again = true;
    if (x->running)
        return;
    x->running = true;
    while (x->again) {
        x->again = false;
        x->at++;
        if (x->at >= x->steps.count || operation_cancelled(x->work.call)) {
            finish(x);
            return;
        }
        run_step(x);
    }
    x->running = false;
}

static void have_steps(void *arg, const struct error *err)
{
    static const char *const names[] = {"exact", "live", "modified", "simulate"};
    struct replay_work *x = arg;
    if (err) {
        work_fail(&x->work, err);
        return;
    }
    x->w = json_writer(&x->out);
    json_begin_object(&x->w);
    json_put_string(&x->w, STR("id"), session_of_stream(x->steps.stream));
    json_put_string(&x->w, STR("mode"), str_from(names[x->mode]));
    json_key(&x->w, STR("steps"));
    json_begin_array(&x->w);
    x->at = SIZE_MAX;
    next_step(x);
}

static void loaded(struct session_work *work, const struct session *session, uint64_t position)
{
    struct replay_work *x = (struct replay_work *)work;
    uint64_t to = work_count(work, "version");
    (void)position;
    x->steps.sessions = work->sessions;
    x->steps.caller = work_caller(work);
    x->steps.to = to && to < session->version ? to : session->version;
    steps_read(&x->steps, have_steps, x);
}

static enum mode mode_of(struct str word)
{
    return str_eq(word, STR("live"))       ? LIVE
           : str_eq(word, STR("modified")) ? MODIFIED
           : str_eq(word, STR("simulate")) ? SIMULATE
                                           : EXACT;
}

void session_op_replay(void *domain, struct operation_call *call)
{
    struct replay_work *x = work_new(domain, call, sizeof(*x));
    struct error err;
    if (!x)
        return;
    x->work.clear = clear;
    x->mode = mode_of(work_text(&x->work, "mode"));
    if (work_stream(&x->work, "id", &x->steps.stream, &err))
        work_fail(&x->work, &err);
    else
        work_load(&x->work, x->steps.stream, loaded);
}
