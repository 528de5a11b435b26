#include "adapters/driven/files/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel says EAGAIN when something was renamed while it looked for "..". */
#define TRIES_MAX 100

static int try_open(int root, const char *path, int flags, unsigned mode)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .mode = mode,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    long fd = -1;
    for (int i = 0; i < TRIES_MAX && fd < 0; i++) {
        fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
        if (fd < 0 && errno != EAGAIN && errno != EINTR)
            break;
    }
    return fd < 0 ? -errno : (int)fd;
}

int beneath_open(int root, struct str rest, int flags, unsigned mode)
{
    if (rest.len == 0)
        return try_open(root, ".", flags, mode);
    char *path = strndup(rest.ptr, rest.len);
    if (!path)
        return -ENOMEM;
    int fd = try_open(root, path, flags, mode);
    free(path);
    return fd;
}

int beneath_root(const struct place *place)
{
    const struct path_grant *grant = place->grant;
    char *path = strndup(grant->real.ptr, grant->real.len);
    int root = path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    int failure = path ? -errno : -ENOMEM;
    free(path);
    if (root < 0)
        return failure;
    if (grant->beneath.len == 0)
        return root;
    int fd = beneath_open(root, grant->beneath, O_PATH | O_DIRECTORY, 0);
    close(root);
    return fd;
}

struct meaning {
    int failure;
    int code;
    const char *text; /* behind the path */
};

static const struct meaning meanings[] = {
    {ENOENT, ST_NOT_FOUND, "does not exist"},
    {EACCES, ST_DENIED, "cannot be opened: the system denies it to the user of the server"},
    {EPERM, ST_DENIED, "cannot be opened: the system does not permit it"},
    {EROFS, ST_DENIED, "cannot be changed: its file system is read-only"},
    {ELOOP, ST_DENIED, "goes through too many links, or through one of /proc"},
    {ENOTDIR, ST_INVALID, "goes through something that is not a folder, or is none"},
    {EISDIR, ST_INVALID, "is a folder"},
    {EEXIST, ST_INVALID, "exists already"},
    {ENAMETOOLONG, ST_INVALID, "has a name that is too long"},
    {EAGAIN, ST_BUSY, "cannot be opened: the folders on the way keep changing; try again"},
    {EMFILE, ST_BUSY, "cannot be opened: too many files are open; try again"},
    {ENFILE, ST_BUSY, "cannot be opened: too many files are open; try again"},
    {ETXTBSY, ST_BUSY, "cannot be changed: it is a program that runs"},
    {ENOMEM, ST_NOMEM, "cannot be opened: out of memory"},
    {EFBIG, ST_TOO_LARGE, "is too large"},
    {EOVERFLOW, ST_TOO_LARGE, "is too large"},
    {ENOSYS, ST_UNSUPPORTED, "cannot be opened safely: the kernel has no openat2 (Linux 5.6)"},
};

int beneath_error(struct str path, const struct place *place, int failure, struct error *err)
{
    struct str shown = path_shown(path);
    if (failure == -EXDEV)
        return error_set(err, ST_DENIED,
                         "%.*s leads out of the granted folder %.*s through a link; links are "
                         "followed inside of it only",
                         STR_ARG(shown), STR_ARG(place->grant->folder));
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (meanings[i].failure == -failure)
            return error_set(err, meanings[i].code, "%.*s %s", STR_ARG(shown), meanings[i].text);
    return error_set(err, ST_GENERIC, "%.*s cannot be opened: %s", STR_ARG(shown),
                     strerror(-failure));
}
