/* Inside of storage: an operation that gets pieces of bytes, a blob that is put or a restore. */
#pragma once

#include "adapters/driven/storage/inside.h"

/* A store that is busy gets the same piece again after so many milliseconds. */
#define FEED_RETRY_MS 2u

struct feed;

/* Begins. *out is NULL if it has ended well already. ST_... */
int feed_begin(struct storage *s, const struct store_request *request, struct feed **out,
               struct error *err);

/* See blob_store.write. */
void feed_write(struct feed *feed, struct str json, struct str bytes, bool last,
                void (*done)(void *arg, const struct error *err), void *arg);

/* Gives it up. */
void feed_drop(struct feed *feed);
