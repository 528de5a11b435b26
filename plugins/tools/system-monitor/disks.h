/*
 * disks.h - how full the mounted disks are.
 *
 * SPDX-License-Identifier: MIT
 *
 * Disks of this machine alone: asking a network file system can wait for ever.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISKS_MAX 20

struct disk {
    char mount_point[512];
    char filesystem[32];
    uint64_t total, used, available; /* in bytes; available: for an ordinary user */
};

struct disks {
    struct disk at[DISKS_MAX];
    size_t count;
    size_t left_out; /* disks of this machine beyond DISKS_MAX */
};

/* false if the mounts cannot be read. */
bool disks_read(const char *root, struct disks *out);

/* used of what can be used, in percent, as df shows it without rounding. */
double disk_percent(const struct disk *disk);
