/*
 * The lock file: which plugins a person trusted, in which very state, and what was granted to them.
 *
 * It pins the two files of a bundle by their SHA-256. So that a start need not read every program, it
 * also keeps what the file system said of the two files ("seen": device, inode, size, times of change
 * in nanoseconds); while that is the same, the digests are taken to be. Whoever loads the program
 * compares its digest in any case.
 *
 * The file is for its owner alone, replaced as a whole, by one process at a time. A file that is
 * damaged, or was open to others, trusts nobody.
 */
#pragma once

#include "adapters/driven/plugin_lock/lock_compare.h"
#include "ports/driven/clock.h"
#include "ports/driven/crypto.h"

/* What the file system says of the two files of a bundle. */
#define LOCK_SEEN_SIZE 320

struct plugin_lock;

/* Reads the file at `path`, which is copied; NULL: there is no place for one. Fails without memory
 * only: with a file that cannot be used nothing is trusted, and plugin_lock_fault() says why. */
int plugin_lock_open(const char *path, const struct crypto_port *crypto, struct plugin_lock **out,
                     struct error *err);

/* NULL is allowed. */
void plugin_lock_free(struct plugin_lock *lock);

/* Reads the file again if it is another one now. */
void plugin_lock_refresh(struct plugin_lock *lock);

/* What is wrong with the file and what to do about it; NULL if nothing is. */
const char *plugin_lock_fault(const struct plugin_lock *lock);

/* The path of the file; empty if there is none. */
struct str plugin_lock_path(const struct plugin_lock *lock);

/* The entry of a plugin; valid until the lock changes. */
bool plugin_lock_find(const struct plugin_lock *lock, struct str id, struct lock_entry *out);

/* The entry number `index`, in the order of the ids. */
bool plugin_lock_at(const struct plugin_lock *lock, uint32_t index, struct lock_entry *out);

/* A bundle beside its entry. */
enum lock_state {
    LOCK_UNKNOWN, /* nobody trusted a plugin of this id                                        */
    LOCK_SAME,    /* it is what was trusted                                                    */
    LOCK_CHANGED, /* something differs                                                         */
};

/* What tells one state of a file from another. */
struct lock_file {
    uint64_t dev, ino, size;
    int64_t mtime_s, ctime_s;
    uint32_t mtime_ns, ctime_ns;
};

/* A bundle as it was found. */
struct lock_bundle {
    const char *path; /* of its folder */
    struct str id, version;
    struct json asked, definitions; /* as in struct lock_entry */
    struct lock_file binary, manifest; /* in the state in which they were read */
};

/* True if the files of the bundle are the very ones that were trusted. `asked` and `definitions` are
 * not looked at. False settles nothing. */
bool plugin_lock_seen(const struct plugin_lock *lock, const struct lock_bundle *bundle);

/* Compares. Of LOCK_CHANGED *changes says what. Errors: a file cannot be read. */
int plugin_lock_judge(struct plugin_lock *lock, const struct lock_bundle *bundle,
                      enum lock_state *state, struct lock_changes *changes, struct error *err);

/* The digests of the two files of a bundle. ST_BUSY: one is not any more what was found. */
struct lock_digests {
    char binary[LOCK_DIGEST_SIZE], manifest[LOCK_DIGEST_SIZE];
};
int plugin_lock_digests(const struct plugin_lock *lock, const struct lock_bundle *bundle,
                        struct lock_digests *out, struct error *err);

/* Appends the difference between the entry and the bundle; nothing if there is no entry. */
int plugin_lock_difference(struct plugin_lock *lock, const struct lock_bundle *bundle,
                           struct buffer *out, struct error *err);

/* Trusts the bundle with these digests, and grants it `granted`. ST_BUSY: it is not any more what was
 * found and shown. ST_CONFIG: the file cannot be used. ST_UNAVAILABLE: it cannot be written. */
int plugin_lock_trust(struct plugin_lock *lock, const struct lock_bundle *bundle,
                      const struct lock_digests *shown, struct json granted,
                      const struct clock_port *clock, struct error *err);

/* ST_NOT_FOUND: the plugin was not trusted. */
int plugin_lock_untrust(struct plugin_lock *lock, struct str id, struct error *err);
