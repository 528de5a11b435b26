/* Any bytes as a picture for image-processor: looked at, made small, and turned into each format. */
#include "tests/fuzz/tool_of_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const arguments[] = {
        "{\"path\":\"a\",\"include_location\":true}",
        "{\"path\":\"a\",\"operation\":\"thumbnail\",\"max_width\":20}",
        "{\"path\":\"a\",\"operation\":\"rotate\",\"target_format\":\"png\",\"level\":0}",
        "{\"path\":\"a\",\"operation\":\"convert\",\"target_format\":\"jpeg\",\"keep_metadata\":\"all\"}",
        "{\"path\":\"a\",\"operation\":\"resize\",\"width\":9,\"target_format\":\"gif\",\"page\":2}",
        "{\"path\":\"a\",\"operation\":\"crop\",\"width\":2,\"height\":2,\"target_format\":\"webp\"}",
    };
    if (size == 0)
        return 0;
    fuzz_of_file("image-processor", arguments[data[0] % 6], data + 1, size - 1);
    return 0;
}
