/*
 * plugin.c - the tool "diff-calculator" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "classes.h"
#include "formats.h"
#include "report.h"
#include "source.h"

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

struct state {
    struct align *align;
};

/* A call in which both sides have been read. */
struct job {
    const struct state *state;
    struct work work;
    struct request request;
    struct side old_side;
    struct side new_side;
    hexmcp_json_writer writer;
};

/* The members that every result has. */
static void write_head(struct job *job, int identical)
{
    hexmcp_json_put_text(&job->writer, "type", job->request.json ? "json" : "text");
    hexmcp_json_put_text(&job->writer, "format", format_name(job->request.format));
    hexmcp_json_put_bool(&job->writer, "identical", identical);
}

static void write_stats(struct job *job, size_t added, size_t removed, size_t modified,
                        size_t unchanged)
{
    hexmcp_json_key(&job->writer, "stats");
    hexmcp_json_begin_object(&job->writer);
    hexmcp_json_put_int64(&job->writer, "added", (int64_t)added);
    hexmcp_json_put_int64(&job->writer, "removed", (int64_t)removed);
    hexmcp_json_put_int64(&job->writer, "modified", (int64_t)modified);
    hexmcp_json_put_int64(&job->writer, "unchanged", (int64_t)unchanged);
    hexmcp_json_end_object(&job->writer);
}

/* Lines that replace others are modified, as many as there are on both sides. */
static void write_line_stats(struct job *job, const struct comparison *c)
{
    size_t added = 0;
    size_t removed = 0;
    size_t modified = 0;
    for (size_t i = 0; i < c->blocks.count; i++) {
        const struct block *b = &c->blocks.items[i];
        size_t both = b->old_count < b->new_count ? b->old_count : b->new_count;
        modified += both;
        added += b->new_count - both;
        removed += b->old_count - both;
    }
    write_stats(job, added, removed, modified, c->old_lines.count - modified - removed);
}

static int32_t format_lines(struct job *job, const struct comparison *c, struct output *out,
                            hexmcp_error *err)
{
    const struct layout layout = {job->request.context_lines, job->old_side.name,
                                  job->new_side.name};
    int32_t status = HEXMCP_OK;
    if (job->request.format == FORMAT_UNIFIED)
        format_unified(c, &layout, out);
    else if (job->request.format == FORMAT_CONTEXT)
        format_context(c, &layout, out);
    else if (job->request.format == FORMAT_SIMPLE)
        format_simple(c, out);
    else
        status = format_inline(job->state->align, &job->work, c, out, err);
    if (status != HEXMCP_OK)
        return status;
    if (out->status == HEXMCP_E_TOO_LARGE)
        return report_too_large(err);
    if (out->status != HEXMCP_OK)
        return hexmcp_fail(err, out->status, "out of memory for the result; try again");
    return HEXMCP_OK;
}

static int32_t compare_texts(struct job *job, hexmcp_error *err)
{
    const struct request *r = &job->request;
    struct output diff = {.limit = RESULT_BYTES_MAX};
    struct comparison c;
    int32_t status = lines_compare(job->state->align, &job->work, job->old_side.text,
                                   job->new_side.text, r->whitespace, r->patience, &c, err);
    if (status != HEXMCP_OK)
        return status;
    status = format_lines(job, &c, &diff, err);
    if (status == HEXMCP_OK) {
        write_head(job, c.blocks.count == 0);
        write_line_stats(job, &c);
        hexmcp_json_put_string(&job->writer, "diff", output_str(&diff));
    }
    output_clear(&diff);
    comparison_free(&c);
    return status;
}

static int32_t write_changes(struct job *job, const struct changes *changes, hexmcp_error *err)
{
    write_head(job, changes->count == 0);
    write_stats(job, changes->counts[CHANGE_ADDED], changes->counts[CHANGE_REMOVED],
                changes->counts[CHANGE_MODIFIED], changes->unchanged);
    return job->request.format == FORMAT_PATCH ? report_patch(changes, &job->writer, err)
                                               : report_lists(changes, &job->writer, err);
}

static int32_t compare_trees(struct job *job, struct tree *tree, hexmcp_error *err)
{
    const struct request *r = &job->request;
    struct changes changes;
    uint32_t old_root = 0;
    uint32_t new_root = 0;
    int32_t status = tree_parse(tree, &job->work, job->old_side.text, r->old_source.argument,
                                &old_root, err);
    if (status == HEXMCP_OK)
        status = tree_parse(tree, &job->work, job->new_side.text, r->new_source.argument, &new_root,
                            err);
    if (status == HEXMCP_OK)
        status = classes_find(tree, &job->work, r->exact_numbers, err);
    if (status == HEXMCP_OK)
        status = changes_find(job->state->align, &job->work, tree, old_root, new_root,
                              r->patience, &changes, err);
    if (status != HEXMCP_OK)
        return status;
    status = write_changes(job, &changes, err);
    changes_free(&changes);
    return status;
}

static int32_t compare_json(struct job *job, hexmcp_error *err)
{
    struct tree tree = {0};
    int32_t status = compare_trees(job, &tree, err);
    tree_free(&tree);
    return status;
}

static int32_t answer(struct job *job, hexmcp_error *err)
{
    hexmcp_json_writer_init(&job->writer);
    hexmcp_json_begin_object(&job->writer);
    int32_t status = job->request.json ? compare_json(job, err) : compare_texts(job, err);
    hexmcp_json_end_object(&job->writer);
    if (status == HEXMCP_OK)
        status = hexmcp_complete_structured(job->work.host, job->work.call,
                                            hexmcp_json_writer_text(&job->writer));
    hexmcp_json_writer_free(&job->writer);
    return status;
}

static int32_t compare(const hexmcp_round *r)
{
    struct job job = {.state = r->self, .work = {r->host, r->calls, r->call}};
    int32_t status = request_read(r->args, &job.request, r->err);
    if (status == HEXMCP_OK)
        status = sides_read(hexmcp_round_service(r, HEXMCP_FILES_1), &job.work, &job.request,
                            &job.old_side, &job.new_side, r->err);
    if (status == HEXMCP_OK)
        status = answer(&job, r->err);
    side_free(&job.old_side);
    side_free(&job.new_side);
    args_end(&job.request.args);
    return status;
}

static int32_t make(void *self, const hexmcp_host *host, hexmcp_error *err)
{
    struct state *state = self;
    (void)host;
    state->align = align_new();
    if (!state->align)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory making the plugin; try again");
    return HEXMCP_OK;
}

static void clear(void *self)
{
    align_free(((struct state *)self)->align);
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("diff-calculator", compare), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {
    .self_size = sizeof(struct state), .make = make, .clear = clear, .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.diff-calculator", "0.1.0", plugin);
