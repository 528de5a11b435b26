/*
 * token.h - the words of JSON text: where they end and whether they are right.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

/* Each takes the place where the word begins and returns the place after it; NULL if it is wrong,
 * then *ret_bad is where. */
const char *token_string(const char *at, const char *end, const char **ret_bad);
const char *token_number(const char *at, const char *end, const char **ret_bad);

/* `word` is "true", "false" or "null". */
const char *token_word(const char *at, const char *end, const char *word, const char **ret_bad);

/* The first place from `at` on that is no white space. */
const char *token_skip(const char *at, const char *end);
