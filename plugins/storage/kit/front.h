/*
 * front.h - the tables of the storage interfaces, in front of a store that takes jobs.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/job.h"

#include "hexmcp/ext/draft/blob.h"
#include "hexmcp/ext/draft/dump.h"
#include "hexmcp/ext/draft/eventstore.h"
#include "hexmcp/ext/draft/kv.h"
#include "hexmcp/ext/draft/search.h"

struct front {
    struct job_host host;
    void *store;

    /* [loop] Takes a job, whose texts are borrowed until it returns. Returns as the interfaces do:
     * HEXMCP_OK if the call was completed, or, for a write or load, to go on; HEXMCP_PENDING; an error. */
    int32_t (*submit)(void *store, struct job *job, hexmcp_error *err);

    /* [loop] */
    void (*cancel)(void *store, hexmcp_call call);

    hexmcp_eventstore_1 events;
    hexmcp_kv_store_1 kv;
    hexmcp_blob_1 blob;
    hexmcp_search_1 search;
    hexmcp_dump_1 dump;
};

/* [loop] Fills the tables; `host`, `store`, `submit` and `cancel` are set by the caller. */
void front_init(struct front *front);

/* [loop] As hexmcp_plugin.get_interface. */
const void *front_interface(const struct front *front, const char *id);
