/* The files of a bundle's folder: listed, copied, removed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/archive/names.h"

struct listing {
    struct archive_files *out;
    uint64_t bytes;
    struct error *err;
};

static int add(struct listing *l, const char *name, const struct stat *st)
{
    int rc = archive_name_check(name, l->err);
    if (rc)
        return rc;
    if (!S_ISREG(st->st_mode))
        return error_set(l->err, ST_INVALID,
                         "%s is no regular file; a bundle holds nothing else", name);
    l->bytes += (uint64_t)st->st_size;
    if (l->out->count == ARCHIVE_MAX_FILES || l->bytes > ARCHIVE_MAX_UNPACKED)
        return error_set(l->err, ST_TOO_LARGE,
                         "there are more than %u files, or more than %u MiB of them",
                         ARCHIVE_MAX_FILES, (unsigned)(ARCHIVE_MAX_UNPACKED >> 20));
    char *copy = strdup(name);
    if (!copy)
        return error_set(l->err, ST_NOMEM, "out of memory");
    l->out->names[l->out->count++] = copy;
    return ST_OK;
}

static int list_folder(struct listing *l, int folder, const char *prefix);

static int list_entry(struct listing *l, int folder, const char *prefix, const char *entry)
{
    char name[ARCHIVE_MAX_NAME + NAME_MAX + 3];
    struct stat st;
    snprintf(name, sizeof(name), "%s%s", prefix, entry);
    if (fstatat(folder, entry, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return error_set(l->err, ST_UNAVAILABLE, "%s cannot be read: %s", name, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return add(l, name, &st);
    int rc = archive_name_check(name, l->err);
    if (rc)
        return rc;
    int below = openat(folder, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0)
        return error_set(l->err, ST_UNAVAILABLE, "%s cannot be read: %s", name, strerror(errno));
    snprintf(name, sizeof(name), "%s%s/", prefix, entry);
    return list_folder(l, below, name);
}

/* Takes the descriptor. */
static int list_folder(struct listing *l, int folder, const char *prefix)
{
    DIR *dir = fdopendir(folder);
    struct dirent *entry;
    int rc = ST_OK;
    if (!dir) {
        close(folder);
        return error_set(l->err, ST_NOMEM, "out of memory");
    }
    while (!rc && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            rc = list_entry(l, folder, prefix, entry->d_name);
    closedir(dir);
    return rc;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int archive_list(int folder, struct archive_files *out, struct error *err)
{
    struct archive_files files = {calloc(ARCHIVE_MAX_FILES, sizeof(*files.names)), 0};
    struct listing l = {.out = &files, .err = err};
    int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = own < 0 || !files.names
                 ? error_set(err, ST_UNAVAILABLE, "the folder cannot be read: %s", strerror(errno))
                 : ST_OK;
    if (!rc)
        rc = list_folder(&l, own, "");
    else if (own >= 0)
        close(own);
    if (rc) {
        archive_files_clear(&files);
        return rc;
    }
    qsort(files.names, files.count, sizeof(*files.names), by_name);
    *out = files;
    return ST_OK;
}

void archive_files_clear(struct archive_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->names[i]);
    free(files->names);
    *files = (struct archive_files){NULL, 0};
}

/* ---- copying ---- */

static int copy_content(int from, int to)
{
    char block[65536];
    for (;;) {
        ssize_t n = read(from, block, sizeof(block));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? 0 : -1;
        if (archive_write_all(to, block, (size_t)n))
            return -1;
    }
}

static int copy_file(int from, const char *name, int to, struct error *err)
{
    int source = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (source < 0)
        return error_set(err, ST_UNAVAILABLE, "%s cannot be read: %s", name, strerror(errno));
    int target = archive_make_file(to, name, err);
    int rc = target < 0 ? target : ST_OK;
    if (!rc && (copy_content(source, target) || fsync(target)))
        rc = error_set(err, ST_UNAVAILABLE, "%s cannot be copied: %s", name, strerror(errno));
    if (target >= 0)
        close(target);
    close(source);
    return rc;
}

int archive_copy(int from, const struct archive_files *files, int to, struct error *err)
{
    int rc = ST_OK;
    for (size_t i = 0; !rc && i < files->count; i++)
        rc = copy_file(from, files->names[i], to, err);
    return rc;
}

/* ---- removing ---- */

/* Removes what is in the folder, whose descriptor it takes. */
static int empty_folder(int folder)
{
    DIR *dir = fdopendir(folder);
    struct dirent *entry;
    int rc = dir ? 0 : -1;
    if (!dir)
        close(folder);
    while (!rc && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(folder, entry->d_name, 0) != 0)
            rc = errno == EISDIR || errno == EPERM ? archive_remove_folder(folder, entry->d_name)
                                                   : -1;
    }
    if (dir)
        closedir(dir);
    return rc;
}

int archive_remove_folder(int at, const char *name)
{
    int folder = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0 && errno == ENOENT)
        return 0;
    if (folder < 0 || empty_folder(folder))
        return -1;
    return unlinkat(at, name, AT_REMOVEDIR);
}
