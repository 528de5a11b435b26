#include "core/search/bm25.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/str_index.h"
#include "core/search/words.h"

#define K1 1.2
#define B 0.75

/* Shorter beginnings would stand for too many words. */
#define PREFIX_MIN 3
#define PREFIX_WEIGHT 0.5

struct posting {
    uint32_t document;
    uint32_t weight;
};

struct term {
    struct posting *postings; /* by document */
    uint32_t count, cap;
};

struct bm25 {
    struct arena memory;
    struct str_index terms;
    uint32_t *lengths; /* of documents, in weighted words */
    uint32_t count, cap;
    uint64_t total;
    bool failed;
};

struct bm25 *bm25_new(void)
{
    return calloc(1, sizeof(struct bm25));
}

void bm25_free(struct bm25 *index)
{
    if (!index)
        return;
    for (size_t i = 0; i < index->terms.count; i++)
        free(((struct term *)index->terms.entries[i].value)->postings);
    str_index_clear(&index->terms);
    arena_clear(&index->memory);
    free(index->lengths);
    free(index);
}

bool bm25_failed(const struct bm25 *index)
{
    return index->failed;
}

/* Makes room for one more. */
static bool grow(void **list, uint32_t count, uint32_t *cap, size_t size)
{
    if (count < *cap)
        return true;
    uint32_t more = *cap ? *cap * 2 : 4;
    void *grown = realloc(*list, more * size);
    if (!grown)
        return false;
    *list = grown;
    *cap = more;
    return true;
}

void bm25_document(struct bm25 *index)
{
    void *lengths = index->lengths;
    if (!grow(&lengths, index->count, &index->cap, sizeof(*index->lengths))) {
        index->failed = true;
        return;
    }
    index->lengths = lengths;
    index->lengths[index->count++] = 0;
}

static struct term *term_of(struct bm25 *index, struct str word)
{
    struct term *term = str_index_get(&index->terms, word);
    if (term)
        return term;
    struct str key = arena_copy(&index->memory, word);
    term = key.ptr ? arena_alloc(&index->memory, sizeof(*term)) : NULL;
    return term && str_index_put(&index->terms, key, term) ? term : NULL;
}

static bool count_word(struct bm25 *index, struct str word, uint32_t weight)
{
    uint32_t document = index->count - 1;
    struct term *term = term_of(index, word);
    if (!term)
        return false;
    if (term->count == 0 || term->postings[term->count - 1].document != document) {
        void *postings = term->postings;
        if (!grow(&postings, term->count, &term->cap, sizeof(*term->postings)))
            return false;
        term->postings = postings;
        term->postings[term->count++] = (struct posting){.document = document};
    }
    term->postings[term->count - 1].weight += weight;
    index->lengths[document] += weight;
    index->total += weight;
    return true;
}

void bm25_add(struct bm25 *index, struct str text, uint32_t weight)
{
    struct words words = {text};
    struct word word;
    while (!index->failed && words_next(&words, &word))
        index->failed = !count_word(index, (struct str){word.text, word.len}, weight);
}

static void score_term(const struct bm25 *index, const struct term *term, double factor,
                       double *scores)
{
    double n = term->count, all = index->count, mean = (double)index->total / all;
    double idf = log(1 + (all - n + 0.5) / (n + 0.5));
    for (uint32_t i = 0; i < term->count; i++) {
        const struct posting *p = &term->postings[i];
        double often = p->weight, length = index->lengths[p->document];
        scores[p->document] += factor * idf * often * (K1 + 1) /
                               (often + K1 * (1 - B + B * length / mean));
    }
}

static void score_word(const struct bm25 *index, struct str word, double *scores)
{
    const struct term *term = str_index_get(&index->terms, word);
    if (term) {
        score_term(index, term, 1, scores);
        return;
    }
    for (size_t i = 0; word.len >= PREFIX_MIN && i < index->terms.count; i++)
        if (str_starts(index->terms.entries[i].key, word))
            score_term(index, index->terms.entries[i].value, PREFIX_WEIGHT, scores);
}

static int better(const void *a, const void *b)
{
    const struct bm25_hit *x = a, *y = b;
    if (x->score < y->score || x->score > y->score)
        return x->score > y->score ? -1 : 1;
    return x->document < y->document ? -1 : 1;
}

int bm25_search(const struct bm25 *index, struct str query, struct bm25_hit *hits, size_t *count,
                struct error *err)
{
    double *scores = calloc(index->count + 1u, sizeof(*scores));
    struct words words = {query};
    struct word word;
    size_t found = 0;
    if (!scores)
        return error_set(err, ST_NOMEM, "out of memory");
    while (words_next(&words, &word))
        score_word(index, (struct str){word.text, word.len}, scores);
    for (uint32_t i = 0; i < index->count; i++)
        if (scores[i] > 0)
            hits[found++] = (struct bm25_hit){i, scores[i]};
    free(scores);
    if (found)
        qsort(hits, found, sizeof(*hits), better);
    *count = found;
    return ST_OK;
}
