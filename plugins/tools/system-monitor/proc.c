/*
 * SPDX-License-Identifier: MIT
 */
#include "proc.h"

#include "text_file.h"

#include <dirent.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* user nice system idle iowait irq softirq steal; what follows is contained in user and nice. */
enum { IDLE = 3, IOWAIT = 4, TIMES = 8 };

bool proc_cpu(const char *root, struct cpu_times *out)
{
    char *text = text_file_read(root, "/proc/stat");
    uint64_t times[TIMES] = {0}, total = 0;
    int count = 0;
    if (text && strncmp(text, "cpu ", 4) == 0) {
        char *at = text + 4, *end;
        for (; count < TIMES; count++, at = end) {
            times[count] = strtoull(at, &end, 10);
            if (end == at || *at == '\n')
                break;
            total += times[count];
        }
    }
    free(text);
    if (count <= IDLE)
        return false;
    *out = (struct cpu_times){total - times[IDLE] - times[IOWAIT], total};
    return true;
}

double cpu_percent(const struct cpu_times *from, const struct cpu_times *to)
{
    /* iowait may go back. */
    if (to->total <= from->total || to->busy <= from->busy)
        return 0;
    double percent = 100.0 * (double)(to->busy - from->busy) / (double)(to->total - from->total);
    return percent > 100 ? 100 : percent;
}

static bool member(const char *text, const char *name, uint64_t *out)
{
    const char *at = text;
    size_t len = strlen(name);
    while (at && strncmp(at, name, len) != 0) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    uint64_t kib;
    if (!at || sscanf(at + len, " %" SCNu64, &kib) != 1 || kib > UINT64_MAX / 1024)
        return false;
    *out = kib * 1024;
    return true;
}

bool proc_memory(const char *root, struct memory *out)
{
    char *text = text_file_read(root, "/proc/meminfo");
    struct memory m = {0};
    bool ok = text && member(text, "MemTotal:", &m.total) && member(text, "MemAvailable:", &m.available) &&
              m.available <= m.total;
    if (ok && !(member(text, "SwapTotal:", &m.swap_total) && member(text, "SwapFree:", &m.swap_free) &&
                m.swap_free <= m.swap_total))
        m.swap_total = m.swap_free = 0;
    free(text);
    if (ok)
        *out = m;
    return ok;
}

bool proc_load(const char *root, double out[3])
{
    char *text = text_file_read(root, "/proc/loadavg");
    bool ok = text && sscanf(text, "%lf %lf %lf", &out[0], &out[1], &out[2]) == 3;
    free(text);
    return ok;
}

bool proc_uptime(const char *root, double *seconds)
{
    char *text = text_file_read(root, "/proc/uptime");
    bool ok = text && sscanf(text, "%lf", seconds) == 1;
    free(text);
    return ok;
}

bool proc_processes(const char *root, uint64_t *count)
{
    char path[TEXT_PATH_MAX];
    struct dirent *entry;
    snprintf(path, sizeof(path), "%s/proc", root);
    DIR *dir = opendir(path);
    if (!dir)
        return false;
    *count = 0;
    while ((entry = readdir(dir)))
        *count += entry->d_name[strspn(entry->d_name, "0123456789")] == '\0';
    closedir(dir);
    return true;
}

int proc_cpu_allowed(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 0;
}

int proc_cpu_count(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}
