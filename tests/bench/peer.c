#include "tests/bench/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void die(const char *what)
{
    fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void pin(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (cpu >= 0)
        CPU_SET((size_t)cpu, &set);
    else
        for (size_t i = 0; i < CPU_SETSIZE; i++)
            CPU_SET(i, &set);
    sched_setaffinity(0, sizeof(set), &set);
}

void pin_self(int cpu)
{
    pin(cpu);
}

/* vfork, so that the size of this program plays no part in the figures. */
void peer_start(struct peer *p, char *const argv[], int cpu)
{
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
        die("pipe");
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    pid_t pid = vfork();
    if (pid == 0) {
        pin(cpu);
        dup2(in[0], 0);
        dup2(out[1], 1);
        dup2(null, 2);
        execv(argv[0], argv);
        _exit(127);
    }
    if (pid < 0)
        die("vfork");
    close(in[0]);
    close(out[1]);
    close(null);
    *p = (struct peer){.pid = pid, .in = in[1], .out = out[0], .cap = 1 << 20};
    p->buffer = malloc(p->cap);
    if (!p->buffer)
        die("malloc");
}

void peer_send(struct peer *p, const char *data, size_t len)
{
    while (len) {
        ssize_t wrote = write(p->in, data, len);
        if (wrote < 0)
            die("write to the server");
        data += wrote;
        len -= (size_t)wrote;
    }
}

static void fill(struct peer *p)
{
    if (p->have == p->cap)
        die("line too long");
    ssize_t got = read(p->out, p->buffer + p->have, p->cap - p->have);
    if (got <= 0)
        die("the server ended");
    p->have += (size_t)got;
}

size_t peer_line(struct peer *p, char **line)
{
    static char last[1 << 20];
    for (;;) {
        char *end = memchr(p->buffer, '\n', p->have);
        if (!end) {
            fill(p);
            continue;
        }
        size_t len = (size_t)(end - p->buffer);
        memcpy(last, p->buffer, len);
        last[len] = '\0';
        p->have -= len + 1;
        memmove(p->buffer, end + 1, p->have);
        *line = last;
        return len;
    }
}

size_t peer_count_lines(struct peer *p)
{
    p->have = 0;
    fill(p);
    size_t lines = 0;
    char *end = p->buffer + p->have;
    for (char *at = p->buffer; (at = memchr(at, '\n', (size_t)(end - at))); at++)
        lines++;
    p->have = 0;
    return lines;
}

void peer_stop(struct peer *p)
{
    close(p->in);
    waitpid(p->pid, NULL, 0);
    close(p->out);
    free(p->buffer);
}

long peer_private_kib(const struct peer *p)
{
    char path[64], line[256];
    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)p->pid);
    FILE *file = fopen(path, "r");
    if (!file)
        die(path);
    long total = 0, kib;
    while (fgets(line, sizeof(line), file))
        if (sscanf(line, "Private_Clean: %ld kB", &kib) == 1 ||
            sscanf(line, "Private_Dirty: %ld kB", &kib) == 1)
            total += kib;
    fclose(file);
    return total;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double quantile(double *values, size_t count, double q)
{
    qsort(values, count, sizeof(*values), compare);
    size_t index = (size_t)((double)(count - 1) * q + 0.5);
    return values[index];
}
