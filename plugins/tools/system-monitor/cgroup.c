/*
 * SPDX-License-Identifier: MIT
 */
#include "cgroup.h"

#include "text_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Version 1 says "none" by a number near the largest one. */
#define NO_LIMIT ((uint64_t)1 << 60)

/* ---- where the group is --------------------------------------------------------------------- */

static bool has(const char *list, size_t len, const char *name)
{
    size_t part;
    for (const char *at = list; at <= list + len; at += part + 1) {
        part = strcspn(at, ",:");
        if (part == strlen(name) && strncmp(at, name, part) == 0)
            return true;
    }
    return false;
}

/* The path of the group that has the controller; "" of that of version 2. */
static bool find_group(const char *root, const char *controller, char path[TEXT_PATH_MAX])
{
    char *text = text_file_read(root, "/proc/self/cgroup"), *save = NULL;
    bool found = false;
    for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line && !found;
         line = strtok_r(NULL, "\n", &save)) {
        char *list = strchr(line, ':'), *at = list ? strchr(list + 1, ':') : NULL;
        if (!at)
            continue;
        size_t len = (size_t)(at - list - 1);
        found = *controller ? len > 0 && has(list + 1, len, controller) : len == 0;
        if (found)
            snprintf(path, TEXT_PATH_MAX, "%s", at + 1);
    }
    free(text);
    return found && path[0] == '/' && !strstr(path, "/..");
}

/* Calls each(arg, folder) for the group and those above it, in `base`. A path of the machine may not be there
 * in a container, which then sees its own group as the first. */
static void each_above(const char *base, char path[TEXT_PATH_MAX],
                       void (*each)(void *arg, const char *folder), void *arg)
{
    char folder[TEXT_PATH_MAX];
    for (;;) {
        size_t len = strlen(path);
        while (len && path[len - 1] == '/')
            path[--len] = '\0';
        if (snprintf(folder, sizeof(folder), "%s%s", base, path) < (int)sizeof(folder))
            each(arg, folder);
        char *slash = strrchr(path, '/');
        if (!slash)
            return;
        *slash = '\0';
    }
}

static bool number_in(const char *root, const char *folder, const char *name, uint64_t *out)
{
    char path[TEXT_PATH_MAX];
    return snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path) &&
           text_file_number(root, path, out);
}

static char *text_in(const char *root, const char *folder, const char *name)
{
    char path[TEXT_PATH_MAX];
    return snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path)
               ? text_file_read(root, path)
               : NULL;
}

/* ---- limits --------------------------------------------------------------------------------- */

struct reading {
    const char *root;
    struct cgroup *out;
    int version;
};

/* What can be dropped at once is no use that counts, as in what container tools show. */
static uint64_t inactive_file(const struct reading *r, const char *folder)
{
    char *text = text_in(r->root, folder, "memory.stat");
    const char *name = r->version == 1 ? "total_inactive_file " : "inactive_file ";
    const char *at = text;
    uint64_t number = 0;
    while (at && strncmp(at, name, strlen(name)) != 0) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    if (at && sscanf(at + strlen(name), "%" SCNu64, &number) != 1)
        number = 0;
    free(text);
    return number;
}

/* The used bytes are those of the group with the lowest limit: so much is left before it is met. */
static void read_memory(void *arg, const char *folder)
{
    const struct reading *r = arg;
    uint64_t limit, used = 0;
    bool old = r->version == 1;
    if (!number_in(r->root, folder, old ? "memory.limit_in_bytes" : "memory.max", &limit) ||
        limit >= NO_LIMIT || limit == 0 || (r->out->memory_limit && limit >= r->out->memory_limit))
        return;
    number_in(r->root, folder, old ? "memory.usage_in_bytes" : "memory.current", &used);
    uint64_t idle = inactive_file(r, folder);
    r->out->version = r->version;
    r->out->memory_limit = limit;
    r->out->memory_used = idle < used ? used - idle : 0;
}

static void take_cpu(const struct reading *r, uint64_t quota, uint64_t period)
{
    double limit = period ? (double)quota / (double)period : 0;
    if (limit <= 0 || (r->out->cpu_limit > 0 && limit >= r->out->cpu_limit))
        return;
    r->out->cpu_limit = limit;
    r->out->version = r->version;
}

static void read_cpu(void *arg, const char *folder)
{
    const struct reading *r = arg;
    uint64_t quota, period;
    char *text = r->version == 2 ? text_in(r->root, folder, "cpu.max") : NULL;
    if (text && sscanf(text, "%" SCNu64 " %" SCNu64, &quota, &period) == 2)
        take_cpu(r, quota, period);
    free(text);
    if (r->version == 1 && number_in(r->root, folder, "cpu.cfs_quota_us", &quota) &&
        number_in(r->root, folder, "cpu.cfs_period_us", &period))
        take_cpu(r, quota, period);
}

static void read_one(struct reading *r, const char *controller, const char *const *bases,
                     void (*each)(void *arg, const char *folder))
{
    char path[TEXT_PATH_MAX];
    if (!find_group(r->root, controller, path))
        snprintf(path, sizeof(path), "/");
    for (; *bases; bases++) {
        char copy[TEXT_PATH_MAX];
        memcpy(copy, path, sizeof(copy));
        each_above(*bases, copy, each, r);
    }
}

void cgroup_read(const char *root, struct cgroup *out)
{
    static const char *const two[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified", NULL};
    static const char *const memory[] = {"/sys/fs/cgroup/memory", NULL};
    static const char *const cpu[] = {"/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct", NULL};
    struct reading reading = {root, out, 2};
    *out = (struct cgroup){0};
    read_one(&reading, "", two, read_memory);
    read_one(&reading, "", two, read_cpu);
    reading.version = 1;
    read_one(&reading, "memory", memory, read_memory);
    read_one(&reading, "cpu", cpu, read_cpu);
}
