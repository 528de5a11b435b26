/*
 * hexmcp/test/fake/files.h - the fake host's hexmcp.files/1, over a temporary folder.
 *
 * SPDX-License-Identifier: MIT
 *
 * Stricter than the real host in two things: no link is followed at all, and ".." is refused
 * everywhere.
 */
#ifndef HEXMCP_TEST_FAKE_FILES_H
#define HEXMCP_TEST_FAKE_FILES_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hexmcp/test/fake/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Removes a file, or a folder with all that is in it. Links are removed, not followed. */
static inline void hexmcp_fake_remove_(int parent, const char *name)
{
    struct dirent *entry;
    DIR *folder;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        unlinkat(parent, name, 0);
        return;
    }
    folder = fdopendir(fd);
    while (folder && (entry = readdir(folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            hexmcp_fake_remove_(fd, entry->d_name);
    if (folder)
        closedir(folder);
    else
        close(fd);
    unlinkat(parent, name, AT_REMOVEDIR);
}

/* The temporary folder that hexmcp.files/1 grants, made beneath $TMPDIR or /tmp when it is first asked
 * for and removed by hexmcp_fake_free. Borrowed until then. */
static inline const char *hexmcp_fake_folder(hexmcp_fake *fake)
{
    const char *parent = getenv("TMPDIR");
    pthread_mutex_lock(&fake->mutex);
    if (fake->folder[0] == '\0') {
        int len = snprintf(fake->folder, sizeof(fake->folder), "%s/hexmcp-fake-XXXXXX",
                           parent && parent[0] == '/' ? parent : "/tmp");
        if (len >= (int)sizeof(fake->folder) || !mkdtemp(fake->folder))
            hexmcp_fake_die_("cannot make %s: %s", fake->folder, strerror(errno));
    }
    pthread_mutex_unlock(&fake->mutex);
    return fake->folder;
}

/* Whether the folder is granted for reading only. */
static inline void hexmcp_fake_folder_read_only(hexmcp_fake *fake, int read_only)
{
    fake->read_only = read_only;
}

/* Writes `len` bytes to the file `name`, a path below the temporary folder whose folders are there. */
static inline void hexmcp_fake_put_file(hexmcp_fake *fake, const char *name, const void *bytes,
                                        size_t len)
{
    char path[HEXMCP_FAKE_PATH_ + HEXMCP_FILES_PATH_MAX];
    FILE *file;
    snprintf(path, sizeof(path), "%s/%s", hexmcp_fake_folder(fake), name);
    file = fopen(path, "wb");
    if (!file || (len > 0 && fwrite(bytes, 1, len, file) != len) || fclose(file) != 0)
        hexmcp_fake_die_("cannot write %s: %s", path, strerror(errno));
}

/* What stands between the folder and the entry: an open folder, and the entry's name. */
typedef struct hexmcp_fake_place_ {
    int fd;
    char name[HEXMCP_FILES_NAME_MAX + 1]; /* "." for the folder itself */
} hexmcp_fake_place_;

/* The path below the folder, or NULL if it is not below it. */
static inline const char *hexmcp_fake_below_(hexmcp_fake *fake, const char *path)
{
    const char *folder = hexmcp_fake_folder(fake);
    size_t len = strlen(folder);
    if (path[0] != '/')
        return path;
    if (strncmp(path, folder, len) != 0 || (path[len] != '/' && path[len] != '\0'))
        return NULL;
    return path + len;
}

static inline int32_t hexmcp_fake_errno_(hexmcp_error *err, const char *path)
{
    int32_t code = HEXMCP_E_GENERIC;
    int number = errno;
    if (number == ENOENT)
        code = HEXMCP_E_NOT_FOUND;
    else if (number == EEXIST || number == EISDIR || number == ENOTDIR)
        code = HEXMCP_E_INVALID;
    else if (number == ELOOP || number == EACCES || number == EPERM)
        code = HEXMCP_E_DENIED;
    return hexmcp_fail(err, code, "%s: %s", path, strerror(number));
}

/* Walks to the folder that holds the last part of `below`. */
static inline int32_t hexmcp_fake_walk_(hexmcp_fake *fake, const char *below,
                                        hexmcp_fake_place_ *place, hexmcp_error *err)
{
    place->fd = open(hexmcp_fake_folder(fake), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    memcpy(place->name, ".", 2);
    while (place->fd >= 0) {
        size_t len;
        int next;
        below += strspn(below, "/");
        len = strcspn(below, "/");
        if (len == 0)
            return HEXMCP_OK;
        if (len > HEXMCP_FILES_NAME_MAX || (len == 2 && memcmp(below, "..", 2) == 0)) {
            close(place->fd);
            return hexmcp_fail(err, HEXMCP_E_DENIED, "the fake host does not open %s", below);
        }
        if (strcmp(place->name, ".") != 0) {
            next = openat(place->fd, place->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            close(place->fd);
            place->fd = next;
        }
        memcpy(place->name, below, len);
        place->name[len] = '\0';
        below += len;
    }
    return hexmcp_fake_errno_(err, below);
}

/* What every function of the service begins with: counts, checks the thread, the call and the path,
 * and walks. */
static inline int32_t hexmcp_fake_place_of_(hexmcp_fake *fake, uint32_t function, hexmcp_call id,
                                            hexmcp_str path, hexmcp_fake_place_ *place,
                                            hexmcp_error *err)
{
    char text[HEXMCP_FILES_PATH_MAX + 1];
    const char *below;
    const hexmcp_fake_call_ *call;
    int32_t status;
    int gone;
    pthread_mutex_lock(&fake->mutex);
    status = hexmcp_fake_counted_(fake, function);
    if (pthread_equal(pthread_self(), fake->loop))
        hexmcp_fake_breach_(fake, "hexmcp.files/1 was used on the loop thread; run the tool in worker "
                            "mode");
    call = id ? hexmcp_fake_find_call_(fake, id) : NULL;
    gone = !call || call->completed || call->given_up;
    pthread_mutex_unlock(&fake->mutex);
    if (status != HEXMCP_OK)
        return hexmcp_fail(err, status, "the fake host was told to refuse");
    if (gone)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "the call is not running");
    if (path.len == 0 || path.len > HEXMCP_FILES_PATH_MAX || memchr(path.ptr, '\0', path.len))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "a path has 1 to 4,096 bytes, none of them NUL");
    memcpy(text, path.ptr, path.len);
    text[path.len] = '\0';
    below = hexmcp_fake_below_(fake, text);
    if (!below)
        return hexmcp_fail(err, HEXMCP_E_DENIED, "%s is not beneath a granted folder", text);
    return hexmcp_fake_walk_(fake, below, place, err);
}

static inline int hexmcp_fake_open_flags_(uint32_t flags)
{
    int f = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    f |= !(flags & HEXMCP_FILES_WRITE)   ? O_RDONLY
         : (flags & HEXMCP_FILES_READ) ? O_RDWR
                                         : O_WRONLY;
    f |= (flags & HEXMCP_FILES_CREATE) ? O_CREAT : 0;
    f |= (flags & HEXMCP_FILES_EXCLUSIVE) ? O_EXCL : 0;
    f |= (flags & HEXMCP_FILES_TRUNCATE) ? O_TRUNC : 0;
    f |= (flags & HEXMCP_FILES_APPEND) ? O_APPEND : 0;
    f |= (flags & HEXMCP_FILES_DIRECTORY) ? O_DIRECTORY : 0;
    return f;
}

/* Do the flags fit together? */
static inline int hexmcp_fake_flags_fit_(uint32_t flags)
{
    uint32_t writing = HEXMCP_FILES_CREATE | HEXMCP_FILES_TRUNCATE | HEXMCP_FILES_APPEND;
    if (!(flags & (HEXMCP_FILES_READ | HEXMCP_FILES_WRITE)) || flags >= 128)
        return 0;
    if ((flags & writing) && !(flags & HEXMCP_FILES_WRITE))
        return 0;
    if ((flags & HEXMCP_FILES_EXCLUSIVE) && !(flags & HEXMCP_FILES_CREATE))
        return 0;
    return !(flags & HEXMCP_FILES_DIRECTORY) ||
           flags == (HEXMCP_FILES_DIRECTORY | HEXMCP_FILES_READ);
}

static inline int32_t hexmcp_fake_files_open_(void *ctx, hexmcp_call call, hexmcp_str path,
                                              uint32_t flags, int32_t *fd, hexmcp_error *err)
{
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    hexmcp_fake_place_ place;
    struct stat st;
    int32_t status = hexmcp_fake_place_of_(fake, HEXMCP_FAKE_FILES_OPEN, call, path, &place, err);
    int opened;
    if (status != HEXMCP_OK)
        return status;
    if (!hexmcp_fake_flags_fit_(flags))
        status = hexmcp_fail(err, HEXMCP_E_INVALID, "the flags %u do not fit", (unsigned)flags);
    else if (fake->read_only && (flags & HEXMCP_FILES_WRITE))
        status = hexmcp_fail(err, HEXMCP_E_DENIED, "the folder is granted for reading only");
    if (status != HEXMCP_OK) {
        close(place.fd);
        return status;
    }
    opened = openat(place.fd, place.name, hexmcp_fake_open_flags_(flags), 0644);
    status = opened < 0 ? hexmcp_fake_errno_(err, place.name) : HEXMCP_OK;
    close(place.fd);
    if (status == HEXMCP_OK && fstat(opened, &st) == 0 &&
        !(flags & HEXMCP_FILES_DIRECTORY ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode))) {
        close(opened);
        status = hexmcp_fail(err, S_ISDIR(st.st_mode) ? HEXMCP_E_INVALID : HEXMCP_E_DENIED,
                             "%s is no regular file", place.name);
    }
    if (status == HEXMCP_OK)
        *fd = opened;
    return status;
}

static inline int32_t hexmcp_fake_files_parent_(void *ctx, hexmcp_call call, hexmcp_str path,
                                                uint32_t access, int32_t *fd, char *name,
                                                hexmcp_error *err)
{
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    hexmcp_fake_place_ place;
    int32_t status = hexmcp_fake_place_of_(fake, HEXMCP_FAKE_FILES_PARENT, call, path, &place, err);
    if (status != HEXMCP_OK)
        return status;
    if (access != HEXMCP_FILES_READ && access != HEXMCP_FILES_WRITE)
        status = hexmcp_fail(err, HEXMCP_E_INVALID, "access is READ or WRITE");
    else if (strcmp(place.name, ".") == 0)
        status = hexmcp_fail(err, HEXMCP_E_DENIED, "a granted folder is no entry of itself");
    else if (fake->read_only && access == HEXMCP_FILES_WRITE)
        status = hexmcp_fail(err, HEXMCP_E_DENIED, "the folder is granted for reading only");
    if (status != HEXMCP_OK) {
        close(place.fd);
        return status;
    }
    *fd = place.fd;
    memcpy(name, place.name, strlen(place.name) + 1);
    return HEXMCP_OK;
}

static inline int32_t hexmcp_fake_files_roots_(void *ctx, hexmcp_call id,
                                               void (*each)(void *arg, hexmcp_str path,
                                                            uint32_t access),
                                               void *arg)
{
    hexmcp_fake *fake = (hexmcp_fake *)ctx;
    int32_t status;
    pthread_mutex_lock(&fake->mutex);
    status = hexmcp_fake_counted_(fake, HEXMCP_FAKE_FILES_ROOTS);
    if (status == HEXMCP_OK && !hexmcp_fake_find_call_(fake, id))
        status = HEXMCP_E_NOT_FOUND;
    pthread_mutex_unlock(&fake->mutex);
    if (status == HEXMCP_OK)
        each(arg, hexmcp_str_from(hexmcp_fake_folder(fake)),
             fake->read_only ? HEXMCP_FILES_READ : HEXMCP_FILES_READ | HEXMCP_FILES_WRITE);
    return status;
}

#ifdef __cplusplus
}
#endif

#endif
