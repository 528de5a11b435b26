/*
 * answer.h - the result of a call: what is structured, a short text for people, and links.
 *
 * SPDX-License-Identifier: MIT
 *
 *     struct answer a;
 *     hexmcp_json_writer *w = answer_begin(&a, r);
 *     hexmcp_json_put_int64(w, "count", 3);
 *     answer_text(&a, "Found 3 lines in %s.", path);
 *     return answer_end(&a);
 *
 * The client gets structuredContent and, for those that read texts alone, a block with the same JSON for
 * the model and one with the short text for people; both say whom they are for.
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/simple.h"

struct answer {
    const hexmcp_round *r;
    hexmcp_json_writer json;
    hexmcp_json_writer blocks; /* links, pictures */
    char text[HEXMCP_ERROR_TEXT];
};

/* Begins the object of the result, whose members are put by the writer. answer_end() or
 * answer_drop() is due. */
hexmcp_json_writer *answer_begin(struct answer *a, const hexmcp_round *r);

/* The short text for people: a sentence or two, cut at 479 bytes. The last one counts. */
__attribute__((format(printf, 2, 3))) void answer_text(struct answer *a, const char *format, ...);

/* A link to something that the client can read, instead of a large output. `mime` may be NULL. */
void answer_link(struct answer *a, const char *uri, const char *name, const char *mime,
                 uint64_t bytes);

/* A picture that the client sees at once. Keep it small: it goes into the context of a model. */
void answer_image(struct answer *a, const void *bytes, size_t len, const char *mime);

/* Ends the object and completes the call; frees. */
int32_t answer_end(struct answer *a);

void answer_drop(struct answer *a);
