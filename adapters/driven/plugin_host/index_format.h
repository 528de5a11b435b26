/* Inside of the index: its head, and how records are ordered in it. */
#pragma once

#include "adapters/driven/plugin_host/index.h"

#define INDEX_MAGIC "HEXMCPI2"
#define INDEX_MAX_BYTES ((size_t)256 << 20)
#define INDEX_BUILD_ID_BYTES 16

struct index_head {
    char magic[8];
    char build_id[INDEX_BUILD_ID_BYTES];
    uint64_t file_size;
    uint64_t checksum; /* of head and slots, computed with 0 in this place */
    uint32_t relocatable;
    uint32_t count;
};

/* FNV-1a of the head, its checksum taken as 0, and the slots behind it. */
uint64_t index_checksum(const struct index_head *head, const struct index_slot *slots);

/* By place, then folder. */
int index_order(struct str place, struct str folder, const struct record *r);
