/*
 * SPDX-License-Identifier: MIT
 */
#include "blobs.h"

#define LIMIT_MAX 1000
#define STEP_BYTES ((size_t)8 << 20)

static int32_t not_found(hexmcp_str key, hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is no blob %.*s; list the blobs", SHORT(key));
}

struct get {
    struct blob blob; /* number 0: not yet looked for */
    int64_t offset;
    int64_t end;
};

static int32_t parse_get(struct request *r, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("offset"), LIT("length")};
    hexmcp_str v[2];
    int64_t length = INT64_MAX;
    struct get *get = request_parsed(r, sizeof(*get), err);
    if (!get || text_members(r->json, names, v, 2, "the range", err) != HEXMCP_OK ||
        text_number(v[0], 0, INT64_MAX, "\"offset\"", &get->offset, err) != HEXMCP_OK ||
        text_number(v[1], 0, INT64_MAX, "\"length\"", &length, err) != HEXMCP_OK)
        return err->code;
    get->end = length > INT64_MAX - get->offset ? INT64_MAX : get->offset + length;
    return HEXMCP_OK;
}

static int32_t find(struct db *db, struct request *r, struct get *get, hexmcp_error *err)
{
    int32_t status = blob_find(db, r->space, r->key, &get->blob, err);
    if (status == HEXMCP_OK && !get->blob.number)
        return not_found(r->key, err);
    if (get->end > get->blob.bytes)
        get->end = get->blob.bytes;
    return status;
}

static int32_t send_part(struct db *db, struct request *r, struct get *get, size_t *sent,
                         hexmcp_error *err)
{
    const int64_t size = (int64_t)PART_BYTES;
    int64_t skip = get->offset % size;
    sqlite3_stmt *row;
    hexmcp_str bytes;
    int32_t status = blob_part(db, get->blob.number, get->offset / size, &row, &bytes, err);
    if (status != HEXMCP_OK)
        return status;
    int64_t len = (int64_t)bytes.len - skip;
    if (len > get->end - get->offset)
        len = get->end - get->offset;
    if (len > 0)
        request_send(r, STR("{}"), (hexmcp_str){bytes.ptr + skip, (size_t)len});
    db_end(row);
    if (len <= 0)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "the blob %.*s is damaged: a part is too short; put it again",
                           SHORT(r->key));
    get->offset += len;
    *sent += (size_t)len;
    return HEXMCP_OK;
}

static int32_t get(struct db *db, struct request *r, hexmcp_error *err)
{
    struct get *get = r->parsed;
    size_t sent = 0;
    int32_t status = get->blob.number ? HEXMCP_OK : find(db, r, get, err);
    while (status == HEXMCP_OK && get->offset < get->end) {
        if (request_is_full(r) || sent > STEP_BYTES)
            return AGAIN;
        status = send_part(db, r, get, &sent, err);
    }
    OUT(&r->answer, "{\"bytes\":");
    out_number(&r->answer, get->blob.bytes);
    OUT(&r->answer, "}");
    return status;
}

const struct operation blobs_get = {parse_get, get};

static void write_bytes(struct out *o, int64_t bytes)
{
    OUT(o, "\"bytes\":");
    out_number(o, bytes);
    OUT(o, ",\"storedBytes\":");
    out_number(o, bytes);
    OUT(o, "}");
}

static int32_t parse_stat(struct request *r, hexmcp_error *err)
{
    return request_parsed(r, 1, err) ? HEXMCP_OK : err->code;
}

static int32_t stat(struct db *db, struct request *r, hexmcp_error *err)
{
    struct blob blob;
    int32_t status = blob_find(db, r->space, r->key, &blob, err);
    if (status == HEXMCP_OK && !blob.number)
        return not_found(r->key, err);
    OUT(&r->answer, "{");
    write_bytes(&r->answer, blob.bytes);
    return status;
}

const struct operation blobs_stat = {parse_stat, stat};

struct list {
    hexmcp_str after;
    int64_t limit;
};

static int32_t parse_list(struct request *r, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("after"), LIT("limit")};
    hexmcp_str v[2];
    struct list *q = request_parsed(r, sizeof(*q), err);
    if (!q || text_members(r->json, names, v, 2, "the query", err) != HEXMCP_OK ||
        (v[0].ptr && text_take(v[0], 0, NAME_BYTES_MAX, "\"after\"", &q->after, err) != HEXMCP_OK) ||
        text_number(v[1], 1, LIMIT_MAX, "\"limit\"", &q->limit, err) != HEXMCP_OK)
        return err->code;
    if (!v[1].ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "\"limit\" must be a whole number from 1 to %d",
                           LIMIT_MAX);
    return HEXMCP_OK;
}

static int32_t list(struct db *db, struct request *r, hexmcp_error *err)
{
    const struct list *q = r->parsed;
    int64_t count = 0;
    int32_t status;
    sqlite3_stmt *s = db_sql(db, SQL_BLOBS_LIST, err);
    if (!s)
        return err->code;
    db_bind_text(s, 1, r->space);
    db_bind_text(s, 2, q->after);
    OUT(&r->answer, "{\"blobs\":[");
    while ((status = db_step(db, s, err)) > 0 && count < q->limit) {
        if (count++ > 0)
            OUT(&r->answer, ",");
        OUT(&r->answer, "{\"key\":");
        out_string(&r->answer, db_text(s, 0));
        OUT(&r->answer, ",");
        write_bytes(&r->answer, db_number(s, 1));
    }
    db_end(s);
    if (status > 0)
        OUT(&r->answer, "],\"more\":true}");
    else
        OUT(&r->answer, "],\"more\":false}");
    return status < 0 ? status : HEXMCP_OK;
}

const struct operation blobs_list = {parse_list, list};

static int32_t remove_blob(struct db *db, struct request *r, hexmcp_error *err)
{
    struct blob blob;
    int32_t status = blob_find(db, r->space, r->key, &blob, err);
    if (blob.number)
        OUT(&r->answer, "{\"removed\":true}");
    else
        OUT(&r->answer, "{\"removed\":false}");
    return status == HEXMCP_OK && blob.number ? blob_hide(db, blob.number, err) : status;
}

const struct operation blobs_remove = {NULL, remove_blob};
