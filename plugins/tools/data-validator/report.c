/*
 * SPDX-License-Identifier: MIT
 */
#include "report.h"

void report_init(struct report *report, size_t limit, hexmcp_str messages)
{
    *report = (struct report){.limit = limit, .messages = messages};
    hexmcp_json_writer_init(&report->errors);
    hexmcp_json_begin_array(&report->errors);
}

void report_clear(struct report *report)
{
    hexmcp_json_writer_free(&report->errors);
}

/* A message for the field and the rule comes before one for the rule. */
static int find_message(const struct report *report, const struct report_error *error,
                        hexmcp_str *message)
{
    char key[300];
    int len = snprintf(key, sizeof(key), "%s:%s", error->field, error->rule);
    if (report->messages.len == 0)
        return 0;
    if (len > 0 && (size_t)len < sizeof(key) &&
        hexmcp_json_get(report->messages, key, message) == HEXMCP_OK)
        return 1;
    return hexmcp_json_get(report->messages, error->rule, message) == HEXMCP_OK;
}

int report_add(struct report *report, const struct report_error *error)
{
    hexmcp_json_writer *w = &report->errors;
    hexmcp_str message;
    if (report->count == report->limit) {
        report->truncated = 1;
        return 0;
    }
    report->count++;
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "field", error->field);
    hexmcp_json_put_text(w, "rule", error->rule);
    if (find_message(report, error, &message))
        hexmcp_json_put_raw(w, "message", message);
    else
        hexmcp_json_put_text(w, "message", error->message);
    if (error->value.len > 0 && error->value.len <= REPORT_VALUE_BYTES_MAX)
        hexmcp_json_put_raw(w, "value", error->value);
    if (error->keyword.len)
        hexmcp_json_put_raw(w, "keyword", error->keyword);
    if (error->location.len)
        hexmcp_json_put_raw(w, "schema_location", error->location);
    hexmcp_json_end_object(w);
    return 1;
}

void report_write(struct report *report, hexmcp_json_writer *writer)
{
    hexmcp_json_end_array(&report->errors);
    hexmcp_json_begin_object(writer);
    hexmcp_json_put_bool(writer, "valid", report->count == 0);
    hexmcp_json_put_int64(writer, "error_count", (int64_t)report->count);
    hexmcp_json_put_raw(writer, "errors", hexmcp_json_writer_text(&report->errors));
    hexmcp_json_put_bool(writer, "truncated", report->truncated);
    hexmcp_json_end_object(writer);
}
