/*
 * helpers HELPER BUNDLE
 *
 * What a call costs in this process and in a helper, beside what the machine can do at best: a function
 * call, and two processes that send the same bytes to and fro. Medians.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "core/base/error.h"
#include "core/base/str.h"

enum { CALLS = 4000, BATCH = 200, STARTS = 21 };

static struct loop *loop;
static struct plugin_host *host;
static const struct plugin_runtime *runtime;
static size_t ended;
static uint64_t last_call;

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return values[count / 2];
}

static void die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* ---- the floor ------------------------------------------------------------------------------ */

static void echo(int fd, char *bytes, size_t size)
{
    ssize_t n;
    while ((n = recv(fd, bytes, size, 0)) > 0)
        if (send(fd, bytes, (size_t)n, 0) != n)
            break;
    _exit(0);
}

static double ping_pong(size_t size)
{
    int ends[2], buffer = 1 << 20;
    char *bytes = calloc(1, size);
    static double times[CALLS];
    if (!bytes || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends))
        die("no socket pair");
    for (int i = 0; i < 2; i++)
        setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        echo(ends[1], bytes, size);
    }
    close(ends[1]);
    for (size_t i = 0; i < CALLS; i++) {
        uint64_t begin = now_ns();
        if (send(ends[0], bytes, size, 0) != (ssize_t)size ||
            recv(ends[0], bytes, size, 0) != (ssize_t)size)
            die("the echo failed");
        times[i] = (double)(now_ns() - begin) / 1000;
    }
    close(ends[0]);
    waitpid(pid, NULL, 0);
    free(bytes);
    return median(times, CALLS);
}

/* ---- the host ------------------------------------------------------------------------------- */

static void completed(void *ctx, uint64_t call, enum run_outcome outcome, struct str json)
{
    (void)ctx, (void)call, (void)outcome, (void)json;
    ended++;
}

static void failed(void *ctx, uint64_t call, const struct error *err)
{
    (void)ctx, (void)call;
    die(err->text);
}

static void progress(void *ctx, uint64_t call, double done, double total, struct str text)
{
    (void)ctx, (void)call, (void)done, (void)total, (void)text;
}

static void told(void *ctx, uint64_t call, enum log_level level, struct str plugin, struct str text)
{
    (void)ctx, (void)call, (void)level, (void)plugin, (void)text;
}

static void released(void *ctx, uint64_t call)
{
    (void)ctx, (void)call;
}

static void write_log(void *ctx, enum log_level level, struct str component, struct str text)
{
    (void)ctx, (void)component;
    if (level >= LOG_LEVEL_WARNING)
        fprintf(stderr, "%.*s\n", STR_ARG(text));
}

static int post(void *ctx, void (*fn)(void *arg), void *arg)
{
    (void)ctx;
    return loop_post(loop, fn, arg, NULL);
}

static void open_host(const char *helper, const char *bundle)
{
    static const struct run_events events = {NULL, completed, failed, progress, told, released};
    static const struct log_port log = {NULL, write_log};
    static struct plugin_isolation isolation;
    struct plugin_place place = {bundle, PLUGIN_COMMAND_LINE, true, true};
    struct error err;
    isolation = (struct plugin_isolation){.loop = loop_uv(loop),
                                          .helper = helper,
                                          .modules = "",
                                          .start_ms = 10000,
                                          .ping_ms = 5000,
                                          .pong_ms = 10000,
                                          .term_ms = 2000,
                                          .crash_limit = 3,
                                          .crash_window_ms = 300000};
    struct plugin_host_config config = {.places = &place,
                                        .place_count = 1,
                                        .version = "0.0.0",
                                        .clock = system_clock_port(),
                                        .timer = loop_timers(loop),
                                        .executor = loop_executor(loop),
                                        .log = &log,
                                        .isolation = helper ? &isolation : NULL,
                                        .post = post};
    if (plugin_host_new(&config, &host, &err))
        die(err.text);
    runtime = plugin_host_runtime(host);
    runtime->attach(runtime->ctx, &events);
}

static void close_host(void)
{
    plugin_host_stop(host, 2000);
    plugin_host_free(host);
}

static void call(struct str arguments)
{
    struct error err;
    struct run_request request = {
        .call = ++last_call, .name = STR("mirror"), .arguments = arguments, .on_loop = true};
    if (runtime->run(runtime->ctx, &request, &err))
        die(err.text);
}

static void call_and_wait(struct str arguments)
{
    size_t before = ended;
    call(arguments);
    while (ended == before)
        loop_turn(loop);
}

/* {"text":"xxx"} of `size` bytes. */
static struct str arguments_of(size_t size)
{
    char *text = malloc(size);
    if (!text)
        die("out of memory");
    memset(text, 'x', size);
    memcpy(text, "{\"text\":\"", 9);
    memcpy(text + size - 2, "\"}", 2);
    return (struct str){text, size};
}

static double round_trip(struct str arguments)
{
    static double times[CALLS];
    call_and_wait(arguments);
    for (size_t i = 0; i < CALLS; i++) {
        uint64_t begin = now_ns();
        call_and_wait(arguments);
        times[i] = (double)(now_ns() - begin) / 1000;
    }
    return median(times, CALLS);
}

static void measure_helpers(const char *helper, const char *bundle)
{
    static const size_t sizes[] = {256, 65536};
    for (size_t i = 0; i < 2; i++) {
        struct str arguments = arguments_of(sizes[i]);
        double floor = ping_pong(sizes[i]);
        open_host(helper, bundle);
        double ours = round_trip(arguments);
        close_host();
        free((char *)(uintptr_t)arguments.ptr);
        printf("isolated round trip, %zu bytes: %.1f us; bare ping-pong: %.1f us; %.2f times\n",
               sizes[i], ours, floor, ours / floor);
    }
}

/* ---- in this process ------------------------------------------------------------------------ */

static __attribute__((noinline)) int direct(struct str text)
{
    __asm__ volatile("" : : "r"(text.ptr) : "memory");
    return (int)text.len;
}

static void measure_in_process(const char *bundle)
{
    static double times[CALLS / 10];
    struct str arguments = arguments_of(256);
    open_host(NULL, bundle);
    call_and_wait(arguments);
    for (size_t i = 0; i < CALLS / 10; i++) {
        uint64_t begin = now_ns();
        for (int k = 0; k < BATCH; k++)
            call(arguments);
        times[i] = (double)(now_ns() - begin) / BATCH;
    }
    double ours = median(times, CALLS / 10);
    for (size_t i = 0; i < CALLS / 10; i++) {
        uint64_t begin = now_ns();
        for (int k = 0; k < BATCH; k++)
            direct(arguments);
        times[i] = (double)(now_ns() - begin) / BATCH;
    }
    printf("in-process call: %.0f ns; direct function call: %.1f ns\n", ours,
           median(times, CALLS / 10));
    close_host();
    free((char *)(uintptr_t)arguments.ptr);
}

/* ---- starting ------------------------------------------------------------------------------- */

static long private_kib(pid_t pid)
{
    char path[64], line[256];
    long total = 0, kib;
    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof(line), file))
        if (sscanf(line, "Private_Clean: %ld", &kib) == 1 ||
            sscanf(line, "Private_Dirty: %ld", &kib) == 1)
            total += kib;
    if (file)
        fclose(file);
    return total;
}

static pid_t child(void)
{
    char path[64];
    int pid = 0;
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "r");
    if (file && fscanf(file, "%d", &pid) != 1)
        pid = 0;
    if (file)
        fclose(file);
    return pid;
}

static void measure_start(const char *helper, const char *bundle)
{
    double times[STARTS], blocked[STARTS];
    long memory = 0;
    for (size_t i = 0; i < STARTS; i++) {
        open_host(helper, bundle);
        uint64_t begin = now_ns();
        size_t before = ended;
        call(STR("{}"));
        blocked[i] = (double)(now_ns() - begin) / 1e6;
        while (ended == before)
            loop_turn(loop);
        times[i] = (double)(now_ns() - begin) / 1e6;
        memory = private_kib(child());
        close_host();
    }
    printf("first call of a plugin in a helper: %.1f ms, of which the loop waits %.2f ms\n",
           median(times, STARTS), median(blocked, STARTS));
    printf("private memory of a helper: %ld KiB\n", memory);
}

int main(int argc, char **argv)
{
    struct error err;
    if (argc != 3)
        die("usage: helpers HELPER BUNDLE");
    if (loop_new(2, &loop, &err))
        die(err.text);
    measure_in_process(argv[2]);
    measure_helpers(argv[1], argv[2]);
    measure_start(argv[1], argv[2]);
    return 0;
}
