/* A folder beside the place where a bundle or its archive will be, to make it ready there. */
#pragma once

#include <limits.h>

#include "adapters/driving/cli/plugin/workshop.h"

struct stage {
    int fd;              /* the folder; its mode is 0700 */
    int parent;          /* what it lies in */
    char name[32];       /* in the parent */
    char id[128];        /* of the bundle in it, which is a folder of that name; "" before it is */
    struct str version;  /* points into `record` */
    struct record *record;
    size_t files;
};

/* Makes it in the folder `parent`. ST_UNAVAILABLE. The caller clears it, also after a failure. */
int stage_open(const char *parent, struct stage *out, struct error *err);

/* Removes it and all that is still in it. */
void stage_clear(struct stage *stage);

/* Copies the bundle `folder` into it. `digest`: writes the digest of its plugin.so into its
 * plugin.json. */
int stage_copy(struct stage *stage, struct workshop *w, const char *folder, bool digest,
               struct error *err);

/* Unpacks the open archive into it. */
int stage_unpack(struct stage *stage, struct workshop *w, int archive, struct error *err);

/* Verifies what is in it; then version and record are there. */
int stage_verify(struct stage *stage, struct workshop *w, struct error *err);
