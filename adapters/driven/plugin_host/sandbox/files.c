#include "adapters/driven/plugin_host/sandbox/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/sandbox/missing.h"
#include "adapters/driven/plugin_host/sandbox/system_sets.h"
#include "core/base/str.h"

/* What a revision began to stop, and what goes unstopped before it. */
static const struct {
    int abi;
    const char *linux_version;
    uint64_t files;
    uint64_t network;
    uint64_t scopes;
    const char *lack; /* NULL: nothing that a person need know */
} steps[] = {
    {1, "5.13", (FILE_RIGHTS | FOLDER_RIGHTS) &
                    ~(LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE |
                      LANDLOCK_ACCESS_FS_IOCTL_DEV),
     0, 0, NULL},
    /* Without it nothing moves from one folder to another. */
    {2, "5.19", LANDLOCK_ACCESS_FS_REFER, 0, 0, NULL},
    {3, "6.2", LANDLOCK_ACCESS_FS_TRUNCATE, 0, 0,
     "a plugin can empty every file that this user can write"},
    {4, "6.7", 0, LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP, 0,
     "only the filter of system calls keeps a plugin from TCP"},
    {5, "6.10", LANDLOCK_ACCESS_FS_IOCTL_DEV, 0, 0,
     "only the filter of system calls keeps a plugin from controlling devices"},
    {6, "6.12", 0, 0, LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL,
     "only the filter of system calls keeps a plugin from abstract sockets and signals"},
};

int files_landlock_revision(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi < 0 ? 0 : (int)abi;
}

/* What this revision can stop, with a line for each that it cannot. */
static int supported(int abi, struct landlock_ruleset_attr_6 *attr, struct missing *missing)
{
    *attr = (struct landlock_ruleset_attr_6){0};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (steps[i].abi <= abi) {
            attr->handled_access_fs |= steps[i].files;
            attr->handled_access_net |= steps[i].network;
            attr->scoped |= steps[i].scopes;
        } else if (steps[i].lack) {
            int rc = missing_add(missing,
                                 "The kernel's Landlock is of revision %d and lacks what revision "
                                 "%d (Linux %s) brought: %s.",
                                 abi, steps[i].abi, steps[i].linux_version, steps[i].lack);
            if (rc < 0)
                return rc;
        }
    }
    return ST_OK;
}

int files_allow(int ruleset, int fd, const char *path, uint64_t rights, struct error *err)
{
    struct stat st;
    struct landlock_path_beneath_attr rule = {.parent_fd = fd};
    if (fstat(fd, &st) < 0)
        return error_set(err, ST_GENERIC, "The sandbox cannot grant %s: %s.", path, strerror(errno));
    rule.allowed_access = S_ISDIR(st.st_mode) ? rights : rights & FILE_RIGHTS;
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
        return error_set(err, ST_GENERIC, "The sandbox cannot grant %s: Landlock says %s.", path,
                         strerror(errno));
    return ST_OK;
}

int files_allow_path(int ruleset, const char *path, uint64_t rights, bool optional,
                     struct error *err)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0 && optional)
        return ST_OK;
    if (fd < 0)
        return error_set(err, ST_NOT_FOUND,
                         "The sandbox cannot grant %s: %s. Grant what is there and can be reached.",
                         path, strerror(errno));
    int rc = files_allow(ruleset, fd, path, rights, err);
    close(fd);
    return rc;
}

static int allow_list(int ruleset, const char *const *paths, size_t count, uint64_t rights,
                      struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        int rc = files_allow_path(ruleset, paths[i], rights, false, err);
        if (rc < 0)
            return rc;
    }
    return ST_OK;
}

int files_allow_system(int ruleset, const struct str *sets, size_t count, uint64_t rights,
                       struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *const *paths = system_set_paths(sets[i]);
        if (!paths)
            return error_set(err, ST_INVALID,
                             "There is no system set \"%.*s\"; there are %s.",
                             STR_ARG(sets[i]), system_set_names());
        for (; *paths; paths++) {
            int rc = files_allow_path(ruleset, *paths, rights, true, err);
            if (rc < 0)
                return rc;
        }
    }
    return ST_OK;
}

static int allow_planned(int ruleset, const struct sandbox_plan *plan, uint64_t handled,
                         struct error *err)
{
    int rc = allow_list(ruleset, plan->read, plan->read_count, READING & handled, err);
    if (rc == ST_OK)
        rc = allow_list(ruleset, plan->write, plan->write_count, WRITING & handled, err);
    if (rc == ST_OK)
        rc = files_allow_system(ruleset, plan->system, plan->system_count, READING & handled, err);
    if (rc == ST_OK && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
        rc = error_set(err, ST_GENERIC, "Landlock cannot restrict this process: %s.",
                       strerror(errno));
    return rc;
}

int files_ruleset(struct missing *missing, uint64_t *handled, int *ruleset, struct error *err)
{
    struct landlock_ruleset_attr_6 attr;
    int rc = supported(missing->report->landlock_abi, &attr, missing);
    if (rc < 0)
        return rc;
    *ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
    if (*ruleset < 0)
        return error_set(err, ST_GENERIC, "Landlock cannot make a set of rules: %s.",
                         strerror(errno));
    *handled = attr.handled_access_fs;
    return ST_OK;
}

int files_restrict(const struct sandbox_plan *plan, struct sandbox_report *report,
                   struct error *err)
{
    struct missing missing = {report, plan->strict, err};
    uint64_t handled;
    int ruleset;
    report->landlock_abi = files_landlock_revision();
    if (report->landlock_abi == 0)
        return missing_add(&missing,
                           "The kernel has no Landlock (it came with Linux 5.13, and can be switched "
                           "off): a plugin can open every file that this user can open.");
    int rc = files_ruleset(&missing, &handled, &ruleset, err);
    if (rc < 0)
        return rc;
    rc = allow_planned(ruleset, plan, handled, err);
    close(ruleset);
    return rc;
}
