/*
 * How two JSON values differ: a replayed result from the recorded one, a session from what it was.
 */
#pragma once

#include "core/json/json.h"

enum difference_kind {
    DIFFERENCE_MISSING, /* was recorded and is not there now */
    DIFFERENCE_ADDED,   /* is there now alone                */
    DIFFERENCE_TYPE,    /* another type of value             */
    DIFFERENCE_VALUE,
};

enum difference_severity {
    DIFFERENCE_MINOR, /* white space, letter case, or a number that is off by at most a thousandth */
    DIFFERENCE_MAJOR,
    DIFFERENCE_CRITICAL, /* another type, or something is missing */
};

struct difference {
    struct str path; /* JSON Pointer */
    enum difference_kind kind;
    enum difference_severity severity;
    struct json recorded, now; /* nothing where it is not there */
};

struct comparison {
    /* Names of members that are not looked at, wherever they stand; ended by NULL. NULL: none. */
    const char *const *ignored;
    struct json ignored_list; /* more of them, an array of strings; or nothing */
    void (*differs)(void *arg, const struct difference *difference);
    void *arg;
};

/* Times and durations, which are never the same twice. */
extern const char *const compare_times[];

/* Tells each difference, in the order of `recorded`. Returns how alike both are, from 0 to 1: the part
 * of their leaves that is equal. Arrays are compared by index. */
double json_compare(struct json recorded, struct json now, const struct comparison *how);

const char *difference_kind_name(enum difference_kind kind);
const char *difference_severity_name(enum difference_severity severity);

/* Appends {"path", "kind", "severity", "recorded"?, "now"?}; values longer than 2,000 bytes are left out. */
void difference_write(struct buffer *out, const struct difference *difference);
