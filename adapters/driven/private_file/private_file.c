#include "adapters/driven/private_file/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES 100
#define LOCK_PAUSE_NS 10000000

static int refuse(const char *fault, struct error *err)
{
    return error_set(err, ST_CONFIG, "%s", fault);
}

static int trust(const struct stat *file, struct error *err)
{
    if (!S_ISREG(file->st_mode))
        return refuse("is not a regular file", err);
    if (file->st_uid != geteuid())
        return refuse("belongs to another user", err);
    if (file->st_mode & 077)
        return refuse("was open to other users", err);
    return ST_OK;
}

static int read_all(int fd, size_t most, struct buffer *out, struct error *err)
{
    ssize_t got = 1;
    size_t len = 0;
    if (!buffer_reserve(out, most))
        return error_set(err, ST_NOMEM, "out of memory");
    char *to = out->data + out->len;
    while (got != 0 && len < most) {
        got = read(fd, to + len, most - len);
        if (got < 0 && errno != EINTR)
            break;
        len += got > 0 ? (size_t)got : 0;
    }
    out->len += len;
    /* A file as long as the space is longer than any that was written here. */
    return got == 0 ? ST_OK : refuse("is damaged", err);
}

int private_file_read(const char *path, size_t most, struct buffer *out, struct stat *seen,
                      struct error *err)
{
    struct stat file;
    if (lstat(path, &file))
        return error_set(err, errno == ENOENT ? ST_NOT_FOUND : ST_UNAVAILABLE, "%s: %s", path,
                         strerror(errno));
    int rc = trust(&file, err);
    if (rc)
        return rc;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? error_set(err, ST_NOT_FOUND, "%s: %s", path, strerror(errno))
                               : refuse("cannot be read", err);
    /* Again: another file may have come to this place. */
    if (fstat(fd, &file))
        rc = refuse("cannot be read", err);
    else
        rc = trust(&file, err);
    if (!rc)
        rc = read_all(fd, most, out, err);
    if (!rc)
        *seen = file;
    close(fd);
    return rc;
}

bool private_file_same(const char *path, const struct stat *seen)
{
    struct stat now;
    return lstat(path, &now) == 0 && now.st_dev == seen->st_dev && now.st_ino == seen->st_ino &&
           now.st_size == seen->st_size && now.st_mode == seen->st_mode &&
           now.st_uid == seen->st_uid && now.st_mtim.tv_sec == seen->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == seen->st_mtim.tv_nsec &&
           now.st_ctim.tv_sec == seen->st_ctim.tv_sec &&
           now.st_ctim.tv_nsec == seen->st_ctim.tv_nsec;
}

/* What went wrong shows at the lock. */
static void make_folders(const char *path)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof(copy), "%s", path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0700);
        *slash = '/';
    }
}

static int wait_for_lock(int fd)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_NS};
    int failed = flock(fd, LOCK_EX | LOCK_NB);
    for (int i = 0; failed && (errno == EWOULDBLOCK || errno == EINTR) && i < LOCK_TRIES; i++) {
        nanosleep(&pause, NULL);
        failed = flock(fd, LOCK_EX | LOCK_NB);
    }
    return failed;
}

int private_file_lock(const char *path, int *lock, struct error *err)
{
    make_folders(path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return error_set(err, ST_UNAVAILABLE, "%s: %s", path, strerror(errno));
    if (wait_for_lock(fd)) {
        int rc = error_set(err, ST_UNAVAILABLE, "%s cannot be locked: %s", path, strerror(errno));
        close(fd);
        return rc;
    }
    *lock = fd;
    return ST_OK;
}

void private_file_unlock(int lock)
{
    close(lock);
}

static int write_all(int fd, struct str bytes)
{
    for (size_t done = 0; done < bytes.len;) {
        ssize_t n = write(fd, bytes.ptr + done, bytes.len - done);
        if (n < 0 && errno != EINTR)
            return -1;
        done += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd);
}

/* Makes the new name last. */
static int sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    /* Some file systems cannot, and need not. */
    int failed = fsync(fd) && errno != EINVAL;
    close(fd);
    return failed;
}

static int write_file(const char *path, char *temp, struct str text)
{
    int fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return -1;
    int failed = write_all(fd, text);
    failed = close(fd) || failed;
    if (failed || rename(temp, path)) {
        int reason = errno;
        unlink(temp);
        errno = reason;
        return -1;
    }
    return sync_folder_of(path);
}

int private_file_replace(const char *path, struct str text, struct error *err)
{
    char temp[PATH_MAX];
    if ((size_t)snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >= sizeof(temp))
        return error_set(err, ST_UNAVAILABLE, "%s: the path is too long", path);
    if (write_file(path, temp, text))
        return error_set(err, ST_UNAVAILABLE, "%s cannot be written: %s", path, strerror(errno));
    return ST_OK;
}
