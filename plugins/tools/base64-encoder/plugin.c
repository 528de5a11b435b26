/*
 * plugin.c - the tool "base64-encoder" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "convert.h"
#include "utf8.h"

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

#include <sodium.h>

static int32_t open_source(const hexmcp_files_1 *files, hexmcp_call call,
                           const struct request *request, struct source *source, hexmcp_error *err)
{
    if (request->path.ptr)
        return source_of_file(source, files, call, request->path, err);
    source_of_memory(source, request->data);
    return HEXMCP_OK;
}

static int32_t open_sink(const hexmcp_files_1 *files, hexmcp_call call,
                         const struct request *request, struct sink *sink, hexmcp_error *err)
{
    if (request->target_path.ptr)
        return sink_to_file(sink, files, call, request->target_path, request->overwrite,
                            request->dry_run, err);
    sink_to_memory(sink, INPUT_BYTES_MAX);
    return HEXMCP_OK;
}

/* Bytes that are no text are shown in hex. */
static int32_t put_output(hexmcp_json_writer *writer, const struct request *request,
                          const struct sink *sink, hexmcp_error *err)
{
    size_t len = (size_t)sink->len;
    int binary = request->decode && !utf8_valid(sink->bytes, len);
    hexmcp_str output = {(const char *)sink->bytes, len};
    char *hex = NULL;
    if (binary) {
        hex = malloc(2 * len + 1);
        if (!hex)
            return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the result; try again");
        sodium_bin2hex(hex, 2 * len + 1, sink->bytes, len);
        output = (hexmcp_str){hex, 2 * len};
    }
    hexmcp_json_put_string(writer, "output", output);
    hexmcp_json_put_bool(writer, "binary", binary);
    free(hex);
    return HEXMCP_OK;
}

/* What was converted, and what came of it. */
struct result {
    const struct request *request;
    const struct source *source;
    const struct sink *sink;
};

static int32_t write_result(void *arg, hexmcp_json_writer *writer, hexmcp_error *err)
{
    const struct result *result = arg;
    const struct request *request = result->request;
    int32_t status = HEXMCP_OK;
    hexmcp_json_begin_object(writer);
    hexmcp_json_put_text(writer, "operation", request->decode ? "decode" : "encode");
    hexmcp_json_put_text(writer, "variant", request_variant(request));
    hexmcp_json_put_int64(writer, "bytes_in", (int64_t)result->source->taken);
    hexmcp_json_put_int64(writer, "bytes_out", (int64_t)result->sink->len);
    if (request->target_path.ptr) {
        hexmcp_json_put_string(writer, "target_path", request->target_path);
        hexmcp_json_put_bool(writer, "dry_run", request->dry_run);
    } else {
        status = put_output(writer, request, result->sink, err);
    }
    hexmcp_json_end_object(writer);
    return status;
}

static int32_t run(const hexmcp_round *r, const hexmcp_files_1 *files,
                   const struct request *request, struct source *source)
{
    struct sink sink;
    int32_t status = open_sink(files, r->call, request, &sink, r->err);
    if (status != HEXMCP_OK)
        return status;
    status = convert(r->host, r->call, request, source, &sink, r->err);
    if (status == HEXMCP_OK)
        status = sink_finish(&sink, r->err);
    if (status == HEXMCP_OK) {
        struct result result = {request, source, &sink};
        status = hexmcp_complete_written(r->host, r->call, write_result, &result, r->err);
    }
    sink_close(&sink);
    return status;
}

static int32_t run_request(const hexmcp_round *r, const struct request *request)
{
    struct source source;
    const hexmcp_files_1 *files = NULL;
    if (request->path.ptr || request->target_path.ptr)
        files = hexmcp_round_service(r, HEXMCP_FILES_1);
    if (!files && (request->path.ptr || request->target_path.ptr))
        return hexmcp_fail(
            r->err, HEXMCP_E_DENIED,
            "this server gives the tool no files; pass the data as input and take it "
            "from the result");
    int32_t status = open_source(files, r->call, request, &source, r->err);
    if (status != HEXMCP_OK)
        return status;
    status = run(r, files, request, &source);
    source_close(&source);
    return status;
}

static int32_t encode(const hexmcp_round *r)
{
    struct request request;
    int32_t status = request_read(r->args, &request, r->err);
    if (status != HEXMCP_OK)
        return status;
    status = run_request(r, &request);
    request_clear(&request);
    return status;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err)
{
    (void)self;
    (void)host;
    (void)config_json;
    if (sodium_init() < 0)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "libsodium cannot start: no source of random bytes; check /dev/urandom");
    return HEXMCP_OK;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("base64-encoder", encode), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.init = init, .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.base64-encoder", "0.1.0", plugin);
