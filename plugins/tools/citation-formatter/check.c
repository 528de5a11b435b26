/*
 * check.c - what entries lack, and what in them cannot be right.
 *
 * SPDX-License-Identifier: MIT
 */
#include "library.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static void need(struct library *l, const struct entry *e, const char *field, const void *value,
                 const char *of)
{
    if (!value)
        library_issue(l, e, field, true, "%s has no %s; add it", of, field);
}

static void check_needed(struct library *l, const struct entry *e)
{
    const void *people = e->authors.count || e->editors.count ? e : NULL;
    const void *year = e->issued.year ? e : NULL;
    switch (e->type) {
    case ENTRY_ARTICLE:
    case ENTRY_MAGAZINE:
        need(l, e, "author", e->authors.count ? e : NULL, "an article");
        need(l, e, "journal", e->container, "an article");
        need(l, e, "year", year, "an article");
        break;
    case ENTRY_BOOK:
        need(l, e, "author", people, "a book");
        need(l, e, "publisher", e->publisher, "a book");
        need(l, e, "year", year, "a book");
        break;
    case ENTRY_CHAPTER:
    case ENTRY_CONFERENCE:
        need(l, e, "author", e->authors.count ? e : NULL, "a part of a book");
        need(l, e, "booktitle", e->container, "a part of a book");
        need(l, e, "year", year, "a part of a book");
        break;
    case ENTRY_THESIS:
    case ENTRY_REPORT:
        need(l, e, "author", e->authors.count ? e : NULL, "a thesis or report");
        need(l, e, e->type == ENTRY_THESIS ? "school" : "institution", e->publisher, "a thesis or report");
        need(l, e, "year", year, "a thesis or report");
        break;
    case ENTRY_WEBPAGE:
        need(l, e, "url", e->url ? e->url : e->doi, "a page of the web");
        break;
    case ENTRY_OTHER:
        break;
    }
}

static void check_doi(struct library *l, const struct entry *e)
{
    const char *slash = e->doi ? strchr(e->doi, '/') : NULL;
    if (e->doi && (strncmp(e->doi, "10.", 3) != 0 || !slash || !slash[1] || strpbrk(e->doi, " \t")))
        library_issue(l, e, "doi", true, "\"%.100s\" is no DOI; one looks like 10.1000/182", e->doi);
}

static void check_url(struct library *l, const struct entry *e)
{
    bool good = !e->url || ((strncasecmp(e->url, "http://", 7) == 0 || strncasecmp(e->url, "https://", 8) == 0 ||
                             strncasecmp(e->url, "ftp://", 6) == 0) &&
                            !strpbrk(e->url, " \t<>\""));
    if (!good)
        library_issue(l, e, "url", true, "\"%.100s\" is no URL; one begins with https://", e->url);
}

/* The last digit of an ISBN is a checksum of the others. */
static bool isbn_is_good(const char *isbn)
{
    int digits[13], count = 0, sum = 0;
    for (; *isbn; isbn++) {
        if (*isbn == '-' || *isbn == ' ')
            continue;
        bool x = (*isbn == 'x' || *isbn == 'X') && count == 9;
        if (count == 13 || (!x && !isdigit((unsigned char)*isbn)))
            return false;
        digits[count++] = x ? 10 : *isbn - '0';
    }
    for (int i = 0; i < count; i++)
        sum += digits[i] * (count == 10 ? 10 - i : i % 2 ? 3 : 1);
    return (count == 10 && sum % 11 == 0) || (count == 13 && digits[9] < 10 && sum % 10 == 0);
}

static void check_values(struct library *l, const struct entry *e)
{
    if (!e->title)
        library_issue(l, e, "title", true, "the entry has no title; add it");
    check_doi(l, e);
    check_url(l, e);
    if (e->isbn && !isbn_is_good(e->isbn))
        library_issue(l, e, "isbn", true, "\"%.40s\" is no ISBN: its digits do not add up", e->isbn);
    if (e->issued.year > 2100)
        library_issue(l, e, "year", false, "%d is far in the future", e->issued.year);
    if (e->pages && !strpbrk(e->pages, "0123456789") && strspn(e->pages, "ivxlcdmIVXLCDM") == 0)
        library_issue(l, e, "pages", false, "\"%.40s\" names no page", e->pages);
    if (e->type == ENTRY_WEBPAGE && !e->accessed.year && !e->issued.year)
        library_issue(l, e, "urldate", false, "neither a date nor when it was read; add one");
}

void library_check(struct library *l)
{
    for (size_t i = 0; i < l->count && !l->out_of_memory; i++) {
        const struct entry *e = &l->entries[i];
        if (library_find(l, e->key) != e)
            library_issue(l, e, "key", true, "the key is used more than once; give each entry its own");
        check_needed(l, e);
        check_values(l, e);
    }
}
