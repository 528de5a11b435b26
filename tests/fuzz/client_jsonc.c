/* JSON with comments, as clients keep it: what an edit does to any text. */
#include "adapters/driving/cli/client/jsonc.h"
#include "tests/fuzz/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct jsonc j = {.doc = NULL};
    struct error err;
    bool value = jsonc_parse(text, &j, &err) == ST_OK && j.doc;
    jsonc_clear(&j);
    client_check_text(&client_jsonc, STR("s"), text, value);
    return 0;
}
