/* Any bytes as arguments of hash-calculator. */
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tool_fuzz("hash-calculator", data, size);
    return 0;
}
