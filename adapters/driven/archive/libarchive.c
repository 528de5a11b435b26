/* The module `archive`: libarchive, no more of it than tar and gzip. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/archive/archive_module.h"
#include "adapters/driven/module/export.h"

MODULE_DEFINE_BUILD_ID();

#define BLOCK 65536

static int say(struct error *err, int code, const char *what, struct archive *a)
{
    const char *text = archive_error_string(a);
    return error_set(err, code, "%s: %s", what, text ? text : "no reason is given");
}

/* ---- writing ---- */

static int add_content(struct archive *a, int fd, const char *name, off_t size, struct error *err)
{
    char block[BLOCK];
    off_t done = 0;
    while (done < size) {
        ssize_t n = read(fd, block, sizeof(block));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return error_set(err, ST_UNAVAILABLE, "%s cannot be read: %s", name,
                             n ? strerror(errno) : "it became shorter");
        if (archive_write_data(a, block, (size_t)n) != n)
            return say(err, ST_UNAVAILABLE, "the archive cannot be written", a);
        done += n;
    }
    return ST_OK;
}

/* Nothing of this machine goes into it: no owner, no time, no mode of the file. */
static int add_head(struct archive *a, const char *id, const char *name, off_t size,
                    struct error *err)
{
    char path[ARCHIVE_MAX_ID + ARCHIVE_MAX_NAME + 2];
    struct archive_entry *entry = archive_entry_new();
    if (!entry)
        return error_set(err, ST_NOMEM, "out of memory");
    snprintf(path, sizeof(path), "%s/%s", id, name);
    archive_entry_set_pathname(entry, path);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, size);
    archive_entry_set_mtime(entry, 0, 0);
    int rc = archive_write_header(a, entry) == ARCHIVE_OK
                 ? ST_OK
                 : say(err, ST_UNAVAILABLE, "the archive cannot be written", a);
    archive_entry_free(entry);
    return rc;
}

static int add_file(struct archive *a, int folder, const char *id, const char *name,
                    struct error *err)
{
    struct stat st;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        int why = errno;
        if (fd >= 0)
            close(fd);
        return error_set(err, ST_UNAVAILABLE, "%s cannot be read: %s", name, strerror(why));
    }
    int rc = add_head(a, id, name, st.st_size, err);
    if (!rc)
        rc = add_content(a, fd, name, st.st_size, err);
    close(fd);
    return rc;
}

static int write_archive(int folder, const char *id, const struct archive_files *files, int fd,
                         struct error *err)
{
    struct archive *a = archive_write_new();
    if (!a)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = ST_OK;
    if (archive_write_add_filter_gzip(a) != ARCHIVE_OK ||
        archive_write_set_filter_option(a, "gzip", "timestamp", NULL) != ARCHIVE_OK ||
        archive_write_set_filter_option(a, "gzip", "compression-level", "9") != ARCHIVE_OK ||
        archive_write_set_format_pax_restricted(a) != ARCHIVE_OK ||
        archive_write_open_fd(a, fd) != ARCHIVE_OK)
        rc = say(err, ST_UNAVAILABLE, "the archive cannot be written", a);
    for (size_t i = 0; !rc && i < files->count; i++)
        rc = add_file(a, folder, id, files->names[i], err);
    if (!rc && archive_write_close(a) != ARCHIVE_OK)
        rc = say(err, ST_UNAVAILABLE, "the archive cannot be written", a);
    archive_write_free(a);
    return rc;
}

/* ---- reading ---- */

static const char *kind_of(const struct archive_entry *entry)
{
    switch (archive_entry_filetype((struct archive_entry *)entry)) {
    case AE_IFDIR:
        return "a folder";
    case AE_IFLNK:
        return "a link";
    case AE_IFCHR:
    case AE_IFBLK:
        return "a device";
    case AE_IFIFO:
        return "a pipe";
    case AE_IFSOCK:
        return "a socket";
    default:
        return "no regular file";
    }
}

static int check_entry(struct archive_entry *entry, struct error *err)
{
    const char *name = archive_entry_pathname(entry);
    if (!name)
        return error_set(err, ST_INVALID, "an entry has no name that can be read");
    if (archive_entry_hardlink(entry))
        return error_set(err, ST_INVALID, "%s is a hard link; only regular files are taken", name);
    if (archive_entry_filetype(entry) != AE_IFREG)
        return error_set(err, ST_INVALID, "%s is %s; only regular files are taken", name,
                         kind_of(entry));
    return ST_OK;
}

static int take_content(struct archive *a, const struct archive_taker *taker, struct error *err)
{
    static char block[BLOCK];
    la_ssize_t n;
    while ((n = archive_read_data(a, block, sizeof(block))) > 0) {
        int rc = taker->bytes(taker->ctx, block, (size_t)n, err);
        if (rc)
            return rc;
    }
    return n < 0 ? say(err, ST_INVALID, "is broken", a) : ST_OK;
}

static int take_entries(struct archive *a, const struct archive_taker *taker, struct error *err)
{
    for (;;) {
        struct archive_entry *entry;
        int got = archive_read_next_header(a, &entry);
        if (got == ARCHIVE_EOF)
            return ST_OK;
        if (got != ARCHIVE_OK)
            return say(err, ST_INVALID, "is broken", a);
        int rc = check_entry(entry, err);
        if (!rc)
            rc = taker->file(taker->ctx, archive_entry_pathname(entry), err);
        if (!rc)
            rc = take_content(a, taker, err);
        if (rc)
            return rc;
    }
}

static int read_archive(int fd, const struct archive_taker *taker, struct error *err)
{
    struct archive *a = archive_read_new();
    if (!a)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = ST_OK;
    if (archive_read_support_filter_gzip(a) != ARCHIVE_OK ||
        archive_read_support_format_tar(a) != ARCHIVE_OK ||
        archive_read_open_fd(a, fd, BLOCK) != ARCHIVE_OK)
        rc = say(err, ST_INVALID, "is no archive of a plugin", a);
    if (!rc)
        rc = take_entries(a, taker, err);
    archive_read_free(a);
    return rc;
}

MODULE_EXPORT int hexmcp_module_entry(struct archive_functions *out, struct error *err);

int hexmcp_module_entry(struct archive_functions *out, struct error *err)
{
    (void)err;
    *out = (struct archive_functions){write_archive, read_archive};
    return ST_OK;
}
