#include "adapters/driven/plugin_host/mapping.h"

#include <errno.h>
#include <sys/mman.h>

int mapping_open(int fd, size_t size, struct str *out, struct error *err)
{
    if (size == 0) {
        *out = (struct str){"", 0};
        return ST_OK;
    }
    void *at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return error_set(err, ST_GENERIC, "cannot map the file: %s", strerror(errno));
    *out = (struct str){at, size};
    return ST_OK;
}

void mapping_close(struct str mapping)
{
    if (mapping.len)
        munmap((void *)(uintptr_t)mapping.ptr, mapping.len);
}
