/*
 * texts.h - what kind of text a text is.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each function returns NULL if the text is one, else a message for a person ("must ..."). Texts end
 * with NUL behind `len` bytes, and can hold NUL.
 */
#pragma once

#include "hexmcp/abi.h"

typedef const char *text_check(hexmcp_str text);

/* Seven to fifteen digits; a plus sign in front and spaces, dots, hyphens and brackets between them. */
text_check text_phone;

/* Twelve to nineteen digits with a right check digit (Luhn); spaces and hyphens between them. */
text_check text_credit_card;

/* 8-4-4-4-12 hexadecimal digits. */
text_check text_uuid;
