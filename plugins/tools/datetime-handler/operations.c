/*
 * SPDX-License-Identifier: MIT
 */
#include "operations.h"
#include "format.h"
#include "report.h"

#include "hexmcp/json.h"

static void put_notes(hexmcp_json_writer *writer, const struct located *located)
{
    struct report_notes notes = {.writer = writer};
    report_kind(writer, &located->moment);
    report_kind_note(&notes, &located->moment, "The time");
    report_leap_note(&notes, located);
    report_end(&notes);
}

static int32_t parse(const struct request *request, hexmcp_json_writer *writer, hexmcp_error *err)
{
    struct located located;
    int32_t status = request_need(request, TEXT_INPUT, "the date or time to read", err);
    if (status == HEXMCP_OK)
        status = located_read(request, TEXT_INPUT, &located, err);
    if (status != HEXMCP_OK)
        return status;
    status = report_moment(writer, request, &located.moment, err);
    hexmcp_json_put_text(writer, "parsed_as", located.form);
    put_notes(writer, &located);
    located_close(&located);
    return status;
}

static int32_t now(const struct request *request, hexmcp_json_writer *writer, hexmcp_error *err)
{
    struct request with_input = *request;
    struct located located;
    if (request_text(request, TEXT_INPUT))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "now takes no input; leave it out, or use operation parse");
    snprintf(with_input.text[TEXT_INPUT], TEXT_MAX + 1, "now");
    int32_t status = located_read(&with_input, TEXT_INPUT, &located, err);
    if (status != HEXMCP_OK)
        return status;
    status = report_moment(writer, request, &located.moment, err);
    located_close(&located);
    return status;
}

static int32_t put_converted(const struct request *request, const struct located *located,
                             hexmcp_json_writer *writer, hexmcp_error *err)
{
    struct zone target;
    struct moment moment;
    int32_t status =
        zone_open(&target, "target_timezone", request->text[TEXT_TARGET_TIMEZONE], err);
    if (status != HEXMCP_OK)
        return status;
    status = moment_at(&target, located->moment.us, &moment, err);
    if (status == HEXMCP_OK)
        status = report_moment(writer, request, &moment, err);
    zone_close(&target);
    return status;
}

static int32_t convert_timezone(const struct request *request, hexmcp_json_writer *writer,
                                hexmcp_error *err)
{
    struct located located;
    int32_t status = request_need(request, TEXT_INPUT, "the date or time to convert", err);
    if (status == HEXMCP_OK)
        status = request_need(request, TEXT_TARGET_TIMEZONE,
                              "the time zone to convert to, such as Europe/Paris", err);
    if (status == HEXMCP_OK)
        status = located_read(request, TEXT_INPUT, &located, err);
    if (status != HEXMCP_OK)
        return status;
    status = put_converted(request, &located, writer, err);
    report_iso(writer, "from", &located.moment);
    put_notes(writer, &located);
    located_close(&located);
    return status;
}

static int32_t add(const struct request *request, hexmcp_json_writer *writer, hexmcp_error *err)
{
    return operation_add(request, 1, writer, err);
}

static int32_t subtract(const struct request *request, hexmcp_json_writer *writer,
                        hexmcp_error *err)
{
    return operation_add(request, -1, writer, err);
}

static int32_t formats(const struct request *request, hexmcp_json_writer *writer, hexmcp_error *err)
{
    (void)request;
    (void)err;
    format_list(writer);
    return HEXMCP_OK;
}

static const struct {
    const char *name;
    int32_t (*run)(const struct request *, hexmcp_json_writer *, hexmcp_error *);
} operations[] = {
    {"parse", parse},
    {"now", now},
    {"convert_timezone", convert_timezone},
    {"add", add},
    {"subtract", subtract},
    {"difference", operation_difference},
    {"info", operation_info},
    {"formats", formats},
};

int32_t operations_run(const char *operation, const struct request *request,
                       hexmcp_json_writer *writer, hexmcp_error *err)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (strcmp(operation ? operation : "parse", operations[i].name) != 0)
            continue;
        hexmcp_json_put_text(writer, "operation", operations[i].name);
        return operations[i].run(request, writer, err);
    }
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "operation is unknown; give parse, now, convert_timezone, add, subtract, "
                       "difference, info or formats");
}
