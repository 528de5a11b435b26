/*
 * The index: the records of verified plugins in one file, so that a start needs two stat calls a
 * plugin and nothing else; for bundled ones not even them (settle.c). It is mapped read-only and its records are used where they lie.
 *
 * Layout: index_head, `count` slots sorted by place and folder, the records. Little is believed:
 * magic, format, build id (a digest of the sources that decide what is valid), file size and the
 * checksum of head and slots must agree, and every record is checked for its bounds. An index that
 * fails is as good as none.
 *
 * There are two. The one of the bundled plugins lies in their folder, is made at build and again at
 * install by the program hexmcp-index, and is relocatable: its records name no place, and its keys
 * are compared by size and whole seconds of the modification time, which copying and packing keep.
 * A packager that changes times runs hexmcp-index once more; without that the plugins are verified
 * at each start, which is slower and nothing else. The other, one per user, holds all others, with
 * full keys: device, inode, size, modification and change time in nanoseconds.
 */
#pragma once

#include "adapters/driven/plugin_host/record.h"

struct index_slot {
    uint32_t at;
    uint32_t size;
};

struct index {
    struct str mapping;
    const struct index_slot *slots;
    uint32_t count;
    bool relocatable;
};

#define INDEX_EMPTY {{"", 0}, NULL, 0, false}

/* Takes over the descriptor `fd` (also on failure) of an index of `size` bytes. ST_INVALID says
 * what is wrong with it. */
int index_open(int fd, size_t size, bool relocatable, struct index *out, struct error *err);

/* An empty index is allowed. */
void index_close(struct index *index);

/* Checks the bytes of an index and fills `out`, which borrows them. */
int index_read(struct str bytes, bool relocatable, struct index *out, struct error *err);

/* The record of `folder` in `place` ("" in a relocatable index), or NULL. */
const struct record *index_find(const struct index *index, struct str place, struct str folder);

/* True if the index was made from these very files. */
bool index_fresh(const struct index *index, const struct record *r,
                 const struct file_key *manifest, const struct file_key *binary);

/* True if the reason for which `r` was refused lies in the two files alone, so that it may be kept
 * as long as they do not change. */
bool index_may_keep(const struct record *r);

/* Writes an index in one step: others see the old file or the new one. Makes the folders on the
 * way to `path`. `records` may be in any order. */
int index_write(const char *path, bool relocatable, const struct record *const *records,
                size_t count, struct error *err);
