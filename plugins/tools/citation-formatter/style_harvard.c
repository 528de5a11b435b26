/*
 * style_harvard.c - Harvard, as in Cite Them Right.
 *
 * SPDX-License-Identifier: MIT
 */
#include "style.h"

static const struct name_style listed = {.order = ALL_INVERTED, .given = GIVEN_TIGHT, .comma = ", ",
                                         .and_two = " and ", .and_last = " and ", .et_al = " et al.",
                                         .et_al_from = 4, .et_al_to = 1, .before_suffix = ", "};
static const struct name_style inside = {.order = NATURAL, .given = GIVEN_TIGHT, .and_two = " and ",
                                         .and_last = " and ", .et_al = " et al.", .et_al_from = 4,
                                         .et_al_to = 1};

static bool in_quotes(const struct entry *e)
{
    return is_part(e) && e->type != ENTRY_WEBPAGE;
}

static void cite(struct out *o, const struct entry *e, const struct place *p)
{
    bool editors;
    const struct people *people = people_of(e, &editors);
    put(o, "(");
    if (people->count)
        put_families(o, people, " and ", " and ", 4);
    else if (in_quotes(e))
        put_quoted(o, e->title ? e->title : "", '\0');
    else
        put(o, e->title ? e->title : "");
    put(o, ", ");
    put_year(o, e, p, "no date");
    put(o, ")");
}

static void put_title(struct out *o, const struct entry *e)
{
    const char *title = e->title ? e->title : "[Untitled]";
    if (in_quotes(e))
        put_quoted(o, title, ',');
    else
        put(o, title);
}

/* London: North Press */
static void put_publisher(struct out *o, const struct entry *e)
{
    if (!e->publisher)
        return;
    next(o);
    if (e->place)
        putf(o, "%s: ", e->place);
    put(o, e->publisher);
}

static void put_page_list(struct out *o, const struct entry *e)
{
    if (!e->pages)
        return;
    put(o, are_many(e->pages) ? ", pp. " : ", p. ");
    put_pages(o, e->pages, RANGES_WHOLE);
}

static void put_edition(struct out *o, const struct entry *e)
{
    if (!e->edition)
        return;
    next(o);
    put_ordinal(o, e->edition);
    put(o, " ed");
}

static void put_journal(struct out *o, const struct entry *e)
{
    if (e->container)
        putf(o, " %s", e->container);
    if (e->type == ENTRY_MAGAZINE && e->issued.month) {
        put(o, ",");
        if (e->issued.day)
            putf(o, " %d", e->issued.day);
        putf(o, " %s", months[e->issued.month]);
    }
    if (e->volume)
        putf(o, ", %s", e->volume);
    if (e->issue)
        putf(o, e->volume ? "(%s)" : ", (%s)", e->issue);
    put_page_list(o, e);
}

static void put_whole(struct out *o, const struct entry *e)
{
    if (e->type == ENTRY_CHAPTER)
        put(o, " in");
    if (e->type == ENTRY_CHAPTER && e->editors.count) {
        put(o, " ");
        put_names(o, &e->editors, &inside);
        put(o, e->editors.count > 1 ? " (eds.)" : " (ed.)");
    }
    if (e->container)
        putf(o, " %s", e->container);
    put_edition(o, e);
    put_publisher(o, e);
    put_page_list(o, e);
}

static void put_link(struct out *o, const struct entry *e)
{
    char room[1100];
    const char *link = link_of(e, room);
    if (!link)
        return;
    next(o);
    putf(o, "Available at: %s", link);
    if (!e->doi && e->accessed.year && e->accessed.month && e->accessed.day)
        putf(o, " (Accessed: %s %d, %d)", months[e->accessed.month], e->accessed.day, e->accessed.year);
}

static void put_rest(struct out *o, const struct entry *e)
{
    if (e->type == ENTRY_ARTICLE || e->type == ENTRY_MAGAZINE) {
        put_journal(o, e);
    } else if (e->type == ENTRY_CHAPTER || e->type == ENTRY_CONFERENCE) {
        put_whole(o, e);
    } else if (e->type == ENTRY_WEBPAGE) {
        if (e->container)
            putf(o, ", %s", e->container);
    } else {
        put_edition(o, e);
        if (e->type == ENTRY_THESIS || (e->type == ENTRY_REPORT && (e->genre || e->number))) {
            next(o);
            put(o, genre_of(e, e->type == ENTRY_THESIS ? "Thesis" : "Report"));
        }
        if (e->type == ENTRY_REPORT && e->number)
            putf(o, " %s", e->number);
        put_publisher(o, e);
    }
}

static void reference(struct out *o, const struct entry *e, const struct place *p)
{
    bool editors;
    const struct people *people = people_of(e, &editors);
    if (people->count) {
        put_names(o, people, &listed);
        if (editors)
            put(o, people->count > 1 ? " (eds.)" : " (ed.)");
    } else {
        put_title(o, e);
    }
    put(o, " (");
    put_year(o, e, p, "no date");
    put(o, ")");
    if (people->count) {
        put(o, " ");
        put_title(o, e);
    }
    put_rest(o, e);
    put_link(o, e);
    stop(o);
}

const struct style style_harvard = {"harvard", "Harvard (Cite Them Right)", SORT_BY_FAMILY, true, cite,
                                    reference};
