/* Any bytes as arguments of base64-encoder. */
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tool_fuzz("base64-encoder", data, size);
    return 0;
}
