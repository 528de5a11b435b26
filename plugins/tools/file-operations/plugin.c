/*
 * plugin.c - the tool "file-operations" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "operations.h"

#include <sodium.h>

struct instance {
    hexmcp_plugin plugin;
    hexmcp_tool_1 tool;
    const hexmcp_host *host;
    int may_delete_folders;
};

static int32_t (*const run[OP_COUNT])(const struct op *) = {
    [OP_READ] = operation_read,
    [OP_WRITE] = operation_write,
    [OP_APPEND] = operation_append,
    [OP_DELETE] = operation_delete,
    [OP_CREATE_DIR] = operation_create_dir,
    [OP_LIST_DIR] = operation_list_dir,
    [OP_COPY] = operation_copy,
    [OP_MOVE] = operation_move,
    [OP_METADATA] = operation_metadata,
    [OP_EXISTS] = operation_exists,
};

static int32_t answer(const struct instance *instance, struct op *op)
{
    const struct request *request = op->request;
    hexmcp_json_writer writer;
    hexmcp_json_writer_init(&writer);
    op->out = &writer;
    hexmcp_json_begin_object(&writer);
    hexmcp_json_put_text(&writer, "operation", operation_name(request->operation));
    hexmcp_json_put_string(&writer, "path", request->path);
    if (request->target.ptr)
        hexmcp_json_put_string(&writer, "target_path", request->target);
    int32_t status = run[request->operation](op);
    hexmcp_json_end_object(&writer);
    if (status == HEXMCP_OK)
        status = hexmcp_complete_structured(instance->host, op->call,
                                            hexmcp_json_writer_text(&writer));
    hexmcp_json_writer_free(&writer);
    if (status != HEXMCP_E_CANCELLED)
        return status;
    instance->host->complete(instance->host->ctx, op->call, HEXMCP_CANCELLED,
                             hexmcp_str_from("{}"));
    return HEXMCP_OK;
}

static int32_t call_tool(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args_json,
                         hexmcp_error *err)
{
    const struct instance *instance = self;
    const hexmcp_host *host = instance->host;
    (void)name; /* there is only one */
    struct request request;
    struct op op = {.host = host,
                    .files = host->get_interface(host->ctx, HEXMCP_FILES_1),
                    .calls = host->get_interface(host->ctx, HEXMCP_CALL_1),
                    .call = call,
                    .request = &request,
                    .may_delete_folders = instance->may_delete_folders,
                    .err = err};
    if (!op.files)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED,
                           "this host has no hexmcp.files/1, so no file can be opened; use a newer "
                           "hexmcp");
    int32_t status = request_read(args_json, &request, err);
    if (status != HEXMCP_OK)
        return status;
    status = answer(instance, &op);
    request_clear(&request);
    return status;
}

static int32_t init(void *self, hexmcp_str config_json, hexmcp_error *err)
{
    struct instance *instance = self;
    hexmcp_str value;
    if (sodium_init() < 0)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "libsodium cannot start: no source of random bytes; check /dev/urandom");
    if (hexmcp_json_get(config_json, "allowRecursiveDelete", &value) == HEXMCP_OK &&
        hexmcp_json_bool(value, &instance->may_delete_folders) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_CONFIG,
                           "allowRecursiveDelete is neither true nor false; set one of them");
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

HEXMCP_PLUGIN_DEFINE("hexmcp.file-operations", "0.1.0", create);
