/*
 * api-tester: any bytes as its arguments, and as {"text": value, "step": object, "pointer": text}: what
 * was extracted of an answer never makes the handle of a secret.
 */
#include "plugins/tools/api-tester/pointer.h"
#include "plugins/tools/api-tester/values.h"
#include "tests/fuzz/tool.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_fill(hexmcp_str text, hexmcp_str step)
{
    struct values values = {.count = 0};
    struct bytes out = {0};
    hexmcp_error err = {.size = sizeof(err)};
    if (values_set(&values, "a", text, &err) == HEXMCP_OK &&
        values_fill(&values, step, &out, &err) == HEXMCP_OK)
        assert(memmem(step.ptr, step.len, "{{secret:", 9) || !memmem(out.ptr, out.len, "{{secret:", 9));
    bytes_free(&out);
    values_free(&values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hexmcp_str all = {(const char *)data, size}, text, step, pointer, found;
    char name[100];
    if (hexmcp_json_get(all, "text", &text) == HEXMCP_OK &&
        hexmcp_json_get(all, "step", &step) == HEXMCP_OK &&
        hexmcp_json_type(step) == HEXMCP_JSON_OBJECT)
        check_fill(text, step);
    if (hexmcp_json_get(all, "pointer", &pointer) == HEXMCP_OK &&
        hexmcp_json_string(pointer, name, sizeof(name), NULL) == HEXMCP_OK && pointer_valid(name) &&
        pointer_find(all, name, &found))
        assert(found.ptr >= all.ptr && found.ptr + found.len <= all.ptr + all.len);
    tool_fuzz("api-tester", data, size);
    return 0;
}
