/*
 * world.c - see world.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "world.h"

#include <stdlib.h>
#include <time.h>

struct world *world_new(uint64_t max)
{
    struct world *world = calloc(1, sizeof(*world));
    if (world)
        world->max = max;
    return world;
}

static void space_free(void *value)
{
    struct space *space = value;
    events_clear(space);
    projections_clear(space);
    values_clear(space);
    blobs_clear(space);
    documents_clear(space);
    free(space);
}

void world_free(struct world *world)
{
    if (!world)
        return;
    tree_clear(&world->spaces, space_free);
    free(world);
}

struct space *world_space(struct world *world, hexmcp_str name, int make)
{
    struct space *space = tree_get(&world->spaces, name);
    struct tree_node *node;
    if (space || !make)
        return space;
    space = calloc(1, sizeof(*space));
    node = space ? tree_node_new(&world->spaces, name) : NULL;
    if (!node) {
        free(space);
        return NULL;
    }
    space->youngest = &space->oldest;
    node->value = space;
    tree_link(&world->spaces, node);
    world->bytes += sizeof(*space) + name.len;
    return space;
}

int32_t world_room(const struct world *world, size_t more, hexmcp_error *err)
{
    if (more <= world->max && world->bytes <= world->max - more)
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                       "the memory store has %llu of %llu bytes and no room for %zu more; remove "
                       "something, raise maxBytes, or keep things in a file (storage.url sqlite:)",
                       (unsigned long long)world->bytes, (unsigned long long)world->max, more);
}

int64_t world_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int array_room(void *array, size_t *room, size_t count, size_t more)
{
    void **pointers = *(void ***)array, **grown;
    size_t wanted = *room * 2;
    if (count + more <= *room)
        return 1;
    if (wanted < count + more)
        wanted = count + more;
    grown = realloc(pointers, wanted * sizeof(*grown));
    if (!grown)
        return 0;
    *(void ***)array = grown;
    *room = wanted;
    return 1;
}
