/*
 * plugin.c - the tool "process-executor" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dry_run.h"
#include "kit/encode.h"
#include "kit/keep.h"
#include "request.h"
#include "text.h"

#include "hexmcp/plugin.h"

#include <stdio.h>

/* Of an output that is kept as an artifact, so much is shown. */
#define PREVIEW ((size_t)8 << 10)

struct stream {
    const char *name, *uri_name, *replaced_name;
    const struct bytes *bytes;
};

/* Keeps a large output and shows its beginning; where nothing can be kept, as much as fits. */
static size_t shown_of(struct answer *a, hexmcp_json_writer *w, const struct stream *s, bool *cut)
{
    struct kept kept;
    char file[32];
    if (s->bytes->len <= KEEP_ABOVE)
        return s->bytes->len;
    *cut = true;
    snprintf(file, sizeof(file), "%s.txt", s->name);
    if (keep(a, bytes_str(s->bytes), file, "text/plain", "", &kept) != HEXMCP_OK)
        return KEEP_ABOVE;
    hexmcp_json_put_text(w, s->uri_name, kept.uri);
    return PREVIEW;
}

static bool put_stream(struct answer *a, hexmcp_json_writer *w, const struct stream *s, bool *cut)
{
    struct bytes text = {0};
    size_t replaced = 0, most = shown_of(a, w, s, cut);
    size_t whole = utf8_cut(bytes_str(s->bytes), most);
    most = most - whole <= 3 ? whole : most; /* what is no text has no characters to be kept whole */
    bool ok = text_of((hexmcp_str){s->bytes->ptr, most}, s->bytes->len * 3, &text, &replaced);
    if (ok)
        hexmcp_json_put_string(w, s->name, (hexmcp_str){text.ptr ? text.ptr : "", text.len});
    if (ok && replaced)
        hexmcp_json_put_int64(w, s->replaced_name, (int64_t)replaced);
    bytes_free(&text);
    return ok;
}

static void say(struct answer *a, const struct request *q, const struct program_end *end)
{
    if (end->timed_out)
        answer_text(a, "%.200s was stopped after %lld ms.", q->program.name, (long long)end->wall_ms);
    else if (end->code < 0)
        answer_text(a, "%.200s was ended by the signal %s.", q->program.name, end->signal);
    else
        answer_text(a, "%.200s ended with exit code %d after %lld ms.", q->program.name, end->code,
                    (long long)end->wall_ms);
}

static int32_t answer_run(const hexmcp_round *r, const struct request *q, const struct program_end *end)
{
    const struct stream out = {"stdout", "stdout_uri", "stdout_replaced_bytes", &end->out};
    const struct stream errors = {"stderr", "stderr_uri", "stderr_replaced_bytes", &end->errors};
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    bool cut = end->truncated;
    hexmcp_json_put_text(w, "operation", "execute");
    hexmcp_json_put_bool(w, "dry_run", false);
    hexmcp_json_put_bool(w, "success", end->code == 0 && !end->timed_out);
    hexmcp_json_put_int64(w, "exit_code", end->code);
    if (end->code < 0)
        hexmcp_json_put_text(w, "signal", end->signal);
    bool ok = put_stream(&a, w, &out, &cut) && put_stream(&a, w, &errors, &cut);
    hexmcp_json_put_bool(w, "timed_out", end->timed_out);
    hexmcp_json_put_bool(w, "truncated", cut);
    hexmcp_json_put_bool(w, "output_dropped", end->truncated);
    hexmcp_json_put_int64(w, "execution_time_ms", end->wall_ms);
    say(&a, q, end);
    if (ok)
        return answer_end(&a);
    answer_drop(&a);
    return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the output; ask for less of it");
}

/* The host speaks to those who write plugins; here the operator decides. */
static int32_t told_to_callers(const hexmcp_round *r, const struct request *q, int32_t status)
{
    static const char begin[] = "the plugin was not granted the ";
    const char *what = r->err->text + sizeof(begin) - 1;
    char variable[300];
    if (status != HEXMCP_E_DENIED || strncmp(r->err->text, begin, sizeof(begin) - 1) != 0)
        return status;
    snprintf(variable, sizeof(variable), "%.*s", (int)strcspn(what, ";"), what);
    if (strncmp(variable, "variable", 8) == 0)
        return hexmcp_fail(r->err, status, "the %s is not granted; leave it out, or have the operator allow it with "
                           "\"grants.env\" of the configuration", variable);
    return hexmcp_fail(r->err, status, "the program %.200s is not granted; the operator allows one with --allow-program NAME or "
                       "\"grants.programs\" of the configuration%s", q->program.name,
                       strchr(q->program.name, ' ') ? ". It is a name alone: give arguments in arguments" : "");
}

static int32_t execute(const hexmcp_round *r)
{
    struct args args = args_begin(r->args, r->err);
    struct request request;
    struct program_end end;
    int32_t status = request_read(&args, &request);
    if (status == HEXMCP_OK)
        status = told_to_callers(r, &request, program_run(r, &request.program, &end));
    if (status == HEXMCP_OK) {
        status = request.program.check ? answer_dry_run(r, &request, bytes_str(&end.plan))
                                       : answer_run(r, &request, &end);
        program_free(&end);
    }
    request_clear(&request);
    args_end(&args);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("process-executor", execute), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.process-executor", "0.1.0", plugin);
