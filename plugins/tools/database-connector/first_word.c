/*
 * SPDX-License-Identifier: MIT
 */
#include "first_word.h"

#include <string.h>

static const char *after_line(const char *at)
{
    return at + strcspn(at, "\n");
}

const char *first_word(const char *at)
{
    for (;;) {
        at += strspn(at, " \t\r\n\v\f(");
        if (*at == '#' || (strncmp(at, "--", 2) == 0 && (at[2] == '\0' || strchr(" \t\r\n", at[2])))) {
            at = after_line(at);
        } else if (strncmp(at, "/*", 2) == 0) {
            if (at[2] == '!' || (at[2] == 'M' && at[3] == '!'))
                return NULL;
            at = strstr(at + 2, "*/");
            if (!at)
                return NULL;
            at += 2;
        } else {
            return at;
        }
    }
}
