/*
 * report.h - the errors that were found.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/json.h"

/* Values that are longer are not shown. */
#define REPORT_VALUE_BYTES_MAX 1024

struct report {
    hexmcp_json_writer errors; /* the array */
    size_t count;
    size_t limit;
    int truncated;        /* there was one more */
    hexmcp_str messages;  /* custom messages: a raw object, or empty */
};

/* One error. `value` is raw and may be empty. `keyword` and `location` are for errors of a schema. */
struct report_error {
    const char *field; /* JSON Pointer, NUL-terminated */
    const char *rule;
    const char *message;
    hexmcp_str value;
    hexmcp_str keyword;  /* raw */
    hexmcp_str location; /* raw */
};

void report_init(struct report *report, size_t limit, hexmcp_str messages);
void report_clear(struct report *report);

/* 0 if there was no room for it: the check is over. */
int report_add(struct report *report, const struct report_error *error);

/* Ends the report and writes the members of the result. */
void report_write(struct report *report, hexmcp_json_writer *writer);
