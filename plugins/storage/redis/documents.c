/*
 * documents.c - documents, and for each word those that have it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "side.h"

#include <string.h>

#define DOCUMENTS_AT_ONCE 200

int32_t document_add(struct command *c, struct arena *arena, const struct document *document,
                     hexmcp_error *err)
{
    struct term *terms;
    size_t count = 0, total = 0;
    int32_t status = words_terms(arena, document->text, &terms, &count, &total, err);
    if (status != HEXMCP_OK)
        return status;
    command_add(c, document->id);
    command_add(c, document->json);
    command_number(c, total);
    command_number(c, count);
    for (size_t i = 0; i < count; i++) {
        command_add(c, terms[i].word);
        command_number(c, terms[i].count);
    }
    return HEXMCP_OK;
}

int32_t documents_index_encode(struct side *side, struct job *job, struct command *c, int *needed,
                               hexmcp_error *err)
{
    struct document *documents = NULL;
    size_t count = 0;
    int32_t status = request_documents(&job->arena, job->text, &documents, &count, err);
    if (status != HEXMCP_OK)
        return status;
    *needed = 1;
    command_begin(c, &job->arena, SCRIPT_INDEX, &side->redis, (hexmcp_str){"", 0});
    command_add(c, job->space);
    for (size_t i = 0; i < count && status == HEXMCP_OK; i++)
        status = document_add(c, &job->arena, &documents[i], err);
    bytes_add_text(&job->answer, "{\"indexed\":");
    bytes_add_number(&job->answer, count);
    bytes_add_text(&job->answer, "}");
    return status;
}

int32_t documents_index_decode(struct side *side, struct job *job, const redisReply *reply,
                               hexmcp_error *err)
{
    (void)side;
    (void)job;
    (void)reply;
    (void)err;
    return HEXMCP_OK;
}

int32_t documents_remove_encode(struct side *side, struct job *job, struct command *c, int *needed,
                                hexmcp_error *err)
{
    hexmcp_str *ids = NULL;
    size_t count = 0;
    int all = 0;
    int32_t status = request_ids(&job->arena, job->text, &ids, &count, &all, err);
    if (status != HEXMCP_OK)
        return status;
    *needed = 1;
    command_begin(c, &job->arena, SCRIPT_UNINDEX, &side->redis, (hexmcp_str){"", 0});
    command_add(c, job->space);
    command_number(c, all ? 1 : 0);
    for (size_t i = 0; i < count; i++)
        command_add(c, ids[i]);
    return HEXMCP_OK;
}

int32_t documents_remove_decode(struct side *side, struct job *job, const redisReply *reply,
                                hexmcp_error *err)
{
    (void)side;
    (void)err;
    bytes_add_text(&job->answer, "{\"removed\":");
    bytes_add_number(&job->answer, reply_number(reply, 0));
    bytes_add_text(&job->answer, "}");
    return HEXMCP_OK;
}

/* ---- query ---- */

static hexmcp_str copy(struct arena *arena, const redisReply *reply, size_t index)
{
    return arena_copy(arena, reply_text(reply, index));
}

/* Documents that have all words, with their scores; their JSON is not loaded. */
static int32_t by_words(struct side *side, struct job *job, const struct search *search,
                        struct hit **hits, size_t *count, hexmcp_error *err)
{
    struct command c;
    redisReply *reply;
    size_t words = search->term_count, step = 2 + words, i;
    double documents, average;
    int32_t status;
    command_begin(&c, &job->arena, SCRIPT_FIND, &side->redis, (hexmcp_str){"", 0});
    command_add(&c, job->space);
    for (i = 0; i < words; i++)
        command_add(&c, search->terms[i].word);
    status = redis_ask(&side->redis, &c, &reply, err);
    if (status != HEXMCP_OK)
        return status;
    documents = (double)reply_number(reply, 0);
    average = documents > 0 ? (double)reply_number(reply, 1) / documents : 0;
    *hits = arena_get(&job->arena, (reply->elements / step + 1) * sizeof(**hits));
    for (i = 2 + words; *hits && words > 0 && i + step <= reply->elements; i += step) {
        struct hit *hit = &(*hits)[(*count)++];
        double score = 0;
        hit->id = copy(&job->arena, reply, i);
        for (size_t w = 0; w < words; w++)
            score += words_score((uint32_t)reply_number(reply, i + 2 + w),
                                 (double)reply_number(reply, i + 1), average,
                                 (double)reply_number(reply, 2 + w), documents);
        hit->score = search_scale(score);
        if (!hit->id.ptr)
            status = job_no_memory(err);
    }
    freeReplyObject(reply);
    return *hits ? status : job_no_memory(err);
}

/* The JSON of documents: ids of `count` hits, or of all documents if `hits` is NULL. */
static int32_t fetch(struct side *side, struct job *job, const struct hit *hits, size_t count,
                     redisReply **out, hexmcp_error *err)
{
    struct command c;
    command_begin(&c, &job->arena, SCRIPT_DOCUMENTS, &side->redis, (hexmcp_str){"", 0});
    command_add(&c, job->space);
    for (size_t i = 0; i < count; i++)
        command_add(&c, hits[i].id);
    return redis_ask(&side->redis, &c, out, err);
}

static int passes(const struct search *search, hexmcp_str json)
{
    hexmcp_str fields = {"", 0};
    hexmcp_json_get(json, "fields", &fields);
    return search_passes(search->filter, fields);
}

/* Keeps the hits whose documents pass the filter, with their documents. */
static int32_t load_hits(struct side *side, struct job *job, const struct search *search,
                         struct hit *hits, size_t *count, hexmcp_error *err)
{
    size_t kept = 0, done, all = *count;
    int32_t status = HEXMCP_OK;
    for (done = 0; status == HEXMCP_OK && done < all; done += DOCUMENTS_AT_ONCE) {
        size_t n = all - done < DOCUMENTS_AT_ONCE ? all - done : DOCUMENTS_AT_ONCE, at = 0;
        redisReply *reply;
        status = fetch(side, job, hits + done, n, &reply, err);
        if (status != HEXMCP_OK)
            break;
        /* Those that were removed meanwhile are missing; the others come in the order of the hits. */
        for (size_t i = 0; i < n && at + 1 < reply->elements; i++) {
            hexmcp_str id = reply_text(reply, at), *json;
            struct hit hit = hits[done + i];
            if (id.len != hit.id.len || memcmp(id.ptr, hit.id.ptr, id.len) != 0)
                continue;
            at += 2;
            if (!passes(search, reply_text(reply, at - 1)))
                continue;
            json = arena_get(&job->arena, sizeof(*json));
            if (json)
                *json = copy(&job->arena, reply, at - 1);
            if (!json || !json->ptr)
                status = job_no_memory(err);
            hit.document = json;
            hits[kept++] = hit;
        }
        freeReplyObject(reply);
    }
    *count = kept;
    return status;
}

static int32_t all_documents(struct side *side, struct job *job, struct hit **hits, size_t *count,
                             hexmcp_error *err)
{
    redisReply *reply;
    int32_t status = fetch(side, job, NULL, 0, &reply, err);
    if (status != HEXMCP_OK)
        return status;
    *hits = arena_get(&job->arena, (reply->elements / 2 + 1) * sizeof(**hits));
    for (size_t i = 0; *hits && i + 1 < reply->elements; i += 2) {
        struct hit *hit = &(*hits)[(*count)++];
        hit->id = copy(&job->arena, reply, i);
        hit->score = 1;
        if (!hit->id.ptr)
            status = job_no_memory(err);
    }
    freeReplyObject(reply);
    return *hits ? status : job_no_memory(err);
}

static int32_t load(void *arg, const struct hit *hit, struct document *out, hexmcp_error *err)
{
    struct job *job = arg;
    return request_document(&job->arena, *(const hexmcp_str *)hit->document, out, err);
}

int32_t documents_query(struct side *side, struct job *job, hexmcp_error *err)
{
    struct search search;
    struct hit *hits = NULL;
    size_t count = 0;
    int32_t status = request_search(&job->arena, job->text, &search, err);
    if (status == HEXMCP_OK)
        status = search.words ? by_words(side, job, &search, &hits, &count, err)
                              : all_documents(side, job, &hits, &count, err);
    if (status == HEXMCP_OK && (search.filter.len || search.fields.len || search.highlight))
        status = load_hits(side, job, &search, hits, &count, err);
    if (status != HEXMCP_OK)
        return status;
    search_sort(hits, count);
    return search_answer(job, &search, hits, count, load, job, err);
}
