/*
 * documents.c - documents and their words, in a column of type tsvector.
 *
 * SPDX-License-Identifier: MIT
 *
 * The words are those of the kit, not PostgreSQL's, so that all stores find the same.
 */
#include "side.h"

/* PostgreSQL takes 1 MiB of words of one document, and positions up to 16,383. */
#define WORDS_MAX ((size_t)700 << 10)
#define POSITION_MAX 16383

static void add_word(struct bytes *out, const struct word *word, size_t position)
{
    bytes_add_text(out, out->len > 0 ? " '" : "'");
    bytes_add(out, word->text, word->len);
    bytes_add_text(out, "':");
    bytes_add_number(out, position);
}

int32_t document_insert(struct side *side, hexmcp_str space, const struct document *document,
                        hexmcp_error *err)
{
    struct bytes words = {0};
    struct pg_args args = {0};
    struct word word;
    size_t at = 0, n = 0;
    int32_t status;
    while (words.len < WORDS_MAX && words_next(document->text, &at, &word))
        add_word(&words, &word, ++n < POSITION_MAX ? n : POSITION_MAX);
    pg_bytes(&args, space);
    pg_bytes(&args, document->id);
    pg_bytes(&args, document->json);
    pg_text(&args, bytes_str(&words));
    status = words.failed
                 ? job_no_memory(err)
                 : pg_run(&side->pg,
                          "INSERT INTO documents VALUES ($1, $2, $3, $4::text::tsvector)"
                          " ON CONFLICT (space, id) DO UPDATE SET json = excluded.json,"
                          " words = excluded.words",
                          &args, NULL, NULL, NULL, err);
    bytes_free(&words);
    return status;
}

int32_t documents_index(struct side *side, struct job *job, hexmcp_error *err)
{
    struct document *documents = NULL;
    size_t count = 0;
    int32_t status = request_documents(&job->arena, job->text, &documents, &count, err);
    for (size_t i = 0; status == HEXMCP_OK && i < count; i++)
        status = document_insert(side, job->space, &documents[i], err);
    bytes_add_text(&job->answer, "{\"indexed\":");
    bytes_add_number(&job->answer, count);
    bytes_add_text(&job->answer, "}");
    return status;
}

static int32_t remove_ids(struct side *side, hexmcp_str space, const hexmcp_str *ids, size_t count,
                          uint64_t *removed, hexmcp_error *err)
{
    struct pg_array array = {0};
    struct pg_args args = {0};
    int32_t status;
    pg_array_begin(&array, 0, count);
    for (size_t i = 0; i < count; i++)
        pg_array_bytes(&array, ids[i]);
    pg_bytes(&args, space);
    pg_array(&args, &array);
    status = array.bytes.failed
                 ? job_no_memory(err)
                 : pg_run(&side->pg, "DELETE FROM documents WHERE space = $1 AND id = ANY ($2)", &args,
                          NULL, NULL, removed, err);
    bytes_free(&array.bytes);
    return status;
}

int32_t documents_remove(struct side *side, struct job *job, hexmcp_error *err)
{
    struct pg_args args = {0};
    hexmcp_str *ids = NULL;
    size_t count = 0;
    uint64_t removed = 0;
    int all = 0;
    int32_t status = request_ids(&job->arena, job->text, &ids, &count, &all, err);
    pg_bytes(&args, job->space);
    if (status == HEXMCP_OK && all)
        status = pg_run(&side->pg, "DELETE FROM documents WHERE space = $1", &args, NULL, NULL,
                        &removed, err);
    else if (status == HEXMCP_OK && count > 0)
        status = remove_ids(side, job->space, ids, count, &removed, err);
    bytes_add_text(&job->answer, "{\"removed\":");
    bytes_add_number(&job->answer, removed);
    bytes_add_text(&job->answer, "}");
    return status;
}

/* ---- query ---- */

struct finding {
    struct job *job;
    const struct search *search;
    struct hit *hits;
    size_t count;
    size_t room;
};

static int make_room(struct finding *f)
{
    struct hit *hits;
    if (f->count < f->room)
        return 1;
    hits = arena_get(&f->job->arena, (f->room * 2 + 64) * sizeof(*hits));
    if (!hits)
        return 0;
    for (size_t i = 0; i < f->count; i++)
        hits[i] = f->hits[i];
    f->hits = hits;
    f->room = f->room * 2 + 64;
    return 1;
}

/* A row is id, rank, and the document if the query needs it. */
static int32_t note(void *arg, const PGresult *row, hexmcp_error *err)
{
    struct finding *f = arg;
    struct arena *arena = &f->job->arena;
    hexmcp_str json = pg_get_bytes(row, 2), fields = {"", 0};
    struct hit hit;
    hexmcp_str *kept;
    if (f->search->filter.len > 0) {
        hexmcp_json_get(json, "fields", &fields);
        if (!search_passes(f->search->filter, fields))
            return HEXMCP_OK;
    }
    hit.id = arena_copy(arena, pg_get_bytes(row, 0));
    hit.score = pg_get_double(row, 1);
    kept = arena_get(arena, sizeof(*kept));
    if (!hit.id.ptr || !kept || !make_room(f))
        return job_no_memory(err);
    *kept = arena_copy(arena, json);
    if (!kept->ptr)
        return job_no_memory(err);
    hit.document = kept;
    f->hits[f->count++] = hit;
    return HEXMCP_OK;
}

static int32_t load(void *arg, const struct hit *hit, struct document *out, hexmcp_error *err)
{
    struct job *job = arg;
    return request_document(&job->arena, *(const hexmcp_str *)hit->document, out, err);
}

/* 'word' & 'word'... */
static void write_words(struct bytes *out, const struct search *search)
{
    for (size_t i = 0; i < search->term_count; i++) {
        bytes_add_text(out, i > 0 ? " & '" : "'");
        bytes_add_str(out, search->terms[i].word);
        bytes_add_text(out, "'");
    }
}

#define JSON_IF_NEEDED "CASE WHEN $2 = 1 THEN json ELSE ''::bytea END"

static int32_t by_words(struct side *side, struct finding *f, hexmcp_error *err)
{
    struct bytes words = {0};
    struct pg_args args = {0};
    int32_t status;
    if (f->search->term_count == 0)
        return HEXMCP_OK;
    write_words(&words, f->search);
    pg_bytes(&args, f->job->space);
    pg_number(&args, f->search->filter.len || f->search->fields.len || f->search->highlight);
    pg_text(&args, bytes_str(&words));
    /* 1: long documents count less; 32: rank / (rank + 1), from 0 to 1 */
    status = words.failed
                 ? job_no_memory(err)
                 : pg_run(&side->pg,
                          "SELECT id, ts_rank(words, $3::text::tsquery, 33)::float8, " JSON_IF_NEEDED
                          " FROM documents WHERE space = $1 AND words @@ $3::text::tsquery",
                          &args, note, f, NULL, err);
    bytes_free(&words);
    return status;
}

static int32_t all_documents(struct side *side, struct finding *f, hexmcp_error *err)
{
    struct pg_args args = {0};
    pg_bytes(&args, f->job->space);
    pg_number(&args, f->search->filter.len || f->search->fields.len || f->search->highlight);
    return pg_run(&side->pg,
                  "SELECT id, 1::float8, " JSON_IF_NEEDED " FROM documents WHERE space = $1", &args,
                  note, f, NULL, err);
}

int32_t documents_query(struct side *side, struct job *job, hexmcp_error *err)
{
    struct search search;
    struct finding f = {.job = job, .search = &search};
    int32_t status = request_search(&job->arena, job->text, &search, err);
    if (status == HEXMCP_OK)
        status = search.words ? by_words(side, &f, err) : all_documents(side, &f, err);
    if (status != HEXMCP_OK)
        return status;
    search_sort(f.hits, f.count);
    return search_answer(job, &search, f.hits, f.count, load, job, err);
}
