/*
 * SPDX-License-Identifier: MIT
 */
#include "schemas.h"

#include <string.h>
#include <time.h>

static uint64_t now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec;
}

static struct schema_entry *find(struct schemas *s, hexmcp_str key)
{
    for (size_t i = 0; i < SCHEMAS_MOST; i++) {
        struct schema_entry *e = &s->entries[i];
        if (e->key.len == key.len && e->key.len > 0 && memcmp(e->key.ptr, key.ptr, key.len) == 0)
            return e;
    }
    return NULL;
}

static void clear(struct schema_entry *e)
{
    bytes_free(&e->key);
    bytes_free(&e->json);
}

bool schemas_get(struct schemas *s, hexmcp_str key, struct bytes *json, uint64_t *age_s)
{
    pthread_mutex_lock(&s->mutex);
    struct schema_entry *e = find(s, key);
    uint64_t now = now_s();
    if (e && now - e->since_s >= SCHEMA_SECONDS) {
        clear(e);
        e = NULL;
    }
    bool found = e && bytes_add(json, e->json.ptr, e->json.len);
    if (found)
        *age_s = now - e->since_s;
    pthread_mutex_unlock(&s->mutex);
    return found;
}

void schemas_put(struct schemas *s, hexmcp_str key, hexmcp_str json)
{
    if (json.len > SCHEMA_BYTES_MOST)
        return;
    pthread_mutex_lock(&s->mutex);
    struct schema_entry *e = find(s, key);
    for (size_t i = 0; !e && i < SCHEMAS_MOST; i++)
        if (s->entries[i].key.len == 0)
            e = &s->entries[i];
    if (!e) {
        e = &s->entries[0];
        for (size_t i = 1; i < SCHEMAS_MOST; i++)
            if (s->entries[i].since_s < e->since_s)
                e = &s->entries[i];
    }
    clear(e);
    e->since_s = now_s();
    if (!bytes_add(&e->key, key.ptr, key.len) || !bytes_add(&e->json, json.ptr, json.len))
        clear(e);
    pthread_mutex_unlock(&s->mutex);
}

void schemas_free(struct schemas *s)
{
    for (size_t i = 0; i < SCHEMAS_MOST; i++)
        clear(&s->entries[i]);
    pthread_mutex_destroy(&s->mutex);
}
