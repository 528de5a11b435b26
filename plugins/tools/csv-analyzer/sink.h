/*
 * sink.h - rows as text of a format, into a page or a file.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/bytes.h"
#include "kit/target.h"
#include "sheet.h"
#include "value.h"

enum sink_format { SINK_JSON, SINK_JSONL, SINK_TSV, SINK_CSV, SINK_XLSX };

extern const char *const sink_format_names[];

#define SINK_PAGE_MOST ((size_t)8 * 1024 * 1024 - 1024)

struct sink {
    enum sink_format format;
    bool typed;
    bool escape_formulas; /* of SINK_TSV and SINK_CSV: texts that a spreadsheet would run get a ' before */
    const hexmcp_str *names; /* of the columns; keys as JSON are made of them */
    const enum value_type *types;
    size_t columns;
    uint64_t offset;
    uint64_t limit;
    struct target *target; /* NULL: a page */
    uint64_t seen;
    uint64_t taken;
    uint64_t written; /* bytes in the target */
    bool more;        /* there are rows after the page */
    struct bytes out;
    struct sheet *sheet; /* of SINK_XLSX, which needs a target */
};

/* The header, or the bracket. */
int32_t sink_begin(struct sink *sink, hexmcp_error *err);
/* `fields` has a text for each column. *more = false when the page is full. */
int32_t sink_row(struct sink *sink, const hexmcp_str *fields, bool *more, hexmcp_error *err);
int32_t sink_end(struct sink *sink, hexmcp_error *err);
void sink_free(struct sink *sink);
