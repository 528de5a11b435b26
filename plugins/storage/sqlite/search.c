/*
 * SPDX-License-Identifier: MIT
 */
#include "documents.h"

#define LIMIT_MAX 1000

struct query {
    bool has_words; /* a text was given */
    struct out words; /* in the language of FTS5; freed at the end of the run */
    hexmcp_str text;
    hexmcp_str filter; /* JSON, or empty */
    hexmcp_str fields; /* JSON, or empty */
    int64_t limit;
    int64_t offset;
    bool highlight;
};

static int32_t check_members(const hexmcp_str v[7], hexmcp_error *err)
{
    if (v[6].ptr)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED,
                           "the store finds documents by words, not by vectors");
    if (v[1].ptr && hexmcp_json_type(v[1]) != HEXMCP_JSON_OBJECT)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "\"filter\" must be an object");
    if (v[4].ptr && hexmcp_json_type(v[4]) != HEXMCP_JSON_ARRAY)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "\"fields\" must be an array of names");
    if (!v[2].ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "\"limit\" must be a whole number from 1 to %d",
                           LIMIT_MAX);
    return HEXMCP_OK;
}

static int32_t parse(struct request *r, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("text"),   LIT("filter"),    LIT("limit"), LIT("offset"),
                                       LIT("fields"), LIT("highlight"), LIT("vector")};
    hexmcp_str v[7];
    struct query *q = request_parsed(r, sizeof(*q), err);
    if (!q || text_members(r->json, names, v, 7, "the query", err) != HEXMCP_OK ||
        check_members(v, err) != HEXMCP_OK ||
        text_number(v[2], 1, LIMIT_MAX, "\"limit\"", &q->limit, err) != HEXMCP_OK ||
        text_number(v[3], 0, INT32_MAX, "\"offset\"", &q->offset, err) != HEXMCP_OK ||
        text_bool(v[5], "\"highlight\"", &q->highlight, err) != HEXMCP_OK ||
        (v[0].ptr && text_take(v[0], 0, CONTENT_BYTES_MAX, "\"text\"", &q->text, err) != HEXMCP_OK))
        return err->code;
    q->has_words = v[0].ptr != NULL;
    q->filter = v[1];
    q->fields = v[4];
    return HEXMCP_OK;
}

static bool is_of_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (unsigned char)c >= 0x80;
}

/* Each word in quotes, so that nothing in it has a meaning: all of them must be in a document. */
static void write_words(struct out *o, hexmcp_str text)
{
    size_t at = 0;
    while (at < text.len) {
        size_t end = at;
        while (end < text.len && is_of_word(text.ptr[end]))
            end++;
        if (end > at) {
            OUT(o, "\"");
            out_raw(o, (hexmcp_str){text.ptr + at, end - at});
            OUT(o, "\" ");
        }
        at = end + 1;
    }
}

/* The fields of which the names are in `names`. */
static void write_fields(struct out *o, hexmcp_str names, hexmcp_str fields)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(names);
    hexmcp_str name, value;
    bool any = false;
    OUT(o, ",\"fields\":{");
    while (hexmcp_json_next(&it, NULL, &name)) {
        char key[NAME_BYTES_MAX + 1];
        if (hexmcp_json_string(name, key, sizeof(key), NULL) != HEXMCP_OK || fields.len == 0 ||
            hexmcp_json_get(fields, key, &value) != HEXMCP_OK)
            continue;
        if (any)
            OUT(o, ",");
        any = true;
        out_raw(o, name);
        OUT(o, ":");
        out_raw(o, value);
    }
    OUT(o, "}");
}

/* FTS5 gives less than 0 for a better match, without a bound. */
static void write_score(struct out *o, double rank)
{
    double score = rank < 0 ? -rank / (1 - rank) : 0;
    char text[32];
    snprintf(text, sizeof(text), "0.%06d", (int)(score * 999999));
    out_raw(o, score > 0.9999 ? STR("1") : hexmcp_str_from(text));
}

static void write_hit(struct out *o, const struct query *q, sqlite3_stmt *row)
{
    OUT(o, "{\"id\":");
    out_string(o, db_text(row, 0));
    OUT(o, ",\"score\":");
    write_score(o, sqlite3_column_double(row, 3));
    if (q->fields.ptr)
        write_fields(o, q->fields, db_text(row, 1));
    if (q->highlight) {
        OUT(o, ",\"highlights\":[");
        if (sqlite3_column_type(row, 2) != SQLITE_NULL)
            out_string(o, db_text(row, 2));
        OUT(o, "]");
    }
    OUT(o, "}");
}

static sqlite3_stmt *prepare(struct db *db, const struct request *r, const struct query *q,
                             enum sql with_words, enum sql without, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, q->has_words ? with_words : without, err);
    if (!s)
        return NULL;
    if (q->has_words)
        db_bind_text(s, 1, out_text(&q->words));
    db_bind_text(s, 2, r->space);
    db_bind_text(s, 3, q->filter);
    return s;
}

static int32_t write_hits(struct db *db, struct request *r, const struct query *q, hexmcp_error *err)
{
    sqlite3_stmt *s = prepare(db, r, q, SQL_WORDS_FIND, SQL_DOCUMENTS_SCAN, err);
    int32_t status, count = 0;
    if (!s)
        return err->code;
    db_bind_number(s, 4, q->limit);
    db_bind_number(s, 5, q->offset);
    if (q->has_words)
        db_bind_number(s, 6, q->highlight);
    OUT(&r->answer, "{\"hits\":[");
    while ((status = db_step(db, s, err)) > 0) {
        if (count++ > 0)
            OUT(&r->answer, ",");
        write_hit(&r->answer, q, s);
    }
    db_end(s);
    return status;
}

static int32_t write_total(struct db *db, struct request *r, const struct query *q, hexmcp_error *err)
{
    sqlite3_stmt *s = prepare(db, r, q, SQL_WORDS_COUNT, SQL_DOCUMENTS_SCAN_COUNT, err);
    if (!s)
        return err->code;
    int32_t status = db_step(db, s, err);
    OUT(&r->answer, "],\"total\":");
    out_number(&r->answer, status > 0 ? db_number(s, 0) : 0);
    OUT(&r->answer, "}");
    db_end(s);
    return status < 0 ? status : HEXMCP_OK;
}

static int32_t query(struct db *db, struct request *r, hexmcp_error *err)
{
    struct query *q = r->parsed;
    int32_t status = HEXMCP_OK;
    write_words(&q->words, q->text);
    if (q->has_words && q->words.len == 0) {
        OUT(&r->answer, "{\"hits\":[],\"total\":0}");
        return HEXMCP_OK;
    }
    status = write_hits(db, r, q, err);
    if (status == HEXMCP_OK)
        status = write_total(db, r, q, err);
    out_free(&q->words);
    return status;
}

const struct operation documents_query = {parse, query};
