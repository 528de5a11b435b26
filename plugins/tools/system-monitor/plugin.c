/*
 * plugin.c - the tool "system-monitor" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "cgroup.h"
#include "disks.h"
#include "kit/answer.h"
#include "kit/args.h"
#include "kit/pace.h"
#include "proc.h"

#include "hexmcp/plugin.h"

#include <stdio.h>
#include <time.h>

#define STEP_MS 50

enum operation { ALL, STATS, CPU, MEMORY, DISK };
static const char *const operations[] = {"all", "stats", "cpu", "memory", "disk", NULL};

/* What is put into the result, and a text of it. */
struct report {
    const hexmcp_round *r;
    hexmcp_json_writer *w;
    char text[480];
};

__attribute__((format(printf, 2, 3))) static void say(struct report *p, const char *format, ...)
{
    size_t len = strlen(p->text);
    va_list list;
    va_start(list, format);
    vsnprintf(p->text + len, sizeof(p->text) - len, format, list);
    va_end(list);
}

/* With one digit behind the point. */
static void put_rounded(hexmcp_json_writer *w, const char *key, double value)
{
    hexmcp_json_key(w, key);
    hexmcp_json_write_double(w, (double)(int64_t)(value * 10 + 0.5) / 10);
}

static double gib(uint64_t bytes)
{
    return (double)bytes / (double)(1 << 30);
}

static int32_t unreadable(const hexmcp_round *r, const char *what)
{
    return hexmcp_fail(r->err, HEXMCP_E_UNAVAILABLE,
                       "%s cannot be read on this system; the other operations may work", what);
}

/* ---- processors ----------------------------------------------------------------------------- */

static int32_t sample(const hexmcp_round *r, int64_t sample_ms, double *percent)
{
    struct pace pace = pace_begin(r);
    struct cpu_times from, to;
    const struct timespec step = {0, STEP_MS * 1000000L};
    if (!proc_cpu("", &from))
        return unreadable(r, "/proc/stat");
    while (pace_ms(&pace) < (double)sample_ms) {
        int32_t status = pace_step(&pace, pace_ms(&pace), (double)sample_ms, "measuring the processors");
        if (status != HEXMCP_OK)
            return status;
        nanosleep(&step, NULL);
    }
    if (!proc_cpu("", &to))
        return unreadable(r, "/proc/stat");
    *percent = cpu_percent(&from, &to);
    return HEXMCP_OK;
}

static int32_t put_cpu(struct report *p, int64_t sample_ms, const struct cgroup *group)
{
    double percent = 0;
    int count = proc_cpu_count(), allowed = proc_cpu_allowed();
    double limit = group->cpu_limit;
    if (allowed > 0 && allowed < count && (limit <= 0 || allowed < limit))
        limit = allowed;
    int32_t status = sample(p->r, sample_ms, &percent);
    if (status != HEXMCP_OK)
        return status;
    put_rounded(p->w, "cpu_usage_percent", percent);
    hexmcp_json_put_int64(p->w, "cpu_count", count);
    if (limit > 0) {
        hexmcp_json_key(p->w, "cpu_limit");
        hexmcp_json_write_double(p->w, limit);
    }
    hexmcp_json_put_int64(p->w, "sample_ms", sample_ms);
    say(p, "CPU %.1f %% of %d processors", percent, count);
    if (limit > 0)
        say(p, " (limited to %.2f)", limit);
    say(p, ". ");
    return HEXMCP_OK;
}

/* ---- memory --------------------------------------------------------------------------------- */

static void put_container(hexmcp_json_writer *w, const struct cgroup *group)
{
    hexmcp_json_key(w, "container");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "cgroup_version", group->version);
    hexmcp_json_put_int64(w, "limit", (int64_t)group->memory_limit);
    hexmcp_json_put_int64(w, "used", (int64_t)group->memory_used);
    hexmcp_json_end_object(w);
}

static int32_t put_memory(struct report *p, const struct cgroup *group)
{
    struct memory m;
    hexmcp_json_writer *w = p->w;
    if (!proc_memory("", &m))
        return unreadable(p->r, "/proc/meminfo");
    uint64_t used = m.total - m.available;
    hexmcp_json_key(w, "memory");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "total", (int64_t)m.total);
    hexmcp_json_put_int64(w, "used", (int64_t)used);
    hexmcp_json_put_int64(w, "available", (int64_t)m.available);
    put_rounded(w, "percent", m.total ? 100.0 * (double)used / (double)m.total : 0);
    hexmcp_json_put_int64(w, "swap_total", (int64_t)m.swap_total);
    hexmcp_json_put_int64(w, "swap_used", (int64_t)(m.swap_total - m.swap_free));
    if (group->memory_limit && group->memory_limit < m.total)
        put_container(w, group);
    hexmcp_json_end_object(w);
    say(p, "Memory %.1f of %.1f GiB used", gib(used), gib(m.total));
    if (group->memory_limit && group->memory_limit < m.total)
        say(p, " (this container: %.1f of %.1f GiB)", gib(group->memory_used), gib(group->memory_limit));
    say(p, ". ");
    return HEXMCP_OK;
}

/* ---- disks ---------------------------------------------------------------------------------- */

static void put_disk(hexmcp_json_writer *w, const struct disk *d)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "mount_point", d->mount_point);
    hexmcp_json_put_text(w, "filesystem", d->filesystem);
    hexmcp_json_put_int64(w, "total", (int64_t)d->total);
    hexmcp_json_put_int64(w, "used", (int64_t)d->used);
    hexmcp_json_put_int64(w, "available", (int64_t)d->available);
    put_rounded(w, "percent", disk_percent(d));
    hexmcp_json_end_object(w);
}

static int32_t put_disks(struct report *p)
{
    struct disks disks;
    if (!disks_read("", &disks))
        return unreadable(p->r, "/proc/self/mountinfo");
    hexmcp_json_key(p->w, "disk_usage");
    hexmcp_json_begin_array(p->w);
    for (size_t i = 0; i < disks.count; i++)
        put_disk(p->w, &disks.at[i]);
    hexmcp_json_end_array(p->w);
    hexmcp_json_put_bool(p->w, "truncated", disks.left_out > 0);
    for (size_t i = 0; i < disks.count && i < 3; i++)
        say(p, "Disk %.60s %.0f %% full. ", disks.at[i].mount_point, disk_percent(&disks.at[i]));
    return HEXMCP_OK;
}

/* ---- the rest ------------------------------------------------------------------------------- */

static int32_t put_stats(struct report *p)
{
    double load[3], uptime;
    uint64_t processes;
    if (!proc_load("", load) || !proc_uptime("", &uptime))
        return unreadable(p->r, "/proc");
    hexmcp_json_key(p->w, "load_average");
    hexmcp_json_begin_array(p->w);
    for (int i = 0; i < 3; i++)
        hexmcp_json_write_double(p->w, load[i]);
    hexmcp_json_end_array(p->w);
    hexmcp_json_put_int64(p->w, "uptime_seconds", (int64_t)uptime);
    say(p, "Load %.2f %.2f %.2f, up %lld h. ", load[0], load[1], load[2], (long long)(uptime / 3600));
    if (proc_processes("", &processes)) {
        hexmcp_json_put_int64(p->w, "process_count", (int64_t)processes);
        say(p, "%llu processes. ", (unsigned long long)processes);
    }
    return HEXMCP_OK;
}

static int32_t put_parts(struct report *p, enum operation operation, int64_t sample_ms)
{
    struct cgroup group;
    int32_t status = HEXMCP_OK;
    cgroup_read("", &group);
    if (operation == ALL || operation == CPU)
        status = put_cpu(p, sample_ms, &group);
    if (status == HEXMCP_OK && (operation == ALL || operation == MEMORY))
        status = put_memory(p, &group);
    if (status == HEXMCP_OK && (operation == ALL || operation == DISK))
        status = put_disks(p);
    if (status == HEXMCP_OK && (operation == ALL || operation == STATS))
        status = put_stats(p);
    return status;
}

static int32_t monitor(const hexmcp_round *r)
{
    struct args args = args_begin(r->args, r->err);
    enum operation operation = (enum operation)args_choice(&args, "operation", operations, ALL);
    int64_t sample_ms = args_int(&args, "sample_ms", 100, 5000, 1000);
    int32_t status = args_status(&args);
    struct answer a;
    args_end(&args);
    if (status != HEXMCP_OK)
        return status;
    struct report report = {.r = r, .w = answer_begin(&a, r)};
    hexmcp_json_put_text(report.w, "operation", operations[operation]);
    status = put_parts(&report, operation, sample_ms);
    size_t len = strlen(report.text);
    report.text[len ? len - 1 : 0] = '\0'; /* the space behind the last sentence */
    hexmcp_json_put_text(report.w, "formatted", report.text);
    answer_text(&a, "%s", report.text);
    if (status == HEXMCP_OK)
        return answer_end(&a);
    answer_drop(&a);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("system-monitor", monitor), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.system-monitor", "0.1.0", plugin);
