/*
 * blobs.c - large bytes.
 *
 * SPDX-License-Identifier: MIT
 */
#include "world.h"

#include <stdlib.h>

struct blob *blob_new(size_t size)
{
    struct blob *blob = malloc(sizeof(*blob) + size);
    if (blob)
        *blob = (struct blob){.refs = 1, .size = size};
    return blob;
}

void blob_unref(struct blob *blob)
{
    if (blob && --blob->refs == 0)
        free(blob);
}

static void unref_value(void *value)
{
    blob_unref(value);
}

int32_t blobs_keep(struct world *world, hexmcp_str space_name, hexmcp_str key, struct blob *blob,
                   hexmcp_error *err)
{
    struct space *space = world_space(world, space_name, 1);
    struct tree_node *node = space ? tree_node_new(&space->blobs, key) : NULL;
    if (!node) {
        blob_unref(blob);
        return job_no_memory(err);
    }
    node->value = blob;
    tree_link(&space->blobs, node);
    world->bytes += THING_BYTES + key.len + blob->size;
    return HEXMCP_OK;
}

struct blob *blobs_find(struct world *world, hexmcp_str space_name, hexmcp_str key)
{
    const struct space *space = world_space(world, space_name, 0);
    return space ? tree_get(&space->blobs, key) : NULL;
}

static int32_t none(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is no such blob");
}

int32_t blobs_get(struct world *world, struct job *job, hexmcp_error *err)
{
    struct blob *blob = blobs_find(world, job->space, job->key);
    struct range range;
    size_t at, end;
    int32_t status = request_range(job->text, &range, err);
    if (status != HEXMCP_OK)
        return status;
    if (!blob)
        return none(err);
    at = range.offset < blob->size ? (size_t)range.offset : blob->size;
    end = range.length < blob->size - at ? at + (size_t)range.length : blob->size;
    while (at < end && status == HEXMCP_OK) {
        size_t n = end - at < PIECE_BYTES ? end - at : PIECE_BYTES;
        status = memory_emit_blob(job, (hexmcp_str){"{}", 2}, blob, at, n, err);
        at += n;
    }
    bytes_add_text(&job->answer, "{\"bytes\":");
    bytes_add_number(&job->answer, blob->size);
    bytes_add_text(&job->answer, "}");
    return status;
}

static void sizes(struct job *job, const struct blob *blob)
{
    bytes_add_text(&job->answer, "\"bytes\":");
    bytes_add_number(&job->answer, blob->size);
    bytes_add_text(&job->answer, ",\"storedBytes\":");
    bytes_add_number(&job->answer, blob->size);
    bytes_add_text(&job->answer, "}");
}

int32_t blobs_stat(struct world *world, struct job *job, hexmcp_error *err)
{
    const struct blob *blob = blobs_find(world, job->space, job->key);
    if (!blob)
        return none(err);
    bytes_add_text(&job->answer, "{");
    sizes(job, blob);
    return HEXMCP_OK;
}

int32_t blobs_list(struct world *world, struct job *job, hexmcp_error *err)
{
    const struct space *space = world_space(world, job->space, 0);
    struct list_query query;
    const struct tree_node *node;
    uint64_t given = 0;
    int32_t status = request_list(&job->arena, job->text, &query, err);
    if (status != HEXMCP_OK)
        return status;
    node = space ? tree_seek(&space->blobs, query.after) : NULL;
    if (node && tree_compare(node->key, query.after) == 0)
        node = node->next[0];
    bytes_add_text(&job->answer, "{\"blobs\":[");
    for (; node && given < query.limit; node = node->next[0]) {
        bytes_add_text(&job->answer, given++ > 0 ? ",{\"key\":" : "{\"key\":");
        bytes_add_quoted(&job->answer, node->key);
        bytes_add_text(&job->answer, ",");
        sizes(job, node->value);
    }
    bytes_add_text(&job->answer, node ? "],\"more\":true}" : "],\"more\":false}");
    return HEXMCP_OK;
}

int32_t blobs_remove(struct world *world, struct job *job, hexmcp_error *err)
{
    struct space *space = world_space(world, job->space, 0);
    struct tree_node *node = space ? tree_find(&space->blobs, job->key) : NULL;
    (void)err;
    bytes_add_text(&job->answer, node ? "{\"removed\":true}" : "{\"removed\":false}");
    if (node) {
        struct blob *blob = node->value;
        world->bytes -= THING_BYTES + node->key.len + blob->size;
        tree_remove(&space->blobs, node);
        blob_unref(blob);
    }
    return HEXMCP_OK;
}

void blobs_clear(struct space *space)
{
    tree_clear(&space->blobs, unref_value);
}
