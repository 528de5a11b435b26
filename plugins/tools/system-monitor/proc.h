/*
 * proc.h - what /proc tells of the processors, the memory and the processes.
 *
 * SPDX-License-Identifier: MIT
 *
 * `root` stands before every path: "" for the machine, another folder in tests.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cpu_times {
    uint64_t busy, total; /* in ticks, of all processors together */
};

struct memory {
    uint64_t total, available, swap_total, swap_free; /* in bytes */
};

/* All return false if the file is not there or not as it should be. */
bool proc_cpu(const char *root, struct cpu_times *out);
bool proc_memory(const char *root, struct memory *out);
bool proc_load(const char *root, double out[3]);
bool proc_uptime(const char *root, double *seconds);
bool proc_processes(const char *root, uint64_t *count);

/* Processors that are on. */
int proc_cpu_count(void);

/* Those that this process may use, as cpusets of containers have it; 0: not known. */
int proc_cpu_allowed(void);

/* Percent of the time between two samples; 0 if there was none. */
double cpu_percent(const struct cpu_times *from, const struct cpu_times *to);
