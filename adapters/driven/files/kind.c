#include "adapters/driven/files/kind.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include "adapters/driven/files/place.h"

/* Not in every version of linux/magic.h. */
#define CONFIGFS 0x62656570u
#define FUSECTL 0x65735543u
#define MQUEUE 0x19800202u

/* File systems whose files are the kernel's and not somebody's data. */
static bool is_of_the_kernel(int fd)
{
    static const uint32_t types[] = {
        PROC_SUPER_MAGIC, SYSFS_MAGIC,       DEBUGFS_MAGIC,  TRACEFS_MAGIC, SECURITYFS_MAGIC,
        CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, BPF_FS_MAGIC, DEVPTS_SUPER_MAGIC, SELINUX_MAGIC,
        SMACK_MAGIC,      EFIVARFS_MAGIC,    PSTOREFS_MAGIC, BINFMTFS_MAGIC, NSFS_MAGIC,
        CONFIGFS,         FUSECTL,           MQUEUE,
    };
    struct statfs fs;
    if (fstatfs(fd, &fs))
        return true;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if ((uint32_t)fs.f_type == types[i])
            return true;
    return false;
}

static const char *name_of(mode_t mode)
{
    return S_ISCHR(mode) || S_ISBLK(mode) ? "a device"
           : S_ISFIFO(mode)               ? "a pipe"
           : S_ISSOCK(mode)               ? "a socket"
                                          : "neither a file nor a folder";
}

static int denied(struct str path, const char *what, struct error *err)
{
    return error_set(err, ST_DENIED, "%.*s is %s; only files and folders may be opened",
                     SHOWN(path), what);
}

static int wrong_kind(struct str path, const char *is, const char *wanted, struct error *err)
{
    return error_set(err, ST_INVALID, "%.*s is a %s, not a %s",
                     SHOWN(path), is, wanted);
}

int kind_check(int fd, bool folder, bool hard_links, struct str path, struct stat *st,
               struct error *err)
{
    if (fstat(fd, st))
        return error_set(err, ST_GENERIC, "%.*s cannot be looked at",
                         SHOWN(path));
    if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
        return denied(path, name_of(st->st_mode), err);
    if (is_of_the_kernel(fd))
        return denied(path, "part of a file system of the kernel", err);
    if (folder && !S_ISDIR(st->st_mode))
        return wrong_kind(path, "file", "folder", err);
    if (!folder && S_ISDIR(st->st_mode))
        return wrong_kind(path, "folder", "file", err);
    if (!folder && !hard_links && st->st_nlink > 1)
        return error_set(err, ST_DENIED,
                         "%.*s has %lu names (hard links), and others may be outside of the granted "
                         "folders; grants.hard_links lets such files be opened",
                         SHOWN(path),
                         (unsigned long)st->st_nlink);
    return ST_OK;
}
