/* Grants of folders, narrowed by the roots of a client: roots take away and never give. */
#pragma once

#include "core/base/error.h"
#include "core/json/json.h"
#include "ports/path_grants.h"

/* Roots that one client may have. */
#define CLIENT_ROOTS_MAX 1000

/* Grants with the memory that they lie in. */
struct narrowed_grants {
    struct path_grants grants;
    struct path_grant *entries;
    char *text; /* of what is not borrowed from the grants that were narrowed */
};

/*
 * What `roots`, an array of {"uri": "file:///..."}, leaves of `all`: a root inside of a granted
 * folder leaves the root, a root around it leaves the folder. Roots that are no absolute `file:` URI
 * leave nothing. Borrows from `all`, not from `roots`. ST_TOO_LARGE above CLIENT_ROOTS_MAX; ST_NOMEM.
 */
int path_grants_narrow(const struct path_grants *all, struct json roots,
                       struct narrowed_grants *out, struct error *err);

void narrowed_grants_clear(struct narrowed_grants *narrowed);
