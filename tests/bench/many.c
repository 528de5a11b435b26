/*
 * A server with few plugins beside one with many, over stdio, in one run:
 *
 *   bench_many HEXMCP ROUNDS HOME_FEW HOME_MANY
 *
 * Each round starts one server of each home in turn. Printed are the medians with their ratio, and the
 * least of each, which other work on the machine raises less. The first start of a home, which
 * verifies every plugin and writes the index, stands beside them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peer.h"

#define MAX_ROUNDS 201
#define META                                                                                         \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                         \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"

static const char initialize[] =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
    "\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"bench\",\"version\":\"1\"}}}\n"
    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";
static const char discover[] =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":{" META "}}\n";

static char *program;

static void start(struct peer *p, char *home)
{
    char *argv[] = {program, "serve", NULL};
    setenv("HOME", home, 1);
    peer_start(p, argv, -1);
}

/* The answer to a request; valid until the next one. */
static void ask(struct peer *p, const char *request, char **line)
{
    peer_send(p, request, strlen(request));
    size_t len = peer_line(p, line);
    (*line)[len] = '\0';
    if (!strstr(*line, "\"result\":")) {
        fprintf(stderr, "bench: %s was answered with %s\n", request, *line);
        exit(1);
    }
}

static double first_answer(char *home, const char *request)
{
    struct peer p;
    char *line;
    uint64_t begin = now_ns();
    start(&p, home);
    ask(&p, request, &line);
    double ms = (double)(now_ns() - begin) / 1e6;
    peer_stop(&p);
    return ms;
}

static double to_initialize(char *home)
{
    return first_answer(home, initialize);
}

static double to_discover(char *home)
{
    return first_answer(home, discover);
}

/* The next page of tools/list: how many tools it has, and the request for the page behind it. */
static size_t page(struct peer *p, char request[1024])
{
    static const char next[] = "\"nextCursor\":\"";
    size_t tools = 0;
    char *answer;
    ask(p, request, &answer);
    const char *cursor = strstr(answer, next);
    for (const char *at = answer; (at = strstr(at, "\"inputSchema\":")); at++)
        tools++;
    if (!cursor) {
        request[0] = '\0';
        return tools;
    }
    cursor += sizeof(next) - 1;
    snprintf(request, 1024,
             "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\",\"params\":{\"cursor\":"
             "\"%.*s\"," META "}}\n",
             (int)strcspn(cursor, "\""), cursor);
    return tools;
}

static size_t list(struct peer *p)
{
    char request[1024] =
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\",\"params\":{" META "}}\n";
    size_t tools = 0;
    while (request[0])
        tools += page(p, request);
    return tools;
}

static double list_all(char *home)
{
    struct peer p;
    char *line;
    start(&p, home);
    ask(&p, discover, &line);
    list(&p);
    uint64_t begin = now_ns();
    list(&p);
    double ms = (double)(now_ns() - begin) / 1e6;
    peer_stop(&p);
    return ms;
}

static double memory_first(char *home)
{
    struct peer p;
    char *line;
    start(&p, home);
    ask(&p, discover, &line);
    double kib = (double)peer_private_kib(&p);
    peer_stop(&p);
    return kib;
}

static double memory_listed(char *home)
{
    struct peer p;
    char *line;
    start(&p, home);
    ask(&p, discover, &line);
    list(&p);
    double kib = (double)peer_private_kib(&p);
    peer_stop(&p);
    return kib;
}

static double tools(char *home)
{
    struct peer p;
    start(&p, home);
    double count = (double)list(&p);
    peer_stop(&p);
    return count;
}

static const struct figure {
    const char *name, *unit;
    double (*measure)(char *home);
    int rounds; /* at most; 0: as the command line says */
} figures[] = {
    {"first start (plugins are verified)", "ms", to_initialize, 1},
    {"tools", "", tools, 1},
    {"spawn to first answer (initialize)", "ms", to_initialize, 0},
    {"spawn to first answer (server/discover)", "ms", to_discover, 0},
    {"tools/list, all pages, second time", "ms", list_all, 15},
    {"private memory after the first answer", "KiB", memory_first, 5},
    {"private memory after tools/list", "KiB", memory_listed, 5},
};

static void run(const struct figure *figure, int rounds, char *few, char *many)
{
    double low[MAX_ROUNDS], high[MAX_ROUNDS];
    if (figure->rounds && figure->rounds < rounds)
        rounds = figure->rounds;
    for (int i = 0; i < rounds; i++) {
        low[i] = figure->measure(few);
        high[i] = figure->measure(many);
    }
    double few50 = quantile(low, (size_t)rounds, 0.5), many50 = quantile(high, (size_t)rounds, 0.5);
    double few0 = quantile(low, (size_t)rounds, 0), many0 = quantile(high, (size_t)rounds, 0);
    printf("%-40s %10.2f %10.2f %6.2f %10.2f %10.2f %6.2f  %-4s %d rounds\n", figure->name, few50,
           many50, many50 / few50, few0, many0, many0 / few0, figure->unit, rounds);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: %s HEXMCP ROUNDS HOME_FEW HOME_MANY\n", argv[0]);
        return 2;
    }
    int rounds = atoi(argv[2]);
    if (rounds < 1 || rounds > MAX_ROUNDS)
        rounds = 51;
    program = argv[1];
    printf("%-40s %10s %10s %6s %10s %10s %6s\n", "medians, then the least", "few", "many",
           "ratio", "few", "many", "ratio");
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
        run(&figures[i], rounds, argv[3], argv[4]);
    return 0;
}
