/*
 * document.h - an open PDF document, and the pages that a call is about.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <poppler.h>

#include "kit/answer.h"
#include "kit/bytes.h"
#include "kit/pace.h"
#include "request.h"

/* document_close() is due after HEXMCP_OK. */
struct document {
    const struct request *request;
    struct bytes bytes;
    PopplerDocument *pdf;
    bool locked; /* a password was needed */
    int pages;
    int first, last; /* that the call is about, from 1 */
    struct pace pace;
};

/* [worker] Reads the file, at most `most` bytes, and opens it. `document` must stay where it is. */
int32_t document_open(const hexmcp_round *r, const struct request *request, size_t most,
                      struct document *document);
void document_close(struct document *document);

/* The page `number`, from 1; an error if it cannot be read. g_object_unref() is due. */
int32_t document_page(const hexmcp_round *r, struct document *document, int number,
                      PopplerPage **page);

/* The first members of a result: operation, path, pages. */
void document_put(hexmcp_json_writer *w, const struct document *document);

/* Where in a list the call wants items: whether the item at `place` is among them. */
bool document_wants(const struct document *document, int64_t place);

/* The members that end a list of `total` items: total, offset, next_offset. */
void document_put_list_end(hexmcp_json_writer *w, const struct document *document, int64_t total);
