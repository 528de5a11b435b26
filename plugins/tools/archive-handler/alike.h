/*
 * alike.h - names that differ only in upper and lower case or in how Unicode writes a character. Elsewhere
 * they can be one file.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "names.h"

/* {0} is empty. */
struct alike {
    struct names folded; /* each with the name that it was folded from */
};

/* Adds a clean name. Returns the other one, added before, that is alike; NULL if there is none. Until
 * alike_free(). */
const char *alike_add(struct alike *alike, const char *name);

void alike_free(struct alike *alike);
