/*
 * dump.c - everything, as records.
 *
 * SPDX-License-Identifier: MIT
 *
 * All records are made before the loop goes on, so they are of one moment; those that the host has no
 * room for wait, and the bytes of blobs are shared, not copied.
 */
#include "world.h"

static int32_t take(void *arg, hexmcp_str json, hexmcp_str bytes, hexmcp_error *err)
{
    return memory_emit(arg, json, bytes, err);
}

static int32_t dump_events(const struct space *space, hexmcp_str name, struct record_sink *sink,
                           hexmcp_error *err)
{
    struct bytes json = {0};
    int32_t status = HEXMCP_OK;
    for (size_t i = 0; i < space->event_count && status == HEXMCP_OK; i++) {
        const struct event *event = space->events[i];
        json.len = 0;
        event_write(&json, event->stream->quoted, event->version, event->position, event->body);
        status = json.failed ? job_no_memory(err) : record_event(sink, name, bytes_str(&json), err);
    }
    bytes_free(&json);
    return status;
}

static int32_t dump_projections(const struct space *space, hexmcp_str name,
                                struct record_sink *sink, hexmcp_error *err)
{
    const struct tree_node *node = space->projections.first[0];
    int32_t status = HEXMCP_OK;
    for (; node && status == HEXMCP_OK; node = node->next[0]) {
        const struct projection *projection = node->value;
        const struct tree_node *row = projection->rows.first[0];
        struct record_rows rows = {.sink = sink,
                                   .space = name,
                                   .projection = node->key,
                                   .position = projection->position};
        for (; row && status == HEXMCP_OK; row = row->next[0])
            status = record_rows_add(&rows, row->key, hexmcp_str_from(row->value), err);
        if (status == HEXMCP_OK)
            status = record_rows_end(&rows, err);
        bytes_free(&rows.text);
    }
    return status;
}

static int32_t dump_values(const struct space *space, hexmcp_str name, struct record_sink *sink,
                           hexmcp_error *err)
{
    const struct tree_node *node = space->values.first[0];
    int64_t now = world_now();
    int32_t status = HEXMCP_OK;
    for (; node && status == HEXMCP_OK; node = node->next[0]) {
        const struct value *value = node->value;
        if (value->expires_ms > 0 && value->expires_ms <= now)
            continue;
        status = record_value(sink, name, node->key, value->version, value->expires_ms,
                              (hexmcp_str){value->bytes, value->len}, err);
    }
    return status;
}

/* A part of a blob on its way: what record_blob() gives is emitted with its owner. */
struct part {
    struct job *job;
    struct blob *blob;
    size_t at;
};

static int32_t take_part(void *arg, hexmcp_str json, hexmcp_str bytes, hexmcp_error *err)
{
    const struct part *part = arg;
    return memory_emit_blob(part->job, json, part->blob, part->at, bytes.len, err);
}

static int32_t dump_blobs(const struct space *space, hexmcp_str name, struct record_sink *sink,
                          hexmcp_error *err)
{
    const struct tree_node *node = space->blobs.first[0];
    int32_t status = HEXMCP_OK;
    for (; node && status == HEXMCP_OK; node = node->next[0]) {
        struct blob *blob = node->value;
        size_t at = 0;
        do {
            size_t n = blob->size - at < PIECE_BYTES / 2 ? blob->size - at : PIECE_BYTES / 2;
            struct part part = {sink->arg, blob, at};
            struct record_sink parts = {&part, take_part, 0};
            status = record_blob(&parts, name, node->key, blob->size, at,
                                 (hexmcp_str){blob->bytes + at, n}, err);
            sink->count++;
            at += n;
        } while (at < blob->size && status == HEXMCP_OK);
    }
    return status;
}

static int32_t dump_documents(const struct space *space, hexmcp_str name, struct record_sink *sink,
                              hexmcp_error *err)
{
    const struct tree_node *node = space->documents.first[0];
    int32_t status = HEXMCP_OK;
    for (; node && status == HEXMCP_OK; node = node->next[0]) {
        const struct indexed *document = node->value;
        status = record_document(sink, name, document->document.json, err);
    }
    return status;
}

int32_t world_dump(struct world *world, struct job *job, hexmcp_error *err)
{
    static int32_t (*const parts[])(const struct space *, hexmcp_str, struct record_sink *,
                                    hexmcp_error *) = {
        [RECORD_EVENT] = dump_events,         [RECORD_PROJECTION] = dump_projections,
        [RECORD_VALUE] = dump_values,         [RECORD_BLOB] = dump_blobs,
        [RECORD_DOCUMENT] = dump_documents,
    };
    struct record_sink sink = {job, take, 0};
    const struct tree_node *node = world->spaces.first[0];
    uint32_t kinds;
    int32_t status = request_kinds(job->text, &kinds, err);
    for (; node && status == HEXMCP_OK; node = node->next[0])
        for (int kind = RECORD_EVENT; kind <= RECORD_DOCUMENT && status == HEXMCP_OK; kind++)
            if (kinds & 1u << kind)
                status = parts[kind](node->value, node->key, &sink, err);
    bytes_add_text(&job->answer, "{\"position\":");
    bytes_add_number(&job->answer, world->position);
    bytes_add_text(&job->answer, ",\"records\":");
    bytes_add_number(&job->answer, sink.count);
    bytes_add_text(&job->answer, "}");
    return status;
}
