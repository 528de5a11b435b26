/* Any bytes as a document for pdf-processor, with each of its operations. */
#include "tests/fuzz/tool_of_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* What it knows of the fonts it never frees. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const arguments[] = {
        "{\"path\":\"a\",\"layout\":false}",
        "{\"path\":\"a\",\"operation\":\"extract_metadata\"}",
        "{\"path\":\"a\",\"operation\":\"extract_pages\",\"limit\":3}",
        "{\"path\":\"a\",\"operation\":\"render\",\"dpi\":18}",
        "{\"path\":\"a\",\"operation\":\"extract_pages\",\"target_path\":\"b\",\"dry_run\":true}",
        "{\"path\":\"a\",\"operation\":\"outline\",\"offset\":1,\"limit\":2}",
        "{\"path\":\"a\",\"operation\":\"links\"}",
        "{\"path\":\"a\",\"operation\":\"search\",\"query\":\"o\"}",
    };
    if (size == 0)
        return 0;
    fuzz_of_file("pdf-processor", arguments[data[0] % 8], data + 1, size - 1);
    return 0;
}
