/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/suffix.h"

#include <stdio.h>
#include <string.h>

bool suffix_fits(const char *path, const char *suffixes)
{
    const char *dot = strrchr(path, '.');
    char wanted[10];
    if (!dot || strpbrk(dot, " /"))
        return false;
    if (snprintf(wanted, sizeof(wanted), " %s ", dot) >= (int)sizeof(wanted))
        return false;
    return strcasestr(suffixes, wanted) != NULL;
}

const char *suffix_first(const char *suffixes, char out[8])
{
    size_t len = strcspn(suffixes + 1, " ");
    snprintf(out, 8, "%.*s", (int)len, suffixes + 1);
    return out;
}
