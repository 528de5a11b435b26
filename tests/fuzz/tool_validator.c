/* Arguments of data-validator. It gives values back as they came, so only strict JSON will do, which is
 * what a host passes. */
#include "core/json/json.h"
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_doc *json;
    if (json_parse((struct str){(const char *)data, size}, &json, NULL) != 0)
        return 0;
    json_free(json);
    tool_fuzz("data-validator", data, size);
    return 0;
}
