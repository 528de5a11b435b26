/*
 * style.h - the styles: how an entry is cited in the text, and how it stands in the list.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "names.h"

/* How one entry is cited. */
struct place {
    size_t number;   /* in the list, from 1: for styles that number */
    char suffix[4];  /* "a", "b" behind the year of those that would look alike; else empty */
    bool alike;      /* others would look alike */
    bool repeated;   /* in the list the names are those of the entry before */
};

enum sorting { SORT_NONE, SORT_WITH_PARTICLE, SORT_BY_FAMILY };

struct style {
    const char *name, *title;
    enum sorting sorting; /* of the list; none: in the order of citation */
    bool years;           /* suffixes of years tell entries apart */
    void (*cite)(struct out *o, const struct entry *e, const struct place *p);
    void (*reference)(struct out *o, const struct entry *e, const struct place *p);
};

extern const struct style style_apa, style_mla, style_chicago_date, style_chicago_note, style_harvard,
    style_ieee, style_nature, style_vancouver;
extern const struct style *const styles[]; /* NULL ends them */

/* NULL if there is none of this name. */
const struct style *style_find(const char *name);

/* ---- for styles ------------------------------------------------------------------------------ */

/* The year, "2005a", or `none`. */
void put_year(struct out *o, const struct entry *e, const struct place *p, const char *none);

/* Names of months: whole, or as the style shortens them. */
extern const char *const months[13];
extern const char *const months_three[13];  /* Jan ... Sep: without periods */

/* Authors, or the editors if there are none; `editors` tells which. */
const struct people *people_of(const struct entry *e, bool *editors);

/* Those whose titles stand in quotes: parts of something. */
bool is_part(const struct entry *e);

/* The DOI as a URL, or the URL; NULL without. `to` has room for 1,100 bytes. */
const char *link_of(const struct entry *e, char to[1100]);

/* "Technical report", or what `genre` says. */
const char *genre_of(const struct entry *e, const char *usual);
