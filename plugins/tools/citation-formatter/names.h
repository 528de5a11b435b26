/*
 * names.h - names of people as styles write them.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "library.h"
#include "out.h"

enum order { NATURAL, FIRST_INVERTED, ALL_INVERTED };
enum given { GIVEN_WHOLE, GIVEN_SPACED /* A. M. */, GIVEN_TIGHT /* A.M. */, GIVEN_BARE /* AM */ };

struct name_style {
    enum order order;
    enum given given;
    const char *comma;      /* between family and given name, inverted: ", " or " " */
    const char *and_two;    /* between two */
    const char *and_last;   /* before the last of more */
    const char *et_al;      /* in place of those that are left out */
    size_t et_al_from;      /* so many or more are cut */
    size_t et_al_to;        /* to so many */
    const char *ellipsis;   /* if the last one is shown in spite of it, what stands before him */
    bool particle_behind;   /* "Beethoven, Ludwig van" */
    const char *before_suffix; /* ", " or " " */
};

void put_names(struct out *o, const struct people *people, const struct name_style *style);

/* Family names alone, for citations in the text. */
void put_families(struct out *o, const struct people *people, const char *and_two, const char *and_last,
                  size_t et_al_from);
