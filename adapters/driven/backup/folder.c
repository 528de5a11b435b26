#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "adapters/driven/backup/inside.h"
#include "core/base/str.h"

#define PART ".part"
#define DAY_S (24 * 3600)

int folder_make(const char *folder, struct error *err)
{
    char *path = strdup(folder);
    if (!path)
        return error_set(err, ST_NOMEM, "out of memory");
    for (char *at = path + 1; *at; at++)
        if (*at == '/') {
            *at = '\0';
            mkdir(path, 0700);
            *at = '/';
        }
    int rc = ST_OK;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        rc = error_set(err, ST_UNAVAILABLE, "the folder %s cannot be made: %s", folder, strerror(errno));
    free(path);
    return rc;
}

char *folder_path(const char *folder, const char *id, bool part)
{
    char *path;
    return asprintf(&path, "%s/%s%s", folder, id, part ? PART : SUFFIX) < 0 ? NULL : path;
}

int folder_sync(const char *folder, struct error *err)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0;
    if (failed)
        error_set(err, ST_UNAVAILABLE, "the folder %s cannot be written to the disk: %s", folder,
                  strerror(errno));
    if (fd >= 0)
        close(fd);
    return failed ? ST_UNAVAILABLE : ST_OK;
}

void folder_sweep(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    struct stat info;
    time_t now = time(NULL);
    while (dir && (entry = readdir(dir))) {
        struct str name = str_from(entry->d_name);
        if (str_ends(name, STR(PART)) &&
            backup_id_valid((struct str){name.ptr, name.len - sizeof(PART) + 1}) &&
            fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            now - info.st_mtime > DAY_S)
            unlinkat(dirfd(dir), entry->d_name, 0);
    }
    if (dir)
        closedir(dir);
}

static int read_at(void *arg, uint64_t offset, void *out, size_t len, struct error *err)
{
    const int *fd = arg;
    for (size_t at = 0; at < len;) {
        ssize_t got = pread(*fd, (char *)out + at, len - at, (off_t)(offset + at));
        if (got <= 0)
            return error_set(err, ST_UNAVAILABLE, "the backup cannot be read: %s",
                             got ? strerror(errno) : "it became shorter");
        at += (size_t)got;
    }
    return ST_OK;
}

static int open_file(const char *path, int *fd, struct container_source *source, struct error *err)
{
    struct stat info;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (*fd < 0 || fstat(*fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        int code = errno;
        if (*fd >= 0)
            close(*fd);
        *fd = -1;
        return error_set(err, code == ENOENT ? ST_NOT_FOUND : ST_UNAVAILABLE,
                         "the backup %s cannot be opened: %s", path, strerror(code));
    }
    *source = (struct container_source){fd, (uint64_t)info.st_size, read_at};
    return ST_OK;
}

static int unlock(const struct backups *b, struct backup_file *file, struct error *err)
{
    uint8_t key[STREAM_KEY_BYTES];
    const struct backup_keys *keys = b->ports.keys;
    if (!file->facts.key[0])
        return ST_OK;
    int rc = keys ? keys->find(keys->ctx, file->facts.key, key, err)
                  : error_set(err, ST_NOT_FOUND, "the backup is encrypted with the key \"%s\", and no "
                                                 "keys are configured",
                              file->facts.key);
    if (!rc)
        rc = container_unlock(&file->reader, key, file->facts.start, err);
    explicit_bzero(key, sizeof(key));
    return rc;
}

int file_open(const struct backups *b, const char *path, struct backup_file *out, struct error *err)
{
    struct container_source source;
    int rc = open_file(path, &out->fd, &source, err);
    if (rc)
        return rc;
    rc = container_open(&out->reader, &source, b->ports.codec, b->ports.cipher, err);
    if (rc) {
        close(out->fd);
        return rc;
    }
    rc = backup_parse_header(buffer_str(&out->reader.header), &out->facts, err);
    if (!rc)
        rc = unlock(b, out, err);
    out->facts.bytes = source.size;
    if (rc)
        file_close(out);
    return rc;
}

void file_close(struct backup_file *file)
{
    container_reader_clear(&file->reader);
    close(file->fd);
    file->fd = -1;
}

/* Header and summary, as they stand there. */
static int read_facts(const char *path, struct backup_facts *facts, struct error *err)
{
    struct container_reader reader;
    struct container_source source;
    struct buffer summary = BUFFER_INIT;
    int fd, rc = open_file(path, &fd, &source, err);
    if (rc)
        return rc;
    rc = container_open(&reader, &source, NULL, NULL, err);
    if (!rc) {
        rc = backup_parse_header(buffer_str(&reader.header), facts, err);
        container_reader_clear(&reader);
    }
    if (!rc)
        rc = container_summary(&source, &summary, err);
    if (!rc)
        rc = backup_parse_summary(buffer_str(&summary), facts, err);
    facts->bytes = source.size;
    buffer_clear(&summary);
    close(fd);
    return rc;
}

int folder_why_not(const char *folder, const char *id, struct error *err)
{
    struct backup_facts facts;
    char *path = folder_path(folder, id, false);
    int rc = path ? access(path, F_OK) : -1;
    if (!rc)
        rc = read_facts(path, &facts, err) ? error_prefix(err, "%s: ", id) : -1;
    free(path);
    return rc != -1 ? rc
                    : error_set(err, ST_NOT_FOUND,
                                "there is no backup %s; backup.list shows what there is", id);
}

static int by_time(const void *a, const void *b)
{
    const struct backup_facts *x = a, *y = b;
    if (x->created_ms != y->created_ms)
        return x->created_ms < y->created_ms ? -1 : 1;
    return strcmp(x->id, y->id);
}

/* A file that was renamed is not the backup that it says. */
static int add(struct backup_list *list, const char *folder, struct str name, struct error *err)
{
    struct backup_facts facts;
    char id[BACKUP_ID_SIZE];
    if (!str_ends(name, STR(SUFFIX)) || name.len != BACKUP_ID_SIZE - 1 + sizeof(SUFFIX) - 1)
        return ST_OK;
    memcpy(id, name.ptr, BACKUP_ID_SIZE - 1);
    id[BACKUP_ID_SIZE - 1] = '\0';
    memset(&facts, 0, sizeof(facts));
    char *path = folder_path(folder, id, false);
    struct backup_facts *all = realloc(list->all, (list->count + 1) * sizeof(*all));
    if (all)
        list->all = all;
    if (!path || !all) {
        free(path);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    if (!read_facts(path, &facts, err) && strcmp(facts.id, id) == 0)
        list->all[list->count++] = facts;
    free(path);
    return ST_OK;
}

int folder_list(const char *folder, struct backup_list *out, struct error *err)
{
    struct backup_list list = {NULL, 0};
    struct dirent *entry;
    int rc = ST_OK;
    DIR *dir = opendir(folder);
    if (!dir && errno != ENOENT)
        return error_set(err, ST_UNAVAILABLE, "the folder %s cannot be read: %s", folder,
                         strerror(errno));
    while (dir && !rc && (entry = readdir(dir)))
        rc = add(&list, folder, str_from(entry->d_name), err);
    if (dir)
        closedir(dir);
    if (rc) {
        free(list.all);
        return rc;
    }
    if (list.count)
        qsort(list.all, list.count, sizeof(*list.all), by_time);
    *out = list;
    return ST_OK;
}
