/*
 * report.h - a moment in the result of a call.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "located.h"

#include "hexmcp/json/write.h"

/* Writes result (by the argument format), utc, timestamp and all that clocks and calendars say.
 * Errors: HEXMCP_E_INVALID for a wrong format. */
int32_t report_moment(hexmcp_json_writer *writer, const struct request *request,
                      const struct moment *moment, hexmcp_error *err);

/* Writes the moment as ISO 8601. */
void report_iso(hexmcp_json_writer *writer, const char *key, const struct moment *moment);

/* Notes are one array of sentences; it is written by the first one and closed by report_end(). */
struct report_notes {
    hexmcp_json_writer *writer;
    int begun;
};

__attribute__((format(printf, 2, 3))) void report_note(struct report_notes *notes,
                                                       const char *format, ...);
void report_end(struct report_notes *notes);

/* Writes local_time, and other_utc for an overlap, if clocks did not show the time just once. */
void report_kind(hexmcp_json_writer *writer, const struct moment *moment);

/* Notes the same in words; `what` is how the time is called. */
void report_kind_note(struct report_notes *notes, const struct moment *moment, const char *what);

/* Notes that second 60 was taken for the next one. */
void report_leap_note(struct report_notes *notes, const struct located *located);
