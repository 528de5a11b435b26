/*
 * style_ieee.c - IEEE.
 *
 * SPDX-License-Identifier: MIT
 */
#include "style.h"

#include <stdlib.h>

static const struct name_style listed = {.order = NATURAL, .given = GIVEN_SPACED, .and_two = " and ",
                                         .and_last = ", and ", .et_al = " et al.", .et_al_from = 7,
                                         .et_al_to = 1};

static void cite(struct out *o, const struct entry *e, const struct place *p)
{
    (void)e;
    putf(o, "[%zu]", p->number);
}

static void put_month(struct out *o, int month)
{
    if (month)
        putf(o, "%s%s ", months_three[month], month == 5 ? "" : ".");
}

/* "May 2019", "Feb. 29, 2012", "2010" */
static void put_date(struct out *o, const struct entry *e, bool month)
{
    if (e->issued.year == 0)
        return;
    put(o, ", ");
    if (month)
        put_month(o, e->issued.month);
    if (month && e->type == ENTRY_MAGAZINE && e->issued.month && e->issued.day)
        putf(o, "%d, ", e->issued.day);
    putf(o, "%d", e->issued.year);
}

static void put_page_list(struct out *o, const struct entry *e)
{
    if (!e->pages)
        return;
    put(o, are_many(e->pages) ? ", pp. " : ", p. ");
    put_pages(o, e->pages, RANGES_WHOLE);
}

/* "London: North Press"; `sign` before it. */
static void put_publisher(struct out *o, const struct entry *e, const char *sign)
{
    if (!e->publisher)
        return;
    put(o, sign);
    if (e->place)
        putf(o, "%s: ", e->place);
    put(o, e->publisher);
}

static void put_edition(struct out *o, const struct entry *e)
{
    if (!e->edition)
        return;
    put(o, ", ");
    put_ordinal(o, e->edition);
    put(o, " ed.");
}

static void put_title(struct out *o, const struct entry *e, char sign)
{
    bool quoted = is_part(e) || e->type == ENTRY_THESIS || e->type == ENTRY_REPORT;
    const char *title = e->title ? e->title : "[Untitled]";
    if (quoted)
        put_quoted(o, title, sign);
    else
        put(o, title);
}

static void put_serial(struct out *o, const struct entry *e)
{
    if (e->container)
        putf(o, " %s", e->container);
    if (e->volume)
        putf(o, ", vol. %s", e->volume);
    if (e->issue)
        putf(o, ", no. %s", e->issue);
    put_page_list(o, e);
    put_date(o, e, true);
}

static void put_inside(struct out *o, const struct entry *e)
{
    putf(o, " in %s", e->container ? e->container : "");
    put_edition(o, e);
    if (e->editors.count) {
        put(o, ", ");
        put_names(o, &e->editors, &listed);
        put(o, e->editors.count > 1 ? ", Eds." : ", Ed.");
    }
    put_publisher(o, e, ", ");
    put_date(o, e, false);
    put_page_list(o, e);
}

static void put_institution(struct out *o, const struct entry *e)
{
    if (e->type == ENTRY_THESIS)
        putf(o, " %s", genre_of(e, "Thesis"));
    if (e->publisher)
        putf(o, e->type == ENTRY_THESIS ? ", %s" : " %s", e->publisher);
    if (e->place)
        putf(o, ", %s", e->place);
    if (e->type == ENTRY_REPORT && (e->genre || e->number))
        putf(o, ", %s%s%s", genre_of(e, "Report"), e->number ? " " : "", e->number ? e->number : "");
    put_date(o, e, e->type == ENTRY_REPORT);
}

static void put_book(struct out *o, const struct entry *e)
{
    put_edition(o, e);
    if (!e->publisher && !e->issued.year)
        return;
    next(o);
    put_publisher(o, e, "");
    if (e->publisher)
        put_date(o, e, false);
    else
        putf(o, "%d", e->issued.year);
}

static void put_online(struct out *o, const struct entry *e)
{
    if (e->accessed.year && e->type == ENTRY_WEBPAGE) {
        next(o);
        put(o, "Accessed: ");
        put_month(o, e->accessed.month);
        if (e->accessed.month && e->accessed.day)
            putf(o, "%02d, ", e->accessed.day);
        putf(o, "%d", e->accessed.year);
    }
    next(o);
    putf(o, "[Online]. Available: %s", e->url);
}

static void put_link(struct out *o, const struct entry *e)
{
    bool serial = e->type == ENTRY_ARTICLE || e->type == ENTRY_MAGAZINE;
    if (e->doi) {
        if (serial)
            put(o, ", ");
        else
            next(o);
        putf(o, "doi: %s", e->doi);
    } else if (e->url) {
        put_online(o, e);
        return;
    }
    stop(o);
}

static void put_rest(struct out *o, const struct entry *e)
{
    switch (e->type) {
    case ENTRY_ARTICLE:
    case ENTRY_MAGAZINE:
        put_serial(o, e);
        break;
    case ENTRY_CHAPTER:
    case ENTRY_CONFERENCE:
        put_inside(o, e);
        break;
    case ENTRY_THESIS:
    case ENTRY_REPORT:
        put_institution(o, e);
        break;
    case ENTRY_WEBPAGE:
        if (e->container)
            putf(o, " %s", e->container);
        break;
    case ENTRY_BOOK:
    case ENTRY_OTHER:
        put_book(o, e);
        break;
    }
}

static void reference(struct out *o, const struct entry *e, const struct place *p)
{
    bool editors;
    const struct people *people = people_of(e, &editors);
    putf(o, "[%zu] ", p->number);
    if (people->count) {
        put_names(o, people, &listed);
        put(o, !editors ? ", " : people->count > 1 ? ", Eds., " : ", Ed., ");
    }
    put_title(o, e, e->type == ENTRY_WEBPAGE && !e->container ? '.' : ',');
    put_rest(o, e);
    put_link(o, e);
}

const struct style style_ieee = {"ieee", "IEEE", SORT_NONE, false, cite, reference};
