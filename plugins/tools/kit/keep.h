/*
 * keep.h - large results, kept as artifacts, so that the answer has a link in their place.
 *
 * SPDX-License-Identifier: MIT
 *
 * The manifest asks for "grants": {"operations": ["artifact.put"]}.
 */
#pragma once

#include "hexmcp/simple.h"
#include "kit/answer.h"

/* Results above this belong into an artifact or a file. */
#define KEEP_ABOVE ((size_t)64 * 1024)

/* At most so many bytes can be kept in one piece. */
#define KEEP_MOST ((size_t)8 * 1024 * 1024)

struct kept {
    char uri[128];
    uint64_t bytes;
};

/* [worker] Keeps the bytes under a name and puts a link to them into the answer. An error has a text that
 * says how to get the result otherwise, if `otherwise` ("give target_path") does. */
int32_t keep(struct answer *a, hexmcp_str bytes, const char *name, const char *mime,
             const char *otherwise, struct kept *kept);

/* [worker] The same for what is large, with "uri", "bytes", "truncated" (true) and "preview", its first
 * 2,000 bytes, in the result. */
int32_t keep_large(struct answer *a, hexmcp_str bytes, const char *name, const char *mime,
                   const char *otherwise);

/* [worker] Puts a text as the member `member`, or if it is over KEEP_ABOVE as keep_large() does. */
int32_t keep_text(struct answer *a, const char *member, hexmcp_str text, const char *name,
                  const char *mime, const char *otherwise);
