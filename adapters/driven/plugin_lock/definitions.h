/*
 * The definitions that were confirmed, each text in a file of its own beside the lock file, in the folder
 * PATH.d, named for its digest: a start reads none of them.
 */
#pragma once

#include "adapters/driven/plugin_lock/lock_text.h"
#include "ports/driven/crypto.h"

/* `path` is that of the lock file. */

int lock_digest(const struct crypto_port *crypto, struct str bytes, char out[LOCK_DIGEST_SIZE],
                struct error *err);

/* Keeps `text`; `out` is its digest. With the lock held. ST_UNAVAILABLE. */
int lock_definitions_write(const char *path, const struct crypto_port *crypto, struct str text,
                           char out[LOCK_DIGEST_SIZE], struct error *err);

/* ST_NOT_FOUND: it is gone, or not what it was. */
int lock_definitions_read(const char *path, const struct crypto_port *crypto, struct str digest,
                          struct json_doc **out);

/* Removes the texts that no entry of `doc` needs. With the lock held. */
void lock_definitions_sweep(const char *path, const struct json_doc *doc);
