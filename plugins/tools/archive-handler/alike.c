/*
 * SPDX-License-Identifier: MIT
 */
#include "alike.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* NULL if it is no UTF-8, or memory is short: then nothing is alike. */
static char *fold(const char *name)
{
    utf8proc_uint8_t *folded = NULL;
    const utf8proc_option_t how =
        UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD;
    return utf8proc_map((const utf8proc_uint8_t *)name, 0, &folded, how) >= 0 ? (char *)folded : NULL;
}

const char *alike_add(struct alike *alike, const char *name)
{
    char *folded = fold(name);
    const char *other = NULL;
    struct name_slot *slot = folded ? names_find(&alike->folded, folded) : NULL;
    if (slot)
        other = slot->of && strcmp(slot->of, name) != 0 ? slot->of : NULL;
    else if (folded && !names_add(&alike->folded, folded, NAME_FILE))
        names_find(&alike->folded, folded)->of = strdup(name);
    free(folded);
    return other;
}

void alike_free(struct alike *alike)
{
    names_free(&alike->folded);
}
