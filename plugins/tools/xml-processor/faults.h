/*
 * faults.h - what libxml2 complains of, with lines and columns.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <libxml/xmlerror.h>
#include <stdbool.h>

#include "hexmcp/json.h"

#define FAULTS_MOST 50
#define FAULT_TEXT 300

struct fault {
    int line;   /* 0: unknown */
    int column; /* 0: unknown */
    char text[FAULT_TEXT];
};

struct faults {
    struct fault list[FAULTS_MOST];
    size_t count; /* of those in the list */
    bool more;    /* there were more than these */
};

/* From now on what libxml2 complains of on this thread goes here. NULL: nowhere. */
void faults_collect(struct faults *faults);

/* One of our own. */
void faults_add(struct faults *faults, int line, int column, const char *text);

/* The list, as an array of {line, column, message}. */
void faults_write(const struct faults *faults, hexmcp_json_writer *w);

/* "line 3, column 7: why" of the first one. */
void faults_say(const struct faults *faults, char *out, size_t room);
