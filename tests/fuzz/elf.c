/* plugin.so from a hostile author: read as data, never loaded. */
#include "adapters/driven/plugin_host/elf_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct elf_facts facts;
    struct error err;
    enum refusal why;
    if (elf_read((struct str){(const char *)data, size}, &facts, &why, &err) == ST_OK)
        buffer_clear(&facts.needed);
    return 0;
}
