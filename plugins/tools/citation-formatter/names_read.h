/*
 * names_read.h - names of people in texts.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "library.h"

/* Adds the names of BibTeX: "First von Last", "von Last, First", "von Last, Jr, First", between them
 * " and ". A name in braces is that of an organisation. */
void names_read_bibtex(struct library *library, const char *text, size_t len, struct people *people);

/* Adds one name: "Last, First" or "First Last"; plain text. */
void name_read(struct library *library, const char *text, struct people *people);
