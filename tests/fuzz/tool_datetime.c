/* Any bytes as arguments of datetime-handler. */
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tool_fuzz("datetime-handler", data, size);
    return 0;
}
