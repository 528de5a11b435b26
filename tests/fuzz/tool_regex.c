/* Any bytes as arguments of regex-matcher. */
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tool_fuzz("regex-matcher", data, size);
    return 0;
}
