/*
 * A host for a tool that works on a file: whatever is opened has the bytes under test.
 */
#pragma once

#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hexmcp/host/files.h"
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

int32_t hexmcp_plugin_create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err);

static struct {
    const uint8_t *data;
    size_t size;
    unsigned completions;
} of_file;

static int32_t of_file_complete(void *ctx, hexmcp_call call, uint32_t outcome, hexmcp_str json)
{
    hexmcp_str result;
    (void)ctx;
    assert(call == 1 && outcome == HEXMCP_RESULT);
    assert(hexmcp_json_get(json, "structuredContent", &result) == HEXMCP_OK);
    assert(hexmcp_json_type(result) == HEXMCP_JSON_OBJECT);
    of_file.completions++;
    return HEXMCP_OK;
}

static int32_t of_file_progress(void *ctx, hexmcp_call call, double done, double total, hexmcp_str words)
{
    (void)ctx;
    (void)call;
    (void)words;
    assert(done >= 0 && total >= 0);
    return HEXMCP_OK;
}

static int32_t of_file_open(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t flags, int32_t *fd,
                            hexmcp_error *err)
{
    (void)ctx;
    (void)call;
    (void)path;
    (void)err;
    assert(flags == HEXMCP_FILES_READ);
    int made = memfd_create("input", MFD_CLOEXEC);
    assert(made >= 0 && write(made, of_file.data, of_file.size) == (ssize_t)of_file.size);
    assert(lseek(made, 0, SEEK_SET) == 0);
    *fd = made;
    return HEXMCP_OK;
}

static int32_t of_file_parent(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t access, int32_t *fd,
                              char *name, hexmcp_error *err)
{
    (void)ctx;
    (void)call;
    (void)path;
    (void)access;
    (void)fd;
    (void)name;
    return hexmcp_fail(err, HEXMCP_E_DENIED, "no folder is granted");
}

static const void *of_file_service(void *ctx, const char *id)
{
    static const hexmcp_files_1 files = {
        .size = sizeof(files), .open = of_file_open, .parent = of_file_parent};
    (void)ctx;
    return strcmp(id, HEXMCP_FILES_1) == 0 ? &files : NULL;
}

/* One call of the tool on these bytes, with these arguments: a result, or an error with a text. */
static inline void fuzz_of_file(const char *name, const char *arguments, const uint8_t *data, size_t size)
{
    static const hexmcp_host host = {.size = sizeof(host),
                                     .name = "fuzz",
                                     .version = "0",
                                     .get_interface = of_file_service,
                                     .progress = of_file_progress,
                                     .complete = of_file_complete};
    static const hexmcp_plugin *plugin;
    hexmcp_error err = {.size = sizeof(err)};
    if (!plugin) {
        assert(hexmcp_plugin_create(&host, &plugin, &err) == HEXMCP_OK);
        assert(plugin->init(plugin->self, hexmcp_str_from("{}"), &err) == HEXMCP_OK);
    }
    const hexmcp_tool_1 *tool = plugin->get_interface(plugin->self, HEXMCP_TOOL_1);
    of_file.data = data;
    of_file.size = size;
    of_file.completions = 0;
    int32_t status = tool->call(tool->self, 1, hexmcp_str_from(name), hexmcp_str_from(arguments), &err);
    assert(of_file.completions == (status == HEXMCP_OK ? 1u : 0u));
    assert(status == HEXMCP_OK || (err.code == status && err.text[0] != '\0'));
}
