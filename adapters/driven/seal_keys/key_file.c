#include "adapters/driven/seal_keys/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "core/base/error.h"

#define NAME "seal-keys"
#define LOCK_NAME "seal-keys.lock"

#define LOCK_TRIES 100
#define LOCK_PAUSE_NS 10000000

static int file_path(const char *folder, const char *name, char out[PATH_MAX], struct error *err)
{
    if ((size_t)snprintf(out, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        return error_set(err, ST_UNAVAILABLE, "%s: the path is too long", folder);
    return ST_OK;
}

static int refuse(const char *path, const char *fault, struct error *err)
{
    return error_set(err, ST_CONFIG,
                     "the key file %s %s; delete it: a new one is made, and what was sealed before "
                     "becomes invalid",
                     path, fault);
}

static int trust(const char *path, const struct stat *file, struct error *err)
{
    if (!S_ISREG(file->st_mode))
        return refuse(path, "is not a regular file", err);
    if (file->st_uid != geteuid())
        return refuse(path, "belongs to another user", err);
    if (file->st_mode & 077)
        return refuse(path, "was open to other users", err);
    return ST_OK;
}

static int read_keys(const char *path, int fd, struct key_list *out, struct error *err)
{
    char text[MAX_KEY_TEXT];
    size_t len = 0;
    ssize_t got = 1;
    while (got != 0 && len < sizeof(text)) {
        got = read(fd, text + len, sizeof(text) - len);
        if (got < 0 && errno != EINTR)
            break;
        len += got > 0 ? (size_t)got : 0;
    }
    /* A file as long as the space is longer than any that was written here. */
    bool good = got == 0 && key_text_read((struct str){text, len}, out);
    explicit_bzero(text, sizeof(text));
    return good ? ST_OK : refuse(path, "is damaged", err);
}

int key_file_read(const char *folder, struct key_list *out, struct stat *seen, struct error *err)
{
    char path[PATH_MAX];
    struct stat file;
    int rc = file_path(folder, NAME, path, err);
    if (rc)
        return rc;
    if (lstat(path, &file))
        return error_set(err, errno == ENOENT ? ST_NOT_FOUND : ST_UNAVAILABLE, "%s: %s", path,
                         strerror(errno));
    rc = trust(path, &file, err);
    if (rc)
        return rc;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? error_set(err, ST_NOT_FOUND, "%s: %s", path, strerror(errno))
                               : refuse(path, "cannot be read", err);
    /* Again: another file may have come to this place. */
    if (fstat(fd, &file))
        rc = refuse(path, "cannot be read", err);
    else
        rc = trust(path, &file, err);
    if (!rc)
        rc = read_keys(path, fd, out, err);
    if (!rc)
        *seen = file;
    close(fd);
    return rc;
}

bool key_file_same(const char *folder, const struct stat *seen)
{
    char path[PATH_MAX];
    struct stat now;
    return !file_path(folder, NAME, path, NULL) && lstat(path, &now) == 0 &&
           now.st_dev == seen->st_dev && now.st_ino == seen->st_ino &&
           now.st_size == seen->st_size && now.st_mode == seen->st_mode &&
           now.st_uid == seen->st_uid && now.st_mtim.tv_sec == seen->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == seen->st_mtim.tv_nsec &&
           now.st_ctim.tv_sec == seen->st_ctim.tv_sec &&
           now.st_ctim.tv_nsec == seen->st_ctim.tv_nsec;
}

/* The folder and its parents, as far as they are missing; what went wrong shows at the lock. */
static void make_folders(const char *lock_path)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof(copy), "%s", lock_path);
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

int key_file_lock(const char *folder, int *lock, struct error *err)
{
    char path[PATH_MAX];
    int rc = file_path(folder, LOCK_NAME, path, err);
    if (rc)
        return rc;
    make_folders(path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return error_set(err, ST_UNAVAILABLE, "%s: %s", path, strerror(errno));
    if (wait_for_lock(fd)) {
        rc = error_set(err, ST_UNAVAILABLE, "%s cannot be locked: %s", path, strerror(errno));
        close(fd);
        return rc;
    }
    *lock = fd;
    return ST_OK;
}

void key_file_unlock(int lock)
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
static int sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    /* Some file systems cannot, and need not. */
    int failed = fsync(fd) && errno != EINVAL;
    close(fd);
    return failed;
}

static int write_file(const char *folder, const char *path, char *temp, struct str text)
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
    return sync_folder(folder);
}

int key_file_replace(const char *folder, const struct key_list *keys, struct error *err)
{
    char path[PATH_MAX], temp[PATH_MAX];
    struct buffer text = BUFFER_INIT;
    int rc = file_path(folder, NAME, path, err);
    if (!rc)
        rc = file_path(folder, NAME ".XXXXXX", temp, err);
    /* Room for all at once, so that no copy of a key stays behind in freed memory. */
    if (!rc && !buffer_reserve(&text, MAX_KEY_TEXT))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (rc)
        return rc;
    key_text_write(keys, &text);
    if (write_file(folder, path, temp, buffer_str(&text)))
        rc = error_set(err, ST_UNAVAILABLE, "%s cannot be written: %s", path, strerror(errno));
    explicit_bzero(text.data, text.len);
    buffer_clear(&text);
    return rc;
}
