/* What system-monitor reads, from folders that look like a machine or a container. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cgroup.h"
#include "disks.h"
#include "proc.h"
#include "text_file.h"

static char root[64];

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int clear(void **state)
{
    (void)state;
    if (root[0])
        nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}

/* An empty machine. */
static void fresh(void)
{
    clear(NULL);
    snprintf(root, sizeof(root), "/tmp/hexmcp-monitor-XXXXXX");
    assert_non_null(mkdtemp(root));
}

static void put(const char *path, const char *text)
{
    char whole[300];
    snprintf(whole, sizeof(whole), "%s%s", root, path);
    for (char *at = whole + strlen(root) + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        mkdir(whole, 0700);
        *at = '/';
    }
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_cpu(void **state)
{
    struct cpu_times a, b;
    (void)state;
    fresh();
    put("/proc/stat", "cpu  100 20 30 800 50 1 2 3 40 5\ncpu0 1 2 3 4\n");
    assert_true(proc_cpu(root, &a));
    assert_int_equal(a.total, 1006);
    assert_int_equal(a.busy, 156);
    put("/proc/stat", "cpu  150 20 30 850 50 1 2 3\n");
    assert_true(proc_cpu(root, &b));
    assert_true(cpu_percent(&a, &b) == 50.0);
    assert_true(cpu_percent(&b, &a) == 0.0);
    put("/proc/stat", "cpu  1 2 3 4\n");
    assert_true(proc_cpu(root, &a));
    assert_int_equal(a.total, 10);
    put("/proc/stat", "intr 5\n");
    assert_false(proc_cpu(root, &a));
    put("/proc/stat", "cpu  1 2\n");
    assert_false(proc_cpu(root, &a));
}

static void test_memory(void **state)
{
    struct memory m;
    (void)state;
    fresh();
    put("/proc/meminfo", "MemTotal:       1000 kB\nMemFree: 100 kB\nMemAvailable:    400 kB\n"
                         "SwapTotal:  50 kB\nSwapFree: 20 kB\n");
    assert_true(proc_memory(root, &m));
    assert_int_equal(m.total, 1024000);
    assert_int_equal(m.available, 409600);
    assert_int_equal(m.swap_total - m.swap_free, 30 * 1024);
    put("/proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 1000 kB\n");
    assert_true(proc_memory(root, &m));
    assert_int_equal(m.swap_total, 0);
    put("/proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 1001 kB\n");
    assert_false(proc_memory(root, &m));
    put("/proc/meminfo", "MemTotal: 99999999999999999999999 kB\nMemAvailable: 1 kB\n");
    assert_false(proc_memory(root, &m));
    put("/proc/meminfo", "");
    assert_false(proc_memory(root, &m));
}

static void test_rest(void **state)
{
    double load[3], uptime;
    uint64_t count;
    (void)state;
    fresh();
    assert_false(proc_load(root, load));
    put("/proc/loadavg", "0.50 1.25 2.00 1/200 4242\n");
    put("/proc/uptime", "12345.67 1.0\n");
    put("/proc/1/stat", "");
    put("/proc/42/stat", "");
    put("/proc/self/stat", "");
    assert_true(proc_load(root, load));
    assert_true(load[0] == 0.5 && load[1] == 1.25 && load[2] == 2.0);
    assert_true(proc_uptime(root, &uptime));
    assert_true(uptime == 12345.67);
    assert_true(proc_processes(root, &count));
    assert_int_equal(count, 2);
}

static void test_no_cgroup(void **state)
{
    struct cgroup c;
    (void)state;
    fresh();
    cgroup_read(root, &c);
    assert_int_equal(c.version, 0);
    assert_int_equal(c.memory_limit, 0);
    assert_true(c.cpu_limit == 0.0);
}

/* Version 2, from the inside of a container and from the outside of a service. */
static void test_cgroup_2(void **state)
{
    struct cgroup c;
    (void)state;
    fresh();
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/memory.max", "1048576\n");
    put("/sys/fs/cgroup/memory.current", "500000\n");
    put("/sys/fs/cgroup/memory.stat", "anon 1\ninactive_file 100000\nactive_file 5\n");
    put("/sys/fs/cgroup/cpu.max", "150000 100000\n");
    cgroup_read(root, &c);
    assert_int_equal(c.version, 2);
    assert_int_equal(c.memory_limit, 1048576);
    assert_int_equal(c.memory_used, 400000);
    assert_true(c.cpu_limit == 1.5);

    fresh();
    put("/proc/self/cgroup", "0::/system.slice/app.service\n");
    put("/sys/fs/cgroup/system.slice/app.service/memory.max", "max\n");
    put("/sys/fs/cgroup/system.slice/app.service/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/system.slice/memory.max", "2000000\n");
    put("/sys/fs/cgroup/system.slice/memory.current", "7\n");
    put("/sys/fs/cgroup/system.slice/cpu.max", "50000 100000\n");
    cgroup_read(root, &c);
    assert_int_equal(c.memory_limit, 2000000);
    assert_int_equal(c.memory_used, 7);
    assert_true(c.cpu_limit == 0.5);
}

static void test_cgroup_1(void **state)
{
    struct cgroup c;
    (void)state;
    fresh();
    /* Seen from a container: the path is that of the machine, and the mount is the group itself. */
    put("/proc/self/cgroup", "5:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/x\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "1000000\n");
    put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "600000\n");
    put("/sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 50000\n");
    put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "200000\n");
    put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
    cgroup_read(root, &c);
    assert_int_equal(c.version, 1);
    assert_int_equal(c.memory_limit, 1000000);
    assert_int_equal(c.memory_used, 550000);
    assert_true(c.cpu_limit == 2.0);

    fresh();
    put("/proc/self/cgroup", "4:memory:/a/b\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    put("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "4000\n");
    put("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "3000\n");
    put("/sys/fs/cgroup/memory/a/b/memory.usage_in_bytes", "2000\n");
    put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    put("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    cgroup_read(root, &c);
    assert_int_equal(c.memory_limit, 3000);
    assert_int_equal(c.memory_used, 2000);
    assert_true(c.cpu_limit == 0.0);
    /* A path that leads elsewhere. */
    put("/proc/self/cgroup", "4:memory:/../../a/b\n");
    cgroup_read(root, &c);
    assert_int_equal(c.memory_limit, 0);
}

static void test_disks(void **state)
{
    static struct disks d;
    char text[8000] = "", line[300], folder[128];
    (void)state;
    fresh();
    assert_false(disks_read(root, &d));
    put("/with space/x", "");
    snprintf(folder, sizeof(folder), "%s/with space", root);
    put("/hosts", "");
    snprintf(text, sizeof(text),
             "0 0 8:2 / %s/hosts rw - xfs /dev/sdb rw\n"
             "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
             "2 0 8:1 / /again rw,noatime shared:1 - ext4 /dev/sda1 rw\n"
             "3 0 0:5 / /proc rw - proc proc rw\n"
             "4 0 0:9 / /net rw - nfs4 server:/x rw\n"
             "5 0 8:2 / %s/with\\040space rw master:2 propagate_from:3 - xfs /dev/sdb rw\n"
             "6 0 8:3 / /nowhere/at/all rw - ext4 /dev/sdc rw\n"
             "7 0 8:4 /\n"
             "\n",
             root, root);
    put("/proc/self/mountinfo", text);
    assert_true(disks_read(root, &d));
    assert_int_equal(d.count, 2);
    assert_string_equal(d.at[0].mount_point, "/");
    assert_string_equal(d.at[0].filesystem, "ext4");
    assert_string_equal(d.at[1].mount_point, folder);
    assert_string_equal(d.at[1].filesystem, "xfs");
    assert_int_equal(d.left_out, 0);
    assert_true(d.at[0].total >= d.at[0].used + d.at[0].available);
    text[0] = '\0';
    for (int i = 0; i < 25; i++) {
        snprintf(line, sizeof(line), "%d 0 9:%d / / rw - ext4 /dev/x rw\n", i, i);
        memcpy(text + strlen(text), line, strlen(line) + 1);
    }
    put("/proc/self/mountinfo", text);
    assert_true(disks_read(root, &d));
    assert_int_equal(d.count, 20);
    assert_int_equal(d.left_out, 5);
    const struct disk half = {.total = 100, .used = 45, .available = 45};
    assert_true(disk_percent(&half) == 50.0);
}

static void test_text_file(void **state)
{
    uint64_t number;
    char *text;
    (void)state;
    fresh();
    put("/max", "max\n");
    put("/minus", "-1\n");
    put("/large", "18446744073709551616\n");
    put("/good", "18446744073709551615\n");
    assert_false(text_file_number(root, "/max", &number));
    assert_false(text_file_number(root, "/minus", &number));
    assert_false(text_file_number(root, "/large", &number));
    assert_false(text_file_number(root, "/none", &number));
    assert_true(text_file_number(root, "/good", &number));
    assert_true(number == UINT64_MAX);
    char *big = malloc(70001);
    memset(big, 'x', 70000);
    big[70000] = '\0';
    put("/big", big);
    text = text_file_read(root, "/big");
    assert_string_equal(text, big);
    free(text);
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cpu),      cmocka_unit_test(test_memory),   cmocka_unit_test(test_rest),
        cmocka_unit_test(test_no_cgroup), cmocka_unit_test(test_cgroup_2), cmocka_unit_test(test_cgroup_1),
        cmocka_unit_test(test_disks),    cmocka_unit_test(test_text_file),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, clear);
}
