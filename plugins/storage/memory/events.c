/*
 * events.c - streams of events.
 *
 * SPDX-License-Identifier: MIT
 */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS ((int64_t)24 * 3600 * 1000)

/* What is made before anything is changed. */
struct plan {
    struct tree_node *node; /* of the stream */
    int fresh;
    struct event **events;
};

static struct event *event_new(const struct append_event *from)
{
    struct event *event = malloc(sizeof(*event) + from->type.len + from->at.len + from->body.len);
    char *at;
    if (!event)
        return NULL;
    at = event->memory;
    event->type = (hexmcp_str){memcpy(at, from->type.ptr, from->type.len), from->type.len};
    at += from->type.len;
    event->at = (hexmcp_str){memcpy(at, from->at.ptr, from->at.len), from->at.len};
    at += from->at.len;
    event->body = (hexmcp_str){memcpy(at, from->body.ptr, from->body.len), from->body.len};
    return event;
}

static void stream_free(void *value)
{
    struct stream *stream = value;
    if (!stream)
        return;
    free((char *)(uintptr_t)stream->quoted.ptr);
    free(stream->events);
    free(stream);
}

static struct tree_node *stream_new(struct space *space, hexmcp_str name)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    struct tree_node *node = stream ? tree_node_new(&space->streams, name) : NULL;
    struct bytes quoted = {0};
    if (!node) {
        free(stream);
        return NULL;
    }
    bytes_add_quoted(&quoted, name);
    stream->quoted = bytes_str(&quoted);
    node->value = stream;
    if (quoted.failed) {
        free(quoted.ptr);
        free(stream);
        free(node);
        return NULL;
    }
    return node;
}

static void plans_drop(struct plan *plans, const struct append *append)
{
    for (size_t i = 0; i < append->count; i++) {
        for (size_t j = 0; plans[i].events && j < append->streams[i].count; j++)
            free(plans[i].events[j]);
        if (plans[i].fresh && plans[i].node) {
            stream_free(plans[i].node->value);
            free(plans[i].node);
        }
    }
}

/* Makes what one stream gets; 0 if there is no memory. */
static int plan_stream(struct space *space, struct arena *arena, const struct append_stream *stream,
                       struct plan *plan)
{
    struct stream *to;
    if (!plan->node) {
        plan->node = stream_new(space, stream->name);
        plan->fresh = 1;
    }
    plan->events = arena_get(arena, stream->count * sizeof(*plan->events));
    if (!plan->node || !plan->events)
        return 0;
    to = plan->node->value;
    if (!array_room(&to->events, &to->room, to->count, stream->count))
        return 0;
    for (size_t i = 0; i < stream->count; i++) {
        plan->events[i] = event_new(&stream->events[i]);
        if (!plan->events[i])
            return 0;
    }
    return 1;
}

static void carry_out(struct world *world, struct space *space, struct append_stream *stream,
                      const struct plan *plan)
{
    struct stream *to = plan->node->value;
    if (plan->fresh)
        tree_link(&space->streams, plan->node);
    for (size_t i = 0; i < stream->count; i++) {
        struct event *event = plan->events[i];
        event->stream = to;
        event->version = to->count + 1;
        event->position = ++world->position;
        to->events[to->count++] = event;
        space->events[space->event_count++] = event;
    }
    stream->version = to->count;
}

static size_t size_of(const struct append *append)
{
    size_t size = append->key.len;
    for (size_t i = 0; i < append->count; i++) {
        size += THING_BYTES + append->streams[i].name.len;
        for (size_t j = 0; j < append->streams[i].count; j++)
            size += THING_BYTES + append->streams[i].events[j].body.len;
    }
    return size;
}

static void batch_free(void *value)
{
    struct batch *batch = value;
    bytes_free(&batch->answer);
    free(batch);
}

/* Forgets the keys of batches that are more than a day old. */
static void forget_batches(struct space *space, int64_t now)
{
    while (space->oldest && space->oldest->at_ms + DAY_MS < now) {
        struct batch *batch = space->oldest;
        struct tree_node *node = tree_find(&space->batches, batch->key);
        space->oldest = batch->next;
        if (!space->oldest)
            space->youngest = &space->oldest;
        tree_remove(&space->batches, node);
        batch_free(batch);
    }
}

static struct tree_node *batch_new(struct space *space, hexmcp_str key)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    struct tree_node *node = batch ? tree_node_new(&space->batches, key) : NULL;
    if (!node) {
        free(batch);
        return NULL;
    }
    batch->key = node->key;
    node->value = batch;
    return node;
}

static void keep_batch(struct space *space, struct tree_node *node, const struct job *job)
{
    struct batch *batch = node->value;
    batch->at_ms = world_now();
    bytes_add_str(&batch->answer, bytes_str(&job->answer));
    tree_link(&space->batches, node);
    *space->youngest = batch;
    space->youngest = &batch->next;
}

/* The stream that is not at its expected version, or NULL; finds the nodes. */
static const struct append_stream *conflict(struct space *space, const struct append *append,
                                            struct plan *plans, uint64_t *actual)
{
    for (size_t i = 0; i < append->count; i++) {
        const struct stream *stream;
        plans[i].node = tree_find(&space->streams, append->streams[i].name);
        stream = plans[i].node ? plans[i].node->value : NULL;
        *actual = stream ? stream->count : 0;
        if (!append_fits(&append->streams[i], *actual))
            return &append->streams[i];
    }
    return NULL;
}

static int32_t append_new(struct world *world, struct space *space, struct job *job,
                          struct append *append, struct plan *plans, hexmcp_error *err)
{
    struct tree_node *batch = NULL;
    int fine = array_room(&space->events, &space->event_room, space->event_count, append->events);
    if (fine && append->key.len > 0) {
        batch = batch_new(space, append->key);
        fine = batch != NULL;
    }
    for (size_t i = 0; fine && i < append->count; i++)
        fine = plan_stream(space, &job->arena, &append->streams[i], &plans[i]);
    if (!fine) {
        if (batch)
            free(batch->value);
        free(batch);
        plans_drop(plans, append);
        return job_no_memory(err);
    }
    world->bytes += size_of(append);
    for (size_t i = 0; i < append->count; i++)
        carry_out(world, space, &append->streams[i], &plans[i]);
    append_answer(&job->answer, append, world->position);
    if (batch)
        keep_batch(space, batch, job);
    append_answer_end(&job->answer, 0);
    return HEXMCP_OK;
}

int32_t events_append(struct world *world, struct job *job, hexmcp_error *err)
{
    struct append append;
    const struct append_stream *other;
    const struct batch *before;
    struct space *space;
    struct plan *plans;
    uint64_t actual = 0;
    int32_t status = request_append(&job->arena, job->text, &append, err);
    if (status != HEXMCP_OK)
        return status;
    space = world_space(world, job->space, 1);
    plans = arena_get(&job->arena, append.count * sizeof(*plans));
    if (!space || !plans)
        return job_no_memory(err);
    forget_batches(space, world_now());
    before = append.key.len > 0 ? tree_get(&space->batches, append.key) : NULL;
    if (before) {
        bytes_add_str(&job->answer, bytes_str(&before->answer));
        append_answer_end(&job->answer, 1);
        return HEXMCP_OK;
    }
    other = conflict(space, &append, plans, &actual);
    if (other) {
        append_conflict(&job->answer, other, actual);
        return HEXMCP_OK;
    }
    status = world_room(world, size_of(&append), err);
    return status == HEXMCP_OK ? append_new(world, space, job, &append, plans, err) : status;
}

static int is_behind(hexmcp_str until, const struct event *event)
{
    return until.len > 0 && tree_compare(event->at, until) > 0;
}

int32_t events_read(struct world *world, struct job *job, hexmcp_error *err)
{
    struct read_query query;
    struct pieces pieces = {.job = job, .emit = memory_emit, .list = "events"};
    int32_t status = request_read(&job->arena, job->text, &query, err);
    const struct space *space = world_space(world, job->space, 0);
    const struct stream *stream;
    uint64_t count, last, given = 0;
    int more = 0;
    if (status != HEXMCP_OK)
        return status;
    stream = space ? tree_get(&space->streams, query.stream) : NULL;
    last = stream ? stream->count : 0;
    if (query.to > last)
        query.to = last;
    count = query.from <= query.to ? query.to - query.from + 1 : 0;
    for (uint64_t i = 0; stream && status == HEXMCP_OK && i < count && !more; i++) {
        uint64_t version = query.backward ? query.to - i : query.from + i;
        const struct event *event = stream->events[version - 1];
        if (is_behind(query.until, event))
            continue;
        if (given == query.limit) {
            more = 1;
            break;
        }
        given++;
        status = pieces_event(&pieces, stream->quoted, version, event->position, event->body, err);
    }
    status = pieces_end(&pieces, status, err);
    bytes_add_text(&job->answer, "{\"version\":");
    bytes_add_number(&job->answer, last);
    bytes_add_text(&job->answer, more ? ",\"more\":true}" : ",\"more\":false}");
    return status;
}

static int has_type(const struct read_all_query *query, hexmcp_str type)
{
    size_t i;
    for (i = 0; i < query->type_count; i++)
        if (tree_compare(query->types[i], type) == 0)
            return 1;
    return query->type_count == 0;
}

/* The index of the first event behind a position. */
static size_t behind(const struct space *space, uint64_t position)
{
    size_t low = 0, high = space->event_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (space->events[middle]->position <= position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int32_t events_read_all(struct world *world, struct job *job, hexmcp_error *err)
{
    struct read_all_query query;
    struct pieces pieces = {.job = job, .emit = memory_emit, .list = "events"};
    int32_t status = request_read_all(&job->arena, job->text, &query, err);
    const struct space *space = world_space(world, job->space, 0);
    uint64_t given = 0, position;
    size_t i;
    if (status != HEXMCP_OK)
        return status;
    position = query.after;
    for (i = space ? behind(space, query.after) : 0;
         space && i < space->event_count && given < query.limit && status == HEXMCP_OK; i++) {
        const struct event *event = space->events[i];
        position = event->position;
        if (!has_type(&query, event->type))
            continue;
        given++;
        status = pieces_event(&pieces, event->stream->quoted, event->version, event->position,
                              event->body, err);
    }
    status = pieces_end(&pieces, status, err);
    bytes_add_text(&job->answer, "{\"position\":");
    bytes_add_number(&job->answer, position);
    bytes_add_text(&job->answer,
                   space && i < space->event_count ? ",\"more\":true}" : ",\"more\":false}");
    return status;
}

int32_t events_restore(struct world *world, const struct record *record, hexmcp_error *err)
{
    struct space *space = world_space(world, record->space, 1);
    struct tree_node *node = space ? tree_find(&space->streams, record->stream) : NULL;
    struct stream *stream;
    struct event *event;
    if (space && !node) {
        node = stream_new(space, record->stream);
        if (node)
            tree_link(&space->streams, node);
    }
    if (!node)
        return job_no_memory(err);
    stream = node->value;
    if (record->version != stream->count + 1 ||
        (space->event_count > 0 &&
         record->position <= space->events[space->event_count - 1]->position))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "an event of the stream %.200s is not in order: version %llu, position "
                           "%llu; the backup is damaged",
                           record->stream.ptr, (unsigned long long)record->version,
                           (unsigned long long)record->position);
    event = event_new(&record->event);
    if (!event || !array_room(&stream->events, &stream->room, stream->count, 1) ||
        !array_room(&space->events, &space->event_room, space->event_count, 1)) {
        free(event);
        return job_no_memory(err);
    }
    event->stream = stream;
    event->version = record->version;
    event->position = record->position;
    stream->events[stream->count++] = event;
    space->events[space->event_count++] = event;
    world->bytes += THING_BYTES + record->event.body.len;
    if (world->position < record->position)
        world->position = record->position;
    return HEXMCP_OK;
}

void events_clear(struct space *space)
{
    for (size_t i = 0; i < space->event_count; i++)
        free(space->events[i]);
    free(space->events);
    tree_clear(&space->streams, stream_free);
    tree_clear(&space->batches, batch_free);
}
