#include "adapters/driven/plugin_host/open_beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_beneath(int at, const char *name, int flags)
{
    struct open_how how = {
        .flags = (unsigned)(flags | O_CLOEXEC),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    long fd = syscall(SYS_openat2, at, name, &how, sizeof(how));
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
        return (int)fd;
    /* Old kernels and some sandboxes have no openat2: then no link at all is followed. */
    return openat(at, name, flags | O_CLOEXEC | O_NOFOLLOW);
}

static int report(const char *name, int number, enum refusal *why, struct error *err)
{
    bool link = number == EXDEV || number == ELOOP;
    *why = link ? REFUSED_SYMLINK : REFUSED_FILE;
    if (link)
        return error_set(err, ST_DENIED, "%s is a symbolic link that leads out of its folder",
                         name);
    return error_set(err, number == ENOENT ? ST_NOT_FOUND : ST_DENIED, "%s: %s", name,
                     strerror(number));
}

int open_folder_beneath(int at, const char *name, enum refusal *why, struct error *err)
{
    int fd = open_beneath(at, name, O_PATH | O_DIRECTORY);
    return fd >= 0 ? fd : report(name, errno, why, err);
}

int open_file_beneath(int at, const char *name, struct stat *st, enum refusal *why,
                      struct error *err)
{
    /* O_NONBLOCK: a FIFO with this name must not hold us up. */
    int fd = open_beneath(at, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return report(name, errno, why, err);
    if (fstat(fd, st) != 0 || !S_ISREG(st->st_mode)) {
        close(fd);
        *why = REFUSED_FILE;
        return error_set(err, ST_INVALID, "%s: no regular file", name);
    }
    return fd;
}
