/* A child process that answers lines on stdin with lines on stdout, and how to measure it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct peer {
    pid_t pid;
    int in;  /* its stdin */
    int out; /* its stdout */
    char *buffer;
    size_t have;
    size_t cap;
};

uint64_t now_ns(void);

/* Starts argv, stderr to /dev/null; `cpu` >= 0 pins it to that processor. Ends the program with a
 * message on failure, as everything here does. */
void peer_start(struct peer *p, char *const argv[], int cpu);

void peer_send(struct peer *p, const char *data, size_t len);

/* The length of the next line without its end; *line is valid until the next call. */
size_t peer_line(struct peer *p, char **line);

/* Reads what is there (at least one byte) and returns how many lines ended in it. */
size_t peer_count_lines(struct peer *p);

/* Closes its stdin and waits for it. */
void peer_stop(struct peer *p);

/* Private memory in KiB, from smaps_rollup. */
long peer_private_kib(const struct peer *p);

void pin_self(int cpu);

/* Sorts and returns the value at the fraction `q` of the list. */
double quantile(double *values, size_t count, double q);

void die(const char *what);
