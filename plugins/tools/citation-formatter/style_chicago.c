/*
 * style_chicago.c - Chicago, 18th edition: with dates in the text, and with notes.
 *
 * SPDX-License-Identifier: MIT
 */
#include "style.h"

#include <stdlib.h>

static const struct name_style listed = {.order = FIRST_INVERTED, .given = GIVEN_WHOLE, .comma = ", ",
                                         .and_two = ", and ", .and_last = ", and ", .et_al = ", et al.",
                                         .et_al_from = 7, .et_al_to = 3, .particle_behind = true,
                                         .before_suffix = ", "};
static const struct name_style noted = {.order = NATURAL, .given = GIVEN_WHOLE, .and_two = " and ",
                                        .et_al = " et al.", .et_al_from = 3, .et_al_to = 1};
static const struct name_style inside = {.order = NATURAL, .given = GIVEN_WHOLE, .and_two = " and ",
                                         .and_last = ", and ", .et_al = ", et al.", .et_al_from = 7,
                                         .et_al_to = 3};

static bool in_quotes(const struct entry *e)
{
    return is_part(e) || e->type == ENTRY_THESIS;
}

/* `sign` stands inside of quotes, and behind a title without; 0: none. */
static void put_title(struct out *o, const struct entry *e, char sign)
{
    struct out title = {.failed = false};
    const char end[2] = {sign, '\0'};
    put_headline(&title, e->title ? e->title : "[Untitled]");
    if (title.b.ptr && in_quotes(e)) {
        put_quoted(o, title.b.ptr, sign);
    } else if (title.b.ptr) {
        put(o, title.b.ptr);
        if (sign == '.')
            stop(o);
        else
            put(o, end);
    }
    o->failed = o->failed || title.failed;
    bytes_free(&title.b);
}

static void put_link(struct out *o, const struct entry *e, bool note)
{
    char room[1100];
    const char *link = link_of(e, room);
    if (!link)
        return;
    if (note)
        putf(o, ", %s", link);
    else {
        next(o);
        put(o, link);
    }
}

/* ", March 14" or, with the year, ", March 14, 2022". */
static void put_day(struct out *o, const struct entry *e, bool year)
{
    if (e->issued.month)
        putf(o, ", %s", months[e->issued.month]);
    if (e->issued.month && e->issued.day)
        putf(o, " %d", e->issued.day);
    if (year && e->issued.year)
        putf(o, ", %d", e->issued.year);
}

static void put_edition(struct out *o, const struct entry *e, const char *before)
{
    if (!e->edition)
        return;
    put(o, before);
    put_ordinal(o, e->edition);
    put(o, " ed.");
}

static void put_report(struct out *o, const struct entry *e, const char *before, bool headline)
{
    if (!e->genre && !e->number)
        return;
    put(o, before);
    if (headline)
        put_headline(o, genre_of(e, "Report"));
    else
        put(o, genre_of(e, "Report"));
    if (e->number)
        putf(o, headline ? " No. %s" : " no. %s", e->number);
}

/* Journal 12 (3): 45–67, or with the year in parentheses: Journal 12, no. 3 (2019): 45–67. */
static void put_journal(struct out *o, const struct entry *e, bool year)
{
    if (e->container)
        put_headline(o, e->container);
    if (e->volume)
        putf(o, " %s", e->volume);
    if (e->issue)
        putf(o, year ? ", no. %s" : " (%s)", e->issue);
    if (year && e->issued.year)
        putf(o, " (%d)", e->issued.year);
    if (e->pages) {
        put(o, e->volume || e->issue ? ": " : ", ");
        put_pages(o, e->pages, RANGES_CHICAGO);
    }
}

static void put_proceedings(struct out *o, const struct entry *e, bool year)
{
    if (e->container)
        put_headline(o, e->container);
    if (e->place)
        putf(o, " (%s)", e->place);
    if (year && e->issued.year)
        putf(o, ", %d", e->issued.year);
    if (e->pages) {
        put(o, ", ");
        put_pages(o, e->pages, RANGES_CHICAGO);
    }
}

/* "Delta" or, with the year, "Delta, 2010". */
static void put_publisher(struct out *o, const struct entry *e, bool year)
{
    bool any = e->publisher != NULL;
    if (any)
        put(o, e->publisher);
    if (year && e->issued.year)
        putf(o, any ? ", %d" : "%d", e->issued.year);
}

/* ---- in the list ---------------------------------------------------------------------------- */

static void list_chapter(struct out *o, const struct entry *e, bool year)
{
    put(o, "In ");
    if (e->container)
        put_headline(o, e->container);
    put_edition(o, e, ", ");
    if (e->volume)
        putf(o, ", vol. %s", e->volume);
    if (e->editors.count) {
        put(o, ", edited by ");
        put_names(o, &e->editors, &inside);
    }
    next(o);
    put_publisher(o, e, year);
}

static void list_rest(struct out *o, const struct entry *e, bool year)
{
    switch (e->type) {
    case ENTRY_ARTICLE:
        put_journal(o, e, year);
        break;
    case ENTRY_CHAPTER:
        list_chapter(o, e, year);
        break;
    case ENTRY_CONFERENCE:
        put_proceedings(o, e, year);
        break;
    case ENTRY_THESIS:
        putf(o, "%s%s", genre_of(e, "Thesis"), e->publisher ? ", " : year && e->issued.year ? ", " : "");
        put_publisher(o, e, year);
        break;
    case ENTRY_WEBPAGE:
    case ENTRY_MAGAZINE:
        if (e->container)
            put_headline(o, e->container);
        if (e->container)
            put_day(o, e, year);
        else if (year && e->issued.year)
            putf(o, "%d", e->issued.year);
        break;
    case ENTRY_REPORT:
    case ENTRY_BOOK:
    case ENTRY_OTHER:
        if (e->type == ENTRY_REPORT)
            put_report(o, e, "", true);
        put_edition(o, e, "");
        if (e->edition || (e->type == ENTRY_REPORT && (e->genre || e->number)))
            next(o);
        put_publisher(o, e, year);
        break;
    }
}

static bool put_people(struct out *o, const struct entry *e)
{
    bool editors;
    const struct people *people = people_of(e, &editors);
    if (!people->count)
        return false;
    put_names(o, people, &listed);
    if (editors)
        put(o, people->count > 1 ? ", eds" : ", ed");
    next(o);
    return true;
}

static void end_reference(struct out *o, const struct entry *e, bool year)
{
    put(o, " ");
    size_t before = o->b.len;
    list_rest(o, e, year);
    if (o->b.len == before && o->b.len)
        o->b.ptr[--o->b.len] = '\0';
    put_link(o, e, false);
    stop(o);
}

static void list_date(struct out *o, const struct entry *e, const struct place *p)
{
    if (put_people(o, e)) {
        put_year(o, e, p, "n.d.");
        next(o);
        put_title(o, e, '.');
    } else {
        put_title(o, e, '.');
        put(o, " ");
        put_year(o, e, p, "n.d.");
        stop(o);
    }
    end_reference(o, e, false);
}

static void list_note(struct out *o, const struct entry *e, const struct place *p)
{
    (void)p;
    put_people(o, e);
    put_title(o, e, '.');
    end_reference(o, e, true);
}

/* ---- in the text ---------------------------------------------------------------------------- */

static void cite_date(struct out *o, const struct entry *e, const struct place *p)
{
    bool editors;
    const struct people *people = people_of(e, &editors);
    put(o, "(");
    if (people->count)
        put_families(o, people, " and ", ", and ", 3);
    else
        put_title(o, e, '\0');
    put(o, e->issued.year ? " " : ", ");
    put_year(o, e, p, "n.d.");
    put(o, ")");
}

/* (Delta, 2010) */
static void put_published(struct out *o, const struct entry *e, const char *genre)
{
    if (!genre && !e->publisher && !e->issued.year)
        return;
    put(o, " (");
    if (genre)
        putf(o, "%s%s", genre, e->publisher || e->issued.year ? ", " : "");
    put_publisher(o, e, true);
    put(o, ")");
}

static void note_chapter(struct out *o, const struct entry *e)
{
    put(o, " in ");
    if (e->container)
        put_headline(o, e->container);
    put_edition(o, e, ", ");
    if (e->editors.count) {
        put(o, ", ed. ");
        put_names(o, &e->editors, &noted);
    }
    put_published(o, e, NULL);
}

static void note_rest(struct out *o, const struct entry *e)
{
    switch (e->type) {
    case ENTRY_ARTICLE:
        put(o, " ");
        put_journal(o, e, true);
        break;
    case ENTRY_CHAPTER:
        note_chapter(o, e);
        break;
    case ENTRY_CONFERENCE:
        put(o, " ");
        put_proceedings(o, e, true);
        break;
    case ENTRY_WEBPAGE:
    case ENTRY_MAGAZINE:
        if (e->container) {
            put(o, " ");
            put_headline(o, e->container);
            put_day(o, e, true);
        }
        break;
    case ENTRY_THESIS:
        put_published(o, e, genre_of(e, "thesis"));
        break;
    case ENTRY_REPORT:
        put_report(o, e, ", ", false);
        put_published(o, e, NULL);
        break;
    case ENTRY_BOOK:
    case ENTRY_OTHER:
        put_edition(o, e, ", ");
        put_published(o, e, NULL);
        break;
    }
}

static void cite_note(struct out *o, const struct entry *e, const struct place *p)
{
    char room[1100];
    const char *link = link_of(e, room);
    bool editors, alone = e->type == ENTRY_WEBPAGE && !e->container;
    const struct people *people = people_of(e, &editors);
    (void)p;
    if (people->count) {
        put_names(o, people, &noted);
        put(o, !editors ? ", " : people->count > 1 ? ", eds., " : ", ed., ");
    }
    put_title(o, e, is_part(e) && (!alone || link) ? ',' : '\0');
    note_rest(o, e);
    if (alone && link)
        putf(o, " %s", link);
    else
        put_link(o, e, true);
    stop(o);
}

const struct style style_chicago_date = {"chicago-author-date", "Chicago, 18th edition, author-date",
                                         SORT_BY_FAMILY, true, cite_date, list_date};
const struct style style_chicago_note = {"chicago-fullnote-bibliography",
                                         "Chicago, 18th edition, full notes and bibliography",
                                         SORT_BY_FAMILY, false, cite_note, list_note};
