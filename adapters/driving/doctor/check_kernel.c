/* What the kernel can do, asked in ways that change nothing. */
#include <errno.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adapters/driving/doctor/installation.h"

static bool has_proc(void)
{
    return access("/proc/self/exe", F_OK) == 0;
}

static bool has_openat2(void)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH};
    long fd = syscall(SYS_openat2, AT_FDCWD, ".", &how, sizeof(how));
    if (fd >= 0)
        close((int)fd);
    return fd >= 0 || (errno != ENOSYS && errno != EPERM);
}

static bool has_pidfd(void)
{
    long fd = syscall(SYS_pidfd_open, getpid(), 0);
    if (fd >= 0)
        close((int)fd);
    return fd >= 0;
}

static bool has_memfd(void)
{
    int fd = memfd_create("hexmcp-doctor", MFD_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 1;
}

static bool has_seccomp(void)
{
    unsigned action = SECCOMP_RET_ERRNO;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/* True too if there is no such file. */
static bool file_is_not(const char *path, long bad)
{
    long value = !bad;
    FILE *file = fopen(path, "re");
    if (!file)
        return true;
    bool is = fscanf(file, "%ld", &value) == 1 && value == bad;
    fclose(file);
    return !is;
}

static bool has_user_namespaces(void)
{
    return access("/proc/self/ns/user", F_OK) == 0 &&
           file_is_not("/proc/sys/user/max_user_namespaces", 0) &&
           file_is_not("/proc/sys/kernel/unprivileged_userns_clone", 0) &&
           file_is_not("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1);
}

static const struct feature {
    bool (*there)(void);
    enum doctor_severity severity;
    const char *missing;
} features[] = {
    {has_proc, DOCTOR_ERROR, "/proc is not mounted: plugins cannot be loaded"},
    {has_openat2, DOCTOR_ERROR, "openat2 is not there: tools cannot open files"},
    {has_pidfd, DOCTOR_NOTE, "pidfd_open is not there: processes are watched by their number"},
    {has_memfd, DOCTOR_NOTE, "memfd_create is not there"},
    {has_landlock, DOCTOR_NOTE, "Landlock is not there or off: it cannot confine processes"},
    {has_seccomp, DOCTOR_NOTE, "seccomp filters are not there"},
    {has_user_namespaces, DOCTOR_NOTE, "user namespaces are off for ordinary users"},
};

void check_kernel(void *examination)
{
    struct inspection *x = examination;
    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
        if (!features[i].there())
            note(x, features[i].severity, "%s", features[i].missing);
}
