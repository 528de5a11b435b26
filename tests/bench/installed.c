/*
 * A program with few bundled plugins beside one with many, over stdio, in one run, and the first call of
 * a light tool:
 *
 *   bench_installed FEW MANY ROUNDS
 *
 * FEW and MANY are two copies of hexmcp, each beside its folder of plugins. Each round starts each of them
 * in turn, and changes which is the first. Printed are the medians with their ratio, and the least of each.
 * The first call holds the loading of the plugin; the second call is what it costs without.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peer.h"

#define MAX_ROUNDS 1001
#define META                                                                                         \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                         \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"
#define CALL(name, arguments)                                                                        \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"" name              \
    "\",\"arguments\":" arguments "," META "}}\n"

static const char initialize[] =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
    "\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"bench\",\"version\":\"1\"}}}\n";
static const char discover[] =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":{" META "}}\n";

static void ask(struct peer *p, const char *request)
{
    char *line;
    peer_send(p, request, strlen(request));
    size_t len = peer_line(p, &line);
    if (!memmem(line, len, "\"result\":", 9) || memmem(line, len, "\"isError\":true", 14)) {
        fprintf(stderr, "bench: %s was answered with %.*s\n", request, (int)len, line);
        exit(1);
    }
}

static double timed(struct peer *p, const char *request)
{
    uint64_t begin = now_ns();
    ask(p, request);
    return (double)(now_ns() - begin) / 1e6;
}

static void start(struct peer *p, char *program)
{
    char *argv[] = {program, "serve", NULL};
    peer_start(p, argv, -1);
}

static double first_answer(char *program, const char *request)
{
    struct peer p;
    uint64_t begin = now_ns();
    start(&p, program);
    ask(&p, request);
    double ms = (double)(now_ns() - begin) / 1e6;
    peer_stop(&p);
    return ms;
}

static double to_initialize(char *program)
{
    return first_answer(program, initialize);
}

static double to_discover(char *program)
{
    return first_answer(program, discover);
}

/* How long the call number `which` of a server takes that has answered before. */
static double call(char *program, const char *request, int which)
{
    struct peer p;
    double ms = 0;
    start(&p, program);
    ask(&p, discover);
    for (int i = 0; i < which; i++)
        ms = timed(&p, request);
    peer_stop(&p);
    return ms;
}

static const char calculate[] = CALL("calculator", "{\"input\":\"6*7\"}");
static const char change[] = CALL("text-manipulator", "{\"operation\":\"uppercase\",\"input\":\"a\"}");
static const char match[] = CALL("regex-matcher", "{\"input\":\"ab12\",\"pattern\":\"[0-9]+\"}");
static const char hash[] = CALL("hash-calculator", "{\"operation\":\"hash\",\"input\":\"abc\"}");
static const char make[] = CALL("uuid-generator", "{}");

static double first_calculate(char *program)
{
    return call(program, calculate, 1);
}

static double first_change(char *program)
{
    return call(program, change, 1);
}

static double second_change(char *program)
{
    return call(program, change, 2);
}

static double first_match(char *program)
{
    return call(program, match, 1);
}

static double first_hash(char *program)
{
    return call(program, hash, 1);
}

static double first_make(char *program)
{
    return call(program, make, 1);
}

static const struct figure {
    const char *name;
    double (*measure)(char *program);
} figures[] = {
    {"spawn to first answer (initialize)", to_initialize},
    {"spawn to first answer (server/discover)", to_discover},
    {"first call of text-manipulator (libc)", first_change},
    {"second call of it", second_change},
    {"first call of regex-matcher (PCRE2)", first_match},
    {"first call of uuid-generator (libuuid)", first_make},
    {"first call of hash-calculator (libsodium)", first_hash},
    {"first call of calculator (muParser, C++)", first_calculate},
};

static void run(const struct figure *figure, int rounds, char *few, char *many)
{
    static double low[MAX_ROUNDS], high[MAX_ROUNDS];
    for (int i = 0; i < rounds; i++) {
        if (i % 2)
            high[i] = figure->measure(many);
        low[i] = figure->measure(few);
        if (i % 2 == 0)
            high[i] = figure->measure(many);
    }
    size_t n = (size_t)rounds;
    double few50 = quantile(low, n, 0.5), many50 = quantile(high, n, 0.5);
    double few0 = quantile(low, n, 0), many0 = quantile(high, n, 0);
    printf("%-40s %8.3f %8.3f %6.3f %8.3f %8.3f %6.3f  ms\n", figure->name, few50, many50,
           many50 / few50, few0, many0, many0 / few0);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int rounds = argc == 4 ? atoi(argv[3]) : 0;
    if (rounds < 1 || rounds > MAX_ROUNDS) {
        fprintf(stderr, "usage: %s FEW MANY ROUNDS (1 to %d)\n", argv[0], MAX_ROUNDS);
        return 2;
    }
    printf("%-40s %8s %8s %6s %8s %8s %6s\n", "medians, then the least", "few", "many", "ratio", "few",
           "many", "ratio");
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
        figures[i].measure(argv[1]); /* so that all is in memory */
        figures[i].measure(argv[2]);
        run(&figures[i], rounds, argv[1], argv[2]);
    }
    return 0;
}
