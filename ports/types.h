/*
 * The plain types that every port speaks in.
 *
 * Threads: functions are tagged as in include/hexmcp/abi.h: [loop] on the one loop thread, which
 * owns the core; [worker] on a pool thread; [any] everywhere. Without a tag a function is [loop].
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes with a length. Not terminated by NUL; `ptr` may be NULL if `len` is 0. */
struct str {
    const char *ptr;
    size_t len;
};

/* A value in a parsed JSON document, or nothing if `doc` is NULL. Made and read by core/json; valid
 * as long as its document, and immutable, so every thread may read it. */
struct json_doc;
struct json {
    const struct json_doc *doc;
    uint32_t node;
};

/* Zero is success, a negative number a failure. The codes equal the public HEXMCP_E_*. */
enum status {
    ST_OK = 0,
    ST_GENERIC = -1,
    ST_NOMEM = -2,
    ST_INVALID = -3,
    ST_NOT_FOUND = -4,
    ST_UNSUPPORTED = -5,
    ST_DENIED = -6,
    ST_CANCELLED = -7,
    ST_TIMEOUT = -8,
    ST_BUSY = -9,
    ST_UNAVAILABLE = -10,
    ST_TOO_LARGE = -11,
    ST_PROTOCOL = -12,
    ST_CONFIG = -13,
};

#define ERROR_TEXT_SIZE 480

/* Filled by whoever fails: a code, and a text for a person (what failed, on what, what to do). */
struct error {
    int code; /* enum status */
    char text[ERROR_TEXT_SIZE];
};

/* Log levels, those of RFC 5424. */
enum log_level {
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_INFO,
    LOG_LEVEL_NOTICE,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_ERROR,
    LOG_LEVEL_CRITICAL,
    LOG_LEVEL_ALERT,
    LOG_LEVEL_EMERGENCY,
};
