#include "adapters/driven/files/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driven/files/beneath.h"
#include "adapters/driven/files/kind.h"

/* How often a path may name another thing than just before. */
#define SWAPS_MAX 10
#define NEW_FILE_MODE 0644u
#define ALL_FLAGS                                                                                  \
    (FILES_READ | FILES_WRITE | FILES_CREATE | FILES_EXCLUSIVE | FILES_TRUNCATE | FILES_APPEND |   \
     FILES_DIRECTORY)

/* What is being opened. */
struct target {
    const struct path_grants *grants;
    struct str path; /* as it was given */
    unsigned flags;
    struct place place;
    int root;
};

static int check_flags(unsigned flags, struct error *err)
{
    unsigned changing = FILES_CREATE | FILES_TRUNCATE | FILES_APPEND;
    bool good = flags & (FILES_READ | FILES_WRITE) && !(flags & ~(unsigned)ALL_FLAGS) &&
                (flags & FILES_WRITE || !(flags & changing)) &&
                (flags & FILES_CREATE || !(flags & FILES_EXCLUSIVE)) &&
                (!(flags & FILES_DIRECTORY) || flags == (FILES_DIRECTORY | FILES_READ));
    return good ? ST_OK
                : error_set(err, ST_INVALID, "flags 0x%x of hexmcp.files/1 do not fit together",
                            flags);
}

static int mode_flags(unsigned flags)
{
    int mode = !(flags & FILES_WRITE) ? O_RDONLY : flags & FILES_READ ? O_RDWR : O_WRONLY;
    if (flags & FILES_APPEND)
        mode |= O_APPEND;
    if (flags & FILES_DIRECTORY)
        mode |= O_DIRECTORY;
    /* Should it be swapped for a pipe or terminal just now, nothing waits and nothing is taken. */
    return mode | O_NONBLOCK | O_NOCTTY;
}

static int check_kind(const struct target *t, int fd, struct stat *st, struct error *err)
{
    return kind_check(fd, t->flags & FILES_DIRECTORY, t->grants->hard_links, t->path, st, err);
}

/* Opens what `probe` was made of. ST_OK with *fd -1: something else is there now. */
static int open_probed(const struct target *t, const struct stat *probed, int *fd,
                       struct error *err)
{
    struct stat st;
    *fd = -1;
    int got = beneath_open(t->root, t->place.rest, mode_flags(t->flags), 0);
    if (got == -ENOENT)
        return ST_OK;
    if (got < 0)
        return beneath_error(t->path, &t->place, got, err);
    int rc = check_kind(t, got, &st, err);
    bool same = !rc && st.st_dev == probed->st_dev && st.st_ino == probed->st_ino;
    if (same && t->flags & FILES_TRUNCATE && ftruncate(got, 0))
        rc = beneath_error(t->path, &t->place, -errno, err);
    if (rc || !same)
        close(got);
    else
        *fd = got;
    return rc;
}

static int open_existing(const struct target *t, int probe, int *fd, struct error *err)
{
    struct stat st;
    int rc = check_kind(t, probe, &st, err);
    if (!rc && t->flags & FILES_EXCLUSIVE)
        rc = beneath_error(t->path, &t->place, -EEXIST, err);
    return rc ? rc : open_probed(t, &st, fd, err);
}

/* ST_OK with *fd -1: something is there now. */
static int create(const struct target *t, int *fd, struct error *err)
{
    *fd = -1;
    int got = beneath_open(t->root, t->place.rest, mode_flags(t->flags) | O_CREAT | O_EXCL,
                           NEW_FILE_MODE);
    if (got >= 0)
        *fd = got;
    return got >= 0 || got == -EEXIST ? ST_OK : beneath_error(t->path, &t->place, got, err);
}

static int try_open(const struct target *t, int *fd, struct error *err)
{
    int probe = beneath_open(t->root, t->place.rest, O_PATH, 0);
    if (probe == -ENOENT && t->flags & FILES_CREATE)
        return create(t, fd, err);
    if (probe < 0)
        return beneath_error(t->path, &t->place, probe, err);
    int rc = open_existing(t, probe, fd, err);
    close(probe);
    return rc;
}

static int open_target(struct target *t, int *out, struct error *err)
{
    int fd = -1, rc = ST_OK;
    for (int i = 0; i < SWAPS_MAX && !rc && fd < 0; i++)
        rc = try_open(t, &fd, err);
    if (!rc && fd < 0)
        rc = error_set(err, ST_BUSY, "%.*s is a link that leads nowhere, or keeps changing",
                       SHOWN(t->path));
    if (!rc)
        *out = fd;
    return rc;
}

/* The granted folder of the path, open; target_end afterwards. */
static int target_begin(struct target *t, unsigned access, struct error *err)
{
    int rc = place_find(t->grants, t->path, access, &t->place, err);
    if (rc)
        return rc;
    t->root = beneath_root(&t->place);
    if (t->root >= 0)
        return ST_OK;
    rc = beneath_error(t->place.grant->folder, &t->place, t->root, err);
    error_prefix(err, "the granted folder ");
    place_clear(&t->place);
    return rc;
}

static void target_end(struct target *t)
{
    close(t->root);
    place_clear(&t->place);
}

static int files_open(void *ctx, const struct path_grants *grants, struct str path, unsigned flags,
                      int *fd, struct error *err)
{
    struct target t = {.grants = grants, .path = path, .flags = flags};
    (void)ctx;
    int rc = check_flags(flags, err);
    if (!rc)
        rc = target_begin(&t, flags & FILES_WRITE ? FILES_WRITE : FILES_READ, err);
    if (rc)
        return rc;
    rc = open_target(&t, fd, err);
    target_end(&t);
    return rc;
}

/* Cuts the last component off. */
static int split(struct target *t, char name[FILES_NAME_MAX + 1], struct error *err)
{
    struct str *rest = &t->place.rest;
    const char *slash = rest->len ? memrchr(rest->ptr, '/', rest->len) : NULL;
    size_t from = slash ? (size_t)(slash - rest->ptr) + 1 : 0, len = rest->len - from;
    if (len == 0)
        return error_set(err, ST_DENIED,
                         "%.*s is the granted folder itself, which can be neither changed nor named "
                         "as an entry",
                         SHOWN(t->path));
    if (len > FILES_NAME_MAX)
        return beneath_error(t->path, &t->place, -ENAMETOOLONG, err);
    memcpy(name, rest->ptr + from, len);
    name[len] = '\0';
    rest->len = slash ? from - 1 : 0;
    return ST_OK;
}

static int files_parent(void *ctx, const struct path_grants *grants, struct str path,
                        unsigned access, int *fd, char name[FILES_NAME_MAX + 1], struct error *err)
{
    struct target t = {.grants = grants, .path = path, .flags = FILES_READ | FILES_DIRECTORY};
    char last[FILES_NAME_MAX + 1];
    (void)ctx;
    if (access != FILES_READ && access != FILES_WRITE)
        return check_flags(0, err);
    int rc = target_begin(&t, access, err);
    if (rc)
        return rc;
    rc = split(&t, last, err);
    if (!rc)
        rc = open_target(&t, fd, err);
    if (!rc)
        memcpy(name, last, sizeof(last));
    target_end(&t);
    return rc;
}

const struct files_port *files_port(void)
{
    static const struct files_port port = {.open = files_open, .parent = files_parent};
    return &port;
}
