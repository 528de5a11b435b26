/*
 * Whom a file must belong to before its code may run here: root or the user that hexmcp runs as,
 * and nobody else may write to it or to a folder on the way to it.
 *
 * Bundled plugins lie beside the program itself. Whoever can change them can change hexmcp, so two
 * more cases are allowed there, which are usual in build trees and containers: the owner of the
 * running program, and a group that may write.
 */
#pragma once

#include <sys/stat.h>

#include "core/base/error.h"

struct trust {
    uid_t own;
    uid_t program; /* owner of the running program                   */
    bool bundled;  /* the two further cases are allowed              */
};

/* For this process. */
struct trust trust_here(bool bundled);

/* ST_OK or ST_DENIED; `name` is what the text calls the file. */
int trust_check(const struct trust *t, const struct stat *st, const char *name,
                struct error *err);

/* The same for every folder from the root to `path`, `path` included. A sticky folder such as
 * /tmp may be written by others, as they cannot replace what is ours in it. Not for bundled ones,
 * where `path` alone is checked. */
int trust_check_path(const struct trust *t, const char *path, struct error *err);
