/* Inside of files: which granted folder a path is in. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/path.h"
#include "ports/driven/files.h"

/* A path for "%.*s" of a message. */
#define SHOWN(path) (int)path_shown(path).len, (path).ptr

struct place {
    const struct path_grant *grant;
    struct buffer text; /* holds the next */
    struct str rest;    /* relative to the grant's folder and its `beneath`, clean; empty: itself */
};

/* The widest granted folder that holds `path` and allows `access` (FILES_READ or FILES_WRITE).
 * ST_DENIED with the reason and how to change it; ST_INVALID; ST_NOMEM. */
int place_find(const struct path_grants *grants, struct str path, unsigned access,
               struct place *out, struct error *err);
void place_clear(struct place *place);
