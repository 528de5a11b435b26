/*
 * style_mla.c - MLA, 9th edition.
 *
 * SPDX-License-Identifier: MIT
 */
#include "style.h"

#include <stdlib.h>

static const struct name_style listed = {.order = FIRST_INVERTED, .given = GIVEN_WHOLE, .comma = ", ",
                                         .and_two = ", and ", .et_al = ", et al.", .et_al_from = 3,
                                         .et_al_to = 1, .before_suffix = ", "};
static const struct name_style inside = {.order = NATURAL, .given = GIVEN_WHOLE, .and_two = " and ",
                                         .et_al = " et al.", .et_al_from = 3, .et_al_to = 1};
static const char *const short_months[13] = {"",     "Jan.", "Feb.",  "Mar.", "Apr.", "May", "June",
                                             "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."};

/* Parts of a whole that has a name. */
static bool in_quotes(const struct entry *e)
{
    return is_part(e) && e->container;
}

static void cite(struct out *o, const struct entry *e, const struct place *p)
{
    bool editors;
    const struct people *people = people_of(e, &editors);
    put(o, "(");
    if (people->count)
        put_families(o, people, " and ", ", and ", 3);
    if (people->count && p->alike)
        put(o, ", ");
    if (!people->count || p->alike) {
        if (in_quotes(e))
            put(o, "“");
        put_headline(o, e->title ? e->title : "");
        if (in_quotes(e))
            put(o, "”");
    }
    put(o, ")");
}

static void put_title(struct out *o, const struct entry *e)
{
    struct out title = {.failed = false};
    put_headline(&title, e->title ? e->title : "[Untitled]");
    if (in_quotes(e) && !title.failed)
        put_quoted(o, title.b.ptr, '.');
    else if (title.b.ptr)
        put(o, title.b.ptr);
    o->failed = o->failed || title.failed;
    stop(o);
    bytes_free(&title.b);
}

/* One more part of the container, with a comma before it if it is not the first. */
static void part(struct out *o, bool *first)
{
    put(o, *first ? " " : ", ");
    *first = false;
}

static void put_container(struct out *o, const struct entry *e, bool *first)
{
    if (e->container && is_part(e)) {
        part(o, first);
        put_headline(o, e->container);
    }
    if (e->editors.count && e->authors.count) {
        part(o, first);
        put(o, "edited by ");
        put_names(o, &e->editors, &inside);
    }
    if (e->edition) {
        part(o, first);
        put_ordinal(o, e->edition);
        put(o, " ed.");
    }
    if (e->volume) {
        part(o, first);
        putf(o, "vol. %s", e->volume);
    }
    if (e->issue) {
        part(o, first);
        putf(o, "no. %s", e->issue);
    }
    if (e->type == ENTRY_REPORT && (e->genre || e->number)) {
        part(o, first);
        put(o, genre_of(e, "Report"));
        if (e->number)
            putf(o, " no. %s", e->number);
    }
}

static void put_date(struct out *o, const struct entry *e, bool *first)
{
    bool book = e->type == ENTRY_BOOK || e->type == ENTRY_CHAPTER || e->type == ENTRY_CONFERENCE;
    if (e->issued.year == 0)
        return;
    part(o, first);
    if (!book && e->issued.month && e->issued.day)
        putf(o, "%d ", e->issued.day);
    if (!book && e->issued.month)
        putf(o, "%s ", short_months[e->issued.month]);
    putf(o, "%d%s", abs(e->issued.year), e->issued.year < 0 ? " BC" : "");
}

static void put_place(struct out *o, const struct entry *e, bool *first)
{
    char room[1100];
    const char *link = link_of(e, room);
    if (e->pages && is_part(e)) {
        part(o, first);
        put(o, are_many(e->pages) ? "pp. " : "p. ");
        put_pages(o, e->pages, RANGES_TWO);
    }
    if (link) {
        part(o, first);
        put(o, link);
    }
}

static void reference_thesis(struct out *o, const struct entry *e)
{
    bool first = true;
    put_date(o, e, &first);
    if (!first)
        stop(o);
    first = true;
    if (e->publisher) {
        part(o, &first);
        put(o, e->publisher);
    }
    part(o, &first);
    put(o, genre_of(e, "Thesis"));
    put_place(o, e, &first);
    stop(o);
}

static void reference(struct out *o, const struct entry *e, const struct place *p)
{
    bool editors, first = true;
    const struct people *people = people_of(e, &editors);
    if (people->count) {
        if (p->repeated)
            put(o, "———");
        else
            put_names(o, people, &listed);
        if (editors)
            put(o, people->count > 1 ? ", editors" : ", editor");
        next(o);
    }
    put_title(o, e);
    if (e->type == ENTRY_THESIS) {
        reference_thesis(o, e);
        return;
    }
    put_container(o, e, &first);
    if (e->publisher && e->type != ENTRY_ARTICLE && e->type != ENTRY_MAGAZINE) {
        part(o, &first);
        put(o, e->publisher);
    }
    put_date(o, e, &first);
    put_place(o, e, &first);
    stop(o);
}

const struct style style_mla = {"mla", "MLA, 9th edition", SORT_WITH_PARTICLE, false, cite, reference};
