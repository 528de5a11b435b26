/*
 * Which system calls a plugin may make: data for the program that turns them into a filter.
 * What no table names is refused with EPERM; numbers above FILTER_NEWEST get ENOSYS, so that a newer
 * libc falls back to what it used before.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Stands for the process's own id; the filter's user puts the real one there. */
#define FILTER_OWN_PID 0x7e5ac0deu

/* set_mempolicy_home_node, the last one of Linux 6.1; so high, all architectures number alike. */
enum { FILTER_NEWEST = 450 };

enum filter_verdict {
    FILTER_ALLOW,
    FILTER_OBSERVE,   /* refused with EPERM, after a record of it was written */
    FILTER_NOT_THERE, /* refused with ENOSYS                                  */
};

/* Holds if (argument & mask) == value, or if not, with `differs`. Mask 0: the whole argument. */
struct filter_condition {
    unsigned argument;
    uint64_t mask;
    uint64_t value;
    int differs;
};

/* A call that is decided by its arguments: this verdict if all conditions hold. */
struct filter_rule {
    const char *call;
    enum filter_verdict verdict;
    size_t condition_count;
    struct filter_condition conditions[2];
};

/* A call that is worth a record when it is refused, and what a person reads then. */
struct filter_words {
    const char *call;
    const char *words;
};

extern const char *const filter_allowed[]; /* whatever the arguments are; ends with NULL */
extern const struct filter_rule filter_rules[];
extern const size_t filter_rule_count;
extern const struct filter_words filter_observed[]; /* ends with a NULL call */
