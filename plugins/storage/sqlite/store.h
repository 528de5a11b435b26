/*
 * The store: requests come on the loop and wait; one thread writes, one reads, and each dump and restore
 * has a thread of its own.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "request.h"

#include "hexmcp/ext/draft/stream.h"

/* Requests that wait may hold so much memory. */
#define WAITING_BYTES_MAX ((size_t)64 << 20)

/* Most that one transaction takes, in bytes of requests, so that others do not wait long for it. */
#define GROUP_BYTES_MAX ((size_t)8 << 20)

/* Space for names, keys of values and rows, ids of documents. */
#define NAME_BYTES_MAX 512

/* A piece has at most HEXMCP_STREAM_PIECE_MAX bytes, its JSON with them; so much of it can be content. */
#define CONTENT_BYTES_MAX ((size_t)HEXMCP_STREAM_PIECE_MAX - 4096)

/* The last write, or read, of each key and in each space, by hash. What is asked of one key is seen in the
 * order in which it was asked: a read that comes while a write of its key waits goes among the writes, and
 * a write waits for the reads of its key that came before it. */
#define MARKS 1024u

struct marks {
    uint64_t keys[MARKS];   /* of one key, by space and key  */
    uint64_t many[MARKS];   /* of several, by space          */
    uint64_t spaces[MARKS]; /* both, by space                */
};

struct job;

struct store {
    const hexmcp_host *host;
    const hexmcp_stream_1 *stream;
    struct config config;
    struct db writer;
    struct db reader;
    pthread_t write_thread;
    pthread_t read_thread;
    bool started;
    struct put *puts; /* the loop's: blobs that are being put */

    pthread_mutex_t mutex;
    pthread_cond_t to_write;
    pthread_cond_t to_read;
    /* All below is guarded by the mutex. */
    struct queue writes;
    struct queue reads;
    struct queue taken;      /* of the reads: those of one transaction        */
    struct request *reading; /* what the read thread does                     */
    struct ticket *parked;   /* reads that wait for room for pieces */
    struct job *jobs;        /* dumps and restores */
    struct marks writes_of;
    struct marks reads_of;
    uint64_t asked;      /* writes                                     */
    uint64_t written;    /* up to which write all have ended           */
    uint64_t asked_for;  /* reads of values                            */
    uint64_t looked_up;  /* up to which of them all have seen the file */
    bool writer_waits;
    bool reader_waits;
    bool stopping;
    bool reader_stops;
};

/* Makes the threads and the two condition variables; the file is open. */
int32_t store_start(struct store *store, hexmcp_error *err);

/* Does what waits to be written, ends the rest, and joins the threads. */
void store_stop(struct store *store);

/* [loop] Takes a request: HEXMCP_PENDING, or an error. The texts are space, key, json, bytes. */
int32_t store_write(struct store *store, const struct operation *operation, hexmcp_call call,
                    const hexmcp_str texts[4], hexmcp_error *err);
int32_t store_read(struct store *store, const struct operation *operation, hexmcp_call call,
                   const hexmcp_str texts[4], hexmcp_error *err);

/* [loop] The same for values: what is asked of one key is seen in the order in which it was asked. An
 * empty key stands for several. */
int32_t store_write_value(struct store *store, const struct operation *operation, hexmcp_call call,
                          const hexmcp_str texts[4], hexmcp_error *err);
int32_t store_read_value(struct store *store, const struct operation *operation, hexmcp_call call,
                         const hexmcp_str texts[4], hexmcp_error *err);

/* [loop] The same for a request that was made by hand, which is consumed on success alone. Those that
 * belong together are taken also when much waits: `force`. */
int32_t store_push_write(struct store *store, struct request *r, bool force, hexmcp_error *err);

/* [loop] */
void store_cancel(struct store *store, hexmcp_call call);

/* [loop] HEXMCP_E_INVALID if it is not 1 to 512 bytes. */
int32_t store_check_name(hexmcp_str name, const char *what, hexmcp_error *err);

void *writer_main(void *store);
void *reader_main(void *store);

/* Has a read among the writes send what it has found. */
void store_deliver(struct store *store, struct request *r);

/* Wakes a thread that waits. With the mutex held. */
void store_wake_writer(struct store *store);
void store_wake_reader(struct store *store);

/* The ends of reads that wait for room. With the mutex held. */
void reader_end_parked(struct store *store);
struct request *reader_take_parked(struct store *store, hexmcp_call call);
