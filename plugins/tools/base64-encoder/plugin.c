/*
 * plugin.c - the tool "base64-encoder" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "convert.h"
#include "utf8.h"

#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

#include <sodium.h>

struct instance {
    hexmcp_plugin plugin;
    hexmcp_tool_1 tool;
    const hexmcp_host *host;
};

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
        return sink_to_file(sink, files, call, request->target_path, request->overwrite, err);
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

static int32_t write_result(hexmcp_json_writer *writer, const struct request *request,
                            const struct source *source, const struct sink *sink, hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    hexmcp_json_begin_object(writer);
    hexmcp_json_put_text(writer, "operation", request->decode ? "decode" : "encode");
    hexmcp_json_put_text(writer, "variant", request_variant(request));
    hexmcp_json_put_int64(writer, "bytes_in", (int64_t)source->taken);
    hexmcp_json_put_int64(writer, "bytes_out", (int64_t)sink->len);
    if (request->target_path.ptr)
        hexmcp_json_put_string(writer, "target_path", request->target_path);
    else
        status = put_output(writer, request, sink, err);
    hexmcp_json_end_object(writer);
    return status;
}

static int32_t answer(const struct instance *instance, hexmcp_call call,
                      const struct request *request, const struct source *source,
                      const struct sink *sink, hexmcp_error *err)
{
    hexmcp_json_writer writer;
    hexmcp_json_writer_init(&writer);
    int32_t status = write_result(&writer, request, source, sink, err);
    if (status == HEXMCP_OK)
        status = hexmcp_complete_structured(instance->host, call, hexmcp_json_writer_text(&writer));
    hexmcp_json_writer_free(&writer);
    return status;
}

static int32_t run(const struct instance *instance, const hexmcp_files_1 *files, hexmcp_call call,
                   const struct request *request, struct source *source, hexmcp_error *err)
{
    struct sink sink;
    int32_t status = open_sink(files, call, request, &sink, err);
    if (status != HEXMCP_OK)
        return status;
    status = convert(instance->host, call, request, source, &sink, err);
    if (status == HEXMCP_OK)
        status = sink_finish(&sink, err);
    if (status == HEXMCP_OK)
        status = answer(instance, call, request, source, &sink, err);
    sink_close(&sink);
    return status;
}

static int32_t run_request(const struct instance *instance, hexmcp_call call,
                           const struct request *request, hexmcp_error *err)
{
    struct source source;
    const hexmcp_files_1 *files = NULL;
    if (request->path.ptr || request->target_path.ptr)
        files = instance->host->get_interface(instance->host->ctx, HEXMCP_FILES_1);
    if (!files && (request->path.ptr || request->target_path.ptr))
        return hexmcp_fail(
            err, HEXMCP_E_DENIED,
            "this server gives the tool no files; pass the data as input and take it "
            "from the result");
    int32_t status = open_source(files, call, request, &source, err);
    if (status != HEXMCP_OK)
        return status;
    status = run(instance, files, call, request, &source, err);
    source_close(&source);
    return status;
}

static int32_t call_tool(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args_json,
                         hexmcp_error *err)
{
    (void)name; /* there is only one */
    struct request request;
    int32_t status = request_read(args_json, &request, err);
    if (status != HEXMCP_OK)
        return status;
    status = run_request(self, call, &request, err);
    request_clear(&request);
    return status;
}

static int32_t init(void *self, hexmcp_str config_json, hexmcp_error *err)
{
    (void)self;
    (void)config_json;
    if (sodium_init() < 0)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "libsodium cannot start: no source of random bytes; check /dev/urandom");
    return HEXMCP_OK;
}

static const void *get_interface(void *self, const char *id)
{
    struct instance *instance = self;
    return strcmp(id, HEXMCP_TOOL_1) == 0 ? &instance->tool : NULL;
}

static void destroy(void *self)
{
    free(self);
}

static int32_t create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct instance *instance = calloc(1, sizeof(*instance));
    if (!instance)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory making the plugin; try again");
    instance->plugin = (hexmcp_plugin){.size = sizeof(hexmcp_plugin),
                                       .self = instance,
                                       .init = init,
                                       .get_interface = get_interface,
                                       .destroy = destroy};
    instance->tool =
        (hexmcp_tool_1){.size = sizeof(hexmcp_tool_1), .self = instance, .call = call_tool};
    instance->host = host;
    *out = &instance->plugin;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE("hexmcp.base64-encoder", "0.1.0", create);
