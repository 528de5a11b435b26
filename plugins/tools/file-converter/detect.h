/*
 * detect.h - which encoding a text has.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "encodings.h"

enum detected_by { DETECTED_GIVEN, DETECTED_MARK, DETECTED_CONTENT, DETECTED_GUESS, DETECTED_COUNT };

/* "given", "mark", "content", "guess" */
extern const char *const detected_names[DETECTED_COUNT + 1];

/* The encoding: by its mark, by being valid ASCII or UTF-8 or by zeros of UTF-16; else a guess. -1 if
 * it is no text that anybody knows. */
int detect(hexmcp_str text, enum detected_by *by);
