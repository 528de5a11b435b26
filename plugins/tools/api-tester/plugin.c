/*
 * plugin.c - the tool "api-tester" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "step.h"

#include "hexmcp/plugin.h"
#include "kit/answer.h"

#define STEPS_MOST 20

struct test {
    const hexmcp_round *r;
    struct pace pace;
    struct values values;
    struct tally tally;
    size_t run, all;
    bool dry_run;
};

static int32_t run_or_tell(struct test *t, hexmcp_str json, hexmcp_json_writer *w)
{
    return t->dry_run ? step_tell(t->r, json, &t->values, w)
                      : step_run(&t->pace, json, &t->values, w, &t->tally);
}

static int32_t fill_and_run(struct test *t, hexmcp_str json, hexmcp_json_writer *w)
{
    struct bytes filled = {0};
    int32_t status = values_fill(&t->values, json, &filled, t->r->err);
    if (status == HEXMCP_OK)
        status = run_or_tell(t, bytes_str(&filled), w);
    bytes_free(&filled);
    return status;
}

/* Says which step it was. */
static int32_t fail_step(const struct test *t, const char *name, int32_t status)
{
    char text[HEXMCP_ERROR_TEXT];
    snprintf(text, sizeof(text), "%s", t->r->err->text);
    return hexmcp_fail(t->r->err, status, "step %zu (%.60s): %.380s", t->run + 1, name, text);
}

static int32_t run_step(struct test *t, hexmcp_str json, hexmcp_json_writer *w)
{
    hexmcp_str value;
    char name[101] = "without name";
    size_t failed = t->tally.failed;
    if (hexmcp_json_get(json, "name", &value) == HEXMCP_OK)
        hexmcp_json_string(value, name, sizeof(name), NULL);
    int32_t status = pace_step(&t->pace, (double)t->run, (double)t->all, name);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "name", name);
    status = fill_and_run(t, json, w);
    if (status != HEXMCP_OK)
        return fail_step(t, name, status);
    hexmcp_json_put_bool(w, "passed", t->tally.failed == failed);
    hexmcp_json_end_object(w);
    t->run++;
    return HEXMCP_OK;
}

static int32_t run_steps(struct test *t, struct args *args, hexmcp_json_writer *w)
{
    hexmcp_str steps = args_raw(args, "steps"), step;
    bool stops = args_bool(args, "stop_on_failure", true);
    hexmcp_json_iter it = hexmcp_json_iter_begin(steps);
    int32_t status = args_status(args);
    while (hexmcp_json_next(&it, NULL, &step))
        t->all++;
    if (status == HEXMCP_OK && (t->all == 0 || t->all > STEPS_MOST))
        status = hexmcp_fail(t->r->err, HEXMCP_E_INVALID, "steps is no array of 1 to %d steps; correct it",
                             STEPS_MOST);
    hexmcp_json_key(w, "steps");
    hexmcp_json_begin_array(w);
    it = hexmcp_json_iter_begin(steps);
    while (status == HEXMCP_OK && !(stops && t->tally.failed) && hexmcp_json_next(&it, NULL, &step))
        status = run_step(t, step, w);
    hexmcp_json_end_array(w);
    return status;
}

static int32_t run_all(struct test *t, struct args *args, hexmcp_json_writer *w)
{
    bool many = args_has(args, "steps");
    t->dry_run = args_bool(args, "dry_run", false);
    if (t->dry_run)
        hexmcp_json_put_bool(w, "dry_run", 1);
    if (many == args_has(args, "input"))
        return args_fail(args, HEXMCP_E_INVALID,
                         "give input (one request) or steps (several), and one of them alone");
    if (many)
        return run_steps(t, args, w);
    t->all = t->run = 1;
    return run_or_tell(t, args->json, w);
}

static int32_t answer(struct test *t, struct answer *a)
{
    hexmcp_json_writer *w = &a->json;
    bool passed = t->tally.failed == 0;
    hexmcp_json_put_bool(w, "passed", passed);
    hexmcp_json_put_int64(w, "assertions_passed", (int64_t)t->tally.passed);
    hexmcp_json_put_int64(w, "assertions_failed", (int64_t)t->tally.failed);
    if (t->run < t->all)
        hexmcp_json_put_int64(w, "steps_left_out", (int64_t)(t->all - t->run));
    if (t->dry_run)
        answer_text(a, "Nothing was sent. %zu %s would be.", t->all, t->all == 1 ? "request" : "requests");
    else
        answer_text(a, "%s: %zu assertions passed, %zu failed.", passed ? "Passed" : "Failed",
                t->tally.passed, t->tally.failed);
    return answer_end(a);
}

static int32_t run(const hexmcp_round *r)
{
    struct test t = {.r = r, .pace = pace_begin(r)};
    struct args args = args_begin(r->args, r->err);
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    hexmcp_json_put_text(w, "operation", "test");
    int32_t status = run_all(&t, &args, w);
    if (status == HEXMCP_OK)
        status = answer(&t, &a);
    else
        answer_drop(&a);
    values_free(&t.values);
    args_end(&args);
    return status == HEXMCP_E_CANCELLED ? hexmcp_round_cancel(r) : status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("api-tester", run), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.api-tester", "0.1.0", plugin);
