/*
 * pieces.c - see pieces.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/pieces.h"

#include "kit/request.h"

void event_write(struct bytes *out, hexmcp_str stream, uint64_t version, uint64_t position,
                 hexmcp_str body)
{
    bytes_add_text(out, "{\"stream\":");
    bytes_add_str(out, stream);
    bytes_add_text(out, ",\"version\":");
    bytes_add_number(out, version);
    bytes_add_text(out, ",\"position\":");
    bytes_add_number(out, position);
    bytes_add_text(out, ",");
    bytes_add_str(out, body);
}

static int32_t flush(struct pieces *p, hexmcp_error *err)
{
    int32_t status;
    bytes_add_text(&p->json, "]}");
    status = p->json.failed || p->bytes.failed
                 ? job_no_memory(err)
                 : p->emit(p->job, bytes_str(&p->json), bytes_str(&p->bytes), err);
    p->json.len = 0;
    p->bytes.len = 0;
    p->any = 0;
    return status;
}

/* Makes room for `more` bytes and puts what stands before an item. */
static int32_t begin_item(struct pieces *p, size_t more, hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    if (p->any && p->json.len + p->bytes.len + more > PIECE_GOOD)
        status = flush(p, err);
    if (!p->any) {
        bytes_add_text(&p->json, "{\"");
        bytes_add_text(&p->json, p->list);
        bytes_add_text(&p->json, "\":[");
    } else {
        bytes_add_text(&p->json, ",");
    }
    p->any = 1;
    return status;
}

int32_t pieces_event(struct pieces *p, hexmcp_str stream, uint64_t version, uint64_t position,
                     hexmcp_str body, hexmcp_error *err)
{
    int32_t status = begin_item(p, body.len + stream.len + 100, err);
    event_write(&p->json, stream, version, position, body);
    return status;
}

void key_write(struct bytes *out, hexmcp_str key, uint64_t version, uint64_t size, uint64_t ttl_ms,
               int left)
{
    bytes_add_text(out, "{\"key\":");
    bytes_add_quoted(out, key);
    bytes_add_text(out, ",\"version\":");
    bytes_add_number(out, version);
    bytes_add_text(out, ",\"bytes\":");
    bytes_add_number(out, size);
    if (ttl_ms > 0) {
        bytes_add_text(out, ",\"ttlMs\":");
        bytes_add_number(out, ttl_ms);
    }
    bytes_add_text(out, left ? ",\"left\":true}" : "}");
}

int32_t pieces_key(struct pieces *p, hexmcp_str key, uint64_t version, uint64_t size,
                   uint64_t ttl_ms, int values, hexmcp_str value, hexmcp_error *err)
{
    int left = values && size > VALUE_LISTED_MAX;
    int32_t status = begin_item(p, key.len + 100 + (left ? 0 : value.len), err);
    key_write(&p->json, key, version, size, ttl_ms, left);
    if (values && !left)
        bytes_add_str(&p->bytes, value);
    return status;
}

int32_t pieces_end(struct pieces *p, int32_t status, hexmcp_error *err)
{
    if (status == HEXMCP_OK && p->any)
        status = flush(p, err);
    bytes_free(&p->json);
    bytes_free(&p->bytes);
    return status;
}

int32_t pieces_bytes(struct job *job, hexmcp_str bytes,
                     int32_t (*emit)(struct job *job, hexmcp_str json, hexmcp_str bytes,
                                     hexmcp_error *err),
                     hexmcp_error *err)
{
    size_t at;
    int32_t status = HEXMCP_OK;
    for (at = 0; at < bytes.len && status == HEXMCP_OK; at += PIECE_BYTES) {
        size_t n = bytes.len - at < PIECE_BYTES ? bytes.len - at : PIECE_BYTES;
        status = emit(job, (hexmcp_str){"{}", 2}, (hexmcp_str){bytes.ptr + at, n}, err);
    }
    return status;
}
