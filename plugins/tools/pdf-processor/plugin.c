/*
 * plugin.c - the tool "pdf-processor" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 *
 * What is built of it links Poppler and so is under the GPL as a whole: the manifest says so.
 */
#include "operations.h"

#include "hexmcp/plugin.h"
#include "kit/source.h"

#define MIB ((size_t)1024 * 1024)

struct state {
    size_t file_most;
};

static int32_t work(const hexmcp_round *r, const struct request *request)
{
    static int32_t (*const all[OPERATION_COUNT])(const hexmcp_round *, struct document *) = {
        extract_text, extract_metadata, extract_pages, render, outline, links, search};
    const struct state *state = r->self;
    struct document document;
    int32_t status = document_open(r, request, state->file_most, &document);
    if (status != HEXMCP_OK)
        return status;
    status = all[request->operation](r, &document);
    document_close(&document);
    return status;
}

static int32_t run(const hexmcp_round *r)
{
    struct request request;
    struct args args = args_begin(r->args, r->err);
    int32_t status = request_read(&args, &request);
    if (status == HEXMCP_OK)
        status = work(r, &request);
    args_end(&args);
    return status;
}

static void be_silent(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer arg)
{
    (void)domain;
    (void)level;
    (void)text;
    (void)arg;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err)
{
    struct state *state = self;
    hexmcp_str value;
    int64_t most = 10;
    (void)host;
    (void)err;
    if (hexmcp_json_get(config_json, "maxFileMiB", &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &most);
    state->file_most = (size_t)most * MIB;
    /* Damaged files make warnings by the hundred; errors come with the result. */
    g_log_set_handler("Poppler", G_LOG_LEVEL_MASK, be_silent, NULL);
    return HEXMCP_OK;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("pdf-processor", run), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {
    .self_size = sizeof(struct state), .init = init, .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.pdf-processor", "0.1.0", plugin);
