/*
 * request.h - the arguments of a call.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

/* Most bytes of a text argument. */
#define TEXT_MAX 256

/* Most that can be added; more would leave the calendar in any unit. */
#define AMOUNT_MAX INT64_C(1000000000000)

enum text {
    TEXT_INPUT,
    TEXT_TIMEZONE,
    TEXT_TARGET_TIMEZONE,
    TEXT_START,
    TEXT_END,
    TEXT_FORMAT,
    TEXT_INPUT_FORMAT,
    TEXT_UNIT,
    TEXT_OVERLAP,
    TEXTS
};

/* Texts are trimmed, NUL-terminated, and empty if not given. A number as input is its digits. */
struct request {
    char text[TEXTS][TEXT_MAX + 1];
    int has_amount;
    int64_t amount;
    int later; /* overlap is "later" */
};

/* Reads all of `args_json` but the operation. Errors: HEXMCP_E_INVALID. */
int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err);

/* The text, or NULL if it was not given. */
const char *request_text(const struct request *request, enum text which);

/* Fails if the text was not given: "start is missing; give ...". */
int32_t request_need(const struct request *request, enum text which, const char *what,
                     hexmcp_error *err);

/* The name of the argument. */
const char *request_key(enum text which);
