#include "tests/plugins/storage/sqlite/faulty_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

/* A file of the true file system stands behind this one. */
struct faulty {
    sqlite3_file base;
    sqlite3_file *real;
};

static sqlite3_vfs *real;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static enum fault fault;
static int wait, left;

void faulty_vfs_set(enum fault which, int after, int count)
{
    pthread_mutex_lock(&mutex);
    fault = which;
    wait = after;
    left = which == FAULT_NONE ? 0 : count;
    pthread_mutex_unlock(&mutex);
}

/* What this call, which `first` and `last` name, must fail with. */
static enum fault strike(enum fault first, enum fault last)
{
    enum fault now = FAULT_NONE;
    pthread_mutex_lock(&mutex);
    if (left > 0 && fault >= first && fault <= last && wait-- <= 0) {
        now = fault;
        left--;
    }
    pthread_mutex_unlock(&mutex);
    return now;
}

static sqlite3_file *behind(sqlite3_file *file)
{
    return ((struct faulty *)file)->real;
}

static int do_close(sqlite3_file *file)
{
    return behind(file)->pMethods->xClose(behind(file));
}

static int do_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
    return behind(file)->pMethods->xRead(behind(file), to, len, at);
}

static int do_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
    enum fault now = strike(FAULT_FULL, FAULT_SHORT);
    if (now == FAULT_FULL)
        return SQLITE_FULL;
    if (now == FAULT_SHORT)
        behind(file)->pMethods->xWrite(behind(file), from, len / 2, at);
    return now == FAULT_NONE ? behind(file)->pMethods->xWrite(behind(file), from, len, at)
                             : SQLITE_IOERR_WRITE;
}

static int do_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return strike(FAULT_TRUNCATE, FAULT_TRUNCATE) ? SQLITE_IOERR_TRUNCATE
                                                  : behind(file)->pMethods->xTruncate(behind(file), size);
}

static int do_sync(sqlite3_file *file, int flags)
{
    return strike(FAULT_SYNC, FAULT_SYNC) ? SQLITE_IOERR_FSYNC
                                          : behind(file)->pMethods->xSync(behind(file), flags);
}

static int do_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return behind(file)->pMethods->xFileSize(behind(file), size);
}

static int do_lock(sqlite3_file *file, int level)
{
    return behind(file)->pMethods->xLock(behind(file), level);
}

static int do_unlock(sqlite3_file *file, int level)
{
    return behind(file)->pMethods->xUnlock(behind(file), level);
}

static int do_check(sqlite3_file *file, int *reserved)
{
    return behind(file)->pMethods->xCheckReservedLock(behind(file), reserved);
}

static int do_control(sqlite3_file *file, int what, void *arg)
{
    return behind(file)->pMethods->xFileControl(behind(file), what, arg);
}

static int do_sector(sqlite3_file *file)
{
    return behind(file)->pMethods->xSectorSize(behind(file));
}

static int do_kind(sqlite3_file *file)
{
    return behind(file)->pMethods->xDeviceCharacteristics(behind(file));
}

static int do_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **to)
{
    return behind(file)->pMethods->xShmMap(behind(file), page, size, extend, to);
}

static int do_shm_lock(sqlite3_file *file, int at, int count, int flags)
{
    return behind(file)->pMethods->xShmLock(behind(file), at, count, flags);
}

static void do_shm_barrier(sqlite3_file *file)
{
    behind(file)->pMethods->xShmBarrier(behind(file));
}

static int do_shm_unmap(sqlite3_file *file, int remove)
{
    return behind(file)->pMethods->xShmUnmap(behind(file), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = do_close,
    .xRead = do_read,
    .xWrite = do_write,
    .xTruncate = do_truncate,
    .xSync = do_sync,
    .xFileSize = do_size,
    .xLock = do_lock,
    .xUnlock = do_unlock,
    .xCheckReservedLock = do_check,
    .xFileControl = do_control,
    .xSectorSize = do_sector,
    .xDeviceCharacteristics = do_kind,
    .xShmMap = do_shm_map,
    .xShmLock = do_shm_lock,
    .xShmBarrier = do_shm_barrier,
    .xShmUnmap = do_shm_unmap,
};

static int do_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    struct faulty *f = (struct faulty *)file;
    (void)vfs;
    f->real = (sqlite3_file *)(f + 1);
    f->base.pMethods = NULL;
    int code = real->xOpen(real, name, f->real, flags, out);
    if (code == SQLITE_OK)
        f->base.pMethods = &methods;
    return code;
}

void faulty_vfs_register(void)
{
    static sqlite3_vfs vfs;
    real = sqlite3_vfs_find(NULL);
    vfs = *real;
    vfs.zName = "faulty";
    vfs.szOsFile = (int)sizeof(struct faulty) + real->szOsFile;
    vfs.xOpen = do_open;
    sqlite3_vfs_register(&vfs, 1);
}
