/*
 * A load generator with one thread: CONNECTIONS connections, on each one request at a time for
 * MILLISECONDS, or only held open. Prints one line: answers per second, then the median and the 99th
 * percentile of the time of an answer in microseconds, then how many answers were bad.
 *
 *   load http|ws HOST:PORT PATH FILE CONNECTIONS MILLISECONDS
 *   load hold HOST:PORT PATH FILE CONNECTIONS      opens WebSocket connections, prints "open N", keeps
 *                                                  them until its standard input ends
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/network/wire.h"

#define ANSWER_MAX 65536
#define SAMPLES_MAX ((size_t)8 << 20)

struct link {
    int fd;
    bool opened;
    uint64_t since_ns;
    size_t len;
    char *text;
};

struct load {
    enum wire wire;
    struct sockaddr_in to;
    struct bytes opening, request;
    struct link *links;
    size_t count, open;
    int epoll;
    float *samples; /* microseconds */
    size_t sample_count, bad;
    uint64_t begin_ns, end_ns;
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void say(struct link *link, struct bytes text)
{
    link->since_ns = now_ns();
    if (text.len && send(link->fd, text.at, text.len, MSG_NOSIGNAL) != (ssize_t)text.len)
        die("send");
}

static void link_open(struct load *load, struct link *link)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = link};
    int on = 1;
    *link = (struct link){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (link->fd < 0 || connect(link->fd, (struct sockaddr *)&load->to, sizeof(load->to)))
        die("connect");
    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    link->opened = load->opening.len == 0;
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, link->fd, &event))
        die("epoll_ctl");
    if (link->opened)
        load->open++;
    else
        say(link, load->opening);
}

static void note(struct load *load, const struct link *link, bool ok)
{
    if (load->sample_count < SAMPLES_MAX)
        load->samples[load->sample_count++] = (float)(now_ns() - link->since_ns) / 1000;
    load->bad += !ok;
}

static void take(struct load *load, struct link *link, size_t len, bool ok)
{
    memmove(link->text, link->text + len, link->len - len);
    link->len -= len;
    if (!link->opened) {
        if (!ok)
            die("the server refused the upgrade");
        link->opened = true;
        load->open++;
    } else {
        note(load, link, ok);
    }
    if (load->end_ns)
        say(link, load->request);
}

static void on_input(struct load *load, struct link *link)
{
    bool ok = false;
    if (!link->text && !(link->text = malloc(ANSWER_MAX)))
        die("malloc");
    ssize_t got = recv(link->fd, link->text + link->len, ANSWER_MAX - link->len, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN))
        die("the server closed a connection");
    link->len += got > 0 ? (size_t)got : 0;
    size_t len = wire_answer(load->wire, link->text, link->len, !link->opened, &ok);
    if (len)
        take(load, link, len, ok);
    if (!load->end_ns && !link->len) {
        free(link->text);
        link->text = NULL;
    }
}

static void turn(struct load *load, int timeout_ms)
{
    struct epoll_event events[256];
    int count = epoll_wait(load->epoll, events, 256, timeout_ms);
    for (int i = 0; i < count; i++)
        on_input(load, events[i].data.ptr);
}

static void open_all(struct load *load)
{
    for (size_t i = 0; i < load->count; i++) {
        link_open(load, &load->links[i]);
        while (i > load->open + 64)
            turn(load, 1000);
    }
    while (load->open < load->count)
        turn(load, 1000);
}

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void run(struct load *load, unsigned long ms)
{
    load->samples = malloc(SAMPLES_MAX * sizeof(float));
    open_all(load);
    load->begin_ns = now_ns();
    load->end_ns = load->begin_ns + ms * 1000000u;
    for (size_t i = 0; i < load->count; i++)
        say(&load->links[i], load->request);
    while (now_ns() < load->end_ns)
        turn(load, 100);
    double seconds = (double)(now_ns() - load->begin_ns) / 1e9;
    qsort(load->samples, load->sample_count, sizeof(float), compare);
    size_t n = load->sample_count ? load->sample_count - 1 : 0;
    printf("%.0f %.1f %.1f %zu\n", (double)load->sample_count / seconds,
           (double)load->samples[n / 2], (double)load->samples[n * 99 / 100], load->bad);
}

static void hold(struct load *load)
{
    char byte;
    open_all(load);
    printf("open %zu\n", load->open);
    fflush(stdout);
    while (read(0, &byte, 1) > 0)
        ;
}

static void read_address(struct load *load, char *text)
{
    char *colon = strrchr(text, ':');
    if (!colon)
        die("HOST:PORT expected");
    *colon = '\0';
    load->to = (struct sockaddr_in){.sin_family = AF_INET,
                                    .sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10))};
    if (inet_pton(AF_INET, text, &load->to.sin_addr) != 1)
        die("an IPv4 address expected");
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fputs("usage: load http|ws|hold HOST:PORT PATH FILE CONNECTIONS [MILLISECONDS]\n", stderr);
        return 2;
    }
    struct load load = {.wire = strcmp(argv[1], "http") == 0 ? WIRE_HTTP : WIRE_WS,
                        .count = strtoul(argv[5], NULL, 10),
                        .epoll = epoll_create1(EPOLL_CLOEXEC)};
    load.opening = wire_opening(load.wire, argv[2], argv[3]);
    read_address(&load, argv[2]);
    load.request = wire_request(load.wire, bytes_read(argv[4]));
    load.links = calloc(load.count, sizeof(*load.links));
    if (strcmp(argv[1], "hold") == 0)
        hold(&load);
    else
        run(&load, argc > 6 ? strtoul(argv[6], NULL, 10) : 1000);
    return 0;
}
