/* Any bytes as arguments of webhook-caller: a dry run, or that no host was granted. */
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tool_fuzz("webhook-caller", data, size);
    return 0;
}
