/* Inside of doctor: what the checks said. */
#pragma once

#include <stdarg.h>

#include "adapters/driving/doctor/doctor.h"
#include "core/base/arena.h"

/* What one check looks at. All texts are one sentence or a few for a person. */
struct check {
    const char *id;    /* "eof-exit" */
    const char *title; /* what is so when all is well: "Exits when standard input ends" */
    const char *why;   /* what happens to people if not */
    const char *todo;  /* what to change */
    void (*run)(void *examination);
};

struct finding {
    enum doctor_severity severity;
    struct str seen;
    struct finding *next;
};

struct outcome {
    const struct check *check;
    struct finding *first, **last;
    struct str skipped; /* why it did not look; empty if it did */
};

struct doctor_report {
    const char *what; /* "stdio", "installation" */
    const char *version;
    struct str subject; /* the command, or the place */
    struct str summary; /* a line on what it is */
    struct outcome *outcomes;
    size_t count;
    struct arena memory;
};

/* A report with room for `checks` outcomes. NULL without memory. */
struct doctor_report *report_new(size_t checks);

struct outcome *report_begin(struct doctor_report *report, const struct check *check);

/* The text is cut at 2,000 bytes and made plain: no controls, valid UTF-8. */
void report_find(struct doctor_report *report, struct outcome *outcome,
                 enum doctor_severity severity, const char *format, va_list arguments);
void report_skip(struct doctor_report *report, struct outcome *outcome, const char *reason);
struct str report_text(struct doctor_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes of the outside for a sentence: quoted, cut, controls spelled out as \xNN. */
void report_quote(struct str bytes, char *out, size_t room);

/* "error", "warning", "note" */
const char *severity_name(enum doctor_severity severity);

/* ST_INVALID names a check that `checks` (`count` of them) do not hold. */
int choice_check(const struct doctor_choice *choice, const struct check *checks, size_t count,
                 struct error *err);
bool choice_takes(const struct doctor_choice *choice, const char *id);
