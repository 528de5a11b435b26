/*
 * SPDX-License-Identifier: MIT
 */
#include "documents.h"

#define NO_VECTORS "the store finds documents by words, not by vectors"

struct documents {
    bool all; /* remove */
    size_t count;
    struct document document[]; /* of remove: the ids alone */
};

int32_t document_parse(hexmcp_str json, struct document *ret, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("id"), LIT("text"), LIT("fields"), LIT("vector")};
    hexmcp_str v[4], text = {0};
    if (json.len > CONTENT_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "a document of %zu bytes is too large; at most %zu are allowed", json.len,
                           CONTENT_BYTES_MAX);
    if (text_members(json, names, v, 4, "a document", err) != HEXMCP_OK ||
        text_take(v[0], 1, NAME_BYTES_MAX, "\"id\" of a document", &ret->id, err) != HEXMCP_OK ||
        (v[1].ptr && text_take(v[1], 0, CONTENT_BYTES_MAX, "\"text\" of a document", &text, err) !=
                         HEXMCP_OK))
        return err->code;
    if (v[3].ptr)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, NO_VECTORS);
    ret->text = text;
    ret->fields = v[2];
    return HEXMCP_OK;
}

static int32_t parse_list(struct request *r, const char *name, bool ids, struct documents **ret,
                          hexmcp_error *err)
{
    const hexmcp_str names[] = {hexmcp_str_from(name), STR("all")};
    hexmcp_str v[2], value;
    size_t room = r->json.len / 3 + 1; /* each is at least "a", and a comma */
    struct documents *d = request_parsed(r, sizeof(*d) + room * sizeof(struct document), err);
    if (!d || text_members(r->json, names, v, 2, "the request", err) != HEXMCP_OK ||
        (ids && text_bool(v[1], "\"all\"", &d->all, err) != HEXMCP_OK))
        return err->code;
    *ret = d;
    if (d->all)
        return HEXMCP_OK;
    hexmcp_json_iter it = hexmcp_json_iter_begin(v[0]);
    while (d->count < room && hexmcp_json_next(&it, NULL, &value)) {
        struct document *document = &d->document[d->count++];
        int32_t status = ids ? text_take(value, 1, NAME_BYTES_MAX, "an id", &document->id, err)
                             : document_parse(value, document, err);
        if (status != HEXMCP_OK)
            return status;
    }
    if (it.status != HEXMCP_OK || it.is_object)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "\"%s\" must be an array", name);
    return HEXMCP_OK;
}

static int32_t parse_index(struct request *r, hexmcp_error *err)
{
    struct documents *d;
    return parse_list(r, "documents", false, &d, err);
}

static int32_t parse_remove(struct request *r, hexmcp_error *err)
{
    struct documents *d;
    return parse_list(r, "ids", true, &d, err);
}

/* Takes the words of a row that `row` stands on out of the index. */
static int32_t remove_words(struct db *db, int64_t number, hexmcp_str text, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_WORDS_REMOVE, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, number);
    db_bind_text(s, 2, text);
    return db_do(db, s, err);
}

/* Finds a document and takes its words out of the index; *ret_number 0: there is none. */
static int32_t take_out(struct db *db, hexmcp_str space, hexmcp_str id, int64_t *ret_number,
                        hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_DOCUMENT_FIND, err);
    *ret_number = 0;
    if (!s)
        return err->code;
    db_bind_text(s, 1, space);
    db_bind_text(s, 2, id);
    int32_t status = db_step(db, s, err);
    if (status > 0) {
        *ret_number = db_number(s, 0);
        status = remove_words(db, *ret_number, db_text(s, 1), err);
    }
    db_end(s);
    return status;
}

static void bind_fields(sqlite3_stmt *s, int at, hexmcp_str fields)
{
    if (fields.ptr)
        db_bind_text(s, at, fields);
    else
        sqlite3_bind_null(s, at);
}

static int32_t write_row(struct db *db, hexmcp_str space, const struct document *d, int64_t *number,
                         hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, *number ? SQL_DOCUMENT_CHANGE : SQL_DOCUMENT_ADD, err);
    if (!s)
        return err->code;
    if (*number) {
        db_bind_number(s, 1, *number);
        db_bind_text(s, 2, d->text);
        bind_fields(s, 3, d->fields);
        return db_do(db, s, err);
    }
    db_bind_text(s, 1, space);
    db_bind_text(s, 2, d->id);
    db_bind_text(s, 3, d->text);
    bind_fields(s, 4, d->fields);
    int32_t status = db_do(db, s, err);
    *number = sqlite3_last_insert_rowid(db->handle);
    return status;
}

int32_t document_set(struct db *db, hexmcp_str space, const struct document *document,
                     hexmcp_error *err)
{
    int64_t number;
    int32_t status = take_out(db, space, document->id, &number, err);
    if (status == HEXMCP_OK)
        status = write_row(db, space, document, &number, err);
    sqlite3_stmt *s = status == HEXMCP_OK ? db_sql(db, SQL_WORDS_ADD, err) : NULL;
    if (!s)
        return err->code;
    db_bind_number(s, 1, number);
    db_bind_text(s, 2, document->text);
    return db_do(db, s, err);
}

static int32_t index_all(struct db *db, struct request *r, hexmcp_error *err)
{
    const struct documents *d = r->parsed;
    int32_t status = HEXMCP_OK;
    for (size_t i = 0; i < d->count && status == HEXMCP_OK; i++)
        status = document_set(db, r->space, &d->document[i], err);
    OUT(&r->answer, "{\"indexed\":");
    out_number(&r->answer, (int64_t)d->count);
    OUT(&r->answer, "}");
    return status;
}

const struct operation documents_index = {parse_index, index_all};

static int32_t remove_row(struct db *db, int64_t number, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_DOCUMENT_REMOVE, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, number);
    return db_do(db, s, err);
}

static int32_t remove_one(struct db *db, hexmcp_str space, hexmcp_str id, int64_t *removed,
                          hexmcp_error *err)
{
    int64_t number;
    int32_t status = take_out(db, space, id, &number, err);
    if (status != HEXMCP_OK || !number)
        return status;
    ++*removed;
    return remove_row(db, number, err);
}

/* The first document of the space, and so on until there is none. */
static int32_t remove_every(struct db *db, hexmcp_str space, int64_t *removed, hexmcp_error *err)
{
    for (;;) {
        sqlite3_stmt *s = db_sql(db, SQL_DOCUMENTS_IDS, err);
        int64_t number = 0;
        if (!s)
            return err->code;
        db_bind_text(s, 1, space);
        int32_t status = db_step(db, s, err);
        if (status > 0) {
            number = db_number(s, 0);
            status = remove_words(db, number, db_text(s, 1), err);
        }
        db_end(s);
        if (status != HEXMCP_OK || !number)
            return status;
        status = remove_row(db, number, err);
        if (status != HEXMCP_OK)
            return status;
        ++*removed;
    }
}

static int32_t remove_all(struct db *db, struct request *r, hexmcp_error *err)
{
    const struct documents *d = r->parsed;
    int64_t removed = 0;
    int32_t status = d->all ? remove_every(db, r->space, &removed, err) : HEXMCP_OK;
    for (size_t i = 0; i < d->count && status == HEXMCP_OK; i++)
        status = remove_one(db, r->space, d->document[i].id, &removed, err);
    OUT(&r->answer, "{\"removed\":");
    out_number(&r->answer, removed);
    OUT(&r->answer, "}");
    return status;
}

const struct operation documents_remove = {parse_remove, remove_all};
