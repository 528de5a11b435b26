/*
 * Figures of hexmcp over stdio beside their floors, and beside another server, in one run:
 *
 *   bench_stdio HEXMCP FLOOR ROUNDS [PEER ARGUMENT...]
 *
 * Each round measures floor and hexmcp in turn; the medians over the rounds and the ratio of the
 * medians are printed. The peer, a server with the same tool, is measured in a few rounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/bench/peer.h"

#define MAX_ROUNDS 201
#define PINGS 4000
#define WINDOW 32
#define BURST 120000

static const char initialize[] =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
    "\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"bench\",\"version\":\"1\"}}}\n"
    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";
static const char list[] = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}\n";
/* An inline tool with an argument of 20 bytes. */
static const char call[] =
    "{\"jsonrpc\":\"2.0\",\"id\":12345,\"method\":\"tools/call\",\"params\":{\"name\":"
    "\"hello\",\"arguments\":{\"name\":\"twenty bytes\"}}}\n";

#define PEER_ROUNDS 3

static char *floor_program;
static char **server; /* the one that is measured just now */

static void start_server(struct peer *p, int cpu)
{
    peer_start(p, server, cpu);
}

static void start_floor(struct peer *p, char *mode, int cpu)
{
    peer_start(p, (char *[]){floor_program, mode, NULL}, cpu);
}

static void handshake(struct peer *p)
{
    char *line;
    peer_send(p, initialize, sizeof(initialize) - 1);
    peer_line(p, &line);
    if (!strstr(line, "\"result\"")) {
        fprintf(stderr, "bench: initialize was answered with %s\n", line);
        exit(1);
    }
}

static void expect_hello(struct peer *p)
{
    char *line;
    peer_send(p, call, sizeof(call) - 1);
    peer_line(p, &line);
    if (!strstr(line, "twenty bytes!")) {
        fprintf(stderr, "bench: the call was answered with %s\n", line);
        exit(1);
    }
}

static double spawn_floor(void)
{
    struct peer p;
    uint64_t start = now_ns();
    start_floor(&p, "exit", -1);
    waitpid(p.pid, NULL, 0);
    double ms = (double)(now_ns() - start) / 1e6;
    peer_stop(&p);
    return ms;
}

static double spawn_answer(void)
{
    struct peer p;
    uint64_t start = now_ns();
    start_server(&p, -1);
    handshake(&p);
    double ms = (double)(now_ns() - start) / 1e6;
    peer_stop(&p);
    return ms;
}

static double spawn_list(void)
{
    struct peer p;
    char *line;
    uint64_t start = now_ns();
    start_server(&p, -1);
    handshake(&p);
    peer_send(&p, list, sizeof(list) - 1);
    peer_line(&p, &line);
    double ms = (double)(now_ns() - start) / 1e6;
    peer_stop(&p);
    return ms;
}

static double spawn_call(void)
{
    struct peer p;
    uint64_t start = now_ns();
    start_server(&p, -1);
    handshake(&p);
    expect_hello(&p);
    double ms = (double)(now_ns() - start) / 1e6;
    peer_stop(&p);
    return ms;
}

static double ping(struct peer *p)
{
    char *line;
    for (int i = 0; i < 200; i++) {
        peer_send(p, call, sizeof(call) - 1);
        peer_line(p, &line);
    }
    uint64_t start = now_ns();
    for (int i = 0; i < PINGS; i++) {
        peer_send(p, call, sizeof(call) - 1);
        peer_line(p, &line);
    }
    return (double)(now_ns() - start) / 1e3 / PINGS;
}

static double roundtrip_floor(void)
{
    struct peer p;
    pin_self(0);
    start_floor(&p, "pingpong", 0);
    double us = ping(&p);
    peer_stop(&p);
    pin_self(-1);
    return us;
}

static double roundtrip_server(void)
{
    struct peer p;
    pin_self(0);
    start_server(&p, 0);
    handshake(&p);
    expect_hello(&p);
    double us = ping(&p);
    peer_stop(&p);
    pin_self(-1);
    return us;
}

/* Keeps WINDOW requests outstanding; thousands of answers a second. */
static double rate(struct peer *p)
{
    static char batch[WINDOW * sizeof(call)];
    for (int i = 0; i < WINDOW; i++)
        memcpy(batch + (size_t)i * (sizeof(call) - 1), call, sizeof(call) - 1);
    uint64_t start = now_ns();
    size_t sent = WINDOW, done = 0;
    peer_send(p, batch, WINDOW * (sizeof(call) - 1));
    while (done < BURST) {
        size_t got = peer_count_lines(p);
        done += got;
        if (sent < BURST) {
            peer_send(p, batch, got * (sizeof(call) - 1));
            sent += got;
        }
    }
    return (double)done / ((double)(now_ns() - start) / 1e6);
}

static double rate_floor(void)
{
    struct peer p;
    pin_self(0);
    start_floor(&p, "batch", 1);
    double k = rate(&p);
    peer_stop(&p);
    pin_self(-1);
    return k;
}

static double rate_server(void)
{
    struct peer p;
    pin_self(0);
    start_server(&p, 1);
    handshake(&p);
    expect_hello(&p);
    double k = rate(&p);
    peer_stop(&p);
    pin_self(-1);
    return k;
}

static double memory_floor(void)
{
    struct peer p;
    char *line;
    start_floor(&p, "pingpong", -1);
    peer_send(&p, "{}\n", 3);
    peer_line(&p, &line);
    double kib = (double)peer_private_kib(&p);
    peer_stop(&p);
    return kib;
}

static double memory_server(void)
{
    struct peer p;
    char *line;
    start_server(&p, -1);
    peer_send(&p, initialize, sizeof(initialize) - 1);
    peer_line(&p, &line);
    double kib = (double)peer_private_kib(&p);
    peer_stop(&p);
    return kib;
}

struct figure {
    const char *name;
    const char *unit;
    double (*floor)(void);
    double (*measure)(void);
    int rounds;
};

static const struct figure figures[] = {
    {"spawn to first answer (initialize)", "ms", spawn_floor, spawn_answer, 0},
    {"spawn to tools/list", "ms", spawn_floor, spawn_list, 0},
    {"spawn to first tool result, plugin loaded", "ms", spawn_floor, spawn_call, 0},
    {"round trip, one core", "us", roundtrip_floor, roundtrip_server, 9},
    {"32 outstanding, two cores", "thousand/s", rate_floor, rate_server, 9},
    {"private memory, idle", "KiB", memory_floor, memory_server, 5},
};

static double peer_median(const struct figure *figure, char **peer)
{
    double values[PEER_ROUNDS];
    char **own = server;
    server = peer;
    for (int i = 0; i < PEER_ROUNDS; i++)
        values[i] = figure->measure();
    server = own;
    return quantile(values, PEER_ROUNDS, 0.5);
}

static void run(const struct figure *figure, int rounds, char **peer)
{
    double low[MAX_ROUNDS], own[MAX_ROUNDS];
    if (figure->rounds && figure->rounds < rounds)
        rounds = figure->rounds;
    double first = figure->measure();
    figure->floor();
    for (int i = 0; i < rounds; i++) {
        low[i] = figure->floor();
        own[i] = figure->measure();
    }
    double floor50 = quantile(low, (size_t)rounds, 0.5);
    double own50 = quantile(own, (size_t)rounds, 0.5);
    printf("%-42s %10.2f %10.2f %6.2f", figure->name, floor50, own50, own50 / floor50);
    if (peer)
        printf(" %10.2f", peer_median(figure, peer));
    printf(" %-10s (first run %.2f, p90 %.2f, %d rounds)\n", figure->unit, first,
           quantile(own, (size_t)rounds, 0.9), rounds);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: %s HEXMCP FLOOR ROUNDS [PEER ARGUMENT...]\n", argv[0]);
        return 2;
    }
    char *own[] = {argv[1], "serve", NULL};
    char **peer = argc > 4 ? argv + 4 : NULL;
    int rounds = atoi(argv[3]);
    if (rounds < 1 || rounds > MAX_ROUNDS)
        rounds = 51;
    server = own;
    floor_program = argv[2];
    printf("%-42s %10s %10s %6s%s\n", "", "floor", "hexmcp", "ratio", peer ? "       peer" : "");
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
        run(&figures[i], rounds, peer);
    return 0;
}
