#include "adapters/driven/plugin_host/wire/memory_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int put(int fd, struct str bytes)
{
    size_t at = 0;
    while (at < bytes.len) {
        ssize_t n = write(fd, bytes.ptr + at, bytes.len - at);
        if (n < 0 && errno != EINTR)
            return -1;
        at += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int memory_file_make(struct str head, struct str tail, int *fd, struct error *err)
{
    int file = memfd_create("hexmcp-message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file >= 0 && put(file, head) == 0 && put(file, tail) == 0 &&
        fcntl(file, F_ADD_SEALS, SEALS) == 0) {
        *fd = file;
        return ST_OK;
    }
    int why = errno;
    if (file >= 0)
        close(file);
    return error_set(err, ST_UNAVAILABLE, "a memory file of %zu bytes: %s",
                     head.len + tail.len, strerror(why));
}

int memory_file_map(int fd, size_t size, struct str *out, struct error *err)
{
    struct stat st;
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & SEALS) != SEALS)
        return error_set(err, ST_PROTOCOL, "a long message is not in a sealed memory file");
    if (fstat(fd, &st) < 0 || st.st_size < 0 || (size_t)st.st_size != size)
        return error_set(err, ST_PROTOCOL, "a long message has another length than it says");
    void *at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return error_set(err, ST_NOMEM, "a message of %zu bytes: %s", size, strerror(errno));
    *out = (struct str){at, size};
    return ST_OK;
}

void memory_file_unmap(struct str bytes)
{
    munmap((void *)(uintptr_t)bytes.ptr, bytes.len);
}
