/* Any bytes as a sound for audio-processor, with each of its operations. */
#include "tests/fuzz/tool_of_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libsndfile 1.2 forgets what it began of an Ogg stream that is damaged; helpers do not live for ever. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libvorbis\nleak:libogg\nleak:libsndfile";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const arguments[] = {
        "{\"path\":\"a\"}",
        "{\"path\":\"a\",\"operation\":\"measure\"}",
        "{\"path\":\"a\",\"operation\":\"convert\",\"target_format\":\"flac\",\"start_seconds\":0.01}",
        "{\"path\":\"a\",\"operation\":\"convert\",\"target_format\":\"wav\",\"mono\":true,\"duration_seconds\":1}",
    };
    if (size == 0)
        return 0;
    fuzz_of_file("audio-processor", arguments[data[0] % 4], data + 1, size - 1);
    return 0;
}
