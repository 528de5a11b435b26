/*
 * Blobs, in parts of about a mebibyte. One that is being put is seen by nobody until it is whole.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "store.h"

#define PART_BYTES CONTENT_BYTES_MAX
#define PARTS_MAX ((int64_t)1 << 20)

/* A put that has shown no life for so long is given up, by whoever reaps next: its process is dead. */
#define LEASE_MS ((int64_t)3600 * 1000)

extern const struct operation blobs_get;
extern const struct operation blobs_stat;
extern const struct operation blobs_list;
extern const struct operation blobs_remove;

/* [loop] As hexmcp_blob_1 has them. */
int32_t put_begin(struct store *store, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                  hexmcp_str info, hexmcp_error *err);
int32_t put_write(struct store *store, hexmcp_call call, hexmcp_str bytes, bool last,
                  hexmcp_error *err);

/* [loop] True if there was such a put. */
bool put_cancel(struct store *store, hexmcp_call call);
void put_end_all(struct store *store);

/* The write thread: a transaction with a part of it was rolled back. What was stored before is reaped when
 * its lease has run out. */
void put_lost(struct put *put);

/* [any] True for the first who asks: it ends the call. */
bool put_end(struct put *put);
void put_unref(struct put *put);

struct blob {
    int64_t number; /* 0: there is none */
    int64_t bytes;
};

int32_t blob_find(struct db *db, hexmcp_str space, hexmcp_str key, struct blob *ret,
                  hexmcp_error *err);
int32_t blob_hide(struct db *db, int64_t number, hexmcp_error *err);
int32_t blob_begin(struct db *db, hexmcp_str space, hexmcp_str key, int64_t *ret_number,
                   hexmcp_error *err);
int32_t blob_show(struct db *db, int64_t number, int64_t bytes, hexmcp_error *err);
int32_t blob_add_part(struct db *db, int64_t number, uint32_t part, hexmcp_str bytes,
                      hexmcp_error *err);

/* The bytes of a part, borrowed from *ret_row, which db_end() ends. */
int32_t blob_part(struct db *db, int64_t number, int64_t part, sqlite3_stmt **ret_row, hexmcp_str *ret,
                  hexmcp_error *err);
