/*
 * plugin.c - the tool "file-operations" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "operations.h"

#include "hexmcp/simple.h"

#include <sodium.h>

struct settings {
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

static const int changes[OP_COUNT] = {[OP_WRITE] = 1,      [OP_APPEND] = 1, [OP_DELETE] = 1,
                                      [OP_CREATE_DIR] = 1, [OP_COPY] = 1,   [OP_MOVE] = 1};

static int32_t write_result(void *arg, hexmcp_json_writer *writer, hexmcp_error *err)
{
    struct op *op = arg;
    const struct request *request = op->request;
    (void)err; /* op has it */
    op->out = writer;
    hexmcp_json_begin_object(writer);
    hexmcp_json_put_text(writer, "operation", operation_name(request->operation));
    hexmcp_json_put_string(writer, "path", request->path);
    if (request->target.ptr)
        hexmcp_json_put_string(writer, "target_path", request->target);
    int32_t status = run[request->operation](op);
    if (request->dry_run && changes[request->operation])
        hexmcp_json_put_bool(writer, "dry_run", 1);
    hexmcp_json_end_object(writer);
    return status;
}

static int32_t operate(const hexmcp_round *r)
{
    const struct settings *settings = r->self;
    struct request request;
    struct op op = {.host = r->host,
                    .files = hexmcp_round_service(r, HEXMCP_FILES_1),
                    .calls = r->calls,
                    .call = r->call,
                    .request = &request,
                    .may_delete_folders = settings->may_delete_folders,
                    .err = r->err};
    if (!op.files)
        return hexmcp_fail(r->err, HEXMCP_E_UNSUPPORTED,
                           "this host has no hexmcp.files/1, so no file can be opened; use a newer "
                           "hexmcp");
    int32_t status = request_read(r->args, &request, r->err);
    if (status != HEXMCP_OK)
        return status;
    status = hexmcp_complete_written(r->host, r->call, write_result, &op, r->err);
    request_clear(&request);
    return status == HEXMCP_E_CANCELLED ? hexmcp_round_cancel(r) : status;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err)
{
    struct settings *settings = self;
    hexmcp_str value;
    (void)host;
    if (sodium_init() < 0)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "libsodium cannot start: no source of random bytes; check /dev/urandom");
    if (hexmcp_json_get(config_json, "allowRecursiveDelete", &value) == HEXMCP_OK &&
        hexmcp_json_bool(value, &settings->may_delete_folders) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_CONFIG,
                           "allowRecursiveDelete is neither true nor false; set one of them");
    return HEXMCP_OK;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("file-operations", operate), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {
    .self_size = sizeof(struct settings), .init = init, .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.file-operations", "0.1.0", plugin);
