/*
 * SPDX-License-Identifier: MIT
 */
#include "names.h"

#include <string.h>

/* Bytes of the character at `text`. */
static size_t character(const char *text)
{
    size_t len = 1;
    while (((unsigned char)text[len] & 0xc0) == 0x80)
        len++;
    return len;
}

/* "Anna Maria" and "J. R." to "A. M." and "J. R."; "Jean-Paul" to "J.-P.". */
static void put_initials(struct out *o, const char *given, enum given how)
{
    bool any = false, hyphen = false;
    for (const char *at = given; *at;) {
        size_t len = strcspn(at, " .-");
        if (len) {
            char letter[8] = "";
            size_t size = character(at);
            memcpy(letter, at, size < 7 ? size : 7);
            if (any && how == GIVEN_SPACED && !hyphen)
                put(o, " ");
            else if (any && hyphen && how != GIVEN_BARE)
                put(o, "-");
            putf(o, "%s%s", letter, how == GIVEN_BARE ? "" : ".");
            any = true;
        }
        at += len;
        hyphen = *at == '-';
        at += strspn(at, " .-");
    }
}

static void put_given(struct out *o, const struct person *p, enum given how)
{
    if (how == GIVEN_WHOLE)
        put(o, p->given);
    else
        put_initials(o, p->given, how);
}

static void put_family(struct out *o, const struct person *p)
{
    if (p->particle)
        putf(o, "%s ", p->particle);
    put(o, p->family);
}

static void put_inverted(struct out *o, const struct person *p, const struct name_style *s)
{
    if (s->particle_behind)
        put(o, p->family);
    else
        put_family(o, p);
    if (p->given) {
        put(o, s->comma);
        put_given(o, p, s->given);
    }
    if (s->particle_behind && p->particle)
        putf(o, " %s", p->particle);
    if (p->suffix)
        putf(o, "%s%s", s->before_suffix, p->suffix);
}

static void put_natural(struct out *o, const struct person *p, const struct name_style *s)
{
    if (p->given) {
        put_given(o, p, s->given);
        put(o, " ");
    }
    put_family(o, p);
    if (p->suffix)
        putf(o, " %s", p->suffix);
}

void put_names(struct out *o, const struct people *people, const struct name_style *s)
{
    bool many = people->count >= s->et_al_from, cut = many || people->others;
    size_t shown = many ? s->et_al_to : people->count;
    for (size_t i = 0; i < shown; i++) {
        if (i > 0)
            put(o, cut || i + 1 < shown ? ", " : shown == 2 ? s->and_two : s->and_last);
        if (s->order == ALL_INVERTED || (s->order == FIRST_INVERTED && i == 0))
            put_inverted(o, &people->at[i], s);
        else
            put_natural(o, &people->at[i], s);
    }
    if (many && s->ellipsis && !people->others) {
        put(o, s->ellipsis);
        put_inverted(o, &people->at[people->count - 1], s);
    } else if (cut) {
        put(o, s->et_al ? s->et_al : ", et al.");
    }
}

void put_families(struct out *o, const struct people *people, const char *and_two, const char *and_last,
                  size_t et_al_from)
{
    bool cut = people->count >= et_al_from || people->others;
    size_t shown = cut ? 1 : people->count;
    for (size_t i = 0; i < shown; i++) {
        if (i > 0)
            put(o, i + 1 < shown ? ", " : shown == 2 ? and_two : and_last);
        put_family(o, &people->at[i]);
    }
    if (cut)
        put(o, " et al.");
}
