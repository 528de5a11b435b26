#include "adapters/driven/config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX_BYTES (1024 * 1024)

struct place place_of(const char *text, size_t offset)
{
    struct place place = {1, 1};
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n')
            place = (struct place){place.line + 1, 1};
        else if (((unsigned char)text[i] & 0xC0) != 0x80)
            place.column++;
    }
    return place;
}

static int open_file(const char *path, int *fd, struct error *err)
{
    struct stat st;
    /* A fifo would wait for a writer, a terminal could become ours; both are refused below. */
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0)
        return errno == ENOENT ? ST_NOT_FOUND
                               : error_set(err, ST_CONFIG, "%s cannot be read: %s", path,
                                           strerror(errno));
    if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX_BYTES)
        return ST_OK;
    close(*fd);
    return error_set(err, ST_CONFIG, "%s is not a file of at most %d bytes", path, FILE_MAX_BYTES);
}

int file_read(const char *path, struct buffer *out, struct error *err)
{
    int fd;
    int rc = open_file(path, &fd, err);
    if (rc)
        return rc;
    ssize_t got = 1;
    while (got > 0 && out->len <= FILE_MAX_BYTES && buffer_reserve(out, 4096)) {
        got = read(fd, out->data + out->len, out->cap - out->len);
        if (got > 0)
            out->len += (size_t)got;
    }
    close(fd);
    if (got < 0 || buffer_failed(out))
        return error_set(err, ST_CONFIG, "%s cannot be read: %s", path, strerror(errno));
    return ST_OK;
}
