/*
 * utf8.h - whether bytes are text.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* 1 if the bytes are well-formed UTF-8, without surrogates and overlong forms. */
int utf8_valid(const uint8_t *bytes, size_t len);
