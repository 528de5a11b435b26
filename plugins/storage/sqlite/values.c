/*
 * Changes of values. One change is as several: first all are looked at, then all are made.
 *
 * SPDX-License-Identifier: MIT
 */
#include "times.h"
#include "values.h"

#define CHANGES_MAX 1000
#define TTL_MS_MAX ((int64_t)100 * 366 * 86400 * 1000)
#define ANY_VERSION (-1)

struct change {
    hexmcp_str key;
    hexmcp_str value;
    int64_t if_version;
    int64_t ttl_ms;
    bool remove;
    struct value found; /* as it is, and as it is found by others: */
    int64_t version;    /* 0 if its time has run out                */
    int64_t after;      /* its version after the change             */
};

struct changes {
    size_t count;
    struct change change[];
};

static int32_t parse_options(const hexmcp_str v[2], struct change *c, hexmcp_error *err)
{
    c->if_version = ANY_VERSION;
    if (text_number(v[0], 0, INT64_MAX, "\"ifVersion\"", &c->if_version, err) != HEXMCP_OK)
        return err->code;
    return text_number(v[1], 0, TTL_MS_MAX, "\"ttlMs\"", &c->ttl_ms, err);
}

static int32_t parse_one(struct request *r, bool remove, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("ifVersion"), LIT("ttlMs")};
    hexmcp_str v[2];
    struct changes *all = request_parsed(r, sizeof(*all) + sizeof(struct change), err);
    if (!all || text_members(r->json, names, v, 2, "the options", err) != HEXMCP_OK)
        return err->code;
    all->count = 1;
    all->change[0] = (struct change){.key = r->key, .value = r->bytes, .remove = remove};
    return parse_options(v, &all->change[0], err);
}

static int32_t parse_set(struct request *r, hexmcp_error *err)
{
    return parse_one(r, false, err);
}

static int32_t parse_remove(struct request *r, hexmcp_error *err)
{
    return parse_one(r, true, err);
}

/* A value is the next `bytes` of what came with the changes. */
static int32_t take_value(hexmcp_str json, hexmcp_str *left, struct change *c, hexmcp_error *err)
{
    int64_t bytes = -1;
    if (text_number(json, 0, (int64_t)VALUE_BYTES_MAX, "\"bytes\" of a change", &bytes, err) !=
        HEXMCP_OK)
        return err->code;
    if (bytes < 0 || (size_t)bytes > left->len)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "\"bytes\" of the change of %.*s does not fit the values that came",
                           SHORT(c->key));
    c->value = (hexmcp_str){left->ptr, (size_t)bytes};
    left->ptr += bytes;
    left->len -= (size_t)bytes;
    return HEXMCP_OK;
}

static int32_t parse_change(hexmcp_str json, hexmcp_str *left, struct change *c, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("ifVersion"), LIT("ttlMs"), LIT("key"), LIT("bytes"),
                                       LIT("remove")};
    hexmcp_str v[5];
    if (text_members(json, names, v, 5, "a change", err) != HEXMCP_OK ||
        text_take(v[2], 1, NAME_BYTES_MAX, "\"key\" of a change", &c->key, err) != HEXMCP_OK ||
        parse_options(v, c, err) != HEXMCP_OK ||
        text_bool(v[4], "\"remove\" of a change", &c->remove, err) != HEXMCP_OK)
        return err->code;
    return c->remove ? HEXMCP_OK : take_value(v[3], left, c, err);
}

static int by_key(const void *a, const void *b)
{
    const struct change *const *x = a, *const *y = b;
    size_t len = (*x)->key.len < (*y)->key.len ? (*x)->key.len : (*y)->key.len;
    int order = memcmp((*x)->key.ptr, (*y)->key.ptr, len);
    return order != 0 ? order : ((*x)->key.len > (*y)->key.len) - ((*x)->key.len < (*y)->key.len);
}

static int32_t check_different(const struct changes *all, hexmcp_error *err)
{
    const struct change *sorted[CHANGES_MAX];
    for (size_t i = 0; i < all->count; i++)
        sorted[i] = &all->change[i];
    qsort(sorted, all->count, sizeof(sorted[0]), by_key);
    for (size_t i = 1; i < all->count; i++) {
        if (text_same(sorted[i - 1]->key, sorted[i]->key))
            return hexmcp_fail(err, HEXMCP_E_INVALID, "the key %.*s is changed twice; give it once",
                               SHORT(sorted[i]->key));
    }
    return HEXMCP_OK;
}

static int32_t parse_list(struct request *r, hexmcp_str json, struct changes *all, hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    hexmcp_str value, left = r->bytes;
    while (hexmcp_json_next(&it, NULL, &value)) {
        if (all->count == CHANGES_MAX)
            return hexmcp_fail(err, HEXMCP_E_TOO_LARGE, "at most %d changes can be made at once",
                               CHANGES_MAX);
        if (parse_change(value, &left, &all->change[all->count], err) != HEXMCP_OK)
            return err->code;
        all->count++;
    }
    if (it.status != HEXMCP_OK || it.is_object || all->count == 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "\"changes\" must be an array of one or more");
    if (left.len > 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%zu bytes of the values belong to no change",
                           left.len);
    return check_different(all, err);
}

static int32_t parse_apply(struct request *r, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("changes")};
    hexmcp_str v[1];
    size_t room = r->json.len / 16 + 1; /* each change has at least so many bytes */
    if (room > CHANGES_MAX)
        room = CHANGES_MAX;
    struct changes *all = request_parsed(r, sizeof(*all) + room * sizeof(struct change), err);
    if (!all || text_members(r->json, names, v, 1, "the changes", err) != HEXMCP_OK)
        return err->code;
    return parse_list(r, v[0], all, err);
}

/* 1: a key is not at its version; which one, *ret_conflict. */
static int32_t find_all(struct db *db, const struct request *r, int64_t now,
                        const struct change **ret_conflict, hexmcp_error *err)
{
    struct changes *all = r->parsed;
    for (size_t i = 0; i < all->count; i++) {
        struct change *c = &all->change[i];
        int32_t status = value_find(db, r->space, c->key, &c->found, err);
        if (status != HEXMCP_OK)
            return status;
        c->version = c->found.expires && c->found.expires <= now ? 0 : c->found.version;
        if (c->if_version != ANY_VERSION && c->if_version != c->version) {
            *ret_conflict = c;
            return 1;
        }
    }
    return HEXMCP_OK;
}

static int32_t find_floor(struct db *db, hexmcp_str space, int64_t *ret, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_FLOOR_FIND, err);
    *ret = 0;
    if (!s)
        return err->code;
    db_bind_text(s, 1, space);
    int32_t status = db_step(db, s, err);
    if (status > 0)
        *ret = db_number(s, 0);
    db_end(s);
    return status < 0 ? status : HEXMCP_OK;
}

static int32_t set(struct db *db, hexmcp_str space, struct change *c, int64_t now, hexmcp_error *err)
{
    struct value value = {c->found.number, c->found.version + 1, c->ttl_ms ? now + c->ttl_ms : 0};
    int32_t status = HEXMCP_OK;
    if (!value.number) {
        status = find_floor(db, space, &value.version, err);
        c->after = ++value.version;
        return status == HEXMCP_OK ? value_add(db, space, c->key, &value, c->value, err) : status;
    }
    c->after = value.version;
    sqlite3_stmt *s = db_sql(db, SQL_VALUE_CHANGE, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, value.number);
    db_bind_number(s, 2, value.version);
    db_bind_number(s, 3, value.expires);
    db_bind_bytes(s, 4, c->value);
    return db_do(db, s, err);
}

static int32_t make(struct db *db, hexmcp_str space, struct change *c, int64_t now, hexmcp_error *err)
{
    if (!c->remove)
        return set(db, space, c, now, err);
    c->after = c->version ? c->version + 1 : 0;
    if (!c->found.number)
        return HEXMCP_OK;
    return value_drop(db, space, c->found.number, c->found.version + 1, err);
}

/* 1: *ret_conflict stands in the way. */
static int32_t make_all(struct db *db, const struct request *r, const struct change **ret_conflict,
                        hexmcp_error *err)
{
    struct changes *all = r->parsed;
    int64_t now = time_now_ms();
    int32_t status = find_all(db, r, now, ret_conflict, err);
    for (size_t i = 0; i < all->count && status == HEXMCP_OK; i++)
        status = make(db, r->space, &all->change[i], now, err);
    return status;
}

static void write_conflict(struct request *r, int64_t version)
{
    OUT(&r->answer, "{\"conflict\":");
    out_number(&r->answer, version);
    OUT(&r->answer, "}");
}

static int32_t set_one(struct db *db, struct request *r, hexmcp_error *err)
{
    const struct changes *all = r->parsed;
    const struct change *conflict;
    int32_t status = make_all(db, r, &conflict, err);
    if (status > 0) {
        write_conflict(r, conflict->version);
        return HEXMCP_OK;
    }
    OUT(&r->answer, "{\"version\":");
    out_number(&r->answer, all->change[0].after);
    OUT(&r->answer, "}");
    return status;
}

static int32_t remove_one(struct db *db, struct request *r, hexmcp_error *err)
{
    const struct changes *all = r->parsed;
    const struct change *conflict;
    int32_t status = make_all(db, r, &conflict, err);
    if (status > 0)
        write_conflict(r, conflict->version);
    else if (all->change[0].version)
        OUT(&r->answer, "{\"removed\":true}");
    else
        OUT(&r->answer, "{\"removed\":false}");
    return status < 0 ? status : HEXMCP_OK;
}

static int32_t apply(struct db *db, struct request *r, hexmcp_error *err)
{
    const struct changes *all = r->parsed;
    const struct change *conflict;
    int32_t status = make_all(db, r, &conflict, err);
    if (status < 0)
        return status;
    if (status > 0) {
        OUT(&r->answer, "{\"conflict\":{\"key\":");
        out_string(&r->answer, conflict->key);
        OUT(&r->answer, ",\"version\":");
        out_number(&r->answer, conflict->version);
        OUT(&r->answer, "}}");
        return HEXMCP_OK;
    }
    OUT(&r->answer, "{\"versions\":[");
    for (size_t i = 0; i < all->count; i++) {
        if (i > 0)
            OUT(&r->answer, ",");
        out_number(&r->answer, all->change[i].after);
    }
    OUT(&r->answer, "]}");
    return HEXMCP_OK;
}

const struct operation values_set = {parse_set, set_one};
const struct operation values_remove = {parse_remove, remove_one};
const struct operation values_apply = {parse_apply, apply};
