/*
 * rows.c - the requests of projections.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/job.h"
#include "kit/request.h"

#include "hexmcp/json.h"

#define KEY_MAX 512

static int32_t read_rows(struct arena *arena, hexmcp_str json, struct project *out,
                         hexmcp_error *err)
{
    hexmcp_str list = {0}, row;
    hexmcp_json_iter it;
    size_t i;
    out->count = 0;
    if (hexmcp_json_get(json, "rows", &list) != HEXMCP_OK)
        return HEXMCP_OK;
    for (it = hexmcp_json_iter_begin(list); hexmcp_json_next(&it, NULL, NULL);)
        out->count++;
    out->rows = arena_get(arena, out->count * sizeof(*out->rows) + 1);
    if (!out->rows)
        return job_no_memory(err);
    it = hexmcp_json_iter_begin(list);
    for (i = 0; i < out->count && hexmcp_json_next(&it, NULL, &row); i++) {
        int32_t status = request_text(arena, row, "key", &out->rows[i].key, err);
        if (status != HEXMCP_OK)
            return status;
        if (out->rows[i].key.len == 0 || out->rows[i].key.len > KEY_MAX)
            return hexmcp_fail(err, HEXMCP_E_INVALID, "the key of a row has 1 to %d bytes", KEY_MAX);
        if (hexmcp_json_get(row, "value", &out->rows[i].value) != HEXMCP_OK ||
            hexmcp_json_type(out->rows[i].value) == HEXMCP_JSON_NULL)
            out->rows[i].value = (hexmcp_str){0};
    }
    return HEXMCP_OK;
}

int32_t request_project(struct arena *arena, hexmcp_str json, struct project *out,
                        hexmcp_error *err)
{
    int32_t status = request_text(arena, json, "projection", &out->projection, err);
    out->expected = 0;
    out->position = 0;
    out->reset = 0;
    if (status == HEXMCP_OK)
        status = request_text(arena, json, "replaces", &out->replaces, err);
    if (status == HEXMCP_OK)
        status = request_number(json, "expected", &out->expected, err);
    if (status == HEXMCP_OK)
        status = request_number(json, "position", &out->position, err);
    if (status == HEXMCP_OK)
        status = request_flag(json, "reset", &out->reset, err);
    if (status != HEXMCP_OK)
        return status;
    if (out->projection.len == 0 || out->projection.len > KEY_MAX || out->replaces.len > KEY_MAX)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "the name of a projection has 1 to %d bytes",
                           KEY_MAX);
    return read_rows(arena, json, out, err);
}

int32_t request_rows(struct arena *arena, hexmcp_str json, struct rows_query *out,
                     hexmcp_error *err)
{
    hexmcp_str value;
    int32_t status = request_text(arena, json, "projection", &out->projection, err);
    out->backward = 0;
    out->limit = 0;
    out->one = hexmcp_json_get(json, "key", &value) == HEXMCP_OK;
    out->behind = hexmcp_json_get(json, "after", &value) == HEXMCP_OK;
    if (status == HEXMCP_OK)
        status = request_text(arena, json, "key", &out->key, err);
    if (status == HEXMCP_OK)
        status = request_text(arena, json, "prefix", &out->prefix, err);
    if (status == HEXMCP_OK)
        status = request_text(arena, json, "after", &out->after, err);
    if (status == HEXMCP_OK)
        status = request_flag(json, "backward", &out->backward, err);
    if (status == HEXMCP_OK)
        status = request_number(json, "limit", &out->limit, err);
    if (status == HEXMCP_OK && out->one && out->limit == 0)
        out->limit = 1;
    if (status == HEXMCP_OK && (out->projection.len == 0 || out->limit == 0))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "to read rows takes the name of a projection and a limit of 1 or more");
    return status;
}
