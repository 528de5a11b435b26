/*
 * cgroup.h - the limits of the container that this runs in, by control groups of version 1 and 2.
 *
 * SPDX-License-Identifier: MIT
 *
 * In a container /proc shows the machine; what may be used stands here. A group is bound by those above
 * it, as far as they can be seen.
 */
#pragma once

#include <stdint.h>

struct cgroup {
    int version;           /* of what gave the memory, or the processors: 1 or 2; 0: none is seen   */
    uint64_t memory_limit; /* in bytes; 0: none                                                    */
    uint64_t memory_used;  /* in bytes, with its caches that cannot be dropped at once; 0: unknown */
    double cpu_limit;      /* in processors; 0: none                                               */
};

void cgroup_read(const char *root, struct cgroup *out);
