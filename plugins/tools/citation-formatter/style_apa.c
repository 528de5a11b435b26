/*
 * style_apa.c - APA, 7th edition.
 *
 * SPDX-License-Identifier: MIT
 */
#include "style.h"

#include <string.h>

static const struct name_style listed = {.order = ALL_INVERTED, .given = GIVEN_SPACED, .comma = ", ",
                                         .and_two = ", & ", .and_last = ", & ", .et_al_from = 21,
                                         .et_al_to = 19, .ellipsis = ", . . . ", .before_suffix = ", "};
static const struct name_style inside = {.order = NATURAL, .given = GIVEN_SPACED, .and_two = " & ",
                                         .and_last = ", & ", .et_al_from = PEOPLE_MAX + 1};

static void cite(struct out *o, const struct entry *e, const struct place *p)
{
    bool editors;
    const struct people *people = people_of(e, &editors);
    put(o, "(");
    if (people->count)
        put_families(o, people, " & ", ", & ", 3);
    else if (is_part(e))
        put(o, "“");
    if (!people->count)
        put_headline(o, e->title ? e->title : "");
    put(o, !people->count && is_part(e) ? ",” " : ", ");
    put_year(o, e, p, "n.d.");
    put(o, ")");
}

static void put_date(struct out *o, const struct entry *e, const struct place *p)
{
    bool whole = e->type == ENTRY_WEBPAGE || e->type == ENTRY_MAGAZINE;
    put(o, "(");
    put_year(o, e, p, "n.d.");
    if (whole && e->issued.year && e->issued.month)
        putf(o, ", %s", months[e->issued.month]);
    if (whole && e->issued.year && e->issued.day)
        putf(o, " %d", e->issued.day);
    put(o, ").");
}

/* What stands in parentheses behind a title: edition, volume, pages. */
static void put_details(struct out *o, const struct entry *e)
{
    const char *before = " (";
    if (e->edition) {
        put(o, before);
        put_ordinal(o, e->edition);
        put(o, " ed.");
        before = ", ";
    }
    if (e->volume) {
        putf(o, "%sVol. %s", before, e->volume);
        before = ", ";
    }
    if (e->type == ENTRY_CHAPTER && e->pages) {
        putf(o, "%s%s ", before, are_many(e->pages) ? "pp." : "p.");
        put_pages(o, e->pages, RANGES_WHOLE);
        before = ", ";
    }
    if (before[0] == ',')
        put(o, ")");
}

static void put_title(struct out *o, const struct entry *e)
{
    put(o, e->title ? e->title : "[Untitled]");
    if (e->type == ENTRY_BOOK || e->type == ENTRY_OTHER)
        put_details(o, e);
    if (e->type == ENTRY_THESIS)
        putf(o, " [%s]", genre_of(e, "Thesis"));
    if (e->type == ENTRY_REPORT && e->number) {
        put(o, " (");
        put_headline(o, genre_of(e, "Report"));
        putf(o, " No. %s)", e->number);
    }
    stop(o);
}

static void put_in(struct out *o, const struct entry *e)
{
    if (e->type != ENTRY_CHAPTER || !e->container)
        return;
    put(o, " In ");
    if (e->editors.count) {
        put_names(o, &e->editors, &inside);
        put(o, e->editors.count > 1 ? " (Eds.), " : " (Ed.), ");
    }
    put(o, e->container);
    put_details(o, e);
    stop(o);
}

/* Journal, 12(3), 45–67. */
static void put_serial(struct out *o, const struct entry *e)
{
    if (e->type == ENTRY_CHAPTER || !e->container)
        return;
    putf(o, " %s", e->container);
    if (e->volume && e->type != ENTRY_CONFERENCE)
        putf(o, ", %s", e->volume);
    if (e->issue && e->type == ENTRY_ARTICLE)
        putf(o, e->volume ? "(%s)" : ", (%s)", e->issue);
    if (e->pages && e->type != ENTRY_WEBPAGE) {
        put(o, ", ");
        put_pages(o, e->pages, RANGES_WHOLE);
    }
    stop(o);
}

static void put_link(struct out *o, const struct entry *e)
{
    char room[1100];
    const char *link = link_of(e, room);
    if (!link)
        return;
    if (e->issued.year == 0 && e->accessed.year && !e->doi) {
        put(o, " Retrieved");
        if (e->accessed.month && e->accessed.day)
            putf(o, " %s %d,", months[e->accessed.month], e->accessed.day);
        putf(o, " %d, from", e->accessed.year);
    }
    putf(o, " %s", link);
}

static void reference(struct out *o, const struct entry *e, const struct place *p)
{
    bool editors;
    const struct people *people = people_of(e, &editors);
    if (people->count) {
        put_names(o, people, &listed);
        if (editors)
            put(o, people->count > 1 ? " (Eds.)" : " (Ed.)");
        next(o);
        put_date(o, e, p);
        put(o, " ");
        put_title(o, e);
    } else {
        put_title(o, e);
        put(o, " ");
        put_date(o, e, p);
    }
    put_in(o, e);
    bool published = e->type == ENTRY_BOOK || e->type == ENTRY_CHAPTER || e->type == ENTRY_THESIS ||
                     e->type == ENTRY_REPORT || e->type == ENTRY_OTHER;
    put_serial(o, e);
    if (published && e->publisher) {
        putf(o, " %s", e->publisher);
        stop(o);
    }
    put_link(o, e);
}

const struct style style_apa = {"apa", "APA, 7th edition", SORT_WITH_PARTICLE, true, cite, reference};
