/*
 * documents.c - documents and their words.
 *
 * SPDX-License-Identifier: MIT
 */
#include "world.h"

#include <stdlib.h>

/* The documents that have a word. */
struct postings {
    struct posting {
        struct indexed *document;
        size_t slot; /* of the word in document->terms */
        uint32_t count;
    } *list;
    size_t count;
    size_t room;
};

/* A word of a document: where its posting is. */
struct posting_of {
    struct tree_node *term;
    size_t index;
};

static void postings_free(void *value)
{
    struct postings *postings = value;
    free(postings->list);
    free(postings);
}

static struct tree_node *term_get(struct space *space, hexmcp_str word)
{
    struct tree_node *node = tree_find(&space->terms, word);
    struct postings *postings;
    if (node)
        return node;
    postings = calloc(1, sizeof(*postings));
    node = postings ? tree_node_new(&space->terms, word) : NULL;
    if (!node) {
        free(postings);
        return NULL;
    }
    node->value = postings;
    tree_link(&space->terms, node);
    return node;
}

static int posting_add(struct postings *postings, struct indexed *document, size_t slot,
                       uint32_t count)
{
    if (postings->count == postings->room) {
        size_t room = postings->room ? postings->room * 2 : 4;
        struct posting *list = realloc(postings->list, room * sizeof(*list));
        if (!list)
            return 0;
        postings->list = list;
        postings->room = room;
    }
    document->terms[slot].index = postings->count;
    postings->list[postings->count++] = (struct posting){document, slot, count};
    return 1;
}

/* The last posting takes the place of the one that goes. */
static void posting_drop(struct space *space, struct posting_of *of)
{
    struct postings *postings = of->term->value;
    struct posting last = postings->list[--postings->count];
    postings->list[of->index] = last;
    last.document->terms[last.slot].index = of->index;
    if (postings->count > 0)
        return;
    postings_free(postings);
    tree_remove(&space->terms, of->term);
}

static size_t document_bytes(const struct indexed *document)
{
    return THING_BYTES + document->document.json.len * 2 + document->term_count * THING_BYTES;
}

static void unlink_words(struct space *space, struct indexed *document)
{
    while (document->term_count > 0)
        posting_drop(space, &document->terms[--document->term_count]);
}

static void indexed_free(void *value)
{
    struct indexed *document = value;
    struct arena memory = document->memory;
    arena_free(&memory);
}

static void drop(struct world *world, struct space *space, struct tree_node *node)
{
    struct indexed *document = node->value;
    world->bytes -= document_bytes(document);
    space->words -= document->length;
    unlink_words(space, document);
    indexed_free(document);
    tree_remove(&space->documents, node);
}

static int link_words(struct space *space, struct indexed *document, const struct term *terms,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct tree_node *term = term_get(space, terms[i].word);
        if (!term)
            return 0;
        document->terms[i].term = term;
        if (!posting_add(term->value, document, i, terms[i].count)) {
            if (((struct postings *)term->value)->count == 0) {
                postings_free(term->value);
                tree_remove(&space->terms, term);
            }
            return 0;
        }
        document->term_count++;
    }
    return 1;
}

/* A copy in an arena of its own, in which it lies itself. */
static struct indexed *copy_of(const struct document *from, hexmcp_error *err)
{
    struct arena memory = {0};
    struct indexed *copy = arena_get(&memory, sizeof(*copy));
    hexmcp_str json = copy ? arena_copy(&memory, from->json) : (hexmcp_str){0};
    if (!json.ptr ||
        request_document(&memory, json, &copy->document, err) != HEXMCP_OK) {
        arena_free(&memory);
        job_no_memory(err);
        return NULL;
    }
    copy->memory = memory;
    return copy;
}

int32_t documents_add(struct world *world, hexmcp_str space_name, const struct document *from,
                      hexmcp_error *err)
{
    struct space *space = world_space(world, space_name, 1);
    struct indexed *document = space ? copy_of(from, err) : NULL;
    struct tree_node *node, *old;
    struct arena scratch = {0};
    struct term *terms;
    size_t count = 0, total = 0;
    int fine;
    if (!document)
        return job_no_memory(err);
    fine = words_terms(&scratch, document->document.text, &terms, &count, &total, err) == HEXMCP_OK;
    if (fine)
        document->terms = arena_get(&document->memory, count * sizeof(*document->terms) + 1);
    node = fine && document->terms ? tree_node_new(&space->documents, document->document.id) : NULL;
    fine = node && link_words(space, document, terms, count);
    arena_free(&scratch);
    if (!fine) {
        unlink_words(space, document);
        free(node);
        indexed_free(document);
        return job_no_memory(err);
    }
    old = tree_find(&space->documents, document->document.id);
    if (old)
        drop(world, space, old);
    document->length = (double)total;
    node->value = document;
    tree_link(&space->documents, node);
    space->words += document->length;
    world->bytes += document_bytes(document);
    return HEXMCP_OK;
}

int32_t documents_index(struct world *world, struct job *job, hexmcp_error *err)
{
    struct document *documents = NULL;
    size_t count = 0;
    int32_t status = request_documents(&job->arena, job->text, &documents, &count, err);
    if (status == HEXMCP_OK)
        status = world_room(world, job->text.len * 4, err);
    for (size_t i = 0; i < count && status == HEXMCP_OK; i++)
        status = documents_add(world, job->space, &documents[i], err);
    bytes_add_text(&job->answer, "{\"indexed\":");
    bytes_add_number(&job->answer, count);
    bytes_add_text(&job->answer, "}");
    return status;
}

int32_t documents_remove(struct world *world, struct job *job, hexmcp_error *err)
{
    struct space *space = world_space(world, job->space, 0);
    hexmcp_str *ids = NULL;
    size_t count = 0, removed = 0;
    int all = 0;
    int32_t status = request_ids(&job->arena, job->text, &ids, &count, &all, err);
    if (status != HEXMCP_OK)
        return status;
    while (all && space && space->documents.last) {
        drop(world, space, space->documents.last);
        removed++;
    }
    for (size_t i = 0; i < count && space; i++) {
        struct tree_node *node = tree_find(&space->documents, ids[i]);
        if (!node)
            continue;
        drop(world, space, node);
        removed++;
    }
    bytes_add_text(&job->answer, "{\"removed\":");
    bytes_add_number(&job->answer, removed);
    bytes_add_text(&job->answer, "}");
    return HEXMCP_OK;
}

/* How often the document has the word; 0 if it has not. */
static uint32_t count_of(const struct tree_node *term, const struct indexed *document)
{
    const struct postings *postings = term->value;
    for (size_t i = 0; i < document->term_count; i++)
        if (document->terms[i].term == term)
            return postings->list[document->terms[i].index].count;
    return 0;
}

static int32_t add_hit(struct indexed *document, double score, const struct search *search,
                       struct hit *hits, size_t *count)
{
    if (search_passes(search->filter, document->document.fields))
        hits[(*count)++] = (struct hit){document->document.id, score, document};
    return HEXMCP_OK;
}

/* Documents that have all words. */
static int32_t by_words(const struct space *space, struct arena *arena, const struct search *search,
                        struct hit **hits, size_t *count, hexmcp_error *err)
{
    struct tree_node **terms = arena_get(arena, search->term_count * sizeof(struct tree_node *) + 1);
    const struct postings *fewest = NULL;
    double documents = (double)space->documents.count;
    if (!terms)
        return job_no_memory(err);
    for (size_t i = 0; i < search->term_count; i++) {
        const struct postings *postings;
        terms[i] = tree_find(&space->terms, search->terms[i].word);
        if (!terms[i])
            return HEXMCP_OK;
        postings = terms[i]->value;
        if (!fewest || postings->count < fewest->count)
            fewest = postings;
    }
    *hits = fewest ? arena_get(arena, fewest->count * sizeof(**hits)) : NULL;
    if (fewest && !*hits)
        return job_no_memory(err);
    for (size_t i = 0; fewest && i < fewest->count; i++) {
        struct indexed *document = fewest->list[i].document;
        double score = 0;
        uint32_t often = 1;
        for (size_t t = 0; t < search->term_count && often > 0; t++) {
            often = count_of(terms[t], document);
            score += words_score(often, document->length, space->words / documents,
                                 (double)((const struct postings *)terms[t]->value)->count,
                                 documents);
        }
        if (often > 0)
            add_hit(document, search_scale(score), search, *hits, count);
    }
    return HEXMCP_OK;
}

static int32_t all_documents(const struct space *space, struct arena *arena,
                             const struct search *search, struct hit **hits, size_t *count,
                             hexmcp_error *err)
{
    const struct tree_node *node = space->documents.first[0];
    *hits = arena_get(arena, space->documents.count * sizeof(**hits) + 1);
    if (!*hits)
        return job_no_memory(err);
    for (; node; node = node->next[0])
        add_hit(node->value, 1, search, *hits, count);
    return HEXMCP_OK;
}

static int32_t load(void *arg, const struct hit *hit, struct document *out, hexmcp_error *err)
{
    (void)arg;
    (void)err;
    *out = ((const struct indexed *)hit->document)->document;
    return HEXMCP_OK;
}

int32_t documents_query(struct world *world, struct job *job, hexmcp_error *err)
{
    const struct space *space = world_space(world, job->space, 0);
    struct search search;
    struct hit *hits = NULL;
    size_t count = 0;
    int32_t status = request_search(&job->arena, job->text, &search, err);
    if (status == HEXMCP_OK && space)
        status = search.words ? by_words(space, &job->arena, &search, &hits, &count, err)
                              : all_documents(space, &job->arena, &search, &hits, &count, err);
    if (status != HEXMCP_OK)
        return status;
    search_sort(hits, count);
    return search_answer(job, &search, hits, count, load, NULL, err);
}

void documents_clear(struct space *space)
{
    tree_clear(&space->documents, indexed_free);
    tree_clear(&space->terms, postings_free);
}
