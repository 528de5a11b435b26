/* Any bytes as arguments of text-manipulator. */
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tool_fuzz("text-manipulator", data, size);
    return 0;
}
