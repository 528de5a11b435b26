/*
 * pieces.h - events and values, gathered into the pieces of an answer.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/job.h"

/* So much is gathered before a piece is given; one event more may be on top. */
#define PIECE_GOOD ((size_t)256 << 10)

struct pieces {
    struct job *job;
    int32_t (*emit)(struct job *job, hexmcp_str json, hexmcp_str bytes, hexmcp_error *err);
    const char *list;   /* "events", "keys" */
    struct bytes json;
    struct bytes bytes;
    int any;
};

/* The whole JSON of one event: {"stream":S,"version":n,"position":n,BODY. `stream` is quoted. */
void event_write(struct bytes *out, hexmcp_str stream, uint64_t version, uint64_t position,
                 hexmcp_str body);

/* Adds an event of so much body, an item of a list. */
int32_t pieces_event(struct pieces *p, hexmcp_str stream, uint64_t version, uint64_t position,
                     hexmcp_str body, hexmcp_error *err);

/* One key of a list, with its value if that was asked for: given, unless it is too long. */
int32_t pieces_key(struct pieces *p, hexmcp_str key, uint64_t version, uint64_t size,
                   uint64_t ttl_ms, int values, hexmcp_str value, hexmcp_error *err);

/* Gives what is left, and frees. Call it also after an error, which it passes on as `status`. */
int32_t pieces_end(struct pieces *p, int32_t status, hexmcp_error *err);

/* {"key","version","bytes","ttlMs"?,"left"?}. */
void key_write(struct bytes *out, hexmcp_str key, uint64_t version, uint64_t size, uint64_t ttl_ms,
               int left);

/* Emits the bytes in pieces of {}. */
int32_t pieces_bytes(struct job *job, hexmcp_str bytes,
                     int32_t (*emit)(struct job *job, hexmcp_str json, hexmcp_str bytes,
                                     hexmcp_error *err),
                     hexmcp_error *err);
/* Bytes of a blob or value in one piece. */
#define PIECE_BYTES ((size_t)HEXMCP_STREAM_PIECE_MAX - 64)
