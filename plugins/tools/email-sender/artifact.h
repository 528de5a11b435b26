/*
 * artifact.h - artifacts of the caller, to be attached.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/simple.h"
#include "kit/bytes.h"

#define ARTIFACT_NAME_ROOM 256
#define ARTIFACT_TYPE_ROOM 128

struct artifact {
    char name[ARTIFACT_NAME_ROOM];
    char type[ARTIFACT_TYPE_ROOM]; /* of MIME, and nothing but that */
    struct bytes bytes;            /* to be freed */
};

/* [worker] Reads the artifact that `uri`, hexmcp://artifact/ID or the ID alone, names; at most `most` bytes. */
int32_t artifact_read(const hexmcp_round *r, const char *uri, size_t most, struct artifact *artifact);
