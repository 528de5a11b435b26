/*
 * deliver.h - a file that a tool made: put where the caller wants it, or kept as an artifact.
 *
 * SPDX-License-Identifier: MIT
 *
 * The manifest asks for what keep.h and target.h need. The members are "target_path" or "uri".
 */
#pragma once

#include "kit/answer.h"

/* Pictures above this are not shown in the answer itself. */
#define DELIVER_SHOWN ((size_t)192 * 1024)

struct delivery {
    const char *target_path; /* NULL: it becomes an artifact */
    bool overwrite;
    const char *name; /* of the artifact */
    const char *mime;
    bool show; /* a picture, to be seen at once if it is small */
};

/* [worker] Puts the bytes and the members that say where they are. */
int32_t deliver(struct answer *a, const struct delivery *delivery, hexmcp_str bytes);

/* [worker] The same for a dry run: what deliver() would say of the place, and "target_path". */
int32_t deliver_plan(struct answer *a, const struct delivery *delivery);
