/*
 * values.c - keys and values.
 *
 * SPDX-License-Identifier: MIT
 */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#define EXPIRY_KEY (8 + 512)
#define FORGET_AT_ONCE 16

static size_t value_bytes(hexmcp_str key, size_t len)
{
    return THING_BYTES + key.len + len;
}

static hexmcp_str expiry_key(char out[EXPIRY_KEY], int64_t at_ms, hexmcp_str key)
{
    for (int i = 0; i < 8; i++)
        out[i] = (char)((uint64_t)at_ms >> (56 - 8 * i) & 0xFF);
    memcpy(out + 8, key.ptr, key.len);
    return (hexmcp_str){out, 8 + key.len};
}

static void drop(struct world *world, struct space *space, struct tree_node *node)
{
    const struct value *value = node->value;
    char text[EXPIRY_KEY];
    if (value->expires_ms > 0) {
        struct tree_node *expiry =
            tree_find(&space->expiries, expiry_key(text, value->expires_ms, node->key));
        tree_remove(&space->expiries, expiry);
    }
    world->bytes -= value_bytes(node->key, value->len);
    free(node->value);
    tree_remove(&space->values, node);
}

/* A few of those whose time has run out go. */
static void forget(struct world *world, struct space *space, int64_t now)
{
    char text[EXPIRY_KEY];
    for (int i = 0; i < FORGET_AT_ONCE; i++) {
        struct tree_node *expiry = space->expiries.first[0];
        hexmcp_str key;
        if (!expiry || tree_compare(expiry->key, expiry_key(text, now + 1, (hexmcp_str){"", 0})) >= 0)
            return;
        key = (hexmcp_str){expiry->key.ptr + 8, expiry->key.len - 8};
        drop(world, space, tree_find(&space->values, key));
    }
}

/* The value that is there and whose time has not run out, or NULL. */
static const struct value *alive(const struct tree_node *node, int64_t now)
{
    const struct value *value = node ? node->value : NULL;
    return value && (value->expires_ms == 0 || value->expires_ms > now) ? value : NULL;
}

static uint64_t left(const struct value *value, int64_t now)
{
    return value->expires_ms > 0 ? (uint64_t)(value->expires_ms - now) : 0;
}

int32_t values_get(struct world *world, struct job *job, hexmcp_error *err)
{
    const struct space *space = world_space(world, job->space, 0);
    int64_t now = world_now();
    const struct value *value = alive(space ? tree_find(&space->values, job->key) : NULL, now);
    if (!value)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is no such key");
    bytes_add_text(&job->answer, "{\"version\":");
    bytes_add_number(&job->answer, value->version);
    if (value->expires_ms > 0) {
        bytes_add_text(&job->answer, ",\"ttlMs\":");
        bytes_add_number(&job->answer, left(value, now));
    }
    bytes_add_text(&job->answer, "}");
    return pieces_bytes(job, (hexmcp_str){value->bytes, value->len}, memory_emit, err);
}

/* What a change needs, made before anything is changed. */
struct made {
    struct tree_node *node;
    struct tree_node *expiry;
};

static void unmake(struct made *made, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (made[i].node)
            free(made[i].node->value);
        free(made[i].node);
        free(made[i].expiry);
    }
}

static int make_value(struct space *space, hexmcp_str key, hexmcp_str bytes, int64_t expires_ms,
                      struct made *made)
{
    struct value *value = malloc(sizeof(*value) + bytes.len);
    char text[EXPIRY_KEY];
    made->node = value ? tree_node_new(&space->values, key) : NULL;
    if (!made->node) {
        free(value);
        return 0;
    }
    made->node->value = value;
    value->expires_ms = expires_ms;
    value->len = bytes.len;
    if (bytes.len > 0)
        memcpy(value->bytes, bytes.ptr, bytes.len);
    if (expires_ms > 0)
        made->expiry = tree_node_new(&space->expiries, expiry_key(text, expires_ms, key));
    return expires_ms == 0 || made->expiry;
}

static int64_t expires_at(int64_t now, uint64_t ttl_ms)
{
    if (ttl_ms == 0)
        return 0;
    return ttl_ms < (uint64_t)(INT64_MAX - now) ? now + (int64_t)ttl_ms : INT64_MAX;
}

static void put(struct world *world, struct space *space, const struct made *made,
                uint64_t version)
{
    struct value *value = made->node->value;
    struct tree_node *old = tree_find(&space->values, made->node->key);
    if (old)
        drop(world, space, old);
    value->version = version;
    tree_link(&space->values, made->node);
    if (made->expiry)
        tree_link(&space->expiries, made->expiry);
    world->bytes += value_bytes(made->node->key, value->len);
}

static int32_t carry_out(struct world *world, struct space *space, struct job *job,
                         struct change *changes, size_t count, hexmcp_error *err)
{
    struct made *made = arena_get(&job->arena, count * sizeof(*made));
    int64_t now = world_now();
    if (!made)
        return job_no_memory(err);
    for (size_t i = 0; i < count; i++)
        if (!changes[i].remove && !make_value(space, changes[i].key, changes[i].value,
                                              expires_at(now, changes[i].ttl_ms), &made[i])) {
            unmake(made, i + 1);
            return job_no_memory(err);
        }
    for (size_t i = 0; i < count; i++) {
        struct tree_node *node = tree_find(&space->values, changes[i].key);
        changes[i].version = 0;
        if (!changes[i].remove) {
            changes[i].version = ++world->version;
            put(world, space, &made[i], changes[i].version);
        } else if (node) {
            if (alive(node, now))
                changes[i].version = ++world->version;
            drop(world, space, node);
        }
    }
    changes_answer(job, changes, count);
    return HEXMCP_OK;
}

int32_t values_change(struct world *world, struct job *job, hexmcp_error *err)
{
    struct change *changes = NULL;
    struct space *space;
    size_t count = 0, need = 0;
    int64_t now = world_now();
    int32_t status = request_changes(job, &changes, &count, err);
    if (status != HEXMCP_OK)
        return status;
    space = world_space(world, job->space, 1);
    if (!space)
        return job_no_memory(err);
    forget(world, space, now);
    for (size_t i = 0; i < count; i++) {
        const struct tree_node *node = tree_find(&space->values, changes[i].key);
        const struct value *value = alive(node, now);
        uint64_t actual = value ? value->version : 0;
        if (changes[i].if_version && changes[i].version != actual) {
            changes_conflict(job, &changes[i], actual);
            return HEXMCP_OK;
        }
        if (!changes[i].remove)
            need += value_bytes(changes[i].key, changes[i].value.len);
    }
    if (need > 0)
        status = world_room(world, need, err);
    return status == HEXMCP_OK ? carry_out(world, space, job, changes, count, err) : status;
}

int32_t values_list(struct world *world, struct job *job, hexmcp_error *err)
{
    struct list_query query;
    struct pieces pieces = {.job = job, .emit = memory_emit, .list = "keys"};
    const struct space *space = world_space(world, job->space, 0);
    struct tree_node *node;
    uint64_t given = 0;
    int64_t now = world_now();
    int32_t status = request_list(&job->arena, job->text, &query, err);
    if (status != HEXMCP_OK)
        return status;
    node = space ? tree_seek(&space->values, tree_compare(query.after, query.prefix) > 0
                                                 ? query.after
                                                 : query.prefix)
                 : NULL;
    bytes_add_text(&job->answer, query.values ? "{\"more\":" : "{\"keys\":[");
    for (; node && status == HEXMCP_OK && tree_has_prefix(node->key, query.prefix);
         node = node->next[0]) {
        const struct value *value = alive(node, now);
        if (!value || (query.after.len > 0 && tree_compare(node->key, query.after) == 0))
            continue;
        if (given == query.limit)
            break;
        if (query.values) {
            status = pieces_key(&pieces, node->key, value->version, value->len, left(value, now), 1,
                                (hexmcp_str){value->bytes, value->len}, err);
        } else {
            if (given > 0)
                bytes_add_text(&job->answer, ",");
            key_write(&job->answer, node->key, value->version, value->len, left(value, now), 0);
        }
        given++;
    }
    status = pieces_end(&pieces, status, err);
    if (!query.values)
        bytes_add_text(&job->answer, "],\"more\":");
    bytes_add_text(&job->answer,
                   node && tree_has_prefix(node->key, query.prefix) ? "true}" : "false}");
    return status;
}

int32_t values_restore(struct world *world, const struct record *record, hexmcp_str whole,
                       hexmcp_error *err)
{
    struct space *space = world_space(world, record->space, 1);
    struct made made = {0};
    if (!space || !make_value(space, record->key, whole, record->expires_ms, &made)) {
        unmake(&made, 1);
        return job_no_memory(err);
    }
    put(world, space, &made, record->version);
    if (world->version < record->version)
        world->version = record->version;
    return HEXMCP_OK;
}

void values_clear(struct space *space)
{
    tree_clear(&space->values, free);
    tree_clear(&space->expiries, NULL);
}
