/*
 * SPDX-License-Identifier: MIT
 */
#include "style.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct style *const styles[] = {&style_apa,     &style_mla,  &style_chicago_date, &style_chicago_note,
                                      &style_harvard, &style_ieee, &style_nature,       &style_vancouver,
                                      NULL};

const char *const months[13] = {"",     "January", "February",  "March",   "April",    "May",     "June",
                                "July", "August",  "September", "October", "November", "December"};
const char *const months_three[13] = {"",    "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

const struct style *style_find(const char *name)
{
    for (size_t i = 0; styles[i]; i++)
        if (strcmp(styles[i]->name, name) == 0)
            return styles[i];
    return NULL;
}

void put_year(struct out *o, const struct entry *e, const struct place *p, const char *none)
{
    if (e->issued.year == 0)
        putf(o, "%s%s%s", none, p->suffix[0] ? "-" : "", p->suffix);
    else
        putf(o, "%d%s%s", abs(e->issued.year), e->issued.year < 0 ? " BC" : "", p->suffix);
}

const struct people *people_of(const struct entry *e, bool *editors)
{
    *editors = e->authors.count == 0 && e->type != ENTRY_CHAPTER && e->type != ENTRY_CONFERENCE;
    return *editors ? &e->editors : &e->authors;
}

bool is_part(const struct entry *e)
{
    return e->type == ENTRY_ARTICLE || e->type == ENTRY_CHAPTER || e->type == ENTRY_CONFERENCE ||
           e->type == ENTRY_MAGAZINE || e->type == ENTRY_WEBPAGE;
}

const char *link_of(const struct entry *e, char to[1100])
{
    if (!e->doi)
        return e->url;
    snprintf(to, 1100, "https://doi.org/%.1000s", e->doi);
    return to;
}

const char *genre_of(const struct entry *e, const char *usual)
{
    return e->genre ? e->genre : usual;
}
