/*
 * plugin.c - the tool "file-converter" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "job.h"
#include "kit/answer.h"
#include "kit/source.h"

static int32_t complete(const struct job *job)
{
    struct answer answer;
    const char *target = job->target ? job->target : job->path;
    bool changes = job_changes(job);
    hexmcp_json_writer *w = answer_begin(&answer, job->r);
    hexmcp_json_put_text(w, "operation", operation_names[job->operation]);
    hexmcp_json_put_text(w, "path", job->path);
    hexmcp_json_put_text(w, "target_path", target);
    hexmcp_json_put_bool(w, "changed", changes);
    hexmcp_json_put_int64(w, "bytes_in", (int64_t)job->in.len);
    hexmcp_json_put_int64(w, "bytes_out", (int64_t)job->out.len);
    hexmcp_json_put_text(w, "from", job->was);
    hexmcp_json_put_text(w, "to", job->is);
    hexmcp_json_put_text(w, "encoding", encoding_names[job->from]);
    hexmcp_json_put_text(w, "detected_by", detected_names[job->by]);
    if (job->replaced > 0)
        hexmcp_json_put_int64(w, "replaced", (int64_t)job->replaced);
    if (job->backup[0] != '\0')
        hexmcp_json_put_text(w, "backup", job->backup);
    hexmcp_json_put_bool(w, "dry_run", job->dry_run);
    answer_text(&answer, "%.*s %s from %s to %s.", SHOWN(target),
                !changes       ? "needs no change"
                : job->dry_run ? "would be converted"
                               : "was converted",
                job->was, job->is);
    return answer_end(&answer);
}

static int32_t handle(const hexmcp_round *r)
{
    struct args args = args_begin(r->args, r->err);
    struct job *job = args_memory(&args, sizeof(*job));
    int32_t status = args_status(&args);
    if (status == HEXMCP_OK) {
        *job = (struct job){.r = r};
        status = job_read(job, &args);
    }
    if (status == HEXMCP_OK) {
        status = job_convert(job);
        if (status == HEXMCP_OK)
            status = job_write(job);
        if (status == HEXMCP_OK)
            status = complete(job);
        job_clear(job);
    }
    args_end(&args);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("file-converter", handle), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.file-converter", "0.1.0", plugin);
