#include "adapters/driving/mcp/request_table.h"

#include <stdlib.h>

#include "adapters/driving/mcp/connection.h"

#define FIRST_BUCKETS 16u

/* Ids are compared decoded, so they are hashed decoded. A client can make its own ids collide and
 * gains nothing: the table is its own and the number of entries bounded. */
static uint32_t hash_of(struct json id)
{
    struct str text = json_text(id);
    struct buffer decoded = BUFFER_INIT;
    if (json_type(id) == JSON_STRING && !json_plain(id, &text)) {
        json_decode(id, &decoded);
        text = buffer_str(&decoded);
    }
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 16777619u;
    buffer_clear(&decoded);
    return hash ^ (hash >> 15);
}

static bool same_id(struct json a, struct json b)
{
    if (json_type(a) != json_type(b))
        return false;
    if (json_type(a) == JSON_STRING)
        return json_same_string(a, b);
    return str_eq(json_text(a), json_text(b));
}

static struct request **bucket_of(const struct request_table *table, uint32_t hash)
{
    return &table->buckets[hash & (table->bucket_count - 1)];
}

static void put(const struct request_table *table, struct request *r)
{
    struct request **bucket = bucket_of(table, r->id_hash);
    r->next = *bucket;
    *bucket = r;
}

static bool grow(struct request_table *table)
{
    struct request_table larger = {
        .bucket_count = table->bucket_count ? table->bucket_count * 2 : FIRST_BUCKETS,
        .count = table->count};
    larger.buckets = calloc(larger.bucket_count, sizeof(struct request *));
    if (!larger.buckets)
        return false;
    for (size_t i = 0; i < table->bucket_count; i++)
        while (table->buckets[i]) {
            struct request *r = table->buckets[i];
            table->buckets[i] = r->next;
            put(&larger, r);
        }
    free(table->buckets);
    *table = larger;
    return true;
}

bool request_table_reserve(struct request_table *table, struct json id, uint32_t *hash)
{
    *hash = hash_of(id);
    /* A crowded table only gets slower without memory. */
    return table->count < table->bucket_count || grow(table) || table->bucket_count > 0;
}

void request_table_add(struct request_table *table, struct request *r)
{
    put(table, r);
    table->count++;
}

void request_table_remove(struct request_table *table, struct request *r)
{
    struct request **at = bucket_of(table, r->id_hash);
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    /* What a burst has needed is not kept. */
    if (--table->count == 0 && table->bucket_count > FIRST_BUCKETS)
        request_table_clear(table);
}

struct request *request_table_find(const struct request_table *table, struct json id)
{
    if (table->count == 0)
        return NULL;
    struct request *r = *bucket_of(table, hash_of(id));
    while (r && !same_id(r->id, id))
        r = r->next;
    return r;
}

struct request *request_table_any(const struct request_table *table)
{
    for (size_t i = 0; table->count && i < table->bucket_count; i++)
        if (table->buckets[i])
            return table->buckets[i];
    return NULL;
}

void request_table_clear(struct request_table *table)
{
    free(table->buckets);
    *table = (struct request_table){0};
}
