/*
 * request.c - members, and what lists and ranges have.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/request.h"

#include "kit/job.h"

#include "hexmcp/json.h"

int32_t request_text(struct arena *arena, hexmcp_str json, const char *key, hexmcp_str *out,
                     hexmcp_error *err)
{
    hexmcp_str value;
    size_t len;
    char *text;
    *out = (hexmcp_str){"", 0};
    if (hexmcp_json_get(json, key, &value) != HEXMCP_OK)
        return HEXMCP_OK;
    text = arena_get(arena, value.len + 1);
    if (!text)
        return job_no_memory(err);
    if (hexmcp_json_string(value, text, value.len + 1, &len) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "`%s` of the request is no text", key);
    *out = (hexmcp_str){text, len};
    return HEXMCP_OK;
}

int32_t request_number(hexmcp_str json, const char *key, uint64_t *out, hexmcp_error *err)
{
    hexmcp_str value;
    int64_t number;
    if (hexmcp_json_get(json, key, &value) != HEXMCP_OK)
        return HEXMCP_OK;
    if (hexmcp_json_int64(value, &number) != HEXMCP_OK || number < 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "`%s` of the request is no whole number of 0 or more", key);
    *out = (uint64_t)number;
    return HEXMCP_OK;
}

int32_t request_flag(hexmcp_str json, const char *key, int *out, hexmcp_error *err)
{
    hexmcp_str value;
    if (hexmcp_json_get(json, key, &value) != HEXMCP_OK)
        return HEXMCP_OK;
    if (hexmcp_json_bool(value, out) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "`%s` of the request is neither true nor false",
                           key);
    return HEXMCP_OK;
}

int32_t request_list(struct arena *arena, hexmcp_str json, struct list_query *out,
                     hexmcp_error *err)
{
    int32_t status = request_text(arena, json, "prefix", &out->prefix, err);
    out->values = 0;
    out->limit = 0;
    if (status == HEXMCP_OK)
        status = request_text(arena, json, "after", &out->after, err);
    if (status == HEXMCP_OK)
        status = request_number(json, "limit", &out->limit, err);
    if (status == HEXMCP_OK)
        status = request_flag(json, "values", &out->values, err);
    if (status == HEXMCP_OK && (out->limit < 1 || out->limit > 1000))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "`limit` of a list is 1 to 1000");
    return status;
}

int32_t request_range(hexmcp_str json, struct range *out, hexmcp_error *err)
{
    int32_t status;
    out->offset = 0;
    out->length = UINT64_MAX;
    status = request_number(json, "offset", &out->offset, err);
    return status == HEXMCP_OK ? request_number(json, "length", &out->length, err) : status;
}
