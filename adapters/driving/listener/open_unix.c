#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "adapters/driving/listener/open.h"
#include "core/base/str.h"

#define BACKLOG 511

/* How long another server may take to make its socket in the same folder. */
#define LOCK_TRIES 100
#define LOCK_WAIT_NS 10000000

static int fail(struct error *err, const struct sockaddr_un *at, const char *why)
{
    return error_set(err, ST_UNAVAILABLE, "cannot listen on the socket %s: %s", at->sun_path, why);
}

/* Two servers that find the same dead socket must not both replace it. So each holds the folder
 * until its own socket answers. Returns a descriptor, or -1 with *err. */
static int hold_folder(const struct sockaddr_un *at, struct error *err)
{
    char path[sizeof(at->sun_path)];
    memcpy(path, at->sun_path, sizeof(path));
    const char *folder = dirname(path);
    if (mkdir(folder, 0700) && errno != EEXIST) {
        fail(err, at, strerror(errno));
        return -1;
    }
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        fail(err, at, strerror(errno));
        return -1;
    }
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return fd;
        nanosleep(&(struct timespec){.tv_nsec = LOCK_WAIT_NS}, NULL);
    }
    close(fd);
    fail(err, at, "another program holds its folder; try again");
    return -1;
}

static bool answers(const struct sockaddr_un *at)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int rc = fd < 0 ? -1 : connect(fd, (const struct sockaddr *)at, sizeof(*at));
    bool refused = rc && errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return !refused; /* what is too busy to answer lives */
}

static int make_room(const struct sockaddr_un *at, struct error *err)
{
    struct stat st;
    if (lstat(at->sun_path, &st))
        return errno == ENOENT ? ST_OK : fail(err, at, strerror(errno));
    if (!S_ISSOCK(st.st_mode))
        return fail(err, at, "there is a file of that name that is no socket; choose another name");
    if (answers(at))
        return fail(err, at, "a server answers there already; end it or choose another name");
    return unlink(at->sun_path) ? fail(err, at, strerror(errno)) : ST_OK;
}

static int make_socket(const struct sockaddr_un *at, struct door_spec *spec, struct error *err)
{
    struct stat st;
    int rc = make_room(at, err);
    if (rc)
        return rc;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* bind gives its file the mode of the socket, so that it never has another one. */
    if (fd < 0 || fchmod(fd, 0600) || bind(fd, (const struct sockaddr *)at, sizeof(*at)) ||
        listen(fd, BACKLOG) || lstat(at->sun_path, &st)) {
        rc = fail(err, at, strerror(errno));
        if (fd >= 0)
            close(fd);
        return rc;
    }
    *spec = (struct door_spec){.fd = fd,
                               .text = at->sun_path,
                               .local = true,
                               .loopback = true,
                               .device = st.st_dev,
                               .inode = st.st_ino};
    return ST_OK;
}

int listener_add_unix(struct listener *l, struct str path, struct error *err)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct door_spec spec;
    if (path.len == 0 || path.len >= sizeof(at.sun_path) || memchr(path.ptr, '\0', path.len))
        return error_set(err, ST_INVALID,
                         "cannot listen on the socket \"%.*s\": its path must have 1 to %zu bytes",
                         STR_ARG(path), sizeof(at.sun_path) - 1);
    memcpy(at.sun_path, path.ptr, path.len);
    int folder = hold_folder(&at, err);
    if (folder < 0)
        return err->code;
    int rc = make_socket(&at, &spec, err);
    close(folder);
    return rc ? rc : door_add(l, &spec, err);
}
