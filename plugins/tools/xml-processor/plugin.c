/*
 * plugin.c - the tool "xml-processor" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <unistd.h>

#include "document.h"
#include "work.h"

#include "hexmcp/plugin.h"
#include "kit/aside.h"
#include "kit/keep.h"
#include "kit/pace.h"

/* libxml2 compiles and walks expressions, patterns and trees by recursion. */
#define STACK_BYTES ((size_t)256 << 20)

/* Schemas can make libxml2 work for hours. What goes on for GRACE_MS more of processor time ends with its
 * process. */
#define TIME_MS 30000
#define GRACE_MS 3000

#define OTHERWISE "give target_path for a file"

struct watched {
    struct work *work;
    struct pace pace;
};

static int32_t do_work(void *arg, hexmcp_error *err)
{
    return work_do(((struct watched *)arg)->work, err);
}

static int32_t look(void *arg)
{
    struct watched *watched = arg;
    if (pace_ms(&watched->pace) > TIME_MS)
        return hexmcp_fail(watched->work->r->err, HEXMCP_E_TIMEOUT,
                           "the work took more than %d ms and was stopped; give a smaller document, or a "
                           "simpler schema or expression",
                           TIME_MS);
    return pace_step(&watched->pace, pace_ms(&watched->pace), 0, "working on the XML");
}

static void stop(void *arg)
{
    atomic_store(&((struct watched *)arg)->work->stop, true);
}

/* The process is a helper's: the server goes on, and tells the caller these last words. */
static void lost(void *arg)
{
    const struct watched *watched = arg;
    fprintf(stderr, "%s; libxml2 could not be stopped, so the process was\n", watched->work->r->err->text);
    _exit(1);
}

/* ---- the answer ----------------------------------------------------------------------------- */

static int32_t put_file(struct work *work)
{
    const struct request *q = work->request;
    hexmcp_str text = bytes_str(&work->output);
    bool there;
    int32_t status = q->dry_run ? target_check(work->r, q->target_path, q->overwrite, &there)
                                : target_put(work->r, q->target_path, q->overwrite, text);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_put_text(&work->answer->json, "target_path", q->target_path);
    hexmcp_json_put_bool(&work->answer->json, "dry_run", q->dry_run);
    hexmcp_json_put_int64(&work->answer->json, "bytes", (int64_t)text.len);
    answer_text(work->answer, "%s %zu bytes to %s.", q->dry_run ? "Would write" : "Wrote", text.len,
                q->target_path);
    return HEXMCP_OK;
}

static int32_t put_output(struct work *work)
{
    const struct request *q = work->request;
    hexmcp_str text = bytes_str(&work->output);
    answer_text(work->answer, "%zu bytes of %s.", text.len, q->operation == TO_JSON ? "JSON" : "XML");
    if (q->target_path)
        return put_file(work);
    if (q->operation != TO_JSON)
        return keep_text(work->answer, "xml", text, "result.xml", "application/xml", OTHERWISE);
    if (text.len > KEEP_ABOVE)
        return keep_large(work->answer, text, "result.json", "application/json", OTHERWISE);
    hexmcp_json_put_raw(&work->answer->json, "result", text);
    return HEXMCP_OK;
}

static int32_t put_results(struct work *work)
{
    struct results *s = &work->results;
    const char *name = work->request->operation == QUERY ? "nodes" : "records";
    int32_t status = results_put(s, work->answer, name, false);
    if (s->target)
        answer_text(work->answer, "%s %llu %s to %s.", s->target->rehearsed ? "Would write" : "Wrote",
                    (unsigned long long)s->taken, name, s->target->path);
    else
        answer_text(work->answer, "%llu %s%s.", (unsigned long long)s->taken, name,
                    s->more ? "; there are more" : "");
    return status;
}

static int32_t put(struct work *work)
{
    const struct request *q = work->request;
    if (q->operation == PARSE || q->operation == VALIDATE)
        return HEXMCP_OK;
    if (q->operation == EXTRACT || (q->operation == QUERY && strcmp(work->kind, "nodes") == 0))
        return put_results(work);
    if (q->operation != QUERY)
        return put_output(work);
    hexmcp_str value = bytes_str(&work->output);
    if (value.len > KEEP_ABOVE)
        return keep_large(work->answer, value, "result.json", "application/json",
                          "ask for a part with substring()");
    hexmcp_json_put_raw(&work->answer->json, "value", value);
    answer_text(work->answer, "A %s.", work->kind);
    return HEXMCP_OK;
}

/* ---- the call ------------------------------------------------------------------------------- */

static int32_t run(struct work *work)
{
    struct watched watched = {work, pace_begin(work->r)};
    const struct aside aside = {.stack_bytes = STACK_BYTES,
                                .work = do_work,
                                .look = look,
                                .stop = stop,
                                .grace_ms = GRACE_MS,
                                .lost = lost,
                                .arg = &watched};
    int32_t status = aside_run(work->r, &aside);
    return status == HEXMCP_OK ? put(work) : status;
}

/* extract writes while it works, the others at their end. */
static int32_t run_to_target(struct work *work)
{
    const struct request *q = work->request;
    struct target target;
    bool there;
    if (!q->target_path)
        return run(work);
    if (q->operation != EXTRACT) {
        int32_t status = target_check(work->r, q->target_path, q->overwrite, &there);
        return status == HEXMCP_OK ? run(work) : status;
    }
    int32_t status = q->dry_run ? target_rehearse(work->r, q->target_path, q->overwrite, &target)
                                : target_begin(work->r, q->target_path, q->overwrite, &target);
    if (status != HEXMCP_OK)
        return status;
    work->results.target = &target;
    status = run(work);
    if (status == HEXMCP_OK)
        return target_commit(&target);
    target_drop(&target);
    return status;
}

static int32_t answer(const hexmcp_round *r, const struct request *q)
{
    struct answer a;
    struct work work = {
        .r = r, .request = q, .answer = &a, .results = {.offset = q->offset, .limit = q->limit}};
    hexmcp_json_put_text(answer_begin(&a, r), "operation", operation_names[q->operation]);
    int32_t status = run_to_target(&work);
    results_free(&work.results);
    bytes_free(&work.output);
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

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err)
{
    (void)self;
    (void)host;
    (void)config_json;
    (void)err;
    document_init();
    return HEXMCP_OK;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("xml-processor", process), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.init = init, .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.xml-processor", "0.1.0", plugin);
