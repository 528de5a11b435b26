/*
 * collect.h - files and folders to pack, with all beneath them, sorted by name.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <locale.h>
#include <sys/stat.h>

#include "hexmcp/simple.h"
#include "kit/target.h"
#include "names.h"
#include "written.h"

/* One file or folder, for as long as the function runs that gets it. */
struct found {
    const char *name; /* as it is called in the archive */
    int fd;
    const struct stat *about;
};

typedef int32_t collect_fn(void *arg, const struct found *found);

struct collection {
    const hexmcp_round *r;
    collect_fn *each;
    void *arg;
    struct names names;
    struct passed passed; /* links and what cannot be opened */
    uint32_t entries;
    uint64_t total;
    struct stat out[2]; /* files that are not packed: the archive itself */
    size_t out_count;
    locale_t locale, before;
};

/* collect_end() is due in any case, on the same thread. */
int32_t collect_begin(struct collection *c, const hexmcp_round *r, collect_fn *each, void *arg);
void collect_end(struct collection *c);

/* Neither the file that is written nor the one that it replaces. */
void collect_leave_out(struct collection *c, const struct target *target);

/* [worker] The file or folder at `path`. A relative one keeps its path in the archive, of others the last
 * part is the name. */
int32_t collect(struct collection *c, const char *path);
