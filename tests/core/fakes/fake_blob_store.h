/*
 * The blob store port (ports/driven/blob_store.h) in memory, for tests. It answers at once unless
 * `hold` is set; then nothing is told until fake_blob_store_release(). What is asked of it wrongly (a
 * piece that is too long, more bytes than were announced, a write before the last one was done) ends
 * the test program.
 */
#pragma once

#include "ports/driven/blob_store.h"

struct fake_blob;
struct fake_answer;

struct fake_blob_store {
    struct blob_store port;
    /* Switches. */
    int fail_next;  /* not 0: the next request, the `fail_after`-th from now, fails with this status */
    int fail_after; /* so many go well before                                                    */
    bool hold;
    /* What was seen. */
    unsigned puts, stored, gets, removes;
    unsigned open;      /* puts that want bytes now                                              */
    uint64_t read;      /* bytes given by get()                                                  */
    /* Inside. */
    struct fake_blob *blobs; /* by space and key                                                 */
    struct fake_answer *first, **last;
};

void fake_blob_store_init(struct fake_blob_store *fake);
void fake_blob_store_clear(struct fake_blob_store *fake);

/* Tells at most `count` of what is held, in order; gives how many were told. */
size_t fake_blob_store_release(struct fake_blob_store *fake, size_t count);

/* How many blobs there are in all spaces. */
size_t fake_blob_store_count(const struct fake_blob_store *fake);

/* The bytes of a blob, to look at or to damage; NULL if there is none. */
char *fake_blob_store_bytes(const struct fake_blob_store *fake, const char *space, const char *key,
                            size_t *len);
