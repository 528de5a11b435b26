/* Tools that pass their arguments to hexmcp.files/1 and tell what came back. */
#include <stdio.h>
#include <unistd.h>

#include "hexmcp/host/files.h"
#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

struct told {
    char text[1000];
};

static void tell(void *arg, hexmcp_str path, uint32_t access)
{
    struct told *told = arg;
    size_t used = strlen(told->text);
    snprintf(told->text + used, sizeof(told->text) - used, "%s%.*s %u", used ? ", " : "",
             (int)path.len, path.ptr, access);
}

/* What stands in the file, up to 100 bytes, or nothing for a folder. */
static void read_some(int fd, struct told *told)
{
    ssize_t len = read(fd, told->text, 100);
    told->text[len > 0 ? len : 0] = '\0';
    close(fd);
}

static int32_t run(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool, hexmcp_str args,
                   hexmcp_error *err)
{
    const hexmcp_files_1 *files = host->get_interface(host->ctx, HEXMCP_FILES_1);
    struct told told = {""};
    char path[600] = "", name[HEXMCP_FILES_NAME_MAX + 1];
    int64_t flags = HEXMCP_FILES_READ;
    hexmcp_str value;
    int32_t fd, status;
    if (!files)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "there is no hexmcp.files/1");
    if (hexmcp_json_get(args, "path", &value) == HEXMCP_OK)
        hexmcp_json_string(value, path, sizeof(path), NULL);
    if (hexmcp_json_get(args, "flags", &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &flags);
    if (tool.len == 5) {
        status = files->roots(files->ctx, call, tell, &told);
    } else if (tool.len == 4) {
        status = files->open(files->ctx, call, hexmcp_str_from(path), (uint32_t)flags, &fd, err);
        if (status == HEXMCP_OK)
            read_some(fd, &told);
    } else {
        status = files->parent(files->ctx, call, hexmcp_str_from(path), (uint32_t)flags, &fd, name,
                               err);
        if (status == HEXMCP_OK) {
            snprintf(told.text, sizeof(told.text), "%s", name);
            close(fd);
        }
    }
    if (status != HEXMCP_OK)
        return status;
    return hexmcp_complete_text(host, call, HEXMCP_RESULT, hexmcp_str_from(told.text));
}

HEXMCP_SIMPLE_DEFINE("hexmcp.test.files", "1.0.0", run);
