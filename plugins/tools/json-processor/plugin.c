/*
 * plugin.c - the tool "json-processor" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "check.h"
#include "request.h"
#include "text.h"
#include "work.h"

#include "hexmcp/plugin.h"

/* What the process may hold while a filter runs; the rest of "memoryMiB" is the stack of the guard. */
#define MEMORY_MOST ((size_t)640 << 20)

static void say(struct answer *a, const struct work *work)
{
    const struct results *s = work->results;
    const char *of = work->request->operation == STREAM ? "line" : "result";
    if (s->target)
        answer_text(a, "%s %llu %ss to %s.", s->target->rehearsed ? "Would write" : "Wrote",
                    (unsigned long long)s->taken, of, s->target->path);
    else
        answer_text(a, "%llu %s%s%s.", (unsigned long long)s->taken, of, s->taken == 1 ? "" : "s",
                    s->more ? "; there are more" : "");
}

static int32_t put_results(struct answer *a, const struct work *work)
{
    const struct request *q = work->request;
    int32_t status = results_put(work->results, a, "result", q->operation == QUERY);
    if (q->operation == STREAM)
        hexmcp_json_put_int64(&a->json, "failed", (int64_t)work->failed);
    if (text_is_inexact(q->source.data))
        hexmcp_json_put_bool(&a->json, "inexact_numbers", true);
    say(a, work);
    return status;
}

static int32_t run_filter(const hexmcp_round *r, struct answer *a, struct work *work)
{
    struct pace pace = pace_begin(r);
    struct guard guard = {.r = r,
                          .pace = &pace,
                          .timeout_ms = work->request->timeout_ms,
                          .memory = MEMORY_MOST + work->request->source.data.len,
                          .work = work->request->operation == STREAM ? work_stream : work_query,
                          .arg = work};
    int32_t status = guard_run(&guard);
    return status == HEXMCP_OK ? put_results(a, work) : status;
}

static int32_t filter(const hexmcp_round *r, struct answer *a, const struct request *q)
{
    struct results results = {.offset = q->offset, .limit = q->limit};
    struct work work = {.request = q, .results = &results};
    struct target target;
    int32_t status = HEXMCP_OK;
    if (q->target_path) {
        status = q->dry_run ? target_rehearse(r, q->target_path, q->overwrite, &target)
                            : target_begin(r, q->target_path, q->overwrite, &target);
        if (status != HEXMCP_OK)
            return status;
        results.target = &target;
    }
    status = run_filter(r, a, &work);
    if (q->target_path && status == HEXMCP_OK)
        status = target_commit(&target);
    else if (q->target_path)
        target_drop(&target);
    results_free(&results);
    return status;
}

static int32_t answer(const hexmcp_round *r, const struct request *q)
{
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    hexmcp_json_put_text(w, "operation", operation_names[q->operation]);
    int32_t status = q->operation == VALIDATE ? check_put(&a, q->source.data, q->schema)
                                              : filter(r, &a, q);
    if (status == HEXMCP_OK)
        return answer_end(&a);
    answer_drop(&a);
    return status;
}

static int32_t process(const hexmcp_round *r)
{
    struct request request;
    int32_t status = request_read(r, &request);
    if (status == HEXMCP_OK)
        status = answer(r, &request);
    request_clear(&request);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("json-processor", process), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.json-processor", "0.1.0", plugin);
