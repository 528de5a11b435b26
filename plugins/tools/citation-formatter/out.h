/*
 * out.h - text in the making, with the punctuation of references.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "kit/bytes.h"

struct out {
    struct bytes b;
    bool failed; /* no memory */
};

void put(struct out *o, const char *text);
__attribute__((format(printf, 2, 3))) void putf(struct out *o, const char *format, ...);

/* Ends a sentence: a period, unless it ends with . ? ! already, also before a closing quote. */
void stop(struct out *o);
/* The same and a space, if there is something. */
void next(struct out *o);

/* “text,” or “text.”: the sign stands inside, unless the text ends with ? or !. */
void put_quoted(struct out *o, const char *text, char sign);

/* As headlines are written: A History of Numbers: From Stones to Bits. */
void put_headline(struct out *o, const char *text);

enum ranges {
    RANGES_WHOLE,   /* 101–130, 107–109 */
    RANGES_MINIMAL, /* 101–30, 107–9    */
    RANGES_TWO,     /* 101–30, 107–09   */
    RANGES_CHICAGO, /* 101–30, 107–9, 100–104 */
};

/* "45-67", "45--67" or "45–67" with an en dash; several parts between commas. */
void put_pages(struct out *o, const char *pages, enum ranges ranges);

/* Whether these are several pages: "pp." and not "p.". */
bool are_many(const char *pages);

/* "2nd" of "2"; "Second" or "2nd" as it is. */
void put_ordinal(struct out *o, const char *number);
