/*
 * inherit.c - the crossref of BibTeX: what a part does not say is said by the whole.
 *
 * SPDX-License-Identifier: MIT
 */
#include "library.h"

static void lack(const char **field, const char *whole)
{
    if (!*field)
        *field = whole;
}

static void lack_people(struct library *l, struct people *people, const struct people *whole)
{
    if (people->count)
        return;
    for (size_t i = 0; i < whole->count; i++) {
        struct person *person = library_add_person(l, people);
        if (!person)
            return;
        *person = whole->at[i];
    }
    people->others = whole->others;
}

static void inherit(struct library *l, struct entry *e, const struct entry *whole)
{
    bool part = e->type == ENTRY_CHAPTER || e->type == ENTRY_CONFERENCE;
    lack(&e->container, part ? whole->title : whole->container);
    lack(&e->volume, whole->volume);
    lack(&e->issue, whole->issue);
    lack(&e->publisher, whole->publisher);
    lack(&e->place, whole->place);
    lack(&e->edition, whole->edition);
    lack(&e->isbn, whole->isbn);
    lack_people(l, &e->editors, &whole->editors);
    if (e->issued.year == 0)
        e->issued = whole->issued;
}

void library_inherit(struct library *library)
{
    for (size_t i = 0; i < library->count && !library->broken; i++) {
        struct entry *e = &library->entries[i];
        const struct entry *whole = e->crossref ? library_find(library, e->crossref) : NULL;
        if (e->crossref && (!whole || whole == e))
            library_issue(library, e, "crossref", true, "no other entry has the key %.200s; add it",
                          e->crossref);
        else if (whole)
            inherit(library, e, whole);
    }
}
