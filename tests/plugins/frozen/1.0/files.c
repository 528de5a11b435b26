/* Frozen with ABI 1.0, never to be changed: reads a file that was granted. */
#include <unistd.h>

#include "hexmcp/host/files.h"
#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

static int32_t run(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool, hexmcp_str args,
                   hexmcp_error *err)
{
    const hexmcp_files_1 *files = host->get_interface(host->ctx, HEXMCP_FILES_1);
    hexmcp_str value = {"", 0}, text;
    char path[600] = "", bytes[100];
    int32_t fd, status;
    (void)tool;
    if (!files)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "there is no hexmcp.files/1");
    if (hexmcp_json_get(args, "path", &value) == HEXMCP_OK)
        hexmcp_json_string(value, path, sizeof(path), NULL);
    status = files->open(files->ctx, call, hexmcp_str_from(path), HEXMCP_FILES_READ, &fd, err);
    if (status != HEXMCP_OK)
        return status;
    text.len = (size_t)read(fd, bytes, sizeof(bytes));
    text.ptr = bytes;
    close(fd);
    return hexmcp_complete_text(host, call, HEXMCP_RESULT, text);
}

HEXMCP_SIMPLE_DEFINE("hexmcp.frozen.files", "1.0.0", run);
