/* The requests of one connection that are not answered, by their ids. An idle one takes no memory. */
#pragma once

#include "core/json/json.h"

struct request;

struct request_table {
    struct request **buckets; /* NULL: none */
    size_t bucket_count;      /* a power of two, or 0 */
    size_t count;
};

/* Makes room for one more and gives the hash of its id, from which request_table_add goes on. False
 * without memory. */
bool request_table_reserve(struct request_table *table, struct json id, uint32_t *hash);

/* Cannot fail behind request_table_reserve. */
void request_table_add(struct request_table *table, struct request *r);
void request_table_remove(struct request_table *table, struct request *r);

/* The one with this id, or NULL. */
struct request *request_table_find(const struct request_table *table, struct json id);

/* Any of them, or NULL if there is none. */
struct request *request_table_any(const struct request_table *table);

/* When it is empty. */
void request_table_clear(struct request_table *table);
