/*
 * style_nature.c - Nature.
 *
 * SPDX-License-Identifier: MIT
 */
#include "style.h"

static const struct name_style listed = {.order = ALL_INVERTED, .given = GIVEN_SPACED, .comma = ", ",
                                         .and_two = " & ", .and_last = " & ", .et_al = " et al.",
                                         .et_al_from = 6, .et_al_to = 1, .before_suffix = ", "};

static void cite(struct out *o, const struct entry *e, const struct place *p)
{
    (void)e;
    putf(o, "%zu", p->number);
}

/* (North Press, London, 2015) */
static void put_published(struct out *o, const struct entry *e)
{
    const char *before = "(";
    if (e->publisher) {
        putf(o, "%s%s", before, e->publisher);
        before = ", ";
    }
    if (e->place) {
        putf(o, "%s%s", before, e->place);
        before = ", ";
    }
    if (e->issued.year) {
        putf(o, "%s%d", before, e->issued.year);
        before = ", ";
    }
    if (before[0] == ',')
        put(o, ")");
}

static void put_title(struct out *o, const struct entry *e)
{
    const char *title = e->title ? e->title : "[Untitled]";
    if (e->type == ENTRY_BOOK || e->type == ENTRY_REPORT)
        put_headline(o, title);
    else
        put(o, title);
    next(o);
}

static void put_serial(struct out *o, const struct entry *e)
{
    if (e->container)
        put(o, e->container);
    if (e->volume)
        putf(o, " %s", e->volume);
    if (e->pages) {
        put(o, e->volume ? ", " : " ");
        put_pages(o, e->pages, RANGES_WHOLE);
    }
    if (e->issued.year)
        putf(o, " (%d)", e->issued.year);
}

static void put_inside(struct out *o, const struct entry *e)
{
    putf(o, "in %s", e->container ? e->container : "");
    if (e->editors.count) {
        put(o, e->editors.count > 1 ? " (eds. " : " (ed. ");
        put_names(o, &e->editors, &listed);
        put(o, ")");
    }
    if (e->pages) {
        put(o, " ");
        put_pages(o, e->pages, RANGES_WHOLE);
    }
    put(o, " ");
    put_published(o, e);
}

/* Sea Facts https://www.example.org/tides (2022) */
static void put_online(struct out *o, const struct entry *e)
{
    if (e->container && e->type == ENTRY_WEBPAGE)
        putf(o, "%s ", e->container);
    put(o, e->url);
    if (e->issued.year)
        putf(o, " (%d)", e->issued.year);
}

static void reference(struct out *o, const struct entry *e, const struct place *p)
{
    putf(o, "%zu. ", p->number);
    if (e->authors.count) {
        put_names(o, &e->authors, &listed);
        next(o);
    }
    put_title(o, e);
    if (e->type == ENTRY_ARTICLE || e->type == ENTRY_MAGAZINE)
        put_serial(o, e);
    else if (e->type == ENTRY_CHAPTER || e->type == ENTRY_CONFERENCE)
        put_inside(o, e);
    else if ((e->type == ENTRY_WEBPAGE || e->type == ENTRY_REPORT) && e->url)
        put_online(o, e);
    else
        put_published(o, e);
    stop(o);
    if (e->doi && e->type != ENTRY_ARTICLE) {
        putf(o, " doi:%s", e->doi);
        stop(o);
    }
}

const struct style style_nature = {"nature", "Nature", SORT_NONE, false, cite, reference};
