/* Any bytes as a video for video-processor, with each of its operations. */
#include "tests/fuzz/tool_of_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const arguments[] = {
        "{\"path\":\"a\"}",
        "{\"path\":\"a\",\"operation\":\"thumbnail\",\"max_width\":16,\"max_height\":16}",
        "{\"path\":\"a\",\"operation\":\"extract_frame\",\"timestamp_seconds\":0.1,\"target_format\":\"jpeg\"}",
    };
    if (size == 0)
        return 0;
    fuzz_of_file("video-processor", arguments[data[0] % 3], data + 1, size - 1);
    return 0;
}
