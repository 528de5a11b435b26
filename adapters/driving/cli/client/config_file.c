#include "adapters/driving/cli/client/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BACKUPS 1000

static int failed(const char *what, const char *path, struct error *err)
{
    int code = errno == EACCES || errno == EPERM || errno == EROFS ? ST_DENIED : ST_CONFIG;
    return error_set(err, code, "%s cannot be %s: %s", path, what, strerror(errno));
}

/* --- reading ----------------------------------------------------------------------------------- */

static int read_all(int fd, const char *path, struct buffer *out, struct error *err)
{
    ssize_t got = 1;
    while (got > 0 && out->len <= CONFIG_FILE_MAX_BYTES && buffer_reserve(out, 65536)) {
        got = read(fd, out->data + out->len, out->cap - out->len);
        if (got > 0)
            out->len += (size_t)got;
    }
    if (got < 0)
        return failed("read", path, err);
    if (buffer_failed(out))
        return error_set(err, ST_NOMEM, "out of memory");
    if (out->len > CONFIG_FILE_MAX_BYTES)
        return error_set(err, ST_TOO_LARGE, "%s is longer than %zu bytes", path,
                         CONFIG_FILE_MAX_BYTES);
    return ST_OK;
}

static int read_open(int fd, struct config_file *file, struct error *err)
{
    struct stat st;
    if (fstat(fd, &st))
        return failed("read", file->path, err);
    if (!S_ISREG(st.st_mode))
        return error_set(err, ST_CONFIG, "%s is no regular file", file->path);
    file->exists = true;
    file->mode = st.st_mode & 07777;
    file->owner = st.st_uid;
    file->group = st.st_gid;
    return read_all(fd, file->path, &file->text, err);
}

static int resolve(const char *path, struct config_file *file, struct error *err)
{
    struct stat st;
    if (realpath(path, file->path))
        return ST_OK;
    if (errno != ENOENT && errno != ENOTDIR)
        return failed("read", path, err);
    if (lstat(path, &st) == 0)
        return error_set(err, ST_CONFIG, "%s is a link that leads nowhere; remove it, or make its "
                                         "target",
                         path);
    snprintf(file->path, PATH_MAX, "%s", path);
    return ST_OK;
}

int config_file_read(const char *path, struct config_file *out, struct error *err)
{
    struct config_file file = {.text = BUFFER_INIT};
    int rc = resolve(path, &file, err);
    if (rc)
        return rc;
    int fd = open(file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
        return failed("read", file.path, err);
    if (fd >= 0) {
        rc = read_open(fd, &file, err);
        close(fd);
    }
    if (rc) {
        config_file_clear(&file);
        return rc;
    }
    *out = file;
    return ST_OK;
}

void config_file_clear(struct config_file *file)
{
    buffer_clear(&file->text);
}

static int check_unchanged(const struct config_file *file, struct error *err)
{
    struct config_file now;
    int rc = config_file_read(file->path, &now, err);
    if (rc)
        return rc;
    bool same = now.exists == file->exists &&
                str_eq(buffer_str(&now.text), buffer_str(&file->text));
    config_file_clear(&now);
    if (same)
        return ST_OK;
    return error_set(err, ST_CONFIG, "%s was changed by another program meanwhile; nothing was written. "
                                   "Run the command again",
                     file->path);
}

/* --- writing ----------------------------------------------------------------------------------- */

static int write_all(int fd, struct str text)
{
    for (size_t at = 0; at < text.len;) {
        ssize_t done = write(fd, text.ptr + at, text.len - at);
        if (done < 0 && errno != EINTR)
            return -1;
        if (done > 0)
            at += (size_t)done;
    }
    return 0;
}

/* The text with mode and owner of the file, and on the disk. */
static int fill(int fd, const struct config_file *file, struct str text)
{
    struct stat st;
    if (write_all(fd, text) || fstat(fd, &st))
        return -1;
    if (file->exists && (st.st_uid != file->owner || st.st_gid != file->group) &&
        fchown(fd, file->owner, file->group))
        return -1;
    return fchmod(fd, file->mode) || fsync(fd) ? -1 : 0;
}

static int in_folder_of(const char *path, const char *prefix, const char *suffix,
                        char out[PATH_MAX], struct error *err)
{
    const char *base = strrchr(path, '/') + 1;
    int len = snprintf(out, PATH_MAX, "%.*s%s%s%s", (int)(base - path), path, prefix, base, suffix);
    return len < PATH_MAX ? ST_OK : error_set(err, ST_CONFIG, "the path %s is too long", path);
}

static void sync_folder(const char *path)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path + 1), path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

static int make_folders(const char *path, bool shared, struct error *err)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, shared ? 0777 : 0700) && errno != EEXIST)
            return failed("made", folder, err);
        *slash = '/';
    }
    return ST_OK;
}

/* Mode and owner of a file that is to be made. */
static struct config_file as_new(const struct config_file *file, bool shared)
{
    mode_t mask = umask(0);
    umask(mask);
    return (struct config_file){.mode = shared ? 0666 & ~mask : 0600, .owner = geteuid(),
                                .group = getegid(), .exists = file->exists};
}

static int replace(const struct config_file *file, const struct config_file *wanted,
                   struct str text, struct error *err)
{
    char name[PATH_MAX];
    int rc = in_folder_of(file->path, ".", ".hexmcp-XXXXXX", name, err);
    if (rc)
        return rc;
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd < 0)
        return failed("written", file->path, err);
    if (fill(fd, wanted, text))
        rc = failed("written", file->path, err);
    close(fd);
    if (!rc)
        rc = check_unchanged(file, err);
    if (!rc && rename(name, file->path))
        rc = failed("written", file->path, err);
    if (rc)
        unlink(name);
    else
        sync_folder(file->path);
    return rc;
}

int config_file_write(const struct config_file *file, struct str text, bool shared,
                      struct error *err)
{
    if (file->exists && access(file->path, W_OK))
        return failed("written", file->path, err);
    if (file->exists)
        return replace(file, file, text, err);
    struct config_file wanted = as_new(file, shared);
    int rc = make_folders(file->path, shared, err);
    return rc ? rc : replace(file, &wanted, text, err);
}

int config_file_delete(const struct config_file *file, struct error *err)
{
    int rc = check_unchanged(file, err);
    if (!rc && unlink(file->path))
        rc = failed("deleted", file->path, err);
    if (!rc)
        sync_folder(file->path);
    return rc;
}

/* --- copies ------------------------------------------------------------------------------------ */

static int backup_name(const struct config_file *file, int index, char name[PATH_MAX],
                       struct error *err)
{
    char suffix[40] = ".hexmcp-backup";
    if (index > 1)
        snprintf(suffix, sizeof(suffix), ".hexmcp-backup-%d", index);
    return in_folder_of(file->path, "", suffix, name, err);
}

static int write_copy(const struct config_file *file, const char *name, struct error *err)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return failed("written", name, err);
    int rc = fill(fd, file, buffer_str(&file->text)) ? failed("written", name, err) : ST_OK;
    close(fd);
    if (rc)
        unlink(name);
    return rc;
}

int config_file_backup(const struct config_file *file, char name[PATH_MAX], struct error *err)
{
    name[0] = '\0';
    for (int i = 1; file->exists && i <= MAX_BACKUPS; i++) {
        struct config_file old;
        struct stat st = {.st_mode = 0};
        int rc = backup_name(file, i, name, err);
        if (rc)
            return rc;
        if (lstat(name, &st) && errno == ENOENT)
            return write_copy(file, name, err);
        if (!S_ISREG(st.st_mode) || config_file_read(name, &old, err))
            continue;
        bool same = str_eq(buffer_str(&old.text), buffer_str(&file->text));
        config_file_clear(&old);
        if (same)
            return ST_OK;
    }
    if (!file->exists)
        return ST_OK;
    return error_set(err, ST_CONFIG, "there are %d copies of %s; remove those that are not needed",
                     MAX_BACKUPS, file->path);
}

int config_file_old(const struct config_file *file, int index, struct config_file *out,
                    struct error *err)
{
    char name[PATH_MAX];
    struct config_file old;
    int rc = backup_name(file, index, name, err);
    if (!rc)
        rc = config_file_read(name, &old, err);
    if (rc)
        return rc;
    if (!old.exists) {
        config_file_clear(&old);
        return error_set(err, ST_NOT_FOUND, "there is no %s", name);
    }
    *out = old;
    return ST_OK;
}
