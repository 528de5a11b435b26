/*
 * The host of tool.h with hexmcp.files/1, where nothing can be opened.
 */
#pragma once

#include "hexmcp/host/files.h"
#include "tests/fuzz/tool.h"

static int32_t nothing_opens(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t flags,
                             int32_t *fd, hexmcp_error *err)
{
    (void)ctx;
    (void)call;
    (void)flags;
    (void)fd;
    return hexmcp_fail(err, HEXMCP_E_DENIED, "no folder is granted for %zu bytes", path.len);
}

static int32_t nothing_is_a_parent(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t access,
                                   int32_t *fd, char *name, hexmcp_error *err)
{
    (void)name;
    return nothing_opens(ctx, call, path, access, fd, err);
}

static const void *with_files(void *ctx, const char *id)
{
    static const hexmcp_files_1 files = {
        .size = sizeof(files), .open = nothing_opens, .parent = nothing_is_a_parent};
    (void)ctx;
    return strcmp(id, HEXMCP_FILES_1) == 0 ? &files : NULL;
}

/* Every call fails: what the arguments are read as decides how. */
static inline void tool_fuzz_with_files(const char *name, const uint8_t *data, size_t size)
{
    static const hexmcp_host host = {.size = sizeof(host),
                                     .name = "fuzz",
                                     .version = "0",
                                     .get_interface = with_files,
                                     .complete = tool_complete};
    static const hexmcp_plugin *plugin;
    hexmcp_error err = {.size = sizeof(err)};
    if (!plugin) {
        assert(hexmcp_plugin_create(&host, &plugin, &err) == HEXMCP_OK);
        assert(plugin->init(plugin->self, hexmcp_str_from("{}"), &err) == HEXMCP_OK);
    }
    const hexmcp_tool_1 *tool = plugin->get_interface(plugin->self, HEXMCP_TOOL_1);
    int32_t status = tool->call(tool->self, 1, hexmcp_str_from(name),
                                (hexmcp_str){(const char *)data, size}, &err);
    assert(status == HEXMCP_E_INVALID || status == HEXMCP_E_TOO_LARGE || status == HEXMCP_E_DENIED);
    assert(err.code == status && err.text[0] != '\0');
}
