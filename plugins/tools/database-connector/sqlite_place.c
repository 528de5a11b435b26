/*
 * SPDX-License-Identifier: MIT
 */
#include "sqlite_vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/source.h"

#define HEADER 20
#define LOG_HEADER 32
#define COPY_MOST ((int64_t)256 * 1024 * 1024)
#define COPY_TRIES 5

static int32_t open_file(struct sqlite_place *p, uint32_t flags)
{
    const hexmcp_files_1 *files = hexmcp_round_service(p->r, HEXMCP_FILES_1);
    int32_t fd;
    if (!files)
        return hexmcp_fail(p->r->err, HEXMCP_E_DENIED,
                           "this server lets no tool open files; the operator allows a folder with "
                           "--allow-read FOLDER");
    int32_t status = files->open(files->ctx, p->r->call, hexmcp_str_from(p->path), flags, &fd, p->r->err);
    if (status == HEXMCP_OK)
        p->fd = fd;
    return status;
}

/* The journal is looked for beside the name: a link elsewhere would have it beside its target. */
static int32_t check_entry(const struct sqlite_place *p)
{
    const hexmcp_files_1 *files = hexmcp_round_service(p->r, HEXMCP_FILES_1);
    char name[HEXMCP_FILES_NAME_MAX + 1];
    struct stat entry, opened;
    int32_t folder;
    int32_t status = files->parent(files->ctx, p->r->call, hexmcp_str_from(p->path),
                                   HEXMCP_FILES_READ, &folder, name, p->r->err);
    if (status != HEXMCP_OK)
        return status;
    bool same = fstatat(folder, name, &entry, AT_SYMLINK_NOFOLLOW) == 0 &&
                fstat(p->fd, &opened) == 0 && entry.st_ino == opened.st_ino &&
                entry.st_dev == opened.st_dev;
    close(folder);
    if (!same)
        return hexmcp_fail(p->r->err, HEXMCP_E_INVALID,
                           "%.*s is a link; give the path of the database itself", SHOWN(p->path));
    return HEXMCP_OK;
}

static int32_t check_header(const struct sqlite_place *p, bool *logged)
{
    char header[HEADER];
    ssize_t got = pread(p->fd, header, sizeof(header), 0);
    if (got != 0 && (got != sizeof(header) || memcmp(header, "SQLite format 3", 16) != 0))
        return hexmcp_fail(p->r->err, HEXMCP_E_INVALID,
                           "%.*s is no SQLite database; give the path of one", SHOWN(p->path));
    *logged = got > 0 && header[18] == 2;
    return HEXMCP_OK;
}

/* ---- copies of what has a write-ahead log ---- */

static int32_t fail_copy(const struct sqlite_place *p, const char *why)
{
    return hexmcp_fail(p->r->err, HEXMCP_E_UNAVAILABLE,
                       "%.*s has a write-ahead log and cannot be copied for reading: %s",
                       SHOWN(p->path), why);
}

/* A copy in memory of what `from` has; -1 and why. */
static int copy(int from, const char **why)
{
    struct stat about;
    off_t at = 0;
    int to = memfd_create("hexmcp-sqlite", MFD_CLOEXEC);
    *why = "memory is short; try again";
    if (to < 0 || fstat(from, &about) != 0 || about.st_size > COPY_MOST) {
        if (to >= 0 && about.st_size > COPY_MOST)
            *why = "it has more than 256 MiB; have its owner run PRAGMA journal_mode=DELETE";
        goto failed;
    }
    while (at < about.st_size) {
        ssize_t put = copy_file_range(from, &at, to, NULL, (size_t)(about.st_size - at), 0);
        char block[65536];
        if (put < 0) { /* file systems differ in what they can copy for us */
            put = pread(from, block, sizeof(block), at);
            if (put > 0 && write(to, block, (size_t)put) != put)
                goto failed;
            at += put > 0 ? put : 0;
        }
        if (put <= 0)
            break;
    }
    return to;
failed:
    if (to >= 0)
        close(to);
    return -1;
}

/* What tells whether a log was written to or begun anew. */
struct log_mark {
    int64_t size;
    char header[LOG_HEADER];
};

static struct log_mark mark_of(int log)
{
    struct log_mark mark = {0};
    struct stat about;
    if (log >= 0 && fstat(log, &about) == 0 &&
        pread(log, mark.header, sizeof(mark.header), 0) >= 0)
        mark.size = about.st_size;
    return mark;
}

static int open_log(const struct sqlite_place *p)
{
    const hexmcp_files_1 *files = hexmcp_round_service(p->r, HEXMCP_FILES_1);
    hexmcp_error ignored = {.size = sizeof(ignored)};
    char path[HEXMCP_FILES_PATH_MAX + 8];
    int32_t fd;
    snprintf(path, sizeof(path), "%s-wal", p->path);
    return files->open(files->ctx, p->r->call, hexmcp_str_from(path), HEXMCP_FILES_READ, &fd,
                       &ignored) == HEXMCP_OK
               ? fd
               : -1;
}

/* One try: the log first. Pages that are moved from it into the file meanwhile are in the copy of the
 * log, so both together are whole unless the log changed. */
static int32_t copy_both(struct sqlite_place *p, bool *whole)
{
    const char *why = "";
    int log = open_log(p), log_copy = -1, file_copy = -1;
    struct log_mark before = mark_of(log), after;
    if (before.size > 0)
        log_copy = copy(log, &why);
    if (before.size == 0 || log_copy >= 0)
        file_copy = copy(p->fd, &why);
    int again = open_log(p);
    after = mark_of(again);
    if (log >= 0)
        close(log);
    if (again >= 0)
        close(again);
    *whole = file_copy >= 0 && memcmp(&before, &after, sizeof(before)) == 0;
    if (*whole) {
        close(p->fd);
        p->fd = file_copy;
        p->log_fd = log_copy;
        p->copied = true;
        return HEXMCP_OK;
    }
    if (log_copy >= 0)
        close(log_copy);
    if (file_copy < 0)
        return fail_copy(p, why);
    close(file_copy);
    return HEXMCP_OK;
}

static int32_t copy_whole(struct sqlite_place *p)
{
    bool whole = false;
    int32_t status = HEXMCP_OK;
    for (int i = 0; i < COPY_TRIES && !whole && status == HEXMCP_OK; i++)
        status = copy_both(p, &whole);
    if (status == HEXMCP_OK && !whole)
        status = fail_copy(p, "it is being changed all the time; try again");
    return status;
}

/* ---- */

int32_t sqlite_place_begin(struct sqlite_place *p, const hexmcp_round *r, const char *path,
                           bool writable)
{
    bool logged = false;
    *p = (struct sqlite_place){.r = r, .path = path, .writable = writable, .fd = -1, .log_fd = -1};
    int32_t status = open_file(p, HEXMCP_FILES_READ | (writable ? HEXMCP_FILES_WRITE : 0));
    if (status == HEXMCP_OK)
        status = check_entry(p);
    if (status == HEXMCP_OK)
        status = check_header(p, &logged);
    if (status == HEXMCP_OK && logged && !writable)
        status = copy_whole(p);
    sqlite_vfs_fill(p);
    if (status == HEXMCP_OK && sqlite3_vfs_register(&p->vfs, 0) != SQLITE_OK)
        status = hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for SQLite; try again");
    if (status != HEXMCP_OK) {
        if (p->fd >= 0)
            close(p->fd);
        if (p->log_fd >= 0)
            close(p->log_fd);
    }
    return status;
}

void sqlite_place_end(struct sqlite_place *p)
{
    sqlite3_vfs_unregister(&p->vfs);
    if (p->fd >= 0)
        close(p->fd);
    if (p->log_fd >= 0)
        close(p->log_fd);
}
