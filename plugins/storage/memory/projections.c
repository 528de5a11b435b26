/*
 * projections.c - rows that are made of events, and how far they are.
 *
 * SPDX-License-Identifier: MIT
 */
#include "world.h"

#include <stdlib.h>
#include <string.h>

static void projection_free(void *value)
{
    struct projection *projection = value;
    tree_clear(&projection->rows, free);
    free(projection);
}

/* The projection, made if there is none; NULL if there is no memory. */
static struct projection *get(struct space *space, hexmcp_str name)
{
    struct projection *projection = tree_get(&space->projections, name);
    struct tree_node *node;
    if (projection)
        return projection;
    projection = calloc(1, sizeof(*projection));
    node = projection ? tree_node_new(&space->projections, name) : NULL;
    if (!node) {
        free(projection);
        return NULL;
    }
    node->value = projection;
    tree_link(&space->projections, node);
    return projection;
}

static size_t row_bytes(hexmcp_str key, size_t value)
{
    return THING_BYTES + key.len + value;
}

static void drop_row(struct world *world, struct projection *projection, struct tree_node *node)
{
    world->bytes -= row_bytes(node->key, strlen(node->value));
    free(node->value);
    tree_remove(&projection->rows, node);
}

static void drop_rows(struct world *world, struct projection *projection)
{
    while (projection->rows.last)
        drop_row(world, projection, projection->rows.last);
}

/* A row that is made, with nothing changed yet. */
struct made {
    struct tree_node *node;
};

/* Makes the nodes of all rows that are set; 0 if there is no memory, with none of them left. */
static int make_rows(struct projection *projection, const struct row *rows, size_t count,
                     struct made *made)
{
    for (size_t i = 0; i < count; i++) {
        char *copy;
        if (rows[i].value.len == 0)
            continue;
        copy = malloc(rows[i].value.len + 1);
        made[i].node = copy ? tree_node_new(&projection->rows, rows[i].key) : NULL;
        if (!made[i].node) {
            free(copy);
            while (i-- > 0)
                if (made[i].node) {
                    free(made[i].node->value);
                    free(made[i].node);
                }
            return 0;
        }
        memcpy(copy, rows[i].value.ptr, rows[i].value.len);
        copy[rows[i].value.len] = '\0';
        made[i].node->value = copy;
    }
    return 1;
}

static void set_rows(struct world *world, struct projection *projection, const struct row *rows,
                     size_t count, const struct made *made)
{
    for (size_t i = 0; i < count; i++) {
        struct tree_node *node = tree_find(&projection->rows, rows[i].key);
        if (node)
            drop_row(world, projection, node);
        if (!made[i].node)
            continue;
        tree_link(&projection->rows, made[i].node);
        world->bytes += row_bytes(rows[i].key, rows[i].value.len);
    }
}

/* The projection takes the place of another: its node moves under the other's name. */
static void replace(struct world *world, struct space *space, hexmcp_str name,
                    struct tree_node *place)
{
    struct tree_node *mine = tree_find(&space->projections, name);
    struct tree_node *other = tree_find(&space->projections, place->key);
    place->value = mine->value;
    if (other && other != mine) {
        drop_rows(world, other->value);
        projection_free(other->value);
        tree_remove(&space->projections, other);
    }
    tree_remove(&space->projections, mine);
    tree_link(&space->projections, place);
}

static int32_t write_rows(struct world *world, struct space *space, struct job *job,
                          const struct project *project, hexmcp_error *err)
{
    struct projection *projection = get(space, project->projection);
    struct made *made = arena_get(&job->arena, project->count * sizeof(*made) + 1);
    struct tree_node *place = NULL;
    if (!projection || !made)
        return job_no_memory(err);
    if (project->replaces.len > 0) {
        place = tree_node_new(&space->projections, project->replaces);
        if (!place)
            return job_no_memory(err);
    }
    if (!make_rows(projection, project->rows, project->count, made)) {
        free(place);
        return job_no_memory(err);
    }
    if (project->reset)
        drop_rows(world, projection);
    set_rows(world, projection, project->rows, project->count, made);
    projection->position = project->position;
    if (place)
        replace(world, space, project->projection, place);
    return HEXMCP_OK;
}

static void say(struct job *job, const char *before, uint64_t position, const char *behind)
{
    bytes_add_text(&job->answer, before);
    bytes_add_number(&job->answer, position);
    bytes_add_text(&job->answer, behind);
}

int32_t projections_write(struct world *world, struct job *job, hexmcp_error *err)
{
    struct project project;
    struct space *space;
    const struct projection *before;
    uint64_t actual;
    size_t need = 0;
    int32_t status = request_project(&job->arena, job->text, &project, err);
    if (status != HEXMCP_OK)
        return status;
    space = world_space(world, job->space, 1);
    if (!space)
        return job_no_memory(err);
    before = tree_get(&space->projections, project.projection);
    actual = before ? before->position : 0;
    if (actual != project.expected) {
        say(job, "{\"conflict\":{\"actual\":", actual, "}}");
        return HEXMCP_OK;
    }
    for (size_t i = 0; i < project.count; i++)
        need += row_bytes(project.rows[i].key, project.rows[i].value.len);
    status = world_room(world, need, err);
    if (status == HEXMCP_OK)
        status = write_rows(world, space, job, &project, err);
    if (status == HEXMCP_OK)
        say(job, "{\"position\":", project.position, "}");
    return status;
}

static struct tree_node *first_forward(const struct tree *rows, const struct rows_query *query)
{
    struct tree_node *node;
    if (query->behind && tree_compare(query->after, query->prefix) >= 0) {
        node = tree_seek(rows, query->after);
        return node && tree_compare(node->key, query->after) == 0 ? node->next[0] : node;
    }
    return tree_seek(rows, query->prefix);
}

static struct tree_node *before(const struct tree *rows, hexmcp_str key)
{
    struct tree_node *at = tree_seek(rows, key);
    return at ? at->prev : rows->last;
}

/* The last row that has the prefix, or one before them all. */
static struct tree_node *last_with(const struct tree *rows, hexmcp_str prefix)
{
    char bound[520];
    if (prefix.len == 0 || prefix.len > sizeof(bound))
        return rows->last;
    memcpy(bound, prefix.ptr, prefix.len);
    bound[prefix.len - 1]++; /* UTF-8 has no byte 255 */
    return before(rows, (hexmcp_str){bound, prefix.len});
}

static struct tree_node *first_backward(const struct tree *rows, const struct rows_query *query)
{
    struct tree_node *node = last_with(rows, query->prefix);
    if (node && query->behind && tree_compare(node->key, query->after) >= 0)
        node = before(rows, query->after);
    return node;
}

static struct tree_node *first(const struct tree *rows, const struct rows_query *query)
{
    if (query->one)
        return tree_find(rows, query->key);
    return query->backward ? first_backward(rows, query) : first_forward(rows, query);
}

int32_t projections_read(struct world *world, struct job *job, hexmcp_error *err)
{
    struct rows_query query;
    int32_t status = request_rows(&job->arena, job->text, &query, err);
    const struct space *space = world_space(world, job->space, 0);
    const struct projection *projection;
    struct tree_node *node;
    uint64_t given = 0;
    if (status != HEXMCP_OK)
        return status;
    projection = space ? tree_get(&space->projections, query.projection) : NULL;
    say(job, "{\"position\":", projection ? projection->position : 0, ",\"rows\":[");
    node = projection ? first(&projection->rows, &query) : NULL;
    while (node && tree_has_prefix(node->key, query.prefix) && given < query.limit) {
        bytes_add_text(&job->answer, given++ > 0 ? ",{\"key\":" : "{\"key\":");
        bytes_add_quoted(&job->answer, node->key);
        bytes_add_text(&job->answer, ",\"value\":");
        bytes_add_text(&job->answer, node->value);
        bytes_add_text(&job->answer, "}");
        node = query.one ? NULL : query.backward ? node->prev : node->next[0];
    }
    bytes_add_text(&job->answer, node && tree_has_prefix(node->key, query.prefix)
                                     ? "],\"more\":true}"
                                     : "],\"more\":false}");
    return HEXMCP_OK;
}

int32_t projections_restore(struct world *world, const struct record *record, hexmcp_error *err)
{
    struct space *space = world_space(world, record->space, 1);
    struct arena arena = {0};
    struct made *made = arena_get(&arena, record->project.count * sizeof(*made) + 1);
    struct projection *projection = space ? get(space, record->project.projection) : NULL;
    int fine = made && projection &&
               make_rows(projection, record->project.rows, record->project.count, made);
    if (fine) {
        set_rows(world, projection, record->project.rows, record->project.count, made);
        projection->position = record->position;
    }
    arena_free(&arena);
    return fine ? HEXMCP_OK : job_no_memory(err);
}

void projections_clear(struct space *space)
{
    tree_clear(&space->projections, projection_free);
}
