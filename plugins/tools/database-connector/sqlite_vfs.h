/*
 * sqlite_vfs.h - how SQLite reaches a file that the host has opened: by descriptors alone.
 *
 * SPDX-License-Identifier: MIT
 *
 * SQLite opens files by name, and would follow whoever swaps a link in between. Here it has a VFS that
 * knows one database: the descriptor that hexmcp.files/1 gave, and beside it the journal or the log of
 * the same name, asked for from the host too. Temporary files are memory.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>

#include "hexmcp/host/files.h"
#include "hexmcp/simple.h"

/* The name under which SQLite knows the database; "-journal" and "-wal" are put behind it. */
#define SQLITE_PLACE_NAME "/db"

/* Temporary files of one call together may have so many bytes. */
#define SQLITE_TEMPORARY_MOST ((int64_t)256 * 1024 * 1024)

struct sqlite_place {
    sqlite3_vfs vfs;
    char name[48];
    const hexmcp_round *r;
    const char *path;
    bool writable;
    int fd;      /* of the database, or of a copy of it in memory; -1 once SQLite has it */
    int log_fd;  /* of a copy of its write-ahead log; -1: none, or not a copy */
    bool copied;
    int64_t temporary; /* bytes of temporary files */
};

/* [worker] Opens the file and registers the VFS `name`. A database with a write-ahead log that is only to
 * be read is copied first. sqlite_place_end() is due after HEXMCP_OK. */
int32_t sqlite_place_begin(struct sqlite_place *place, const hexmcp_round *r, const char *path,
                           bool writable);
void sqlite_place_end(struct sqlite_place *place);

/* The methods, for sqlite_place_begin(). */
void sqlite_vfs_fill(struct sqlite_place *place);
