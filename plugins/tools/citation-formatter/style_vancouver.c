/*
 * style_vancouver.c - Vancouver, as the National Library of Medicine writes it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "style.h"

static const struct name_style listed = {.order = ALL_INVERTED, .given = GIVEN_BARE, .comma = " ",
                                         .and_two = ", ", .and_last = ", ", .et_al = ", et al.",
                                         .et_al_from = 7, .et_al_to = 6, .before_suffix = " "};

static void cite(struct out *o, const struct entry *e, const struct place *p)
{
    (void)e;
    putf(o, "(%zu)", p->number);
}

/* 2019 May 3 */
static void put_date(struct out *o, const struct date *d, bool whole)
{
    if (d->year == 0)
        return;
    putf(o, "%d", d->year);
    if (whole && d->month)
        putf(o, " %s", months_three[d->month]);
    if (whole && d->month && d->day)
        putf(o, " %d", d->day);
}

static void put_edition(struct out *o, const struct entry *e)
{
    if (!e->edition)
        return;
    next(o);
    put_ordinal(o, e->edition);
    put(o, " ed.");
}

/* London: North Press; 2015. */
static void put_published(struct out *o, const struct entry *e, bool whole)
{
    if (!e->publisher && !e->issued.year)
        return;
    next(o);
    if (e->publisher && e->place)
        putf(o, "%s: ", e->place);
    if (e->publisher)
        putf(o, "%s%s", e->publisher, e->issued.year ? "; " : "");
    put_date(o, &e->issued, whole);
    stop(o);
}

/* Journal. 2019 May;12(3):45–67. */
static void put_serial(struct out *o, const struct entry *e)
{
    next(o);
    if (e->container) {
        put(o, e->container);
        next(o);
    }
    put_date(o, &e->issued, true);
    if (e->volume || e->pages)
        put(o, ";");
    if (e->volume)
        put(o, e->volume);
    if (e->issue)
        putf(o, "(%s)", e->issue);
    if (e->pages) {
        if (e->volume || e->issue)
            put(o, ":");
        put_pages(o, e->pages, RANGES_MINIMAL);
    }
    stop(o);
}

static void put_inside(struct out *o, const struct entry *e)
{
    next(o);
    put(o, "In: ");
    if (e->editors.count) {
        put_names(o, &e->editors, &listed);
        put(o, e->editors.count > 1 ? ", editors" : ", editor");
        next(o);
    }
    if (e->container)
        put(o, e->container);
    put_edition(o, e);
    put_published(o, e, false);
    if (e->pages) {
        put(o, " p. ");
        put_pages(o, e->pages, RANGES_MINIMAL);
        stop(o);
    }
}

/* Sea Facts [Internet]. 2022 [cited 2024 Jan 5]. How tides work. */
static void put_page(struct out *o, const struct entry *e)
{
    const char *title = e->title ? e->title : "[Untitled]";
    putf(o, "%s [Internet]", e->container ? e->container : title);
    if (e->issued.year || e->accessed.year) {
        next(o);
        put_date(o, &e->issued, false);
    }
    if (e->accessed.year) {
        put(o, e->issued.year ? " [cited " : "[cited ");
        put_date(o, &e->accessed, true);
        put(o, "]");
    }
    if (e->container) {
        next(o);
        put(o, title);
    }
    stop(o);
}

static void put_title(struct out *o, const struct entry *e)
{
    put(o, e->title ? e->title : "[Untitled]");
    if (e->type == ENTRY_THESIS)
        putf(o, " [%s]", genre_of(e, "Thesis"));
    if (e->type == ENTRY_REPORT && e->genre)
        putf(o, " [%s]", e->genre);
    if (e->url && !e->doi && !is_part(e))
        put(o, " [Internet]");
}

static void put_rest(struct out *o, const struct entry *e)
{
    if (e->type == ENTRY_ARTICLE || e->type == ENTRY_MAGAZINE) {
        put_serial(o, e);
    } else if (e->type == ENTRY_CHAPTER || e->type == ENTRY_CONFERENCE) {
        put_inside(o, e);
    } else {
        put_edition(o, e);
        put_published(o, e, e->type == ENTRY_REPORT);
    }
    if (e->type == ENTRY_REPORT && e->number) {
        next(o);
        putf(o, "%s no.: %s", genre_of(e, "Report"), e->number);
        stop(o);
    }
}

static void reference(struct out *o, const struct entry *e, const struct place *p)
{
    bool editors;
    const struct people *people = people_of(e, &editors);
    putf(o, "%zu. ", p->number);
    if (people->count) {
        put_names(o, people, &listed);
        if (editors)
            put(o, people->count > 1 ? ", editors" : ", editor");
        next(o);
    }
    if (e->type == ENTRY_WEBPAGE) {
        put_page(o, e);
    } else {
        put_title(o, e);
        put_rest(o, e);
    }
    if (e->doi) {
        next(o);
        putf(o, "doi:%s", e->doi);
    } else if (e->url) {
        next(o);
        putf(o, "Available from: %s", e->url);
    }
}

const struct style style_vancouver = {"vancouver", "Vancouver (NLM, citation-sequence)", SORT_NONE, false,
                                      cite, reference};
