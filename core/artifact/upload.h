/* Inside of core/artifact: an artifact while its bytes come. */
#pragma once

#include "core/artifact/request.h"
#include "core/artifact/usage.h"

/* At once, of one caller and of all. */
#define UPLOADS_OF_CALLER 16
#define UPLOADS_MAX 64

/* One that nobody writes to for so long is dropped; none is finished later than so long after its
 * beginning, so that what it has stored cannot be older than the shortest grace. */
#define UPLOAD_IDLE_MS ((int64_t)10 * 60 * 1000)
#define UPLOAD_TOTAL_MS ((int64_t)50 * 60 * 1000)

/* What is read before the record is written (commit.c). */
struct commit {
    char id[BLAKE3_TEXT_SIZE];
    char name_digest[CALLER_SIZE], session_digest[CALLER_SIZE];
    uint64_t head_version, tenant_version, session_version;
    uint64_t newest; /* number of the newest version of this name */
    char newest_handle[HANDLE_SIZE];
    char newest_id[BLAKE3_TEXT_SIZE];
    struct usage tenant, session;
    char handle[HANDLE_SIZE];
};

struct upload {
    struct upload *next;
    struct commit commit;
    char id[HANDLE_SIZE];
    char caller[CALLER_SIZE];
    char *space;
    struct json_doc *facts; /* the arguments of artifact.begin or artifact.put */
    int64_t begun_ms, used_ms;
    bool busy;    /* a request works with it, and ends it if it fails */
    bool single;  /* artifact.put: not in the table */
    struct blake3 hash;
    struct content content;
    char raw[BLOCK_BYTES];
    size_t len;
    char squeezed[BLOCK_BYTES];
};

/* Stores what is in `raw` as the next block, then runs `next`; fails the request. */
void upload_flush(struct request *r, step *next);

/* Writes the record of the upload, whose bytes are all stored, and answers with it (commit.c). */
void upload_commit(struct request *r);

/* Takes it out of the table, if it is there, and frees it. */
void upload_end(struct artifacts *a, struct upload *upload);
