#include "core/backup/facts.h"

#include <stdio.h>
#include <string.h>

#include "core/base/hex.h"
#include "core/base/time_text.h"
#include "core/json/json.h"
#include "core/json/writer.h"

static const char *const names[] = {"low", "standard", "important", "critical"};

const char *backup_importance_name(enum backup_importance importance)
{
    return names[importance - BACKUP_LOW];
}

bool backup_importance_parse(struct str name, enum backup_importance *out)
{
    for (int i = 0; i < 4; i++)
        if (str_eq(name, str_from(names[i]))) {
            *out = (enum backup_importance)(i + BACKUP_LOW);
            return true;
        }
    return false;
}

/* d: a digit, h: a hexadecimal one. */
bool backup_id_valid(struct str id)
{
    static const char shape[] = "ddddddddTddddddZ-hhhhhhhh";
    if (id.len != sizeof(shape) - 1)
        return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        int digit = hex_small_digit(c);
        if (shape[i] == 'd' ? digit < 0 || digit > 9 : shape[i] == 'h' ? digit < 0 : c != shape[i])
            return false;
    }
    return true;
}

void backup_make_id(int64_t wall_ms, uint32_t chance, char out[BACKUP_ID_SIZE])
{
    char t[TIME_TEXT_SIZE];
    time_text(wall_ms, t); /* 2026-11-21T12:00:00.000Z */
    snprintf(out, BACKUP_ID_SIZE, "%.4s%.2s%.2sT%.2s%.2s%.2sZ-%08x", t, t + 5, t + 8, t + 11,
             t + 14, t + 17, chance);
}

static void put_hex(struct json_writer *w, struct str key, const uint8_t *bytes, size_t len)
{
    char text[2 * BLAKE3_BYTES];
    hex_write(bytes, len, text);
    json_put_string(w, key, (struct str){text, 2 * len});
}

static bool get_hex(struct json v, uint8_t *bytes, size_t len)
{
    struct str text;
    return json_plain(v, &text) && hex_read(text, bytes, len);
}

static bool get_name(struct json v, char *out, size_t size)
{
    struct str text;
    if (!json_plain(v, &text) || text.len >= size)
        return false;
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return true;
}

static bool get_count(struct json root, const char *name, uint64_t *out)
{
    int64_t number;
    if (!json_int64(json_get(root, str_from(name)), &number) || number < 0)
        return false;
    *out = (uint64_t)number;
    return true;
}

void backup_write_header(const struct backup_facts *facts, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("id"), str_from(facts->id));
    if (facts->parent[0])
        json_put_string(&w, STR("parent"), str_from(facts->parent));
    json_put_i64(&w, STR("createdMs"), facts->created_ms);
    json_put_string(&w, STR("importance"), str_from(backup_importance_name(facts->importance)));
    json_put_string(&w, STR("store"), str_from(facts->store));
    if (facts->key[0]) {
        json_put_string(&w, STR("key"), str_from(facts->key));
        put_hex(&w, STR("start"), facts->start, sizeof(facts->start));
    }
    json_end_object(&w);
}

static bool parse_header(struct json root, struct backup_facts *f)
{
    struct json parent = json_get(root, STR("parent")), key = json_get(root, STR("key"));
    struct str importance;
    f->parent[0] = f->key[0] = '\0';
    if (!get_name(json_get(root, STR("id")), f->id, sizeof(f->id)) || !backup_id_valid(str_from(f->id)) ||
        !json_int64(json_get(root, STR("createdMs")), &f->created_ms) ||
        !json_plain(json_get(root, STR("importance")), &importance) ||
        !backup_importance_parse(importance, &f->importance) ||
        !get_name(json_get(root, STR("store")), f->store, sizeof(f->store)))
        return false;
    if (json_exists(parent) && (!get_name(parent, f->parent, sizeof(f->parent)) ||
                                !backup_id_valid(str_from(f->parent))))
        return false;
    return !json_exists(key) || (get_name(key, f->key, sizeof(f->key)) && f->key[0] &&
                                 get_hex(json_get(root, STR("start")), f->start, sizeof(f->start)));
}

int backup_parse_header(struct str json, struct backup_facts *facts, struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(json, &doc, err);
    if (rc)
        return error_prefix(err, "the header of the backup: ");
    bool right = parse_header(json_root(doc), facts);
    json_free(doc);
    return right ? ST_OK : error_set(err, ST_INVALID, "the header of the backup is not one of hexmcp");
}

void backup_write_summary(const struct backup_facts *facts, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_i64(&w, STR("position"), (int64_t)facts->position);
    json_put_i64(&w, STR("records"), (int64_t)facts->records);
    json_put_i64(&w, STR("written"), (int64_t)facts->written);
    put_hex(&w, STR("newest"), facts->newest, sizeof(facts->newest));
    json_end_object(&w);
}

int backup_parse_summary(struct str json, struct backup_facts *facts, struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(json, &doc, err);
    if (rc)
        return error_prefix(err, "the summary of the backup: ");
    struct json root = json_root(doc);
    bool right = get_count(root, "position", &facts->position) &&
                 get_count(root, "records", &facts->records) &&
                 get_count(root, "written", &facts->written) &&
                 get_hex(json_get(root, STR("newest")), facts->newest, sizeof(facts->newest));
    json_free(doc);
    return right ? ST_OK : error_set(err, ST_INVALID, "the summary of the backup is not one of hexmcp");
}

void backup_describe(const struct backup_facts *facts, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    char time[TIME_TEXT_SIZE];
    time_text(facts->created_ms, time);
    json_begin_object(&w);
    json_put_string(&w, STR("id"), str_from(facts->id));
    json_put_string(&w, STR("kind"), facts->parent[0] ? STR("incremental") : STR("full"));
    if (facts->parent[0])
        json_put_string(&w, STR("parent"), str_from(facts->parent));
    json_put_string(&w, STR("createdAt"), str_from(time));
    json_put_string(&w, STR("importance"), str_from(backup_importance_name(facts->importance)));
    json_put_string(&w, STR("store"), str_from(facts->store));
    json_put_bool(&w, STR("encrypted"), facts->key[0] != '\0');
    if (facts->key[0])
        json_put_string(&w, STR("key"), str_from(facts->key));
    json_put_i64(&w, STR("position"), (int64_t)facts->position);
    json_put_i64(&w, STR("records"), (int64_t)facts->records);
    json_put_i64(&w, STR("written"), (int64_t)facts->written);
    json_put_i64(&w, STR("bytes"), (int64_t)facts->bytes);
    json_end_object(&w);
}
