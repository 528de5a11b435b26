/*
 * scan.c - folders that are watched, with those beneath. A folder is watched first and listed then: so
 * nothing that is made meanwhile is missed.
 *
 * SPDX-License-Identifier: MIT
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hexmcp/host/files.h"
#include "kit/source.h"
#include "session.h"

#define EVENTS_OF_FOLDER                                                                          \
    (IN_CREATE | IN_DELETE | IN_MODIFY | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | \
     IN_MOVE_SELF | IN_EXCL_UNLINK)

static int32_t fail_watch(const struct session *s, const char *path, int failure)
{
    if (failure == ENOSPC)
        return hexmcp_fail(s->r->err, HEXMCP_E_BUSY,
                           "the system lets nobody watch more folders, at %.*s; watch fewer, or ask the "
                           "operator to raise fs.inotify.max_user_watches",
                           SHOWN(path));
    return hexmcp_fail(s->r->err, HEXMCP_E_GENERIC, "%.*s cannot be watched: %s", SHOWN(path),
                       strerror(failure));
}

/* Watches what `fd` is open on; its number, or -1 with errno. */
static int watch_fd(const struct session *s, int fd)
{
    char link[40];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    return inotify_add_watch(s->inotify, link, EVENTS_OF_FOLDER);
}

/* *watch is NULL if there are too many already, or it is watched already under another path. */
static int32_t watch_folder(struct session *s, const char *path, int fd, struct watch **watch)
{
    bool is_new;
    *watch = NULL;
    if (s->watches.count >= FOLDERS_MAX) {
        s->full = true;
        return HEXMCP_OK;
    }
    int number = watch_fd(s, fd);
    /* Later on the call has something to tell, and only what is new is missing. */
    if (number < 0 && errno == ENOSPC && s->begun) {
        s->full = true;
        return HEXMCP_OK;
    }
    if (number < 0)
        return fail_watch(s, path, errno);
    struct watch *found = watches_add(&s->watches, number, path, &is_new);
    if (!found)
        return session_no_memory(s);
    if (is_new || !found->all)
        *watch = found;
    return HEXMCP_OK;
}

static int32_t scan_entry(struct session *s, int folder, const char *path, const char *name, int depth,
                          bool tells)
{
    char child[PATH_BYTES_MAX + 1];
    struct stat about;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        snprintf(child, sizeof(child), "%s/%s", path, name) >= (int)sizeof(child) ||
        fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return HEXMCP_OK;
    bool is_dir = S_ISDIR(about.st_mode);
    if (tells && session_fits(s, child) &&
        !changes_add(&s->changes, CHANGE_CREATE, child, is_dir, true))
        return session_no_memory(s);
    return is_dir && s->recursive ? scan_folder(s, child, depth + 1, tells) : HEXMCP_OK;
}

static int32_t scan_entries(struct session *s, const char *path, int fd, int depth, bool tells)
{
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    DIR *folder = own >= 0 ? fdopendir(own) : NULL;
    const struct dirent *entry;
    int32_t status = HEXMCP_OK;
    if (!folder) {
        if (own >= 0)
            close(own);
        return fail_watch(s, path, errno);
    }
    while (status == HEXMCP_OK && (entry = readdir(folder))) {
        status = scan_entry(s, fd, path, entry->d_name, depth, tells);
        if (status == HEXMCP_OK)
            status = pace_step(&s->pace, 0, 0, NULL);
    }
    closedir(folder);
    return status;
}

static int32_t scan_open(struct session *s, const char *path, int fd, int depth, bool tells)
{
    struct watch *watch;
    int32_t status = watch_folder(s, path, fd, &watch);
    if (status != HEXMCP_OK || !watch)
        return status;
    watch->all = true;
    watch->given |= depth == 0;
    return s->recursive || tells ? scan_entries(s, path, fd, depth, tells) : HEXMCP_OK;
}

int32_t scan_folder(struct session *s, const char *path, int depth, bool tells)
{
    int fd = -1;
    if (depth > DEPTH_MAX) {
        s->full = true;
        return HEXMCP_OK;
    }
    int32_t status = source_open_folder(s->r, path, &fd);
    if (status != HEXMCP_OK && depth > 0) {
        /* It may have gone meanwhile. */
        s->denied += status == HEXMCP_E_DENIED;
        return HEXMCP_OK;
    }
    if (status != HEXMCP_OK)
        return status;
    status = scan_open(s, path, fd, depth, tells);
    close(fd);
    return status;
}

/* A file is watched by its folder: programs that save it put another one in its place. */
static int32_t scan_file(struct session *s, const char *path)
{
    const hexmcp_files_1 *files = hexmcp_round_service(s->r, HEXMCP_FILES_1);
    char name[HEXMCP_FILES_NAME_MAX + 1], above[PATH_BYTES_MAX + 1];
    struct watch *watch = NULL;
    int fd = -1, folder = -1;
    int32_t status = source_open(s->r, path, &fd);
    if (status != HEXMCP_OK)
        return status;
    close(fd);
    status = files->parent(files->ctx, s->r->call, hexmcp_str_from(path), HEXMCP_FILES_READ, &folder,
                           name, s->r->err);
    if (status != HEXMCP_OK)
        return status;
    snprintf(above, sizeof(above), "%s", path);
    char *slash = strrchr(above, '/');
    *(slash ? slash : above) = '\0';
    status = watch_folder(s, above, folder, &watch);
    close(folder);
    if (status == HEXMCP_OK && watch && !watch_only(watch, name))
        status = session_no_memory(s);
    return status;
}

int32_t scan_given(struct session *s, const char *path)
{
    int32_t status = scan_folder(s, path, 0, false);
    /* Not a folder: what else it is, or why it is nothing, the second try tells. */
    return status == HEXMCP_E_INVALID ? scan_file(s, path) : status;
}
