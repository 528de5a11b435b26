#include "adapters/driven/api_keys/key_list.h"

#include <stdlib.h>

#include "core/base/base64url.h"
#include "core/json/utf8.h"
#include "core/json/writer.h"

#define VERSION 1

void api_key_list_clear(struct api_key_list *list)
{
    arena_clear(&list->arena);
    free(list->keys);
    *list = (struct api_key_list)API_KEY_LIST_INIT;
}

static bool make_room(struct api_key_list *list)
{
    if (list->count < list->cap)
        return true;
    size_t cap = list->cap ? list->cap * 2 : 16;
    struct api_key *keys = realloc(list->keys, cap * sizeof(*keys));
    if (!keys)
        return false;
    list->keys = keys;
    list->cap = cap;
    return true;
}

bool api_key_list_add(struct api_key_list *list, const struct api_key *key)
{
    struct api_key copy = *key;
    copy.id = arena_copy(&list->arena, key->id);
    copy.name = arena_copy(&list->arena, key->name);
    copy.tenant = arena_copy(&list->arena, key->tenant);
    copy.scopes = arena_copy(&list->arena, key->scopes);
    if (list->arena.failed || !make_room(list))
        return false;
    list->keys[list->count++] = copy;
    return true;
}

struct api_key *api_key_list_find(const struct api_key_list *list, struct str id)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq(list->keys[i].id, id))
            return &list->keys[i];
    return NULL;
}

bool api_key_word(struct str text)
{
    size_t len = 1;
    for (size_t i = 0; i < text.len && len; i += len) {
        len = utf8_sequence(text.ptr + i, text.ptr + text.len);
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
            len = 0;
    }
    return text.len > 0 && text.len <= API_KEY_WORD_MAX && len;
}

bool api_key_scopes(struct str text)
{
    bool in_word = false;
    for (size_t i = 0; i < text.len; i++) {
        bool visible = text.ptr[i] > 0x20 && text.ptr[i] < 0x7f && text.ptr[i] != '"' &&
                       text.ptr[i] != '\\';
        if (!visible && (text.ptr[i] != ' ' || !in_word))
            return false;
        in_word = visible;
    }
    return text.len <= API_KEY_WORD_MAX && (in_word || text.len == 0);
}

static bool is_id(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!((text.ptr[i] >= 'a' && text.ptr[i] <= 'z') ||
              (text.ptr[i] >= '0' && text.ptr[i] <= '9')))
            return false;
    return text.len == API_KEY_ID_LEN;
}

static bool read_time(struct json at, bool may_miss, int64_t *out)
{
    *out = 0;
    if (may_miss && json_type(at) == JSON_NULL)
        return true;
    return json_int64(at, out) && *out > 0;
}

static bool read_hash(struct json at, uint8_t out[SHA256_BYTES])
{
    struct str text;
    struct buffer bytes = BUFFER_INIT;
    bool good = json_plain(at, &text) && base64url_decode(text, &bytes) &&
                bytes.len == SHA256_BYTES;
    if (good)
        memcpy(out, bytes.data, SHA256_BYTES);
    buffer_clear(&bytes);
    return good;
}

/* A decoded string in memory of the list. */
static bool read_text(struct api_key_list *list, struct json at, struct str *out)
{
    struct buffer scratch = BUFFER_INIT;
    bool good = json_string(at, &scratch, out);
    if (good)
        *out = arena_copy(&list->arena, *out);
    buffer_clear(&scratch);
    return good && out->ptr;
}

static bool read_key(struct api_key_list *list, struct json at)
{
    struct api_key key;
    return json_count(at) == 8 && read_text(list, json_get(at, STR("id")), &key.id) &&
           is_id(key.id) && !api_key_list_find(list, key.id) &&
           read_text(list, json_get(at, STR("name")), &key.name) && api_key_word(key.name) &&
           read_text(list, json_get(at, STR("tenant")), &key.tenant) &&
           api_key_word(key.tenant) &&
           read_text(list, json_get(at, STR("scopes")), &key.scopes) &&
           api_key_scopes(key.scopes) && read_hash(json_get(at, STR("sha256")), key.hash) &&
           read_time(json_get(at, STR("created")), false, &key.created_ms) &&
           read_time(json_get(at, STR("expires")), true, &key.expires_ms) &&
           read_time(json_get(at, STR("revoked")), true, &key.revoked_ms) &&
           api_key_list_add(list, &key);
}

bool api_key_list_read(struct str text, struct api_key_list *list)
{
    struct json_doc *doc;
    int64_t version = 0;
    if (json_parse(text, &doc, NULL))
        return false;
    struct json root = json_root(doc), keys = json_get(root, STR("keys"));
    struct json_iter it = json_iter(keys);
    bool good = json_int64(json_get(root, STR("version")), &version) && version == VERSION &&
                json_type(keys) == JSON_ARRAY && json_count(keys) <= API_KEYS_MAX;
    while (good && json_next(&it))
        good = read_key(list, it.value);
    json_free(doc);
    return good;
}

static void write_time(struct json_writer *w, struct str key, int64_t time)
{
    if (time)
        json_put_i64(w, key, time);
    else
        json_put_raw(w, key, STR("null"));
}

static void write_key(struct json_writer *w, const struct api_key *key)
{
    struct buffer hash = BUFFER_INIT;
    base64url_encode((struct str){(const char *)key->hash, SHA256_BYTES}, &hash);
    json_begin_object(w);
    json_put_string(w, STR("id"), key->id);
    json_put_string(w, STR("name"), key->name);
    json_put_string(w, STR("tenant"), key->tenant);
    json_put_string(w, STR("scopes"), key->scopes);
    json_put_string(w, STR("sha256"), buffer_str(&hash));
    write_time(w, STR("created"), key->created_ms);
    write_time(w, STR("expires"), key->expires_ms);
    write_time(w, STR("revoked"), key->revoked_ms);
    json_end_object(w);
    w->out->failed |= hash.failed;
    buffer_clear(&hash);
}

void api_key_list_write(const struct api_key_list *list, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_i64(&w, STR("version"), VERSION);
    json_key(&w, STR("keys"));
    json_begin_array(&w);
    for (size_t i = 0; i < list->count; i++)
        write_key(&w, &list->keys[i]);
    json_end_array(&w);
    json_end_object(&w);
    buffer_add_char(out, '\n');
}
