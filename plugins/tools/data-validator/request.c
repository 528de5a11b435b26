/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

static int32_t read_input(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    if (hexmcp_json_get(args, "input", &request->input) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "input is missing; give the value to check");
    if (request->input.len > INPUT_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "input has %zu bytes, but at most 10485760 (10 MiB) are taken; check it "
                           "in parts",
                           request->input.len);
    return HEXMCP_OK;
}

static int32_t read_limits(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    hexmcp_str value;
    int64_t number = 100;
    if (hexmcp_json_get(args, "fail_fast", &value) == HEXMCP_OK &&
        hexmcp_json_bool(value, &request->fail_fast) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "fail_fast is not true or false");
    if (hexmcp_json_get(args, "max_errors", &value) == HEXMCP_OK &&
        (hexmcp_json_int64(value, &number) != HEXMCP_OK || number < 1 || number > ERRORS_MAX))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "max_errors is not a whole number from 1 to %d",
                           ERRORS_MAX);
    request->max_errors = (size_t)number;
    return HEXMCP_OK;
}

static int32_t read_messages(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    hexmcp_str message;
    if (hexmcp_json_get(args, "custom_messages", &request->messages) != HEXMCP_OK)
        return HEXMCP_OK;
    hexmcp_json_iter it = hexmcp_json_iter_begin(request->messages);
    int strings = it.is_object;
    while (strings && hexmcp_json_next(&it, NULL, &message))
        strings = hexmcp_json_type(message) == HEXMCP_JSON_STRING;
    if (strings)
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "custom_messages is not an object of texts; give {\"RULE\": \"text\"} or "
                       "{\"FIELD:RULE\": \"text\"}");
}

int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err)
{
    struct request fresh = {0};
    int32_t status = read_input(args_json, &fresh, err);
    if (status == HEXMCP_OK)
        status = read_limits(args_json, &fresh, err);
    if (status == HEXMCP_OK)
        status = read_messages(args_json, &fresh, err);
    if (status != HEXMCP_OK)
        return status;
    int has_rules = hexmcp_json_get(args_json, "rules", &fresh.rules) == HEXMCP_OK;
    int has_schema = hexmcp_json_get(args_json, "schema", &fresh.schema) == HEXMCP_OK;
    if (!has_rules && !has_schema)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "there is nothing to check by; give rules (an array of rules), schema "
                           "(a JSON Schema) or both");
    *request = fresh;
    return HEXMCP_OK;
}
