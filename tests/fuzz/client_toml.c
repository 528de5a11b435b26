/* TOML, as a client keeps it: what an edit does to any text. */
#include "tests/fuzz/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    client_check_text(&client_toml, STR("s"), (struct str){(const char *)data, size}, true);
    return 0;
}
