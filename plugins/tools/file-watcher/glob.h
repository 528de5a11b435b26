/*
 * glob.h - names that fit a pattern: * and ? within a part, ** over parts, [abc], [a-z], [!a].
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

/* A pattern without "/" is about the last part of `path`, another about the whole. Time grows with the
 * product of the lengths, never faster. */
bool glob_fits(const char *pattern, const char *path);

/* Whether each [ has its ]. */
bool glob_is_closed(const char *pattern);
