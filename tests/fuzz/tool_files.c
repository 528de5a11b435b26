/* Any bytes as arguments of file-operations, over a host that opens nothing, and as a path to clean. */
#include "plugins/tools/file-operations/path.h"
#include "tests/fuzz/tool_with_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A clean path has no empty component and no ".", and ".." only at the beginning of a relative one;
 * to clean it again changes nothing. */
static void clean(hexmcp_str text)
{
    static struct path path, again;
    if (!path_clean(&path, text))
        return;
    assert(path_clean(&again, path_str(&path)));
    assert(again.len == path.len && memcmp(again.text, path.text, path.len) == 0);
    assert(path.len <= text.len);
    while (path_pop(&path))
        ;
    assert(path.len == (text.len > 0 && text.ptr[0] == '/'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    clean((hexmcp_str){(const char *)data, size});
    tool_fuzz_with_files("file-operations", data, size);
    return 0;
}
