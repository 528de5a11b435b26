/*
 * A file system for SQLite whose writes fail when the test says so: with "disk full", with an I/O error,
 * or after half of the bytes.
 */
#pragma once

#include <stdbool.h>

enum fault { FAULT_NONE, FAULT_FULL, FAULT_WRITE, FAULT_SHORT, FAULT_SYNC, FAULT_TRUNCATE, FAULTS };

/* Becomes the file system of all connections that are opened from now on. */
void faulty_vfs_register(void);

/* [any] The call after `after` more calls of its kind fails, and `count` - 1 behind it. */
void faulty_vfs_set(enum fault fault, int after, int count);
