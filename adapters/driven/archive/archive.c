#include "adapters/driven/archive/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/driven/archive/child.h"
#include "adapters/driven/archive/names.h"
#include "adapters/driven/module/module.h"

static int load(const char *modules, archive_entry_fn *out, struct error *err)
{
    module_entry *entry;
    int rc = module_open(modules, "archive", &entry, err);
    if (!rc)
        *out = (archive_entry_fn)entry;
    return rc;
}

int archive_write(const char *modules, int folder, const char *id,
                  const struct archive_files *files, int fd, struct error *err)
{
    archive_entry_fn entry;
    struct archive_functions functions;
    int rc = load(modules, &entry, err);
    if (!rc)
        rc = entry(&functions, err);
    return rc ? rc : functions.write(folder, id, files, fd, err);
}

/* ---- reading, on the side of the parent, who believes nothing ---- */

struct reading {
    int pipe, folder;
    int file; /* that is being written; -1: none */
    char *id;
    uint64_t packed, unpacked;
    unsigned files;
    char name[ARCHIVE_MAX_NAME + 1];
    char block[RECORD_MAX_BYTES + 1];
    struct error *err;
};

/* Bytes from the child: 0, or -1 if there are no more. */
static int receive(struct reading *r, void *out, size_t len)
{
    char *at = out;
    while (len) {
        ssize_t n = read(r->pipe, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

static int end_file(struct reading *r)
{
    int fd = r->file;
    r->file = -1;
    if (fd < 0)
        return ST_OK;
    bool bad = fsync(fd) != 0;
    bad |= close(fd) != 0;
    return bad ? error_set(r->err, ST_UNAVAILABLE, "%s cannot be written: %s", r->name,
                           strerror(errno))
               : ST_OK;
}

/* The first part of each name is the bundle's folder, the same in all. */
static int take_id(struct reading *r, size_t len)
{
    if (len == 0 || len > ARCHIVE_MAX_ID)
        return error_set(r->err, ST_INVALID,
                         "%s lies in no folder that is named by the id of a plugin", r->block);
    if (r->id[0] && (strlen(r->id) != len || memcmp(r->id, r->block, len) != 0))
        return error_set(r->err, ST_INVALID, "%s lies beside the folder %s", r->block, r->id);
    memcpy(r->id, r->block, len);
    r->id[len] = '\0';
    return ST_OK;
}

static int begin_file(struct reading *r)
{
    const char *slash = strchr(r->block, '/');
    int rc = end_file(r);
    if (!rc && ++r->files > ARCHIVE_MAX_FILES)
        rc = error_set(r->err, ST_TOO_LARGE, "there are more than %u files", ARCHIVE_MAX_FILES);
    /* The rules of names first: they say better what is wrong. */
    if (!rc && (!slash || slash == r->block))
        rc = archive_name_check(r->block, r->err);
    if (!rc && slash)
        rc = archive_name_check(slash + 1, r->err);
    if (!rc)
        rc = take_id(r, slash ? (size_t)(slash - r->block) : 0);
    if (rc)
        return rc;
    strncpy(r->name, slash + 1, sizeof(r->name) - 1);
    r->file = archive_make_file(r->folder, r->name, r->err);
    return r->file < 0 ? r->file : ST_OK;
}

static int add_bytes(struct reading *r, size_t len)
{
    r->unpacked += len;
    if (r->unpacked > ARCHIVE_MAX_UNPACKED)
        return error_set(r->err, ST_TOO_LARGE, "its files are more than %u MiB",
                         (unsigned)(ARCHIVE_MAX_UNPACKED >> 20));
    if (r->unpacked > 1u << 20 && r->unpacked / ARCHIVE_MAX_RATIO > r->packed)
        return error_set(r->err, ST_TOO_LARGE,
                         "its files are more than %u times as large as it is itself",
                         ARCHIVE_MAX_RATIO);
    if (r->file < 0 || archive_write_all(r->file, r->block, len))
        return error_set(r->err, ST_UNAVAILABLE, "%s cannot be written: %s", r->name,
                         strerror(r->file < 0 ? EPROTO : errno));
    return ST_OK;
}

static int unclear_end(struct reading *r)
{
    return error_set(r->err, ST_INVALID,
                     "cannot be read: the process that reads it ended without a word");
}

/* ST_OK with *end when all was said. */
static int take_record(struct reading *r, bool *end)
{
    struct child_record record;
    if (receive(r, &record, sizeof(record)) || record.len > RECORD_MAX_BYTES ||
        receive(r, r->block, record.len))
        return unclear_end(r);
    r->block[record.len] = '\0';
    switch (record.kind) {
    case RECORD_FILE:
        return begin_file(r);
    case RECORD_BYTES:
        return add_bytes(r, record.len);
    case RECORD_END:
        *end = true;
        return end_file(r);
    case RECORD_ERROR:
        return error_set(r->err, record.code < 0 ? record.code : ST_INVALID, "%s", r->block);
    default:
        return unclear_end(r);
    }
}

static int receive_all(struct reading *r)
{
    bool end = false;
    int rc = ST_OK;
    while (!rc && !end)
        rc = take_record(r, &end);
    if (r->file >= 0)
        close(r->file);
    if (!rc && !r->files)
        rc = error_set(r->err, ST_INVALID, "is empty");
    return rc;
}

static int start_child(archive_entry_fn entry, int fd, int *pipe_out, pid_t *child,
                       struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(err, ST_UNAVAILABLE, "no pipe can be made: %s", strerror(errno));
    *child = fork();
    if (*child == 0) {
        close(ends[0]);
        child_read(entry, fd, ends[1]);
    }
    close(ends[1]);
    if (*child < 0) {
        close(ends[0]);
        return error_set(err, ST_UNAVAILABLE, "no process can be started: %s", strerror(errno));
    }
    *pipe_out = ends[0];
    return ST_OK;
}

static int check_file(int fd, uint64_t *size, struct error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return error_set(err, ST_INVALID, "is no regular file");
    if ((uint64_t)st.st_size > ARCHIVE_MAX_PACKED)
        return error_set(err, ST_TOO_LARGE, "is larger than %u MiB",
                         (unsigned)(ARCHIVE_MAX_PACKED >> 20));
    *size = (uint64_t)st.st_size;
    return ST_OK;
}

int archive_read(const char *modules, int fd, int folder, char id[ARCHIVE_MAX_ID + 1],
                 struct error *err)
{
    struct reading *r = calloc(1, sizeof(*r));
    archive_entry_fn entry;
    pid_t child = -1;
    if (!r)
        return error_set(err, ST_NOMEM, "out of memory");
    r->folder = folder;
    r->file = -1;
    r->id = id;
    r->err = err;
    id[0] = '\0';
    int rc = check_file(fd, &r->packed, err);
    if (!rc)
        rc = load(modules, &entry, err);
    if (!rc)
        rc = start_child(entry, fd, &r->pipe, &child, err);
    if (!rc) {
        rc = receive_all(r);
        close(r->pipe);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    free(r);
    return rc;
}
