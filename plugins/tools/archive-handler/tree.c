/*
 * SPDX-License-Identifier: MIT
 */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hexmcp/host/files.h"
#include "kit/source.h"
#include "names.h"

#define OPEN_FOLDER (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static int32_t fail_system(struct tree *tree, const char *name, int failure)
{
    const char *why = strerror(failure);
    if (failure == ELOOP || failure == ENOTDIR)
        why = "a link or a file stands in its way; move that away or give another target_path";
    else if (failure == EXDEV)
        why = "it is on another file system; give that folder as target_path";
    return hexmcp_fail(tree->r->err,
                       failure == ENOSPC || failure == EFBIG ? HEXMCP_E_TOO_LARGE : HEXMCP_E_INVALID,
                       "%.200s cannot be made in %.*s: %s", name, SHOWN(tree->path), why);
}

static int32_t fail_exists(struct tree *tree, const char *name, const char *what)
{
    return hexmcp_fail(tree->r->err, HEXMCP_E_INVALID, "%.200s is in %.*s already%s", name,
                       SHOWN(tree->path), what);
}

/* The folder `path` itself, by an entry that would be in it. */
static int32_t open_top(const hexmcp_files_1 *files, struct tree *tree)
{
    char inside[HEXMCP_FILES_PATH_MAX + 3], name[HEXMCP_FILES_NAME_MAX + 1];
    int32_t fd;
    snprintf(inside, sizeof(inside), "%s/x", tree->path);
    int32_t status = files->parent(files->ctx, tree->r->call, hexmcp_str_from(inside),
                                   HEXMCP_FILES_WRITE, &fd, name, tree->r->err);
    if (status == HEXMCP_OK)
        tree->top = fd;
    return status;
}

static int32_t make_top(const hexmcp_files_1 *files, struct tree *tree, bool make)
{
    char name[HEXMCP_FILES_NAME_MAX + 1];
    int32_t fd;
    int failure = 0;
    int32_t status = files->parent(files->ctx, tree->r->call, hexmcp_str_from(tree->path),
                                   HEXMCP_FILES_WRITE, &fd, name, tree->r->err);
    if (status == HEXMCP_E_NOT_FOUND)
        return hexmcp_fail(tree->r->err, status,
                           "the folder of %.*s does not exist; make it first (file-operations: create_dir "
                           "with recursive true), or give another target_path",
                           SHOWN(tree->path));
    if (status != HEXMCP_OK)
        return status;
    if (make && mkdirat(fd, name, 0755) != 0 && errno != EEXIST)
        failure = errno;
    close(fd);
    if (failure)
        return hexmcp_fail(tree->r->err, HEXMCP_E_INVALID, "the folder %.*s cannot be made: %s",
                           SHOWN(tree->path), strerror(failure));
    return make ? open_top(files, tree) : HEXMCP_OK;
}

int32_t tree_open(const hexmcp_round *r, const char *path, bool overwrite, bool make,
                  struct tree *tree)
{
    const hexmcp_files_1 *files = hexmcp_round_service(r, HEXMCP_FILES_1);
    struct stat about;
    *tree = (struct tree){
        .r = r, .path = path, .overwrite = overwrite, .top = -1, .file = -1, .folder = -1};
    if (!files)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "this server lets no tool write files; the operator allows a folder with "
                           "--allow-write FOLDER");
    int32_t status = open_top(files, tree);
    if (status == HEXMCP_E_NOT_FOUND)
        status = make_top(files, tree, make);
    else if (status == HEXMCP_E_INVALID && make_top(files, tree, false) == HEXMCP_OK)
        return hexmcp_fail(r->err, status, "%.*s is a file; give the path of a folder as target_path",
                           SHOWN(path));
    else if (status == HEXMCP_E_DENIED)
        make_top(files, tree, false); /* says it of the path that was given, if that is denied, too */
    if (status == HEXMCP_OK && tree->top >= 0 && fstat(tree->top, &about) == 0)
        tree->device = about.st_dev;
    return status;
}

void tree_close(struct tree *tree)
{
    tree_drop(tree);
    if (tree->top >= 0)
        close(tree->top);
    tree->top = -1;
}

static int step(struct tree *tree, int from, const char *name, bool make)
{
    struct stat about;
    int fd;
    if (make && mkdirat(from, name, 0755) != 0 && errno != EEXIST)
        return -1;
    fd = openat(from, name, OPEN_FOLDER);
    if (fd >= 0 && (fstat(fd, &about) != 0 || about.st_dev != tree->device)) {
        close(fd);
        errno = EXDEV;
        return -1;
    }
    return fd;
}

/* The folder that is the first `len` bytes of `name`: a descriptor, or -1 with errno. */
static int walk(struct tree *tree, const char *name, size_t len, bool make)
{
    char part[256];
    int at = fcntl(tree->top, F_DUPFD_CLOEXEC, 3);
    for (size_t done = 0; at >= 0 && done < len;) {
        size_t part_len = strcspn(name + done, "/");
        snprintf(part, sizeof(part), "%.*s", (int)part_len, name + done);
        int next = step(tree, at, part, make);
        int failure = errno;
        close(at);
        errno = failure;
        at = next;
        done += part_len + 1;
    }
    return at;
}

static const char *last_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

static int walk_above(struct tree *tree, const char *name, bool make)
{
    size_t len = (size_t)(last_of(name) - name);
    return walk(tree, name, len > 0 ? len - 1 : 0, make);
}

static int32_t look_in(struct tree *tree, int folder, const char *name, bool is_folder)
{
    struct stat about;
    if (fstatat(folder, last_of(name), &about, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? HEXMCP_OK : fail_system(tree, name, errno);
    if (is_folder)
        return S_ISDIR(about.st_mode) ? HEXMCP_OK
                                      : fail_exists(tree, name, " and is no folder; move it away");
    if (!S_ISREG(about.st_mode))
        return fail_exists(tree, name, " and is no file; move it away");
    return tree->overwrite ? HEXMCP_OK
                           : fail_exists(tree, name,
                                         "; give overwrite true to replace such files, or another "
                                         "target_path");
}

int32_t tree_look(struct tree *tree, const char *name, bool is_folder)
{
    if (tree->top < 0 || *name == '\0')
        return HEXMCP_OK;
    int folder = walk_above(tree, name, false);
    if (folder < 0)
        return errno == ENOENT ? HEXMCP_OK : fail_system(tree, name, errno);
    int32_t status = look_in(tree, folder, name, is_folder);
    close(folder);
    return status;
}

int32_t tree_folder(struct tree *tree, const char *name, bool *made)
{
    int there = walk(tree, name, strlen(name), false);
    *made = there < 0;
    if (there < 0)
        there = walk(tree, name, strlen(name), true);
    if (there < 0)
        return fail_system(tree, name, errno);
    close(there);
    return HEXMCP_OK;
}

int32_t tree_begin(struct tree *tree, const char *name)
{
    uint64_t number;
    tree->folder = walk_above(tree, name, true);
    if (tree->folder < 0)
        return fail_system(tree, name, errno);
    int32_t status = look_in(tree, tree->folder, name, false);
    if (status != HEXMCP_OK)
        return status;
    if (getrandom(&number, sizeof(number), 0) != sizeof(number))
        return fail_system(tree, name, errno);
    snprintf(tree->temporary, sizeof(tree->temporary), ".hexmcp-%016llx.tmp",
             (unsigned long long)number);
    tree->file = openat(tree->folder, tree->temporary,
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (tree->file < 0) {
        tree->temporary[0] = '\0';
        return fail_system(tree, name, errno);
    }
    return HEXMCP_OK;
}

int32_t tree_write(struct tree *tree, const void *data, size_t len, uint64_t offset)
{
    const char *at = data;
    while (len > 0) {
        ssize_t put = pwrite(tree->file, at, len, (off_t)offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return fail_system(tree, tree->temporary, errno);
        at += put;
        len -= (size_t)put;
        offset += (uint64_t)put;
    }
    return HEXMCP_OK;
}

int32_t tree_commit(struct tree *tree, const char *name, uint64_t size)
{
    int32_t status = HEXMCP_OK;
    unsigned flags = tree->overwrite ? 0 : RENAME_NOREPLACE;
    /* For a hole at the end. */
    if (ftruncate(tree->file, (off_t)size) != 0 ||
        renameat2(tree->folder, tree->temporary, tree->folder, last_of(name), flags) != 0)
        status = fail_system(tree, name, errno);
    else
        tree->temporary[0] = '\0';
    tree_drop(tree);
    return status;
}

void tree_drop(struct tree *tree)
{
    if (tree->temporary[0] != '\0')
        unlinkat(tree->folder, tree->temporary, 0);
    if (tree->file >= 0)
        close(tree->file);
    if (tree->folder >= 0)
        close(tree->folder);
    tree->temporary[0] = '\0';
    tree->file = tree->folder = -1;
}

int32_t tree_read(struct tree *tree, const char *name, int *fd)
{
    int folder = walk_above(tree, name, false);
    if (folder < 0)
        return fail_system(tree, name, errno);
    *fd = openat(folder, last_of(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int32_t status = *fd >= 0 ? HEXMCP_OK : fail_system(tree, name, errno);
    close(folder);
    return status;
}
