/*
 * plugin.c - the tool "file-search" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "search.h"

#include "hexmcp/simple.h"

static void write_summary(hexmcp_json_writer *out, const struct search *search)
{
    int64_t skipped = search->binary + search->too_large + search->unreadable;
    char text[1000];
    hexmcp_json_key(out, "summary");
    hexmcp_json_begin_object(out);
    hexmcp_json_put_int64(out, "total_matches", search->matches);
    hexmcp_json_put_int64(out, "files_searched", search->searched);
    hexmcp_json_put_int64(out, "files_skipped", skipped);
    hexmcp_json_put_int64(out, "skipped_binary", search->binary);
    hexmcp_json_put_int64(out, "skipped_too_large", search->too_large);
    hexmcp_json_put_int64(out, "skipped_unreadable", search->unreadable);
    hexmcp_json_put_bool(out, "truncated", search->end != END_NONE);
    search_message(search, text, sizeof(text));
    if (text[0] != '\0')
        hexmcp_json_put_text(out, "message", text);
    hexmcp_json_end_object(out);
}

static int32_t answer(struct search *search)
{
    hexmcp_json_writer out;
    hexmcp_json_writer_init(&out);
    search->out = &out;
    hexmcp_json_begin_object(&out);
    hexmcp_json_key(&out, "matches");
    hexmcp_json_begin_array(&out);
    int32_t status = search_run(search);
    hexmcp_json_end_array(&out);
    if (search->end == END_RESULTS || search->end == END_BYTES)
        hexmcp_json_put_int64(&out, "next_offset", search->passed + search->matches);
    write_summary(&out, search);
    hexmcp_json_end_object(&out);
    if (status == HEXMCP_OK && search->end == END_FAILED)
        status = search->err->code;
    if (status == HEXMCP_OK && search->end == END_CANCELLED)
        search->host->complete(search->host->ctx, search->call, HEXMCP_CANCELLED,
                               hexmcp_str_from("{}"));
    else if (status == HEXMCP_OK)
        status = hexmcp_complete_structured(search->host, search->call,
                                            hexmcp_json_writer_text(&out));
    hexmcp_json_writer_free(&out);
    return status;
}

static int32_t search_all(struct search *search)
{
    int32_t status = matcher_new(search->request, search_check, search, &search->matcher,
                                 search->err);
    if (status == HEXMCP_OK)
        status = filter_new(search->request, &search->filter, search->err);
    if (status == HEXMCP_OK)
        status = answer(search);
    matcher_free(search->matcher);
    filter_free(search->filter);
    free(search->data);
    return status;
}

static int32_t run(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool, hexmcp_str args,
                   hexmcp_error *err)
{
    (void)tool; /* there is only one */
    struct request request;
    struct search search = {.host = host,
                            .files = host->get_interface(host->ctx, HEXMCP_FILES_1),
                            .calls = host->get_interface(host->ctx, HEXMCP_CALL_1),
                            .call = call,
                            .request = &request,
                            .err = err};
    if (!search.files)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED,
                           "this host has no hexmcp.files/1, so no file can be opened; use a newer "
                           "hexmcp");
    int32_t status = request_read(args, &request, err);
    if (status != HEXMCP_OK)
        return status;
    status = search_all(&search);
    request_clear(&request);
    return status;
}

HEXMCP_SIMPLE_DEFINE("hexmcp.file-search", "0.1.0", run);
