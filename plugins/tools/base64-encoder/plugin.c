/*
 * plugin.c - the tool "base64-encoder" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "convert.h"

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"
#include "kit/encode.h"

#include <sodium.h>
#include <unistd.h>

/* Bytes that are no text are shown in hex. */
static int32_t put_output(hexmcp_json_writer *writer, const struct request *request,
                          const struct sink *sink, hexmcp_error *err)
{
    hexmcp_str output = bytes_str(&sink->bytes);
    bool binary = request->decode && !is_utf8(output);
    char *hex = NULL;
    if (binary) {
        size_t room = 2 * output.len + 1;
        hex = malloc(room);
        if (!hex)
            return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the result; try again");
        sodium_bin2hex(hex, room, (const unsigned char *)output.ptr, output.len);
        output = (hexmcp_str){hex, room - 1};
    }
    hexmcp_json_put_string(writer, "output", output);
    hexmcp_json_put_bool(writer, "binary", binary);
    free(hex);
    return HEXMCP_OK;
}

/* What was converted, and what came of it. */
struct result {
    const struct request *request;
    uint64_t taken;
    const struct sink *sink;
};

static int32_t write_result(void *arg, hexmcp_json_writer *writer, hexmcp_error *err)
{
    const struct result *result = arg;
    const struct request *request = result->request;
    int32_t status = HEXMCP_OK;
    hexmcp_json_begin_object(writer);
    hexmcp_json_put_text(writer, "operation", request_operation(request));
    hexmcp_json_put_text(writer, "variant", request_variant(request));
    hexmcp_json_put_int64(writer, "bytes_in", (int64_t)result->taken);
    hexmcp_json_put_int64(writer, "bytes_out", (int64_t)result->sink->len);
    if (request->target_path) {
        hexmcp_json_put_text(writer, "target_path", request->target_path);
        hexmcp_json_put_bool(writer, "dry_run", request->dry_run);
    } else {
        status = put_output(writer, request, result->sink, err);
    }
    hexmcp_json_end_object(writer);
    return status;
}

static int32_t run(const hexmcp_round *r, const struct request *request, int fd)
{
    struct sink sink;
    struct result result = {.request = request, .sink = &sink};
    int32_t status = sink_open(&sink, r, request);
    if (status != HEXMCP_OK)
        return status;
    status = convert(r, request, fd, &sink, &result.taken);
    if (status == HEXMCP_OK)
        status = sink_finish(&sink);
    if (status == HEXMCP_OK)
        status = hexmcp_complete_written(r->host, r->call, write_result, &result, r->err);
    sink_close(&sink);
    return status;
}

static int32_t run_file(const hexmcp_round *r, const struct request *request)
{
    int fd;
    int32_t status = source_open(r, request->source.path, &fd);
    if (status != HEXMCP_OK)
        return status;
    status = run(r, request, fd);
    close(fd);
    return status;
}

static int32_t encode(const hexmcp_round *r)
{
    struct request request;
    int32_t status = request_read(r, &request);
    if (status == HEXMCP_OK)
        status = request.source.path ? run_file(r, &request) : run(r, &request, -1);
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
