/*
 * SPDX-License-Identifier: MIT
 */
#include "format.h"

#include "utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- texts ---------------------------------------------------------------------------------- */

static char *text_of(struct out *o)
{
    if (o->failed || !bytes_add(&o->b, "", 0)) {
        bytes_free(&o->b);
        return NULL;
    }
    utf8_mend(o->b.ptr, o->b.len);
    return o->b.ptr;
}

char *format_citation(const struct style *style, const struct cited *c)
{
    struct out o = {.failed = false};
    style->cite(&o, c->entry, &c->place);
    return text_of(&o);
}

char *format_reference(const struct style *style, const struct cited *c)
{
    struct out o = {.failed = false};
    style->reference(&o, c->entry, &c->place);
    return text_of(&o);
}

/* ---- the order of the list ------------------------------------------------------------------ */

/* Letters of Latin-1 behind 0xc3, and of Latin Extended-A behind 0xc4 and 0xc5, without their accents. */
static const char plain_letters[] = "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo/ouuuuypy"
                                    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllll"
                                    "llnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static void put_key(struct out *o, const char *text)
{
    for (; text && *text; text++) {
        unsigned char c = (unsigned char)*text, after = (unsigned char)text[1];
        char letter[2] = {(char)tolower(c), '\0'};
        if (c >= 0xc3 && c <= 0xc5 && (after & 0xc0) == 0x80) {
            letter[0] = plain_letters[(c - 0xc3) * 64 + (after & 0x3f)];
            text++;
        }
        if (!strchr("'\"(),.[]", letter[0]))
            put(o, letter);
    }
}

static const char *without_article(const char *title)
{
    static const char *const articles[] = {"a ", "an ", "the "};
    for (size_t i = 0; title && i < 3; i++)
        if (strncasecmp(title, articles[i], strlen(articles[i])) == 0)
            return title + strlen(articles[i]);
    return title;
}

static char *sort_key_of(const struct entry *e, enum sorting sorting)
{
    bool editors;
    struct out o = {.failed = false};
    const struct people *people = people_of(e, &editors);
    for (size_t i = 0; i < people->count; i++) {
        const struct person *p = &people->at[i];
        if (sorting == SORT_WITH_PARTICLE)
            put_key(&o, p->particle);
        put_key(&o, p->family);
        put(&o, "\x01");
        put_key(&o, p->given);
        put(&o, "\x01");
    }
    if (people->count == 0)
        put_key(&o, without_article(e->title));
    putf(&o, "\x01%05d\x01", e->issued.year + 10000);
    put_key(&o, without_article(e->title));
    return text_of(&o);
}

static int by_key(const void *a, const void *b)
{
    const struct cited *x = *(struct cited *const *)a, *y = *(struct cited *const *)b;
    int order = strcmp(x->sort_key, y->sort_key);
    return order ? order : x->entry < y->entry ? -1 : x->entry > y->entry;
}

/* ---- who looks like whom -------------------------------------------------------------------- */

static void set_suffix(struct place *p, size_t n)
{
    char letters[sizeof(p->suffix)];
    size_t count = 0;
    for (n++; n > 0 && count + 1 < sizeof(letters); n = (n - 1) / 26)
        letters[count++] = (char)('a' + (n - 1) % 26);
    for (size_t i = 0; i < count; i++)
        p->suffix[i] = letters[count - 1 - i];
    p->suffix[count] = '\0';
}

/* The second and later of those that look like this one get the next letters. */
static void tell_apart(struct formatted *f, char **texts, size_t first, bool years)
{
    size_t alike = 0;
    for (size_t i = first + 1; i < f->count; i++) {
        if (f->by_list[i]->place.alike || strcmp(texts[first], texts[i]) != 0)
            continue;
        f->by_list[i]->place.alike = f->by_list[first]->place.alike = true;
        if (years)
            set_suffix(&f->by_list[i]->place, ++alike);
    }
    if (alike)
        set_suffix(&f->by_list[first]->place, 0);
}

static bool disambiguate(struct formatted *f, const struct style *style)
{
    bool ok = true;
    char **texts = calloc(f->count + 1, sizeof(*texts));
    for (size_t i = 0; texts && i < f->count; i++)
        ok = (texts[i] = format_citation(style, f->by_list[i])) != NULL && ok;
    for (size_t i = 0; texts && ok && i < f->count; i++)
        if (!f->by_list[i]->place.alike)
            tell_apart(f, texts, i, style->years);
    for (size_t i = 0; texts && i < f->count; i++)
        free(texts[i]);
    free(texts);
    return texts && ok;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_people(const struct entry *a, const struct entry *b)
{
    bool of_a, of_b;
    const struct people *x = people_of(a, &of_a), *y = people_of(b, &of_b);
    if (x->count == 0 || x->count != y->count || x->others != y->others || of_a != of_b)
        return false;
    for (size_t i = 0; i < x->count; i++)
        if (!same_text(x->at[i].family, y->at[i].family) || !same_text(x->at[i].given, y->at[i].given) ||
            !same_text(x->at[i].particle, y->at[i].particle))
            return false;
    return true;
}

/* ---- all ------------------------------------------------------------------------------------ */

static bool is_cited(const struct formatted *f, const struct entry *entry)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->by_citation[i].entry == entry)
            return true;
    return false;
}

static void take(struct formatted *f, const struct entry *entry)
{
    if (!entry || is_cited(f, entry))
        return;
    f->by_citation[f->count] = (struct cited){.entry = entry};
    f->by_citation[f->count].place.number = f->count + 1;
    f->by_list[f->count] = &f->by_citation[f->count];
    f->count++;
}

static bool sort(struct formatted *f, enum sorting sorting)
{
    if (sorting == SORT_NONE)
        return true;
    for (size_t i = 0; i < f->count; i++)
        if (!(f->by_citation[i].sort_key = sort_key_of(f->by_citation[i].entry, sorting)))
            return false;
    if (f->count)
        qsort(f->by_list, f->count, sizeof(*f->by_list), by_key);
    return true;
}

bool format_make(const struct library *l, const struct style *style, const char *const *keys,
                 size_t key_count, struct formatted *f)
{
    size_t most = key_count ? key_count : l->count;
    *f = (struct formatted){calloc(most + 1, sizeof(*f->by_citation)), calloc(most + 1, sizeof(*f->by_list)), 0};
    bool ok = f->by_citation && f->by_list;
    for (size_t i = 0; ok && i < most; i++)
        take(f, key_count ? library_find(l, keys[i]) : &l->entries[i]);
    ok = ok && sort(f, style->sorting) && (style->sorting == SORT_NONE || disambiguate(f, style));
    for (size_t i = 1; ok && i < f->count; i++)
        f->by_list[i]->place.repeated = same_people(f->by_list[i - 1]->entry, f->by_list[i]->entry);
    if (!ok)
        format_free(f);
    return ok;
}

void format_free(struct formatted *f)
{
    for (size_t i = 0; i < f->count; i++)
        free(f->by_citation[i].sort_key);
    free(f->by_citation);
    free(f->by_list);
    *f = (struct formatted){.count = 0};
}
