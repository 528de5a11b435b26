/*
 * search.c - see search.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/search.h"

#include "kit/request.h"

#include <stdlib.h>
#include <string.h>

/* About so many bytes stand around a word that is shown. */
#define AROUND 60
#define HIGHLIGHTS_MAX 3

int32_t request_document(struct arena *arena, hexmcp_str json, struct document *out,
                         hexmcp_error *err)
{
    hexmcp_str value;
    int32_t status;
    *out = (struct document){.json = json};
    if (hexmcp_json_get(json, "vector", &value) == HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED,
                           "this store finds documents by words, not by vectors");
    if (hexmcp_json_get(json, "fields", &value) == HEXMCP_OK)
        out->fields = value;
    status = request_text(arena, json, "text", &out->text, err);
    if (status == HEXMCP_OK)
        status = request_text(arena, json, "id", &out->id, err);
    if (status == HEXMCP_OK && (out->id.len == 0 || out->id.len > 512))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "the id of a document has 1 to 512 bytes");
    return status;
}

static int32_t list_of(struct arena *arena, hexmcp_str json, const char *key, size_t size,
                       hexmcp_str *list, void **out, size_t *count, hexmcp_error *err)
{
    hexmcp_json_iter it;
    *count = 0;
    if (hexmcp_json_get(json, key, list) != HEXMCP_OK ||
        hexmcp_json_type(*list) != HEXMCP_JSON_ARRAY)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "the request has no array `%s`", key);
    for (it = hexmcp_json_iter_begin(*list); hexmcp_json_next(&it, NULL, NULL);)
        (*count)++;
    *out = arena_get(arena, *count * size + 1);
    return *out ? HEXMCP_OK : job_no_memory(err);
}

int32_t request_documents(struct arena *arena, hexmcp_str json, struct document **out, size_t *count,
                          hexmcp_error *err)
{
    hexmcp_str list, value;
    hexmcp_json_iter it;
    void *memory = NULL;
    int32_t status =
        list_of(arena, json, "documents", sizeof(**out), &list, &memory, count, err);
    size_t i;
    if (status != HEXMCP_OK)
        return status;
    *out = memory;
    it = hexmcp_json_iter_begin(list);
    for (i = 0; i < *count && status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &value); i++)
        status = request_document(arena, value, &(*out)[i], err);
    return status;
}

int32_t request_ids(struct arena *arena, hexmcp_str json, hexmcp_str **out, size_t *count, int *all,
                    hexmcp_error *err)
{
    hexmcp_str list, value;
    hexmcp_json_iter it;
    void *memory = NULL;
    int32_t status = request_flag(json, "all", all, err);
    size_t i;
    *count = 0;
    if (status != HEXMCP_OK || *all)
        return status;
    status = list_of(arena, json, "ids", sizeof(**out), &list, &memory, count, err);
    if (status != HEXMCP_OK)
        return status;
    *out = memory;
    it = hexmcp_json_iter_begin(list);
    for (i = 0; i < *count && hexmcp_json_next(&it, NULL, &value); i++) {
        char *text = arena_get(arena, value.len + 1);
        size_t len;
        if (!text)
            return job_no_memory(err);
        if (hexmcp_json_string(value, text, value.len + 1, &len) != HEXMCP_OK)
            return hexmcp_fail(err, HEXMCP_E_INVALID, "`ids` of the request are texts");
        (*out)[i] = (hexmcp_str){text, len};
    }
    return HEXMCP_OK;
}

int32_t request_search(struct arena *arena, hexmcp_str json, struct search *out, hexmcp_error *err)
{
    hexmcp_str text, value;
    size_t total;
    int32_t status;
    memset(out, 0, sizeof(*out));
    if (hexmcp_json_get(json, "vector", &value) == HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED,
                           "this store finds documents by words, not by vectors");
    out->words = hexmcp_json_get(json, "text", &value) == HEXMCP_OK;
    if (hexmcp_json_get(json, "filter", &value) == HEXMCP_OK)
        out->filter = value;
    if (hexmcp_json_get(json, "fields", &value) == HEXMCP_OK)
        out->fields = value;
    status = request_text(arena, json, "text", &text, err);
    if (status == HEXMCP_OK)
        status = words_terms(arena, text, &out->terms, &out->term_count, &total, err);
    if (status == HEXMCP_OK)
        status = request_number(json, "limit", &out->limit, err);
    if (status == HEXMCP_OK)
        status = request_number(json, "offset", &out->offset, err);
    if (status == HEXMCP_OK)
        status = request_flag(json, "highlight", &out->highlight, err);
    if (status == HEXMCP_OK && (out->limit < 1 || out->limit > 1000))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "`limit` of a query is 1 to 1000");
    return status;
}

/* ---- filter ---- */

/* Less, equal or more than 0, as strcmp; 2 if they cannot be compared. */
static int compare(hexmcp_str a, hexmcp_str b)
{
    int type = hexmcp_json_type(a), yes = 0, also = 0;
    double x, y;
    if (type != hexmcp_json_type(b))
        return 2;
    if (type == HEXMCP_JSON_NUMBER && hexmcp_json_double(a, &x) == HEXMCP_OK &&
        hexmcp_json_double(b, &y) == HEXMCP_OK)
        return (x > y) - (x < y);
    if (type == HEXMCP_JSON_BOOL && hexmcp_json_bool(a, &yes) == HEXMCP_OK &&
        hexmcp_json_bool(b, &also) == HEXMCP_OK)
        return yes == also ? 0 : 2;
    if (type == HEXMCP_JSON_STRING) {
        char *s = NULL, *t = NULL;
        size_t m = 0, n = 0;
        int order = 2;
        if (hexmcp_json_string_dup(a, &s, &m) == HEXMCP_OK &&
            hexmcp_json_string_dup(b, &t, &n) == HEXMCP_OK) {
            order = memcmp(s, t, m < n ? m : n);
            order = order != 0 ? (order > 0) - (order < 0) : (m > n) - (m < n);
        }
        free(s);
        free(t);
        return order;
    }
    return 2;
}

static int one_passes(hexmcp_str wanted, hexmcp_str value)
{
    int type = hexmcp_json_type(wanted);
    hexmcp_str bound;
    if (type == HEXMCP_JSON_ARRAY) {
        hexmcp_json_iter it = hexmcp_json_iter_begin(wanted);
        while (hexmcp_json_next(&it, NULL, &bound))
            if (compare(value, bound) == 0)
                return 1;
        return 0;
    }
    if (type != HEXMCP_JSON_OBJECT)
        return compare(value, wanted) == 0;
    if (hexmcp_json_get(wanted, "from", &bound) == HEXMCP_OK) {
        int order = compare(value, bound);
        if (order != 0 && order != 1)
            return 0;
    }
    if (hexmcp_json_get(wanted, "to", &bound) == HEXMCP_OK)
        return compare(value, bound) <= 0;
    return 1;
}

static int field_passes(hexmcp_str wanted, hexmcp_str value)
{
    hexmcp_json_iter it;
    hexmcp_str item;
    if (hexmcp_json_type(value) != HEXMCP_JSON_ARRAY)
        return one_passes(wanted, value);
    it = hexmcp_json_iter_begin(value);
    while (hexmcp_json_next(&it, NULL, &item))
        if (one_passes(wanted, item))
            return 1;
    return 0;
}

int search_passes(hexmcp_str filter, hexmcp_str fields)
{
    hexmcp_json_iter it;
    hexmcp_str key, wanted, value;
    if (filter.len == 0)
        return 1;
    it = hexmcp_json_iter_begin(filter);
    while (hexmcp_json_next(&it, &key, &wanted)) {
        char name[520];
        if (hexmcp_json_string(key, name, sizeof(name), NULL) != HEXMCP_OK || fields.len == 0 ||
            hexmcp_json_get(fields, name, &value) != HEXMCP_OK || !field_passes(wanted, value))
            return 0;
    }
    return 1;
}

/* ---- answer ---- */

double search_scale(double score)
{
    return score / (1 + score);
}

static int better(const void *x, const void *y)
{
    const struct hit *a = x, *b = y;
    size_t n = a->id.len < b->id.len ? a->id.len : b->id.len;
    int order;
    if (a->score > b->score || a->score < b->score)
        return a->score < b->score ? 1 : -1;
    order = memcmp(a->id.ptr, b->id.ptr, n);
    return order != 0 ? order : (a->id.len > b->id.len) - (a->id.len < b->id.len);
}

void search_sort(struct hit *hits, size_t count)
{
    if (count > 0)
        qsort(hits, count, sizeof(*hits), better);
}

static int is_wanted(const struct search *search, const struct word *word)
{
    size_t i;
    for (i = 0; i < search->term_count; i++)
        if (search->terms[i].word.len == word->len &&
            memcmp(search->terms[i].word.ptr, word->text, word->len) == 0)
            return 1;
    return 0;
}

/* Moves to the begin of a character. */
static size_t whole(hexmcp_str text, size_t at)
{
    while (at > 0 && at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80)
        at--;
    return at;
}

static void write_highlights(struct bytes *out, const struct search *search, hexmcp_str text)
{
    struct word word;
    size_t at = 0, shown = 0, end = 0;
    bytes_add_text(out, ",\"highlights\":[");
    while (shown < HIGHLIGHTS_MAX && words_next(text, &at, &word)) {
        size_t begin;
        if (!is_wanted(search, &word) || word.at < end)
            continue;
        begin = whole(text, word.at > AROUND ? word.at - AROUND : 0);
        end = whole(text, text.len - word.end > AROUND ? word.end + AROUND : text.len);
        if (shown++ > 0)
            bytes_add_text(out, ",");
        bytes_add_quoted(out, (hexmcp_str){text.ptr + begin, end - begin});
    }
    bytes_add_text(out, "]");
}

/* The fields of which names are in `names`. */
static void write_fields(struct bytes *out, hexmcp_str names, hexmcp_str fields)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(names);
    hexmcp_str name, value;
    int any = 0;
    bytes_add_text(out, ",\"fields\":{");
    while (hexmcp_json_next(&it, NULL, &name)) {
        char key[520];
        if (hexmcp_json_string(name, key, sizeof(key), NULL) != HEXMCP_OK || fields.len == 0 ||
            hexmcp_json_get(fields, key, &value) != HEXMCP_OK)
            continue;
        if (any++)
            bytes_add_text(out, ",");
        bytes_add_str(out, name);
        bytes_add_text(out, ":");
        bytes_add_str(out, value);
    }
    bytes_add_text(out, "}");
}

static void write_hit(struct bytes *out, const struct search *search, const struct hit *hit,
                      const struct document *document)
{
    char score[32];
    snprintf(score, sizeof(score), "0.%06u", (unsigned)(hit->score * 999999));
    bytes_add_text(out, "{\"id\":");
    bytes_add_quoted(out, hit->id);
    bytes_add_text(out, ",\"score\":");
    bytes_add_text(out, hit->score >= 1 ? "1" : score);
    if (search->fields.len > 0)
        write_fields(out, search->fields, document->fields);
    if (search->highlight)
        write_highlights(out, search, document->text);
    bytes_add_text(out, "}");
}

int32_t search_answer(struct job *job, const struct search *search, const struct hit *hits,
                      size_t count,
                      int32_t (*load)(void *arg, const struct hit *hit, struct document *out,
                                      hexmcp_error *err),
                      void *arg, hexmcp_error *err)
{
    size_t i;
    int32_t status = HEXMCP_OK;
    bytes_add_text(&job->answer, "{\"hits\":[");
    for (i = search->offset; i < count && i - search->offset < search->limit; i++) {
        struct document document = {0};
        if (search->highlight || search->fields.len > 0)
            status = load(arg, &hits[i], &document, err);
        if (status != HEXMCP_OK)
            return status;
        if (i > search->offset)
            bytes_add_text(&job->answer, ",");
        write_hit(&job->answer, search, &hits[i], &document);
    }
    bytes_add_text(&job->answer, "],\"total\":");
    bytes_add_number(&job->answer, count);
    bytes_add_text(&job->answer, "}");
    return HEXMCP_OK;
}
