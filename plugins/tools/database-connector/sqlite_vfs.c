/*
 * SPDX-License-Identifier: MIT
 */
#include "sqlite_vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where SQLite's locks are, in every program that opens the file. */
#define PENDING 0x40000000
#define RESERVED (PENDING + 1)
#define SHARED (PENDING + 2)
#define SHARED_SIZE 510

struct file {
    sqlite3_file base;
    struct sqlite_place *place;
    int fd;
    int level;
    bool temporary;
};

/* ---- content ---- */

static int on_close(sqlite3_file *base)
{
    struct file *f = (struct file *)base;
    close(f->fd); /* and with it its locks: they belong to the description, not to the process */
    return SQLITE_OK;
}

static int on_read(sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset)
{
    const struct file *f = (const struct file *)base;
    char *to = buffer;
    size_t left = (size_t)amount;
    while (left > 0) {
        ssize_t got = pread(f->fd, to, left, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return SQLITE_IOERR_READ;
        if (got == 0)
            break;
        to += got;
        left -= (size_t)got;
        offset += got;
    }
    memset(to, 0, left);
    return left > 0 ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

/* Whether a temporary file may grow to `end`. */
static bool may_grow(struct file *f, int64_t end)
{
    struct stat about;
    if (!f->temporary || fstat(f->fd, &about) != 0 || end <= about.st_size)
        return true;
    if (f->place->temporary + end - about.st_size > SQLITE_TEMPORARY_MOST)
        return false;
    f->place->temporary += end - about.st_size;
    return true;
}

static int on_write(sqlite3_file *base, const void *buffer, int amount, sqlite3_int64 offset)
{
    struct file *f = (struct file *)base;
    const char *from = buffer;
    if (!may_grow(f, offset + amount))
        return SQLITE_FULL;
    while (amount > 0) {
        ssize_t put = pwrite(f->fd, from, (size_t)amount, offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno == ENOSPC || errno == EDQUOT ? SQLITE_FULL : SQLITE_IOERR_WRITE;
        from += put;
        amount -= (int)put;
        offset += put;
    }
    return SQLITE_OK;
}

static int on_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    return ftruncate(((struct file *)base)->fd, size) == 0 ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int on_sync(sqlite3_file *base, int flags)
{
    const struct file *f = (const struct file *)base;
    (void)flags;
    return f->temporary || fsync(f->fd) == 0 ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

static int on_size(sqlite3_file *base, sqlite3_int64 *size)
{
    struct stat about;
    if (fstat(((struct file *)base)->fd, &about) != 0)
        return SQLITE_IOERR_FSTAT;
    *size = about.st_size;
    return SQLITE_OK;
}

/* ---- locks ---- */

static int set_lock(const struct file *f, short type, off_t start, off_t len)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
    if (f->temporary || fcntl(f->fd, F_OFD_SETLK, &lock) == 0)
        return SQLITE_OK;
    return errno == EAGAIN || errno == EACCES ? SQLITE_BUSY : SQLITE_IOERR_LOCK;
}

static int lock_shared(const struct file *f)
{
    int rc = set_lock(f, F_RDLCK, PENDING, 1);
    if (rc != SQLITE_OK)
        return rc;
    rc = set_lock(f, F_RDLCK, SHARED, SHARED_SIZE);
    set_lock(f, F_UNLCK, PENDING, 1);
    return rc;
}

static int lock_exclusive(struct file *f)
{
    if (f->level < SQLITE_LOCK_PENDING) {
        int rc = set_lock(f, F_WRLCK, PENDING, 1);
        if (rc != SQLITE_OK)
            return rc;
        f->level = SQLITE_LOCK_PENDING;
    }
    return set_lock(f, F_WRLCK, SHARED, SHARED_SIZE);
}

static int on_lock(sqlite3_file *base, int level)
{
    struct file *f = (struct file *)base;
    int rc = SQLITE_OK;
    if (f->level >= level)
        return SQLITE_OK;
    if (level == SQLITE_LOCK_SHARED)
        rc = lock_shared(f);
    else if (level == SQLITE_LOCK_RESERVED)
        rc = set_lock(f, F_WRLCK, RESERVED, 1);
    else
        rc = lock_exclusive(f);
    if (rc == SQLITE_OK)
        f->level = level;
    return rc;
}

static int on_unlock(sqlite3_file *base, int level)
{
    struct file *f = (struct file *)base;
    int rc = SQLITE_OK;
    if (f->level <= level)
        return SQLITE_OK;
    if (level == SQLITE_LOCK_SHARED)
        rc = set_lock(f, F_RDLCK, SHARED, SHARED_SIZE);
    if (rc == SQLITE_OK)
        rc = level == SQLITE_LOCK_SHARED ? set_lock(f, F_UNLCK, PENDING, 2)
                                         : set_lock(f, F_UNLCK, PENDING, 2 + SHARED_SIZE);
    f->level = level;
    return rc == SQLITE_OK ? SQLITE_OK : SQLITE_IOERR_UNLOCK;
}

static int on_check_reserved(sqlite3_file *base, int *taken)
{
    const struct file *f = (const struct file *)base;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = RESERVED, .l_len = 1};
    *taken = f->level >= SQLITE_LOCK_RESERVED;
    if (*taken || f->temporary)
        return SQLITE_OK;
    if (fcntl(f->fd, F_OFD_GETLK, &lock) != 0)
        return SQLITE_IOERR_CHECKRESERVEDLOCK;
    *taken = lock.l_type != F_UNLCK;
    return SQLITE_OK;
}

static int on_control(sqlite3_file *base, int operation, void *arg)
{
    (void)base;
    (void)operation;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int on_sector_size(sqlite3_file *base)
{
    (void)base;
    return 4096;
}

static int on_characteristics(sqlite3_file *base)
{
    (void)base;
    return 0;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1, .xClose = on_close, .xRead = on_read, .xWrite = on_write,
    .xTruncate = on_truncate, .xSync = on_sync, .xFileSize = on_size, .xLock = on_lock,
    .xUnlock = on_unlock, .xCheckReservedLock = on_check_reserved, .xFileControl = on_control,
    .xSectorSize = on_sector_size, .xDeviceCharacteristics = on_characteristics};

/* ---- names ---- */

/* "-journal", "-wal"; NULL for the database itself. */
static const char *suffix_of(const char *name)
{
    size_t len = strlen(SQLITE_PLACE_NAME);
    return strncmp(name, SQLITE_PLACE_NAME, len) == 0 && name[len] ? name + len : NULL;
}

/* The folder of the file beside, and its name there. */
static int open_beside(const struct sqlite_place *p, const char *suffix, uint32_t access, char *name)
{
    const hexmcp_files_1 *files = hexmcp_round_service(p->r, HEXMCP_FILES_1);
    hexmcp_error ignored = {.size = sizeof(ignored)};
    char path[HEXMCP_FILES_PATH_MAX + 16];
    int32_t fd;
    snprintf(path, sizeof(path), "%s%s", p->path, suffix);
    if (!files || files->parent(files->ctx, p->r->call, hexmcp_str_from(path), access, &fd, name,
                                &ignored) != HEXMCP_OK)
        return -1;
    return fd;
}

static int make_beside(const struct sqlite_place *p, const char *suffix)
{
    char name[HEXMCP_FILES_NAME_MAX + 1];
    int folder = open_beside(p, suffix, HEXMCP_FILES_WRITE, name);
    if (folder < 0)
        return -1;
    int fd = openat(folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
    struct stat about;
    close(folder);
    if (fd >= 0 && (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) || about.st_nlink != 1)) {
        close(fd);
        return -1;
    }
    return fd;
}

static int open_one(struct sqlite_place *p, const char *name, int flags)
{
    if (!name || flags & SQLITE_OPEN_DELETEONCLOSE)
        return memfd_create("hexmcp-sqlite", MFD_CLOEXEC);
    const char *suffix = suffix_of(name);
    int fd = -1;
    if (!suffix) {
        fd = p->fd;
        p->fd = -1;
    } else if (p->copied && strcmp(suffix, "-wal") == 0) {
        fd = p->log_fd >= 0 ? p->log_fd : memfd_create("hexmcp-sqlite", MFD_CLOEXEC);
        p->log_fd = -1;
    } else if (p->copied) {
        fd = memfd_create("hexmcp-sqlite", MFD_CLOEXEC);
    } else if (p->writable) {
        fd = make_beside(p, suffix);
    }
    return fd;
}

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *got)
{
    struct sqlite_place *p = vfs->pAppData;
    struct file *f = (struct file *)base;
    int fd = open_one(p, name, flags);
    *f = (struct file){.place = p, .fd = fd};
    if (fd < 0)
        return SQLITE_CANTOPEN;
    f->base.pMethods = &methods;
    f->temporary = p->copied || !name || flags & SQLITE_OPEN_DELETEONCLOSE;
    if (got)
        *got = flags;
    return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    const struct sqlite_place *p = vfs->pAppData;
    const char *suffix = suffix_of(name);
    char entry[HEXMCP_FILES_NAME_MAX + 1];
    if (p->copied)
        return SQLITE_OK;
    int folder = suffix ? open_beside(p, suffix, HEXMCP_FILES_WRITE, entry) : -1;
    if (folder < 0)
        return SQLITE_IOERR_DELETE;
    int rc = SQLITE_OK;
    if (unlinkat(folder, entry, 0) != 0)
        rc = errno == ENOENT ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
    else if (sync && fsync(folder) != 0)
        rc = SQLITE_IOERR_DIR_FSYNC;
    close(folder);
    return rc;
}

static int on_access(sqlite3_vfs *vfs, const char *name, int flags, int *there)
{
    const struct sqlite_place *p = vfs->pAppData;
    const char *suffix = suffix_of(name);
    char entry[HEXMCP_FILES_NAME_MAX + 1];
    struct stat about;
    (void)flags;
    *there = 0;
    if (p->copied) {
        *there = suffix && strcmp(suffix, "-wal") == 0 && p->log_fd >= 0;
        return SQLITE_OK;
    }
    int folder = suffix ? open_beside(p, suffix, HEXMCP_FILES_READ, entry) : -1;
    if (folder < 0)
        return SQLITE_IOERR_ACCESS;
    *there = fstatat(folder, entry, &about, AT_SYMLINK_NOFOLLOW) == 0 && about.st_size > 0;
    close(folder);
    return SQLITE_OK;
}

static int on_full_path(sqlite3_vfs *vfs, const char *name, int room, char *out)
{
    (void)vfs;
    sqlite3_snprintf(room, out, "%s", name);
    return SQLITE_OK;
}

/* ---- what every system has ---- */

static int on_random(sqlite3_vfs *vfs, int len, char *out)
{
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    (void)vfs;
    return system->xRandomness(system, len, out);
}

static int on_sleep(sqlite3_vfs *vfs, int microseconds)
{
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    (void)vfs;
    return system->xSleep(system, microseconds);
}

static int on_time(sqlite3_vfs *vfs, sqlite3_int64 *now)
{
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    (void)vfs;
    return system->xCurrentTimeInt64(system, now);
}

static int on_time_days(sqlite3_vfs *vfs, double *now)
{
    sqlite3_int64 milliseconds = 0;
    int rc = on_time(vfs, &milliseconds);
    *now = (double)milliseconds / 86400000.0;
    return rc;
}

static int on_last_error(sqlite3_vfs *vfs, int room, char *out)
{
    (void)vfs;
    (void)room;
    (void)out;
    return errno;
}

void sqlite_vfs_fill(struct sqlite_place *p)
{
    snprintf(p->name, sizeof(p->name), "hexmcp-%p", (void *)p);
    p->vfs = (sqlite3_vfs){.iVersion = 2, .szOsFile = sizeof(struct file), .mxPathname = 64,
                           .zName = p->name, .pAppData = p, .xOpen = on_open, .xDelete = on_delete,
                           .xAccess = on_access, .xFullPathname = on_full_path,
                           .xRandomness = on_random, .xSleep = on_sleep,
                           .xCurrentTime = on_time_days, .xGetLastError = on_last_error,
                           .xCurrentTimeInt64 = on_time};
}
